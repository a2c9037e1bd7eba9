package webhooks

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
	"unicode"

	"channelbook/ent"
)

const (
	// callWithin is how long a webhook may take to answer.
	callWithin = 10 * time.Second
	// maxAnswer is how many bytes of an answer are read.
	maxAnswer = 4 << 10
	// maxKept is how many of them are kept.
	maxKept = 500
	// maxAnswerHeader is how many bytes of headers an answer may have.
	maxAnswerHeader = 64 << 10
)

// Answer is what came of a call.
type Answer struct {
	Status     int    // of HTTP; 0: there was no answer
	Code       string // why it failed; empty: the webhook has taken the event
	Text       string // the beginning of the answer's body
	Took       time.Duration
	retryAfter time.Duration
}

// calling is the client of all calls: no proxy, which would resolve names by itself, and no redirects, which could lead anywhere.
func (s *Service) calling() *http.Client {
	s.calls.Do(func() {
		dialer := &net.Dialer{Timeout: callWithin, KeepAlive: -1}
		if !s.AllowPrivate {
			dialer.Control = guard
		}
		s.client = &http.Client{
			Transport: &http.Transport{
				DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true, TLSHandshakeTimeout: callWithin,
				MaxIdleConnsPerHost: atOnce, MaxIdleConns: 16, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: maxAnswerHeader,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	})
	return s.client
}

// call brings a body to a webhook. Whatever goes wrong outside is an answer; an error is ours.
func (s *Service) call(ctx context.Context, h *ent.Webhook, headers []Header, body string) (Answer, error) {
	within := callWithin
	if end, ok := ctx.Deadline(); ok {
		within = min(within, time.Until(end)*2/3) // what came of it is still to be recorded
	}
	calling, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	begun := time.Now()
	request, err := http.NewRequestWithContext(calling, http.MethodPost, h.URL, strings.NewReader(body))
	if err != nil {
		return Answer{}, errors.New("a webhook's address is none") // the error would show it
	}
	set(request.Header, headers)
	response, err := s.calling().Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return Answer{}, fmt.Errorf("call a webhook: %w", context.Cause(ctx))
		}
		return Answer{Code: codeOf(err), Took: time.Since(begun)}, nil
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer)) // the status says what came of it, whatever follows
	return Answer{
		Status: response.StatusCode, Code: codeOfStatus(response.StatusCode), Text: kept(text), Took: time.Since(begun),
		retryAfter: retryAfter(response.Header.Get("Retry-After"), s.Now()),
	}, nil
}

// codeOf names a failure without an answer. The error itself holds the address, and is shown to nobody.
func codeOf(err error) string {
	var slow net.Error
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errRefused):
		return TargetRefused
	case errors.As(err, &name):
		return "NAME_NOT_RESOLVED"
	case errors.As(err, &certificate):
		return "CERTIFICATE_REFUSED"
	case errors.As(err, &slow) && slow.Timeout():
		return "TIMEOUT"
	}
	return "CONNECTION_FAILED"
}

func codeOfStatus(status int) string {
	switch status / 100 {
	case 2:
		return ""
	case 3:
		return "REDIRECT"
	}
	return fmt.Sprintf("HTTP_%d", status)
}

// kept is the beginning of an answer as a text that a base and a screen can take.
func kept(answer []byte) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case !unicode.IsGraphic(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(answer[:min(len(answer), maxKept)]), ""))
	return strings.TrimSpace(text)
}
