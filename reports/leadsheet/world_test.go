package leadsheet_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/sealed"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/reports/leadsheet"
	"channelbook/reports/order"
)

// asOf is the moment of all reports: noon in Moscow.
const asOf = "2026-11-26T09:00:00Z"

// world is two distributors, two sources and their leads, with ids that are the same each time.
type world struct {
	t          testing.TB
	d          *db.DB
	system     context.Context
	zone       *time.Location
	ours, them gid.ID
	site, vk   gid.ID
	n          int
}

func id(kind byte, n int) gid.ID {
	return gid.ID{0x01, 0x9a, 0, 0, 0, kind, 0x70, 0, 0x80, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func instant(rfc3339 string) time.Time { return must(time.Parse(time.RFC3339, rfc3339)).UTC() }
func date(text string) calendar.Date   { return must(calendar.ParseDate(text)) }
func ptr[T any](v T) *T                { return &v }

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, d: d, zone: must(time.LoadLocation("Europe/Moscow")), ours: id(1, 1), them: id(1, 2), site: id(2, 1), vk: id(2, 2)}
	w.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	for at, name := range map[gid.ID]string{w.ours: "ООО «Ромашка»", w.them: "=ИП Сидоров & Ко"} {
		d.Distributor.Create().SetID(at).SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).SetCreatedAt(instant(asOf)).SetUpdatedAt(instant(asOf)).ExecX(w.system)
	}
	for at, name := range map[gid.ID]string{w.site: "Лендинг «Весна»", w.vk: "VK Реклама"} {
		d.LeadSource.Create().SetID(at).SetName(name).SetKeyHash(at[:]).SetKeyHint("abcd").SetDuplicateFields([]string{"PHONE"}).
			SetCreatedAt(instant(asOf)).SetUpdatedAt(instant(asOf)).ExecX(w.system)
	}
	return w
}

// lead adds a lead that is taken in at an instant, changed by with.
func (w *world) lead(at, phone, email string, with ...func(*ent.LeadCreate)) gid.ID {
	w.t.Helper()
	w.n++
	lid, received := id(3, w.n), instant(at)
	c := w.d.Lead.Create().SetID(lid).SetReceivedAt(received).SetUpdatedAt(received).SetSourceID(w.site).SetStatus(lead.StatusNEW).SetOutcome(lead.OutcomeACCEPTED).
		SetBodyHash([]byte{1}).SetFirstName("Анна").SetFirstNameFold("анна").SetLastName("Петрова").SetLastNameFold("петрова").SetDecisionTrace([]values.Check{}).
		SetPhoneSealed(sealed.LeadPhone.Seal(dbtest.Keys(), lid, phone)).SetPhoneIndex(sealed.LeadPhoneIndex.Of(dbtest.Keys(), phone)).SetPhoneLast4Index(sealed.LeadPhoneLast4Index.Of(dbtest.Keys(), phone)).
		SetEmailSealed(sealed.LeadEmail.Seal(dbtest.Keys(), lid, email)).SetEmailIndex(sealed.LeadEmailIndex.Of(dbtest.Keys(), email)).
		SetLegalBasis(lead.LegalBasisCONSENT)
	for _, change := range with {
		change(c)
	}
	if err := c.Exec(w.system); err != nil {
		w.t.Fatal(err)
	}
	return lid
}

func of(distributor gid.ID) func(*ent.LeadCreate) {
	return func(c *ent.LeadCreate) { c.SetDistributorID(distributor) }
}

func sold(on string, payout, amount int64) func(*ent.LeadCreate) {
	return func(c *ent.LeadCreate) {
		day := date(on)
		c.SetStatus(lead.StatusSALE).SetSoldOn(&day).SetPayout(payout).SetSaleAmount(amount).SetClosedAt(day.Start(time.UTC).Add(10 * time.Hour))
	}
}

// people fills the world with some leads of every kind.
func (w *world) people() {
	first := w.lead("2026-11-20T21:30:00Z", "+79123456701", "anna@example.ru", of(w.ours), sold("2026-11-23", 150_050, 2_500_000), func(c *ent.LeadCreate) {
		c.SetIP("203.0.113.7").SetAssignedAt(instant("2026-11-20T21:30:05Z")).SetTakenAt(instant("2026-11-21T06:00:00Z")).SetExternalID("0012").
			SetFunnel("quiz").SetSubid("s-1").SetUtmSource("vk").SetUtmMedium("cpc").SetUtmCampaign("осень").SetUtmTerm("окна").SetCampaignID("77").SetCampaignName("Осень 2026").
			SetBannerID("b1").SetAdvertiserID("a1").SetRegion("Москва").SetGender("ж").SetAge("25-34").SetRandom("4711").SetImpressionWeekday("пт").SetImpressionHour("23").
			SetUserTimezone("Europe/Moscow").SetPlacement("feed").SetDeviceType("mobile").SetPosition("1").SetSubIds([]string{"один", "", "три"}).
			SetDestroyBy(instant("2029-11-20T21:00:00Z")).
			SetConsent(&values.Consent{Purpose: "lead", TextVersion: "2026-09", GivenAt: "2026-11-20T21:29:00Z"})
	})
	w.lead("2026-11-21T09:00:00Z", "+79123456702", "boris@example.ru", of(w.ours), func(c *ent.LeadCreate) {
		c.SetFirstName("=cmd|' /C calc'!A0").SetLastName("@SUM(1+1)").SetRegion("+7").SetUtmTerm("-2+3").SetUtmSource("\t=1").SetIP("203.0.113.8").SetDuplicateOfID(first)
	})
	w.lead("2026-11-21T10:00:00Z", "+79123456703", "", of(w.ours), func(c *ent.LeadCreate) { c.SetStatus(lead.StatusREJECTED).SetSourceID(w.vk) })
	w.lead("2026-11-22T21:00:00Z", "+79123456704", "them@example.ru", of(w.them), sold("2026-11-25", 99, 100), func(c *ent.LeadCreate) { c.SetSourceID(w.vk) })
	w.lead("2026-11-24T10:00:00Z", "+79123456705", "gone@example.ru", of(w.ours), func(c *ent.LeadCreate) {
		c.SetStatus(lead.StatusIN_PROGRESS).SetRestrictedAt(instant("2026-11-25T10:00:00Z")).SetRestriction(lead.RestrictionWITHDRAWAL)
	})
	w.lead("2026-11-24T11:00:00Z", "+79123456701", "", func(c *ent.LeadCreate) {
		c.SetStatus(lead.StatusDUPLICATE).SetOutcome(lead.OutcomeDUPLICATE).SetDuplicateOfID(first)
	})
	w.lead("2026-11-24T12:00:00Z", "+79123456706", "test@example.ru", of(w.ours), func(c *ent.LeadCreate) { c.SetIsTest(true) })
	w.lead("2026-11-25T12:00:00Z", "+79123456707", "", func(c *ent.LeadCreate) { c.SetSourceID(w.vk) })
	w.lead("2026-11-25T13:00:00Z", "", "theirs@example.ru", of(w.them), func(c *ent.LeadCreate) { c.SetDuplicateOfID(first).SetUserTimezone("a\x01b\uFFFEc") })
}

func (w *world) admin() auth.Viewer { return auth.Viewer{Role: auth.Admin, UserID: id(4, 1)} }

// worker is a user of a distributor.
func (w *world) worker(of gid.ID) auth.Viewer {
	return auth.Viewer{Role: auth.Distributor, UserID: id(4, 2), Distributor: of}
}

func maker() leadsheet.Maker {
	return leadsheet.Maker{Eyes: leads.Eyes{Keys: dbtest.Keys(), MaskUntilTaken: true}}
}

// write makes a report; what change does to the order comes before.
func (w *world) write(ctx context.Context, m leadsheet.Maker, v auth.Viewer, format string, change func(o *order.Order)) ([]byte, error) {
	var out bytes.Buffer
	err := db.Snapshot(ctx, w.d, func(tx *db.Tx) error {
		o := &order.Order{Kind: "LEADS", Format: format, Viewer: v, Tx: tx, AsOf: instant(asOf), TimeZone: w.zone, Out: &out,
			Wrote: func(int) error { return nil }, Expect: func(int) {}}
		if change != nil {
			change(o)
		}
		return m.Write(ctx, o)
	})
	return out.Bytes(), err
}

// report is a report that is made.
func (w *world) report(v auth.Viewer, format string, change func(o *order.Order)) []byte {
	w.t.Helper()
	content, err := w.write(context.Background(), maker(), v, format, change)
	if err != nil {
		w.t.Fatal(err)
	}
	return content
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

// many adds leads in one statement for each 500.
func (w *world) many(n int) {
	w.t.Helper()
	var rows []*ent.LeadCreate
	for i := range n {
		w.n++
		lid, at := id(3, w.n), instant("2026-11-01T00:00:00Z").Add(time.Duration(i/3)*time.Second)
		rows = append(rows, w.d.Lead.Create().SetID(lid).SetReceivedAt(at).SetUpdatedAt(at).SetSourceID(w.site).SetDistributorID(w.ours).SetStatus(lead.StatusNEW).
			SetOutcome(lead.OutcomeACCEPTED).SetBodyHash([]byte{1}).SetFirstName(fmt.Sprintf("Анна %d", i)).SetFirstNameFold("анна").SetDecisionTrace([]values.Check{}).
			SetPhoneSealed(sealed.LeadPhone.Seal(dbtest.Keys(), lid, fmt.Sprintf("+7912%07d", i))))
		if len(rows) == 500 || i == n-1 {
			if err := w.d.Lead.CreateBulk(rows...).Exec(w.system); err != nil {
				w.t.Fatal(err)
			}
			rows = nil
		}
	}
}
