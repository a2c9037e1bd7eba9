package live_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"channelbook/graph/live"
)

func TestASocketWorksOperationsOfEachKind(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	c.say(`{"id":"q","type":"subscribe","payload":{"query":"{ one }"}}`)
	c.expect(`{"type":"next","id":"q","payload":{"data":{"one":1}}}`)
	c.expect(`{"type":"complete","id":"q"}`)
	c.say(`{"id":"m","type":"subscribe","payload":{"query":"mutation { waits }"}}`)
	p.schema.ticks <- "7"
	c.expect(`{"type":"next","id":"m","payload":{"data":{"waits":"7"}}}`)
	c.expect(`{"type":"complete","id":"m"}`)
	c.say(fmt.Sprintf(subscribe, "s"))
	for _, tick := range []string{"a", "b"} {
		p.schema.ticks <- tick
		c.expect(`{"type":"next","id":"s","payload":{"data":{"ticks":"` + tick + `"}}}`)
	}
	c.say(`{"type":"ping","payload":{"n":1}}`)
	c.expect(`{"type":"pong","payload":{"n":1}}`)
	c.say(`{"type":"pong"}`)
	c.say(`{"id":"bad","type":"subscribe","payload":{"query":"{ two }"}}`)
	if got, _ := c.hear(); !strings.HasPrefix(got, `{"type":"error","id":"bad","payload":[{"message":"Cannot query field`) {
		t.Errorf("got %s, want an error of that operation", got)
	}
}

// TestAClientMayPingBeforeItBegins, and name itself by a header of its handshake.
func TestAClientMayPingBeforeItBegins(t *testing.T) {
	p := open(t, false)
	conn, _, err := websocket.Dial(t.Context(), p.url, &websocket.DialOptions{
		Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Authorization": {"good"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.CloseNow() }()
	c := &client{t, conn}
	c.say(`{"type":"ping"}`)
	c.expect(`{"type":"pong"}`)
	c.say(`{"type":"connection_init"}`)
	c.expect(`{"type":"connection_ack"}`)
}

func TestWhatBreaksTheProtocolClosesTheSocket(t *testing.T) {
	const init = `{"type":"connection_init","payload":{"Authorization":"good"}}`
	for name, c := range map[string]struct {
		says   []string
		code   int
		reason string
	}{
		"an operation before the beginning": {[]string{fmt.Sprintf(subscribe, "a")}, 4401, "Unauthorized"},
		"nobody":                            {[]string{`{"type":"connection_init"}`}, 4401, "UNAUTHENTICATED"},
		"a token that does not hold":        {[]string{`{"type":"connection_init","payload":{"authorization":"forged"}}`}, 4401, "UNAUTHENTICATED"},
		"a token that has ended":            {[]string{`{"type":"connection_init","payload":{"Authorization":"old"}}`}, 4403, "TOKEN_EXPIRED"},
		"a payload that is none":            {[]string{`{"type":"connection_init","payload":["good"]}`}, 4400, "Invalid message"},
		"a second beginning":                {[]string{init, init}, 4429, "Too many initialisation requests"},
		"no JSON":                           {[]string{init, `{"type":`}, 4400, "Invalid message"},
		"more than one message":             {[]string{init, `{"type":"ping"}{"type":"ping"}`}, 4400, "Invalid message"},
		"an unknown message":                {[]string{init, `{"type":"start","id":"a","payload":{"query":"{ one }"}}`}, 4400, "Invalid message"},
		"an operation without an id":        {[]string{init, `{"type":"subscribe","payload":{"query":"{ one }"}}`}, 4400, "Invalid message"},
		"an operation that is none":         {[]string{init, `{"type":"subscribe","id":"a","payload":["{ one }"]}`}, 4400, "Invalid message"},
		"the same id twice":                 {[]string{init, fmt.Sprintf(subscribe, "a"), fmt.Sprintf(subscribe, "a")}, 4409, "Subscriber already exists"},
	} {
		t.Run(name, func(t *testing.T) {
			c2 := open(t, false).dial()
			for i, text := range c.says {
				c2.say(text)
				if i == 0 && text == init {
					c2.expect(`{"type":"connection_ack"}`)
				}
			}
			c2.expectClosed(c.code, c.reason)
		})
	}
}

func TestAnotherProtocolIsNotSpoken(t *testing.T) {
	p := open(t, false)
	for _, protocols := range [][]string{{}, {"graphql-ws"}} {
		p.dial(protocols...).expectClosed(4406, "Subprotocol not acceptable: graphql-transport-ws")
	}
}

func TestBinaryAndLargeMessagesCloseTheSocket(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	if err := c.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	c.expectClosed(4400, "Invalid message")

	c = p.signedIn()
	c.say(`{"type":"ping","payload":"` + strings.Repeat("x", 64<<10-40) + `"}`)
	if got, closed := c.hear(); !strings.HasPrefix(got, `{"type":"pong"`) {
		t.Fatalf("at the limit: got %.50s %v, want a pong", got, closed)
	}
	_ = c.conn.Write(t.Context(), websocket.MessageText, []byte(`{"type":"ping","payload":"`+strings.Repeat("x", 64<<10)+`"}`)) // it may be cut off
	if _, closed := c.hear(); closed.Code != websocket.StatusMessageTooBig {
		t.Errorf("beyond it: got %v, want 1009", closed)
	}
}

func TestWhoeverDoesNotBeginIsLetGo(t *testing.T) {
	open(t, true).dial().expectClosed(4408, "Connection initialisation timeout")
}

func TestAHandshakeIsRefused(t *testing.T) {
	p := open(t, false)
	upgrade := map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
		"Sec-WebSocket-Protocol": "graphql-transport-ws",
	}
	for name, c := range map[string]struct {
		method, header, value string
		status                int
	}{
		"from a page of another origin": {"GET", "Origin", "https://canary.example", 403},
		"of another version":            {"GET", "Sec-WebSocket-Version", "12", 400},
		"without a key":                 {"GET", "Sec-WebSocket-Key", "canary", 400},
		"by another method":             {"POST", "", "", 405},
		"not from a listed origin":      {"GET", "Origin", "https://app.example.ru.canary.example", 403},
		"from a listed origin":          {"GET", "Origin", "https://app.example.ru", 101},
		"from no page":                  {"GET", "", "", 101},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), c.method, p.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range upgrade {
				r.Header.Set(k, v)
			}
			if c.header != "" {
				r.Header.Set(c.header, c.value)
			}
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = answer.Body.Close() }()
			if answer.StatusCode != c.status {
				t.Fatalf("got %d, want %d", answer.StatusCode, c.status)
			}
			if c.status == 101 {
				return
			}
			if said := text(t, answer.Body, ""); strings.Contains(said, "canary") || !strings.Contains(said, "BAD_REQUEST") {
				t.Errorf("got %q, want our own words without an echo", said)
			}
		})
	}
}

// TestASocketRunsSoManyOperations: those that the client wants no more of count until they are over.
func TestASocketRunsSoManyOperations(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	for i := range live.MaxOperations {
		c.say(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"mutation { waits }"}}`, i))
	}
	eventually(t, "the operations", func() bool { return p.schema.begun.Load() == live.MaxOperations })
	c.say(`{"id":"0","type":"complete"}`)
	c.say(fmt.Sprintf(subscribe, "more"))
	if got, _ := c.hear(); !strings.HasPrefix(got, `{"type":"error","id":"more","payload":[{"message":"A socket runs at most 20 operations at once."`) {
		t.Fatalf("got %s, want the one too many refused", got)
	}
	p.schema.ticks <- "x"
	eventually(t, "room for another", func() bool {
		c.say(`{"id":"again","type":"subscribe","payload":{"query":"{ one }"}}`)
		for {
			got, closed := c.hear()
			if closed.Reason != "" {
				t.Fatal(closed)
			}
			if strings.Contains(got, `"error","id":"again"`) {
				return false
			}
			if strings.Contains(got, `"complete","id":"again"`) {
				return true
			}
		}
	})
	for range live.MaxOperations - 1 {
		p.schema.ticks <- "x"
	}
}

func TestAnOperationTooManyOfThePersonIsRefused(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	p.limited.Store(true)
	c.say(`{"id":"a","type":"subscribe","payload":{"query":"{ one }"}}`)
	if got, _ := c.hear(); !strings.HasPrefix(got, `{"type":"error","id":"a","payload":[{"message":"Slower."`) {
		t.Errorf("got %s, want it refused", got)
	}
	p.limited.Store(false)
	c.say(`{"id":"a","type":"subscribe","payload":{"query":"{ one }"}}`)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"one":1}}}`)
}

// TestAnIDMayBeUsedAgain at once: what the client wants no more of sends nothing under it.
func TestAnIDMayBeUsedAgain(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	for range live.MaxOperations - 1 {
		c.say(fmt.Sprintf(subscribe, "a"))
		c.say(`{"id":"a","type":"complete"}`)
	}
	c.say(`{"id":"a","type":"subscribe","payload":{"query":"{ one }"}}`)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"one":1}}}`)
	c.expect(`{"type":"complete","id":"a"}`)
	eventually(t, "the end of the subscriptions", func() bool { return p.schema.running.Load() == 0 })
}

func TestASubscriptionEndsWithItsClient(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	c.say(fmt.Sprintf(subscribe, "a"))
	eventually(t, "the subscription", func() bool { return p.schema.running.Load() == 1 })
	_ = c.conn.CloseNow()
	eventually(t, "its end", func() bool { return p.schema.running.Load() == 0 })
	eventually(t, "the end of the watch", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.left == 1
	})
}

func TestTheClientIsToldWhyItEnds(t *testing.T) {
	for name, c := range map[string]struct {
		end    func(p *place)
		error  string
		code   int
		reason string
	}{
		"with the session": {func(p *place) { p.endSession() }, `{"type":"error","id":"a","payload":[{"message":"This session has ended. Sign in again."`, 4401, "UNAUTHENTICATED"},
		"with the server":  {func(p *place) { go p.connections.Close() }, "", 1001, "The server is stopping"},
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, false)
			client := p.signedIn()
			client.say(fmt.Sprintf(subscribe, "a"))
			eventually(t, "the subscription", func() bool { return p.schema.running.Load() == 1 })
			c.end(p)
			if got, closed := client.hear(); c.error != "" && !strings.HasPrefix(got, c.error) {
				t.Fatalf("got %s %v, want %s", got, closed, c.error)
			} else if c.error == "" {
				if closed.Reason != c.reason || int(closed.Code) != c.code {
					t.Fatalf("got %v, want %d %s", closed, c.code, c.reason)
				}
				return
			}
			client.expectClosed(c.code, c.reason)
			eventually(t, "the end of the subscription", func() bool { return p.schema.running.Load() == 0 })
		})
	}
	t.Run("with the token", func(t *testing.T) {
		p := open(t, false)
		p.until = time.Now().Add(300 * time.Millisecond)
		client := p.signedIn()
		client.say(fmt.Sprintf(subscribe, "a"))
		if got, closed := client.hear(); !strings.HasPrefix(got, `{"type":"error","id":"a","payload":[{"message":"The access token has expired."`) {
			t.Fatalf("got %s %v, want the error first", got, closed)
		}
		client.expectClosed(4403, "TOKEN_EXPIRED")
		if time.Now().Before(p.until) {
			t.Error("it ended before the token did")
		}
	})
}

// TestWhoeverDoesNotAnswerIsCutOff: a client that does not read answers no ping.
func TestWhoeverDoesNotAnswerIsCutOff(t *testing.T) {
	p := open(t, true)
	c := p.signedIn()
	c.say(fmt.Sprintf(subscribe, "a"))
	eventually(t, "the subscription", func() bool { return p.schema.begun.Load() == 1 })
	eventually(t, "its end", func() bool { return p.schema.running.Load() == 0 })
}

// TestWhoeverAnswersStays over many pings.
func TestWhoeverAnswersStays(t *testing.T) {
	p := open(t, true)
	c := p.signedIn()
	c.say(fmt.Sprintf(subscribe, "a"))
	done := time.After(700 * time.Millisecond)
	go func() {
		<-done
		p.schema.ticks <- "still there"
	}()
	c.expect(`{"type":"next","id":"a","payload":{"data":{"ticks":"still there"}}}`)
}

// TestWhoeverDoesNotReadIsCutOff, and the others go on.
func TestWhoeverDoesNotReadIsCutOff(t *testing.T) {
	p := open(t, true)
	p.signedIn().say(`{"id":"a","type":"subscribe","payload":{"query":"mutation { waits }"}}`)
	p.schema.ticks <- strings.Repeat("x", 32<<20) // more than the network holds
	other := p.signedIn()
	other.say(`{"id":"q","type":"subscribe","payload":{"query":"{ one }"}}`)
	other.expect(`{"type":"next","id":"q","payload":{"data":{"one":1}}}`)
	eventually(t, "its end", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.left >= 1
	})
}

func TestWhatIsNoRequestEndsOneOperation(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	for range live.MaxOperations + 1 {
		c.say(`{"id":"a","type":"subscribe","payload":{"query":["canary"]}}`)
		c.expect(`{"type":"error","id":"a","payload":[{"message":"This is no request."}]}`)
	}
	c.say(`{"id":"a","type":"subscribe","payload":{"query":"{ one }"}}`)
	c.expect(`{"type":"next","id":"a","payload":{"data":{"one":1}}}`)
}

// TestATokenThatHasJustEndedOpensNothing, although requests are given some leeway.
func TestATokenThatHasJustEndedOpensNothing(t *testing.T) {
	p := open(t, false)
	p.until = time.Now().Add(-time.Second)
	c := p.dial()
	c.say(`{"type":"connection_init","payload":{"Authorization":"good"}}`)
	c.expectClosed(4403, "TOKEN_EXPIRED")
	answer, err := p.stream(t.Context(), "{ one }")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stream: got %d, want 401", answer.StatusCode)
	}
}

func TestAPanicEndsOneOperation(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	c.say(`{"id":"a","type":"subscribe","payload":{"query":"{ panics }"}}`)
	if got, _ := c.hear(); !strings.HasPrefix(got, `{"type":"error","id":"a"`) {
		t.Errorf("got %s, want an error", got)
	}
	c.say(`{"id":"b","type":"subscribe","payload":{"query":"{ one }"}}`)
	c.expect(`{"type":"next","id":"b","payload":{"data":{"one":1}}}`)
}

func TestOneHasSoManyConnections(t *testing.T) {
	p := open(t, false)
	for range live.MaxPerGuest {
		p.signedIn()
	}
	c := p.dial()
	c.say(`{"type":"connection_init","payload":{"Authorization":"good"}}`)
	c.expectClosed(1013, "RATE_LIMITED")
	answer, err := p.stream(t.Context(), "{ one }")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a stream: got %d, want 429", answer.StatusCode)
	}
}

func TestTheNamelessOfAnAddressHaveSoMuchRoom(t *testing.T) {
	p := open(t, false)
	var all []*client
	for range live.MaxNamelessThere {
		all = append(all, p.dial())
	}
	_, answer, err := websocket.Dial(t.Context(), p.url, nil)
	if err == nil || answer.StatusCode != http.StatusServiceUnavailable {
		t.Fatalf("got %v, want 503", err)
	}
	p.remote.Store("203.0.113.9")
	p.signedIn() // from elsewhere
	p.remote.Store("")
	all[0].say(`{"type":"connection_init","payload":{"Authorization":"good"}}`)
	all[0].expect(`{"type":"connection_ack"}`)
	p.signedIn() // in the room of who has said who it is
}

// TestOneHasSoManySubscriptions over all sockets.
func TestOneHasSoManySubscriptions(t *testing.T) {
	p := open(t, false)
	var all []*client
	for range live.MaxSubscriptions / 10 {
		c := p.signedIn()
		for i := range 10 {
			c.say(fmt.Sprintf(subscribe, fmt.Sprint(i)))
		}
		all = append(all, c)
	}
	eventually(t, "the subscriptions", func() bool { return p.schema.running.Load() == live.MaxSubscriptions })
	c := p.signedIn()
	c.say(fmt.Sprintf(subscribe, "more"))
	if got, _ := c.hear(); !strings.HasPrefix(got, `{"type":"error","id":"more","payload":[{"message":"You have 50 subscriptions already.`) {
		t.Fatalf("got %s, want the one too many refused", got)
	}
	answer, err := p.stream(t.Context(), "subscription { ticks }")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("a stream: got %d, want 429", answer.StatusCode)
	}
	all[0].say(`{"id":"0","type":"complete"}`)
	eventually(t, "room for another", func() bool { return p.schema.running.Load() == live.MaxSubscriptions-1 })
	c.say(fmt.Sprintf(subscribe, "more"))
	eventually(t, "another", func() bool { return p.schema.running.Load() == live.MaxSubscriptions })
}

// TestWhatComesOnceTheSessionHasEndedIsNotDone, also where the client does not read, so that it cannot be told.
func TestWhatComesOnceTheSessionHasEndedIsNotDone(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	c.say(`{"id":"a","type":"subscribe","payload":{"query":"mutation { waits }"}}`)
	p.schema.ticks <- strings.Repeat("x", 32<<20) // more than the network holds
	begun := p.schema.begun.Load()
	p.endSession()
	eventually(t, "word of it", func() bool { return p.schema.stopped.Load() == 1 })
	_ = c.conn.Write(t.Context(), websocket.MessageText, []byte(`{"id":"b","type":"subscribe","payload":{"query":"mutation { waits }"}}`)) // it may be cut off
	eventually(t, "its end", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.left == 1
	})
	if n := p.schema.begun.Load(); n != begun {
		t.Errorf("%d operations began afterwards, want none", n-begun)
	}
}

// TestAFloodOfPingsIsCutOff: those of WebSockets, which are no messages.
func TestAFloodOfPingsIsCutOff(t *testing.T) {
	p := open(t, false)
	c := p.signedIn()
	go func() { _, _ = c.hear() }() // reads the pongs
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for i := range 10_000 {
		if err := c.conn.Ping(ctx); err != nil {
			if i < 50 {
				t.Fatalf("cut off after %d pings: %v", i, err)
			}
			return
		}
	}
	t.Error("10 000 pings were answered, want the flood cut off")
}

func TestASourceHasNoSocket(t *testing.T) {
	c := open(t, false).dial()
	c.say(`{"type":"connection_init","payload":{"X-Api-Key":"good"}}`)
	c.expectClosed(4401, "UNAUTHENTICATED")
}
