package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// asCommand turns the test binary into the server's, so that tests can start and kill processes of it.
const asCommand = "CHANNELBOOK_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const adminPassword = "a long enough password"

// process is a server in a process of its own.
type process struct {
	url  string
	kill func() // with SIGKILL; it returns when the process is gone
}

// binary is this binary as the server's command, with these settings and nothing else of this process's environment.
func binary(v vars, args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = []string{asCommand + "=1", "TMPDIR=" + os.TempDir(), "LOG_FORMAT=json", "ADMIN_PASSWORD=" + adminPassword}
	for name, value := range v {
		c.Env = append(c.Env, name+"="+value)
	}
	return c
}

// launch starts a server and waits until it serves. The process does not outlive the test.
func launch(t *testing.T, v vars) (*process, error) {
	c := binary(v)
	stderr, err := c.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	gone := make(chan struct{})
	p := &process{kill: sync.OnceFunc(func() {
		_ = c.Process.Kill()
		<-gone
	})}
	t.Cleanup(p.kill)
	address := make(chan string, 1)
	var said bytes.Buffer // read once the process is gone
	go func() {
		defer close(gone)
		follow(io.TeeReader(stderr, &said), address)
		_ = c.Wait()
	}()
	select {
	case a := <-address:
		p.url = "http://" + a
		return p, nil
	case <-gone:
		return nil, fmt.Errorf("the server ended before it served: %s", &said)
	case <-time.After(patience):
		p.kill()
		return nil, fmt.Errorf("the server does not serve after %v: %s", patience, &said)
	}
}

// follow reads a log to its end and tells the address that it is served at.
func follow(log io.Reader, address chan<- string) {
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var line struct{ Msg, Address string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			address <- line.Address
		}
	}
}

func mustLaunch(t *testing.T, v vars) *process {
	t.Helper()
	p, err := launch(t, v)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// newSource makes a lead source that asks for no consent and returns its key.
func newSource(t *testing.T, url string) string {
	t.Helper()
	token := signIn(t, url, "admin", adminPassword)
	r := ask(t, url, token, `mutation { createLeadSource(input: {name: "site", requireConsent: false}) { apiKey userErrors { code field } } }`, nil)
	key := r.text("createLeadSource", "apiKey")
	if key == "" {
		t.Fatalf("got %s, want a source's key", r.raw)
	}
	return key
}

// answer is what a lead was answered.
type answer struct {
	Outcome, Reference string

	status   int
	replayed bool
}

// sender posts leads of one source over connections of its own.
type sender struct {
	key  string
	http *http.Client
}

func newSender(t *testing.T, key string, connections int) *sender {
	transport := &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}
	t.Cleanup(transport.CloseIdleConnections)
	return &sender{key, &http.Client{Transport: transport, Timeout: patience}}
}

// send posts a lead, under an idempotency key unless that is empty. An error says that no whole answer came.
func (s *sender) send(ctx context.Context, url, body, idempotencyKey string) (a answer, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/api/v1/leads", strings.NewReader(body))
	if err != nil {
		return a, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", s.key)
	if idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", idempotencyKey)
	}
	got, err := s.http.Do(r)
	if err != nil {
		return a, err
	}
	defer got.Body.Close()
	raw, err := io.ReadAll(got.Body)
	if err != nil {
		return a, err
	}
	a.status, a.replayed = got.StatusCode, got.Header.Get("Idempotent-Replayed") == "true"
	if got.StatusCode/100 != 2 {
		return a, nil
	}
	return a, json.Unmarshal(raw, &a)
}

// book is what a sender remembers of its leads: by each idempotency key that was sent the reference that was
// answered, empty where the answer did not come.
type book struct {
	mu         sync.Mutex
	references map[string]string
}

func (b *book) note(key, reference string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.references[key] = reference
}

func leadOf(n int64) (body, key string) {
	return fmt.Sprintf(`{"firstName":"Anna","phone":"+7912%07d"}`, n), fmt.Sprintf("key-%d", n)
}

const (
	crashes    = 3  // of a server on each engine
	senders    = 8  // at once
	mostBefore = 80 // answers before a crash, at most
)

func TestAKilledServerLosesNoLeadThatItAnswered(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		p := mustLaunch(t, v)
		s := newSender(t, newSource(t, p.url), senders)
		b := &book{references: map[string]string{}}
		var next atomic.Int64
		for range crashes {
			after := rand.Int64N(mostBefore) + 1
			unanswered := s.streamUntilKilled(t, p, b, &next, after)
			p = mustLaunch(t, v)
			t.Logf("killed after %d answers, with %d leads on their way", after, unanswered)
			s.retryAll(t, p.url, b, next.Load())
		}
		p.kill()
		wantEachOnce(t, v, b)
	})
}

// streamUntilKilled sends new leads from several goroutines, kills the server at the given answer, whatever the
// others are at, and tells how many leads got none.
func (s *sender) streamUntilKilled(t *testing.T, p *process, b *book, next *atomic.Int64, after int64) (unanswered int64) {
	var answered, lost atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for {
				body, key := leadOf(next.Add(1))
				b.note(key, "")
				a, err := s.send(t.Context(), p.url, body, key)
				if err != nil { // the server is gone
					lost.Add(1)
					return
				}
				if a.status != 201 {
					t.Errorf("%s: got %d, want 201", key, a.status)
				}
				b.note(key, a.Reference)
				if answered.Add(1) == after {
					p.kill()
				}
			}
		})
	}
	all.Wait()
	return lost.Load()
}

// retryAll sends every lead once more and holds the answers against what is remembered.
func (s *sender) retryAll(t *testing.T, url string, b *book, last int64) {
	t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for n := next.Add(1); n <= last; n = next.Add(1) {
				body, key := leadOf(n)
				b.mu.Lock()
				known := b.references[key]
				b.mu.Unlock()
				a, err := s.send(t.Context(), url, body, key)
				switch {
				case err != nil || a.status != 201 || a.Outcome != "ACCEPTED":
					t.Errorf("%s again: got %+v, %v, want 201 ACCEPTED", key, a, err)
				case known != "" && (a.Reference != known || !a.replayed):
					t.Errorf("%s again: got %+v, want %s replayed", key, a, known)
				}
				b.note(key, a.Reference)
			}
		})
	}
	all.Wait()
}

// wantEachOnce looks into the base: it has one lead for each key, the one that the reference names, and no others.
func wantEachOnce(t *testing.T, v vars, b *book) {
	t.Helper()
	d := dbtest.Open(t, v["DATABASE_URL"])
	leads, err := d.Lead.Query().Order(lead.ByID()).All(auth.AsSystem(t.Context(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, l := range leads {
		if l.IdempotencyKey == nil || l.Outcome != lead.OutcomeACCEPTED {
			t.Errorf("the base has the lead %s, %s under the key %v, want only what was sent", l.ID, l.Outcome, l.IdempotencyKey)
			continue
		}
		found[*l.IdempotencyKey]++
		if want := b.references[*l.IdempotencyKey]; gid.Submission.Format(l.ID) != want {
			t.Errorf("the lead of %s is %s, want %s", *l.IdempotencyKey, gid.Submission.Format(l.ID), want)
		}
	}
	for key := range b.references {
		if found[key] != 1 {
			t.Errorf("the base has %d leads of %s, want 1", found[key], key)
		}
	}
	if len(leads) != len(b.references) {
		t.Errorf("the base has %d leads, want %d", len(leads), len(b.references))
	}
}

func TestASecondServerOnASQLiteBaseIsRefused(t *testing.T) {
	v := onSQLite(t)
	first := mustLaunch(t, v)
	out, err := binary(v, "serve").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("got %v, want the exit code 1", err)
	}
	if !strings.HasPrefix(string(out), "channelbook: ") || !strings.Contains(string(out), "another process serves this base") {
		t.Errorf("got %q, want a sentence", out)
	}
	if status, _ := get(t, first.url+"/readyz"); status != 200 {
		t.Errorf("the first server answers %d, want 200", status)
	}
	first.kill()
	mustLaunch(t, v) // a killed server leaves no lock behind
}

// launchTwo starts two servers on one PostgreSQL base at once, an empty one.
func launchTwo(t *testing.T) (a, b *process) {
	t.Helper()
	v := onPostgres(t)
	var servers [2]*process
	var errs [2]error
	var all sync.WaitGroup
	for i := range servers {
		all.Go(func() { servers[i], errs[i] = launch(t, v) })
	}
	all.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	return servers[0], servers[1]
}

func TestOfEqualLeadsAtTwoServersOneIsAccepted(t *testing.T) {
	const leads, connections = 200, 20
	a, b := launchTwo(t)
	s := newSender(t, newSource(t, a.url), connections/2)
	outcomes := make(chan string, leads)
	begin := make(chan struct{})
	var all sync.WaitGroup
	for i := range connections {
		url := []string{a.url, b.url}[i%2]
		all.Go(func() {
			<-begin
			for range leads / connections {
				got, err := s.send(t.Context(), url, `{"firstName":"Anna","phone":"8 (912) 345-67-89"}`, "")
				if err != nil {
					got.Outcome = err.Error()
				}
				outcomes <- fmt.Sprint(got.status, " ", got.Outcome)
			}
		})
	}
	close(begin)
	all.Wait()
	close(outcomes)
	count := map[string]int{}
	for o := range outcomes {
		count[o]++
	}
	if count["201 ACCEPTED"] != 1 || count["200 DUPLICATE"] != leads-1 {
		t.Errorf("got %v, want one ACCEPTED and the rest DUPLICATE", count)
	}
}

func TestADisabledUserIsShutOutOfTheOtherServerWithinASecond(t *testing.T) {
	a, b := launchTwo(t)
	admin := signIn(t, a.url, "admin", adminPassword)
	created := ask(t, a.url, admin, `mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { code field } } }`,
		vars{"login": "boris", "password": adminPassword, "role": "ADMIN"})
	id := created.text("createUser", "user", "id")
	if id == "" {
		t.Fatalf("got %s, want a user", created.raw)
	}
	token := signIn(t, b.url, "boris", adminPassword)
	for _, url := range []string{a.url, b.url} {
		if got := ask(t, url, token, viewerQuery, nil); got.text("viewer", "login") != "boris" {
			t.Fatalf("got %s, want the user let in on both", got.raw)
		}
	}

	disabled := ask(t, a.url, admin, `mutation($input: DisableUserInput!) { disableUser(input: $input) { user { status } userErrors { code field } } }`, vars{"id": id})
	if disabled.text("disableUser", "user", "status") != "DISABLED" {
		t.Fatalf("got %s, want the user disabled", disabled.raw)
	}
	if got := ask(t, a.url, token, viewerQuery, nil); got.code() != "UNAUTHENTICATED" {
		t.Errorf("the server that disabled the user: got %s, want UNAUTHENTICATED at once", got.raw)
	}
	eventually(t, "the other server shuts the user out", promptly, func() bool {
		return ask(t, b.url, token, viewerQuery, nil).code() == "UNAUTHENTICATED"
	})
	if signIn(t, b.url, "boris", adminPassword) != "" {
		t.Error("a disabled user signs in again")
	}
}
