package channel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"
)

// largestAnswer is how much of a provider's answer is read, in bytes.
const largestAnswer = 1 << 20

// Answer is what a provider's HTTP API has answered.
type Answer struct {
	Status int
	Body   []byte
	After  time.Duration // of Retry-After; 0 where there is none
}

// NewClient is a client for a provider's API. It follows no redirect, which would hand the key to somebody else, and keeps idle
// connections for a shorter time than servers do: a request on one that is just being closed would end unclear.
func NewClient() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 20, IdleConnTimeout: 10 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		},
	}
}

// Call does a request that hands a message over. The error is a *Failure: Passing where there was no connection, so that nothing
// can have been taken; Unclear where there was one and no whole answer came; or it is that of ctx, where it ended before there was
// a connection.
func Call(ctx context.Context, client *http.Client, r *http.Request, patience time.Duration) (Answer, error) {
	within, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(within, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	answer, err := client.Do(r.WithContext(traced)) // #nosec G704 -- the address is that of the settings
	if err == nil {
		return read(answer)
	}
	switch {
	case connected.Load():
		return Answer{}, &Failure{Class: Unclear, Code: brokenOff(within), Text: "no answer came"}
	case ctx.Err() != nil:
		return Answer{}, fmt.Errorf("call the provider: %w", ctx.Err())
	}
	return Answer{}, &Failure{Class: Passing, Code: "NO_CONNECTION", Text: "the provider could not be reached"}
}

func brokenOff(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return "TIMEOUT"
	}
	return "CONNECTION_LOST"
}

func read(r *http.Response) (Answer, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, largestAnswer))
	_ = r.Body.Close() // it was read
	if err != nil && r.StatusCode < http.StatusMultipleChoices {
		return Answer{}, &Failure{Class: Unclear, Code: "BROKEN_ANSWER", Text: "the answer broke off"}
	}
	return Answer{Status: r.StatusCode, Body: bytes.TrimSpace(body), After: retryAfter(r.Header.Get("Retry-After"))}, nil
}

// longestAfter bounds what a provider asks for.
const longestAfter = 24 * time.Hour

// retryAfter reads seconds or a time (RFC 9110, 10.2.3).
func retryAfter(v string) time.Duration {
	if seconds, err := strconv.Atoi(v); err == nil {
		return min(max(time.Duration(seconds), 0), longestAfter/time.Second) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(time.Until(at), 0), longestAfter)
	}
	return 0
}
