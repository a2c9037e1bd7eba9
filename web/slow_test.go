package web_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"channelbook/web"
)

// pipes is a listener whose connections are pipes, so that a test goes by a clock of its own.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// TestSlowClientsAreLeft: however steadily it goes on sending, a client has so long and no longer.
func TestSlowClientsAreLeft(t *testing.T) {
	const head = "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
	for name, c := range map[string]struct {
		begins, goesOn string // goesOn once a second
		want           time.Duration
		answer         string
	}{
		"a connection that says nothing": {"", "", 5 * time.Second, ""},
		"a header by the line":           {"GET /body HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n", 5 * time.Second, ""},
		"a body by the byte":             {head + "\r\n", "x", 10 * time.Second, "400"},
		"a body that stops":              {head + "\r\nx", "", 10 * time.Second, "400"},
		"chunks by the byte":             {"POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", 10 * time.Second, "400"},
		"a body that nobody reads":       {strings.Replace(head, "/body", "/deaf", 1) + "\r\n", "x", 10 * time.Second, "200"},
		"an answer, and then nothing":    {"GET /deaf HTTP/1.1\r\nHost: x\r\n\r\n", "", 120 * time.Second, "200"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := newPipes()
				srv := web.NewServer(bodies(), slog.New(slog.DiscardHandler))
				go func() { _ = srv.Serve(listener) }()
				defer srv.Close()
				conn := listener.dial()
				var sending sync.WaitGroup
				defer sending.Wait()
				defer conn.Close()
				began := time.Now()
				sending.Go(func() { trickle(conn, c.begins, c.goesOn) })
				said, _ := io.ReadAll(conn) // until the server closes it
				if got := time.Since(began); got < c.want || got > c.want+time.Second {
					t.Errorf("left after %v, want %v", got, c.want)
				}
				if status, _, _ := strings.Cut(strings.TrimPrefix(string(said), "HTTP/1.1 "), " "); status != c.answer {
					t.Errorf("got %q, want %s", said, c.answer)
				}
			})
		})
	}
}

// bodies reads bodies at /body, and none at /deaf.
func bodies() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	})
	mux.HandleFunc("/deaf", func(http.ResponseWriter, *http.Request) {})
	return mux
}

func trickle(conn net.Conn, begins, goesOn string) {
	_, err := io.WriteString(conn, begins)
	for err == nil && goesOn != "" {
		time.Sleep(time.Second)
		_, err = io.WriteString(conn, goesOn)
	}
}

// TestRequestsThatTwoReadersWouldReadDifferentlyAreRefused: a proxy and the server are never of two minds where a request ends.
func TestRequestsThatTwoReadersWouldReadDifferentlyAreRefused(t *testing.T) {
	reached := make(chan string, 1)
	s := httptest.NewUnstartedServer(nil)
	s.Config = web.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		reached <- string(body)
	}), slog.New(slog.DiscardHandler))
	s.Start()
	defer s.Close()
	for name, c := range map[string]struct {
		header string
		want   int
	}{
		"two lengths":                   {"Content-Length: 4\r\nContent-Length: 5\r\n", 400},
		"a length that is none":         {"Content-Length: +4\r\n", 400},
		"another encoding":              {"Transfer-Encoding: gzip, chunked\r\n", 501},
		"an encoding with a trick":      {"Transfer-Encoding: xchunked\r\n", 501},
		"a space before the colon":      {"Content-Length : 4\r\n", 400},
		"a line that goes on":           {"X-A: b\r\n\tContent-Length: 4\r\nContent-Length : 3\r\n", 400},
		"two hosts":                     {"Host: y\r\n", 400},
		"headers of more than 20 KiB":   {"X-A: " + strings.Repeat("a", 20<<10) + "\r\n", 431},
		"a line feed inside of a value": {"X-A: b\x00c\r\n", 400},
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\n%s\r\nabcd", c.header)
			got, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer got.Body.Close()
			if got.StatusCode != c.want {
				t.Errorf("got %d, want %d", got.StatusCode, c.want)
			}
			select {
			case body := <-reached:
				t.Errorf("the handler was reached with %q", body)
			default:
			}
		})
	}
}
