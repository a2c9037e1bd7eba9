package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
	"channelbook/web"
)

// edge is an edge that trusts 10.0.0.0/8 and is ready, with a log that the test reads.
func edge(log io.Writer) web.Edge {
	return web.Edge{
		Log:            slog.New(reqctx.LogHandler(slog.NewTextHandler(log, nil))),
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Schema:         []byte("type Query { a: Int }\n"),
		Ready:          func(context.Context) error { return nil },
	}
}

func handler(t *testing.T, e web.Edge, others web.Routes) http.Handler {
	t.Helper()
	h, err := e.Handler(others)
	if err != nil {
		t.Fatalf("Handler: %v", err)
	}
	return h
}

// get is a GET from the proxy 10.0.0.1 with headers, given in pairs.
func get(path string, headers ...string) *http.Request {
	r := httptest.NewRequest("GET", path, nil)
	r.RemoteAddr = "10.0.0.1:5000"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func answer(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// seen is what a handler behind the edge learns of r.
func seen(t *testing.T, r *http.Request) reqctx.Request {
	t.Helper()
	var got reqctx.Request
	h := handler(t, edge(io.Discard), web.Routes{"GET /x": http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = reqctx.From(r.Context())
	})})
	if w := answer(h, r); w.Header().Get("X-Request-Id") != got.ID {
		t.Errorf("the answer's id %q is not the request's %q", w.Header().Get("X-Request-Id"), got.ID)
	}
	return got
}

func TestClientAddress(t *testing.T) {
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"the peer where nothing is said":       {"203.0.113.7:5000", nil, "203.0.113.7"},
		"the peer where it is not trusted":     {"203.0.113.7:5000", []string{"198.51.100.1"}, "203.0.113.7"},
		"what a trusted proxy says":            {"10.0.0.1:5000", []string{"198.51.100.1"}, "198.51.100.1"},
		"not what the client says of itself":   {"10.0.0.1:5000", []string{"192.0.2.66, 198.51.100.1"}, "198.51.100.1"},
		"behind two trusted proxies":           {"10.0.0.1:5000", []string{"192.0.2.66, 198.51.100.1, 10.0.0.2"}, "198.51.100.1"},
		"over several lines":                   {"10.0.0.1:5000", []string{"192.0.2.66", "198.51.100.1", "10.0.0.2"}, "198.51.100.1"},
		"a proxy itself where all are trusted": {"10.0.0.1:5000", []string{"10.0.0.3, 10.0.0.2"}, "10.0.0.3"},
		"the last one known before nonsense":   {"10.0.0.1:5000", []string{"198.51.100.1, unknown, 10.0.0.2"}, "10.0.0.2"},
		"with a port":                          {"10.0.0.1:5000", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		"IPv6 in its shortest form":            {"10.0.0.1:5000", []string{"[2001:DB8:0:0::1]:443"}, "2001:db8::1"},
		"IPv4 written as IPv6":                 {"[::ffff:10.0.0.1]:5000", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		"none on a Unix socket":                {"@", []string{"198.51.100.1"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := get("/x")
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.forwarded
			if got := seen(t, r).RemoteAddr; got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestRequestID(t *testing.T) {
	own := regexp.MustCompile(`^[A-Z2-7]{26}$`)
	t.Run("a trusted proxy's is kept", func(t *testing.T) {
		if got := seen(t, get("/x", "X-Request-Id", "proxy-0001")).ID; got != "proxy-0001" {
			t.Errorf("got %q, want the proxy's", got)
		}
	})
	t.Run("one that is not sane is replaced", func(t *testing.T) {
		for _, id := range []string{"", "short", "with space", strings.Repeat("a", 65), "a\"b\"c=d,e"} {
			if got := seen(t, get("/x", "X-Request-Id", id)).ID; !own.MatchString(got) {
				t.Errorf("%q: got %q, want one of our own", id, got)
			}
		}
	})
	t.Run("a stranger's is replaced", func(t *testing.T) {
		r := get("/x", "X-Request-Id", "stranger-1")
		r.RemoteAddr = "203.0.113.7:5000"
		if got := seen(t, r).ID; !own.MatchString(got) {
			t.Errorf("got %q, want one of our own", got)
		}
	})
}

func TestUserAgentCanBeStored(t *testing.T) {
	if got := seen(t, get("/x", "User-Agent", "curl/8\x7f \xff тест")).UserAgent; got != "curl/8  тест" {
		t.Errorf("got %q, want no control characters and no broken UTF-8", got)
	}
	if got := seen(t, get("/x", "User-Agent", "x"+strings.Repeat("ж", 200))).UserAgent; len(got) != 299 {
		t.Errorf("got %d bytes, want 299: whole letters within 300", len(got))
	}
}

func TestRefusalsAreProblems(t *testing.T) {
	h := handler(t, edge(io.Discard), web.Routes{"POST /only": http.NotFoundHandler()})
	for name, c := range map[string]struct {
		method, path, code, allow string
		status                    int
	}{
		"no such path":     {"GET", "/nowhere", "NOT_FOUND", "", 404},
		"no such asset":    {"GET", "/graphiql/0/page.js", "NOT_FOUND", "", 404},
		"an unclean path":  {"GET", "//nowhere", "NOT_FOUND", "", 404},
		"another method":   {"GET", "/only", "METHOD_NOT_ALLOWED", "POST", 405},
		"writing the page": {"POST", "/", "METHOD_NOT_ALLOWED", "GET, HEAD", 405},
	} {
		t.Run(name, func(t *testing.T) {
			w := answer(h, httptest.NewRequest(c.method, "http://x"+c.path, nil))
			var body struct{ Title, Code, RequestID string }
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatalf("%v in %s", err, w.Body)
			}
			if w.Code != c.status || body.Code != c.code || w.Header().Get("Allow") != c.allow {
				t.Errorf("got %d %s, Allow %q, want %d %s, Allow %q", w.Code, body.Code, w.Header().Get("Allow"), c.status, c.code, c.allow)
			}
			if body.RequestID == "" || body.RequestID != w.Header().Get("X-Request-Id") {
				t.Errorf("got the request id %q, want that of the header %q", body.RequestID, w.Header().Get("X-Request-Id"))
			}
		})
	}
}

func TestPanics(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, edge(&log), web.Routes{
		"GET /before": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") }),
		"GET /after": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic("broken")
		}),
	})
	t.Run("before the answer: 500 and a log line", func(t *testing.T) {
		w := answer(h, get("/before", "X-Request-Id", "proxy-0001"))
		if w.Code != 500 || !strings.Contains(w.Body.String(), `"code":"INTERNAL"`) || strings.Contains(w.Body.String(), "broken") {
			t.Errorf("got %d %s, want a 500 that does not say why", w.Code, w.Body)
		}
		for _, want := range []string{"panic=string", "web_test.go", "request=proxy-0001", "status=500"} {
			if !strings.Contains(log.String(), want) {
				t.Errorf("%q is not in the log:\n%s", want, log.String())
			}
		}
	})
	t.Run("amid the answer: the connection is cut", func(t *testing.T) {
		s := httptest.NewServer(h)
		defer s.Close()
		response, err := http.Get(s.URL + "/after")
		if err == nil {
			_, err = io.ReadAll(response.Body)
		}
		if err == nil {
			t.Error("got a whole answer, want a cut one")
		}
	})
}

func TestAccessLog(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, edge(&log), web.Routes{"GET /files/{id}": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "short")
	})})
	answer(h, get("/files/secret1?token=secret2", "X-Request-Id", "proxy-0001", "X-Forwarded-For", "203.0.113.7"))
	line := log.String()
	for _, want := range []string{"level=INFO msg=request method=GET route=\"GET /files/{id}\" status=418 bytes=5 duration=", " request=proxy-0001\n"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is not in %s", want, line)
		}
	}
	for _, not := range []string{"secret", "203.0.113.7"} {
		if strings.Contains(line, not) {
			t.Errorf("%q is in %s", not, line)
		}
	}
	log.Reset()
	answer(h, get("/healthz"))
	if log.Len() > 0 {
		t.Errorf("a probe wrote %s", log.String())
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	h := handler(t, edge(io.Discard), nil)
	for _, path := range []string{"/", "/nowhere", "/healthz", "/schema.graphql"} {
		got := answer(h, get(path)).Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
			"Content-Security-Policy": "frame-ancestors 'none'", "Cross-Origin-Opener-Policy": "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin", "Permissions-Policy": "camera=()",
		} {
			if !strings.Contains(got.Get(name), want) {
				t.Errorf("%s: %s is %q, want %q", path, name, got.Get(name), want)
			}
		}
		if got.Get("Strict-Transport-Security") != "" {
			t.Errorf("%s: browsers are held to https, which this server is not reached by", path)
		}
		if strings.Contains(got.Get("Content-Security-Policy"), "script-src 'self' 'unsafe") {
			t.Errorf("%s allows inline scripts: %s", path, got.Get("Content-Security-Policy"))
		}
	}
}

func TestBrowsersAreHeldToHTTPS(t *testing.T) {
	e := edge(io.Discard)
	e.PublicURL = "https://leads.example.ru"
	for _, path := range []string{"/", "/nowhere", "/healthz"} {
		if got := answer(handler(t, e, nil), get(path)).Header().Get("Strict-Transport-Security"); got != "max-age=31536000" {
			t.Errorf("%s: got %q, want a year", path, got)
		}
	}
}

// TestPagesOfOtherOriginsChangeNothing: a browser says where a request comes from; a program does not.
func TestPagesOfOtherOriginsChangeNothing(t *testing.T) {
	e := edge(io.Discard)
	e.PublicURL, e.CORSOrigins = "https://Leads.example.ru/base", []string{"https://app.example.ru"}
	ran := false
	h := handler(t, e, web.Routes{"/query": http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })})
	for name, c := range map[string]struct {
		method  string
		headers []string
		want    bool
	}{
		"a program":                          {"POST", nil, true},
		"our own page":                       {"POST", []string{"Sec-Fetch-Site", "same-origin", "Origin", "https://leads.example.ru"}, true},
		"our own page behind a proxy":        {"POST", []string{"Origin", "https://leads.example.ru"}, true},
		"our own page, by this address":      {"POST", []string{"Origin", "http://example.com"}, true}, // httptest's host
		"a page that is listed":              {"POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://app.example.ru"}, true},
		"typed into the browser":             {"POST", []string{"Sec-Fetch-Site", "none"}, true},
		"another page":                       {"POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, false},
		"another page, in an older browser":  {"POST", []string{"Origin", "https://evil.example"}, false},
		"a page of a neighbour":              {"POST", []string{"Sec-Fetch-Site", "same-site", "Origin", "https://other.example.ru"}, false},
		"a page in a sandbox":                {"POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, false},
		"another page puts":                  {"PUT", []string{"Origin", "https://evil.example"}, false},
		"another page deletes":               {"DELETE", []string{"Origin", "https://evil.example"}, false},
		"another page reads, and learns not": {"GET", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, true},
	} {
		ran = false
		r := get("/query", c.headers...)
		r.Method = c.method
		w := answer(h, r)
		if ran != c.want || !ran && (w.Code != 403 || !strings.Contains(w.Body.String(), `"OTHER_ORIGIN"`)) {
			t.Errorf("%s: got %d %s, want it run %v", name, w.Code, w.Body, c.want)
		}
	}
}

func TestCORS(t *testing.T) {
	open := edge(io.Discard)
	open.CORSOrigins = []string{"https://app.example.ru"}
	preflight := func(origin string) *http.Request {
		r := get("/query", "Origin", origin, "Access-Control-Request-Method", "POST")
		r.Method = "OPTIONS"
		return r
	}
	routes := web.Routes{"/query": http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}

	t.Run("off by default", func(t *testing.T) {
		w := answer(handler(t, edge(io.Discard), routes), preflight("https://app.example.ru"))
		if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("got %q, want none", got)
		}
	})
	t.Run("a listed origin may call", func(t *testing.T) {
		w := answer(handler(t, open, routes), preflight("https://app.example.ru"))
		if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "https://app.example.ru" ||
			!strings.Contains(w.Header().Get("Access-Control-Allow-Headers"), "Authorization") {
			t.Errorf("got %d %v, want 204 and what is allowed", w.Code, w.Header())
		}
		w = answer(handler(t, open, routes), get("/query", "Origin", "https://app.example.ru"))
		if w.Header().Get("Access-Control-Allow-Origin") != "https://app.example.ru" || !slices.Contains(w.Header().Values("Vary"), "Origin") {
			t.Errorf("got %v, want the origin allowed and told apart", w.Header())
		}
		if got := w.Header().Get("Access-Control-Allow-Credentials"); got != "" {
			t.Errorf("credentials are allowed: %q", got)
		}
	})
	t.Run("another origin may not", func(t *testing.T) {
		for _, origin := range []string{"https://evil.example", "https://app.example.ru.evil.example", "null", ""} {
			w := answer(handler(t, open, routes), preflight(origin))
			if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
				t.Errorf("%q: got %q, want none", origin, got)
			}
		}
	})
}

func TestStreamsReachTheConnection(t *testing.T) {
	s := httptest.NewServer(handler(t, edge(io.Discard), web.Routes{
		"GET /stream": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "first")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}),
		"GET /socket": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Errorf("hijack: %v", err)
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
			_ = conn.Close()
		}),
	}))
	defer s.Close()
	t.Run("flushed at once", func(t *testing.T) {
		response, err := http.Get(s.URL + "/stream")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		got := make([]byte, 5)
		if _, err := io.ReadFull(response.Body, got); err != nil || string(got) != "first" {
			t.Errorf("got %q, %v, want what was flushed", got, err)
		}
	})
	t.Run("taken over", func(t *testing.T) {
		response, err := http.Get(s.URL + "/socket")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if got, _ := io.ReadAll(response.Body); string(got) != "hi" {
			t.Errorf("got %q, want hi", got)
		}
	})
}

// TestAnAddressHasSoManyRequests for what is served to everybody; probes are not counted.
func TestAnAddressHasSoManyRequests(t *testing.T) {
	e := edge(io.Discard)
	e.Requests = ratelimit.NewRequests(0, 1, func() time.Time { return time.Unix(0, 0) }) // 20 at once
	h := handler(t, e, nil)
	paths := []string{"/", "/schema.graphql", "/nowhere", "/healthz"}
	from := func(address, path string) *httptest.ResponseRecorder {
		return answer(h, get(path, "X-Forwarded-For", address))
	}
	for i := range 20 {
		if got := from("203.0.113.7", paths[i%3]); got.Code == http.StatusTooManyRequests {
			t.Fatalf("request %d: got 429", i)
		}
	}
	for _, path := range paths[:3] {
		got := from("203.0.113.7", path)
		if got.Code != http.StatusTooManyRequests || got.Header().Get("Retry-After") != "1" || !strings.Contains(got.Body.String(), `"RATE_LIMITED"`) {
			t.Errorf("%s: got %d %s, Retry-After %q, want 429 and 1", path, got.Code, got.Body, got.Header().Get("Retry-After"))
		}
	}
	if got := from("203.0.113.7", "/healthz"); got.Code != http.StatusOK {
		t.Errorf("a probe: got %d, want 200", got.Code)
	}
	if got := from("203.0.113.8", "/"); got.Code != http.StatusOK {
		t.Errorf("another address: got %d, want 200", got.Code)
	}
}
