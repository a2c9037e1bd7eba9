package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// filled is a house with distributors that have leads of every minute, and an administrator.
func filled(h *house, distributors, leadsEach int) (admin caller, ids []gid.ID) {
	admin = h.admin("boss")
	source, _ := h.source(leads.SourceInput{Name: "Landing"})
	start := h.now()
	for i := range distributors {
		ids = append(ids, h.distributor(fmt.Sprintf("Компания %02d", i)))
	}
	for i := range leadsEach {
		h.now = func() time.Time { return start.Add(time.Duration(i) * time.Minute) }
		for d, id := range ids {
			h.lead(source, leads.Submission{FirstName: "Имя", LastName: fmt.Sprintf("Фамилия %d", (i*7+d)%5), Phone: fmt.Sprintf("+7916%03d%04d", d, i)}, id)
		}
	}
	return admin, ids
}

// statements counts what an operation costs.
func (h *house) statements(t *testing.T, who caller, query string, variables vars) (reply, []string) {
	t.Helper()
	ctx, counter := db.CountStatements(t.Context())
	got := h.askIn(ctx, who, query, variables)
	if len(got.Errors) > 0 {
		t.Fatalf("got %s, want no errors", got.raw)
	}
	return got, counter.List()
}

func TestStatementsPerRequest(t *testing.T) {
	operations := clientOperations(t)
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 6, 5)
		for name, c := range map[string]struct {
			query string
			vars  vars
			most  int
		}{
			"a page of leads with its count and distributors": {operations["LeadPage"], vars{"first": 10}, 2},
			"a page of leads with sources besides":            {`{ leads(first: 10) { edges { node { id distributor { companyName } source { name } } } } }`, nil, 3},
			"distributors with nested leads": {`{ distributors(first: 10) { totalCount edges { node { id companyName
				leads(first: 3) { edges { node { id firstName phone } } } } } } }`, nil, 2},
			"distributors with nested leads and all counts": {`{ distributors(first: 10) { totalCount edges { node { id
				leads(first: 3) { totalCount edges { node { id } } } } } } }`, nil, 3},
			"two nested lists under other names": {`{ distributors(first: 10) { edges { node { id
				fresh: leads(first: 1, filter: {statuses: [NEW]}) { edges { node { id } } }
				sold: leads(first: 1, filter: {statuses: [SALE]}) { edges { node { id } } } } } } }`, nil, 3},
			"distributors with terms, logos and absences": {`{ distributors(first: 10) { edges { node { logoUrl terms { holdingDays }
				absences(first: 3) { edges { node { startsOn } } } } } } }`, nil, 2},
			"many nodes of one type": {`query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Distributor { companyName } } }`,
				vars{"ids": distributorIDs(h)}, 1},
		} {
			if _, got := h.statements(t, admin, c.query, c.vars); len(got) > c.most {
				t.Errorf("%s: got %d statements, want at most %d:\n%s", name, len(got), c.most, strings.Join(got, "\n"))
			}
		}
	})
}

func distributorIDs(h *house) (ids []string) {
	for _, id := range h.db.Distributor.Query().IDsX(h.system()) {
		ids = append(ids, gid.Distributor.Format(id))
	}
	return ids
}

// TestOnlyAskedColumnsAreRead: what nobody asks for does not leave the base.
func TestOnlyAskedColumnsAreRead(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 1, 1)
		_, got := h.statements(t, admin, `{ leads { edges { node { id status } } } }`, nil)
		for _, column := range []string{"phone", "first_name", "decision_trace"} {
			if strings.Contains(got[0], column) {
				t.Errorf("got %s, want no %s in it", got[0], column)
			}
		}
	})
}

const pageOfLeads = `query($first: Int, $after: String, $orderBy: LeadOrder, $filter: LeadFilter) {
	leads(first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
		totalCount totalCountCapped pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } } }`

// walk reads a list page by page.
func (h *house) walk(who caller, size int, variables vars) (ids []string) {
	h.t.Helper()
	var after any
	for range 1000 {
		v := vars{"first": size, "after": after}
		for name, value := range variables {
			v[name] = value
		}
		r := h.must(who, pageOfLeads, v)
		for _, n := range r.nodes("leads") {
			ids = append(ids, n["id"].(string))
		}
		if r.at("leads", "pageInfo", "hasNextPage") != true {
			return ids
		}
		after = r.at("leads", "pageInfo", "endCursor")
	}
	h.t.Fatal("the pages never end")
	return nil
}

func TestPagesOfEveryOrderHoldEachLeadOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, companies := filled(h, 3, 7)
		worker := h.worker("roma", companies[0])
		ctx := h.system()
		for i, id := range h.db.Lead.Query().IDsX(ctx)[:5] {
			payout := int64(100 * (i % 3))
			if _, err := h.payouts.RegisterSale(ctx, leads.Sale{LeadID: id, Payout: &payout}); err != nil {
				t.Fatal(err)
			}
		}
		for _, field := range []string{"RECEIVED_AT", "PAYOUT", "STATUS", "LAST_NAME"} {
			for _, direction := range []string{"ASC", "DESC"} {
				order := vars{"orderBy": vars{"field": field, "direction": direction}}
				whole := h.walk(admin, 100, order)
				for who, want := range map[caller]int{admin: 21, worker: 7} {
					small := h.walk(who, 4, order)
					if len(small) != want || len(distinct(small)) != want {
						t.Errorf("%s %s: got %d leads, %d of them different, want %d", field, direction, len(small), len(distinct(small)), want)
					}
					if !inOrder(small, whole) {
						t.Errorf("%s %s: got pages in another order than the whole list", field, direction)
					}
				}
			}
		}
	})
}

func distinct(ids []string) map[string]bool {
	m := map[string]bool{}
	for _, id := range ids {
		m[id] = true
	}
	return m
}

// inOrder tells whether part stands in whole in the same order.
func inOrder(part, whole []string) bool {
	for _, id := range whole {
		if len(part) > 0 && part[0] == id {
			part = part[1:]
		}
	}
	return len(part) == 0
}

func TestPageInfo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, _ := filled(h, 1, 3)
		first := h.must(admin, pageOfLeads, vars{"first": 2})
		if first.at("leads", "totalCount") != 3.0 || first.at("leads", "totalCountCapped") != false ||
			first.at("leads", "pageInfo", "hasNextPage") != true || first.at("leads", "pageInfo", "hasPreviousPage") != false {
			t.Errorf("got %s, want 3 leads and a next page", first.raw)
		}
		second := h.must(admin, pageOfLeads, vars{"first": 2, "after": first.at("leads", "pageInfo", "endCursor")})
		if second.at("leads", "totalCount") != 3.0 || second.at("leads", "pageInfo", "hasNextPage") != false ||
			second.at("leads", "pageInfo", "hasPreviousPage") != true || len(second.nodes("leads")) != 1 {
			t.Errorf("got %s, want the last lead and the same count", second.raw)
		}
		behind := h.must(admin, pageOfLeads, vars{"first": 2, "after": second.at("leads", "pageInfo", "endCursor")})
		if behind.at("leads", "totalCount") != 3.0 || len(behind.nodes("leads")) != 0 || behind.at("leads", "pageInfo", "endCursor") != nil {
			t.Errorf("got %s, want no leads and the same count", behind.raw)
		}
		if none := h.must(admin, pageOfLeads, vars{"first": 0}); none.at("leads", "totalCount") != 3.0 || len(none.nodes("leads")) != 0 {
			t.Errorf("got %s, want the count alone", none.raw)
		}
		for name, v := range map[string]vars{
			"too many": {"first": 101}, "negative": {"first": -1}, "no cursor": {"after": "nonsense"},
			"the cursor of another order": {"after": first.at("leads", "pageInfo", "endCursor"), "orderBy": vars{"field": "STATUS"}},
		} {
			if got := h.ask(admin, pageOfLeads, v); got.code() != "BAD_REQUEST" {
				t.Errorf("%s: got %s, want BAD_REQUEST", name, got.raw)
			}
		}
	})
}

// TestNestedPagesAreEachParentsOwn: aliases, arguments and counts do not mix.
func TestNestedPagesAreEachParentsOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, companies := filled(h, 3, 4)
		got := h.must(admin, `{ distributors { edges { node { id
			newest: leads(first: 1) { totalCount edges { node { id distributor { id } } } pageInfo { hasNextPage endCursor } }
			oldest: leads(first: 2, orderBy: {field: RECEIVED_AT, direction: ASC}) { edges { node { id receivedAt distributor { id } } } }
			none: leads(filter: {statuses: [SALE]}) { totalCount edges { node { id } } }
			users { totalCount edges { node { id } } } } } } }`, nil)
		nodes := got.nodes("distributors")
		if len(nodes) != len(companies) {
			t.Fatalf("got %d distributors, want %d", len(nodes), len(companies))
		}
		for i, d := range nodes {
			newest := got.nodes("distributors", "edges", i, "node", "newest")
			oldest := got.nodes("distributors", "edges", i, "node", "oldest")
			if len(newest) != 1 || len(oldest) != 2 || newest[0]["id"] == oldest[0]["id"] ||
				got.at("distributors", "edges", i, "node", "newest", "totalCount") != 4.0 ||
				got.at("distributors", "edges", i, "node", "none", "totalCount") != 0.0 {
				t.Errorf("got %v, want one newest and two oldest of four leads", d)
			}
			for _, l := range append(newest, oldest...) {
				if owner := l["distributor"].(map[string]any)["id"]; owner != d["id"] {
					t.Errorf("got a lead of %v under %v", owner, d["id"])
				}
			}
			if oldest[0]["receivedAt"].(string) > oldest[1]["receivedAt"].(string) {
				t.Errorf("got %v, want the oldest first", oldest)
			}
		}
	})
}

func TestNode(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin, companies := filled(h, 1, 1)
		ctx := h.system()
		lead := gid.Lead.Format(h.db.Lead.Query().OnlyIDX(ctx))
		for id, typeName := range map[string]any{
			lead: "Lead", gid.Distributor.Format(companies[0]): "Distributor",
			gid.User.Format(h.db.User.Query().FirstIDX(ctx)):                   "User",
			gid.LeadSource.Format(h.db.LeadSource.Query().FirstIDX(ctx)):       "LeadSource",
			gid.LeadEvent.Format(h.db.LeadEvent.Query().FirstIDX(ctx)):         "LeadEvent",
			gid.IntakeAttempt.Format(h.db.IntakeAttempt.Query().FirstIDX(ctx)): "IntakeAttempt",
			strings.Replace(lead, "lead_", "user_", 1):                         nil, // an id of another type
			gid.Lead.Format(gid.New()):                                         nil,
			"nonsense":                                                         nil,
		} {
			got := h.must(admin, `query($id: ID!) { node(id: $id) { __typename id } }`, vars{"id": id})
			if got.at("node", "__typename") != typeName {
				t.Errorf("%s: got %s, want %v", id, got.raw, typeName)
			}
		}
	})
}
