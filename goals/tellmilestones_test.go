package goals_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent/goal"
	"channelbook/ent/goalmilestone"
	"channelbook/ent/notice"
	"channelbook/goals"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

func (p *plan) tell() int {
	p.t.Helper()
	must(p.Milestones(p.system))
	return must(p.TellMilestones(p.system))
}

func TestMilestonesAreToldAsTheyCome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, b := staffed(t, d)
		p.at("2026-09-01T09:00:00Z")
		september := month("2026-09")
		sales := p.set(target(a, september, goal.MetricSALE_COUNT, "10"))[0]
		money := p.set(target(b, september, goal.MetricPAYOUT, "2000"))[0]
		p.told()
		both := func(g gid.ID, users, title, line, cheer, company, admins string) []string {
			end := " | /goals " + gid.Goal.Format(g) + " → "
			return []string{
				"GOAL_MILESTONE " + title + " | " + line + " / " + cheer + end + users,
				"GOAL_MILESTONE " + company + ": " + admins + " | " + line + end + "boss chief",
			}
		}
		sell := func(n int) {
			for range n {
				p.sell(a, 1, 1)
			}
		}
		ofA := func(title, line, cheer, admins string) []string {
			return both(sales.ID, "anna boris", title, "Продажи, сентябрь 2026: "+line, cheer, "Ромашка", admins)
		}
		equal(t, "milestones at the beginning", p.tell(), 0)
		p.wantTold("at the beginning")
		sell(5)
		p.tell()
		p.wantTold("half", ofA("Половина цели позади", "5 из 10 (50 %)", "Так держать!", "половина цели позади")...)
		sell(4)
		p.tell()
		p.wantTold("nine tenths", ofA("До цели совсем немного", "9 из 10 (90 %)", "Ещё чуть-чуть!", "до цели совсем немного")...)
		sell(2)
		p.tell()
		p.wantTold("reached", ofA("Цель достигнута!", "11 из 10 (110 %)", "Поздравляем, отличная работа!", "цель достигнута")...)
		p.sell(b, 999_99, 1_000_00)
		p.at("2026-09-29T09:00:00Z")
		p.tell()
		p.wantTold("behind", both(money.ID, "vera", "Цель отстаёт от графика", "Выплаты, сентябрь 2026: 999,99 ₽ из 2 000,00 ₽ (49 %)",
			"К этому дню нужно больше: есть что наверстать.", "Василёк", "цель отстаёт от графика")...)
		p.sell(b, 1100_00, 1_000_00)
		equal(t, "half, nine tenths and all of a goal at once", p.tell(), 3)
		p.wantTold("only the farthest of them", both(money.ID, "vera", "Цель достигнута!", "Выплаты, сентябрь 2026: 2 099,99 ₽ из 2 000,00 ₽ (104 %)",
			"Поздравляем, отличная работа!", "Василёк", "цель достигнута")...)
		equal(t, "milestones once more", p.tell(), 0)
		p.wantTold("once more")
	})
}

func TestAGoalOfNothingIsReachedWithoutAShare(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, _ := staffed(t, d)
		p.set(target(a, month("2026-03"), goal.MetricPAYOUT, "0"))
		p.tell()
		if got := p.told(); !strings.Contains(got, "Цель достигнута! | Выплаты, март 2026: 0,00 ₽ из 0,00 ₽ / ") {
			t.Errorf("got %s, want no percentage", got)
		}
	})
}

func TestWhatIsLessThanNothingIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, _ := staffed(t, d)
		p.at("2026-02-10T09:00:00Z")
		back := p.sell(a, 1_234_00, 1_234_00)
		p.at("2026-03-10T09:00:00Z")
		must(p.Close(p.admin, month("2026-02")))
		must(p.payouts.ReverseSale(p.admin, back, "возврат"))
		p.set(target(a, month("2026-03"), goal.MetricPAYOUT, "5000"))
		p.tell()
		if got := p.told(); strings.Contains(got, "GOAL_MILESTONE") {
			t.Errorf("got %s, want nothing of what was set today", got)
		}
		p.at("2026-03-11T09:00:00Z")
		p.tell()
		if got := p.told(); !strings.Contains(got, "Цель отстаёт от графика | Выплаты, март 2026: −1 234,00 ₽ из 5 000,00 ₽ (−25 %) / ") {
			t.Errorf("got %s, want a sum below 0", got)
		}
	})
}

func TestOldMilestonesAreNoNews(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, b := staffed(t, d)
		march := month("2026-03")
		p.set(target(a, march, goal.MetricPAYOUT, "0"))
		must(p.Milestones(p.system))
		p.at("2026-03-10T09:00:01Z")
		rows := p.set(target(b, march, goal.MetricPAYOUT, "0"), target(b, march, goal.MetricLEAD_COUNT, "0"))
		must(p.Milestones(p.system))
		if err := p.Remove(p.admin, rows[1].ID, ""); err != nil {
			t.Fatal(err)
		}
		p.told()
		p.at("2026-03-12T09:00:01Z") // two days later, and a second more for the first
		equal(t, "milestones", must(p.TellMilestones(p.system)), 3)
		got := p.told()
		if strings.Count(got, "GOAL_MILESTONE") != 2 || strings.Contains(got, "anna") || !strings.Contains(got, "Василёк") {
			t.Errorf("was told %s, want those two days old, not the older ones nor those of a goal that was removed", got)
		}
		equal(t, "what waits", must(d.GoalMilestone.Query().Where(goalmilestone.ToldAtIsNil()).Count(p.system)), 0)
	})
}

// reach gives n distributors a goal that they have reached, and enqueues that.
func (p *plan) reach(n int) {
	p.t.Helper()
	var targets []goals.Target
	for i := range n {
		id := p.distributor(fmt.Sprint("№", i))
		p.person(fmt.Sprint("user", i), id)
		targets = append(targets, target(id, month("2026-03"), goal.MetricPAYOUT, "0"))
	}
	p.set(targets...)
	must(p.Milestones(p.system))
	p.told()
}

// wantEachOnce checks that each of n distributors' users, and administrators of each, were told once.
func (p *plan) wantEachOnce(n int) {
	p.t.Helper()
	got := p.told()
	equal(p.t, "notices", strings.Count(got, "GOAL_MILESTONE"), 2*n)
	for i := range n {
		equal(p.t, "notices to a distributor", strings.Count(got+"\n", fmt.Sprintf("→ user%d\n", i)), 1)
		equal(p.t, "notices to administrators", strings.Count(got, fmt.Sprintf("№%d: цель достигнута", i)), 1)
	}
	equal(p.t, "milestones that wait", must(p.DB.GoalMilestone.Query().Where(goalmilestone.ToldAtIsNil()).Count(p.system)), 0)
}

func TestTwoInstancesTellEachMilestoneOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		two := p.second()
		p.reach(40)
		told := make([]int, 16)
		atOnce(len(told), func(i int) { told[i] = must([]*plan{p, two}[i%2].TellMilestones(p.system)) })
		all := 0
		for _, n := range told {
			all += n
		}
		equal(t, "milestones that were told by somebody", all, 40)
		p.wantEachOnce(40)
	})
}

// TestManyMilestonesAreNotPartedInAGoal: of more than a transaction tells, those of a goal are told together, and so is the
// farthest alone.
func TestManyMilestonesAreNotPartedInAGoal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 170 // with three milestones each
		p := newPlan(t, d, "Europe/Moscow")
		p.reach(n)
		for _, m := range must(d.GoalMilestone.Query().All(p.system)) {
			for _, before := range []goalmilestone.Milestone{goalmilestone.MilestoneHALF, goalmilestone.MilestoneNINETY_PERCENT} {
				d.GoalMilestone.Create().SetGoalID(m.GoalID).SetDistributorID(m.DistributorID).SetMilestone(before).
					SetTarget(m.Target).SetActual(m.Actual).SetAt(m.At.Add(-time.Second)).ExecX(p.system)
			}
		}
		equal(t, "milestones that were told", must(p.TellMilestones(p.system)), 3*n)
		p.wantEachOnce(n)
	})
}

func TestTellingThatIsBrokenOffTellsOnceInTheEnd(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p := newPlan(t, d, "Europe/Moscow")
		two := p.second()
		p.reach(20)
		mend := p.breakNotices()
		atOnce(8, func(i int) {
			if _, err := []*plan{p, two}[i%2].TellMilestones(p.system); err == nil {
				t.Error("went well, want it broken off")
			}
		})
		equal(t, "milestones that wait", must(d.GoalMilestone.Query().Where(goalmilestone.ToldAtIsNil()).Count(p.system)), 20)
		equal(t, "notices", must(d.Notice.Query().Where(notice.KindEQ(notice.KindGOAL_MILESTONE)).Count(p.system)), 0)
		mend()
		atOnce(8, func(i int) { // some instances stop in the middle of it
			ctx, cancel := context.WithCancel(p.system)
			var stopping sync.WaitGroup
			if i > 1 {
				stopping.Go(cancel)
			}
			_, err := []*plan{p, two}[i%2].TellMilestones(ctx)
			if err != nil && ctx.Err() == nil {
				t.Error(err)
			}
			stopping.Wait()
			cancel()
		})
		p.wantEachOnce(20)
	})
}

// breakNotices makes the base refuse the notice of a milestone once some are written, until it is mended.
func (p *plan) breakNotices() (mend func()) {
	p.t.Helper()
	do := func(statements ...string) {
		for _, statement := range statements {
			if _, err := p.DB.ExecContext(p.system, statement); err != nil {
				p.t.Fatal(err)
			}
		}
	}
	if p.DB.Dialect() == dialect.SQLite {
		do("CREATE TRIGGER broken BEFORE INSERT ON notices WHEN NEW.title = '№19: цель достигнута' BEGIN SELECT RAISE(ABORT, 'broken off'); END")
		return func() { do("DROP TRIGGER broken") }
	}
	do("ALTER TABLE notices ADD CONSTRAINT broken CHECK (title <> '№19: цель достигнута')")
	return func() { do("ALTER TABLE notices DROP CONSTRAINT broken") }
}
