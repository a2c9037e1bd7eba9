package deliveries_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/consent"
	"channelbook/ent/delivery"
	"channelbook/ent/leadsource"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
	"channelbook/notify/templates"
	consents "channelbook/personaldata/consent"
	"channelbook/personaldata/processors"
)

// hall is a company that takes in leads and welcomes the clients of the north.
type hall struct {
	t            *testing.T
	db           *db.DB
	now          time.Time
	system       context.Context
	boss         gid.ID
	leads        *leads.Service
	consents     *consents.Service
	notify       *notify.Service
	templates    *templates.Service
	processors   *processors.Service
	deliveries   *deliveries.Service
	north, south gid.ID
}

func newHall(t *testing.T, d *db.DB) *hall {
	t.Helper()
	h := &hall{t: t, db: d, now: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC), system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")}
	now := func() time.Time { return h.now }
	log := dbtest.Log(t)
	h.leads = &leads.Service{DB: d, Now: now, TimeZone: time.UTC, Keys: dbtest.Keys(), Log: log}
	h.consents = &consents.Service{DB: d, Now: now, Changed: h.leads.Changed}
	h.processors = &processors.Service{DB: d, Now: now}
	h.templates = &templates.Service{DB: d, Now: now, TimeZone: time.UTC, Keys: dbtest.Keys(), PublicURL: "https://book.example"}
	h.notify, h.deliveries = h.instance(d)
	h.north, h.south = h.distributor("Север"), h.distributor("Юг")
	h.boss = d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole("ADMIN").SetCreatedAt(h.now).SetUpdatedAt(h.now).SaveX(h.system).ID
	return h
}

// instance is the part of a server that plans what leaves the house.
func (h *hall) instance(d *db.DB) (*notify.Service, *deliveries.Service) {
	now := func() time.Time { return h.now }
	out := &deliveries.Service{
		DB: d, Now: now, Log: dbtest.Log(h.t), Keys: dbtest.Keys(), TimeZone: time.UTC, Templates: h.templates,
		Senders: map[string]channel.Sender{channel.Email: silent{}, channel.WhatsApp: silent{}},
	}
	return &notify.Service{DB: d, Now: now, Log: dbtest.Log(h.t), Further: []func(context.Context, *db.Tx, int64, int64) error{out.PlanWelcomes}}, out
}

func (h *hall) distributor(name string) gid.ID {
	h.t.Helper()
	return h.db.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(strings.ToLower(name)).SetCreatedAt(h.now).SetUpdatedAt(h.now).SaveX(h.system).ID
}

func (h *hall) admin() context.Context {
	return auth.With(context.WithoutCancel(h.t.Context()), auth.Viewer{Role: auth.Admin, UserID: h.boss})
}

// lets has the register of a channel allow all that a welcome needs.
func (h *hall) lets(name string, data ...processors.Data) {
	h.t.Helper()
	h.ok(h.processors.Update(h.admin(), processors.Entry{Channel: name, Enabled: true, Processor: "Кто-то", Country: "RU", Data: data}))
}

// ok is for what does not fail.
func (h *hall) ok(_ any, err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// welcomes has a distributor welcome its clients by a channel.
func (h *hall) welcomes(of gid.ID, by string) templates.Draft {
	h.t.Helper()
	h.lets(channel.Email, processors.ClientEmail, processors.ClientName)
	h.lets(channel.WhatsApp, processors.ClientPhone)
	d := templates.Draft{Distributor: &of, Kind: templates.Welcome, Channel: by, Enabled: true}
	if by == channel.WhatsApp {
		d.ProviderTemplate = "welcome"
	}
	h.ok(h.templates.Set(h.admin(), d))
	return d
}

// source is one whose leads go to a distributor, and stand on a consent or on a contract.
func (h *hall) source(to gid.ID, requireConsent bool) context.Context {
	h.t.Helper()
	row, _, err := h.leads.CreateSource(h.system, leads.SourceInput{Name: "Сайт " + gid.New().String(), Kind: leadsource.KindGENERIC, DistributorID: &to, RequireConsent: &requireConsent,
		Duplicates: leads.DuplicatePolicy{Fields: []string{}}})
	h.ok(nil, err)
	return auth.With(h.t.Context(), auth.Viewer{Role: auth.Source, SourceID: row.ID})
}

func (h *hall) submit(source context.Context, change func(*leads.Submission)) gid.ID {
	h.t.Helper()
	in := leads.Submission{FirstName: "Мария", Phone: "+79161234567", Email: "client@home.example",
		Consent: &values.Consent{Purpose: values.PurposeLead, TextVersion: "2026-09", GivenAt: "2026-11-20T10:11:12Z"}}
	if change != nil {
		change(&in)
	}
	got, err := h.leads.Accept(source, in)
	h.ok(nil, err)
	return got.LeadID
}

// planned are the welcomes so far, as "channel" of a lead.
func (h *hall) planned(lead gid.ID) []*ent.Delivery {
	h.t.Helper()
	h.ok(h.notify.Settle(h.system))
	return h.db.Delivery.Query().Where(delivery.PurposeEQ(delivery.PurposeWELCOME), delivery.LeadID(lead)).AllX(h.system)
}

func (h *hall) wants(name string, lead gid.ID, want ...string) {
	h.t.Helper()
	var got []string
	for _, d := range h.planned(lead) {
		got = append(got, d.Channel.String())
	}
	if !slices.Equal(got, want) {
		h.t.Errorf("%s: got welcomes by %v, want %v", name, got, want)
	}
}

func TestWhoIsWelcomed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		north, contract := h.source(h.north, true), h.source(h.north, false)
		h.wants("nobody, before somebody has said so", h.submit(north, nil))
		draft := h.welcomes(h.north, channel.Email)
		h.wants("whoever has an address", h.submit(north, nil), channel.Email)
		h.wants("nobody of another distributor", h.submit(h.source(h.south, true), nil))
		h.wants("nobody without an e-mail address", h.submit(north, func(in *leads.Submission) { in.Email = "" }))
		h.wants("nobody who gave no consent", h.submit(contract, func(in *leads.Submission) { in.Consent = nil }))
		h.wants("nobody whose lead is a test", h.submit(north, func(in *leads.Submission) { in.Test = true }))
		h.welcomes(h.north, channel.WhatsApp)
		h.wants("by e-mail before WhatsApp", h.submit(north, nil), channel.Email)
		h.wants("by WhatsApp where there is no e-mail", h.submit(north, func(in *leads.Submission) { in.Email = "" }), channel.WhatsApp)
		h.lets(channel.Email, processors.ClientName)
		h.wants("by WhatsApp where the register lets no address go by e-mail", h.submit(north, nil), channel.WhatsApp)
		h.ok(h.processors.Update(h.admin(), processors.Entry{Channel: channel.WhatsApp, Processor: "x", Country: "y", Data: []processors.Data{processors.ClientPhone}}))
		h.wants("nobody where all is off", h.submit(north, nil))
		h.lets(channel.Email, processors.ClientEmail)
		draft.Enabled = false
		h.ok(h.templates.Set(h.admin(), draft))
		h.wants("nobody by a template that is off", h.submit(north, nil))
		draft.Enabled = true
		h.ok(h.templates.Set(h.admin(), draft))
		delete(h.deliveries.Senders, channel.Email)
		h.wants("nobody by a channel that is not set up", h.submit(north, nil))
	})
}

func TestALeadIsWelcomedByItsFirstDistributorAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		h.welcomes(h.north, channel.Email)
		h.welcomes(h.south, channel.Email)
		h.welcomes(h.south, channel.WhatsApp)
		north := h.source(h.north, true)
		id := h.submit(north, nil)
		h.wants("the first", id, channel.Email)
		h.ok(h.leads.Reassign(h.admin(), id, &h.south, "Так надо"))
		h.wants("handed on", id, channel.Email)
		h.ok(h.leads.Reassign(h.admin(), id, &h.north, "И назад"))
		h.wants("and back", id, channel.Email)
		first := h.planned(id)[0]
		if first.Status != delivery.StatusQUEUED || *first.DistributorID != h.north || first.UserID != nil || first.Kind != nil {
			t.Errorf("got %v", first)
		}
		moved := h.submit(north, nil)
		h.ok(h.leads.Reassign(h.admin(), moved, &h.south, "Сразу"))
		h.wants("one that was handed on before anybody was told", moved)
	})
}

// TestManyPlaceAtOnce: sixteen goroutines of two instances give places while leads come in, and each client is welcomed once.
func TestManyPlaceAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		h.welcomes(h.north, channel.Email)
		other, _ := h.instance(dbtest.Second(t, d))
		north := h.source(h.north, true)
		var ids []gid.ID
		for range 5 {
			ids = append(ids, h.submit(north, nil))
		}
		var placing sync.WaitGroup
		for i := range 16 {
			placing.Go(func() {
				if _, err := []*notify.Service{h.notify, other}[i%2].Settle(context.WithoutCancel(h.system)); err != nil {
					t.Error(err)
				}
			})
		}
		placing.Wait()
		for _, id := range ids {
			h.wants("each", id, channel.Email)
		}
		// Whoever planned the same ones again would write nothing.
		err := db.WithTx(h.system, d, func(tx *db.Tx) error { return h.deliveries.PlanWelcomes(h.system, tx, 0, 1000) })
		h.ok(nil, err)
		for _, id := range ids {
			h.wants("each, once more", id, channel.Email)
		}
	})
}

// TestWhatChangesBeforeAWelcomeIsSent keeps it from being sent.
func TestWhatChangesBeforeAWelcomeIsSent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		for name, c := range map[string]struct {
			change func(id gid.ID)
			want   string
		}{
			"nothing": {func(gid.ID) {}, ""},
			"the consent is withdrawn": {func(id gid.ID) {
				given := d.Consent.Query().Where(consent.LeadID(id)).OnlyX(h.system)
				h.ok(h.consents.Withdraw(h.admin(), consents.Withdrawal{ConsentID: given.ID, Channel: consent.WithdrawalChannelEMAIL}))
			}, "RESTRICTED"},
			"its term is over": {func(id gid.ID) {
				h.ok(nil, d.Consent.Update().Where(consent.LeadID(id)).SetWithdrawnAt(h.now).Exec(h.system))
			}, "NO_CONSENT"},
			"the lead is another's": {func(id gid.ID) { h.ok(h.leads.Reassign(h.admin(), id, &h.south, "Так надо")) }, "LEAD_MOVED"},
			"the lead is rejected": {func(id gid.ID) {
				h.ok(h.leads.Reject(h.admin(), leads.Rejection{LeadID: id, Reason: "Не нужен"}))
			}, "NOT_WELCOMED"},
			"the template is off": {func(gid.ID) {
				h.ok(nil, d.MessageTemplate.Update().Where(messagetemplate.DistributorID(h.north)).SetEnabled(false).Exec(h.system))
			}, "NOT_WELCOMED"},
			"the register says no":   {func(gid.ID) { h.lets(channel.Email, processors.ClientName) }, "PERSONAL_DATA_NOT_ALLOWED"},
			"the channel is off":     {func(gid.ID) { h.ok(h.processors.Update(h.admin(), processors.Entry{Channel: channel.Email})) }, "CHANNEL_OFF"},
			"the address is no more": {func(id gid.ID) { h.ok(nil, d.Lead.UpdateOneID(id).ClearEmailSealed().Exec(h.system)) }, "NO_ADDRESS"},
		} {
			h.welcomes(h.north, channel.Email)
			id := h.submit(h.source(h.north, true), nil)
			planned := h.planned(id)
			if len(planned) != 1 {
				t.Fatalf("%s: got %d welcomes", name, len(planned))
			}
			c.change(id)
			address, l, skip, err := h.deliveries.Welcomed(t.Context(), planned[0])
			if err != nil || skip != c.want {
				t.Errorf("%s: got %q, %v, want %q", name, skip, err, c.want)
			}
			if sent := address == "client@home.example" && l.Lead != nil && l.Distributor == h.north && l.Kind == templates.Welcome; sent != (c.want == "") {
				t.Errorf("%s: got %q and %+v", name, address, l)
			}
		}
	})
}

// TestAWelcomeHoldsWhatTheRegisterAllows and nothing else, and its job no personal data at all.
func TestAWelcomeHoldsWhatTheRegisterAllows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		h.welcomes(h.north, channel.Email)
		h.lets(channel.Email, processors.ClientEmail)
		planned := h.planned(h.submit(h.source(h.north, true), nil))
		_, l, skip, err := h.deliveries.Welcomed(t.Context(), planned[0])
		h.ok(skip, err)
		m, err := h.templates.Compose(t.Context(), l)
		h.ok(nil, err)
		for _, secret := range []string{"Мария", "9161234567", "client@home.example"} {
			if strings.Contains(m.Subject+m.Text+m.HTML, secret) {
				t.Errorf("got %s, which tells %s", m.Text, secret)
			}
		}
		h.lets(channel.Email, processors.ClientEmail, processors.ClientName)
		if m, err = h.templates.Compose(t.Context(), l); err != nil || !strings.Contains(m.Text, "Здравствуйте, Мария!") || strings.Contains(m.Text+m.HTML, "9161234567") {
			t.Errorf("got %s, %v, want the name alone", m.Text, err)
		}
		for _, job := range h.jobs() {
			if dbtest.Personal(job) != "" || !strings.Contains(job, planned[0].ID.String()) {
				t.Errorf("got the job %s, want the delivery's id and no personal data", job)
			}
		}
	})
}

// jobs are the arguments of what is to be sent.
func (h *hall) jobs() (args []string) {
	h.t.Helper()
	rows, err := h.db.QueryContext(h.system, "SELECT args FROM river_job WHERE kind = 'delivery'")
	h.ok(nil, err)
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var raw []byte
		h.ok(nil, rows.Scan(&raw))
		args = append(args, string(raw))
	}
	h.ok(nil, rows.Err())
	if len(args) == 0 {
		h.t.Error("nothing is to be sent")
	}
	return args
}

func TestATestGoesToWhoAsksForIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := newHall(t, d)
		send := func(in deliveries.Test) (gid.ID, string) {
			id, err := h.deliveries.SendTest(h.admin(), in)
			all, _ := fault.All(err)
			codes := make([]string, len(all))
			for i, f := range all {
				codes[i] = f.Field + " " + f.Code
			}
			if err != nil && len(all) == 0 {
				t.Fatal(err)
			}
			return id, strings.Join(codes, ", ")
		}
		mail := deliveries.Test{Channel: channel.Email}
		if _, got := send(mail); got != "channel NO_ADDRESS" {
			t.Errorf("got %q where there is no address", got)
		}
		if _, got := send(deliveries.Test{Channel: channel.WhatsApp}); got != "channel CHANNEL_OFF, channel NO_ADDRESS" {
			t.Errorf("got %q", got)
		}
		h.ok(nil, d.User.UpdateOneID(h.boss).SetEmailSealed([]byte{1}).SetPhoneSealed([]byte{1}).Exec(h.system))
		h.lets(channel.Email, processors.ClientEmail, processors.EmployeeName)
		h.lets(channel.WhatsApp)
		own, err := h.templates.Set(h.admin(), templates.Draft{Kind: "MESSAGE", Channel: channel.Email, Enabled: true, Subject: "Тема", Text: "{{recipient.name}}"})
		h.ok(nil, err)
		off, err := h.templates.Set(h.admin(), templates.Draft{Distributor: &h.north, Kind: templates.Welcome, Channel: channel.Email})
		h.ok(nil, err)
		for name, c := range map[string]struct {
			in       deliveries.Test
			kind     string
			template gid.ID
			want     string
		}{
			"the built-in test":                 {mail, "", gid.ID{}, ""},
			"a kind, by the one in force":       {deliveries.Test{Channel: channel.Email, Kind: "MESSAGE"}, "MESSAGE", own.ID, ""},
			"a kind that has none":              {deliveries.Test{Channel: channel.Email, Kind: "GOAL_SET"}, "GOAL_SET", gid.ID{}, ""},
			"a template":                        {deliveries.Test{Channel: channel.Email, Template: own.ID}, "MESSAGE", own.ID, ""},
			"a welcome that is off yet":         {deliveries.Test{Channel: channel.Email, Template: off.ID}, "", off.ID, ""},
			"a welcome of who has none":         {deliveries.Test{Channel: channel.Email, Kind: templates.Welcome, Distributor: h.south}, "", gid.ID{}, "kind NO_TEMPLATE"},
			"a template of another channel":     {deliveries.Test{Channel: channel.WhatsApp, Template: own.ID}, "", gid.ID{}, "templateId CHANNEL_MISMATCH"},
			"a template that is not there":      {deliveries.Test{Channel: channel.Email, Template: gid.New()}, "", gid.ID{}, "templateId NOT_FOUND"},
			"WhatsApp, which has none built in": {deliveries.Test{Channel: channel.WhatsApp, Kind: "MESSAGE"}, "", gid.ID{}, " NO_TEMPLATE"},
			"a kind that is none":               {deliveries.Test{Channel: channel.Email, Kind: "X"}, "", gid.ID{}, "kind INVALID_VALUE"},
			"a distributor that is not there":   {deliveries.Test{Channel: channel.Email, Kind: "MESSAGE", Distributor: gid.New()}, "", gid.ID{}, "distributorId NOT_FOUND"},
			"all that is wrong at once":         {deliveries.Test{Channel: channel.Email, Kind: "X", Distributor: gid.New()}, "", gid.ID{}, "kind INVALID_VALUE, distributorId NOT_FOUND"},
			"the feed":                          {deliveries.Test{Channel: channel.Web}, "", gid.ID{}, "channel INVALID_VALUE"},
		} {
			id, got := send(c.in)
			if got != c.want {
				t.Errorf("%s: got %q, want %q", name, got, c.want)
			}
			if c.want != "" {
				continue
			}
			row := d.Delivery.GetX(h.system, id)
			var kind string
			var template gid.ID
			if row.Kind != nil {
				kind = row.Kind.String()
			}
			if row.TemplateID != nil {
				template = *row.TemplateID
			}
			if row.Purpose != delivery.PurposeTEST || *row.UserID != h.boss || kind != c.kind || template != c.template || row.Status != delivery.StatusQUEUED {
				t.Errorf("%s: got %v", name, row)
			}
			if !slices.ContainsFunc(h.jobs(), func(job string) bool {
				var due deliveries.Due
				return json.Unmarshal([]byte(job), &due) == nil && due.Delivery == id
			}) {
				t.Errorf("%s: it is not to be sent", name)
			}
		}
		h.lets(channel.Email)
		if _, got := send(deliveries.Test{Channel: channel.Email, Template: own.ID}); got != " PERSONAL_DATA_NOT_ALLOWED" {
			t.Errorf("got %q for what the register forbids", got)
		}
		delete(h.deliveries.Senders, channel.Email)
		if _, got := send(mail); got != "channel CHANNEL_NOT_SET_UP" {
			t.Errorf("got %q where the channel is not set up", got)
		}
		if _, err := h.deliveries.SendTest(auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: h.north}), mail); !fault.Is(err, fault.Forbidden) {
			t.Errorf("got %v, want a refusal for who is no administrator", err)
		}
	})
}

var _ jobs.Args = deliveries.Due{}
