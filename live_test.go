package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// town is a server, or several on one base, that are killed and started again while people stay connected to them.
type town struct {
	v       vars
	mu      sync.Mutex
	servers []*process // nil: it is down
}

// url is the address of the server i, else of any that is up; empty where none is.
func (w *town) url(i int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n := range w.servers {
		if p := w.servers[(i+n)%len(w.servers)]; p != nil {
			return p.url
		}
	}
	return ""
}

// crash kills the server i and starts it again.
func (w *town) crash(t *testing.T, i int) {
	w.mu.Lock()
	p := w.servers[i]
	w.servers[i] = nil
	w.mu.Unlock()
	p.kill()
	again, err := launch(t, w.v)
	if err != nil {
		t.Error(err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.servers[i] = again
}

// told is a notification as a client has it.
type told struct{ ID, Title string }

// listener is a client that stays connected: where its connection breaks it comes again, to another server where there is one,
// with the last id that it has.
type listener struct {
	token string
	mu    sync.Mutex
	has   []told
	came  int
}

func (l *listener) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.has)
}

func (l *listener) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.has) == 0 {
		return ""
	}
	return l.has[len(l.has)-1].ID
}

// stay is connected to one server after another until ctx ends. It leaves by itself at times, in the midst of what comes.
func (l *listener) stay(ctx context.Context, t *testing.T, w *town) {
	for i := rand.IntN(2); ctx.Err() == nil; i++ {
		url := w.url(i)
		if url == "" {
			time.Sleep(5 * time.Millisecond)
			continue
		}
		for_, leave := context.WithTimeout(ctx, time.Duration(100+rand.IntN(1500))*time.Millisecond)
		if err := l.visit(for_, url); err != nil {
			t.Error(err)
		}
		leave()
		time.Sleep(10 * time.Millisecond)
	}
}

// frame is a message of graphql-transport-ws.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// visit follows the feed over one connection until that ends, in whichever way. An error is what should not be said.
func (l *listener) visit(ctx context.Context, url string) error {
	conn, _, err := websocket.Dial(ctx, url+"/query", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return nil
	}
	defer func() { _ = conn.CloseNow() }()
	l.mu.Lock()
	l.came++
	l.mu.Unlock()
	variables, _ := json.Marshal(map[string]any{
		"query":     "subscription($after: ID) { notificationAdded(after: $after) { id title } }",
		"variables": map[string]string{"after": l.last()},
	})
	for _, m := range []frame{
		{Type: "connection_init", Payload: json.RawMessage(`{"Authorization":"Bearer ` + l.token + `"}`)},
		{Type: "subscribe", ID: "feed", Payload: variables},
	} {
		text, _ := json.Marshal(m)
		if m.Type == "subscribe" {
			if _, _, err := conn.Read(ctx); err != nil { // connection_ack
				return nil
			}
		}
		if conn.Write(ctx, websocket.MessageText, text) != nil {
			return nil
		}
	}
	for {
		_, text, err := conn.Read(ctx)
		if err != nil {
			return nil
		}
		if err := l.hear(text); err != nil {
			return err
		}
	}
}

func (l *listener) hear(text []byte) error {
	var m frame
	var next struct {
		Data struct{ NotificationAdded told }
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return err
	}
	if m.Type != "next" || json.Unmarshal(m.Payload, &next) != nil || next.Data.NotificationAdded.ID == "" {
		return fmt.Errorf("heard %s, want a notification", text)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.has = append(l.has, next.Data.NotificationAdded)
	return nil
}

// messages sends messages to everybody over HTTP until it is stopped, and remembers which were answered.
type messages struct {
	token    string
	next     atomic.Int64
	mu       sync.Mutex
	answered map[string]bool
}

func (m *messages) send(ctx context.Context, url string) (answered bool) {
	title := fmt.Sprint("message ", m.next.Add(1))
	body := fmt.Sprintf(`{"query":"mutation($input: SendNotificationInput!) { sendNotification(input: $input) { recipientCount userErrors { code } } }",
		"variables":{"input":{"title":%q,"text":"Text","everyone":true}}}`, title)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/query", strings.NewReader(body))
	if err != nil {
		return false
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+m.token)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return false
	}
	defer got.Body.Close()
	var answer struct {
		Data struct{ SendNotification struct{ RecipientCount int } }
	}
	if json.NewDecoder(got.Body).Decode(&answer) != nil || answer.Data.SendNotification.RecipientCount == 0 {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answered[title] = true
	return true
}

// feed is the whole feed by the list, oldest first.
func feedOf(t *testing.T, url, token string) (all []told) {
	t.Helper()
	for after := ""; ; {
		const query = `query($after: String) { notifications(first: 100, after: $after) { edges { cursor node { id title } } pageInfo { hasNextPage endCursor } } }`
		var page struct {
			Notifications struct {
				Edges    []struct{ Node told }
				PageInfo struct {
					HasNextPage bool
					EndCursor   string
				}
			}
		}
		variables := map[string]any{}
		if after != "" {
			variables["after"] = after
		}
		answered(t, url, token, query, variables, &page)
		for _, edge := range page.Notifications.Edges {
			all = append(all, edge.Node)
		}
		if after = page.Notifications.PageInfo.EndCursor; !page.Notifications.PageInfo.HasNextPage {
			slices.Reverse(all)
			return all
		}
	}
}

// answered sends an operation with variables and reads its data.
func answered(t *testing.T, url, token, query string, variables map[string]any, data any) {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/query", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	var answer struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := errors.Join(json.NewDecoder(got.Body).Decode(&answer)); err != nil || answer.Errors != nil {
		t.Fatalf("got %s, %v, want data", answer.Errors, err)
	}
	if err := json.Unmarshal(answer.Data, data); err != nil {
		t.Fatal(err)
	}
}

// person makes an administrator and signs it in.
func person(t *testing.T, url, admin, login string) (token string) {
	t.Helper()
	r := ask(t, url, admin, `mutation($input: CreateUserInput!) { createUser(input: $input) { user { id } userErrors { code field } } }`,
		vars{"login": login, "password": adminPassword, "role": "ADMIN"})
	if r.text("createUser", "user", "id") == "" {
		t.Fatalf("got %s, want a user", r.raw)
	}
	return signIn(t, url, login, adminPassword)
}

func TestOfKilledServersNobodyMissesAMessageThatWasAnswered(t *testing.T) {
	for name, servers := range map[string]int{"sqlite, one server": 1, "postgres, two servers": 2} {
		t.Run(name, func(t *testing.T) {
			w := &town{}
			if servers == 1 {
				w.v, w.servers = onSQLite(t), []*process{nil}
			} else {
				w.v, w.servers = onPostgres(t), []*process{nil, nil}
			}
			for i := range w.servers {
				w.servers[i] = mustLaunch(t, w.v)
			}
			w.killedWhileMessagesGoOut(t)
		})
	}
}

// killedWhileMessagesGoOut kills each server some times while messages are sent and people listen, and holds what they have
// against what was answered and against their feeds.
func (w *town) killedWhileMessagesGoOut(t *testing.T) {
	const kills, writers = 3, 4
	admin := signIn(t, w.url(0), "admin", adminPassword)
	m := &messages{token: admin, answered: map[string]bool{}}
	listeners := []*listener{{token: admin}}
	for _, login := range []string{"anna", "boris", "vera"} {
		listeners = append(listeners, &listener{token: person(t, w.url(0), admin, login)})
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var staying, writing sync.WaitGroup
	defer staying.Wait()
	defer cancel()
	for _, l := range listeners {
		staying.Go(func() { l.stay(ctx, t, w) })
	}
	over := make(chan struct{})
	for i := range writers {
		writing.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				if url := w.url(i); url == "" || !m.send(ctx, url) {
					time.Sleep(5 * time.Millisecond)
				}
			}
		})
	}
	for range kills {
		for i := range w.servers {
			time.Sleep(time.Duration(100+rand.IntN(500)) * time.Millisecond)
			w.crash(t, i)
		}
	}
	time.Sleep(200 * time.Millisecond)
	close(over)
	writing.Wait()

	url := w.url(0)
	if url == "" {
		t.Fatal("no server is up")
	}
	var feed []told
	eventually(t, "all that was answered stands in the feed", patience, func() bool {
		feed = feedOf(t, url, admin)
		return len(feed) >= len(m.answered)
	})
	for _, l := range listeners {
		whole := len(feedOf(t, url, l.token)) // nothing is sent any more
		eventually(t, "a client has the whole feed", patience, func() bool { return l.count() >= whole })
	}
	time.Sleep(100 * time.Millisecond) // for what may come twice
	cancel()
	staying.Wait()
	came := 0
	for _, l := range listeners {
		came += l.came
		if feed := feedOf(t, url, l.token); !slices.Equal(l.has, feed) {
			t.Errorf("a client has %d notifications, want the %d of its feed in their order: got %v, want %v", len(l.has), len(feed), l.has, feed)
		}
		m.wantAll(t, l.has)
	}
	t.Logf("%d of %d messages were answered; %d clients came %d times", len(m.answered), m.next.Load(), len(listeners), came)
}

// wantAll fails where a client does not have each message that was answered once, and any other at most once: one whose
// answer was lost may have been sent.
func (m *messages) wantAll(t *testing.T, has []told) {
	t.Helper()
	times := map[string]int{}
	for _, n := range has {
		times[n.Title]++
	}
	for title := range m.answered {
		if times[title] != 1 {
			t.Errorf("a client has %s %d times, want once", title, times[title])
		}
	}
	for title, n := range times {
		if n > 1 {
			t.Errorf("a client has %s %d times", title, n)
		}
	}
}
