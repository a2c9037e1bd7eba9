package goals_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/goal"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/period"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// frozen are the facts of a closed period, by distributor.
func (p *plan) frozen(in calendar.Period) map[gid.ID]goals.Fact {
	p.t.Helper()
	places := must(p.Leaderboard(p.admin, in, goals.ByPayout, 100))
	out := map[gid.ID]goals.Fact{}
	for _, place := range places {
		out[place.Distributor] = place.Fact
	}
	return out
}

func TestWhatIsClosedDoesNotMove(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b, idle := p.distributor("А"), p.distributor("Б"), p.distributor("с целью")
		feb, march, quarter := month("2026-02"), month("2026-03"), whole(calendar.Quarter, "2026-01-01")
		p.at("2026-02-10T09:00:00Z")
		back := p.sell(a, 700, 9_000)
		p.sell(a, 50, 100)
		moved := p.lead(a)
		p.sell(b, 1, 1)
		p.at("2026-03-10T09:00:00Z")
		rows := p.set(target(a, feb, goal.MetricPAYOUT, "7.50"), target(a, feb, goal.MetricLEAD_COUNT, "4"), target(idle, feb, goal.MetricREVENUE, "1"),
			target(a, quarter, goal.MetricPAYOUT, "7.50"), target(a, march, goal.MetricPAYOUT, "1"))
		closed, err := p.Close(p.admin, feb)
		if err != nil || closed.Status != period.StatusCLOSED || closed.ClosedByID == nil || !closed.ClosedAt.Equal(p.Now()) {
			t.Fatalf("got %v, %v, want it closed", closed, err)
		}
		want := map[gid.ID]goals.Fact{
			a: {Payout: 750, Revenue: 9_100, SaleCount: 2, LeadCount: 3, Converted: 2}, b: {Payout: 1, Revenue: 1, SaleCount: 1, LeadCount: 1, Converted: 1}, idle: {},
		}
		must(p.payouts.ReverseSale(p.admin, back, "возврат"))
		must(p.leads.Reassign(p.admin, moved, &b, ""))
		for id, fact := range want {
			equal(t, "frozen", p.frozen(feb)[id], fact)
		}
		equal(t, "who is frozen", len(p.frozen(feb)), len(want))
		equal(t, "a goal that is closed", told(p.progress(rows[0])), "REACHED 100% →750 "+ofFebruary())
		equal(t, "a goal of leads that is closed", told(p.progress(rows[1])), "MISSED 75% →3 "+ofFebruary())
		equal(t, "a goal of nothing that is closed", told(p.progress(rows[2])), "MISSED 0% →0 "+ofFebruary())
		equal(t, "the quarter is open", p.progress(rows[3]).Actual, 50)
		equal(t, "the correction stands in March", p.progress(rows[4]).Actual, -700)
		line := must(d.LedgerEntry.Query().Where(ledgerentry.KindEQ(ledgerentry.KindREVERSAL)).Only(p.system))
		if !line.Correction || line.Day.String() != "2026-03-10" {
			t.Errorf("got %v, want a correction of the 10th of March", line)
		}
		equal(t, "audit", p.acts(), "GOALS_SET GOALS_SET PERIOD_CLOSED")
	})
}

func ofFebruary() string {
	feb := month("2026-02")
	got := told(goals.ProgressAt(feb, day("2026-03-01"), 1, 1))
	return got[len("REACHED 100% →1 "):]
}

func TestAClosedPeriodTakesNoSaleUntilItIsReopened(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a := p.distributor("А")
		p.at("2026-02-10T09:00:00Z")
		id := p.lead(a)
		p.at("2026-04-01T09:00:00Z")
		payout, on := int64(5), day("2026-02-11")
		sell := func() error {
			_, err := p.payouts.RegisterSale(p.admin, leads.Sale{LeadID: id, Payout: &payout, SoldOn: &on})
			return err
		}
		quarter := whole(calendar.Quarter, "2026-01-01")
		g := p.set(target(a, quarter, goal.MetricPAYOUT, "1"), target(a, month("2026-02"), goal.MetricPAYOUT, "1"))
		must(p.Close(p.admin, quarter))
		wantFaults(t, sell(), "PERIOD_CLOSED soldOn")
		equal(t, "a month of it is open", d.Goal.GetX(p.system, g[1].ID).ClosedAt == nil, true)
		reopened, err := p.Reopen(p.admin, quarter, " забыли продажу ")
		if err != nil || reopened.Status != period.StatusOPEN || reopened.ClosedAt != nil || reopened.ReopenReason != "забыли продажу" ||
			reopened.ReopenedByID == nil || reopened.ClosedByID != nil || !reopened.ReopenedAt.Equal(p.Now()) {
			t.Errorf("got %v, %v, want it open and who said so", reopened, err)
		}
		equal(t, "what was frozen", must(d.PeriodFact.Query().Count(p.system)), 0)
		if err := sell(); err != nil {
			t.Error(err)
		}
		equal(t, "it counts", told(p.progress(g[0]))[:len("MISSED 5% →5")], "MISSED 5% →5")
		must(p.Close(p.admin, quarter))
		equal(t, "closed anew", p.frozen(quarter)[a].Payout, 5)
		equal(t, "audit", p.acts(), "GOALS_SET PERIOD_CLOSED PERIOD_CLOSED PERIOD_REOPENED")
	})
}

func TestFaultsOfClosing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		feb := month("2026-02")
		close := func(in calendar.Period) error { _, err := p.Close(p.admin, in); return err }
		reopen := func(in calendar.Period, why string) error { _, err := p.Reopen(p.admin, in, why); return err }
		p.at("2026-02-28T21:00:59Z")
		wantFaults(t, close(feb), "PERIOD_NOT_OVER period")
		p.at("2026-02-28T21:01:00Z") // a minute into March in Moscow
		wantFaults(t, close(whole(calendar.Month, "2026-02-02")), "INVALID_PERIOD period.startsOn")
		wantFaults(t, reopen(feb, "зачем-то"), "NOT_CLOSED period")
		if err := close(feb); err != nil {
			t.Fatal(err)
		}
		wantFaults(t, close(feb), "ALREADY_CLOSED period")
		wantFaults(t, reopen(whole(calendar.Year, "2026-02-01"), " "), "INVALID_PERIOD period.startsOn", "REQUIRED reason")
		if err := reopen(feb, "затем"); err != nil {
			t.Fatal(err)
		}
		wantFaults(t, reopen(feb, "опять"), "NOT_CLOSED period")
		its := auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()})
		if _, err := p.Close(its, feb); !fault.Is(err, fault.Forbidden) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

// TestASaleIsFrozenOrRefused: while a period is being closed, each of its sales is either in what was frozen or refused.
func TestASaleIsFrozenOrRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		two := p.second()
		a, feb := p.distributor("А"), month("2026-02")
		p.at("2026-02-10T09:00:00Z")
		const sales = 60
		ids := make([]gid.ID, sales)
		for i := range ids {
			ids[i] = p.lead(a)
		}
		p.at("2026-03-10T09:00:00Z")
		on := day("2026-02-20")
		var sold, refused, tried atomic.Int64
		const workers = 10
		sell := func(at *plan, i int) {
			payout := int64(1) << (i % 30)
			_, err := at.payouts.RegisterSale(p.admin, leads.Sale{LeadID: ids[i], Payout: &payout, SoldOn: &on})
			tried.Add(1)
			switch {
			case err == nil:
				sold.Add(payout)
			case fault.HasCode(err, "PERIOD_CLOSED"):
				refused.Add(1)
			default:
				t.Error(err)
			}
		}
		closed, once := make(chan struct{}), sync.Once{}
		atOnce(workers+2, func(i int) {
			at := []*plan{p, two}[i%2]
			if i < workers {
				for n := i; n < sales; n += workers {
					if n+workers >= sales {
						<-closed // the last one of each comes too late
					}
					sell(at, n)
				}
				return
			}
			for tried.Load() < sales/4 {
				time.Sleep(100 * time.Microsecond)
			}
			defer once.Do(func() { close(closed) })
			if _, err := at.Close(p.admin, feb); err != nil && !fault.HasCode(err, "ALREADY_CLOSED") {
				t.Error(err)
			}
		})
		equal(t, "frozen", p.frozen(feb)[a].Payout, sold.Load())
		if n := refused.Load(); n == 0 || n == sales {
			t.Errorf("got %d of %d sales refused, want it to be closed in the middle of them", n, sales)
		}
		must(p.Reopen(p.admin, feb, "ещё"))
		for _, id := range ids {
			if must(d.Lead.Get(p.system, id)).SoldOn.Known() == nil {
				payout := int64(1)
				must(p.payouts.RegisterSale(p.admin, leads.Sale{LeadID: id, Payout: &payout, SoldOn: &on}))
			}
		}
		must(p.Close(p.admin, feb))
		equal(t, "sales after it was reopened", p.frozen(feb)[a].SaleCount, sales)
	})
}

func TestLeaderboard(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		a, b, c, idle := p.distributor("А"), p.distributor("Б"), p.distributor("В"), p.distributor("с целью")
		p.distributor("ни при чём")
		march := month("2026-03")
		p.sell(a, 10, 1)
		p.sell(b, 10, 3)
		p.lead(b)
		p.sell(c, 5, 2)
		p.set(target(idle, march, goal.MetricPAYOUT, "1"))
		for by, want := range map[goals.LeaderboardMetric]map[gid.ID]int{
			goals.ByPayout:     {a: 1, b: 1, c: 3, idle: 4},
			goals.ByRevenue:    {b: 1, c: 2, a: 3, idle: 4},
			goals.BySaleCount:  {a: 1, b: 1, c: 1, idle: 4},
			goals.ByLeadCount:  {b: 1, a: 2, c: 2, idle: 4},
			goals.ByConversion: {a: 1, c: 1, b: 3, idle: 4},
		} {
			places := must(p.Leaderboard(p.admin, march, by, 100))
			equal(t, string(by), len(places), len(want))
			for _, place := range places {
				equal(t, string(by), place.Rank, want[place.Distributor])
			}
		}
		equal(t, "the first two", len(must(p.Leaderboard(p.admin, march, goals.ByPayout, 2))), 2)
		_, err := p.Leaderboard(p.admin, march, goals.ByPayout, 1001)
		wantFaults(t, err, "INVALID first")
	})
}
