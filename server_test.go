package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/internal/config"
	"channelbook/internal/dbtest"
)

// patience is how long the tests wait for what should come at once.
const patience = 30 * time.Second

// vars are the settings of a server.
type vars map[string]string

func (v vars) get(name string) string { return v[name] }

// with is v and more.
func (v vars) with(more vars) vars {
	all := maps.Clone(v)
	maps.Copy(all, more)
	return all
}

// each runs test with the settings of a server on an empty base of each engine.
func each(t *testing.T, test func(t *testing.T, v vars)) {
	t.Run("sqlite", func(t *testing.T) { test(t, onSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, onPostgres(t)) })
}

func onSQLite(t *testing.T) vars {
	return vars{"HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": "sqlite:" + filepath.Join(t.TempDir(), "data", "base.db")}
}

func onPostgres(t *testing.T) vars {
	return vars{
		"HTTP_ADDR": "127.0.0.1:0", "DATABASE_URL": dbtest.EmptyPostgres(t),
		"JWT_KEYS":           "test:0123456789abcdef0123456789abcdef",
		"PERSONAL_DATA_KEYS": "test:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	}
}

// serving is a server that runs in this process.
type serving struct {
	url     string
	metrics string // empty: there are none
	stop    context.CancelFunc
	ended   chan error // what run returned
	stdout  *bytes.Buffer
	log     *journal
}

// journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

func (j *journal) all() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// address is the one that a line with a message names; empty where there is no such line.
func (j *journal) address(message string) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.text.String()) {
		var l struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &l) == nil && l.Msg == message {
			return l.Address
		}
	}
	return ""
}

// start runs a server until the test ends, or stop is called.
func start(t *testing.T, v vars) *serving {
	t.Helper()
	cfg, err := config.Load(v.get)
	if err != nil {
		t.Fatal(err)
	}
	return startWith(t, cfg)
}

func startWith(t *testing.T, cfg config.Config) *serving {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &serving{stop: stop, ended: make(chan error, 1), stdout: &bytes.Buffer{}}
	address, log, canaries := make(chan net.Addr, 1), &journal{}, dbtest.Canaries(t)
	s.log = log
	go func() {
		logger := slog.New(slog.NewJSONHandler(io.MultiWriter(log, canaries), &slog.HandlerOptions{Level: slog.LevelDebug}))
		s.ended <- run(ctx, cfg, logger, s.stdout, func(a net.Addr) { address <- a })
		close(s.ended)
	}()
	select {
	case a := <-address:
		s.url = "http://" + a.String()
		if metrics := log.address("serving metrics"); metrics != "" {
			s.metrics = "http://" + metrics + "/metrics"
		}
	case err := <-s.ended:
		t.Fatalf("the server ended before it served: %v", err)
	}
	t.Cleanup(func() {
		stop()
		<-s.ended
	})
	return s
}

// end stops the server and waits for it.
func (s *serving) end(t *testing.T) {
	t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		t.Errorf("the server ended with %v, want nil", err)
	}
}

// do runs a command and returns what it printed.
func do(t *testing.T, v vars, stdin string, args ...string) (stdout string, err error) {
	t.Helper()
	var out, log bytes.Buffer
	err = command(t.Context(), args, v.get, strings.NewReader(stdin), &out, &log)
	return out.String(), err
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

// reply is a GraphQL answer.
type reply struct {
	Data   map[string]any
	Errors []struct{ Extensions struct{ Code string } }
	raw    string
}

// code of the first error; empty without one.
func (r reply) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// text at a path of field names; empty where there is none.
func (r reply) text(path ...string) string {
	var v any = r.Data
	for _, name := range path {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	s, _ := v.(string)
	return s
}

// ask sends an operation; an empty token is nobody's.
func ask(t *testing.T, url, token, query string, input vars) reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": map[string]any{"input": input}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/query", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{raw: string(raw)}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("got %d %s, want JSON: %v", answer.StatusCode, raw, err)
	}
	return out
}

const (
	signInMutation = `mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } viewer { id role } userErrors { code } } }`
	viewerQuery    = `{ viewer { login role } }`
)

// signIn returns an access token; empty where the sign-in failed.
func signIn(t *testing.T, url, login, password string) string {
	t.Helper()
	return ask(t, url, "", signInMutation, vars{"login": login, "password": password}).text("signIn", "session", "accessToken")
}

func TestTheFirstStartMakesAnAdministrator(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		first := start(t, v)
		first.end(t)
		printed := regexp.MustCompile(`(?m)^  login: +(\S+)\n  password: +(\S+)$`).FindAllStringSubmatch(first.stdout.String(), -1)
		if len(printed) != 1 {
			t.Fatalf("got %q, want one login and one password", first.stdout)
		}
		login, password := printed[0][1], printed[0][2]

		second := start(t, v)
		token := signIn(t, second.url, login, password)
		if got := ask(t, second.url, token, viewerQuery, nil); got.text("viewer", "login") != "admin" || got.text("viewer", "role") != "ADMIN" {
			t.Errorf("got %s, want the administrator", got.raw)
		}
		if signIn(t, second.url, login, password+"x") != "" {
			t.Error("another password lets in too")
		}
		second.end(t)
		if second.stdout.Len() > 0 {
			t.Errorf("the second start printed %q, want nothing", second.stdout)
		}

		third := start(t, v)
		if got := ask(t, third.url, token, viewerQuery, nil); got.text("viewer", "login") != "admin" {
			t.Errorf("the token of an earlier start: got %s, want it accepted still", got.raw)
		}
	})
}

func TestADemandedPasswordIsNotPrinted(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		s := start(t, v.with(vars{"ADMIN_PASSWORD": "a long enough password"}))
		if signIn(t, s.url, "admin", "a long enough password") == "" {
			t.Error("ADMIN_PASSWORD does not let admin in")
		}
		s.end(t)
		if s.stdout.Len() > 0 {
			t.Errorf("got %q, want nothing printed", s.stdout)
		}
	})
}

func TestAWeakAdminPasswordStopsTheStart(t *testing.T) {
	v := onSQLite(t).with(vars{"ADMIN_PASSWORD": "short"})
	_, err := do(t, v, "", "serve")
	if err == nil || !strings.Contains(err.Error(), "A password has at least 8 characters.") {
		t.Errorf("got %v, want a sentence on the password", err)
	}
}

func TestWhatTheServerShows(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		s := start(t, v)
		for path, want := range map[string]string{
			"/healthz":        "ok\n",
			"/readyz":         "ok\n",
			"/schema.graphql": "type Mutation",
			"/":               "GraphiQL",
		} {
			if status, body := get(t, s.url+path); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s: got %d %.200q, want 200 and %q in it", path, status, body, want)
			}
		}
		for path, want := range map[string]string{"/nowhere": "NOT_FOUND", "/api/v1/leads": "METHOD_NOT_ALLOWED"} {
			if status, body := get(t, s.url+path); status < 400 || !strings.Contains(body, want) {
				t.Errorf("%s: got %d %.200q, want %s", path, status, body, want)
			}
		}
	})
}

// TestWhatIsDescribedIsServed: each operation of openapi.json is one that the server knows.
func TestWhatIsDescribedIsServed(t *testing.T) {
	s := start(t, onSQLite(t))
	_, body := get(t, s.url+"/api/v1/openapi.json")
	var described struct {
		Paths map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(body), &described); err != nil || len(described.Paths) < 6 {
		t.Fatalf("got %d paths, %v, want the REST part", len(described.Paths), err)
	}
	for path, operations := range described.Paths {
		for method := range operations {
			if method == "parameters" {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), strings.ToUpper(method), s.url+strings.ReplaceAll(path, "{id}", "x"), nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			said, _ := io.ReadAll(answer.Body)
			_ = answer.Body.Close()
			if answer.StatusCode == 404 || answer.StatusCode == 405 {
				t.Errorf("%s %s: got %d %s, want something served there", method, path, answer.StatusCode, said)
			}
		}
	}
}

func TestAStopLetsARequestFinish(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		s := start(t, v.with(vars{"ADMIN_PASSWORD": "a long enough password"}))
		key := newSource(t, s.url)
		const lead = `{"firstName":"Anna","phone":"+79123456789"}`
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		answers := bufio.NewReader(conn)
		fmt.Fprintf(conn, "POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nX-Api-Key: %s\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n",
			key, len(lead))
		// The server asks for the body once it has begun to work on the request.
		if line, err := answers.ReadString('\n'); err != nil || !strings.HasPrefix(line, "HTTP/1.1 100") {
			t.Fatalf("got %q, %v, want to be asked for the body", line, err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}

		s.stop()
		refuses(t, s.url)
		fmt.Fprint(conn, lead)
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		if body, _ := io.ReadAll(answer.Body); answer.StatusCode != 201 {
			t.Errorf("got %d %s, want 201", answer.StatusCode, body)
		}
		if err := <-s.ended; err != nil {
			t.Errorf("the server ended with %v, want nil", err)
		}
	})
}

func TestAStopWithADelayServesOnAndSaysThatItIsGoing(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		t.Parallel()
		const delay = 2 * time.Second
		s := start(t, v.with(vars{"ADMIN_PASSWORD": adminPassword, "SHUTDOWN_DELAY": delay.String(), "METRICS_ADDR": "127.0.0.1:0"}))
		sender := newSender(t, newSource(t, s.url), 1)
		asked := time.Now()
		s.stop()
		eventually(t, "the server says that it is going", delay, func() bool {
			status, _ := get(t, s.url+"/readyz")
			return status == 503
		})
		if a, err := sender.send(t.Context(), s.url, `{"firstName":"Anna","phone":"+79123456789"}`, ""); err != nil || a.status != 201 {
			t.Errorf("a lead: got %d, %v, want 201", a.status, err)
		}
		if status, _ := get(t, s.metrics); status != 200 {
			t.Errorf("metrics: got %d, want 200", status)
		}
		if err := <-s.ended; err != nil {
			t.Errorf("the server ended with %v, want nil", err)
		}
		if took := time.Since(asked); took < delay {
			t.Errorf("the server ended after %v, want %v", took, delay)
		}
		refuses(t, strings.TrimSuffix(s.metrics, "/metrics"))
	})
}

// refuses waits until nobody answers at url: from then on the server is stopping.
func refuses(t *testing.T, url string) {
	t.Helper()
	eventually(t, "new connections are refused", patience, func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

// eventually polls until the condition holds; the test fails where it does not in time.
func eventually(t *testing.T, what string, within time.Duration, holds func() bool) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for late := time.After(within); !holds(); {
		select {
		case <-late:
			t.Fatalf("%s: it does not hold after %v", what, within)
		case <-poll.C:
		}
	}
}

// written is a file of operations.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "operations.graphql")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestWhatIsOffIsNotThere: the schema, GraphiQL, and operations that are on no list.
func TestWhatIsOffIsNotThere(t *testing.T) {
	s := start(t, onSQLite(t).with(vars{"INTROSPECTION": "off", "GRAPHIQL": "off", "ALLOWED_OPERATIONS": written(t, "query Me { viewer { id } }")}))
	for _, path := range []string{"/", "/schema.graphql"} {
		if status, body := get(t, s.url+path); status != 404 {
			t.Errorf("%s: got %d %.200q, want 404", path, status, body)
		}
	}
	for query, want := range map[string]string{
		"{__schema{queryType{name}}}": "FORBIDDEN", "{viewer{id}}": "FORBIDDEN", "query Me{viewer{id}}": "UNAUTHENTICATED",
	} {
		if _, body := get(t, s.url+"/query?query="+url.QueryEscape(query)); !strings.Contains(body, `"`+want+`"`) {
			t.Errorf("%s: got %.300q, want %s", query, body, want)
		}
	}
}

// TestNoRouteSetsACookie: who asks says so in a header, so no page of another origin speaks for somebody else.
func TestNoRouteSetsACookie(t *testing.T) {
	s := start(t, onSQLite(t).with(vars{"ADMIN_PASSWORD": "a long enough password"}))
	token := signIn(t, s.url, "admin", "a long enough password")
	asked := 0
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"} {
		for _, path := range []string{
			"/", "/schema.graphql", "/healthz", "/readyz", "/query", "/query?query={viewer{id}}", "/api/v1/leads", "/api/v1/leads/batch", "/api/v1/openapi.json",
			"/hooks/vk/x", "/hooks/google/x", "/distributors/x/logo", "/users/x/avatar", "/files/x", "/audit.csv", "/nowhere",
		} {
			r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(`{"query":"{ viewer { id } }"}`))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+token)
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = answer.Body.Close()
			if asked++; len(answer.Header.Values("Set-Cookie")) > 0 {
				t.Errorf("%s %s sets a cookie", method, path)
			}
		}
	}
	if asked != 6*16 {
		t.Errorf("asked %d times, want 96", asked)
	}
}

// TestPostsOfAPageRunNothing: what a page of another origin can send without asking is no request, whoever it says it is.
func TestPostsOfAPageRunNothing(t *testing.T) {
	s := start(t, onSQLite(t).with(vars{"ADMIN_PASSWORD": "a long enough password"}))
	token := signIn(t, s.url, "admin", "a long enough password")
	const make = `{"query":"mutation { createDistributor(input: {companyName: \"CSRF\"}) { distributor { id } } }"}`
	for name, c := range map[string]struct {
		contentType, origin string
		status              int
	}{
		"plain text":                  {"text/plain", "", 415},
		"a form":                      {"application/x-www-form-urlencoded", "", 415},
		"a form of parts":             {"multipart/form-data; boundary=x", "", 415},
		"no type":                     {"", "", 415},
		"JSON of another page":        {"application/json", "https://evil.example", 403},
		"JSON of a page in a sandbox": {"application/json", "null", 403},
		"plain text of another page":  {"text/plain", "https://evil.example", 403},
		"JSON that says it is a form": {"application/json, text/plain", "", 415},
		"JSON and a type beside it":   {"text/plain; application/json", "", 415},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/query", strings.NewReader(make))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header["Content-Type"], r.Header["Origin"] = []string{c.contentType}, []string{c.origin}
		if c.origin == "" {
			delete(r.Header, "Origin")
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != c.status {
			t.Errorf("%s: got %d, want %d", name, answer.StatusCode, c.status)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/query", strings.NewReader(`{"query":"{ distributors { totalCount } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, _ := io.ReadAll(answer.Body); !strings.Contains(string(body), `"totalCount":0`) {
		t.Errorf("got %s, want no distributor", body)
	}
}

func TestAWrongSettingStopsTheStart(t *testing.T) {
	sqlite := onSQLite(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for name, c := range map[string]struct {
		v    vars
		want []string
	}{
		"all that are wrong are named": {sqlite.with(vars{"HTTP_ADDR": "nowhere", "LOG_LEVEL": "loud"}),
			[]string{`HTTP_ADDR: "nowhere" is not host:port`, `LOG_LEVEL: "loud" is not debug, info, warn or error`}},
		"PostgreSQL wants its keys": {vars{"DATABASE_URL": "postgres://127.0.0.1:1/x"},
			[]string{"JWT_KEYS: it is not set", "PERSONAL_DATA_KEYS: it is not set"}},
		"the metrics' address is taken": {sqlite.with(vars{"HTTP_ADDR": "127.0.0.1:0", "METRICS_ADDR": taken.Addr().String()}),
			[]string{"METRICS_ADDR", "address already in use"}},
		"an operation that is not valid": {sqlite.with(vars{"HTTP_ADDR": "127.0.0.1:0", "ALLOWED_OPERATIONS": written(t, "query A {\n  nothing\n}")}),
			[]string{"ALLOWED_OPERATIONS: ", "operations.graphql:2: A: "}},
		"the address is taken": {sqlite.with(vars{"HTTP_ADDR": taken.Addr().String()}), []string{"HTTP_ADDR", "address already in use"}},
		"the base does not answer": {vars{"DATABASE_URL": "postgres://horse:battery@127.0.0.1:1/x?sslmode=disable&connect_timeout=1",
			"JWT_KEYS": "k:0123456789abcdef0123456789abcdef", "PERSONAL_DATA_KEYS": "k:" + strings.Repeat("5a", 32)},
			[]string{"DATABASE_URL does not answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := do(t, c.v, "", "serve")
			if err == nil {
				t.Fatal("the server started")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
			if strings.Contains(err.Error(), "battery") {
				t.Errorf("the error shows a password: %v", err)
			}
		})
	}
}

func TestWhatIsNoCommandMakesNothing(t *testing.T) {
	v := onSQLite(t)
	for want, args := range map[string][]string{
		`there is no command "sreve"`:         {"sreve"},
		`serve takes no arguments, but "-x"`:  {"-x"},
		`migrate takes no arguments, but "x"`: {"migrate", "x"},
	} {
		if _, err := do(t, v, "", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
	if _, err := os.Stat(filepath.Dir(strings.TrimPrefix(v["DATABASE_URL"], "sqlite:"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no folder made", err)
	}
}

func TestHelpListsTheSettings(t *testing.T) {
	for _, args := range [][]string{{"-help"}, {"-h"}, {"help"}, {"serve", "--help"}, {"user", "create", "-h"}} {
		out, err := do(t, vars{"HTTP_ADDR": "wrong"}, "", args...)
		if err != nil {
			t.Errorf("%v: got %v, want none even with a wrong setting", args, err)
		}
		for _, want := range []string{
			"channelbook [serve]", "channelbook migrate", "user create -login L -role admin", "user set-password", "user reset-second-factor", "channelbook import-legacy [-apply] FILE",
			"HTTP_ADDR", "127.0.0.1:8080", "DATABASE_URL", "sqlite:data/channelbook.db", "PUBLIC_URL", "JWT_KEYS", "PERSONAL_DATA_KEYS",
			"BUSINESS_TIMEZONE", "Europe/Moscow", "ADMIN_PASSWORD", "TRUSTED_PROXIES", "CORS_ORIGINS", "LOG_LEVEL", "LOG_FORMAT",
			"METRICS_ADDR", "SHUTDOWN_DELAY",
		} {
			if !strings.Contains(out, want) {
				t.Errorf("%v: %q is not in:\n%s", args, want, out)
			}
		}
	}
}

func TestABucketThatIsOutOfOrderKeepsNoLeadOut(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	bucket := "s3://key:secret@" + nobody.Addr().String() + "/pictures?tls=off"
	_ = nobody.Close()
	s := start(t, onSQLite(t).with(vars{"ADMIN_PASSWORD": adminPassword, "FILES_DIR": bucket}))
	body, key := leadOf(1)
	if a, err := newSender(t, newSource(t, s.url), 1).send(t.Context(), s.url, body, key); err != nil || a.Outcome != "ACCEPTED" {
		t.Errorf("got %+v, %v, want the lead taken in", a, err)
	}
}

func TestMigrateBringsTheBaseUpToDate(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		for range 2 { // the second finds nothing to do
			if _, err := do(t, v, "", "migrate"); err != nil {
				t.Fatal(err)
			}
		}
		d := dbtest.Open(t, v["DATABASE_URL"])
		if err := d.Ready(t.Context()); err != nil {
			t.Errorf("got %v, want a base that is ready", err)
		}
	})
}

func TestUsersAreMadeWithoutAServer(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		generated := func(out string) string {
			found := regexp.MustCompile(`(?m)^password: (\S+)$`).FindStringSubmatch(out)
			if found == nil {
				t.Fatalf("got %q, want a password in it", out)
			}
			return found[1]
		}
		run := func(stdin string, args ...string) string {
			out, err := do(t, v, stdin, append([]string{"user"}, args...)...)
			if err != nil {
				t.Fatalf("user %v: %v", args, err)
			}
			return out
		}
		out := run("correct horse battery\n", "create", "-login", "Anna", "-role", "admin")
		if strings.Contains(out, "horse") {
			t.Errorf("got %q, want no password of the operator's own shown", out)
		}
		boris := generated(run("", "create", "-login", "boris", "-role", "admin"))

		s := start(t, v)
		if signIn(t, s.url, "anna", "correct horse battery") == "" {
			t.Error("the password that was given does not let in")
		}
		token := signIn(t, s.url, "boris", boris)
		if token == "" {
			t.Error("the password that was generated does not let in")
		}

		// The server runs on while the operator changes a password.
		next := generated(run("\n", "set-password", "-login", "boris"))
		if signIn(t, s.url, "boris", boris) != "" || signIn(t, s.url, "boris", next) == "" {
			t.Error("set-password: want the new password to let in and the old one no more")
		}
		eventually(t, "the session under the old password has ended", patience, func() bool {
			return ask(t, s.url, token, viewerQuery, nil).code() == "UNAUTHENTICATED"
		})
		s.end(t)
		if s.stdout.Len() > 0 {
			t.Errorf("got %q, want no administrator made on a base that has users", s.stdout)
		}
	})
}

func TestAPasswordIsNotSetWhereThereIsNoBase(t *testing.T) {
	v := onSQLite(t)
	if _, err := do(t, v, "", "user", "set-password", "-login", "admin"); err == nil || !strings.Contains(err.Error(), "there is no base at") {
		t.Errorf("got %v, want to be told that there is no base", err)
	}
	if _, err := os.Stat(filepath.Dir(strings.TrimPrefix(v["DATABASE_URL"], "sqlite:"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want nothing made", err)
	}
}

func TestWhatTheUserCommandRefuses(t *testing.T) {
	v := onSQLite(t)
	if _, err := do(t, v, "", "user", "create", "-login", "anna", "-role", "admin"); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"user wants create, set-password or":     {"user"},
		"-login is missing":                      {"user", "create", "-role", "admin"},
		`user create knows no "extra"`:           {"user", "create", "-login", "b", "extra"},
		"role: A user is":                        {"user", "create", "-login", "boris", "-role", "root"},
		"login: Another user has this login.":    {"user", "create", "-login", "ANNA", "-role", "admin"},
		"distributorId: A distributor's user":    {"user", "create", "-login", "boris", "-role", "distributor"},
		"-distributor: not an id":                {"user", "create", "-login", "boris", "-role", "distributor", "-distributor", "x"},
		"login: There is no such user.":          {"user", "set-password", "-login", "nobody"},
		"flag provided but not defined: -loggin": {"user", "create", "-loggin", "x"},
	} {
		if _, err := do(t, v, "", args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %q", args, err, want)
		}
	}
	if _, err := do(t, v, "short\n", "user", "set-password", "-login", "anna"); err == nil || !strings.Contains(err.Error(), "at least 8 characters") {
		t.Errorf("a short password: got %v, want it refused", err)
	}
}

func TestAnInterruptEndsTheQuestionForAPassword(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	stdin, _ := io.Pipe() // nobody types
	ended := make(chan error, 1)
	go func() {
		_, _, err := askPassword(ctx, stdin, io.Discard)
		ended <- err
	}()
	interrupt()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was interrupted", err)
	}
}
