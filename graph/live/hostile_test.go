package live_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// wire is a connection whose socket is spoken by hand.
func (p *place) wire() net.Conn {
	p.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	if err != nil {
		p.t.Fatal(err)
	}
	answer := bufio.NewReader(conn)
	for line := ""; line != "\r\n"; {
		if line, err = answer.ReadString('\n'); err != nil {
			p.t.Fatal(err)
		}
	}
	return conn
}

// masked is a short text as a client sends it, by a mask of zeros.
func masked(text string) string {
	return "\x81" + string([]byte{0x80 | byte(len(text)), 0, 0, 0, 0}) + text
}

// endless is the beginning of a message that never comes.
const endless = "\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00"

// TestWhoeverHearsNoEndIsCutOff: a client that does not answer the close of its socket keeps neither its place nor the server
// from stopping, also where it goes on with a message that has no end.
func TestWhoeverHearsNoEndIsCutOff(t *testing.T) {
	begins := masked(`{"type":"connection_init","payload":{"Authorization":"good"}}`)
	for name, says := range map[string]string{
		"before it has begun, silent":    masked(`{}`),
		"before it has begun, endlessly": masked(`{}`) + endless,
		"once it has begun, silent":      begins + masked(`{}`),
		"once it has begun, endlessly":   begins + masked(`{}`) + endless,
		"it never begins":                "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := open(t, true)
			conn := p.wire()
			if _, err := io.WriteString(conn, says); err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			_ = conn.SetReadDeadline(begun.Add(20 * time.Second))
			if _, err := io.Copy(io.Discard, conn); err != nil {
				t.Fatalf("it is still connected after 20 s: %v", err)
			}
			if took := time.Since(begun); took > 4*time.Second {
				t.Errorf("it was cut off after %s, want about a second", took)
			}
			p.connections.Close()
			if !p.connections.Idle() {
				t.Error("it is still counted")
			}
		})
	}
}

// TestWhoeverLeavesIsCountedNoMore, at whichever moment it leaves.
func TestWhoeverLeavesIsCountedNoMore(t *testing.T) {
	begins := masked(`{"type":"connection_init","payload":{"Authorization":"good"}}`)
	subscribes := masked(`{"id":"a","type":"subscribe","payload":{"query":"subscription{ticks}"}}`)
	for name, says := range map[string]string{
		"before it begins":          "",
		"in the midst of beginning": begins[:10],
		"where it may not begin":    masked(`{"type":"connection_init","payload":{"Authorization":"bad"}}`),
		"at once":                   begins,
		"as it subscribes":          begins + subscribes,
		"with two of one id":        begins + subscribes + subscribes,
		"in the midst of a message": begins + subscribes + subscribes[:10],
	} {
		t.Run(name, func(t *testing.T) {
			p := open(t, false)
			conn := p.wire()
			if _, err := io.WriteString(conn, says); err != nil {
				t.Fatal(err)
			}
			if name == "as it subscribes" {
				eventually(t, "the subscription", func() bool { return p.schema.running.Load() == 1 })
			}
			if p.connections.Idle() && name != "where it may not begin" && name != "with two of one id" {
				t.Error("it is not counted: the test shows nothing")
			}
			_ = conn.Close()
			eventually(t, "its end", p.connections.Idle)
		})
	}
}
