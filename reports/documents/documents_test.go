package documents_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/payouts"
	"channelbook/reports/documents"
	"channelbook/reports/order"
)

// world is a company with one distributor, whose sales, statements and leads come about by the rules of their own packages.
type world struct {
	t             *testing.T
	db            *db.DB
	now           time.Time
	leads         *leads.Service
	payouts       *payouts.Service
	goals         *goals.Service
	system, admin context.Context
	source        context.Context
	north         gid.ID
}

var moscow = time.FixedZone("MSK", 3*60*60)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := &world{t: t, db: d, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")}
		now := func() time.Time { return w.now }
		w.leads = &leads.Service{DB: d, Now: now, TimeZone: moscow, Keys: dbtest.Keys(), Log: dbtest.Log(t)}
		w.payouts = &payouts.Service{DB: d, Now: now, TimeZone: moscow, Leads: w.leads}
		w.goals = &goals.Service{DB: d, Now: now, TimeZone: moscow, Log: dbtest.Log(t)}
		w.at("2026-09-01T09:00:00Z")
		boss := d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(w.now).SetUpdatedAt(w.now).SaveX(w.system)
		w.admin = auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: boss.ID})
		w.north = d.Distributor.Create().SetCompanyName("ООО «Север»").SetCompanyNameFold("север").SetContractNumber("АГ-7").SetCreatedAt(w.now).SetUpdatedAt(w.now).SaveX(w.system).ID
		id := gid.New()
		d.LeadSource.Create().SetID(id).SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(false).
			SetDuplicateFields([]string{}).SetCreatedAt(w.now).SetUpdatedAt(w.now).ExecX(w.system)
		w.source = auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: id})
		test(t, w)
	})
}

func (w *world) at(rfc3339 string) { w.now = dbtest.Clock(rfc3339)() }

// sold is a lead that was sold, with what is owed for it in kopecks.
func (w *world) sold(at string, payout int64) gid.ID {
	w.at(at)
	id := must(w.leads.Accept(w.source, leads.Submission{
		FirstName: "Анна", Email: strings.ToLower(gid.New().String()) + "@example.ru", DistributorID: gid.Distributor.Format(w.north),
	})).LeadID
	must(w.payouts.RegisterSale(w.admin, leads.Sale{LeadID: id, Payout: &payout}))
	return id
}

func month(first string) calendar.Period {
	return must(calendar.ParsePeriod(calendar.Month, must(calendar.ParseDate(first))))
}

func (w *world) drawUp(at string, p calendar.Period) gid.ID {
	w.at(at)
	must(w.goals.Close(w.admin, p))
	return must(w.payouts.DrawUp(w.admin, w.north, p)).ID
}

func (w *world) reader(role auth.Role) auth.Viewer {
	if role == auth.Admin {
		v, _ := auth.From(w.admin)
		return v
	}
	return auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: w.north}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// text is what stands in a document.
func (w *world) text(kind string, role auth.Role, p calendar.Period) string {
	w.t.Helper()
	var out bytes.Buffer
	err := db.Snapshot(w.t.Context(), w.db, func(tx *db.Tx) error {
		return documents.Write(auth.With(w.t.Context(), w.reader(role)), &order.Order{
			Parameters: order.Parameters{DistributorID: &w.north, Period: &p}, Kind: kind, Format: order.DOCX, Viewer: w.reader(role), Tx: tx, AsOf: w.now, TimeZone: moscow,
			Out: &out, Wrote: func(int) error { return nil }, Expect: func(int) {},
		})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	archive := must(zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len())))
	content := must(io.ReadAll(must(archive.Open("word/document.xml"))))
	return strings.ReplaceAll(tags.ReplaceAllString(string(content), " "), "\u00a0", " ")
}

// wants holds a document to what stands in it, and to what does not.
func (w *world) wants(what, text string, has, not []string) {
	w.t.Helper()
	for _, part := range has {
		if !strings.Contains(text, part) {
			w.t.Errorf("%s: %q is missing in %s", what, part, text)
		}
	}
	for _, part := range not {
		if strings.Contains(text, part) {
			w.t.Errorf("%s: %q stands in %s", what, part, text)
		}
	}
}

func TestADocumentHoldsTheLinesOfItsStatement(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		october, november, december := w.sold("2026-10-10T09:00:00Z", 100_00), w.sold("2026-11-10T09:00:00Z", 200_00), w.sold("2026-12-10T09:00:00Z", 400_00)
		id := func(lead gid.ID) string { return gid.Lead.Format(lead) }
		w.drawUp("2026-12-02T09:00:00Z", month("2026-11-01")) // October had none: its line is carried over
		fourth := must(calendar.ParsePeriod(calendar.Quarter, must(calendar.ParseDate("2026-10-01"))))
		year := must(calendar.ParsePeriod(calendar.Year, must(calendar.ParseDate("2026-01-01"))))
		for name, c := range map[string]struct {
			role     auth.Role
			period   calendar.Period
			has, not []string
		}{
			"November's has what its statement has":        {auth.Admin, month("2026-11-01"), []string{id(october), id(november), "300,00", "Триста рублей 00 копеек", "№ 11/2026", "за ноябрь 2026"}, []string{id(december)}},
			"October's has no line of November's":          {auth.Admin, month("2026-10-01"), []string{"0,00", "№ 10/2026"}, []string{"100,00"}},
			"December's has what stands on none yet":       {auth.Admin, month("2026-12-01"), []string{id(december), "400,00"}, []string{id(november)}},
			"the quarter's has those of its months":        {auth.Admin, fourth, []string{id(october), id(november), id(december), "700,00", "Семьсот рублей", "№ 4К/2026"}, nil},
			"the year's too":                               {auth.Admin, year, []string{"700,00", "№ 2026"}, nil},
			"to the distributor a draft is none: October":  {auth.Distributor, month("2026-10-01"), []string{id(october), "100,00"}, []string{id(november)}},
			"to the distributor a draft is none: November": {auth.Distributor, month("2026-11-01"), []string{id(november), "200,00"}, []string{"300,00"}},
		} {
			w.wants(name, w.text("AGENT_REPORT", c.role, c.period), append(c.has, "ООО «Север»", "АГ-7"), c.not)
		}
		w.wants("the act", w.text("ACT_OF_SERVICES", auth.Admin, month("2026-11-01")), []string{id(october), id(november), "300,00"}, []string{id(december)})
	})
}

func TestADocumentCountsLeadsThatWereHandedOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.sold("2026-10-31T20:59:59Z", 100_00) // the last second of October in Moscow
		late := w.sold("2026-10-31T21:00:00Z", 200_00)
		w.at("2026-11-05T09:00:00Z")
		must(w.leads.Accept(w.source, leads.Submission{FirstName: "Проба", Email: "test@example.ru", DistributorID: gid.Distributor.Format(w.north), Test: true}))
		w.wants("October's", w.text("AGENT_REPORT", auth.Admin, month("2026-10-01")), []string{"1 заявка", "1 продажа"}, []string{gid.Lead.Format(late)})
		w.wants("November's, without a test", w.text("AGENT_REPORT", auth.Admin, month("2026-11-01")), []string{"1 заявка", "01.11.2026", gid.Lead.Format(late)}, []string{"2 заявки"})
	})
}

func TestALeadThatItsReaderSeesNoMoreIsNotNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		lead := w.sold("2026-10-10T09:00:00Z", 100_00)
		w.db.Lead.UpdateOneID(lead).SetRestrictedAt(w.now).ExecX(w.system)
		w.wants("the distributor's", w.text("AGENT_REPORT", auth.Distributor, month("2026-10-01")), []string{"100,00"}, []string{gid.Lead.Format(lead)})
		w.wants("the administrator's", w.text("AGENT_REPORT", auth.Admin, month("2026-10-01")), []string{"100,00", gid.Lead.Format(lead)}, nil)
	})
}
