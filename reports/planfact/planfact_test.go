package planfact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"channelbook/ent/goal"
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
	"channelbook/reports/planfact"
	"channelbook/reports/reportstest"
)

// world is a company whose first quarter is told: January is closed, and something of it was reversed since; it is the 11th of
// March.
type world struct {
	t                  testing.TB
	db                 *db.DB
	now                time.Time
	goals              *goals.Service
	leads              *leads.Service
	payouts            *payouts.Service
	system, admin      context.Context
	source             context.Context
	roma, vasya, empty gid.ID
	many               []gid.ID
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newWorld(t testing.TB, d *db.DB) *world {
	t.Helper()
	w := &world{t: t, db: d}
	moscow := must(time.LoadLocation("Europe/Moscow"))
	now := func() time.Time { return w.now }
	w.goals = &goals.Service{DB: d, Now: now, TimeZone: moscow, Log: dbtest.Log(t)}
	w.leads = &leads.Service{DB: d, Now: now, TimeZone: moscow, Keys: dbtest.Keys(), Log: dbtest.Log(t)}
	w.payouts = &payouts.Service{DB: d, Now: now, TimeZone: moscow, Leads: w.leads}
	w.system = db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test")
	w.at("2026-01-10T09:00:00Z")
	boss := must(d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(w.now).SetUpdatedAt(w.now).Save(w.system))
	w.admin = auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: boss.ID})
	id := gid.New()
	must(d.LeadSource.Create().SetID(id).SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(false).
		SetDuplicateFields([]string{}).SetCreatedAt(w.now).SetUpdatedAt(w.now).Save(w.system))
	w.source = auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: id})
	w.roma, w.vasya, w.empty = w.distributor("Ромашка"), w.distributor("Василёк"), w.distributor("Пустоцвет")
	return w
}

func (w *world) at(rfc3339 string) { w.now = dbtest.Clock(rfc3339)() }

func (w *world) distributor(name string) gid.ID {
	return must(w.db.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).SetCreatedAt(w.now).SetUpdatedAt(w.now).Save(w.system)).ID
}

func (w *world) lead(of gid.ID) gid.ID {
	return must(w.leads.Accept(w.source, leads.Submission{FirstName: "Анна", Email: strings.ToLower(gid.New().String()) + "@example.ru", DistributorID: gid.Distributor.Format(of)})).LeadID
}

func (w *world) sell(of gid.ID, payout, amount int64) gid.ID {
	id := w.lead(of)
	must(w.payouts.RegisterSale(w.admin, leads.Sale{LeadID: id, Payout: &payout, SaleAmount: &amount}))
	return id
}

func month(text string) calendar.Period {
	return must(calendar.ParsePeriod(calendar.Month, must(calendar.ParseDate(text+"-01"))))
}

func (w *world) target(of gid.ID, in string, m goal.Metric, amount string) {
	must(w.goals.Set(w.admin, []goals.Target{{DistributorID: of, Period: month(in), Metric: m, Target: decimal.RequireFromString(amount)}}, ""))
}

// story is what happened by the 11th of March.
func (w *world) story() {
	for in, amount := range map[string]string{"2026-01": "100000.01", "2026-02": "1000", "2026-03": "50000", "2026-04": "70000"} {
		w.target(w.roma, in, goal.MetricPAYOUT, amount)
	}
	w.target(w.roma, "2026-01", goal.MetricSALE_COUNT, "3")
	w.target(w.roma, "2026-02", goal.MetricLEAD_COUNT, "1")
	w.target(w.roma, "2026-03", goal.MetricREVENUE, "900000")
	w.target(w.roma, "2026-03", goal.MetricLEAD_COUNT, "0")
	must(w.goals.Set(w.admin, []goals.Target{{DistributorID: w.roma, Period: calendar.Period{Kind: calendar.Quarter, StartsOn: month("2026-01").StartsOn},
		Metric: goal.MetricPAYOUT, Target: decimal.NewFromInt(999)}}, ""))
	w.at("2026-01-20T09:00:00Z")
	back := w.sell(w.roma, 99_999_99, 1_234_567_89)
	w.sell(w.vasya, 10_00, 100_00) // without any goal
	w.at("2026-02-10T09:00:00Z")
	w.sell(w.roma, 1_000_00, 20_000_00)
	must(w.goals.Close(w.admin, month("2026-01")))
	w.at("2026-03-02T09:00:00Z")
	must(w.payouts.ReverseSale(w.admin, back, "возврат"))
	w.at("2026-03-05T09:00:00Z")
	w.sell(w.roma, 120_000_00, 500_000_00)
	w.lead(w.vasya)
	w.at("2026-03-11T12:34:56Z")
}

func (w *world) viewer(of gid.ID) auth.Viewer {
	return auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: of}
}

func (w *world) boss() auth.Viewer {
	v, _ := auth.From(w.admin)
	return v
}

// order is one for the first four months.
func (w *world) order(v auth.Viewer) *order.Order {
	return &order.Order{
		Parameters: order.Parameters{From: date("2026-01-15"), To: date("2026-04-02")}, Kind: "PLAN_FACT", Format: order.XLSX, Viewer: v, AsOf: w.now, TimeZone: w.goals.TimeZone,
		Wrote: func(int) error { return nil }, Expect: func(int) {},
	}
}

// year is an order for the whole of 2026.
func (w *world) year() *order.Order {
	o := w.order(w.boss())
	o.From, o.To = date("2026-01-01"), date("2027-01-01")
	return o
}

// write makes the report in a transaction that sees one moment.
func (w *world) write(o *order.Order) ([]byte, error) {
	w.t.Helper()
	var out bytes.Buffer
	err := db.Snapshot(context.Background(), w.db, func(tx *db.Tx) error {
		o.Tx, o.Out = tx, &out
		return planfact.Write(context.Background(), o)
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

func TestPlanAndFact(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.story()
		t.Run("an administrator gets everybody with a goal or a fact, and what they come to", func(t *testing.T) {
			reportstest.Golden(t, "admin.golden", shown(t, w.made(w.order(w.boss()))))
		})
		t.Run("a distributor's user gets its own row, and nothing of others", func(t *testing.T) {
			reportstest.Golden(t, "distributor.golden", shown(t, w.made(w.order(w.viewer(w.roma)))))
		})
		t.Run("its own report is what an administrator gets for it", func(t *testing.T) {
			o := w.order(w.boss())
			o.DistributorID = &w.roma
			if got, want := shown(t, w.made(o)), shown(t, w.made(w.order(w.viewer(w.roma)))); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
		t.Run("another's is empty to a distributor's user", func(t *testing.T) {
			o := w.order(w.viewer(w.vasya))
			o.DistributorID = &w.roma
			got := shown(t, w.made(o))
			for _, hidden := range []string{"Ромашка", "99999.99", "120000"} {
				if strings.Contains(got, hidden) {
					t.Errorf("it holds %s", hidden)
				}
			}
		})
		t.Run("one without a goal or a fact has a row where it was asked for", func(t *testing.T) {
			o := w.order(w.boss())
			o.DistributorID = &w.empty
			if got := shown(t, w.made(o)); !strings.Contains(got, `"Пустоцвет"`) {
				t.Errorf("got\n%s", got)
			}
		})
		t.Run("rows are told as many as were expected", func(t *testing.T) {
			o := w.order(w.boss())
			var expected, wrote int
			o.Expect, o.Wrote = func(n int) { expected = n }, func(n int) error { wrote = n; return nil }
			w.made(o)
			if expected == 0 || wrote != expected {
				t.Errorf("wrote %d, want %d", wrote, expected)
			}
		})
		t.Run("one that is not wanted any more ends", func(t *testing.T) {
			o := w.order(w.boss())
			gone := fmt.Errorf("gone")
			o.Wrote = func(int) error { return gone }
			if _, err := w.write(o); !errors.Is(err, gone) {
				t.Errorf("got %v, want %v", err, gone)
			}
		})
		t.Run("whoever is neither gets none", func(t *testing.T) {
			if _, err := w.write(w.order(auth.Viewer{Role: auth.Source, SourceID: gid.New()})); err == nil {
				t.Error("got a report, want a fault")
			}
		})
	})
}

// TestTheDashboardSaysTheSame: each goal's fact, share and standing are those of goals.Progress.
func TestTheDashboardSaysTheSame(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.story()
		rows := must(d.Goal.Query().Where(goal.PeriodKindEQ(goal.PeriodKindMONTH), goal.StartsOnLTE(date("2026-03-01"))).All(w.admin))
		progress := must(w.goals.Progress(w.admin, rows))
		list := opened(t, w.made(w.order(w.boss())))
		words := map[goals.Standing]string{goals.Reached: "Выполнен", goals.Ahead: "С опережением", goals.OnTrack: "По графику", goals.Behind: "Отстаёт", goals.Missed: "Не выполнен"}
		names := map[goal.Metric]string{goal.MetricPAYOUT: "Выплаты, ₽", goal.MetricREVENUE: "Выручка, ₽", goal.MetricSALE_COUNT: "Продажи, шт.", goal.MetricLEAD_COUNT: "Лиды, шт."}
		got := map[string]bool{}
		for _, row := range must(list.GetRows("Список")) {
			if len(row) == 8 {
				got[row[1]+" "+row[2]+" "+strings.ReplaceAll(row[4], ",", "")+" "+row[7]] = row[0] == "Ромашка"
			}
		}
		for _, g := range rows {
			p := progress[g.ID]
			value := goals.Unit(g.Metric, p.Actual)
			digits := int32(0)
			if strings.HasSuffix(names[g.Metric], "₽") {
				digits = 2
			}
			want := fmt.Sprintf("%s %s %s %s", g.StartsOn.Start(time.UTC).Format("02.01.2006"), names[g.Metric], value.StringFixed(digits), words[p.Standing])
			if !got[want] {
				t.Errorf("no row says %q; they say %v", want, got)
			}
		}
	})
}

func TestItTakesTheSameStatementsWhateverTheSize(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWorld(t, d)
		w.story()
		count := func() int {
			ctx, counter := db.CountStatements(context.Background())
			err := db.Snapshot(ctx, d, func(tx *db.Tx) error {
				o := w.order(w.boss())
				o.Tx, o.Out = tx, &bytes.Buffer{}
				return planfact.Write(ctx, o)
			})
			if err != nil {
				t.Fatal(err)
			}
			return counter.N()
		}
		before := count()
		for i := range 20 {
			of := w.distributor(fmt.Sprintf("Д%d", i))
			w.target(of, "2026-03", goal.MetricPAYOUT, "10")
		}
		if got := count(); got != before || got > 8 {
			t.Errorf("got %d statements, want %d", got, before)
		}
	})
}
