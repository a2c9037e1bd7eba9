package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// needed ends the test where this machine does not have what it takes, which CI takes for a failure.
func needed(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip(err)
}

// installed is a folder with the clients of clients/, as their lock has them.
func installed(t *testing.T) (folder string) {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		_, err := exec.LookPath(program)
		needed(t, err)
	}
	folder = t.TempDir()
	for _, name := range []string{"package.json", "package-lock.json", "follow.mjs"} {
		content, err := os.ReadFile(filepath.Join("clients", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = folder
	if out, err := install.CombinedOutput(); err != nil {
		needed(t, fmt.Errorf("the clients cannot be installed: %w\n%s", err, out))
	}
	return folder
}

// gate is an address that stays the same while the servers behind it come and go.
type gate struct {
	net.Listener
	mu     sync.Mutex
	to     string
	open   map[net.Conn]bool
	turned int // those who found no server
}

func newGate(t *testing.T) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{Listener: l, open: map[net.Conn]bool{}}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			accepting.Go(func() { g.pass(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); g.cut(); accepting.Wait() })
	return g
}

// lead lets those who come from now on to a server.
func (g *gate) lead(url string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to = strings.TrimPrefix(url, "http://")
}

// cut breaks every connection, without a word, and tells how many there were.
func (g *gate) cut() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	for c := range g.open {
		_ = c.Close()
	}
	return len(g.open) / 2 // each has two ends
}

// vain is how many found no server.
func (g *gate) vain() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.turned
}

func (g *gate) pass(in net.Conn) {
	defer in.Close()
	g.mu.Lock()
	to := g.to
	g.mu.Unlock()
	out, err := net.Dial("tcp", to)
	if err != nil {
		g.mu.Lock()
		g.turned++
		g.mu.Unlock()
		return
	}
	defer out.Close()
	g.mu.Lock()
	g.open[in], g.open[out] = true, true
	g.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
		both.Go(func() {
			_, _ = io.Copy(way[1], way[0])
			_ = way[1].Close()
		})
	}
	both.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.open, in)
	delete(g.open, out)
}

// foreign is a client of others that follows a feed.
type foreign struct {
	name string
	mu   sync.Mutex
	has  []told
	said bytes.Buffer // what it says of its connections
}

func (f *foreign) Write(text []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.said.Write(text)
}

func (f *foreign) noise() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.said.String()
}

func (f *foreign) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.has)
}

// follows starts a client; it ends with the test.
func follows(t *testing.T, folder, name, url, token string) *foreign {
	t.Helper()
	document, err := filepath.Abs("graph/testdata/clients/mobile.graphql")
	if err != nil {
		t.Fatal(err)
	}
	f := &foreign{name: name}
	c := exec.Command("node", "follow.mjs", name, document, url+"/query")
	c.Dir, c.Env, c.Stderr = folder, append(os.Environ(), "TOKEN="+token), f
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var n told
			if err := json.Unmarshal(lines.Bytes(), &n); err != nil {
				t.Errorf("%s prints %q: %v", name, lines.Text(), err)
			}
			f.mu.Lock()
			f.has = append(f.has, n)
			f.mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = c.Process.Kill()
		reading.Wait()
		_ = c.Wait()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, f.noise())
		}
	})
	return f
}

// TestClientsOfOthersMissNothing: the document of the mobile app works with the clients that people use, over connections that
// break without a word and servers that stop and start.
func TestClientsOfOthersMissNothing(t *testing.T) {
	folder := installed(t)
	v := onSQLite(t).with(vars{"ADMIN_PASSWORD": adminPassword})
	s := start(t, v)
	g := newGate(t)
	g.lead(s.url)
	token := signIn(t, s.url, "admin", adminPassword)
	m := &messages{token: token, answered: map[string]bool{}}
	m.sendSome(t, s.url, 120) // missed by all: more than are read at once
	var clients []*foreign
	for _, name := range []string{"graphql-ws", "apollo-ws", "graphql-sse", "apollo-sse"} {
		clients = append(clients, follows(t, folder, name, "http://"+g.Addr().String(), token))
	}
	have := func() {
		t.Helper()
		for _, f := range clients {
			eventually(t, f.name+" has all", patience, func() bool { return f.count() >= len(m.answered) })
		}
	}
	have()
	m.sendSome(t, s.url, 10)
	have()
	for range 3 {
		m.sendSome(t, s.url, 5)
		if n := g.cut(); n == 0 {
			t.Error("there was no connection to cut")
		}
		m.sendSome(t, s.url, 5)
		have()
	}
	m.sendSome(t, s.url, 5)
	s.end(t) // tells sockets that it stops
	eventually(t, "clients come in vain", patience, func() bool { return g.vain() >= 5*len(clients) })
	s = start(t, v)
	m.sendSome(t, s.url, 5)
	g.lead(s.url)
	have()
	m.sendSome(t, s.url, 5)
	have()
	feed := feedOf(t, s.url, token)
	for _, f := range clients {
		f.mu.Lock()
		if !slices.Equal(f.has, feed) {
			t.Errorf("%s has %d notifications, want the %d of the feed in their order: got %v, want %v", f.name, len(f.has), len(feed), f.has, feed)
		}
		f.mu.Unlock()
		if n := strings.Count(f.noise(), "connected"); n < 5 {
			t.Errorf("%s came %d times, want each time that its connection broke:\n%s", f.name, n, f.noise())
		}
	}
}

// sendSome sends messages, each of which has to be answered.
func (m *messages) sendSome(t *testing.T, url string, n int) {
	t.Helper()
	for range n {
		if !m.send(t.Context(), url) {
			t.Fatal("a message was not taken")
		}
	}
}
