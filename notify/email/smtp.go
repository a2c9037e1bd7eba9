package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"channelbook/internal/gid"
	"channelbook/notify/channel"
)

// SMTP sends by a mail server. It may be used by several at once: each message has a connection of its own.
type SMTP struct {
	From   string        // an address, with a name or without
	Within time.Duration // how long each step may take

	host, user, password string
	port                 int
	options              []mail.Option
}

// NewSMTP is a sender by the server of a URL, smtp://USER:PASSWORD@HOST:587 or smtps://…. By smtp:// it goes on in TLS (STARTTLS) or
// not at all, unless the server is on this machine.
func NewSMTP(server, from string) (*SMTP, error) {
	u, err := url.Parse(server)
	if err != nil {
		return nil, errors.New("it is no URL") // the error would show the password
	}
	s := &SMTP{From: from, Within: patience, host: u.Hostname(), user: u.User.Username(), port: 587}
	s.password, _ = u.User.Password()
	policy := mail.WithTLSPolicy(mail.TLSMandatory)
	switch {
	case u.Scheme == "smtps":
		policy, s.port = mail.WithSSL(), 465
	case isLoopback(s.host):
		policy = mail.WithTLSPolicy(mail.NoTLS)
	}
	if u.Port() != "" {
		if s.port, err = strconv.Atoi(u.Port()); err != nil {
			return nil, errors.New("its port is no number")
		}
	}
	s.options = []mail.Option{mail.WithPort(s.port), policy, mail.WithTLSConfig(&tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}), mail.WithoutNoop()}
	if s.user != "" {
		auth := mail.SMTPAuthAutoDiscover
		if isLoopback(s.host) && u.Scheme == "smtp" {
			auth = mail.SMTPAuthPlainNoEnc
		}
		s.options = append(s.options, mail.WithSMTPAuth(auth), mail.WithUsername(s.user), mail.WithPassword(s.password))
	}
	return s, nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// Send hands a message over. The receipt's id is the Message-ID, which is the same at each attempt.
func (s *SMTP) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	if m.Template != "" {
		return channel.Receipt{}, &channel.Failure{Class: channel.Unfit, Code: "NO_TEMPLATE", Text: "a mail server has no templates of its own"}
	}
	if err := deliverable(m.To); err != nil {
		return channel.Receipt{}, err
	}
	letter, id, err := s.letter(m)
	if err != nil {
		return channel.Receipt{}, err
	}
	client, err := mail.NewClient(s.host, append(s.options, mail.WithTimeout(s.patience(ctx)))...)
	if err != nil {
		return channel.Receipt{}, fmt.Errorf("make the client: %w", err)
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return channel.Receipt{}, fmt.Errorf("call the mail server: %w", ctx.Err())
		}
		return channel.Receipt{}, notBegun(err, m)
	}
	defer func() { _ = client.CloseWithSMTPClient(connection) }() // what was to be said has been said
	err = client.SendWithSMTPClient(connection, letter)
	if err != nil && !letter.IsDelivered() {
		return channel.Receipt{}, notTaken(err, m)
	}
	return channel.Receipt{ID: id}, nil
}

// patience is the time for a step: no more than the job has left.
func (s *SMTP) patience(ctx context.Context) time.Duration {
	within := s.Within
	if end, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(end))
	}
	return max(within, time.Millisecond)
}

// letter has both texts, the plain one first (RFC 2046, 5.1.4), and headers that say that no person has written it (RFC 3834).
func (s *SMTP) letter(m channel.Message) (*mail.Msg, string, error) {
	from, err := netmail.ParseAddress(s.From)
	if err != nil {
		return nil, "", fmt.Errorf("read the sender: %w", err)
	}
	id := gid.Delivery.Format(m.Delivery)
	letter := mail.NewMsg()
	if err := errors.Join(letter.FromFormat(oneLine(from.Name), from.Address), letter.To(m.To)); err != nil {
		return nil, "", &channel.Failure{Class: channel.Unreachable, Code: "INVALID_ADDRESS", Text: "the recipient's address is none"}
	}
	letter.Subject(oneLine(m.Subject))
	messageID := id + "@" + from.Address[strings.LastIndexByte(from.Address, '@')+1:]
	letter.SetMessageIDWithValue(messageID)
	letter.SetDate()
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetGenHeader(DeliveryHeader, id)
	letter.SetBodyString(mail.TypeTextPlain, m.Text)
	letter.AddAlternativeString(mail.TypeTextHTML, m.HTML)
	return letter, "<" + messageID + ">", nil
}

// notBegun is the failure of a connection that did not come about: nothing can have been taken. Who is not let in, or not in TLS,
// is not let in at the next attempt either.
func notBegun(err error, m channel.Message) *channel.Failure {
	f := &channel.Failure{Class: channel.Passing, Code: "NO_CONNECTION", Text: "the mail server could not be reached"}
	var said *textproto.Error
	var network net.Error
	switch {
	case errors.As(err, &said):
		f.Code, f.Text = fmt.Sprintf("SMTP_%d", said.Code), channel.Words(said.Msg, m)
		if said.Code >= 500 {
			f.Class = channel.Refused
		}
	case errors.As(err, &network):
	case isTLS(err), strings.Contains(err.Error(), "STARTTLS"), strings.Contains(err.Error(), "AUTH"):
		f.Class, f.Code, f.Text = channel.Refused, "SMTP_SETTINGS", "the mail server has not what is needed: STARTTLS under a certificate that is valid, and a way to sign in"
	}
	return f
}

func isTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	return errors.As(err, &certificate) || errors.As(err, &header)
}

// notTaken is the failure of a message. The server has it for sure only once it has answered its end; from the first byte of it
// until that answer nobody knows.
func notTaken(err error, m channel.Message) *channel.Failure {
	var at *mail.SendError
	if !errors.As(err, &at) {
		return &channel.Failure{Class: channel.Unclear, Code: "CONNECTION_LOST", Text: "nobody knows how it ended"}
	}
	f := &channel.Failure{Class: channel.Passing, Code: fmt.Sprintf("SMTP_%d", at.ErrorCode()), Text: said(err, m)}
	switch code := at.ErrorCode(); {
	case code >= 500 && at.Reason == mail.ErrSMTPRcptTo:
		f.Class = ofRecipient(at)
	case code == 530, code == 535, code == 538:
		f.Class = channel.Refused
	case code >= 500:
		f.Class = channel.Unfit
	case code >= 400:
	case at.Reason == mail.ErrSMTPDataClose, at.Reason == mail.ErrWriteContent:
		f.Class, f.Code, f.Text = channel.Unclear, "CONNECTION_LOST", "the connection ended before the answer"
	case at.Reason == mail.ErrGetSender, at.Reason == mail.ErrGetRcpts, at.Reason == mail.ErrNoUnencoded:
		f.Class, f.Code = channel.Unfit, "LETTER"
	default:
		f.Code, f.Text = "CONNECTION_LOST", "the connection ended before the message"
	}
	return f
}

// ofRecipient tells a recipient who is not there from a sender who may not send (RFC 3463: X.7.x is policy).
func ofRecipient(at *mail.SendError) channel.Class {
	if strings.HasPrefix(at.EnhancedStatusCode(), "5.7.") || at.ErrorCode() == 530 {
		return channel.Refused
	}
	return channel.Unreachable
}

// said are the server's words: SendError's own hold the recipients.
func said(err error, m channel.Message) string {
	text, _, _ := strings.Cut(err.Error(), ", affected recipient(s)")
	text, _, _ = strings.Cut(text, ", affected message ID")
	return channel.Words(text, m)
}
