package deliveries_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	entchannel "channelbook/ent/channel"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/ent/notice"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
	"channelbook/notify/preferences"
)

// planning is notices that get their places over a fresh base whose server sends by some channels.
type planning struct {
	*deliveries.Service
	t      testing.TB
	notify *notify.Service
	system context.Context
	at     time.Time
	people map[string]auth.Viewer
}

// silent is a channel that is set up, by which nothing is sent here.
type silent struct{ channel.Sender }

// newPlanning has e-mail and WhatsApp set up, and both on, at noon in Moscow.
func newPlanning(t testing.TB, d *db.DB) *planning {
	t.Helper()
	p := &planning{t: t, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test"), at: instant(t, "2026-11-26T12:00:00+03:00"), people: map[string]auth.Viewer{}}
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return p.at }
	p.Service = &deliveries.Service{
		DB: d, Now: now, Log: dbtest.Log(t), Keys: dbtest.Keys(), TimeZone: moscow,
		Wishes: &preferences.Service{DB: d, Now: now, TimeZone: moscow}, Senders: map[string]channel.Sender{channel.Email: silent{}, channel.WhatsApp: silent{}},
	}
	p.notify = &notify.Service{DB: d, Now: now, Log: dbtest.Log(t), Further: []func(context.Context, *db.Tx, int64, int64) error{p.Plan}}
	p.again(t)
	return p
}

func instant(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC()
}

// again is noon once more, with all channels set up and on.
func (p *planning) again(t testing.TB) {
	t.Helper()
	p.at = instant(t, "2026-11-26T12:00:00+03:00")
	p.Senders = map[string]channel.Sender{channel.Email: silent{}, channel.WhatsApp: silent{}}
	p.register(channel.Email, true)
	p.register(channel.WhatsApp, true)
}

// register says in the register whether a channel is on.
func (p *planning) register(name string, on bool) {
	p.t.Helper()
	if n := p.DB.Channel.Update().Where(entchannel.ChannelEQ(entchannel.Channel(name))).SetEnabled(on).SaveX(p.system); n > 0 {
		return
	}
	p.DB.Channel.Create().SetChannel(entchannel.Channel(name)).SetEnabled(on).SetProcessor("-").SetCountry("RU").SetPersonalData([]string{}).SetUpdatedAt(p.at).SaveX(p.system)
}

// person makes an administrator with both addresses, but for those left out.
func (p *planning) person(login string, without ...string) gid.ID {
	p.t.Helper()
	create := p.DB.User.Create().SetLogin(login).SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(p.at).SetUpdatedAt(p.at)
	if !slices.Contains(without, channel.Email) {
		create.SetEmailSealed([]byte{1})
	}
	if !slices.Contains(without, channel.WhatsApp) {
		create.SetPhoneSealed([]byte{1})
	}
	id := create.SaveX(p.system).ID
	p.people[login] = auth.Viewer{Role: auth.Admin, UserID: id, SessionID: gid.New()}
	return id
}

func (p *planning) wants(login string, c preferences.Change) {
	p.t.Helper()
	if err := p.Wishes.Set(auth.With(p.t.Context(), p.people[login]), c); err != nil {
		p.t.Fatal(err)
	}
}

// tell tells some of something, and has it planned.
func (p *planning) tell(kind notice.Kind, title string, to notify.To, channels ...string) {
	p.t.Helper()
	n := notify.Notice{Event: notify.Event{Kind: kind, Title: title, Text: "Текст"}, To: to, Channels: channels}
	if err := db.WithTx(p.system, p.DB, func(tx *db.Tx) error { return notify.Tell(p.system, tx, p.at, n) }); err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.notify.Settle(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// planned are the deliveries of a person: by which channel, whether as a fallback, in which status, when (in Moscow), with what.
func (p *planning) planned(login string) (all []string) {
	p.t.Helper()
	for _, d := range p.DB.Delivery.Query().Where(delivery.UserID(p.people[login].UserID)).Order(ent.Asc(delivery.FieldID)).AllX(p.system) {
		how := "ALWAYS"
		if d.Fallback {
			how = "FALLBACK"
		}
		all = append(all, fmt.Sprint(d.Channel, " ", how, " ", d.Status, " ", d.DueAt.In(p.TimeZone).Format("02 15:04"), " ", strings.Join(p.titles(d), ",")))
	}
	return all
}

func (p *planning) titles(d *ent.Delivery) (titles []string) {
	p.t.Helper()
	for _, item := range p.DB.DeliveryItem.Query().Where(deliveryitem.DeliveryID(d.ID)).Order(ent.Asc(deliveryitem.FieldID)).AllX(p.system) {
		titles = append(titles, p.DB.Notice.GetX(p.system, item.NoticeID).Title)
	}
	return titles
}

func (p *planning) expect(name, login string, want ...string) {
	p.t.Helper()
	if got := p.planned(login); !slices.Equal(got, want) {
		p.t.Errorf("%s: got %q, want %q", name, got, want)
	}
}

// begin has an attempt begin with what a person is to get by a channel, as sending does; ended is what becomes of it.
func (p *planning) begin(login string, ended delivery.Status) {
	p.t.Helper()
	n := p.DB.Delivery.Update().Where(delivery.UserID(p.people[login].UserID), delivery.StatusIn(delivery.StatusSCHEDULED, delivery.StatusQUEUED), delivery.DueAtLTE(p.at)).
		SetStatus(ended).SetBegunAt(p.at).SaveX(p.system)
	if n == 0 {
		p.t.Fatal("nothing was due")
	}
}

var everyone = notify.To{Everyone: true}

const (
	always = preferences.Always
	never  = preferences.Never
)

func TestWays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlanning(t, d)
		wish := func(by string, m preferences.Mode) preferences.Wish {
			return preferences.Wish{Kind: "MESSAGE", Channel: by, Mode: m}
		}
		for name, c := range map[string]struct {
			wants    preferences.Change
			without  []string
			kind     notice.Kind
			channels []string
			set, off []string // channels that are set up, where not both; those that the register has off
			want     []string
		}{
			"as it comes": {want: []string{"EMAIL FALLBACK SCHEDULED 26 12:30 a"}},
			"chatter":     {kind: notice.KindLEAD_TAKEN},
			"always":      {wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", always)}}, want: []string{"EMAIL ALWAYS SCHEDULED 26 12:00 a"}},
			"always by both": {wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", always), wish("WHATSAPP", always)}},
				want: []string{"EMAIL ALWAYS SCHEDULED 26 12:00 a", "WHATSAPP ALWAYS SCHEDULED 26 12:00 a"}},
			"nothing by e-mail": {wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", never)}}, want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:30 a"}},
			"nothing":           {wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", never), wish("WHATSAPP", never)}}},
			"no address":        {without: []string{"EMAIL"}, want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:30 a"}},
			"no address at all": {without: []string{"EMAIL", "WHATSAPP"}},
			"always, without an address": {without: []string{"EMAIL"}, wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", always)}},
				want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:30 a"}},
			"another order":       {wants: preferences.Change{Order: []string{"WEB", "WHATSAPP", "EMAIL"}, FallbackMinutes: new(5)}, want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:05 a"}},
			"the feed comes last": {wants: preferences.Change{Order: []string{"WHATSAPP", "EMAIL", "WEB"}}, want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:00 a"}},
			"not in the feed":     {wants: preferences.Change{Wishes: []preferences.Wish{wish("WEB", never)}}, want: []string{"EMAIL FALLBACK SCHEDULED 26 12:00 a"}},
			"always before a fallback": {wants: preferences.Change{Order: []string{"WEB", "WHATSAPP", "EMAIL"}, Wishes: []preferences.Wish{wish("WHATSAPP", always)}},
				want: []string{"WHATSAPP ALWAYS SCHEDULED 26 12:00 a"}},
			"always behind a fallback": {wants: preferences.Change{Wishes: []preferences.Wish{wish("WHATSAPP", always)}},
				want: []string{"EMAIL FALLBACK SCHEDULED 26 12:30 a", "WHATSAPP ALWAYS SCHEDULED 26 12:00 a"}},
			"each by itself":          {wants: preferences.Change{DigestMinutes: new(0)}, want: []string{"EMAIL FALLBACK QUEUED 26 12:30 a"}},
			"quiet":                   {wants: preferences.Change{Quiet: &preferences.Quiet{From: "12:15", To: "12:10"}, TimeZone: new("UTC")}, want: []string{"EMAIL FALLBACK SCHEDULED 26 15:10 a"}},
			"quiet by then":           {wants: preferences.Change{Quiet: &preferences.Quiet{From: "12:15", To: "08:00"}}, want: []string{"EMAIL FALLBACK SCHEDULED 27 08:00 a"}},
			"not set up":              {set: []string{"WHATSAPP"}, want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:30 a"}},
			"none set up":             {set: []string{}},
			"switched off":            {off: []string{"EMAIL"}, want: []string{"WHATSAPP FALLBACK SCHEDULED 26 12:30 a"}},
			"all off":                 {off: []string{"EMAIL", "WHATSAPP"}, wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", always)}}},
			"off, though it is named": {off: []string{"EMAIL"}, channels: []string{"EMAIL"}},
			"named":                   {channels: []string{"WHATSAPP"}, want: []string{"WHATSAPP ALWAYS SCHEDULED 26 12:00 a"}},
			"both named":              {channels: []string{"WEB", "WHATSAPP", "EMAIL"}, want: []string{"EMAIL ALWAYS SCHEDULED 26 12:00 a", "WHATSAPP ALWAYS SCHEDULED 26 12:00 a"}},
			"the feed alone":          {channels: []string{"WEB"}, wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", always)}}},
			"named, but never wanted": {channels: []string{"WHATSAPP", "EMAIL"}, wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", never)}},
				want: []string{"WHATSAPP ALWAYS SCHEDULED 26 12:00 a"}},
		} {
			p.again(t)
			anna := p.person(name, c.without...)
			p.wants(name, c.wants)
			for _, off := range c.off {
				p.register(off, false)
			}
			if c.set != nil {
				p.Senders = map[string]channel.Sender{}
				for _, name := range c.set {
					p.Senders[name] = silent{}
				}
			}
			kind := c.kind
			if kind == "" {
				kind = notice.KindMESSAGE
			}
			before := p.jobs()
			p.tell(kind, "a", notify.To{Users: []gid.ID{anna}}, c.channels...)
			p.expect(name, name, c.want...)
			if jobs := p.jobs() - before; jobs != len(c.want) {
				t.Errorf("%s: %d jobs were enqueued, want %d", name, jobs, len(c.want))
			}
		}
	})
}

// jobs is how many deliveries are enqueued.
func (p *planning) jobs() (n int) {
	p.t.Helper()
	rows, err := p.DB.QueryContext(p.system, "SELECT count(*) FROM river_job WHERE kind = 'delivery'")
	if err != nil {
		p.t.Fatal(err)
	}
	defer rows.Close()
	if rows.Next() {
		if err := rows.Scan(&n); err != nil {
			p.t.Fatal(err)
		}
	}
	return n
}

func TestDigest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlanning(t, d)
		p.person("anna")
		p.wants("anna", preferences.Change{Wishes: []preferences.Wish{{Kind: "MESSAGE", Channel: "EMAIL", Mode: always}, {Kind: "GOAL_SET", Channel: "EMAIL", Mode: always}}})
		say := func(title string) { p.t.Helper(); p.tell(notice.KindMESSAGE, title, everyone) }
		say("1")
		say("2")
		p.expect("what still waits takes the next along", "anna", "EMAIL ALWAYS SCHEDULED 26 12:00 1,2")
		p.begin("anna", delivery.StatusSENDING)
		say("3")
		p.at = p.at.Add(15*time.Minute - time.Second)
		say("4")
		p.tell(notice.KindGOAL_SET, "goal", everyone)
		p.expect("within the window", "anna", "EMAIL ALWAYS SENDING 26 12:00 1,2", "EMAIL ALWAYS SCHEDULED 26 12:15 3,4", "EMAIL ALWAYS SCHEDULED 26 12:14 goal")
		p.at = p.at.Add(time.Second)
		say("5") // its job is late
		p.begin("anna", delivery.StatusSENT)
		p.at = p.at.Add(15 * time.Minute)
		say("6")
		p.expect("the window is over", "anna", "EMAIL ALWAYS SENDING 26 12:00 1,2", "EMAIL ALWAYS SENT 26 12:15 3,4,5", "EMAIL ALWAYS SENT 26 12:14 goal", "EMAIL ALWAYS SCHEDULED 26 12:30 6")
		p.begin("anna", delivery.StatusFAILED)
		p.at = p.at.Add(time.Minute)
		p.wants("anna", preferences.Change{DigestMinutes: new(0)})
		say("7")
		say("8")
		if got := p.planned("anna"); !slices.Equal(got[4:], []string{"EMAIL ALWAYS QUEUED 26 12:31 7", "EMAIL ALWAYS QUEUED 26 12:31 8"}) {
			t.Errorf("without a window: got %q", got[4:])
		}
	})
}

// TestANightIsOneMessage of a kind, at the end of the quiet hours, and what is to be fallen back on goes together as well.
func TestANightIsOneMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlanning(t, d)
		p.at = instant(t, "2026-11-26T22:10:00+03:00")
		p.person("anna")
		p.wants("anna", preferences.Change{Quiet: &preferences.Quiet{From: "22:00", To: "08:00"}, Wishes: []preferences.Wish{{Kind: "GOAL_SET", Channel: "EMAIL", Mode: always}}})
		for i := range 3 {
			p.tell(notice.KindGOAL_SET, fmt.Sprint("goal", i), everyone)
			p.tell(notice.KindMESSAGE, fmt.Sprint("message", i), everyone)
			p.at = p.at.Add(3 * time.Hour)
		}
		p.expect("in the morning", "anna", "EMAIL ALWAYS SCHEDULED 27 08:00 goal0,goal1,goal2", "EMAIL FALLBACK SCHEDULED 27 08:00 message0,message1,message2")
	})
}

// TestStatementsDoNotGrow with the recipients, and there are none where no channel is set up.
func TestStatementsDoNotGrow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlanning(t, d)
		counted := func() int {
			t.Helper()
			n := notify.Notice{Event: notify.Message("a", "b", ""), To: everyone}
			if err := db.WithTx(p.system, p.DB, func(tx *db.Tx) error { return notify.Tell(p.system, tx, p.at, n, n) }); err != nil {
				t.Fatal(err)
			}
			ctx, counter := db.CountStatements(t.Context())
			if _, err := p.notify.Settle(ctx); err != nil {
				t.Fatal(err)
			}
			return counter.N()
		}
		people := func(upTo int) {
			for i := len(p.people); i < upTo; i++ {
				p.person(fmt.Sprint("person", i))
				if i%3 == 0 {
					p.wants(fmt.Sprint("person", i), preferences.Change{Quiet: &preferences.Quiet{From: "11:00", To: "13:00"}})
				}
			}
		}
		people(1)
		one := counted()
		people(10)
		ten := counted()
		people(200)
		many := counted()
		p.Senders = nil
		if none := counted(); one != ten || ten != many || many != none+4 {
			t.Errorf("%d statements for one, %d for ten, %d for two hundred, %d without a channel", one, ten, many, none)
		}
		if n := d.DeliveryItem.Query().CountX(p.system); n != 2*(1+10+200) {
			t.Errorf("%d items were written", n)
		}
	})
}

// TestEveryNoticeIsInOneMessage, however attempts and further notices fall together.
func TestEveryNoticeIsInOneMessage(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlanning(t, d)
		const persons, rounds, senders = 5, 40, 6
		for i := range persons {
			login := fmt.Sprint("person", i)
			p.person(login)
			p.wants(login, preferences.Change{DigestMinutes: new(1), Wishes: []preferences.Wish{{Kind: "MESSAGE", Channel: "EMAIL", Mode: always}, {Kind: "MESSAGE", Channel: "WHATSAPP", Mode: always}}})
		}
		told, done := make(chan struct{}), sync.WaitGroup{}
		var mu sync.Mutex
		sent := map[string]int{} // by person, channel and notice
		for range senders {
			done.Go(func() {
				for last := false; ; {
					select {
					case <-told:
						last = true
					default:
					}
					if n := p.sendSome(&mu, sent); n == 0 && last {
						return
					}
				}
			})
		}
		var tellers sync.WaitGroup
		for i := range 4 {
			tellers.Go(func() {
				for j := range rounds / 4 {
					p.tell(notice.KindMESSAGE, fmt.Sprint(i, ".", j), everyone)
				}
			})
		}
		tellers.Wait()
		close(told)
		done.Wait()
		if len(sent) != persons*rounds*2 {
			t.Errorf("%d were sent, want %d", len(sent), persons*rounds*2)
		}
		for what, n := range sent {
			if n != 1 {
				t.Errorf("%s was sent %d times", what, n)
			}
		}
	})
}

// sendSome begins with whatever waits, as sending does: it claims a delivery, and reads what it tells of after that has committed.
func (p *planning) sendSome(mu *sync.Mutex, sent map[string]int) (n int) {
	waiting, err := p.DB.Delivery.Query().Where(delivery.StatusEQ(delivery.StatusSCHEDULED)).Limit(10).All(p.system)
	if err != nil {
		p.t.Error(err)
		return 0
	}
	for _, d := range waiting {
		claimed, err := p.DB.Delivery.Update().Where(delivery.ID(d.ID), delivery.StatusIn(delivery.StatusSCHEDULED, delivery.StatusQUEUED)).
			SetStatus(delivery.StatusSENDING).SetBegunAt(p.at).Save(p.system)
		if err != nil || claimed == 0 {
			if err != nil {
				p.t.Error(err)
			}
			continue
		}
		items, err := p.DB.DeliveryItem.Query().Where(deliveryitem.DeliveryID(d.ID)).All(p.system)
		if err != nil || len(items) == 0 {
			p.t.Errorf("a delivery tells of %d notices, %v", len(items), err)
		}
		mu.Lock()
		for _, item := range items {
			sent[fmt.Sprint(item.UserID, d.Channel, item.NoticeID)]++
		}
		mu.Unlock()
		n++
	}
	return len(waiting)
}

func TestTheNextChannel(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlanning(t, d)
		wish := func(by string, m preferences.Mode) preferences.Wish {
			return preferences.Wish{Kind: "MESSAGE", Channel: by, Mode: m}
		}
		email := "EMAIL FALLBACK FAILED 26 12:30 a,b"
		for name, c := range map[string]struct {
			wants    preferences.Change
			without  []string
			off      []string
			channels []string
			disabled bool
			want     []string
		}{
			"takes all over":              {want: []string{email, "WHATSAPP FALLBACK QUEUED 26 12:40 a,b"}},
			"also of what comes always":   {wants: preferences.Change{Wishes: []preferences.Wish{wish("EMAIL", always)}}, want: []string{"EMAIL ALWAYS FAILED 26 12:00 a,b", "WHATSAPP FALLBACK QUEUED 26 12:40 a,b"}},
			"waits for a quiet time":      {wants: preferences.Change{Quiet: &preferences.Quiet{From: "12:35", To: "13:00"}}, want: []string{email, "WHATSAPP FALLBACK QUEUED 26 13:00 a,b"}},
			"is not wanted":               {wants: preferences.Change{Wishes: []preferences.Wish{wish("WHATSAPP", never)}}, want: []string{email}},
			"has it already":              {wants: preferences.Change{Wishes: []preferences.Wish{wish("WHATSAPP", always)}}, want: []string{email, "WHATSAPP ALWAYS FAILED 26 12:00 a,b"}},
			"comes before":                {wants: preferences.Change{Order: []string{"WEB", "WHATSAPP", "EMAIL"}, Wishes: []preferences.Wish{wish("EMAIL", always)}}, want: []string{"WHATSAPP FALLBACK FAILED 26 12:30 a,b", "EMAIL ALWAYS FAILED 26 12:00 a,b"}},
			"has no address":              {without: []string{"WHATSAPP"}, want: []string{email}},
			"is off":                      {off: []string{"WHATSAPP"}, want: []string{email}},
			"is not one that was named":   {channels: []string{"EMAIL"}, want: []string{"EMAIL ALWAYS FAILED 26 12:00 a,b"}},
			"would reach nobody any more": {disabled: true, want: []string{email}},
		} {
			p.again(t)
			anna := p.person(name, c.without...)
			p.wants(name, c.wants)
			to := notify.To{Users: []gid.ID{anna}}
			p.tell(notice.KindMESSAGE, "a", to, c.channels...)
			p.tell(notice.KindMESSAGE, "b", to, c.channels...)
			p.at = p.at.Add(40 * time.Minute)
			p.begin(name, delivery.StatusFAILED)
			for _, off := range c.off {
				p.register(off, false)
			}
			if c.disabled {
				p.DB.User.UpdateOneID(anna).SetDisabledAt(p.at).ExecX(p.system)
			}
			failed := p.DB.Delivery.Query().Where(delivery.UserID(anna), delivery.ChannelEQ(delivery.ChannelEMAIL)).OnlyX(p.system)
			var at sync.WaitGroup
			for range 12 {
				at.Go(func() {
					if err := db.WithTx(p.system, d, func(tx *db.Tx) error { return deliveries.PlanNext(p.Service, p.system, tx, failed) }); err != nil {
						t.Error(err)
					}
				})
			}
			at.Wait()
			p.expect(name, name, c.want...)
		}
	})
}
