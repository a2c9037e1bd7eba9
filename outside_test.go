package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// mailbox is an e-mail provider: it counts what it takes by our delivery's id, and holds its answers back while it is told to.
type mailbox struct {
	*httptest.Server
	mu    sync.Mutex
	taken map[string]int
	slow  time.Duration
	held  bool
	came  chan string // each that it takes
}

func newMailbox(t *testing.T) *mailbox {
	p := &mailbox{taken: map[string]int{}, came: make(chan string, 1000)}
	p.Server = httptest.NewServer(http.HandlerFunc(p.take))
	t.Cleanup(p.Close)
	return p
}

func (p *mailbox) take(w http.ResponseWriter, r *http.Request) {
	var mail struct{ Content struct{ Postback string } }
	if err := json.NewDecoder(r.Body).Decode(&mail); err != nil {
		http.Error(w, `{"Error":"no JSON"}`, http.StatusBadRequest)
		return
	}
	p.mu.Lock()
	p.taken[mail.Content.Postback]++
	held, slow := p.held, p.slow
	p.mu.Unlock()
	p.came <- mail.Content.Postback
	if held {
		<-r.Context().Done() // the server that asked is gone
		return
	}
	time.Sleep(slow)
	fmt.Fprintf(w, `{"TransactionID":"t-%[1]s","MessageID":"m-%[1]s"}`, mail.Content.Postback)
}

func (p *mailbox) hold(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
}

func (p *mailbox) times(delivery string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.taken[delivery]
}

// sentMessage is a delivery as administrators see it.
type sentMessage struct {
	ID, Status string
	Repeated   bool
	Attempts   int
}

// deliveriesAt are all of them, newest first.
func deliveriesAt(t *testing.T, url, token string) []sentMessage {
	t.Helper()
	var page struct {
		Deliveries struct{ Edges []struct{ Node sentMessage } }
	}
	answered(t, url, token, `{ deliveries(first: 100) { edges { node { id status repeated attempts } } } }`, nil, &page)
	var all []sentMessage
	for _, e := range page.Deliveries.Edges {
		all = append(all, e.Node)
	}
	return all
}

// until waits for deliveries to be as wanted, and tells how they are.
func until(t *testing.T, url, token string, wanted func([]sentMessage) bool) []sentMessage {
	t.Helper()
	for deadline := time.Now().Add(3 * patience); ; time.Sleep(100 * time.Millisecond) {
		all := deliveriesAt(t, url, token)
		if wanted(all) {
			return all
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v the deliveries are %+v", 3*patience, all)
		}
	}
}

// correspondent is an administrator who writes to himself by e-mail.
type correspondent struct {
	token string
	id    string
}

func newCorrespondent(t *testing.T, url string) correspondent {
	t.Helper()
	c := correspondent{token: signIn(t, url, "admin", adminPassword)}
	var me struct{ Viewer struct{ ID string } }
	answered(t, url, c.token, `{ viewer { id } }`, nil, &me)
	c.id = me.Viewer.ID
	var done any
	answered(t, url, c.token, `mutation($id: ID!) { updateUser(input: {id: $id, email: "admin@example.ru"}) { userErrors { code } } }`, map[string]any{"id": c.id}, &done)
	answered(t, url, c.token, `mutation { updateNotificationSettings(input: {digestMinutes: 0}) { userErrors { code field } } }`, nil, &done)
	return c
}

func (c correspondent) write(t *testing.T, url string) {
	t.Helper()
	var sent struct{ SendNotification struct{ RecipientCount int } }
	answered(t, url, c.token, `mutation($id: ID!) { sendNotification(input: {title: "Title", text: "Text", userIds: [$id], channels: [WEB, EMAIL]}) { recipientCount userErrors { code } } }`,
		map[string]any{"id": c.id}, &sent)
	if sent.SendNotification.RecipientCount != 1 {
		t.Fatalf("a message was for %d, want 1", sent.SendNotification.RecipientCount)
	}
}

// killing is a server with a mailbox, to be killed and started anew.
type killing struct {
	correspondent
	p      *mailbox
	v      vars
	server *process
}

// again starts the server anew once it has been killed.
func (k *killing) again(t *testing.T) {
	t.Helper()
	k.server.kill()
	k.server = mustLaunch(t, k.v)
}

func (k *killing) send(t *testing.T) {
	t.Helper()
	k.write(t, k.server.url)
}

func (k *killing) until(t *testing.T, wanted func([]sentMessage) bool) []sentMessage {
	t.Helper()
	return until(t, k.server.url, k.token, wanted)
}

// TestOfKilledServersNoMessageIsLostAndNoneSentThrice mostly waits until the jobs of a killed server are taken for lost.
func TestOfKilledServersNoMessageIsLostAndNoneSentThrice(t *testing.T) {
	for engine, on := range map[string]func(*testing.T) vars{"sqlite": onSQLite, "postgres": onPostgres} {
		for name, test := range map[string]func(*testing.T, *killing){
			"killed between the commit and the sending":          killedBeforeSending,
			"killed after the sending and before it is recorded": killedBeforeItIsRecorded,
			"killed so twice, it is left to a person":            killedSoTwice,
			"killed in the midst of many":                        killedInTheMidstOfMany,
		} {
			t.Run(engine+", "+name, func(t *testing.T) {
				t.Parallel()
				k := &killing{p: newMailbox(t), v: on(t)}
				k.v["ELASTICEMAIL_API_KEY"], k.v["ELASTICEMAIL_URL"], k.v["EMAIL_FROM"], k.v["JOB_TIMEOUT"] = "key", k.p.URL, "leads@example.ru", "3s"
				k.server = mustLaunch(t, k.v)
				k.correspondent = newCorrespondent(t, k.server.url)
				test(t, k)
			})
		}
	}
}

func killedBeforeSending(t *testing.T, k *killing) {
	for range 5 {
		k.send(t)
	}
	k.again(t)
	for _, d := range k.until(t, func(all []sentMessage) bool { return len(all) == 5 && every(all, "SENT") }) {
		if n := k.p.times(d.ID); n < 1 || n > 2 || (n == 2) != d.Repeated {
			t.Errorf("%+v was taken %d times", d, n)
		}
	}
}

func killedBeforeItIsRecorded(t *testing.T, k *killing) {
	k.p.hold(true)
	k.send(t)
	id := k.p.next(t)
	k.server.kill()
	k.p.hold(false)
	k.again(t)
	d := k.until(t, theOne(id, "SENT"))[0]
	if n := k.p.times(id); n != 2 || !d.Repeated {
		t.Errorf("%+v was taken %d times, want it repeated once, and marked", d, n)
	}
}

func killedSoTwice(t *testing.T, k *killing) {
	k.p.hold(true)
	k.send(t)
	id := k.p.next(t)
	for range 2 {
		k.again(t)
		if d := k.p.again(t, id, k.server.url, k.token); d.Status == "UNKNOWN" {
			break
		}
	}
	k.p.hold(false)
	k.until(t, theOne(id, "UNKNOWN"))
	if n := k.p.times(id); n != 2 {
		t.Errorf("it was taken %d times, want 2", n)
	}
	var done any
	answered(t, k.server.url, k.token, `mutation($id: ID!) { retryDelivery(input: {id: $id}) { userErrors { code } } }`, map[string]any{"id": id}, &done)
	k.until(t, theOne(id, "SENT"))
}

func killedInTheMidstOfMany(t *testing.T, k *killing) {
	k.p.slow = 20 * time.Millisecond
	const messages = 40
	for range messages {
		k.send(t)
	}
	for range 3 {
		k.p.drain()
		for range 1 + rand.IntN(8) {
			k.p.next(t)
		}
		k.again(t)
	}
	for _, d := range k.until(t, func(all []sentMessage) bool { return len(all) == messages && every(all, "SENT", "UNKNOWN") }) {
		if n := k.p.times(d.ID); n < 1 || n > 2 || n == 2 && !d.Repeated {
			t.Errorf("%+v was taken %d times", d, n)
		}
	}
}

// theOne wants one message, which stands so.
func theOne(id, status string) func([]sentMessage) bool {
	return func(all []sentMessage) bool { return len(all) == 1 && all[0].ID == id && all[0].Status == status }
}

func every(all []sentMessage, statuses ...string) bool {
	for _, d := range all {
		is := false
		for _, s := range statuses {
			is = is || d.Status == s
		}
		if !is {
			return false
		}
	}
	return true
}

// next is the next message that the provider takes.
func (p *mailbox) next(t *testing.T) string {
	t.Helper()
	select {
	case id := <-p.came:
		return id
	case <-time.After(3 * patience):
		t.Fatal("no message came")
		return ""
	}
}

func (p *mailbox) drain() {
	for {
		select {
		case <-p.came:
		default:
			return
		}
	}
}

// again waits until the provider has the message once more, or it is left to a person.
func (p *mailbox) again(t *testing.T, id, url, token string) sentMessage {
	t.Helper()
	for deadline := time.Now().Add(3 * patience); ; time.Sleep(50 * time.Millisecond) {
		d := deliveriesAt(t, url, token)[0]
		if d.Status == "UNKNOWN" {
			return d
		}
		select {
		case <-p.came:
			return d
		default:
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is %+v, want it sent again", id, d)
		}
	}
}
