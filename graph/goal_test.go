package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/graph/model"
	"channelbook/internal/calendar"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// goal sets one, in the metric's unit.
func (h *house) goal(of gid.ID, k calendar.Kind, startsOn string, m goal.Metric, target int64) gid.ID {
	h.t.Helper()
	day, err := calendar.ParseDate(startsOn)
	if err != nil {
		h.t.Fatal(err)
	}
	rows, err := h.goals.Set(h.system(), []goals.Target{{DistributorID: of, Period: calendar.Period{Kind: k, StartsOn: day}, Metric: m, Target: decimal.New(target, 0)}}, "canary reason")
	if err != nil {
		h.t.Fatal(err)
	}
	return rows[0].ID
}

// closed closes October, for a reason that only administrators know.
func (h *house) closed() {
	h.t.Helper()
	if _, err := h.goals.Close(h.system(), calendar.Period{Kind: calendar.Month, StartsOn: october(h.t)}); err != nil {
		h.t.Fatal(err)
	}
}

// october is the first day of the last month.
func october(t testing.TB) calendar.Date {
	t.Helper()
	day, err := calendar.ParseDate("2026-10-01")
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// goalsOfEveryKind leaves a row in each table of goals: a goal that is open, which it returns, and one that is closed.
func (h *house) goalsOfEveryKind(of gid.ID) gid.ID {
	h.t.Helper()
	h.nothingClosed()
	id := h.goal(of, calendar.Month, "2026-11-01", goal.MetricLEAD_COUNT, 0)
	h.goal(of, calendar.Month, "2026-10-01", goal.MetricPAYOUT, 5)
	if _, err := h.goals.RollOver(h.system()); err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.goals.Milestones(h.system()); err != nil {
		h.t.Fatal(err)
	}
	h.closed()
	return id
}

// TestTheDashboardTakesFiveStatements: of a full page of distributors, each with leads, goals of every kind and metric, and
// their progress.
func TestTheDashboardTakesFiveStatements(t *testing.T) {
	dashboard := clientOperations(t)["DistributorDashboard"]
	each(t, func(t *testing.T, h *house) {
		admin, ids := filled(h, 100, 2)
		var targets []goals.Target
		for _, id := range ids {
			for _, k := range calendar.Kinds {
				for _, m := range []goal.Metric{goal.MetricPAYOUT, goal.MetricREVENUE, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT} {
					period := calendar.PeriodOf(k, calendar.DateOf(h.now(), h.goals.TimeZone))
					targets = append(targets, goals.Target{DistributorID: id, Period: period, Metric: m, Target: decimal.New(10, 0)})
				}
			}
		}
		for len(targets) > 0 {
			n := min(500, len(targets))
			if _, err := h.goals.Set(h.system(), targets[:n], ""); err != nil {
				t.Fatal(err)
			}
			targets = targets[n:]
		}
		got, statements := h.statements(t, admin, dashboard, vars{"first": 100, "leads": 5, "from": "2026-10-01", "to": "2026-12-01"})
		if len(statements) > 5 {
			t.Errorf("got %d statements, want at most 5:\n%s", len(statements), strings.Join(statements, "\n"))
		}
		last, _ := got.at("distributors", "edges", 99, "node", "goals").([]any)
		if len(last) != 12 || got.at("distributors", "edges", 99, "node", "goals", 3, "progress", "actual") != "2" {
			t.Errorf("got %v, want 12 goals, the one of this month's leads at 2", last)
		}
	})
}

// TestTooLongASpanHasItsCode: the one that other spans have.
func TestTooLongASpanHasItsCode(t *testing.T) {
	from, to := october(t), october(t).AddMonths(25)
	if _, err := (&model.Reader{}).Periods(t.Context(), model.PeriodKindMonth, from, to); !fault.HasCode(err, "DATE_RANGE_TOO_LONG") {
		t.Errorf("got %v, want DATE_RANGE_TOO_LONG", err)
	}
}

func TestTheDashboardIsWithinTheCost(t *testing.T) {
	dashboard := clientOperations(t)["DistributorDashboard"]
	h := open(t, dbtest.SQLite(t))
	admin := h.admin("boss")
	cost := func(v vars) float64 {
		got := h.ask(admin, dashboard, v)
		requested, _ := got.costOf(t)
		return requested
	}
	quarter := cost(vars{"first": 20, "leads": 10, "from": "2026-09-01", "to": "2026-12-01"})
	year := cost(vars{"first": 20, "leads": 10, "from": "2026-01-01", "to": "2027-01-01"})
	forever := cost(vars{"first": 20, "leads": 10, "from": "1900-01-01", "to": "9999-12-31"})
	if quarter >= year || year > 25_000 || forever <= year || forever > 50_000 {
		t.Errorf("got %.0f for three months, %.0f for twelve, %.0f for ever, want each dearer and room for more", quarter, year, forever)
	}
	full := h.ask(admin, dashboard, vars{"first": 100, "leads": 5, "from": "2026-01-01", "to": "2027-01-01"})
	if requested, limit := full.costOf(t); full.code() != "" || requested > limit {
		t.Errorf("a full page of a year: got %q at %.0f, want it answered within %.0f", full.code(), requested, limit)
	}
}

func TestGoalsOfADistributorStandInTheirOrder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		roma := h.worker("roma", company)
		h.goal(h.distributor("Другие"), calendar.Month, "2026-10-01", goal.MetricPAYOUT, 1)
		h.goal(company, calendar.Year, "2026-01-01", goal.MetricPAYOUT, 1)
		h.goal(company, calendar.Quarter, "2026-10-01", goal.MetricPAYOUT, 1)
		h.goal(company, calendar.Month, "2026-10-01", goal.MetricLEAD_COUNT, 1)
		h.goal(company, calendar.Month, "2026-10-01", goal.MetricREVENUE, 1)
		h.goal(company, calendar.Month, "2026-09-01", goal.MetricPAYOUT, 1)
		h.goal(company, calendar.Month, "2026-11-01", goal.MetricPAYOUT, 1)
		h.closed()
		got := h.must(roma, `{ viewer { distributor { goals(from: "2026-10-31", to: "2026-11-01") { metric target period { kind startsOn endsOn status } changes { totalCount } } } } }`, nil)
		list, _ := got.at("viewer", "distributor", "goals").([]any)
		var texts []string
		for _, g := range list {
			g := g.(map[string]any)
			p := g["period"].(map[string]any)
			texts = append(texts, fmt.Sprint(p["kind"], " ", p["startsOn"], "..", p["endsOn"], " ", p["status"], " ", g["metric"], " ", g["target"], " ", g["changes"]))
		}
		want := "YEAR 2026-01-01..2026-12-31 OPEN PAYOUT 1.00 <nil>, MONTH 2026-10-01..2026-10-31 CLOSED REVENUE 1.00 <nil>, " +
			"MONTH 2026-10-01..2026-10-31 CLOSED LEAD_COUNT 1 <nil>, QUARTER 2026-10-01..2026-12-31 OPEN PAYOUT 1.00 <nil>"
		if got := strings.Join(texts, ", "); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
		for name, query := range map[string]string{
			"goals of a distributor": `{ viewer { distributor { goals(from: "2024-10-31", to: "2026-11-01") { id } } } }`,
			"goals":                  `{ goals(from: "2024-10-31", to: "2026-11-01") { totalCount } }`,
			"periods":                `{ periods(kind: MONTH, from: "2024-10-31", to: "2026-11-01") { kind } }`,
		} {
			if got := h.ask(roma, query, nil); got.code() != "BAD_REQUEST" {
				t.Errorf("%s of more than 24 months: got %s, want BAD_REQUEST", name, got.raw)
			}
		}
		if got := h.must(roma, `{ goals(from: "2026-11-01", to: "2026-11-01") { totalCount } periods(kind: YEAR, from: "2026-11-01", to: "2026-10-01") { kind } viewer { distributor { goals(from: "2026-11-01", to: "2026-11-01") { id } } } }`, nil); !strings.Contains(got.raw, `"totalCount":0`) || !strings.Contains(got.raw, `"goals":[]`) {
			t.Errorf("got %s, want nothing in no days", got.raw)
		}
		if got := h.must(roma, `{ goals(from: "2026-10-01", to: "2026-11-01", filter: {periodKinds: [MONTH], metrics: [REVENUE, PAYOUT]}) { totalCount } }`, nil); got.at("goals", "totalCount") != 1.0 {
			t.Errorf("got %s, want one's own goal alone", got.raw)
		}
	})
}

const closing = `mutation($in: ClosePeriodInput!) { closePeriod(input: $in) { period { kind status closedAt closedBy { login } } userErrors { code field } } }`

func TestPeriodsTellWhoClosedThem(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, company := h.admin("boss"), h.distributor("Ромашка")
		roma := h.worker("roma", company)
		october := vars{"kind": "MONTH", "startsOn": "2026-10-01"}
		closed := h.must(admin, closing, vars{"in": vars{"period": october}})
		if closed.at("closePeriod", "period", "closedBy", "login") != "boss" || closed.at("closePeriod", "period", "status") != "CLOSED" {
			t.Errorf("got %s, want it closed by boss", closed.raw)
		}
		for name, c := range map[string]struct {
			query string
			in    vars
			want  string
		}{
			"closed already": {closing, vars{"period": october}, `{"code":"ALREADY_CLOSED","field":"period"}`},
			"not over":       {closing, vars{"period": vars{"kind": "YEAR", "startsOn": "2026-01-01"}}, `{"code":"PERIOD_NOT_OVER","field":"period"}`},
			"no period":      {closing, vars{"period": vars{"kind": "QUARTER", "startsOn": "2026-02-01"}}, `{"code":"INVALID_PERIOD","field":"period.startsOn"}`},
			"a sale": {`mutation($in: RegisterSaleInput!) { registerSale(input: $in) { userErrors { code field } } }`,
				vars{"leadId": h.octobersLead(company), "payout": "1", "soldOn": "2026-10-31"}, `{"code":"PERIOD_CLOSED","field":"soldOn"}`},
		} {
			if got := h.ask(admin, c.query, vars{"in": c.in}); !strings.Contains(got.raw, c.want) {
				t.Errorf("%s: got %s, want %s", name, got.raw, c.want)
			}
		}
		h.must(admin, `mutation($in: ReopenPeriodInput!) { reopenPeriod(input: $in) { period { status } userErrors { code } } }`, vars{"in": vars{"period": october, "reason": "Забыли"}})
		const periods = `{ periods(kind: MONTH, from: "2026-09-30", to: "2026-11-01") { startsOn status closedAt closedBy { login } reopenedAt reopenedBy { login } reopenReason } }`
		got, statements := h.statements(t, admin, periods, nil)
		if got.at("periods", 1, "reopenReason") != "Забыли" || got.at("periods", 1, "reopenedBy", "login") != "boss" || got.at("periods", 1, "closedAt") != nil || got.at("periods", 0, "startsOn") != "2026-09-01" || len(statements) != 2 {
			t.Errorf("got %s in %d statements, want who opened October again and why, in 2", got.raw, len(statements))
		}
		if got := h.must(roma, periods, nil); got.at("periods", 1, "status") != "OPEN" || got.at("periods", 1, "reopenReason") != nil || got.at("periods", 1, "reopenedBy") != nil {
			t.Errorf("got %s, want no more than that it is open", got.raw)
		}
	})
}

// octobersLead is a lead that was received in October.
func (h *house) octobersLead(of gid.ID) string {
	h.t.Helper()
	now := h.now
	h.now = dbtest.Clock("2026-10-30T09:00:00Z")
	defer func() { h.now = now }()
	source, _ := h.source(leads.SourceInput{Name: "October"})
	return gid.Lead.Format(h.lead(source, leads.Submission{}, of))
}

func TestFaultsOfGoalsAreToldInTheirPlaces(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, company := h.admin("boss"), gid.Distributor.Format(h.distributor("Ромашка"))
		november := vars{"kind": "MONTH", "startsOn": "2026-11-01"}
		one := func(of string, p vars, metric, target string) vars {
			return vars{"distributorId": of, "period": p, "metric": metric, "target": target}
		}
		got := h.ask(admin, `mutation($in: SetGoalsInput!) { setGoals(input: $in) { goals { id } userErrors { code field } } }`, vars{"in": vars{"goals": []vars{
			one(company, november, "PAYOUT", "1"), one("nobody", november, "PAYOUT", "1"), one(company, november, "SALE_COUNT", "1.5"),
			one(company, november, "PAYOUT", "2"), one(company, vars{"kind": "MONTH", "startsOn": "2026-11-02"}, "PAYOUT", "-1"),
		}}})
		want := `{"setGoals":{"goals":null,"userErrors":[{"code":"NOT_FOUND","field":"goals[1].distributorId"},{"code":"INVALID_AMOUNT","field":"goals[2].target"},` +
			`{"code":"DUPLICATE_GOAL","field":"goals[3]"},{"code":"INVALID_PERIOD","field":"goals[4].period.startsOn"},{"code":"NEGATIVE","field":"goals[4].target"}]}}`
		if !strings.Contains(got.raw, want) {
			t.Errorf("got %s\nwant %s", got.raw, want)
		}
		h.must(admin, `mutation($in: SetGoalsInput!) { setGoals(input: $in) { goals { id } userErrors { code } } }`, vars{"in": vars{"goals": []vars{one(company, november, "SALE_COUNT", "2")}, "reason": "план"}})
		copied := h.must(admin, `mutation($in: CopyGoalsInput!) { copyGoals(input: $in) { copiedCount keptCount userErrors { code } } }`,
			vars{"in": vars{"from": november, "to": vars{"kind": "MONTH", "startsOn": "2026-12-01"}, "distributorIds": []string{company}, "reason": "как раньше"}})
		if copied.at("copyGoals", "copiedCount") != 1.0 || copied.at("copyGoals", "keptCount") != 0.0 {
			t.Errorf("got %s, want one copied", copied.raw)
		}
		id := h.must(admin, `{ goals(from: "2026-12-01", to: "2027-01-01") { edges { node { id } } } }`, nil).nodes("goals")[0]["id"]
		h.must(admin, `mutation($in: RemoveGoalInput!) { removeGoal(input: $in) { userErrors { code } } }`, vars{"in": vars{"id": id, "reason": "рано"}})
		history := h.must(admin, `{ goalChanges { totalCount edges { node { kind fromTarget toTarget reason actor { login } period { startsOn status } distributor { companyName } goal { target changes { totalCount edges { node { kind } } } } } } } }`, nil)
		if got := history.nodes("goalChanges"); len(got) != 3 || got[0]["kind"] != "REMOVED" || got[0]["reason"] != "рано" || got[0]["goal"] != nil || got[0]["toTarget"] != nil ||
			got[1]["kind"] != "COPIED" || got[1]["reason"] != "как раньше" || got[2]["toTarget"] != "2" || got[2]["actor"].(map[string]any)["login"] != "boss" || got[2]["goal"] == nil {
			t.Errorf("got %s, want what was removed, copied and set", history.raw)
		}
	})
}

func TestTheLeaderboard(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, ids := filled(h, 3, 2)
		payout := int64(150)
		leads0 := h.db.Lead.Query().AllX(h.system())
		for _, l := range leads0 {
			if *l.DistributorID == ids[1] {
				if _, err := h.payouts.RegisterSale(h.system(), leads.Sale{LeadID: l.ID, Payout: &payout}); err != nil {
					t.Fatal(err)
				}
				break
			}
		}
		h.goal(h.distributor("С целью"), calendar.Month, "2026-11-01", goal.MetricPAYOUT, 1)
		got, statements := h.statements(t, admin, `{ leaderboard(period: {kind: MONTH, startsOn: "2026-11-01"}, by: CONVERSION) {
			rank distributor { companyName } leadCount saleCount conversionPercent revenue { amount } payout { amount } } }`, nil)
		first, last := got.at("leaderboard", 0).(map[string]any), got.at("leaderboard", 3).(map[string]any)
		if first["rank"] != 1.0 || first["conversionPercent"] != 50.0 || first["distributor"].(map[string]any)["companyName"] != "Компания 01" ||
			got.at("leaderboard", 0, "payout", "amount") != "1.50" || got.at("leaderboard", 2, "rank") != 2.0 || last["rank"] != 4.0 || last["conversionPercent"] != nil {
			t.Errorf("got %s, want the one that sold first and the one without leads last", got.raw)
		}
		if len(statements) > 5 {
			t.Errorf("got %d statements, want at most 5", len(statements))
		}
		if got := h.ask(admin, `{ leaderboard(period: {kind: MONTH, startsOn: "2026-11-02"}) { rank } }`, nil); got.code() != "BAD_REQUEST" {
			t.Errorf("got %s, want BAD_REQUEST", got.raw)
		}
	})
}
