package graph_test

import (
	"strings"
	"testing"
	"time"

	"channelbook/ent/blacklistentry"
	"channelbook/ent/leadsource"
	"channelbook/graph/model"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/insight"
)

// TestAFacetForEachField: a value of the enum is a column of the base, and the other way round.
func TestAFacetForEachField(t *testing.T) {
	var names []model.LeadFacetField
	for _, v := range schema().Types["LeadFacetField"].EnumValues {
		names = append(names, model.LeadFacetField(v.Name))
	}
	if got, want := strings.Join(model.Columns(names), " "), strings.Join(insight.Fields, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLeadFacets(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, company := h.admin("boss"), h.distributor("Ромашка")
		worker := h.worker("roma", company)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		h.lead(source, leads.Submission{Funnel: "spring", Tracking: leads.Tracking{Position: "top", Region: "Тула"}}, company)
		h.lead(source, leads.Submission{Funnel: "autumn"}, h.distributor("Василёк"))
		const query = `query($in: LeadFilter, $fields: [LeadFacetField!], $first: Int) { leadFacets(filter: $in, fields: $fields, first: $first) { field values { value count todayCount } } }`

		got := h.must(admin, query, vars{"fields": []string{"POSITION", "FUNNEL", "AGE"}})
		want := `{"data":{"leadFacets":[{"field":"POSITION","values":[{"value":"top","count":1,"todayCount":1}]},` +
			`{"field":"FUNNEL","values":[{"value":"autumn","count":1,"todayCount":1},{"value":"spring","count":1,"todayCount":1}]},{"field":"AGE","values":[]}]}`
		if !strings.HasPrefix(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		if got := h.must(worker, query, vars{"fields": []string{"FUNNEL"}}); !strings.Contains(got.raw, `"spring"`) || strings.Contains(got.raw, `"autumn"`) {
			t.Errorf("a distributor's user got %s, want its own", got.raw)
		}
		if all, _ := h.must(admin, query, nil).at("leadFacets").([]any); len(all) != len(insight.Fields) {
			t.Errorf("got %d facets, want %d", len(all), len(insight.Fields))
		}
		if got := h.must(admin, query, vars{"fields": []string{"FUNNEL"}, "first": 0}); !strings.Contains(got.raw, `"leadFacets":[{"field":"FUNNEL","values":[]}]`) {
			t.Errorf("got %s, want no values", got.raw)
		}
		for name, vars := range map[string]vars{
			"93 days":        {"in": vars{"receivedFrom": "2026-08-01T00:00:00Z", "receivedTo": "2026-11-02T00:00:00Z"}},
			"below none":     {"first": -1},
			"too many":       {"first": 101},
			"no such id":     {"in": vars{"distributorIds": []string{"x"}}},
			"more than a 10": {"in": vars{"subIds": []any{vars{"index": 11, "value": "x"}}}},
		} {
			if got := h.ask(admin, query, vars); got.code() != "BAD_REQUEST" {
				t.Errorf("%s: got %s, want BAD_REQUEST", name, got.raw)
			}
		}
	})
}

func TestResponseTimes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		worker := h.worker("roma", company)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		id := gid.Lead.Format(h.lead(source, leads.Submission{}, company))
		const query = `query($in: LeadFilter) { responseTimes(filter: $in) { untilTaken { count medianSeconds p90Seconds } untilClosed { count medianSeconds p90Seconds } } }`
		start := h.now()
		h.now = func() time.Time { return start.Add(90 * time.Second) }
		h.must(worker, `mutation($id: ID!) { takeLead(input: {leadId: $id}) { userErrors { code } } }`, vars{"id": id})
		h.now = func() time.Time { return start.Add(100 * time.Second) }
		h.must(worker, `mutation($id: ID!) { rejectLead(input: {leadId: $id, reason: "Не нужен"}) { userErrors { code } } }`, vars{"id": id})
		want := `{"data":{"responseTimes":{"untilTaken":{"count":1,"medianSeconds":90,"p90Seconds":90},"untilClosed":{"count":1,"medianSeconds":10,"p90Seconds":10}}}`
		if got := h.must(worker, query, nil); !strings.HasPrefix(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		want = `{"data":{"responseTimes":{"untilTaken":{"count":0,"medianSeconds":null,"p90Seconds":null},"untilClosed":{"count":0,"medianSeconds":null,"p90Seconds":null}}}`
		if got := h.must(worker, query, vars{"in": vars{"statuses": []string{"SALE"}}}); !strings.HasPrefix(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		if got := h.ask(worker, query, vars{"in": vars{"receivedFrom": "2026-01-01T00:00:00Z"}}); got.code() != "BAD_REQUEST" {
			t.Errorf("got %s, want BAD_REQUEST", got.raw)
		}
	})
}

// dispute is a source whose submissions repeat those of another, or are on the blacklist.
func (h *house) dispute() (first, repeat, blocked gid.ID, one, two string) {
	h.t.Helper()
	if _, err := h.leads.AddToBlacklist(h.system(), leads.BlacklistInput{Kind: blacklistentry.KindDOMAIN, Value: "spam.example"}); err != nil {
		h.t.Fatal(err)
	}
	a, _ := h.source(leads.SourceInput{Name: "One"})
	b, key := h.source(leads.SourceInput{Name: "Two", Duplicates: leads.DuplicatePolicy{Fields: []string{"PHONE"}}})
	start, minutes := h.now(), 0
	h.now = func() time.Time { return start.Add(time.Duration(minutes) * time.Minute) }
	first = h.lead(a, leads.Submission{Phone: "+79161234567"})
	minutes++
	repeat = h.lead(b, leads.Submission{Phone: "8 916 123-45-67", ExternalID: "theirs-1", LastName: "Секретная"})
	minutes++
	blocked = h.lead(b, leads.Submission{Email: "x@spam.example"})
	minutes++
	h.lead(b, leads.Submission{Phone: "+79161234567", Test: true})
	h.lead(b, leads.Submission{Phone: "+79990001122"})
	h.ask(key, `mutation { submitLead(input: {firstName: "1", phone: "x"}) { outcome } }`, nil)
	return first, repeat, blocked, gid.LeadSource.Format(a.ID), gid.LeadSource.Format(b.ID)
}

func TestSourceQuality(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		first, _, _, one, two := h.dispute()
		payout, amount := int64(500_00), int64(7_000_00)
		h.lead(h.db.LeadSource.Query().Where(leadsource.Name("One")).OnlyX(h.system()), leads.Submission{})
		h.must(admin, `mutation($in: ReassignLeadInput!) { reassignLead(input: $in) { userErrors { code } } }`,
			vars{"in": vars{"leadId": gid.Lead.Format(first), "distributorId": gid.Distributor.Format(h.distributor("Василёк")), "reason": "так"}})
		if _, err := h.payouts.RegisterSale(h.system(), leads.Sale{LeadID: first, Payout: &payout, SaleAmount: &amount}); err != nil {
			t.Fatal(err)
		}
		const query = `query($s: [ID!]) { sourceQuality(sourceIds: $s, from: "2026-11-23", to: "2026-11-24") { source { id name } day acceptedCount duplicateCount blacklistedCount
			quarantinedCount overCapCount invalidCount invalid { code field count } saleCount payout { amount } revenue { amount currency } } }`
		got := h.must(admin, query, nil)
		if days, _ := got.at("sourceQuality").([]any); len(days) != 2 {
			t.Fatalf("got %s, want a day of each source", got.raw)
		}
		want := `{"source":{"id":"` + one + `","name":"One"},"day":"2026-11-23","acceptedCount":2,"duplicateCount":0,"blacklistedCount":0,"quarantinedCount":0,"overCapCount":0,` +
			`"invalidCount":0,"invalid":[],"saleCount":1,"payout":{"amount":"500.00"},"revenue":{"amount":"7000.00","currency":"RUB"}}`
		if !strings.Contains(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		got = h.must(admin, query, vars{"s": []string{two}})
		want = `"duplicateCount":1,"blacklistedCount":1,"quarantinedCount":0,"overCapCount":0,"invalidCount":1,"invalid":[{"code":"INVALID_`
		if days, _ := got.at("sourceQuality").([]any); len(days) != 1 || !strings.Contains(got.raw, want) {
			t.Errorf("got %s, want one day with %s", got.raw, want)
		}
		for name, query := range map[string]string{
			"too many days": `{ sourceQuality(from: "2026-01-01", to: "2026-04-04") { day } }`,
			"no such id":    `{ sourceQuality(sourceIds: ["x"], from: "2026-01-01", to: "2026-01-04") { day } }`,
			"a list of 93":  `{ sourceCollisions(from: "2026-01-01", to: "2026-04-04") { totalCount } }`,
			"a strange id":  `{ sourceCollisions(sourceIds: ["x"], from: "2026-01-01", to: "2026-01-04") { totalCount } }`,
			"a long page":   `{ sourceCollisions(from: "2026-01-01", to: "2026-01-04", first: 101) { totalCount } }`,
			"no cursor":     `{ sourceCollisions(from: "2026-01-01", to: "2026-01-04", after: "x") { totalCount } }`,
		} {
			if got := h.ask(admin, query, nil); got.code() != "BAD_REQUEST" {
				t.Errorf("%s: got %s, want BAD_REQUEST", name, got.raw)
			}
		}
	})
}

func TestSourceCollisions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		first, repeat, blocked, one, two := h.dispute()
		const query = `query($s: [ID!], $o: [CollisionOutcome!], $first: Int, $after: String) {
			sourceCollisions(sourceIds: $s, outcomes: $o, from: "2026-11-23", to: "2026-11-24", first: $first, after: $after) {
				totalCount pageInfo { hasNextPage endCursor } edges { node { reference externalId receivedAt source { id } outcome rule collidesWith collidesWithReceivedAt
					collidesWithSource { id } } } } }`
		ref := gid.Submission.Format
		ofBlocked := `{"reference":"` + ref(blocked) + `","externalId":null,"receivedAt":"2026-11-23T09:02:00Z","source":{"id":"` + two + `"},"outcome":"BLACKLISTED","rule":"DOMAIN",` +
			`"collidesWith":null,"collidesWithReceivedAt":null,"collidesWithSource":null}`
		ofRepeat := `{"reference":"` + ref(repeat) + `","externalId":"theirs-1","receivedAt":"2026-11-23T09:01:00Z","source":{"id":"` + two + `"},"outcome":"DUPLICATE",` +
			`"rule":"ANY of PHONE within 30 days, scope BASE","collidesWith":"` + ref(first) + `","collidesWithReceivedAt":"2026-11-23T09:00:00Z","collidesWithSource":{"id":"` + one + `"}}`
		got := h.must(admin, query, nil)
		if want := `"totalCount":2`; !strings.Contains(got.raw, want) || !strings.Contains(got.raw, ofBlocked+`},{"node":`+ofRepeat) {
			t.Errorf("got %s, want %s\nand %s", got.raw, ofBlocked, ofRepeat)
		}
		got = h.must(admin, query, vars{"first": 1})
		if nodes := got.nodes("sourceCollisions"); len(nodes) != 1 || nodes[0]["reference"] != ref(blocked) || got.at("sourceCollisions", "pageInfo", "hasNextPage") != true {
			t.Errorf("got %s, want the newest and more to come", got.raw)
		}
		got = h.must(admin, query, vars{"first": 1, "after": got.at("sourceCollisions", "pageInfo", "endCursor")})
		if nodes := got.nodes("sourceCollisions"); len(nodes) != 1 || nodes[0]["reference"] != ref(repeat) || got.at("sourceCollisions", "pageInfo", "hasNextPage") != false {
			t.Errorf("got %s, want the other and no more", got.raw)
		}
		for want, v := range map[string]vars{ref(repeat): {"o": []string{"DUPLICATE"}}, ref(blocked): {"s": []string{two, one}, "o": []string{"BLACKLISTED"}}} {
			if nodes := h.must(admin, query, v).nodes("sourceCollisions"); len(nodes) != 1 || nodes[0]["reference"] != want {
				t.Errorf("%v: got %v, want %s", v, nodes, want)
			}
		}
		if nodes := h.must(admin, query, vars{"s": []string{one}}).nodes("sourceCollisions"); len(nodes) != 0 {
			t.Errorf("got %v, want nothing of the first source", nodes)
		}

		t.Run("one that was let in again is told still", func(t *testing.T) {
			if _, err := h.leads.Reopen(h.system(), repeat, ""); err != nil {
				t.Fatal(err)
			}
			if got := h.must(admin, query, vars{"o": []string{"DUPLICATE"}}); !strings.Contains(got.raw, ofRepeat) {
				t.Errorf("got %s, want %s", got.raw, ofRepeat)
			}
		})
		t.Run("the lead is there for who wants to see it", func(t *testing.T) {
			got := h.must(admin, `{ sourceCollisions(from: "2026-11-23", to: "2026-11-24") { edges { node { lead { id lastName } } } } }`, nil)
			if got.at("sourceCollisions", "edges", 1, "node", "lead", "lastName") != "Секретная" {
				t.Errorf("got %s, want the lead", got.raw)
			}
		})
	})
}

// TestFiguresOfQualityCostAFewStatements, however many rows they tell.
func TestFiguresOfQualityCostAFewStatements(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		h.dispute()
		for query, most := range map[string]int{
			`{ leadFacets { field values { value count todayCount } } }`:                                                                                                                                              1,
			`{ responseTimes { untilTaken { count medianSeconds } untilClosed { count p90Seconds } } }`:                                                                                                               1,
			`{ sourceQuality(from: "2026-11-01", to: "2026-12-01") { day acceptedCount invalid { code count } source { name } } }`:                                                                                    4,
			`{ sourceCollisions(from: "2026-11-01", to: "2026-12-01") { totalCount edges { node { reference rule collidesWith collidesWithReceivedAt collidesWithSource { name } source { name } lead { id } } } } }`: 5,
		} {
			got, list := h.statements(t, admin, query, nil)
			if len(got.Errors) > 0 || len(list) > most {
				t.Errorf("%s\ngot %s after %d statements, want %d:\n%s", query, got.raw, len(list), most, strings.Join(list, "\n"))
			}
		}
	})
}
