package whatsapp_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/notifytest"
	"channelbook/notify/whatsapp"
)

func sender(url string) *whatsapp.Sender {
	s := whatsapp.New(url, notifytest.WhatsAppNumber, notifytest.WhatsAppToken)
	s.Within = 5 * time.Second
	return s
}

func message() channel.Message {
	return channel.Message{
		Delivery: gid.New(), To: "+79991234567", Template: "lead_assigned", Language: "ru",
		Parameters: []channel.Parameter{{Name: "name", Value: "Мария"}, {Name: "city", Value: "Нижний\n\tНовгород"}, {Name: "note"}},
	}
}

func TestATemplateMessageIsWrittenAsMetaWantsIt(t *testing.T) {
	double, m := notifytest.NewWhatsApp(t), message()
	got, err := sender(double.URL).Send(t.Context(), m)
	if err != nil || got.ID != "wamid.double1" {
		t.Fatalf("got %+v, %v", got, err)
	}
	var written, want any
	_ = json.Unmarshal([]byte(double.Taken()[0].Raw), &written)
	_ = json.Unmarshal([]byte(`{"messaging_product":"whatsapp","recipient_type":"individual","to":"79991234567","type":"template","template":{"name":"lead_assigned",
		"language":{"code":"ru"},"components":[{"type":"body","parameters":[{"type":"text","text":"Мария"},{"type":"text","text":"Нижний Новгород"},{"type":"text","text":"—"}]}]},
		"biz_opaque_callback_data":"`+gid.Delivery.Format(m.Delivery)+`"}`), &want)
	a, _ := json.Marshal(written)
	if b, _ := json.Marshal(want); string(a) != string(b) {
		t.Errorf("wrote %s\nwant  %s", a, b)
	}
}

func TestNobodyIsCalledForWhatCannotBeSent(t *testing.T) {
	double := notifytest.NewWhatsApp(t)
	for name, c := range map[string]struct {
		change func(*channel.Message)
		class  channel.Class
		code   string
	}{
		"no template":           {func(m *channel.Message) { m.Template, m.Text = "", "hello" }, channel.Unfit, "NO_TEMPLATE"},
		"no phone":              {func(m *channel.Message) { m.To = "" }, channel.Unreachable, "INVALID_PHONE"},
		"what is no phone":      {func(m *channel.Message) { m.To = "+7 999 123" }, channel.Unreachable, "INVALID_PHONE"},
		"a phone that is to be": {func(m *channel.Message) { m.To = "+" + strings.Repeat("7", 16) }, channel.Unreachable, "INVALID_PHONE"},
	} {
		m := message()
		c.change(&m)
		_, err := sender(double.URL).Send(t.Context(), m)
		if f := failure(t, err); f.Class != c.class || f.Code != c.code {
			t.Errorf("%s: got %+v, want %s", name, f, c.code)
		}
	}
	if n := len(double.Calls()); n > 0 {
		t.Errorf("called %d times", n)
	}
}

func failure(t *testing.T, err error) *channel.Failure {
	t.Helper()
	var f *channel.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v, want a failure", err)
	}
	if strings.Contains(f.Text, "79991234567") || len([]rune(f.Text)) > 300 {
		t.Errorf("the failure says %q", f.Text)
	}
	return f
}

// classes are all codes that are known.
var classes = map[channel.Class][]int{
	channel.Passing:      {1, 2, 4, 80007, 130429, 131000, 131016, 131057, 133016},
	channel.Crowded:      {131056},
	channel.Held:         {131048, 131064},
	channel.TemplateHeld: {132015},
	channel.NotToday:     {131049, 130472},
	channel.Unreachable:  {131026, 131030, 131021, 131047},
	channel.Unwanted:     {131050},
	channel.Unfit:        {100, 131008, 131009, 131051, 131053, 132000, 132001, 132005, 132007, 132008, 132012, 132016},
	channel.Refused:      {0, 3, 10, 190, 200, 250, 299, 33, 368, 131005, 131031, 131037, 131042, 131045, 130497},
}

// TestEachCodeHasItsClass: whatever the status of HTTP is, and likewise in a call of Meta's.
func TestEachCodeHasItsClass(t *testing.T) {
	double := notifytest.NewWhatsApp(t)
	s := sender(double.URL)
	for class, codes := range classes {
		for _, code := range codes {
			t.Run(fmt.Sprint(code), func(t *testing.T) {
				for _, status := range []int{400, 404, 429, 500} {
					double.Next(notifytest.Answer{Status: status, Body: fmt.Sprintf(
						`{"error":{"message":"(#%d) Failed for +79991234567","type":"OAuthException","code":%d,"error_data":{"details":"79991234567 said Мария"},"fbtrace_id":"A"}}`, code, code)})
					_, err := s.Send(t.Context(), message())
					f := failure(t, err)
					if f.Class != class || f.Code != fmt.Sprint(code) || strings.Contains(f.Text, "Мария") {
						t.Errorf("HTTP %d: got class %d, %s, want %d", status, f.Class, f, class)
					}
					if wait := f.After; (class == channel.Crowded) != (wait == 6*time.Second) {
						t.Errorf("HTTP %d: got a wait of %v", status, wait)
					}
				}
			})
		}
	}
}

func TestAnAnswerWithoutAKnownCodeGoesByItsStatus(t *testing.T) {
	for name, c := range map[string]struct {
		answer notifytest.Answer
		class  channel.Class
		code   string
	}{
		"a code that is new with 400":  {notifytest.Answer{Code: 139999, Text: "new"}, channel.Unfit, "139999"},
		"a code that is new with 429":  {notifytest.Answer{Code: 139999, Status: 429, RetryAfter: "30"}, channel.Passing, "139999"},
		"a code that is new with 500":  {notifytest.Answer{Code: 139999, Status: 500}, channel.Passing, "139999"},
		"503 of a proxy":               {notifytest.Answer{Status: 503, Body: "<html>"}, channel.Passing, "HTTP_503"},
		"504 of a proxy":               {notifytest.Answer{Status: 504, Body: "<html>"}, channel.Unclear, "HTTP_504"},
		"403 of a proxy":               {notifytest.Answer{Status: 403, Body: "<html>"}, channel.Unfit, "HTTP_403"},
		"200 without an id":            {notifytest.Answer{Body: "{}"}, channel.Unclear, "BROKEN_ANSWER"},
		"200 of somebody else":         {notifytest.Answer{Body: "<html>"}, channel.Unclear, "BROKEN_ANSWER"},
		"200 with an error":            {notifytest.Answer{Body: `{"error":{"code":131026}}`}, channel.Unreachable, "131026"},
		"cut after it was taken":       {notifytest.Answer{Lost: true}, channel.Unclear, "CONNECTION_LOST"},
		"no answer within the time":    {notifytest.Answer{Delay: time.Minute}, channel.Unclear, "TIMEOUT"},
		"a recipient who gets so much": {notifytest.Answer{Code: 131056, RetryAfter: "60"}, channel.Crowded, "131056"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			double := notifytest.NewWhatsApp(t)
			double.Next(c.answer)
			s := sender(double.URL)
			if c.answer.Delay > 0 {
				s.Within = 200 * time.Millisecond
			}
			_, err := s.Send(t.Context(), message())
			f := failure(t, err)
			if f.Class != c.class || f.Code != c.code {
				t.Errorf("got class %d, %s, want %d, %s", f.Class, f, c.class, c.code)
			}
			if c.answer.RetryAfter != "" && f.After.Seconds() != map[string]float64{"30": 30, "60": 60}[c.answer.RetryAfter] {
				t.Errorf("got a wait of %v", f.After)
			}
		})
	}
}

// TestANumberKeepsItsPace: Meta takes 80 a second.
func TestANumberKeepsItsPace(t *testing.T) {
	t.Parallel()
	double := notifytest.NewWhatsApp(t)
	s := sender(double.URL)
	for range 90 {
		if _, err := s.Send(t.Context(), message()); err != nil {
			t.Fatal(err)
		}
	}
	taken := double.Taken()
	if took := taken[89].At.Sub(taken[0].At); took < time.Second {
		t.Errorf("90 messages took %v", took)
	}
}

func TestAStatusIsReadAsMetaSendsIt(t *testing.T) {
	of, at := notifytest.Sent{Delivery: gid.Delivery.Format(gid.New()), ID: "wamid.x", To: "79991234567"}, time.Unix(1790000000, 0).UTC()
	foreign := of
	foreign.Delivery = "order 17"
	got, err := whatsapp.Read(notifytest.StatusCall(
		notifytest.Status{Of: of, Status: "failed", Code: 131050, At: at}, notifytest.Status{Of: of, Status: "read", At: at}, notifytest.Status{Of: of, Status: "deleted"},
		notifytest.Status{Of: foreign, Status: "sent"}))
	if err != nil || len(got) != 2 || got[0].Status != channel.Failed || got[0].Codes[0] != 131050 || !got[1].At.Equal(at) || got[1].ID != "wamid.x" {
		t.Errorf("got %+v, %v, want a failure and that it was read", got, err)
	}
	kept, _ := json.Marshal(whatsapp.Told{Statuses: got})
	if strings.Contains(string(kept), "7999") {
		t.Errorf("a phone is kept: %s", kept)
	}
	for name, body := range map[string]string{
		"a message that somebody writes": `{"object":"whatsapp_business_account","entry":[{"changes":[{"value":{"messages":[{"from":"79991234567","text":{"body":"hi"}}]},"field":"messages"}]}]}`,
		"another field":                  `{"entry":[{"changes":[{"value":{"event":"APPROVED","message_template_id":1},"field":"message_template_status_update"}]}]}`,
		"nothing":                        `{}`,
	} {
		if got, err := whatsapp.Read([]byte(body)); err != nil || len(got) > 0 {
			t.Errorf("%s: got %+v, %v, want nothing", name, got, err)
		}
	}
	if _, err := whatsapp.Read([]byte(`{"entry": "maria@example.ru`)); err == nil || strings.Contains(err.Error(), "maria") {
		t.Errorf("broken JSON: got %v", err)
	}
}

// TestATimeThatCannotBeKept does not have a call come again for ever: it counts as one that came now.
func TestATimeThatCannotBeKept(t *testing.T) {
	found, err := whatsapp.Read([]byte(`{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.1","status":"read","timestamp":"999999999999999",
		"biz_opaque_callback_data":"` + gid.Delivery.Format(gid.New()) + `"}]}}]}]}`))
	if err != nil || len(found) != 1 {
		t.Fatalf("got %v, %v", found, err)
	}
	if _, err := json.Marshal(whatsapp.Told{Statuses: found}); err != nil || time.Since(found[0].At).Abs() > time.Minute {
		t.Errorf("got %v, %v", found[0].At, err)
	}
}
