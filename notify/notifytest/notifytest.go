// Package notifytest has doubles of the providers for tests: local servers that speak their protocols, answer as a test wants, and
// keep what came. Elastic, WhatsApp and SMTP each are one; what they share is Provider.
//
// Answers are set by Next and Always. A call that has none is taken. So a test that wants two failures and then a success says
// p.Next(Answer{Status: 503}, Answer{Status: 503}), and p.Await(t, 1) afterwards.
package notifytest

import (
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"channelbook/notify/channel"
)

// Sent is a message as a provider got it.
type Sent struct {
	Delivery                      string // our id, which the provider hands back
	To, From, Subject, Text, HTML string
	Template, Language            string
	Parameters                    []channel.Parameter
	Key                           string      // what the call was authorised by
	Header                        http.Header // of the message, where it has any
	Raw                           string      // what came, as it came
	At                            time.Time
	// The provider's ids, of what was taken.
	ID, Transaction string
}

// Answer is what a double does with one call. The zero Answer takes the message.
type Answer struct {
	// Status is that of HTTP or SMTP; 0 where the message is taken, and 400 of one that has a Code.
	Status int
	// Code is WhatsApp's, in its error body.
	Code int
	// Text is what the error says in words.
	Text string
	// RetryAfter is the header of that name.
	RetryAfter string
	// Body is the whole answer in the place of the one that the protocol has. With Status 0 the message is taken nevertheless.
	Body string
	// Delay is how long the answer takes; the message was taken before. A client that leaves ends it.
	Delay time.Duration
	// Lost takes the message, and cuts the connection in the place of an answer.
	Lost bool
	// Cut cuts the connection before the message has been read.
	Cut bool
	// Step is the command of SMTP that Status answers: AUTH, MAIL, RCPT or DATA; none: DATA.
	Step string
}

func (a Answer) taken() bool { return !a.Cut && (a.Status == 0 || a.Status/100 == 2) && a.Code == 0 }

func (a Answer) status() int {
	switch {
	case a.Status != 0:
		return a.Status
	case a.Code != 0:
		return http.StatusBadRequest
	}
	return http.StatusOK
}

// Provider is what the doubles share. Its methods may be called at any time, by anybody.
type Provider struct {
	URL string // for the setting of its name

	mu       sync.Mutex
	next     []Answer
	always   func(Sent) Answer
	calls    []Sent
	taken    []Sent
	under    int // calls that are being answered
	most     int
	changed  chan struct{}
	released chan struct{} // closed when the test ends
}

func newProvider(t testing.TB) *Provider {
	p := &Provider{changed: make(chan struct{}), released: make(chan struct{})}
	t.Cleanup(func() { close(p.released) })
	return p
}

// Next says how the next calls are answered, one each.
func (p *Provider) Next(answers ...Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = append(p.next, answers...)
}

// Always says how each call is answered that Next says nothing of; nil: it is taken.
func (p *Provider) Always(answer func(Sent) Answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.always = answer
}

// Calls are all messages that came, in their order, whatever was answered.
func (p *Provider) Calls() []Sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

// Taken are the messages that were taken, in their order: those that people get.
func (p *Provider) Taken() []Sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.taken)
}

// AtOnce is how many calls were answered at the same time at most.
func (p *Provider) AtOnce() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.most
}

// Await waits until so many messages were taken, and returns them all. The test fails after 20 seconds.
func (p *Provider) Await(t testing.TB, n int) []Sent {
	t.Helper()
	return p.await(t, n, "taken", func() []Sent { return p.taken })
}

// AwaitCalls likewise waits for calls, whatever was answered.
func (p *Provider) AwaitCalls(t testing.TB, n int) []Sent {
	t.Helper()
	return p.await(t, n, "calls", func() []Sent { return p.calls })
}

func (p *Provider) await(t testing.TB, n int, what string, of func() []Sent) []Sent {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		p.mu.Lock()
		got, changed := slices.Clone(of()), p.changed
		p.mu.Unlock()
		if len(got) >= n {
			return got
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%d %s after 20 seconds, want %d", len(got), what, n)
		}
	}
}

// begin notes that a call is being answered. drawn is the answer that Next has for it. end is called after it.
func (p *Provider) begin() (a Answer, drawn bool, end func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.under++
	p.most = max(p.most, p.under)
	if drawn = len(p.next) > 0; drawn {
		a, p.next = p.next[0], p.next[1:]
	}
	return a, drawn, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.under--
	}
}

// judge is the answer that Always has for a call.
func (p *Provider) judge(s Sent) Answer {
	p.mu.Lock()
	always := p.always
	p.mu.Unlock()
	if always == nil {
		return Answer{}
	}
	return always(s)
}

// note keeps a call, and numbers it where it was taken.
func (p *Provider) note(s *Sent, taken bool, id func(n int, s *Sent)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if taken {
		id(len(p.taken)+1, s)
		p.taken = append(p.taken, *s)
	}
	p.calls = append(p.calls, *s)
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait is the delay of an answer; done ends it.
func (p *Provider) wait(d time.Duration, done <-chan struct{}) {
	if d == 0 {
		return
	}
	select {
	case <-time.After(d):
	case <-done:
	case <-p.released:
	}
}

// answer writes what Answer says over HTTP; usual is the protocol's body of a message that was taken, failed of an error.
func (p *Provider) answer(w http.ResponseWriter, r *http.Request, a Answer, usual, failed string) {
	p.wait(a.Delay, r.Context().Done())
	if a.Lost || a.Cut {
		panic(http.ErrAbortHandler)
	}
	body := a.Body
	switch {
	case body != "":
	case a.taken():
		body = usual
	default:
		body = failed
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if a.RetryAfter != "" {
		w.Header().Set("Retry-After", a.RetryAfter)
	}
	w.WriteHeader(a.status())
	_, _ = fmt.Fprint(w, body)
}
