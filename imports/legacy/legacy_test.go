package legacy_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/channel"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/notification"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/imports/legacy"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/figures"
	"channelbook/notify"
	"channelbook/notify/templates"
	"channelbook/payouts"
	"channelbook/personaldata/processors"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	moscow = mustZone("Europe/Moscow")
	system = auth.AsSystem(context.Background(), "test")
	clock  = dbtest.Clock("2026-03-10T09:00:00Z")
)

func mustZone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

// book is a base of ours and what works on it.
type book struct {
	legacy.Services
	t       *testing.T
	figures *figures.Service
}

// newBook has our own lead of January, whose figures are kept, and a December that is closed.
func newBook(t *testing.T, d *db.DB) *book {
	t.Helper()
	b := on(t, d)
	ctx := db.Unaudited(system, "a test")
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	source := d.LeadSource.Create().SetName("Сайт").SetKeyHash([]byte("key")).SetKeyHint("abcd").SetDuplicateFields([]string{"PHONE"}).SetCreatedAt(at).SetUpdatedAt(at).SaveX(ctx)
	d.Lead.Create().SetReceivedAt(at).SetUpdatedAt(at).SetSourceID(source.ID).SetStatus(lead.StatusNEW).SetOutcome(lead.OutcomeACCEPTED).
		SetBodyHash([]byte{1}).SetFirstName("Свой").SetFirstNameFold("свой").SetDecisionTrace(nil).ExecX(ctx)
	d.Channel.Create().SetChannel(channel.ChannelEMAIL).SetEnabled(true).SetProcessor("Свой сервер").SetCountry("RU").SetPersonalData([]string{string(processors.ClientName)}).SetUpdatedAt(at).ExecX(ctx)
	if err := b.figures.RollUp(system); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Goals.Close(system, month(t, "12.2025")); err != nil {
		t.Fatal(err)
	}
	return b
}

func on(t *testing.T, d *db.DB) *book {
	t.Helper()
	log, keys := dbtest.Log(t), dbtest.Keys()
	tokens, err := auth.ParseKeys("test:0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	l := &leads.Service{DB: d, Now: clock, TimeZone: moscow, Keys: keys, Log: log}
	return &book{t: t, figures: &figures.Service{DB: d, Now: clock, TimeZone: moscow, Log: log}, Services: legacy.Services{
		DB: d, Now: clock, TimeZone: moscow, Leads: l,
		Accounts:     &accounts.Service{DB: d, Now: clock, Keys: keys, Log: log, Tokens: &auth.Tokens{Keys: tokens, Now: clock}},
		Distributors: &distributors.Service{DB: d, Now: clock, TimeZone: moscow, Keys: keys},
		Goals:        &goals.Service{DB: d, Now: clock, TimeZone: moscow, Log: log},
		Payouts:      &payouts.Service{DB: d, Now: clock, TimeZone: moscow, Leads: l},
		Notify:       &notify.Service{DB: d, Now: clock, Log: log},
		Templates:    &templates.Service{DB: d, Now: clock, TimeZone: moscow, Keys: keys, PublicURL: "https://leads.example.ru"},
	}}
}

func month(t *testing.T, text string) calendar.Period {
	t.Helper()
	p, err := legacy.ParseMonth(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// options are those of most tests: all is taken as paid up to January.
func options(t *testing.T) legacy.Options {
	january := month(t, "01.2026")
	return legacy.Options{Apply: true, KeepNotifications: 180 * 24 * time.Hour, PaidThrough: &january}
}

// made is the old base, opened as the command opens it. More statements change it.
func made(t *testing.T, more ...string) *sql.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	script, err := os.ReadFile("testdata/legacy.sql")
	if err != nil {
		t.Fatal(err)
	}
	old, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append([]string{string(script)}, more...) {
		if _, err := old.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	from, err := db.ReadForeign(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = from.Close() })
	return from
}

func (b *book) run(from *sql.DB, o legacy.Options) *legacy.Report {
	b.t.Helper()
	report, err := legacy.Run(auth.AsSystem(b.t.Context(), "import-legacy"), from, b.Services, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return report
}

// rows are how many each table of a base has.
func rows(t *testing.T, d *db.DB) map[string]int {
	t.Helper()
	query := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
	if d.Dialect() == dialect.Postgres {
		query = "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
	}
	counts := map[string]int{}
	for _, name := range column[string](t, d, query) {
		counts[name] = column[int](t, d, `SELECT COUNT(*) FROM "`+name+`"`)[0]
	}
	return counts
}

func column[T any](t *testing.T, d *db.DB, query string) (all []T) {
	t.Helper()
	found, err := d.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var value T
		if err := found.Scan(&value); err != nil {
			t.Fatal(err)
		}
		all = append(all, value)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func sameRows(t *testing.T, what string, got, want map[string]int) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s: %s has %d rows, want %d", what, name, got[name], want[name])
		}
	}
}

func golden(t *testing.T, name string, report *legacy.Report) {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(&out); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the report differs from %s (-update writes it anew):\n%s", path, out.String())
	}
	for _, personal := range []string{"912", "petrova", "Петрова", "Анна", "anna", "roma@", "Romashka.example", "12345"} {
		if strings.Contains(out.String(), personal) {
			t.Errorf("the report holds %q", personal)
		}
	}
}

func TestADryRunTellsEverythingAndWritesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		before, o := rows(t, d), options(t)
		o.Apply = false
		golden(t, "dry.golden.txt", b.run(made(t), o))
		sameRows(t, "after a dry run", rows(t, d), before)
	})
}

func TestAnImportIsToldLikeItsDryRunAndASecondOneChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, from := newBook(t, d), made(t)
		golden(t, "applied.golden.txt", b.run(from, options(t)))
		after := rows(t, d)
		golden(t, "again.golden.txt", b.run(from, options(t)))
		sameRows(t, "after a second import", rows(t, d), after)
	})
}

// user is one of ours by the login.
func (b *book) user(login string) *ent.User {
	b.t.Helper()
	u, err := b.DB.User.Query().Where(user.Login(login)).Only(system)
	if err != nil {
		b.t.Fatalf("the user %s: %v", login, err)
	}
	return u
}

// as is the context of a user who has signed in.
func (b *book) as(login string) context.Context {
	u := b.user(login)
	v := auth.Viewer{Role: auth.Role(u.Role), UserID: u.ID, SessionID: gid.New()}
	if u.DistributorID != nil {
		v.Distributor = *u.DistributorID
	}
	return auth.With(b.t.Context(), v)
}

// lead is an imported one by its id in the old base, as somebody sees it; nil where they do not.
func (b *book) lead(ctx context.Context, id string) *ent.Lead {
	b.t.Helper()
	l, err := b.DB.Lead.Query().Where(lead.ExternalID(id)).Only(ctx)
	if err != nil && !ent.IsNotFound(err) {
		b.t.Fatal(err)
	}
	return l
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestWhatWasBroughtOverReadsLikeOurOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		before := rows(t, d)
		b.run(made(t), options(t))
		after := rows(t, d)
		t.Run("nobody is told and nothing leaves the house", func(t *testing.T) {
			for _, table := range []string{"deliveries", "webhook_deliveries", "lead_changes", "intake_attempts", "consents"} {
				equal(t, table, after[table], before[table])
			}
			told := 0
			for _, n := range d.Notice.Query().AllX(system) {
				if n.Place == nil {
					told++
				}
			}
			equal(t, "notices that wait to be told", told, before["notices"])
		})
		t.Run("every row has its record in the audit", func(t *testing.T) {
			records := column[int](t, d, "SELECT COUNT(*) FROM audit_records WHERE action = 'LEGACY_IMPORTED' AND actor_kind = 'SYSTEM'")[0]
			made := 0
			for _, table := range []string{"users", "distributors", "lead_sources", "leads", "goals", "blacklist_entries", "notices", "message_templates", "payout_statements"} {
				made += after[table] - before[table]
			}
			equal(t, "records", records, made)
		})
		t.Run("people sign in with a new password alone", func(t *testing.T) { b.at(t).people() })
		t.Run("distributors have what of their requisites holds", func(t *testing.T) { b.at(t).companies() })
		t.Run("leads keep owner, status, times and tracking", func(t *testing.T) { b.at(t).requests() })
		t.Run("a lead's timeline tells its past", func(t *testing.T) { b.at(t).timeline() })
		t.Run("figures count what was received and sold", func(t *testing.T) { b.at(t).counted() })
		t.Run("sales are owed, or paid where the old system has paid", func(t *testing.T) { b.at(t).owed() })
		t.Run("goals stand and their milestones are old news", func(t *testing.T) { b.at(t).aims() })
		t.Run("the blacklist keeps leads out", func(t *testing.T) { b.at(t).barred() })
		t.Run("messages stand in feeds, read where they were read", func(t *testing.T) { b.at(t).feeds() })
		t.Run("texts of e-mails are written with our variables", func(t *testing.T) { b.at(t).texts() })
	})
}

func (b *book) at(t *testing.T) *book {
	c := *b
	c.t = t
	return &c
}

func (b *book) people() {
	t := b.t
	roma := b.user("roma")
	equal(t, "e-mail", dbtest.Opened(t, sealed.UserEmail, roma.ID, roma.EmailSealed), "roma@example.ru")
	equal(t, "when it was made", roma.CreatedAt.UTC().Format(time.RFC3339Nano), "2025-02-01T07:00:00.123456Z")
	equal(t, "chief's role", b.user("chief").Role, user.RoleADMIN)
	if b.user("old").DisabledAt == nil {
		t.Error("somebody who was not active there may sign in here")
	}
	logins, err := b.Accounts.WithoutPassword(system)
	if want := []string{"chief", "roma", "vera"}; err != nil || !slices.Equal(logins, want) {
		t.Errorf("without a password: got %q, %v, want %q", logins, err, want)
	}
	in := accounts.SignIn{Login: "roma", Password: "pbkdf2:sha256:2", RemoteAddress: "203.0.113.1"}
	if _, err := b.Accounts.SignIn(t.Context(), in); !fault.HasCode(err, "INVALID_CREDENTIALS") {
		t.Errorf("an old password: got %v, want it refused like any wrong one", err)
	}
	in.Password = "a new and long password"
	if err := b.Accounts.SetPassword(system, "roma", in.Password); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Accounts.SignIn(t.Context(), in); err != nil {
		t.Errorf("the new password: got %v, want somebody signed in", err)
	}
	if logins, _ := b.Accounts.WithoutPassword(system); slices.Contains(logins, "roma") {
		t.Error("who has been given a password is still among those without one")
	}
}

func (b *book) companies() {
	t := b.t
	of := func(name string) *ent.Distributor {
		t.Helper()
		row, err := b.DB.Distributor.Query().Where(distributor.CompanyName(name)).Only(system)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return row
	}
	roma := of("ООО «Ромашка»")
	equal(t, "INN", roma.Inn, "7707083893")
	equal(t, "phone", dbtest.Opened(t, sealed.DistributorPhone, roma.ID, roma.PhoneSealed), "+74951234567")
	equal(t, "whose user roma is", *b.user("roma").DistributorID, roma.ID)
	twin := of("ООО «Двойник»")
	equal(t, "an INN that is none", twin.Inn, "")
	equal(t, "who was not active", of("ООО «Старое»").Status, distributor.StatusSUSPENDED)
	equal(t, "a company without a name", of("Distributor 4").Status, distributor.StatusACTIVE)
	equal(t, "the company of a user without one", *b.user("vera").DistributorID, of("vera").ID)
	equal(t, "marks of the month", b.DB.GoalRollover.Query().CountX(system), 5)
}

func (b *book) requests() {
	t := b.t
	roma := b.as("roma")
	viewer, _ := auth.From(roma)
	l := b.lead(roma, "1")
	if l == nil {
		t.Fatal("roma does not see its lead")
	}
	equal(t, "status", l.Status, lead.StatusNEW)
	equal(t, "received", l.ReceivedAt.UTC().Format(time.RFC3339), "2026-03-01T20:30:00Z")
	eyes := leads.Eyes{Keys: dbtest.Keys(), MaskUntilTaken: true}
	phone, err := eyes.Phone(viewer, l)
	if err != nil || phone != "+7912•••••89" {
		t.Errorf("phone before it is taken: got %s, %v, want it masked", phone, err)
	}
	phone, _ = eyes.Phone(auth.Viewer{Role: auth.Admin}, l)
	equal(t, "phone", phone, "+79123456789")
	email, _ := eyes.Email(auth.Viewer{Role: auth.Admin}, l)
	equal(t, "e-mail", email, "anna@example.ru")
	equal(t, "tracking", strings.Join([]string{
		l.Funnel, l.Subid, l.UtmSource, l.UtmMedium, l.UtmCampaign, l.UtmTerm, l.CampaignID, l.CampaignName, l.BannerID, l.AdvertiserID, l.Region, l.Gender, l.Age, l.Random,
		l.ImpressionWeekday, l.ImpressionHour, l.UserTimezone, l.Placement, l.DeviceType, l.Position, strings.Join(l.SubIds, ","),
	}, "|"), "quiz|s-1|vk|cpc|spring|дом|c-7|Весна|b-1|a-1|Москва|female|25-34|r-1|Sunday|23|Europe/Moscow|feed|mobile|1|one,,three,,,,,,,ten")
	if l.LegalBasis != nil || l.Consent != nil {
		t.Errorf("got the basis %v and the consent %v, want none invented", l.LegalBasis, l.Consent)
	}
	if _, err := b.Leads.Take(roma, l.ID); !fault.HasCode(err, "PROCESSING_RESTRICTED") {
		t.Errorf("take a lead without a basis: got %v, want PROCESSING_RESTRICTED", err)
	}
	found, err := b.DB.Lead.Query().Where(sealed.LeadPhoneIndex.Match(dbtest.Keys(), "+79123456789"), lead.StatusEQ(lead.StatusNEW)).Count(system)
	if err != nil || found != 1 {
		t.Errorf("looked for by its phone: got %d, %v, want the one", found, err)
	}
	for id, want := range map[string]struct {
		status lead.Status
		owner  bool
	}{"2": {lead.StatusIN_PROGRESS, true}, "3": {lead.StatusSALE, true}, "4": {lead.StatusSALE, true}, "6": {lead.StatusREJECTED, true}, "7": {lead.StatusDUPLICATE, false},
		"8": {lead.StatusNEW, false}, "14": {lead.StatusNEW, true}, "15": {lead.StatusBLOCKED, false}} {
		row := b.lead(system, id)
		if row == nil || row.Status != want.status || (row.DistributorID != nil) != want.owner {
			t.Errorf("lead %s: got %v, want %s, owned: %v", id, row, want.status, want.owner)
		}
	}
	for _, id := range []string{"5", "9", "10", "11", "12", "13", "16"} {
		if b.lead(system, id) != nil {
			t.Errorf("lead %s is here, want it left out", id)
		}
	}
	equal(t, "taken", b.lead(system, "2").TakenAt.UTC().Format(time.RFC3339), "2026-02-10T08:00:00Z")
	if b.lead(roma, "6") != nil {
		t.Error("roma sees another distributor's lead")
	}
}

func (b *book) timeline() {
	var told []string
	roma := b.as("roma")
	for _, e := range b.DB.LeadEvent.Query().Where(leadevent.LeadID(b.lead(system, "3").ID)).Order(ent.Asc(leadevent.FieldAt, leadevent.FieldID)).AllX(roma) {
		told = append(told, fmt.Sprint(e.At.UTC().Format("2006-01-02 15:04"), " ", e.Kind, " ", e.Text))
	}
	want := []string{
		"2026-01-10 07:00 RECEIVED Лид перенесён из прежней системы.", "2026-01-10 07:00 ASSIGNED Лид передан дистрибьютору.", "2026-01-10 09:00 TAKEN Лид взят в работу.",
		"2026-01-15 20:30 SALE_REGISTERED Продажа 15.01.2026, выплата 1\u00a0500,50\u00a0₽, сумма 30\u00a0000,00\u00a0₽.",
	}
	if !slices.Equal(told, want) {
		b.t.Errorf("got %q, want %q", told, want)
	}
}

func (b *book) counted() {
	from, to := time.Date(2025, 12, 31, 21, 0, 0, 0, time.UTC), time.Date(2026, 3, 31, 21, 0, 0, 0, time.UTC)
	sum := func() (all figures.Figures) {
		found, err := b.figures.Stats(system, figures.Question{Group: figures.ByMonth, From: &from, To: &to})
		if err != nil {
			b.t.Fatal(err)
		}
		for _, r := range found {
			all = all.Add(r.Figures)
		}
		return all
	}
	want := figures.Figures{Leads: 8, Converted: 2, Sales: 2, Payout: 250051} // our own one among them
	equal(b.t, "with the changes beside the days", sum(), want)
	report, err := b.figures.Rebuild(system)
	if err != nil || len(report.Wrong) > 0 {
		b.t.Errorf("made anew: got %v, %v, want that all held", report.Wrong, err)
	}
	equal(b.t, "made anew", sum(), want)
}

func (b *book) owed() {
	t := b.t
	day := func(id string) string {
		e := b.DB.LedgerEntry.Query().Where(ledgerentry.LeadID(b.lead(system, id).ID)).OnlyX(system)
		return fmt.Sprint(e.Day, " ", e.Amount, " ", e.Kind, " ", e.SaleNumber)
	}
	equal(t, "a sale late in the evening", day("3"), "2026-01-15 150050 ACCRUAL 1")
	equal(t, "a sale without its day", day("4"), "2026-02-12 100001 ACCRUAL 1")
	roma, twin := *b.lead(system, "3").DistributorID, *b.lead(system, "4").DistributorID
	balances, err := b.Payouts.Balances(system, []gid.ID{roma, twin})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "paid to roma", balances[roma].Paid, int64(150050))
	equal(t, "owed to the twin", balances[twin].Available, int64(100001))
	paid := b.DB.PayoutStatement.Query().OnlyX(system)
	equal(t, "statement", fmt.Sprintf("%v %v %v %v %v %v", paid.DistributorID == roma, paid.StartsOn, paid.Status, paid.Total, paid.EntryCount, paid.PaymentReference), "true 2026-01-01 PAID 150050 1 Прежняя система")
	february := month(t, "02.2026")
	if _, err := b.Goals.Close(system, february); err != nil {
		t.Fatal(err)
	}
	drawn, err := b.Payouts.DrawUp(system, twin, february)
	if err != nil || drawn.Total != 100001 {
		t.Errorf("the next statement: got %v, %v, want what is owed", drawn, err)
	}
	if _, err := b.Payouts.DrawUp(system, roma, february); !fault.HasCode(err, "NOTHING_TO_PAY") {
		t.Errorf("what the old system has paid: got %v, want nothing to pay", err)
	}
}

func (b *book) aims() {
	t := b.t
	var got []string
	all := b.DB.Goal.Query().Order(ent.Asc(goal.FieldStartsOn)).AllX(system)
	for _, g := range all {
		got = append(got, fmt.Sprint(g.StartsOn, " ", g.Metric, " ", g.Target))
	}
	if want := []string{"2026-01-01 PAYOUT 150000", "2026-03-01 LEAD_COUNT 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	progress, err := b.Goals.Progress(system, all)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "leads of March", progress[all[1].ID].Actual, 2)
	if n, err := b.Goals.Milestones(system); err != nil || n != 0 {
		t.Errorf("got %d goals with new milestones, %v, want none", n, err)
	}
	if n, err := b.Goals.TellMilestones(system); err != nil || n != 0 {
		t.Errorf("got %d milestones told, %v, want none", n, err)
	}
}

func (b *book) barred() {
	t := b.t
	for kind, want := range map[blacklistentry.Kind]int{blacklistentry.KindPHONE: 1, blacklistentry.KindEMAIL: 1, blacklistentry.KindNETWORK: 1, blacklistentry.KindDOMAIN: 1} {
		n := b.DB.BlacklistEntry.Query().Where(blacklistentry.KindEQ(kind), blacklistentry.OriginEQ(blacklistentry.OriginIMPORT)).CountX(system)
		equal(t, kind.String(), n, want)
	}
	source, _, err := b.Leads.CreateSource(system, leads.SourceInput{Name: "Новый сайт"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: source.ID})
	accepted, err := b.Leads.Accept(ctx, leads.Submission{FirstName: "Анна", Phone: "89121111111"})
	if err != nil || accepted.Outcome != "BLACKLISTED" {
		t.Errorf("a barred phone: got %v, %v, want BLACKLISTED", accepted, err)
	}
	accepted, err = b.Leads.Accept(ctx, leads.Submission{FirstName: "Анна", Phone: "89123456789"})
	if err != nil || accepted.Outcome != "QUARANTINED" && accepted.Outcome != "DUPLICATE" {
		t.Errorf("a phone of an imported lead: got %v, %v", accepted, err)
	}
}

func (b *book) feeds() {
	t := b.t
	var got []string
	for _, n := range b.DB.Notification.Query().Where(notification.UserID(b.user("roma").ID)).Order(ent.Asc(notification.FieldPlace)).WithNotice().AllX(system) {
		if n.Edges.Notice.At.After(time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)) {
			continue // of this day
		}
		got = append(got, fmt.Sprint(n.Edges.Notice.Title, "|", n.Edges.Notice.Text, "|", n.ReadAt != nil))
	}
	if want := []string{"Сообщение из прежней системы|Новая реклама|false", "Встреча|В пятницу в 15:00|true"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func (b *book) texts() {
	t := b.t
	welcome := b.DB.MessageTemplate.Query().Where(messagetemplate.KindEQ("WELCOME")).OnlyX(system)
	equal(t, "welcome", fmt.Sprint(welcome.Subject, "|", welcome.Text, "|", welcome.Enabled), "Здравствуйте, {{client.firstName}}|{{client.firstName}}, вам позвонит {{distributor.name}}.|false")
	sale := b.DB.MessageTemplate.Query().Where(messagetemplate.KindEQ("SALE_REGISTERED")).OnlyX(system)
	equal(t, "sale", sale.Text, "{{notice.title}}: {{notice.text}}")
	equal(t, "templates", b.DB.MessageTemplate.Query().CountX(system), 2)
}

func TestAKilledImportIsCompletedByTheNextOne(t *testing.T) {
	whole := newBook(t, dbtest.SQLite(t))
	whole.run(made(t), options(t))
	want := rows(t, whole.DB)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		from, broken := made(t), 0
		b := newBook(t, d)
		for after := 1; ; after += 7 {
			if broken > 1000 {
				t.Fatal("an import that is broken off never gets further")
			}
			ctx, kill := context.WithCancel(auth.AsSystem(t.Context(), "import-legacy"))
			calls := 0
			s := b.clocked(func() time.Time { // it dies at its nth look at the clock
				if calls++; calls == after {
					kill()
				}
				return clock()
			})
			_, err := legacy.Run(ctx, from, s, options(t))
			kill()
			if err == nil {
				break
			}
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			broken++
		}
		if broken < 5 {
			t.Errorf("the import was broken off %d times, want more", broken)
		}
		sameRows(t, "in the end", ours(rows(t, d)), ours(want))
	})
}

// clocked are the services under another clock.
func (b *book) clocked(now func() time.Time) legacy.Services {
	s := on(b.t, b.DB).Services
	s.Now, s.Accounts.Now, s.Distributors.Now, s.Leads.Now, s.Goals.Now, s.Payouts.Now, s.Notify.Now, s.Templates.Now = now, now, now, now, now, now, now, now
	return s
}

// ours are the tables that an import writes: what the engines and the queue keep beside them differs.
func ours(all map[string]int) map[string]int {
	some := map[string]int{}
	for _, name := range []string{
		"users", "distributors", "lead_sources", "leads", "lead_events", "lead_deltas", "ledger_entries", "payout_statements", "statement_lines", "goals", "goal_changes", "goal_milestones",
		"goal_rollovers", "blacklist_entries", "notices", "notifications", "message_templates", "audit_records",
	} {
		some[name] = all[name]
	}
	return some
}

func TestImportsAtOnceEndAsOne(t *testing.T) {
	whole := newBook(t, dbtest.SQLite(t))
	whole.run(made(t), options(t))
	want := rows(t, whole.DB)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		other := on(t, dbtest.Second(t, d))
		from := made(t)
		var all sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			s := b.Services
			if i%2 == 1 {
				s = other.Services
			}
			all.Go(func() { _, errs[i] = legacy.Run(auth.AsSystem(t.Context(), "import-legacy"), from, s, options(t)) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		sameRows(t, "in the end", ours(rows(t, d)), ours(want))
	})
}

func TestWhatWasTakenAwaySinceStaysAway(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, from := newBook(t, d), made(t)
		b.run(from, options(t))
		if err := b.Leads.RemoveFromBlacklist(system, d.BlacklistEntry.Query().Where(blacklistentry.KindEQ(blacklistentry.KindPHONE)).OnlyX(system).ID); err != nil {
			t.Fatal(err)
		}
		if err := b.Templates.Remove(system, d.MessageTemplate.Query().Where(messagetemplate.KindEQ("WELCOME")).OnlyX(system).ID); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Notify.Drop(system, clock()); err != nil {
			t.Fatal(err)
		}
		if err := b.Goals.Remove(system, d.Goal.Query().Where(goal.MetricEQ(goal.MetricLEAD_COUNT)).OnlyX(system).ID, ""); err != nil {
			t.Fatal(err)
		}
		after := rows(t, d)
		b.run(from, options(t))
		sameRows(t, "after another import", rows(t, d), after)
	})
}

func TestWhatTheOperatorSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, o := newBook(t, d), options(t)
		o.TimeZone, o.PaidThrough = time.UTC, nil
		o.LegalBasis, o.BasisNote = lead.LegalBasisCONTRACT, "Договоры прежней системы"
		o.Statuses = map[string]lead.Status{"думает": lead.StatusIN_PROGRESS}
		o.Roles = map[string]auth.Role{"boss": auth.Admin}
		o.Metric = goal.MetricSALE_COUNT
		b.run(made(t), o)
		equal(t, "a time of UTC", b.lead(system, "1").ReceivedAt.UTC().Format(time.RFC3339), "2026-03-01T23:30:00Z")
		equal(t, "a status", b.lead(system, "9").Status, lead.StatusIN_PROGRESS)
		equal(t, "a role", b.user("boss").Role, user.RoleADMIN)
		equal(t, "a goal's metric", d.Goal.Query().Where(goal.MetricEQ(goal.MetricSALE_COUNT)).OnlyX(system).Target, 5)
		equal(t, "statements", d.PayoutStatement.Query().CountX(system), 0)
		if _, err := b.Leads.Take(b.as("roma"), b.lead(system, "1").ID); err != nil {
			t.Errorf("take a lead with a basis: got %v, want it taken", err)
		}
	})
}

func TestOptionsThatDoNotHoldAreRefused(t *testing.T) {
	for name, o := range map[string]legacy.Options{
		"a consent for all":      {LegalBasis: lead.LegalBasisCONSENT, BasisNote: "Все согласны"},
		"a basis without a note": {LegalBasis: lead.LegalBasisCONTRACT},
		"a note without a basis": {BasisNote: "Договор"},
		"no such basis":          {LegalBasis: "HOPE", BasisNote: "Надеемся"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := o.Check(); err == nil {
				t.Error("got no error, want one")
			}
		})
	}
}

func TestAMonthThatIsStillToComeIsNotPaid(t *testing.T) {
	o, april := options(t), month(t, "04.2026")
	o.PaidThrough = &april
	if _, err := legacy.Run(system, made(t), on(t, dbtest.SQLite(t)).Services, o); err == nil || !strings.Contains(err.Error(), "still to come") {
		t.Errorf("got %v, want it refused", err)
	}
}

func TestNobodyButTheSystemImports(t *testing.T) {
	ctx := auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: gid.New()})
	if _, err := legacy.Run(ctx, nil, legacy.Services{}, legacy.Options{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("got %v, want it forbidden", err)
	}
}

func TestOtherNamesOfColumnsAndTables(t *testing.T) {
	d := dbtest.SQLite(t)
	b := newBook(t, d)
	from := made(t,
		`DROP TABLE goals; DROP TABLE templates; DROP TABLE leads_blacklist; DROP TABLE notifications; DROP TABLE leads; DROP TABLE distributors_info; DROP TABLE users`,
		`CREATE TABLE user (id INTEGER PRIMARY KEY, login TEXT, is_admin BOOLEAN, full_name TEXT)`, `INSERT INTO user VALUES (1, 'head', 1, 'Голова'), (2, 'north', 0, 'ООО «Север»')`,
		`CREATE TABLE lead (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES user (id), fio TEXT, tel REAL, state TEXT, date TEXT, sub1 TEXT, ip_address TEXT)`,
		`INSERT INTO lead VALUES (1, 2, 'Петрова Анна Ивановна', 79123456789.0, 'Новая', '01.03.2026 10:00', 'one', '::1')`,
	)
	b.run(from, options(t))
	l := b.lead(b.as("north"), "1")
	if l == nil {
		t.Fatal("the user's lead is not its company's")
	}
	equal(t, "name", l.LastName+"|"+l.FirstName, "Петрова|Анна Ивановна")
	equal(t, "phone", dbtest.Opened(t, sealed.LeadPhone, l.ID, l.PhoneSealed), "+79123456789")
	equal(t, "received", l.ReceivedAt.UTC().Format(time.RFC3339), "2026-03-01T07:00:00Z")
	equal(t, "sub-id", strings.Join(l.SubIds, ","), "one")
	equal(t, "the admin", b.user("head").Role, user.RoleADMIN)
}

func TestABaseOfNothingThatIsKnownIsRefused(t *testing.T) {
	d := dbtest.SQLite(t)
	from := made(t, `DROP TABLE goals; DROP TABLE templates; DROP TABLE leads_blacklist; DROP TABLE notifications; DROP TABLE leads; DROP TABLE distributors_info; DROP TABLE users`)
	if _, err := legacy.Run(system, from, on(t, d).Services, options(t)); err == nil || !strings.Contains(err.Error(), "none of the tables") {
		t.Errorf("got %v, want it refused", err)
	}
}

// TestWhatIsNotTakenAsPaidIsSaid: a sale that a later copy has in a month that was settled here would be paid twice by who believes that it was.
func TestWhatIsNotTakenAsPaidIsSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.run(made(t), options(t))
		later := made(t, `INSERT INTO leads (id, distributor_id, first_name, phone, status, created_at, updated_at, taken_at, sold_at, payout)
			VALUES (900, 1, 'Пётр', '89120000900', 'sale', '2026-01-11 10:00:00', '2026-01-20 10:00:00', '2026-01-11 12:00:00', '2026-01-20 10:00:00', 777)`)
		var said bytes.Buffer
		if err := b.run(later, options(t)).Write(&said); err != nil {
			t.Fatal(err)
		}
		if text := said.String(); !strings.Contains(text, "NOT taken as paid") || !strings.Contains(text, "2026-01 distributor_") || !strings.Contains(text, "777") {
			t.Errorf("got %s", text)
		}
	})
}
