package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"channelbook/ent/consent"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads"
	consents "channelbook/personaldata/consent"
)

const statsOf = `query($f: LeadFilter, $by: LeadStatsGroup!) { leadStats(filter: $f, groupBy: $by) {
	key label leadCount saleCount conversionPercent payout { amount currency } payoutPerSale { amount }
	previous { leadCount saleCount conversionPercent payout { amount } payoutPerSale { amount } } } }`

// withLeads is a house with leads of two days before its clock's, some of them sold, and of today.
func withLeads(t *testing.T, h *house) (admin, worker caller, company gid.ID) {
	t.Helper()
	admin, company = h.admin("boss"), h.distributor("Ромашка")
	worker = h.worker("roma", company)
	source, _ := h.source(leads.SourceInput{Name: "Landing"})
	today := h.now
	sell := func(id gid.ID, payout int64, day string) {
		on, err := calendar.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.payouts.RegisterSale(h.system(), leads.Sale{LeadID: id, Payout: &payout, SoldOn: &on}); err != nil {
			t.Fatal(err)
		}
	}
	spring := leads.Submission{Funnel: "quiz", Tracking: leads.Tracking{CampaignID: "c1", CampaignName: "Весна", Region: "Тверь"}}
	h.now = func() time.Time { return today().Add(-48 * time.Hour) }
	sold, unsold := h.lead(source, spring, company), h.lead(source, spring, company)
	h.lead(source, leads.Submission{}, company)
	h.lead(source, leads.Submission{Test: true}, company)
	sell(sold, 10_000, "2026-11-21")
	h.now = today
	if err := h.figures.RollUp(h.system()); err != nil {
		t.Fatal(err)
	}
	sell(unsold, 10_001, "2026-11-22")
	last := h.lead(source, spring, company)
	h.db.Lead.UpdateOneID(last).ClearDistributorID().ExecX(h.system())
	return admin, worker, company
}

func TestLeadStats(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, worker, company := withLeads(t, h)
		ofNovember := vars{"receivedFrom": "2026-11-01T00:00:00Z", "receivedTo": "2026-12-01T00:00:00Z"}
		name := gid.Distributor.Format(company)
		row := func(key any, label string, leadCount, saleCount, conversion any, payout string, perSale any) string {
			return fmt.Sprint(key, " ", label, " ", leadCount, " ", saleCount, " ", conversion, " ", payout, " ", perSale)
		}
		for what, c := range map[string]struct {
			who    caller
			by     string
			filter vars
			want   []string
		}{
			"by distributor":                     {admin, "DISTRIBUTOR", nil, []string{row(name, "Ромашка", 3, 2, 66.67, "200.01", "100.01"), row(nil, "Не распределён", 1, 0, 0, "0.00", nil)}},
			"by status":                          {admin, "STATUS", ofNovember, []string{row("SALE", "Продажа", 2, 2, 100, "200.01", "100.01"), row("NEW", "Новый", 2, 0, 0, "0.00", nil)}},
			"by campaign":                        {admin, "CAMPAIGN", ofNovember, []string{row("c1", "Весна", 3, 2, 66.67, "200.01", "100.01"), row(nil, "Не указано", 1, 0, 0, "0.00", nil)}},
			"by funnel, of a distributor's user": {worker, "FUNNEL", ofNovember, []string{row("quiz", "quiz", 2, 2, 100, "200.01", "100.01"), row(nil, "Не указано", 1, 0, 0, "0.00", nil)}},
			"by month": {admin, "MONTH", vars{"receivedFrom": "2026-10-31T00:00:00Z", "receivedTo": "2026-12-01T00:00:00Z"},
				[]string{row("2026-10", "Октябрь 2026", 0, 0, nil, "0.00", nil), row("2026-11", "Ноябрь 2026", 4, 2, 50, "200.01", "100.01")}},
			"by week": {admin, "WEEK", vars{"receivedFrom": "2026-11-22T00:00:00Z", "receivedTo": "2026-11-24T00:00:00Z"},
				[]string{row("2026-11-16", "16.11–22.11.2026", 0, 1, nil, "100.01", "100.01"), row("2026-11-23", "23.11–29.11.2026", 1, 0, 0, "0.00", nil)}},
			"by day": {admin, "DAY", vars{"receivedFrom": "2026-11-21T00:00:00Z", "receivedTo": "2026-11-24T00:00:00Z"},
				[]string{row("2026-11-21", "21.11.2026", 3, 1, 66.67, "100.00", "100.00"), row("2026-11-22", "22.11.2026", 0, 1, nil, "100.01", "100.01"), row("2026-11-23", "23.11.2026", 1, 0, 0, "0.00", nil)}},
			"by day, filtered": {admin, "REGION", vars{"receivedFrom": "2026-11-21T00:00:00Z", "receivedTo": "2026-11-22T00:00:00Z", "region": "Тверь"},
				[]string{row("Тверь", "Тверь", 2, 1, 100, "100.00", "100.00")}},
			"of a time turned round": {admin, "DAY", vars{"receivedFrom": "2026-11-22T00:00:00Z", "receivedTo": "2026-11-21T00:00:00Z"}, nil},
		} {
			got := h.must(c.who, statsOf, vars{"f": c.filter, "by": c.by})
			var rows []string
			for i := range got.Data["leadStats"].([]any) {
				at := func(path ...any) any { return got.at(append([]any{"leadStats", i}, path...)...) }
				rows = append(rows, row(at("key"), at("label").(string), at("leadCount"), at("saleCount"), at("conversionPercent"), at("payout", "amount").(string), perSale(at("payoutPerSale"))))
			}
			if strings.Join(rows, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(rows, "\n"), strings.Join(c.want, "\n"))
			}
		}
		t.Run("the last 30 days where nobody says which", func(t *testing.T) {
			got := h.must(admin, statsOf, vars{"by": "DAY"})
			if rows := got.Data["leadStats"].([]any); len(rows) != 30 || got.at("leadStats", 0, "key") != "2026-10-25" || got.at("leadStats", 29, "key") != "2026-11-23" {
				t.Errorf("got %s, want 30 days, today the last of them", got.raw)
			}
		})
		t.Run("the time before", func(t *testing.T) {
			f := vars{"receivedFrom": "2026-11-22T00:00:00Z", "receivedTo": "2026-11-23T00:00:00Z"}
			got := h.must(admin, statsOf, vars{"by": "DAY", "f": f})
			if got.at("leadStats", 0, "previous", "leadCount") != 3.0 || got.at("leadStats", 0, "previous", "payout", "amount") != "100.00" {
				t.Errorf("got %s, want the day before", got.raw)
			}
			got = h.must(admin, statsOf, vars{"by": "STATUS", "f": f})
			if got.at("leadStats", 0, "previous", "saleCount") != 1.0 || got.at("leadStats", 0, "previous", "conversionPercent") != 100.0 {
				t.Errorf("got %s, want the same status the day before", got.raw)
			}
		})
		t.Run("statuses for a chart", func(t *testing.T) {
			got := h.must(admin, `{ leadStatus { status label count percent } }`, nil)
			if want := `[{"status":"NEW","label":"Новый","count":2,"percent":50},{"status":"IN_PROGRESS","label":"В работе","count":0,"percent":0},` +
				`{"status":"SALE","label":"Продажа","count":2,"percent":50},{"status":"REJECTED","label":"Отказ","count":0,"percent":0}]`; !strings.Contains(got.raw, want) {
				t.Errorf("got %s, want %s", got.raw, want)
			}
		})
	})
}

func perSale(money any) any {
	if m, ok := money.(map[string]any); ok {
		return m["amount"]
	}
	return nil
}

func TestWhatLeadStatsRefuses(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, worker, _ := withLeads(t, h)
		long := vars{"receivedFrom": "2026-01-01T00:00:00Z", "receivedTo": "2026-11-01T00:00:00Z", "region": "Тверь"}
		for what, c := range map[string]struct {
			who    caller
			by     string
			filter vars
			want   string
		}{
			"a filter over more than 92 days":  {admin, "STATUS", long, "BAD_REQUEST"},
			"more than 1000 days":              {admin, "DAY", vars{"receivedFrom": "2020-01-01T00:00:00Z", "receivedTo": "2026-01-01T00:00:00Z"}, "BAD_REQUEST"},
			"as many weeks":                    {admin, "WEEK", vars{"receivedFrom": "2020-01-01T00:00:00Z", "receivedTo": "2026-01-01T00:00:00Z"}, ""},
			"all of time":                      {admin, "STATUS", vars{"receivedFrom": "0001-01-01T00:00:00Z", "receivedTo": "9999-12-31T23:59:59Z"}, ""},
			"sources, for a distributor":       {worker, "SOURCE", nil, "FORBIDDEN"},
			"a sub-id of no place":             {admin, "STATUS", vars{"subIds": []vars{{"index": 11, "value": "x"}}}, "BAD_REQUEST"},
			"a filter by source, by its owner": {worker, "STATUS", vars{"sourceIds": []string{gid.LeadSource.Format(gid.New())}}, ""},
			"nobody":                           {caller{}, "STATUS", nil, "UNAUTHENTICATED"},
		} {
			if got := h.ask(c.who, statsOf, vars{"f": c.filter, "by": c.by}); got.code() != c.want {
				t.Errorf("%s: got %s, want %q", what, got.raw, c.want)
			}
		}
	})
}

// TestADistributorsFigures: a lead whose processing is restricted vanishes for its distributor, and stays for administrators.
func TestADistributorsFigures(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, worker, company := withLeads(t, h)
		count := func(who caller) any {
			return h.must(who, `{ leadStats(groupBy: DISTRIBUTOR) { key leadCount } }`, nil).at("leadStats", 0, "leadCount")
		}
		if all, own := count(admin), count(worker); all != 3.0 || own != 3.0 {
			t.Fatalf("got %v and %v leads, want 3 each", all, own)
		}
		restricted, err := h.withdrawn(company)
		if err != nil {
			t.Fatal(err)
		}
		if all, own := count(admin), count(worker); all != 4.0 || own != 3.0 {
			t.Errorf("with %s restricted: got %v and %v leads, want 4 for an administrator and 3 for its distributor", restricted, all, own)
		}
	})
}

// TestStatementsOfFigures: one for the figures, one for names, one for the time before, each where it is asked for.
func TestStatementsOfFigures(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _, _ := withLeads(t, h)
		for query, want := range map[string]int{
			`{ leadStats(groupBy: DAY) { key label leadCount } }`:                                      1,
			`{ leadStats(groupBy: DISTRIBUTOR) { key leadCount } }`:                                    1,
			`{ leadStats(groupBy: DISTRIBUTOR) { key label leadCount } }`:                              2,
			`{ leadStats(groupBy: SOURCE) { label previous { leadCount payout { amount } } } }`:        3,
			`{ leadStatus { count } }`:                                                                 1,
			`{ leadStats(groupBy: STATUS, filter: {region: "Тверь"}) { key previous { leadCount } } }`: 2,
		} {
			if _, got := h.statements(t, admin, query, nil); len(got) != want {
				t.Errorf("%s: got %d statements, want %d:\n%s", query, len(got), want, strings.Join(got, "\n"))
			}
		}
	})
}

// withdrawn is a lead of a distributor whose consent has been withdrawn.
func (h *house) withdrawn(company gid.ID) (gid.ID, error) {
	yes := true
	source, _ := h.source(leads.SourceInput{Name: "Strict", RequireConsent: &yes})
	id := h.lead(source, leads.Submission{Consent: consentToLead()}, company)
	given, err := h.db.Consent.Query().Where(consent.LeadID(id)).Only(h.system())
	if err != nil {
		return id, err
	}
	_, err = h.consents.Withdraw(h.system(), consents.Withdrawal{ConsentID: given.ID, Channel: consent.WithdrawalChannelEMAIL})
	return id, err
}
