package deliveries_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	entchannel "channelbook/ent/channel"
	"channelbook/ent/delivery"
	"channelbook/ent/notice"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/deliveries"
	"channelbook/notify/preferences"
	"channelbook/notify/templates"
)

// provider is a double of one: it answers as it is told, and keeps what it was sent.
type provider struct {
	mu     sync.Mutex
	answer func(n int, m channel.Message) error // n counts from 1; nil takes all
	sent   []channel.Message
}

func (p *provider) Send(_ context.Context, m channel.Message) (channel.Receipt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent = append(p.sent, m)
	if p.answer != nil {
		if err := p.answer(len(p.sent), m); err != nil {
			return channel.Receipt{}, err
		}
	}
	return channel.Receipt{ID: fmt.Sprint("theirs-", len(p.sent)), Transaction: "transaction"}, nil
}

func (p *provider) calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.sent)
}

// fails has the provider fail by a class from now on; then has it take all.
func (p *provider) fails(f *channel.Failure) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = func(int, channel.Message) error { return f }
}

func (p *provider) works() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = nil
}

// composer makes a message of the titles of its notices.
type composer struct{ template string }

func (c composer) Compose(_ context.Context, l templates.Letter) (channel.Message, error) {
	var titles []string
	for _, n := range l.Notices {
		titles = append(titles, n.Title)
	}
	return channel.Message{Subject: strings.Join(titles, ", "), Template: c.template}, nil
}

// desk is the service over a fresh base, with a provider for each channel, a clock that is set by hand, and people.
type desk struct {
	*deliveries.Service
	t        *testing.T
	system   context.Context
	at       time.Time
	mail     *provider
	whatsapp *provider
	admin    context.Context
	company  gid.ID
	people   map[string]gid.ID
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test"), at: dbtest.Clock("2026-11-26T09:00:00Z")(),
		mail: &provider{}, whatsapp: &provider{}, people: map[string]gid.ID{}}
	k.Service = k.over(d)
	k.company = d.Distributor.Create().SetCompanyName("Север").SetCompanyNameFold("север").SetCreatedAt(k.at).SetUpdatedAt(k.at).SaveX(k.system).ID
	k.person("boss", gid.ID{})
	k.person("anna", k.company)
	k.person("boris", k.company)
	k.admin = auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: k.people["boss"], SessionID: gid.New()})
	k.register(entchannel.ChannelWHATSAPP, true)
	return k
}

// over is an instance over a base.
func (k *desk) over(d *db.DB) *deliveries.Service {
	return &deliveries.Service{
		DB: d, Now: func() time.Time { return k.at }, Log: dbtest.Log(k.t), Keys: dbtest.Keys(), TimeZone: time.UTC, Templates: composer{"hello"},
		Wishes:  &preferences.Service{DB: d, Now: func() time.Time { return k.at }, TimeZone: time.UTC},
		Senders: map[string]channel.Sender{channel.Email: k.mail, channel.WhatsApp: k.whatsapp},
	}
}

func (k *desk) register(c entchannel.Channel, enabled bool) {
	k.t.Helper()
	k.DB.Channel.Delete().Where(entchannel.ChannelEQ(c)).ExecX(k.system)
	err := db.WithTx(k.system, k.DB, func(tx *db.Tx) error {
		return tx.Channel.Create().SetChannel(c).SetEnabled(enabled).SetProcessor("-").SetCountry("RU").SetPersonalData(nil).SetUpdatedAt(k.at).Exec(k.system)
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) person(login string, of gid.ID) {
	k.t.Helper()
	id := gid.New()
	create := k.DB.User.Create().SetID(id).SetLogin(login).SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(k.at).SetUpdatedAt(k.at).
		SetEmailSealed(sealed.UserEmail.Seal(k.Keys, id, login+"@example.ru")).SetPhoneSealed(sealed.UserPhone.Seal(k.Keys, id, "+7900000000"+fmt.Sprint(len(k.people))))
	if !of.IsZero() {
		create.SetRole(user.RoleDISTRIBUTOR).SetDistributorID(of)
	}
	create.ExecX(k.system)
	k.people[login] = id
}

// notice is one that is in somebody's feed.
func (k *desk) notice(title, login string) gid.ID {
	k.t.Helper()
	place := int64(k.DB.Notice.Query().CountX(k.system) + 1)
	n := k.DB.Notice.Create().SetAt(k.at).SetKind(notice.KindLEAD_TAKEN).SetTitle(title).SetText("Текст").SetUserIds([]gid.ID{k.people[login]}).SetPlace(place).SaveX(k.system)
	k.DB.Notification.Create().SetNoticeID(n.ID).SetUserID(k.people[login]).SetDistributorID(k.company).SetKind("LEAD_TAKEN").SetPlace(place).ExecX(k.system)
	return n.ID
}

// delivery is one to a person of the company that is due, of new notices.
func (k *desk) delivery(by delivery.Channel, login string, change ...func(*ent.DeliveryCreate)) *ent.Delivery {
	k.t.Helper()
	create := k.DB.Delivery.Create().SetPurpose(delivery.PurposeNOTICE).SetChannel(by).SetKind(delivery.KindLEAD_TAKEN).SetUserID(k.people[login]).
		SetDistributorID(k.company).SetStatus(delivery.StatusQUEUED).SetCreatedAt(k.at).SetDueAt(k.at)
	for _, c := range change {
		c(create)
	}
	row := create.SaveX(k.system)
	k.item(row, k.notice("Новость", login))
	return row
}

func (k *desk) item(row *ent.Delivery, of gid.ID) {
	k.DB.DeliveryItem.Create().SetDeliveryID(row.ID).SetNoticeID(of).SetUserID(*row.UserID).ExecX(k.system)
}

func (k *desk) mailTo(login string) *ent.Delivery { return k.delivery(delivery.ChannelEMAIL, login) }

// send does the job of a delivery, and tells how long it waits after that; 0: it is done.
func (k *desk) send(row *ent.Delivery) time.Duration {
	k.t.Helper()
	return k.sendAt(k.Service, row)
}

func (k *desk) sendAt(s *deliveries.Service, row *ent.Delivery) time.Duration {
	err := s.Send(k.t.Context(), k.due(row))
	wait, err := later(err)
	if err != nil {
		k.t.Error(err)
	}
	return wait
}

func (k *desk) due(row *ent.Delivery) deliveries.Due {
	return deliveries.Due{Channel: row.Channel.String(), Delivery: row.ID, Round: k.row(row).Round}
}

// later is how long a job waits.
func later(err error) (time.Duration, error) {
	if err == nil {
		return 0, nil
	}
	text, ok := strings.CutPrefix(err.Error(), "later, in ")
	if !ok {
		return 0, err
	}
	return time.ParseDuration(text)
}

func (k *desk) row(row *ent.Delivery) *ent.Delivery { return k.DB.Delivery.GetX(k.system, row.ID) }

// is tells where a delivery has to stand.
func (k *desk) is(row *ent.Delivery, status delivery.Status, code string) *ent.Delivery {
	k.t.Helper()
	got := k.row(row)
	if got.Status != status || got.ErrorCode != code {
		k.t.Errorf("the delivery is %s for %q, want %s for %q", got.Status, got.ErrorCode, status, code)
	}
	return got
}

func (k *desk) pass(d time.Duration) { k.at = k.at.Add(d) }

// told are the kinds of the notices to administrators, in their order.
func (k *desk) told() (kinds []string) {
	for _, n := range k.DB.Notice.Query().Where(notice.Admins(true)).Order(ent.Asc(notice.FieldID)).AllX(k.system) {
		kinds = append(kinds, n.Kind.String())
	}
	return kinds
}

func fails(c channel.Class) *channel.Failure {
	return &channel.Failure{Class: c, Code: "SOME_CODE", Text: "some words"}
}
