// Package hostile is what the edge is attacked with: requests at a limit and beyond it, forged tokens, guesses, other people's
// ids, slow and broken connections. Site is what is attacked, a server of a benchmark's own on a loopback address; bench/limits
// measures one attack at a time, bench/soak sends all of them beside honest load.
package hostile

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"channelbook/bench/bed"
)

// Site is a server with what an attacker knows of it, and what a legitimate but curious user has.
type Site struct {
	Server *bed.Server
	Admin  string // an administrator's token
	Worker string // a token of a distributor's user
	Flood  string // a token of a colleague, who sends too much and is held up alone
	Key    string // of a lead source
	Lead   string // the id of a lead that is not the worker's
	Logo   string // the path of a distributor's logo

	address string
	clients []*http.Client // each comes from a loopback address of its own
	turn    atomic.Uint64
}

// Addresses is how many addresses attacks come from: 127.0.0.2 and so on.
const Addresses = 16

// Prepare makes a distributor, a user, a source and a lead at a server, and opens nothing yet.
func Prepare(ctx context.Context, server *bed.Server) (*Site, error) {
	at, err := url.Parse(server.URL)
	if err != nil {
		return nil, err
	}
	s := &Site{Server: server, address: at.Host}
	for i := range Addresses {
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+i))}, Timeout: patience} // #nosec G115 -- below 256
		s.clients = append(s.clients, &http.Client{Timeout: patience, Transport: &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 8}})
	}
	if s.Admin, err = server.SignIn(ctx, "admin"); err != nil {
		return nil, err
	}
	mine, err := s.distributor(ctx, "ООО Любопытные")
	if err != nil {
		return nil, err
	}
	theirs, err := s.distributor(ctx, "ООО Чужие")
	if err != nil {
		return nil, err
	}
	s.Logo = "/distributors/" + mine + "/logo"
	if s.Worker, err = s.user(ctx, "curious", mine); err != nil {
		return nil, err
	}
	if s.Flood, err = s.user(ctx, "eager", mine); err != nil {
		return nil, err
	}
	return s, s.source(ctx, theirs)
}

// user makes a distributor's user and returns a token.
func (s *Site) user(ctx context.Context, login, distributor string) (token string, err error) {
	_, err = s.Server.Ask(ctx, s.Admin, `mutation($l: String!, $d: ID!, $p: String!) { createUser(input: {login: $l, password: $p, role: DISTRIBUTOR, distributorId: $d}) { userErrors { message } } }`,
		map[string]any{"l": login, "d": distributor, "p": bed.Password})
	if err != nil {
		return "", err
	}
	return s.Server.SignIn(ctx, login)
}

// Fill makes a hundred distributors with a hundred leads each.
func (s *Site) Fill(ctx context.Context) error {
	const distributors, batches, batch = 98, 20, 500
	for i := range distributors {
		if _, err := s.distributor(ctx, fmt.Sprint("ООО Полные ", i)); err != nil {
			return err
		}
	}
	got, err := s.Server.Ask(ctx, s.Admin, `mutation { createLeadSource(input: {name: "full", requireConsent: false}) { apiKey userErrors { message } } }`, nil)
	if err != nil {
		return err
	}
	for b := range batches {
		leads := make([]string, batch)
		for i := range leads {
			leads[i] = fmt.Sprintf(`{"firstName":"Анна","phone":"+7495%07d"}`, 2_000_000+b*batch+i)
		}
		answer := s.Do(s.post("/api/v1/leads/batch", asJSON, `{"leads":[`+strings.Join(leads, ",")+`]}`, "X-Api-Key", text(got, "createLeadSource", "apiKey")))
		if answer != "200" {
			return fmt.Errorf("a batch was answered %s", answer)
		}
	}
	return nil
}

func (s *Site) distributor(ctx context.Context, name string) (id string, err error) {
	got, err := s.Server.Ask(ctx, s.Admin, `mutation($n: String!) { createDistributor(input: {companyName: $n}) { distributor { id } userErrors { message } } }`, map[string]any{"n": name})
	if err != nil {
		return "", err
	}
	return text(got, "createDistributor", "distributor", "id"), nil
}

// source makes a source of a distributor's, and a lead of it.
func (s *Site) source(ctx context.Context, distributor string) error {
	got, err := s.Server.Ask(ctx, s.Admin, `mutation($d: ID!) { createLeadSource(input: {name: "hostile", requireConsent: false, distributorId: $d, duplicates: {fields: []}}) {
		apiKey userErrors { message } } }`, map[string]any{"d": distributor})
	if err != nil {
		return err
	}
	s.Key = text(got, "createLeadSource", "apiKey")
	answer := s.Do(s.lead(`{"firstName": "Анна", "phone": "+74951112233"}`))
	got, err = s.Server.Ask(ctx, s.Admin, `query($d: [ID!]) { leads(first: 1, filter: {distributorIds: $d}) { edges { node { id } } } }`, map[string]any{"d": []string{distributor}})
	if err != nil {
		return err
	}
	edges, _ := got["leads"].(map[string]any)["edges"].([]any)
	if len(edges) == 0 {
		return fmt.Errorf("the lead was answered %s and is not there", answer)
	}
	s.Lead = text(edges[0].(map[string]any), "node", "id")
	return nil
}

func text(of map[string]any, path ...string) string {
	var v any = of
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	s, _ := v.(string)
	return s
}

// patience is how long an attacker waits for an answer.
const patience = 40 * time.Second

// Answer is what an attack was answered: a status with a code where there is one, or what became of the connection.
type Answer string

// Do sends a request from one of the addresses.
func (s *Site) Do(r *http.Request, err error) Answer {
	if err != nil {
		return Answer("not sent: " + err.Error())
	}
	answer, err := s.clients[s.turn.Add(1)%Addresses].Do(r)
	if err != nil {
		return Answer("no answer")
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		return Answer("broken off")
	}
	return told(answer.StatusCode, body)
}

// told is a status with the code that the body gives.
func told(status int, body []byte) Answer {
	var said struct {
		Code   string `json:"code"`
		Errors []struct {
			Extensions struct {
				Code string `json:"code"`
			} `json:"extensions"`
		} `json:"errors"`
	}
	_ = json.Unmarshal(body, &said) // it may be a page
	code := said.Code
	if len(said.Errors) > 0 && said.Errors[0].Extensions.Code != "" {
		code = said.Errors[0].Extensions.Code
	}
	if at := strings.Index(string(body), `"userErrors":[{"code":"`); code == "" && at >= 0 {
		code, _, _ = strings.Cut(string(body[at+len(`"userErrors":[{"code":"`):]), `"`)
	}
	return Answer(strings.TrimSpace(fmt.Sprint(status, " ", code)))
}

// post is a request with a body.
func (s *Site) post(path, contentType, body string, headers ...string) (*http.Request, error) {
	return s.request(http.MethodPost, path, body, append([]string{"Content-Type", contentType}, headers...)...)
}

func (s *Site) request(method, path, body string, headers ...string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(context.Background(), method, "http://"+s.address+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r, nil
}

const asJSON = "application/json"

// query is a GraphQL request by whom a token names; an empty one is nobody's.
func (s *Site) query(token, query string, variables map[string]any) (*http.Request, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	headers := []string{"Accept", "application/graphql-response+json"}
	if token != "" {
		headers = append(headers, "Authorization", "Bearer "+token)
	}
	return s.post("/query", asJSON, string(body), headers...)
}

func (s *Site) lead(body string) (*http.Request, error) {
	return s.post("/api/v1/leads", asJSON, body, "X-Api-Key", s.Key)
}

// secret is what bed gives the server to sign tokens with.
var secret = strings.Repeat("0", 32)

// forged is a token with a header and claims of the attacker's, signed by HMAC-SHA-256 where there is a key.
func forged(header map[string]any, claims map[string]any, key string) string {
	part := func(v any) string {
		b, _ := json.Marshal(v) // maps of texts and numbers
		return base64.RawURLEncoding.EncodeToString(b)
	}
	signed := part(header) + "." + part(claims)
	if key == "" {
		return signed + "."
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return signed + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// claims are those of an administrator's token, with some changed.
func claims(changed map[string]any) map[string]any {
	now := time.Now().Unix()
	c := map[string]any{
		"iss": "channelbook", "aud": []string{"channelbook-api"}, "sub": "0192f1c2-7b1a-7c3e-9d52-0242ac120002", "sid": "0192f1c2-7b1a-7c3e-9d52-0242ac120003",
		"role": "ADMIN", "typ": "access", "iat": now, "exp": now + 900,
	}
	for name, v := range changed {
		c[name] = v
	}
	return c
}
