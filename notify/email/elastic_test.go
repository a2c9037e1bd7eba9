package email_test

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/email"
	"channelbook/notify/notifytest"
)

const from = "Channelbook <leads@example.ru>"

func elastic(url string) *email.Elastic {
	e := email.NewElastic(url, notifytest.ElasticKey, from, 4)
	e.Within = 5 * time.Second
	return e
}

func message() channel.Message {
	return channel.Message{Delivery: gid.New(), To: "maria@example.ru", Subject: "Новый лид", Text: "Вам передан лид.", HTML: "<p>Вам передан лид.</p>"}
}

// failure is the *channel.Failure of an error.
func failure(t *testing.T, err error) *channel.Failure {
	t.Helper()
	var f *channel.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	if strings.Contains(f.Error(), "maria@") || len([]rune(f.Text)) > 300 {
		t.Errorf("the failure says %q", f.Error())
	}
	return f
}

func TestElasticGetsOneRecipientAndBothTexts(t *testing.T) {
	double, m := notifytest.NewElastic(t), message()
	m.Subject = "Новый\r\nBcc: all@example.ru"
	got, err := elastic(double.URL).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	sent := double.Taken()[0]
	if got.ID != sent.ID || got.Transaction != sent.Transaction || got.Transaction == "" {
		t.Errorf("got the receipt %+v of %+v", got, sent)
	}
	id := gid.Delivery.Format(m.Delivery)
	var written, want any
	_ = json.Unmarshal([]byte(sent.Raw), &written)
	_ = json.Unmarshal([]byte(`{"Recipients":{"To":["maria@example.ru"]},"Content":{"From":"`+from+`","Subject":"Новый  Bcc: all@example.ru",
		"Body":[{"ContentType":"HTML","Content":"<p>Вам передан лид.</p>","Charset":"utf-8"},{"ContentType":"PlainText","Content":"Вам передан лид.","Charset":"utf-8"}],
		"Headers":{"X-Channelbook-Delivery":"`+id+`"},"Postback":"`+id+`"}}`), &want)
	if a, b := asText(t, written), asText(t, want); a != b {
		t.Errorf("wrote %s\nwant  %s", a, b)
	}
}

func asText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestElasticFillsItsOwnTemplates(t *testing.T) {
	double, m := notifytest.NewElastic(t), message()
	m.Template, m.Parameters = "welcome", []channel.Parameter{{Name: "company", Value: "Ромашка & <b>Ко</b>"}}
	if _, err := elastic(double.URL).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if s := double.Taken()[0]; s.Template != "welcome" || s.HTML != "" || len(s.Parameters) != 1 || s.Parameters[0] != (channel.Parameter{Name: "company", Value: "Ромашка & ‹b›Ко‹/b›"}) {
		t.Errorf("got %+v, want the template and its values alone, without marks of HTML", s)
	}
}

func TestEachErrorOfElasticHasItsClass(t *testing.T) {
	for name, c := range map[string]struct {
		answer notifytest.Answer
		class  channel.Class
		code   string
		after  time.Duration
	}{
		"400":                       {notifytest.Answer{Status: 400, Text: "Invalid Subject of maria@example.ru"}, channel.Unfit, "HTTP_400", 0},
		"400 without words":         {notifytest.Answer{Status: 400, Body: "<html>"}, channel.Unfit, "HTTP_400", 0},
		"400 for the quota":         {notifytest.Answer{Status: 400, Text: "Daily quota exceeded"}, channel.Refused, "HTTP_400", 0},
		"400 for the credit":        {notifytest.Answer{Status: 400, Text: "Not enough credit for campaign."}, channel.Refused, "HTTP_400", 0},
		"401":                       {notifytest.Answer{Status: 401}, channel.Refused, "HTTP_401", 0},
		"402":                       {notifytest.Answer{Status: 402}, channel.Refused, "HTTP_402", 0},
		"403":                       {notifytest.Answer{Status: 403}, channel.Refused, "HTTP_403", 0},
		"404":                       {notifytest.Answer{Status: 404}, channel.Unfit, "HTTP_404", 0},
		"408":                       {notifytest.Answer{Status: 408}, channel.Passing, "HTTP_408", 0},
		"422":                       {notifytest.Answer{Status: 422, Text: strings.Repeat("x ", 2000)}, channel.Unfit, "HTTP_422", 0},
		"429":                       {notifytest.Answer{Status: 429, RetryAfter: "17"}, channel.Passing, "HTTP_429", 17 * time.Second},
		"429 that asks for a year":  {notifytest.Answer{Status: 429, RetryAfter: "31536000"}, channel.Passing, "HTTP_429", 24 * time.Hour},
		"500":                       {notifytest.Answer{Status: 500, RetryAfter: "nonsense"}, channel.Passing, "HTTP_500", 0},
		"503":                       {notifytest.Answer{Status: 503, RetryAfter: "-5"}, channel.Passing, "HTTP_503", 0},
		"504":                       {notifytest.Answer{Status: 504}, channel.Unclear, "HTTP_504", 0},
		"a redirect":                {notifytest.Answer{Status: 302}, channel.Refused, "HTTP_302", 0},
		"200 that says nothing":     {notifytest.Answer{Body: "{}"}, channel.Unclear, "BROKEN_ANSWER", 0},
		"200 of somebody else":      {notifytest.Answer{Body: "<html>"}, channel.Unclear, "BROKEN_ANSWER", 0},
		"cut after it was taken":    {notifytest.Answer{Lost: true}, channel.Unclear, "CONNECTION_LOST", 0},
		"cut before it was read":    {notifytest.Answer{Cut: true}, channel.Unclear, "CONNECTION_LOST", 0},
		"no answer within the time": {notifytest.Answer{Delay: time.Minute}, channel.Unclear, "TIMEOUT", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			double := notifytest.NewElastic(t)
			double.Next(c.answer)
			e := elastic(double.URL)
			if c.answer.Delay > 0 {
				e.Within = 200 * time.Millisecond
			}
			_, err := e.Send(t.Context(), message())
			if f := failure(t, err); f.Class != c.class || f.Code != c.code || f.After != c.after {
				t.Errorf("got class %d, %s after %v, want %d, %s, %v", f.Class, f.Code, f.After, c.class, c.code, c.after)
			}
			if n := len(double.Calls()); n > 1 {
				t.Errorf("called %d times", n)
			}
		})
	}
}

func TestAKeyThatIsWrongIsRefused(t *testing.T) {
	e := email.NewElastic(notifytest.NewElastic(t).URL, "another", from, 1)
	_, err := e.Send(t.Context(), message())
	if f := failure(t, err); f.Class != channel.Refused || f.Text != "APIKey not valid" {
		t.Errorf("got %+v, want it refused", f)
	}
}

// nobody is an address at which nobody listens.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestWhoIsNotReachedHasTakenNothing(t *testing.T) {
	_, err := elastic("http://"+nobody(t)).Send(t.Context(), message())
	if f := failure(t, err); f.Class != channel.Passing || f.Code != "NO_CONNECTION" {
		t.Errorf("got %+v, want it passing", f)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	double := notifytest.NewElastic(t)
	if _, err := elastic(double.URL).Send(ended, message()); !errors.Is(err, context.Canceled) || len(double.Calls()) > 0 {
		t.Errorf("got %v and %d calls, want the context's error and none", err, len(double.Calls()))
	}
}

func TestNobodyIsCalledForWhatIsNoAddress(t *testing.T) {
	double := notifytest.NewElastic(t)
	for _, to := range []string{"", "maria", "maria@example.ru, other@example.ru", "Maria <maria@example.ru>", "maria@example.ru\r\nBcc: x@example.ru", "maria@example.ru\n"} {
		m := message()
		m.To = to
		_, err := elastic(double.URL).Send(t.Context(), m)
		var f *channel.Failure
		if !errors.As(err, &f) || f.Class != channel.Unreachable {
			t.Errorf("%q: got %v, want it unreachable", to, err)
		}
	}
	if n := len(double.Calls()); n > 0 {
		t.Errorf("called %d times", n)
	}
}

func TestNoMoreCallsAreUnderWayThanMayBe(t *testing.T) {
	double := notifytest.NewElastic(t)
	double.Always(func(notifytest.Sent) notifytest.Answer { return notifytest.Answer{Delay: 20 * time.Millisecond} })
	e := elastic(double.URL)
	var all sync.WaitGroup
	for range 24 {
		all.Go(func() {
			if _, err := e.Send(t.Context(), message()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n, most := len(double.Taken()), double.AtOnce(); n != 24 || most > 4 {
		t.Errorf("took %d, %d at once, want 24 and 4 at most", n, most)
	}
}
