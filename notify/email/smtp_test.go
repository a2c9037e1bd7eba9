package email_test

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/email"
	"channelbook/notify/notifytest"
)

func server(t *testing.T, url string) *email.SMTP {
	t.Helper()
	s, err := email.NewSMTP(url, "Книга <leads@example.ru>")
	if err != nil {
		t.Fatal(err)
	}
	s.Within = 5 * time.Second
	return s
}

func TestALetterBySMTPHasBothTextsAndAStableID(t *testing.T) {
	double, m := notifytest.NewSMTP(t), message()
	m.Subject = "Новый\r\nBcc: all@example.ru"
	s := server(t, double.URL)
	for range 2 {
		got, err := s.Send(t.Context(), m)
		if want := "<" + gid.Delivery.Format(m.Delivery) + "@example.ru>"; err != nil || got.ID != want {
			t.Fatalf("got %+v, %v, want %s", got, err, want)
		}
	}
	sent := double.Await(t, 2)[1]
	if sent.To != m.To || sent.From != "leads@example.ru" || sent.Key != notifytest.SMTPUser || sent.Delivery != gid.Delivery.Format(m.Delivery) || sent.Header.Get("Bcc") != "" {
		t.Errorf("got %+v", sent)
	}
	letter, err := mail.ReadMessage(strings.NewReader(sent.Raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, _ := new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject"))
	if subject != "Новый  Bcc: all@example.ru" || letter.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("got the subject %q and the headers %v", subject, letter.Header)
	}
	kind, parameters, _ := mime.ParseMediaType(letter.Header.Get("Content-Type"))
	parts := multipart.NewReader(letter.Body, parameters["boundary"])
	for _, want := range []string{m.Text, m.HTML} {
		p, err := parts.NextRawPart()
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if got := decoded(t, p); kind != "multipart/alternative" || strings.TrimSpace(got) != want {
			t.Errorf("a part of %s says %q, want %q", kind, got, want)
		}
	}
}

func decoded(t *testing.T, p *multipart.Part) string {
	t.Helper()
	var r io.Reader = quotedprintable.NewReader(p)
	if p.Header.Get("Content-Transfer-Encoding") == "base64" {
		r = base64.NewDecoder(base64.StdEncoding, p)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEachErrorOfAMailServerHasItsClass(t *testing.T) {
	for name, c := range map[string]struct {
		answer notifytest.Answer
		class  channel.Class
		code   string
	}{
		"who may not sign in":            {notifytest.Answer{Step: "AUTH", Status: 535, Text: "no"}, channel.Refused, "SMTP_535"},
		"sign-in that is away":           {notifytest.Answer{Step: "AUTH", Status: 454, Text: "later"}, channel.Passing, "SMTP_454"},
		"a sender that is busy":          {notifytest.Answer{Step: "MAIL", Status: 421, Text: "busy"}, channel.Passing, "SMTP_421"},
		"a sender that is wrong":         {notifytest.Answer{Step: "MAIL", Status: 553, Text: "no"}, channel.Unfit, "SMTP_553"},
		"a recipient who is greylisted":  {notifytest.Answer{Step: "RCPT", Status: 451, Text: "greylisted maria@example.ru"}, channel.Passing, "SMTP_451"},
		"a recipient who is not there":   {notifytest.Answer{Step: "RCPT", Status: 550, Text: "no maria@example.ru here"}, channel.Unreachable, "SMTP_550"},
		"a letter that is refused":       {notifytest.Answer{Status: 554, Text: "spam"}, channel.Unfit, "SMTP_554"},
		"a letter for later":             {notifytest.Answer{Status: 452, Text: "full"}, channel.Passing, "SMTP_452"},
		"cut after the letter":           {notifytest.Answer{Lost: true}, channel.Unclear, "CONNECTION_LOST"},
		"no answer to the letter":        {notifytest.Answer{Delay: time.Minute}, channel.Unclear, "CONNECTION_LOST"},
		"cut before anything was spoken": {notifytest.Answer{Cut: true}, channel.Passing, "NO_CONNECTION"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			double := notifytest.NewSMTP(t)
			double.Next(c.answer)
			s := server(t, double.URL)
			if c.answer.Delay > 0 {
				s.Within = 300 * time.Millisecond
			}
			_, err := s.Send(t.Context(), message())
			if f := failure(t, err); f.Class != c.class || f.Code != c.code {
				t.Errorf("got class %d, %s, want %d, %s", f.Class, f, c.class, c.code)
			}
		})
	}
}

func TestAMailServerThatIsNotThere(t *testing.T) {
	_, err := server(t, "smtp://"+nobody(t)).Send(t.Context(), message())
	if f := failure(t, err); f.Class != channel.Passing {
		t.Errorf("got %+v, want it passing", f)
	}
	_, err = server(t, strings.Replace(notifytest.NewSMTP(t).URL, notifytest.SMTPPassword, "another", 1)).Send(t.Context(), message())
	if f := failure(t, err); f.Class != channel.Refused {
		t.Errorf("with another password: got %+v, want it refused", f)
	}
	if _, err := server(t, notifytest.NewSMTP(t).WithoutUser).Send(t.Context(), message()); err != nil {
		t.Errorf("without a user: %v", err)
	}
	m := message()
	m.Template = "x"
	_, err = server(t, "smtp://"+nobody(t)).Send(t.Context(), m)
	if f := failure(t, err); f.Class != channel.Unfit {
		t.Errorf("a provider's template: got %+v, want it unfit", f)
	}
}

// TestNothingIsSaidInClear: a server elsewhere that has no TLS gets neither a password nor a letter.
func TestNothingIsSaidInClear(t *testing.T) {
	double := notifytest.NewSMTP(t)
	elsewhere := strings.Replace(double.URL, "127.0.0.1", "localhost.localdomain", 1)
	s := server(t, elsewhere)
	email.DialsHere(s)
	_, err := s.Send(t.Context(), message())
	if f := failure(t, err); f.Class != channel.Refused || f.Code != "SMTP_SETTINGS" || len(double.Taken()) > 0 {
		t.Errorf("got %+v, want it refused for the settings", f)
	}
}
