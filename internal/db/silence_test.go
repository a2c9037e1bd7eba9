package db_test

import (
	"log/slog"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// proxy stands before a PostgreSQL. Once silent it passes nothing on and closes nothing, as a cut cable does; new
// connections go through again.
type proxy struct {
	net.Listener
	target string
	era    atomic.Int32
}

func startProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{Listener: l, target: target}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(client)
		}
	}()
	return p
}

func (p *proxy) silence() { p.era.Add(1) }

func (p *proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer server.Close()
	born := p.era.Load()
	ended := make(chan struct{}, 2)
	pass := func(to, from net.Conn) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				break
			}
			if p.era.Load() == born {
				if _, err := to.Write(buffer[:n]); err != nil {
					break
				}
			}
		}
		ended <- struct{}{}
	}
	go pass(server, client)
	go pass(client, server)
	<-ended
}

func TestASilentlyCutListenerIsReplaced(t *testing.T) {
	address, err := url.Parse(dbtest.EmptyPostgres(t))
	if err != nil {
		t.Fatal(err)
	}
	near := dbtest.Open(t, address.String())
	p := startProxy(t, address.Host)
	address.Host = p.Addr().String()
	far, err := db.Open(system(), db.Options{URL: address.String(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	wake, stop := far.Listen("sessions")
	defer stop()
	settle(wake)

	p.silence()
	notify(t, near, "sessions")
	if !wokenWithin(wake, 4*time.Second+promptly) {
		t.Error("not woken by the new connection")
	}
	settle(wake)
	notify(t, near, "sessions")
	if !wokenWithin(wake, promptly) {
		t.Error("not woken over the new connection")
	}

	p.silence()
	begun := time.Now()
	if err := far.Close(); err != nil || time.Since(begun) > 2*time.Second+promptly {
		t.Errorf("close: got %v after %s, want none at once", err, time.Since(begun))
	}
}
