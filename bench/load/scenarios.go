package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"channelbook/bench/bed"
	"channelbook/ent"
	"channelbook/internal/gid"
)

// house is a server that somebody has signed in at.
type house struct {
	*sample
	ctx    context.Context // of the run
	server *bed.Server
	token  string // of an administrator
	worker string // of a distributor's user
	key    string // of a lead source
}

// enter signs in as the administrator and makes what the scenarios need besides.
func enter(ctx context.Context, server *bed.Server, s *sample) (h *house, err error) {
	h = &house{sample: s, ctx: ctx, server: server}
	if h.token, err = server.SignIn(ctx, "admin"); err != nil {
		return nil, err
	}
	_, err = server.Ask(ctx, h.token, `mutation($d: ID!, $p: String!) { createUser(input: {login: "worker", password: $p, role: DISTRIBUTOR, distributorId: $d}) { user { id } userErrors { message } } }`,
		map[string]any{"d": gid.Distributor.Format(s.distributors[0]), "p": bed.Password})
	if err != nil {
		return nil, err
	}
	if h.worker, err = server.SignIn(ctx, "worker"); err != nil {
		return nil, err
	}
	made, err := server.Ask(ctx, h.token, `mutation { createLeadSource(input: {name: "benchmark", requireConsent: false}) { apiKey userErrors { message } } }`, nil)
	if err != nil {
		return nil, err
	}
	h.key, _ = made["createLeadSource"].(map[string]any)["apiKey"].(string)
	return h, nil
}

const (
	leadPage = `query($first: Int!, $after: String, $filter: LeadFilter, $orderBy: LeadOrder) {
		leads(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
			totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
			edges { cursor node { id status firstName lastName phone email funnel campaignName utmSource utmMedium region receivedAt payout { amount currency }
				distributor { id companyName } } } } }`
	leadCard = `query($id: ID!) { lead(id: $id) {
		id status firstName lastName phone email funnel campaignName utmSource utmMedium region receivedAt payout { amount currency }
		distributor { id companyName phone email } source { id name } duplicateOf { id }
		events(first: 50) { edges { node { id kind at text actor { id login } } } } decisionTrace { step outcome rule detail } } }`
	nested = `query($first: Int!, $leads: Int!) { distributors(first: $first, orderBy: {field: COMPANY_NAME, direction: ASC}) {
		totalCount pageInfo { hasNextPage endCursor } edges { cursor node { id companyName inn status
			leads(first: $leads, orderBy: {field: RECEIVED_AT, direction: DESC}) { edges { node {
				id status firstName lastName phone email payout { amount currency } utmSource receivedAt } } } } } } }`
)

type vars = map[string]any

// scenarios are what is measured.
func (h *house) scenarios() []bed.Scenario {
	all := []bed.Scenario{{Name: "a lead taken in over HTTP", Request: h.lead, Whole: func(status int, body []byte) bool { return status == http.StatusCreated }}}
	for _, p := range h.pages() {
		all = append(all, h.reading("50 leads: "+p.name, p.token, leadPage, func(l *ent.Lead) vars {
			v := vars{"first": 50, "orderBy": p.order}
			if p.filter != nil {
				v["filter"] = p.filter(l)
			}
			return v
		}))
	}
	return append(all,
		h.reading("a lead's card", h.token, leadCard, func(l *ent.Lead) vars { return vars{"id": gid.Lead.Format(l.ID)} }),
		h.reading("20 distributors with 10 leads each", h.token, nested, func(*ent.Lead) vars { return vars{"first": 20, "leads": 10} }),
		h.reading("100 distributors with 20 leads each", h.token, nested, func(*ent.Lead) vars { return vars{"first": 100, "leads": 20} }),
	)
}

// lead is a submission of somebody new.
func (h *house) lead(n int64) (*http.Request, error) {
	body := fmt.Sprintf(`{"externalId": "bench-%d", "firstName": "Анна", "lastName": "Петрова", "phone": "+7495%07d", "email": "bench%d@example.ru", "ip": "203.0.113.7",
		"funnel": "spring", "tracking": {"utmSource": "vk", "utmMedium": "cpc", "utmCampaign": "spring", "campaignName": "Весна", "region": "Москва"}}`, n, 1_000_000+n, n)
	request, err := http.NewRequestWithContext(h.ctx, http.MethodPost, h.server.URL+"/api/v1/leads", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", h.key)
	request.Header.Set("Idempotency-Key", fmt.Sprintf("bench-%d", n))
	return request, nil
}

// reading asks about another lead each time.
func (h *house) reading(name, token, query string, about func(*ent.Lead) vars) bed.Scenario {
	return bed.Scenario{Name: name, Request: func(n int64) (*http.Request, error) {
		return h.server.Query(h.ctx, token, query, about(h.leads[(n*7919)%int64(len(h.leads))]))
	}, Whole: bed.Answered}
}

// page is a page of leads under one kind of filter, for something that a lead of the base has.
type page struct {
	name   string
	token  string
	filter func(*ent.Lead) vars
	order  vars
}

func (h *house) pages() []page {
	by := func(field, direction string) vars { return vars{"field": field, "direction": direction} }
	around := func(l *ent.Lead, days int, more vars) vars {
		more["receivedFrom"] = l.ReceivedAt.Format(time.RFC3339Nano)
		more["receivedTo"] = l.ReceivedAt.AddDate(0, 0, days).Format(time.RFC3339Nano)
		return more
	}
	someone := gid.Distributor.Format(h.distributors[0])
	pages := []page{
		{"the newest", "", nil, nil},
		{"the newest of one's own, by a distributor's user", h.worker, nil, nil},
		{"in work, of one's own, by a distributor's user", h.worker, func(*ent.Lead) vars { return vars{"statuses": []string{"NEW", "IN_PROGRESS"}} }, nil},
		{"by distributor", "", func(l *ent.Lead) vars { return vars{"distributorIds": []string{owner(l, someone)}} }, nil},
		{"by status", "", func(*ent.Lead) vars { return vars{"statuses": []string{"SALE"}} }, nil},
		{"by two statuses", "", func(*ent.Lead) vars { return vars{"statuses": []string{"NEW", "IN_PROGRESS"}} }, nil},
		{"by distributor and status", "", func(l *ent.Lead) vars {
			return vars{"distributorIds": []string{owner(l, someone)}, "statuses": []string{"REJECTED"}}
		}, nil},
		{"by source", "", func(l *ent.Lead) vars { return vars{"sourceIds": []string{gid.LeadSource.Format(l.SourceID)}} }, nil},
		{"of a week", "", func(l *ent.Lead) vars { return around(l, 7, vars{}) }, nil},
		{"by phone", "", func(l *ent.Lead) vars { return vars{"phone": phone(l)} }, nil},
		{"by e-mail", "", func(l *ent.Lead) vars { return vars{"email": "lead" + number(l) + "@example.ru"} }, nil},
		{"by address", "", func(l *ent.Lead) vars { return vars{"ip": *l.IP} }, nil},
		{"by external id", "", func(l *ent.Lead) vars { return vars{"externalId": *l.ExternalID} }, nil},
		{"search: a surname's beginning", "", func(l *ent.Lead) vars { return vars{"search": string([]rune(l.LastName)[:5])} }, nil},
		{"search: last four digits", "", func(l *ent.Lead) vars { return vars{"search": phone(l)[8:]} }, nil},
		{"by last name", "", func(l *ent.Lead) vars { return vars{"lastName": l.LastName} }, nil},
		{"by first name, of a week", "", func(l *ent.Lead) vars { return around(l, 7, vars{"firstName": l.FirstName}) }, nil},
		{"by payout", "", func(*ent.Lead) vars { return vars{"payoutFrom": "4000", "payoutTo": "4100"} }, by("PAYOUT", "DESC")},
		{"by day of sale", "", func(l *ent.Lead) vars {
			return vars{"soldFrom": l.ReceivedAt.Format(time.DateOnly), "soldTo": l.ReceivedAt.AddDate(0, 0, 2).Format(time.DateOnly)}
		}, nil},
		{"test leads", "", func(*ent.Lead) vars { return vars{"isTest": true} }, nil},
		{"nobody's", "", func(*ent.Lead) vars { return vars{"unassigned": true, "statuses": []string{"NEW"}} }, nil},
		{"by UTM source, of a month", "", func(l *ent.Lead) vars { return around(l, 30, vars{"utmSource": l.UtmSource}) }, nil},
		{"by campaign, of a month", "", func(l *ent.Lead) vars { return around(l, 30, vars{"campaignName": l.CampaignName}) }, nil},
		{"by region, of a quarter", "", func(l *ent.Lead) vars { return around(l, 92, vars{"region": l.Region}) }, nil},
		{"by a sub-id, of a month", "", func(l *ent.Lead) vars {
			return around(l, 30, vars{"subIds": []vars{{"index": 1, "value": l.SubIds[0]}}})
		}, nil},
		{"ordered by payout", "", nil, by("PAYOUT", "DESC")},
		{"ordered by status", "", nil, by("STATUS", "ASC")},
		{"ordered by last name", "", nil, by("LAST_NAME", "ASC")},
	}
	for i := range pages {
		if pages[i].token == "" {
			pages[i].token = h.token
		}
	}
	return pages
}

// number is which lead of the base it is.
func number(l *ent.Lead) string { return strings.TrimPrefix(*l.ExternalID, "ext-") }

// phone is what fill gave the lead.
func phone(l *ent.Lead) string { return "+79" + strings.Repeat("0", 9-len(number(l))) + number(l) }

// owner is whose lead it is; someone where it is nobody's.
func owner(l *ent.Lead, someone string) string {
	if l.DistributorID == nil {
		return someone
	}
	return gid.Distributor.Format(*l.DistributorID)
}
