package hostile

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
)

// Attack is one kind of what is sent.
type Attack struct {
	Name string
	Send func() Answer
	// Refused tells that an answer of success would be a hole.
	Refused bool
}

var guess atomic.Int64

// Attacks are all kinds.
func (s *Site) Attacks() []Attack {
	var all []Attack
	add := func(name string, refused bool, send func() Answer) { all = append(all, Attack{name, send, refused}) }
	ask := func(name, token, query string) {
		add(name, false, func() Answer { return s.Do(s.query(token, query, nil)) })
	}
	ask("25 nested fragments", "", nestedFragments(25))
	ask("overlaps, 1 500 tokens", "", overlapping(1498))
	ask("overlaps, 100 000 tokens", "", overlapping(100_000))
	ask("overlapping lists", s.Worker, overlappingLists(100))
	ask("400 aliases", s.Worker, aliases(400))
	ask("50 levels", s.Worker, deep(50))
	ask("introspection of introspection", "", introspection(20))
	ask("100 lists of 100", s.Worker, lists(100, 99))
	ask("10 guesses in one request", "", mutations(10))
	ask("200 errors", "", wrong(200))
	for name, sent := range map[string]string{
		"a body of 1 MiB": body(1 << 20), "a body of 1 MiB and a byte": body(1<<20 + 1), "no JSON": `{"query":`, "a list of requests": `[{"query":"{ __typename }"}]`,
		"100 000 brackets": brackets(100_000), "no text": `{"query":` + strings.Repeat("[", 100_000),
	} {
		add(name, false, func() Answer { return s.Do(s.post("/query", asJSON, sent)) })
	}
	s.addTokens(add)
	s.addGuesses(add)
	s.addOthers(add)
	s.addBodies(add)
	s.addWire(add)
	return all
}

type adding func(name string, refused bool, send func() Answer)

// addTokens: a token's forgeries.
func (s *Site) addTokens(add adding) {
	header := func(alg string) map[string]any { return map[string]any{"alg": alg, "kid": "bench", "typ": "JWT"} }
	for name, token := range map[string]string{
		"alg none":         forged(header("none"), claims(nil), ""),
		"another key":      forged(header("HS256"), claims(nil), strings.Repeat("1", 32)),
		"RS256 by HMAC":    forged(header("RS256"), claims(nil), secret),
		"HS512 by HS256":   forged(header("HS512"), claims(nil), secret),
		"expired":          forged(header("HS256"), claims(map[string]any{"exp": 1_700_000_000}), secret),
		"for ever":         forged(header("HS256"), claims(map[string]any{"exp": nil}), secret),
		"another audience": forged(header("HS256"), claims(map[string]any{"aud": []string{"else"}}), secret),
		"another issuer":   forged(header("HS256"), claims(map[string]any{"iss": "else"}), secret),
		"another type":     forged(header("HS256"), claims(map[string]any{"typ": "refresh"}), secret),
		"a role of none":   forged(header("HS256"), claims(map[string]any{"role": "SYSTEM"}), secret),
		"an unknown key":   forged(map[string]any{"alg": "HS256", "kid": "../../dev/null"}, claims(nil), ""),
		"8 KiB of token":   strings.Repeat("e", 8<<10),
	} {
		add("a token: "+name, true, func() Answer { return s.Do(s.query(token, `{ leads(first: 1) { totalCount } }`, nil)) })
	}
}

const signIn = `mutation($l: String!, $p: String!) { signIn(input: {login: $l, password: $p}) { session { accessToken } userErrors { code } } }`

// addGuesses: keys and passwords that are guessed.
func (s *Site) addGuesses(add adding) {
	add("a wrong API key", true, func() Answer {
		return s.Do(s.post("/api/v1/leads", asJSON, `{"firstName":"Anna"}`, "X-Api-Key", fmt.Sprintf("cb_%043d", guess.Add(1))))
	})
	add("a wrong password", true, func() Answer {
		return s.Do(s.query("", signIn, map[string]any{"l": "curious", "p": fmt.Sprint("guess ", guess.Add(1))}))
	})
	add("a login that is nobody's", true, func() Answer {
		return s.Do(s.query("", signIn, map[string]any{"l": fmt.Sprint("nobody", guess.Add(1)), "p": "guess"}))
	})
	add("a wrong refresh token", true, func() Answer {
		return s.Do(s.query("", fmt.Sprintf(`mutation { refreshSession(input: {refreshToken: "cbr_%043d"}) { userErrors { code } } }`, guess.Add(1)), nil))
	})
	add("a wrong secret of a form", true, func() Answer {
		return s.Do(s.post("/hooks/vk/source_01j9z6y8t0e5yv3k2m4n6p8q7r", asJSON, `{"type":"lead_forms_new","secret":"guess"}`))
	})
	add("a forged link", true, func() Answer {
		return s.Do(s.request(http.MethodGet, fmt.Sprintf("/files/picture_01j9z6y8t0e5yv3k2m4n6p8q7r?expires=99999999999&signature=%043d", guess.Add(1)), ""))
	})
}

// addOthers: what is other people's, and what is nobody's.
func (s *Site) addOthers(add adding) {
	add("another's lead, taken", true, func() Answer {
		return s.Do(s.query(s.Worker, `mutation($id: ID!) { takeLead(input: {leadId: $id}) { userErrors { code } lead { id } } }`, map[string]any{"id": s.Lead}))
	})
	add("another's lead, read", false, func() Answer {
		return s.Do(s.query(s.Worker, `query($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": s.Lead}))
	})
	add("an administrator's field", true, func() Answer { return s.Do(s.query(s.Worker, `{ auditLog(first: 1) { edges { node { id } } } }`, nil)) })
	for _, path := range []string{"/files/../../etc/passwd", "/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/files/..%5c..%5cwindows", "/.git/config", "/graphiql/..%2f..%2fserve.go", "/audit.csv", "/metrics"} {
		add("GET "+path, true, func() Answer { return s.raw("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") })
	}
	add("a preflight", false, func() Answer {
		return s.Do(s.request(http.MethodOptions, "/query", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"))
	})
	add("TRACE", true, func() Answer { return s.Do(s.request(http.MethodTrace, "/query", "")) })
}

// addBodies: bodies that are large, or of another kind.
func (s *Site) addBodies(add adding) {
	huge, batch := leadOf(1<<20), batchOf(501)
	add("a lead of 1 MiB", true, func() Answer { return s.Do(s.lead(huge)) })
	add("a batch of 501", true, func() Answer { return s.Do(s.post("/api/v1/leads/batch", asJSON, batch, "X-Api-Key", s.Key)) })
	add("a form with a file", true, func() Answer {
		return s.Do(s.post("/query", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"operations\"\r\n\r\n{\"query\":\"mutation { signOutEverywhere { userErrors { code } } }\"}\r\n--x--\r\n"))
	})
	claim, whole := claimed(60_000, 60_000), bomb(12_000, 12_000)
	put := func(picture string) Answer {
		return s.Do(s.request(http.MethodPut, s.Logo, picture, "Authorization", "Bearer "+s.Worker))
	}
	add("a picture that says 3 600 megapixels", true, func() Answer { return put(claim) })
	add("a picture of 144 megapixels", true, func() Answer { return put(whole) })
}

// addWire: what is no request, or never becomes one.
func (s *Site) addWire(add adding) {
	const head = "POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
	add("a header by the line", true, func() Answer { return s.trickle("GET /healthz HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n") })
	add("a body by the byte", true, func() Answer { return s.trickle(head+"Content-Length: 1000\r\n\r\n{", " ") })
	add("a lead by the byte", true, func() Answer {
		return s.trickle("POST /api/v1/leads HTTP/1.1\r\nHost: x\r\nX-Api-Key: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", " ")
	})
	add("a connection that says nothing", true, func() Answer { return s.trickle("", "") })
	add("two lengths", true, func() Answer { return s.raw(head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x") })
	add("a header of 32 KiB", true, func() Answer { return s.raw(s.header(32 << 10)) })
	add("no HTTP", true, func() Answer { return s.raw("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n") })
	add("half open", false, s.halfOpen)
	add("events abandoned", false, s.abandoned)
	add("a socket without a greeting", false, func() Answer { return s.socket() })
	add("a socket with no JSON", false, func() Answer { return s.socket(frame("{{{{")) })
	add("a socket with a frame of 1 GiB", false, func() Answer { return s.socket(frameHead(1<<30), make([]byte, 128<<10)) })
	add("a socket with 1 000 subscriptions", false, func() Answer { return s.socket(s.subscribes(1000)...) })
}
