package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"channelbook/bench/bed"
)

// people work at a server: an administrator, a distributor's user and a source of leads.
type people struct {
	server        *bed.Server
	admin, worker atomic.Value // their tokens, which they renew
	key           string
	mine          []string // leads of the worker's, new ones
	distributors  []string
	client        *http.Client
	next          atomic.Int64 // the next lead that comes in
	taken         atomic.Int64 // acts on leads
}

const companies, leadsAtFirst, batch = 4, 4000, 500

// settle makes companies, a user, a source and some leads.
func settle(ctx context.Context, server *bed.Server) (*people, error) {
	p := &people{server: server, client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	if err := p.signIn(ctx, &p.admin, "admin"); err != nil {
		return nil, err
	}
	for i := range companies {
		got, err := p.ask(ctx, `mutation($n: String!) { createDistributor(input: {companyName: $n}) { distributor { id } userErrors { message } } }`, vars{"n": fmt.Sprint("ООО Ромашка ", i)})
		if err != nil {
			return nil, err
		}
		p.distributors = append(p.distributors, at[string](got, "createDistributor", "distributor", "id"))
	}
	_, err := p.ask(ctx, `mutation($d: ID!, $p: String!) { createUser(input: {login: "worker", password: $p, role: DISTRIBUTOR, distributorId: $d}) { userErrors { message } } }`,
		vars{"d": p.distributors[0], "p": bed.Password})
	if err != nil {
		return nil, err
	}
	if err := p.signIn(ctx, &p.worker, "worker"); err != nil {
		return nil, err
	}
	got, err := p.ask(ctx, `mutation { createLeadSource(input: {name: "site", requireConsent: false}) { apiKey userErrors { message } } }`, nil)
	if err != nil {
		return nil, err
	}
	p.key = at[string](got, "createLeadSource", "apiKey")
	return p, p.fill(ctx)
}

// fill brings the first leads, and finds those that are the worker's.
func (p *people) fill(ctx context.Context) error {
	for range leadsAtFirst / batch {
		var body strings.Builder
		for i := range batch {
			body.WriteString([]string{`{"leads":[`, `,`}[min(i, 1)] + leadOf(p.next.Add(1)))
		}
		body.WriteString(`]}`)
		request, err := p.intake(ctx, "/batch", body.String())
		if err != nil {
			return err
		}
		if status, said, err := p.send(request); err != nil || status != http.StatusOK {
			return fmt.Errorf("a batch was answered %d %.300s: %w", status, said, err)
		}
	}
	var after any
	for {
		got, err := p.server.Ask(ctx, p.worker.Load().(string), `query($a: String) { leads(first: 100, after: $a, filter: {statuses: [NEW]}) { pageInfo { hasNextPage endCursor } edges { node { id } } } }`, vars{"a": after})
		if err != nil {
			return err
		}
		for _, edge := range at[[]any](got, "leads", "edges") {
			p.mine = append(p.mine, at[string](edge.(vars), "node", "id"))
		}
		if !at[bool](got, "leads", "pageInfo", "hasNextPage") {
			return nil
		}
		after = at[string](got, "leads", "pageInfo", "endCursor")
	}
}

type vars = map[string]any

func at[T any](of vars, path ...string) (found T) {
	var v any = of
	for _, name := range path {
		object, _ := v.(vars)
		v = object[name]
	}
	found, _ = v.(T)
	return found
}

func (p *people) ask(ctx context.Context, query string, v vars) (vars, error) {
	return p.server.Ask(ctx, p.admin.Load().(string), query, v)
}

func (p *people) signIn(ctx context.Context, whose *atomic.Value, login string) error {
	token, err := p.server.SignIn(ctx, login)
	if err == nil {
		whose.Store(token)
	}
	return err
}

// leadOf is somebody new.
func leadOf(n int64) string {
	return fmt.Sprintf(`{"externalId":"soak-%d","firstName":"Анна","lastName":"Петрова","phone":"+7495%07d","email":"soak%d@example.ru","tracking":{"utmSource":"vk","utmCampaign":"spring"}}`, n, 1_000_000+n, n)
}

func (p *people) intake(ctx context.Context, path, body string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.server.URL+"/api/v1/leads"+path, strings.NewReader(body))
	if err == nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Api-Key", p.key)
	}
	return request, err
}

func (p *people) send(request *http.Request) (status int, said []byte, err error) {
	answer, err := p.client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	said, err = io.ReadAll(answer.Body)
	return answer.StatusCode, said, errors.Join(err, answer.Body.Close())
}

// work is one kind of honest request.
type work struct {
	name string
	do   func(ctx context.Context, n int64) error
}

const (
	page = `query($f: LeadFilter) { leads(first: 50, filter: $f) { totalCount pageInfo { hasNextPage endCursor } edges { node {
		id status firstName lastName phone email utmSource receivedAt payout { amount currency } distributor { id companyName } } } } }`
	dashboard = `{ viewer { login } distributors(first: 20) { totalCount edges { node { id companyName status leads(first: 10) { totalCount edges { node { id status receivedAt } } } } } } }`
	card      = `query($id: ID!) { lead(id: $id) { id status firstName lastName phone email receivedAt distributor { companyName } events(first: 20) { edges { node { kind at text } } } } }`
	take      = `mutation($id: ID!) { takeLead(input: {leadId: $id}) { lead { id status } userErrors { code } } }`
	note      = `mutation($id: ID!) { addLeadNote(input: {leadId: $id, text: "Позвонили, перезвонить завтра"}) { lead { id } userErrors { code } } }`
)

// signsIn says which of the honest requests is a sign-in, which people do not do often.
const signsIn = 200

// mix is what is done in turn.
func (p *people) mix() []work {
	lead := func(n int64) string { return p.mine[n%int64(len(p.mine))] }
	admin := func(query string, v func(n int64) vars) func(context.Context, int64) error {
		return p.query(&p.admin, query, v)
	}
	worker := func(query string, v func(n int64) vars) func(context.Context, int64) error {
		return p.query(&p.worker, query, v)
	}
	pages := work{"a page of leads, administrator", admin(page, func(n int64) vars {
		return vars{"f": vars{"distributorIds": []string{p.distributors[n%companies]}}}
	})}
	own := work{"a page of leads, distributor", worker(page, func(int64) vars { return nil })}
	cards := work{"a lead's card", worker(card, func(n int64) vars { return vars{"id": lead(n)} })}
	intake := work{"a lead taken in", p.leadTakenIn}
	act := work{"a lead taken, or a note", func(ctx context.Context, _ int64) error {
		n := p.taken.Add(1) - 1
		query, id := note, lead(n/2)
		if n%2 == 0 && n/2 < int64(len(p.mine)) {
			query = take
		}
		return worker(query, func(int64) vars { return vars{"id": id} })(ctx, n)
	}}
	return []work{pages, cards, intake, own, {"the dashboard", admin(dashboard, func(int64) vars { return nil })}, intake, cards, act, pages, intake, own, act}
}

func (p *people) query(whose *atomic.Value, query string, v func(n int64) vars) func(context.Context, int64) error {
	return func(ctx context.Context, n int64) error {
		request, err := p.server.Query(ctx, whose.Load().(string), query, v(n))
		if err != nil {
			return err
		}
		status, said, err := p.send(request)
		if err == nil && !bed.Answered(status, said) || bytes.Contains(said, []byte(`{"lead":null}`)) {
			err = fmt.Errorf("got %d %.300s", status, said)
		}
		return err
	}
}

func (p *people) leadTakenIn(ctx context.Context, _ int64) error {
	request, err := p.intake(ctx, "", leadOf(p.next.Add(1)))
	if err != nil {
		return err
	}
	status, said, err := p.send(request)
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("got %d %.300s", status, said)
	}
	return err
}

// waits are how long honest requests waited, by their kind.
type waits struct {
	took     map[string][]time.Duration
	failures map[string]int
	failed   error // with the first few
}

const all = "all of them"

// load sends so many requests a second for a while, whether or not those before have been answered; a wait counts from the moment a
// request was due.
func (p *people) load(ctx context.Context, perSecond float64, lasts time.Duration) waits {
	w := waits{took: map[string][]time.Duration{}, failures: map[string]int{}}
	var mu sync.Mutex
	var running sync.WaitGroup
	mix := p.mix()
	count := int64(perSecond * lasts.Seconds())
	begun := time.Now()
	for n := range count {
		due := begun.Add(time.Duration(float64(n) / perSecond * float64(time.Second)))
		if !until(ctx, due) {
			break
		}
		running.Go(func() {
			what := mix[n%int64(len(mix))]
			if n%signsIn == signsIn-1 {
				what = p.signInAgain(n)
			}
			err := what.do(ctx, n)
			took := time.Since(due)
			mu.Lock()
			defer mu.Unlock()
			for _, name := range []string{all, what.name} {
				w.took[name] = append(w.took[name], took)
				if err != nil {
					w.failures[name]++
				}
			}
			if err != nil && w.failures[all] <= 5 {
				w.failed = errors.Join(w.failed, fmt.Errorf("%s failed: %w", what.name, err))
			}
		})
	}
	running.Wait()
	for name := range w.took {
		slices.Sort(w.took[name])
	}
	return w
}

func (p *people) signInAgain(n int64) work {
	whose, login := &p.admin, "admin"
	if n/signsIn%2 == 1 {
		whose, login = &p.worker, "worker"
	}
	return work{"a sign-in", func(ctx context.Context, _ int64) error { return p.signIn(ctx, whose, login) }}
}

// until waits for a moment; false where ctx ends before.
func until(ctx context.Context, due time.Time) bool {
	select {
	case <-time.After(time.Until(due)):
		return true
	case <-ctx.Done():
		return false
	}
}
