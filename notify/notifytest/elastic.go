package notifytest

import (
	"crypto/hmac"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/notify/channel"
)

// ElasticKey is the key that the double of Elastic Email knows; others get 401.
const ElasticKey = "double-of-elastic-email"

// Elastic is a double of Elastic Email's API v4: POST /emails/transactional, and GET /events/{transaction}, which tells what Tell
// was told and nothing of its own accord.
type Elastic struct {
	*Provider

	events   map[string][]event // of a transaction
	asked    map[string]int     // how often its events were
	refusing int                // the status of answers about events; 0: as they are
}

// NewElastic starts one that ends with the test.
func NewElastic(t testing.TB) *Elastic {
	t.Helper()
	e := &Elastic{Provider: newProvider(t), events: map[string][]event{}, asked: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v4/emails/transactional", e.send)
	mux.HandleFunc("GET /v4/events/{transaction}", e.tell)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	e.URL = server.URL + "/v4"
	return e
}

type elasticCall struct {
	Recipients struct{ To, CC, BCC []string }
	Content    struct {
		From, Subject, TemplateName, Postback string
		Body                                  []struct{ ContentType, Content, Charset string }
		Merge, Headers                        map[string]string
	}
}

func (e *Elastic) send(w http.ResponseWriter, r *http.Request) {
	a, drawn, end := e.begin()
	defer end()
	if a.Cut {
		panic(http.ErrAbortHandler)
	}
	raw, _ := io.ReadAll(r.Body)
	var call elasticCall
	err := json.Unmarshal(raw, &call)
	s := call.sent(r.Header.Get("X-ElasticEmail-ApiKey"), string(raw))
	if !drawn {
		a = e.judge(s)
	}
	switch {
	case !hmac.Equal([]byte(s.Key), []byte(ElasticKey)):
		a = Answer{Status: http.StatusUnauthorized, Text: "APIKey not valid"}
	case err != nil || r.Header.Get("Content-Type") != "application/json":
		a = Answer{Status: http.StatusBadRequest, Text: "The body is no JSON"}
	case len(call.Recipients.To)+len(call.Recipients.CC)+len(call.Recipients.BCC) != 1:
		a = Answer{Status: http.StatusBadRequest, Text: "The test wants one recipient of each call"}
	}
	e.note(&s, a.taken(), func(n int, s *Sent) {
		s.Transaction, s.ID = fmt.Sprintf("00000000-0000-4000-8000-%012d", n), fmt.Sprintf("message-%d", n)
	})
	e.answer(w, r, a, text(map[string]string{"TransactionID": s.Transaction, "MessageID": s.ID}), text(map[string]string{"Error": a.Text}))
}

func (c elasticCall) sent(key, raw string) Sent {
	s := Sent{
		Delivery: c.Content.Postback, To: strings.Join(c.Recipients.To, ","), From: c.Content.From, Subject: c.Content.Subject, Template: c.Content.TemplateName,
		Key: key, Header: http.Header{}, Raw: raw, At: time.Now(),
	}
	for _, b := range c.Content.Body {
		switch b.ContentType {
		case "HTML":
			s.HTML = b.Content
		case "PlainText":
			s.Text = b.Content
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Content.Merge)) {
		s.Parameters = append(s.Parameters, channel.Parameter{Name: name, Value: c.Content.Merge[name]})
	}
	for name, value := range c.Content.Headers {
		s.Header.Set(name, value)
	}
	return s
}

type event struct {
	TransactionID, MsgID, FromEmail, To, Subject, EventType, EventDate, MessageCategory, Message string
}

// Tell has the API tell from now on that something came about of a message: kind is one of Elastic's event types, such as Sent, Open
// or Bounce, category one of its message categories, such as NoMailbox, or none.
func (e *Elastic) Tell(s Sent, kind, category string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.events[s.Transaction] = append(e.events[s.Transaction], event{
		s.Transaction, s.ID, s.From, s.To, s.Subject, kind, time.Now().UTC().Format("2006-01-02T15:04:05"), category, "told to " + s.To,
	})
}

// Hint is the query by which Elastic Email says that something came about: status is one of Sent, Opened, Clicked, Error,
// AbuseReport, Unsubscribed.
func (e *Elastic) Hint(s Sent, status, category string) url.Values {
	return url.Values{
		"from": {s.From}, "to": {s.To}, "date": {time.Now().UTC().Format("1/2/2006 3:04:05 PM")}, "subject": {s.Subject}, "status": {status}, "channel": {"API"},
		"account": {"owner@example.ru"}, "category": {category}, "messageid": {s.ID}, "transaction": {s.Transaction}, "target": {""}, "postback": {s.Delivery},
	}
}

// Asked is how often the events of a transaction were asked for.
func (e *Elastic) Asked(transaction string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked[transaction]
}

// RefuseEvents has what is asked about events answered with a status; 0: as it is.
func (e *Elastic) RefuseEvents(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refusing = status
}

func (e *Elastic) tell(w http.ResponseWriter, r *http.Request) {
	transaction := r.PathValue("transaction")
	e.mu.Lock()
	e.asked[transaction]++
	status, list := e.refusing, slices.Clone(e.events[transaction])
	known := list != nil || slices.ContainsFunc(e.taken, func(s Sent) bool { return s.Transaction == transaction })
	e.mu.Unlock()
	switch {
	case !hmac.Equal([]byte(r.Header.Get("X-ElasticEmail-ApiKey")), []byte(ElasticKey)):
		status = http.StatusUnauthorized
	case status == 0 && !known:
		status = http.StatusNotFound
	}
	w.Header().Set("Content-Type", "application/json")
	if status != 0 {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, `{"Error":"no"}`)
		return
	}
	if list == nil {
		list = []event{}
	}
	_, _ = fmt.Fprint(w, text(list))
}

// text is v in JSON.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what is here always marshals
	}
	return string(b)
}
