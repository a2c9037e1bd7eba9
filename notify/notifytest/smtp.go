package notifytest

import (
	"crypto/hmac"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// What the double of a mail server knows: others cannot sign in.
const (
	SMTPUser     = "leads"
	SMTPPassword = "double-of-smtp" // #nosec G101 -- it opens the double and nothing else
)

// SMTP is a double of a mail server without TLS. Its URL has a user; WithoutUser is the URL of the same server without one.
type SMTP struct {
	*Provider
	WithoutUser string
}

// NewSMTP starts one that ends with the test.
func NewSMTP(t testing.TB) *SMTP {
	t.Helper()
	s := &SMTP{Provider: newProvider(t)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return s.session(c), nil }))
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "double.example", true, log.New(io.Discard, "", 0)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	s.URL, s.WithoutUser = "smtp://"+SMTPUser+":"+SMTPPassword+"@"+listener.Addr().String(), "smtp://"+listener.Addr().String()
	return s
}

// session is one connection. An answer of Next is drawn when it begins, one of Always once the recipient is known.
type session struct {
	of     *SMTP
	conn   *smtp.Conn
	answer Answer
	drawn  bool
	end    func()
	sent   Sent
}

func (s *SMTP) session(c *smtp.Conn) *session {
	n := &session{of: s, conn: c}
	n.answer, n.drawn, n.end = s.begin()
	if n.answer.Cut {
		_ = c.Conn().Close()
	}
	return n
}

// AuthMechanisms is what the double offers.
func (n *session) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth takes the user that it knows.
func (n *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if err := n.failed("AUTH"); err != nil {
			return err
		}
		n.sent.Key = user
		if !hmac.Equal([]byte(user+":"+password), []byte(SMTPUser+":"+SMTPPassword)) {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

// failed is the answer of a step that is to fail. What came by then is a call.
func (n *session) failed(step string) error {
	of := n.answer.Step
	if of == "" {
		of = "DATA"
	}
	if of != step || n.answer.taken() {
		return nil
	}
	n.sent.At = time.Now()
	n.of.note(&n.sent, false, nil)
	return &smtp.SMTPError{Code: n.answer.Status, EnhancedCode: smtp.EnhancedCode{n.answer.Status / 100, 0, 0}, Message: n.answer.Text}
}

// Reset forgets nothing: a connection brings one message.
func (n *session) Reset() {}

// Logout ends the connection.
func (n *session) Logout() error { n.end(); return nil }

// Mail begins a message.
func (n *session) Mail(from string, _ *smtp.MailOptions) error {
	n.sent.From = from
	return n.failed("MAIL")
}

// Rcpt has a recipient.
func (n *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	n.sent.To = strings.TrimPrefix(n.sent.To+","+to, ",")
	if !n.drawn {
		n.answer, n.drawn = n.of.judge(n.sent), true
	}
	return n.failed("RCPT")
}

// Data takes the message.
func (n *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	n.sent.Raw, n.sent.At = string(raw), time.Now()
	if m, err := mail.ReadMessage(strings.NewReader(n.sent.Raw)); err == nil {
		n.sent.Header, n.sent.Subject = http.Header(m.Header), m.Header.Get("Subject")
		n.sent.Delivery, _, _ = strings.Cut(strings.Trim(m.Header.Get("Message-Id"), "<>"), "@")
	}
	if err := n.failed("DATA"); err != nil {
		return err
	}
	n.of.note(&n.sent, true, func(_ int, s *Sent) { s.ID = s.Header.Get("Message-Id") })
	n.of.wait(n.answer.Delay, nil)
	if n.answer.Lost {
		return errors.Join(n.conn.Conn().Close(), errors.New("cut"))
	}
	return nil
}
