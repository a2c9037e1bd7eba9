package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"channelbook/bench/bed"
)

// side is a release that serves.
type side struct {
	ctx        context.Context // of the run
	server     *bed.Server
	token, key string   // of an administrator and of a lead source
	ids        []string // of some leads
	next       int64    // the number of the next request
}

const (
	distributors = 20
	perBatch     = 500 // leads; what a batch may hold
)

// enter makes distributors, a source and leads.
func enter(ctx context.Context, server *bed.Server, leads int) (s *side, err error) {
	s = &side{ctx: ctx, server: server}
	if s.token, err = server.SignIn(ctx, "admin"); err != nil {
		return nil, err
	}
	for i := range distributors {
		if _, err := server.Ask(ctx, s.token, fmt.Sprintf(`mutation { createDistributor(input: {companyName: "ООО «Партнёр %d»"}) { userErrors { message } } }`, i), nil); err != nil {
			return nil, err
		}
	}
	made, err := server.Ask(ctx, s.token, `mutation { createLeadSource(input: {name: "benchmark", ratePerMinute: 100000000}) { apiKey userErrors { message } } }`, nil)
	if err != nil {
		return nil, err
	}
	s.key, _ = made["createLeadSource"].(map[string]any)["apiKey"].(string)
	for ; s.next < int64(leads); s.next += perBatch {
		if err := s.fill(s.next); err != nil {
			return nil, err
		}
	}
	page, err := server.Ask(ctx, s.token, `{ leads(first: 100) { edges { node { id } } } }`, nil)
	if err != nil {
		return nil, err
	}
	edges, _ := page["leads"].(map[string]any)["edges"].([]any)
	for _, e := range edges {
		id, _ := e.(map[string]any)["node"].(map[string]any)["id"].(string)
		s.ids = append(s.ids, id)
	}
	return s, nil
}

// fill sends a batch of leads from the n-th on.
func (s *side) fill(n int64) error {
	bodies := make([]string, perBatch)
	for i := range bodies {
		bodies[i] = lead(n + int64(i))
	}
	request, err := s.post("/api/v1/leads/batch", `{"leads":[`+strings.Join(bodies, ",")+`]}`)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return err
	}
	var got struct{ AcceptedCount int }
	if err := json.Unmarshal(body, &got); err != nil || got.AcceptedCount != perBatch {
		return fmt.Errorf("fill: got %d %.300s", answer.StatusCode, body)
	}
	return nil
}

// lead is a submission of somebody new, as a landing page sends it.
func lead(n int64) string {
	return fmt.Sprintf(`{"externalId": "bench-%d", "firstName": "Анна", "lastName": "Петрова%d", "phone": "+79%09d", "email": "bench%d@example.ru", "ip": "203.0.113.7",
		"consent": {"purpose": "lead", "textVersion": "2026-09", "givenAt": "2026-11-20T10:11:12+03:00", "userAgent": "Mozilla/5.0"},
		"funnel": "spring", "tracking": {"utmSource": "vk", "utmMedium": "cpc", "utmCampaign": "spring", "campaignName": "Весна", "region": "Москва"}}`, n, n%1000, 100_000_000+n, n)
}

func (s *side) post(path, body string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(s.ctx, http.MethodPost, s.server.URL+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Api-Key", s.key)
	return request, nil
}

const (
	rows = `id status firstName lastName phone email funnel campaignName utmSource utmMedium region receivedAt payout { amount currency }`
	page = `{ leads(first: 50) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { ` + rows + ` distributor { id companyName } } } } }`
	card = `query($id: ID!) { lead(id: $id) { ` + rows + ` distributor { id companyName phone email } source { id name } duplicateOf { id }
		events(first: 50) { edges { node { id kind at text actor { id login } } } } decisionTrace { step outcome rule detail } } }`
	byPhone = `query($phone: String!) { leads(first: 50, filter: {phone: $phone}) { totalCount edges { node { ` + rows + ` } } } }`
)

// scenarios are what is compared.
func (s *side) scenarios() []bed.Scenario {
	ask := func(name, query string, variables func(n int64) map[string]any) bed.Scenario {
		return bed.Scenario{Name: name, Whole: bed.Answered, Request: func(n int64) (*http.Request, error) {
			return s.server.Query(s.ctx, s.token, query, variables(n))
		}}
	}
	return []bed.Scenario{
		{Name: "a lead taken in over HTTP", Request: func(n int64) (*http.Request, error) { return s.post("/api/v1/leads", lead(n)) },
			Whole: func(status int, _ []byte) bool { return status == http.StatusCreated }},
		ask("a page of 50 leads with its count", page, func(int64) map[string]any { return nil }),
		ask("a lead's card", card, func(n int64) map[string]any { return map[string]any{"id": s.ids[n%int64(len(s.ids))]} }),
		ask("leads by phone", byPhone, func(n int64) map[string]any {
			return map[string]any{"phone": fmt.Sprintf("+79%09d", 100_000_000+(n*7919)%10_000)}
		}),
	}
}
