package goals_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/notice"
	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// staffed is a plan with people: anna and boris of the first company and one who may not sign in any more, vera of the
// second, and chief, another administrator than boss.
func staffed(t *testing.T, d *db.DB) (p *plan, first, second gid.ID) {
	t.Helper()
	p = newPlan(t, d, "Europe/Moscow")
	first, second = p.distributor("Ромашка"), p.distributor("Василёк")
	p.person("anna", first)
	p.person("boris", first)
	p.person("vera", second)
	p.person("chief", gid.ID{})
	for _, id := range []gid.ID{p.person("dora", first), p.person("egor", gid.ID{})} {
		if err := d.User.UpdateOneID(id).SetDisabledAt(p.Now()).Exec(p.system); err != nil {
			t.Fatal(err)
		}
	}
	return p, first, second
}

// person is of a distributor, or an administrator.
func (p *plan) person(login string, of gid.ID) gid.ID {
	p.t.Helper()
	create := p.DB.User.Create().SetLogin(login).SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(p.Now()).SetUpdatedAt(p.Now())
	if !of.IsZero() {
		create.SetRole(user.RoleDISTRIBUTOR).SetDistributorID(of)
	}
	return must(create.Save(p.system)).ID
}

// told are all that people were told since the last call, one each: kind, title, text, link and object, and who.
func (p *plan) told() string {
	p.t.Helper()
	must((&notify.Service{DB: p.DB, Now: p.Now, Log: p.Log}).Settle(p.system))
	logins := map[gid.ID]string{}
	for _, u := range must(p.DB.User.Query().All(p.system)) {
		logins[u.ID] = u.Login
	}
	// Leads and sales, which the tests make goals come about by, have tests of their own.
	about := notice.KindIn(notice.KindGOAL_SET, notice.KindGOAL_REMOVED, notice.KindGOAL_MILESTONE, notice.KindPERIOD_CLOSED, notice.KindPERIOD_REOPENED)
	rows := must(p.DB.Notice.Query().Where(notice.PlaceGT(p.heard), about).Order(ent.Asc(notice.FieldPlace)).WithNotifications().All(p.system))
	all := make([]string, len(rows))
	for i, n := range rows {
		p.heard = *n.Place
		var who []string
		for _, one := range n.Edges.Notifications {
			who = append(who, logins[one.UserID])
		}
		slices.Sort(who)
		all[i] = fmt.Sprintf("%s %s | %s | %s %s → %s", n.Kind, n.Title, strings.ReplaceAll(n.Text, "\n", " / "), n.URL, n.Object, strings.Join(who, " "))
	}
	return strings.ReplaceAll(strings.Join(all, "\n"), "\u00a0", " ")
}

// wantTold checks all that was told since it was last looked.
func (p *plan) wantTold(what string, want ...string) {
	p.t.Helper()
	if got := p.told(); got != strings.Join(want, "\n") {
		p.t.Errorf("%s: was told\n%s\nwant\n%s", what, got, strings.Join(want, "\n"))
	}
}

func TestADistributorIsToldOfItsGoals(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, b := staffed(t, d)
		march, april := month("2026-03"), month("2026-04")
		one := p.set(target(a, march, goal.MetricPAYOUT, "12345.60"))[0]
		object := gid.Goal.Format(one.ID)
		p.wantTold("one new goal", "GOAL_SET Новая цель на март 2026 | Выплаты, март 2026: 12 345,60 ₽ | /goals "+object+" → anna boris")
		p.set(target(a, march, goal.MetricPAYOUT, "12345.60"))
		p.wantTold("the same target again")
		p.set(target(a, march, goal.MetricPAYOUT, "1000"))
		p.wantTold("another target", "GOAL_SET Изменена цель на март 2026 | Выплаты, март 2026: 1 000,00 ₽ (было 12 345,60 ₽) | /goals "+object+" → anna boris")
		rows := p.set(target(a, march, goal.MetricPAYOUT, "1000"), target(b, march, goal.MetricLEAD_COUNT, "1200"), target(a, march, goal.MetricSALE_COUNT, "7"),
			target(a, whole(calendar.Quarter, "2026-01-01"), goal.MetricREVENUE, "0.05"))
		p.wantTold("goals of two, one as it was",
			"GOAL_SET Новая цель на март 2026 | Лиды, март 2026: 1 200 | /goals "+gid.Goal.Format(rows[1].ID)+" → vera",
			"GOAL_SET Новые цели | Продажи, март 2026: 7 / Выручка, I квартал 2026: 0,05 ₽ | /goals  → anna boris")
		p.set(target(a, march, goal.MetricPAYOUT, "2"), target(a, march, goal.MetricLEAD_COUNT, "2"))
		p.wantTold("one changed and one new",
			"GOAL_SET Обновлены цели на март 2026 | Выплаты, март 2026: 2,00 ₽ (было 1 000,00 ₽) / Лиды, март 2026: 2 | /goals  → anna boris")
		must2(p.Copy(p.admin, goals.Copying{From: march, To: april, DistributorIDs: []gid.ID{b}}))
		copied := must(d.Goal.Query().Where(goal.StartsOn(&april.StartsOn)).Only(p.system))
		p.wantTold("copied", "GOAL_SET Новая цель на апрель 2026 | Лиды, апрель 2026: 1 200 | /goals "+gid.Goal.Format(copied.ID)+" → vera")
		must2(p.Copy(p.admin, goals.Copying{From: march, To: april, DistributorIDs: []gid.ID{b}, Replace: true}))
		p.wantTold("copied again, and nothing changed")
		if err := p.Remove(p.admin, one.ID, "ошибка"); err != nil {
			t.Fatal(err)
		}
		p.wantTold("removed", "GOAL_REMOVED Цель на март 2026 снята | Выплаты, март 2026: 2,00 ₽ | /goals "+object+" → anna boris")
	})
}

func must2[A, B any](_ A, _ B, err error) {
	if err != nil {
		panic(err)
	}
}

func TestALongListOfGoalsIsCut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, _ := staffed(t, d)
		var targets []goals.Target
		for i := range 12 {
			targets = append(targets, target(a, month(fmt.Sprintf("2027-%02d", i+1)), goal.MetricSALE_COUNT, "1"))
		}
		p.set(targets[:10]...)
		if got := p.told(); strings.Contains(got, "ещё") || !strings.Contains(got, "октябрь 2027: 1 |") {
			t.Errorf("ten goals: got %s, want all of them", got)
		}
		for i := range targets {
			targets[i].Target = targets[i].Target.Add(targets[i].Target)
		}
		p.set(targets...)
		if got := p.told(); !strings.Contains(got, "октябрь 2027: 2 (было 1) / и ещё 2 |") || strings.Contains(got, "ноябрь") {
			t.Errorf("twelve goals: got %s, want ten and how many more", got)
		}
	})
}

func TestARollOverIsToldAsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, b := staffed(t, d)
		p.roll()
		p.set(target(a, month("2026-03"), goal.MetricPAYOUT, "1"), target(a, month("2026-03"), goal.MetricLEAD_COUNT, "2"), target(b, month("2026-03"), goal.MetricPAYOUT, "3"))
		p.told()
		p.at("2026-04-01T09:00:00Z")
		two := p.second()
		atOnce(8, func(i int) { must([]*plan{p, two}[i%2].RollOver(p.system)) })
		april := month("2026-04")
		rolled := must(d.Goal.Query().Where(goal.StartsOn(&april.StartsOn), goal.DistributorID(b)).Only(p.system))
		p.wantTold("on the first of the month",
			"GOAL_SET Цели на апрель 2026 | Перенесены с предыдущего месяца: / Выплаты, апрель 2026: 1,00 ₽ / Лиды, апрель 2026: 2 | /goals  → anna boris",
			"GOAL_SET Цель на апрель 2026 | Перенесена с предыдущего месяца: / Выплаты, апрель 2026: 3,00 ₽ | /goals "+gid.Goal.Format(rolled.ID)+" → vera")
		p.roll()
		p.wantTold("once more")
	})
}

func TestEverybodyElseIsToldOfAPeriod(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, _, _ := staffed(t, d)
		feb := month("2026-02")
		must(p.Close(p.admin, feb))
		p.wantTold("closed by boss", "PERIOD_CLOSED Период закрыт: февраль 2026 | Итоги за февраль 2026 подведены и больше не меняются. | /periods  → anna boris chief vera")
		must(p.Reopen(p.admin, feb, "забыли продажу"))
		reopened := "PERIOD_REOPENED Период снова открыт: февраль 2026 | Итоги за февраль 2026 ещё могут измениться, пока период не закроют снова. | /periods  → anna boris "
		p.wantTold("opened by boss, without the reason", reopened+"chief vera")
		nobody := auth.AsSystem(t.Context(), "test")
		must(p.Close(nobody, feb))
		p.wantTold("closed by nobody", "PERIOD_CLOSED Период закрыт: февраль 2026 | Итоги за февраль 2026 подведены и больше не меняются. | /periods  → anna boris boss chief vera")
		must(p.Reopen(nobody, feb, "забыли ещё одну"))
		p.wantTold("opened by nobody", reopened+"boss chief vera")
	})
}

func TestNothingIsToldOfWhatFailed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		p, a, _ := staffed(t, d)
		feb, march, april := month("2026-02"), month("2026-03"), month("2026-04")
		frozen := p.set(target(a, feb, goal.MetricPAYOUT, "1"))[0]
		must(p.Close(p.admin, feb))
		p.told()
		worker := auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: a})
		for what, fails := range map[string]func() error{
			"one target of two is wrong": func() error {
				_, err := p.Set(p.admin, []goals.Target{target(a, march, goal.MetricPAYOUT, "5"), target(a, feb, goal.MetricPAYOUT, "5")}, "")
				return err
			},
			"a distributor sets a target": func() error {
				_, err := p.Set(worker, []goals.Target{target(a, march, goal.MetricPAYOUT, "5")}, "")
				return err
			},
			"copied into a closed month": func() error {
				_, _, err := p.Copy(p.admin, goals.Copying{From: feb, To: feb})
				return err
			},
			"nothing to copy":             func() error { _, _, err := p.Copy(p.admin, goals.Copying{From: march, To: april}); return err },
			"a goal that is closed":       func() error { return p.Remove(p.admin, frozen.ID, "") },
			"a goal that is not there":    func() error { return p.Remove(p.admin, gid.New(), "") },
			"closed already":              func() error { _, err := p.Close(p.admin, feb); return err },
			"a period that is not over":   func() error { _, err := p.Close(p.admin, march); return err },
			"opened without a reason":     func() error { _, err := p.Reopen(p.admin, feb, ""); return err },
			"opened and was never closed": func() error { _, err := p.Reopen(p.admin, march, "надо"); return err },
			"closed by a distributor":     func() error { _, err := p.Close(worker, month("2026-01")); return err },
		} {
			if err := fails(); err == nil {
				t.Errorf("%s: went well, want it to fail", what)
			}
			p.wantTold(what)
		}
	})
}
