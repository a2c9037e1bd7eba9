package hostile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// dial opens a connection from one of the addresses.
func (s *Site) dial() (net.Conn, error) {
	i := byte(s.turn.Add(1) % Addresses)
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2+i)}, Timeout: patience}
	return dialer.Dial("tcp", s.address)
}

// trickle begins a request and goes on a piece a second, until the server has had enough or the attacker has.
func (s *Site) trickle(begins, piece string) Answer {
	conn, err := s.dial()
	if err != nil {
		return "no connection"
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, begins); err != nil {
		return "closed"
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience)) // of a connection that has just opened
	ended := make(chan Answer, 1)
	go func() { ended <- read(conn) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case answer := <-ended:
			return answer
		case <-tick.C:
			_, _ = io.WriteString(conn, piece) // the reader sees it where the server has closed
		}
	}
}

// raw sends bytes as they are and reads what is answered.
func (s *Site) raw(sent string) Answer {
	conn, err := s.dial()
	if err != nil {
		return "no connection"
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience)) // of a connection that has just opened
	if _, err := io.WriteString(conn, sent); err != nil {
		return "closed"
	}
	return read(conn)
}

func read(conn net.Conn) Answer {
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			return "held"
		}
		return "closed"
	}
	defer func() { _ = answer.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20)) // as much as came
	return told(answer.StatusCode, body)
}

// behind is what a request of 1 MiB is answered while so many others stop before their end.
func (s *Site) behind(others int) Answer {
	for range others {
		conn, err := s.dial()
		if err != nil {
			return "no connection"
		}
		defer func() { _ = conn.Close() }()
		if _, err := fmt.Fprintf(conn, "POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", 1<<20, body(1 << 20)[:1<<20-1]); err != nil {
			return "closed"
		}
	}
	time.Sleep(time.Second) // the last of them arrives
	return s.Do(s.post("/query", asJSON, body(1<<20)))
}

// halfOpen begins a request, says that nothing more comes, and leaves without reading.
func (s *Site) halfOpen() Answer {
	conn, err := s.dial()
	if err != nil {
		return "no connection"
	}
	_, _ = io.WriteString(conn, "POST /query HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")
	_ = conn.(*net.TCPConn).CloseWrite()
	time.AfterFunc(5*time.Second, func() { _ = conn.Close() })
	return "left"
}

// abandoned asks for events by SSE, and leaves after the first bytes.
func (s *Site) abandoned() Answer {
	r, err := s.query(s.Worker, `subscription { sessionsChanged { totalCount edges { node { id device } } } }`, nil)
	if err != nil {
		return Answer("not sent: " + err.Error())
	}
	r.Header.Set("Accept", "text/event-stream")
	client := *s.clients[s.turn.Add(1)%Addresses]
	answer, err := client.Do(r)
	if err != nil {
		return "no answer"
	}
	defer func() { _ = answer.Body.Close() }()
	_, _ = answer.Body.Read(make([]byte, 64)) // whatever it is
	return Answer(fmt.Sprint(answer.StatusCode))
}

// socket opens a WebSocket and sends frames; then it listens until the server closes or the attacker has had enough.
func (s *Site) socket(frames ...[]byte) Answer {
	conn, err := s.dial()
	if err != nil {
		return "no connection"
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(patience)) // of a connection that has just opened
	_, err = io.WriteString(conn, "GET /query HTTP/1.1\r\nHost: "+s.address+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n")
	if err != nil {
		return "closed"
	}
	said := bufio.NewReader(conn)
	answer, err := http.ReadResponse(said, nil)
	if err != nil {
		return "closed"
	}
	if answer.StatusCode != http.StatusSwitchingProtocols {
		_ = answer.Body.Close()
		return Answer(fmt.Sprint(answer.StatusCode))
	}
	for _, f := range frames {
		if _, err := conn.Write(f); err != nil {
			break // it has been closed, and says why
		}
	}
	return closeCode(said)
}

// message sends a ping of a number of bytes, and leaves.
func (s *Site) message(bytes int) Answer {
	const head, tail = `{"type":"ping","payload":{"x":"`, `"}}`
	leave := []byte{0x88, 0x82, 0, 0, 0, 0, 3, 0xe8} // 1000
	return s.socket(append(s.subscribes(0), frame(head+strings.Repeat("x", bytes-len(head)-len(tail))+tail), leave)...)
}

// guesses are n wrong passwords, one after another; the last answer is told. They are at one login from all addresses, or, from one
// address, each at another login.
func (s *Site) guesses(login string, n int, oneAddress bool) (last Answer) {
	for range n {
		whose := login
		if oneAddress {
			whose = fmt.Sprint("someone", guess.Add(1))
			s.turn.Store(Addresses - 1) // Do takes the next one
		}
		last = s.Do(s.query("", signIn, map[string]any{"l": whose, "p": "guess"}))
	}
	return last
}

// flood sends requests from one address until one is refused.
func (s *Site) flood() Answer {
	client := *s.clients[0]
	for n := range 20_000 {
		r, err := s.query("", "{ __typename }", nil)
		if err != nil {
			return Answer("not sent: " + err.Error())
		}
		answer, err := client.Do(r)
		if err != nil {
			return "no answer"
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err == nil && answer.StatusCode != http.StatusOK {
			return Answer(fmt.Sprint(told(answer.StatusCode, body), " after ", n))
		}
	}
	return "20 000 answers"
}

// closeCode reads frames until one closes, and tells its code.
func closeCode(from *bufio.Reader) Answer {
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(from, head); err != nil {
			if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
				return "101, held"
			}
			return "101, closed"
		}
		size := int64(head[1] & 0x7f)
		if more := map[int64]int{126: 2, 127: 8}[size]; more > 0 {
			var long [8]byte
			if _, err := io.ReadFull(from, long[8-more:]); err != nil {
				return "101, closed"
			}
			size = int64(binary.BigEndian.Uint64(long[:]) & (1<<40 - 1)) // #nosec G115 -- below 1 TiB
		}
		data, err := io.ReadAll(io.LimitReader(from, size))
		if err != nil {
			return "101, closed"
		}
		if head[0]&0x0f == 8 && len(data) >= 2 {
			return Answer(fmt.Sprint("101, closed ", binary.BigEndian.Uint16(data)))
		}
	}
}

// frame is a text frame of a client's, masked with nothing.
func frame(text string) []byte { return append(frameHead(len(text)), text...) }

// frameHead announces a text of a size.
func frameHead(size int) []byte {
	var b bytes.Buffer
	b.WriteByte(0x81)
	switch {
	case size < 126:
		b.WriteByte(0x80 | byte(size)) // #nosec G115 -- below 126
	case size < 1<<16:
		b.WriteByte(0x80 | 126)
		b.Write(binary.BigEndian.AppendUint16(nil, uint16(size))) // #nosec G115 -- below 65536
	default:
		b.WriteByte(0x80 | 127)
		b.Write(binary.BigEndian.AppendUint64(nil, uint64(size))) // #nosec G115 -- a size
	}
	b.Write([]byte{0, 0, 0, 0})
	return b.Bytes()
}

// subscribes are a greeting and n subscriptions.
func (s *Site) subscribes(n int) [][]byte {
	frames := [][]byte{frame(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + s.Flood + `"}}`)}
	for i := range n {
		frames = append(frames, frame(fmt.Sprintf(`{"id":"%d","type":"subscribe","payload":{"query":"subscription { sessionsChanged { totalCount edges { node { id device } } } }"}}`, i)))
	}
	return frames
}

// header is a request with a header of a number of bytes.
func (s *Site) header(bytes int) string {
	const head = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: "
	return head + strings.Repeat("a", bytes-len(head)-4) + "\r\n\r\n"
}
