package payoutsheet_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/payouts"
	"channelbook/reports/order"
	"channelbook/reports/payoutsheet"
	"channelbook/reports/reportstest"
)

// world is a company that sells.
type world struct {
	t            testing.TB
	db           *db.DB
	now          time.Time
	zone         *time.Location
	goals        *goals.Service
	leads        *leads.Service
	payouts      *payouts.Service
	system       context.Context
	admin, other context.Context
	source       context.Context
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func done(err error) {
	if err != nil {
		panic(err)
	}
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d, zone: must(time.LoadLocation("Europe/Moscow"))}
	now := func() time.Time { return w.now }
	w.goals = &goals.Service{DB: d, Now: now, TimeZone: w.zone, Log: dbtest.Log(t)}
	w.leads = &leads.Service{DB: d, Now: now, TimeZone: w.zone, Keys: dbtest.Keys(), Log: dbtest.Log(t)}
	w.payouts = &payouts.Service{DB: d, Now: now, TimeZone: w.zone, Leads: w.leads}
	w.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	w.at("2026-01-01T09:00:00Z")
	w.admin, w.other = w.administrator(), w.administrator()
	id := gid.New()
	must(d.LeadSource.Create().SetID(id).SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(false).
		SetDuplicateFields([]string{}).SetCreatedAt(w.now).SetUpdatedAt(w.now).Save(w.system))
	w.source = auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: id})
	return w
}

func (w *world) at(rfc3339 string) { w.now = dbtest.Clock(rfc3339)() }

func (w *world) administrator() context.Context {
	id := must(w.db.User.Create().SetLogin("u-" + gid.New().String()).SetPasswordHash("-").SetRole(user.RoleADMIN).
		SetCreatedAt(w.now).SetUpdatedAt(w.now).Save(w.system)).ID
	return auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: id})
}

func (w *world) distributor(name string, holding int) gid.ID {
	return must(w.db.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).SetHoldingDays(holding).
		SetCreatedAt(w.now).SetUpdatedAt(w.now).Save(w.system)).ID
}

func (w *world) lead(of gid.ID) gid.ID {
	return must(w.leads.Accept(w.source, leads.Submission{FirstName: "Анна", Email: strings.ToLower(gid.New().String()) + "@example.ru", DistributorID: gid.Distributor.Format(of)})).LeadID
}

func (w *world) sell(of gid.ID, payout int64, amount *int64) gid.ID {
	id := w.lead(of)
	must(w.payouts.RegisterSale(w.admin, leads.Sale{LeadID: id, Payout: &payout, SaleAmount: amount}))
	return id
}

func period(k calendar.Kind, startsOn string) calendar.Period {
	return must(calendar.ParsePeriod(k, must(calendar.ParseDate(startsOn))))
}

func (w *world) drawUp(of gid.ID, p calendar.Period) *ent.PayoutStatement {
	return must(w.payouts.DrawUp(w.admin, of, p))
}

func viewerOf(ctx context.Context) auth.Viewer {
	v, _ := auth.From(ctx)
	return v
}

func distributor(of gid.ID) auth.Viewer {
	return auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: of}
}

func (w *world) order(v auth.Viewer, p calendar.Period) *order.Order {
	return &order.Order{
		Parameters: order.Parameters{Period: &p}, Kind: "PAYOUTS", Format: order.XLSX, Viewer: v, AsOf: w.now, TimeZone: w.zone,
		Wrote: func(int) error { return nil }, Expect: func(int) {},
	}
}

// write makes the report in a transaction that sees one moment.
func (w *world) write(o *order.Order) ([]byte, error) {
	w.t.Helper()
	var out bytes.Buffer
	err := db.Snapshot(context.Background(), w.db, func(tx *db.Tx) error {
		o.Tx, o.Out = tx, &out
		return payoutsheet.Write(context.Background(), o)
	})
	return out.Bytes(), err
}

func (w *world) made(o *order.Order) []byte {
	w.t.Helper()
	file, err := w.write(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return file
}

var (
	february = period(calendar.Month, "2026-02-01")
	quarter  = period(calendar.Quarter, "2026-01-01")
)

// story: of Ромашка January was paid late, so that a line of January stands on February's statement, and one of February on
// March's; a sale of January was reversed in February, when January was closed. Василёк has a draft.
func (w *world) story() (roma, vasya gid.ID) {
	roma, vasya = w.distributor("Ромашка", 0), w.distributor("Василёк", 10)
	amount := int64(1_234_567_89)
	w.at("2026-01-20T09:00:00Z")
	back := w.sell(roma, 300_00, &amount)
	w.sell(roma, 1_000_01, nil)
	w.at("2026-02-01T09:00:00Z")
	must(w.goals.Close(w.admin, period(calendar.Month, "2026-01-01")))
	w.at("2026-02-05T09:00:00Z")
	w.sell(roma, 99_99, &amount)
	w.sell(vasya, 0, nil)
	w.sell(vasya, 500_00, &amount)
	must(w.payouts.ReverseSale(w.admin, back, "=возврат: Анна +7 912"))
	w.at("2026-02-27T09:00:00Z")
	w.sell(vasya, 70_00, nil) // is held to March
	w.at("2026-03-01T09:00:00Z")
	must(w.goals.Close(w.admin, february))
	first := w.drawUp(roma, february)
	must(w.payouts.Approve(w.other, first.ID, nil))
	day := must(calendar.ParseDate("2026-03-01"))
	must(w.payouts.MarkPaid(w.other, first.ID, &day, "ПП № 17"))
	w.drawUp(vasya, february)
	w.at("2026-03-20T09:00:00Z")
	w.sell(roma, 10_00, nil)
	w.sell(vasya, 5_00, nil)
	w.at("2026-04-02T12:34:56Z")
	must(w.goals.Close(w.admin, period(calendar.Month, "2026-03-01")))
	march := w.drawUp(vasya, period(calendar.Month, "2026-03-01")) // with what was held
	must(w.payouts.Approve(w.other, march.ID, nil))
	return roma, vasya
}

func TestPayouts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		roma, vasya := w.story()
		boss := viewerOf(w.admin)
		t.Run("an administrator gets a month with lines of other days and on other statements", func(t *testing.T) {
			reportstest.Golden(t, "admin.golden", shown(t, w.made(w.order(boss, february))))
		})
		t.Run("a distributor's user gets its own, and of a draft only lines on no statement", func(t *testing.T) {
			reportstest.Golden(t, "distributor.golden", shown(t, w.made(w.order(distributor(vasya), february))))
		})
		t.Run("a quarter has the statements of its months", func(t *testing.T) {
			reportstest.Golden(t, "quarter.golden", shown(t, w.made(w.order(boss, quarter))))
		})
		t.Run("a distributor that was asked for is alone", func(t *testing.T) {
			o := w.order(boss, quarter)
			o.DistributorID = &roma
			got, want := shown(t, w.made(o)), shown(t, w.made(w.order(distributor(roma), quarter)))
			if got != want || strings.Contains(got, "Василёк") {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
		t.Run("another's is empty to a distributor's user", func(t *testing.T) {
			o := w.order(distributor(vasya), quarter)
			o.DistributorID = &roma
			got := shown(t, w.made(o))
			for _, hidden := range []string{"Ромашка", "1000.01", "99.99", "ПП № 17", "lead_"} {
				if strings.Contains(got, hidden) {
					t.Errorf("it holds %s", hidden)
				}
			}
		})
		t.Run("rows are told as many as were expected", func(t *testing.T) {
			for _, v := range []auth.Viewer{boss, distributor(vasya)} {
				o := w.order(v, february)
				var expected, wrote int
				o.Expect, o.Wrote = func(n int) { expected = n }, func(n int) error { wrote = n; return nil }
				w.made(o)
				if expected == 0 || wrote != expected {
					t.Errorf("%s: wrote %d, want %d", v.Role, wrote, expected)
				}
			}
		})
		t.Run("one that is not wanted any more ends", func(t *testing.T) {
			o := w.order(boss, february)
			gone := fmt.Errorf("gone")
			o.Wrote = func(int) error { return gone }
			if _, err := w.write(o); !errors.Is(err, gone) {
				t.Errorf("got %v, want %v", err, gone)
			}
		})
		t.Run("whoever is neither gets none", func(t *testing.T) {
			if _, err := w.write(w.order(auth.Viewer{Role: auth.Source, SourceID: gid.New()}, february)); err == nil {
				t.Error("got a report, want a fault")
			}
		})
		t.Run("a lead that is another's now has no reference", func(t *testing.T) {
			done(d.Lead.Update().SetDistributorID(vasya).Exec(w.system))
			if got := shown(t, w.made(w.order(distributor(roma), quarter))); strings.Contains(got, "lead_") || !strings.Contains(got, "1000.01") {
				t.Errorf("got\n%s", got)
			}
		})
	})
}

// TestWhatDoesNotReconcileIsNoReport: a statement that says another sum than its lines.
func TestWhatDoesNotReconcileIsNoReport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.story()
		for name, spoil := range map[string]func(*ent.PayoutStatement) *ent.PayoutStatementUpdateOne{
			"a kopeck more": func(s *ent.PayoutStatement) *ent.PayoutStatementUpdateOne { return s.Update().SetTotal(s.Total + 1) },
			"a line too many": func(s *ent.PayoutStatement) *ent.PayoutStatementUpdateOne {
				return s.Update().SetEntryCount(s.EntryCount + 1)
			},
			"as it was, again": func(s *ent.PayoutStatement) *ent.PayoutStatementUpdateOne { return s.Update().SetTotal(s.Total) },
		} {
			t.Run(name, func(t *testing.T) {
				draft := must(d.PayoutStatement.Query().Where(payoutstatement.StatusEQ(payoutstatement.StatusDRAFT)).Only(w.system))
				done(spoil(draft).Exec(w.system))
				_, err := w.write(w.order(viewerOf(w.admin), february))
				if (err == nil) != (name == "as it was, again") {
					t.Errorf("got %v", err)
				}
				done(draft.Update().SetTotal(draft.Total).SetEntryCount(draft.EntryCount).Exec(w.system))
			})
		}
	})
}

// TestABatchTakesTheSameStatements: whatever the number of distributors and statements.
func TestABatchTakesTheSameStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.story()
		count := func() int {
			ctx, counter := db.CountStatements(context.Background())
			done(db.Snapshot(ctx, d, func(tx *db.Tx) error {
				o := w.order(viewerOf(w.admin), period(calendar.Year, "2026-01-01"))
				o.Tx, o.Out = tx, &bytes.Buffer{}
				return payoutsheet.Write(ctx, o)
			}))
			return counter.N()
		}
		before := count()
		april := period(calendar.Month, "2026-04-01")
		var all []gid.ID
		for i := range 5 {
			all = append(all, w.distributor(fmt.Sprintf("Д%d", i), 0))
			w.at("2026-04-03T09:00:00Z")
			w.sell(all[i], 10_00, nil)
		}
		w.at("2026-05-03T09:00:00Z")
		must(w.goals.Close(w.admin, april))
		for _, of := range all {
			w.drawUp(of, april)
		}
		if got := count(); got != before {
			t.Errorf("got %d statements, want %d", got, before)
		}
	})
}

// TestMoreLinesThanAreReadAtOnce: each comes once, in the order of days, and each further batch takes four statements at most.
func TestMoreLinesThanAreReadAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 3_300
		w := newWorld(t, d)
		w.fill(n)
		var out bytes.Buffer
		ctx, counter := db.CountStatements(context.Background())
		done(db.Snapshot(ctx, d, func(tx *db.Tx) error {
			o := w.order(viewerOf(w.admin), february)
			o.Tx, o.Out = tx, &out
			return payoutsheet.Write(ctx, o)
		}))
		book := opened(t, out.Bytes())
		for name, want := range map[string]int{"Строки": n * 9 / 10, "Не в ведомостях": n / 10} {
			got, last := 0, ""
			for y, row := range rows(book, name) {
				if y < 6 || row[0] == "Всего" {
					continue
				}
				if got++; row[0] < last {
					t.Errorf("%s: %s comes after %s", name, row[0], last)
				}
				last = row[0]
			}
			if got != want {
				t.Errorf("%s has %d rows, want %d", name, got, want)
			}
		}
		// Four for what is read first; of the lines on statements three batches, of the others one.
		if got, most := counter.N(), 4+4*(3+1); got > most {
			t.Errorf("got %d statements, want %d at most", got, most)
		}
	})
}
