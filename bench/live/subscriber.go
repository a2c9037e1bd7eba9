package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// subscriber waits for notifications over a socket of its own.
type subscriber struct {
	conn *websocket.Conn
}

// onTheWay is how many sockets begin at once: of one address the server lets 50 wait that have not said who they are.
const onTheWay = 32

// dialer opens connections; those of a deaf subscriber hold little.
func dialer(deaf bool) *http.Client {
	d := net.Dialer{}
	return &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := d.DialContext(ctx, network, address)
		if tcp, ok := conn.(*net.TCPConn); ok && deaf {
			err = errors.Join(err, tcp.SetReadBuffer(4096))
		}
		return conn, err
	}}}
}

const subscription = `{"id":"1","type":"subscribe","payload":{"query":"subscription { notificationAdded { id kind title text url createdAt readAt } }"}}`

// subscribe opens a socket, says who it is and subscribes.
func subscribe(ctx context.Context, client *http.Client, url, token string) (*subscriber, error) {
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}, HTTPClient: client, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(1 << 20)
	s := &subscriber{conn}
	if err := conn.Write(ctx, websocket.MessageText, []byte(`{"type":"connection_init","payload":{"Authorization":"Bearer `+token+`"}}`)); err != nil {
		return nil, err
	}
	if _, body, err := conn.Read(ctx); err != nil || !bytes.Contains(body, []byte("connection_ack")) {
		return nil, fmt.Errorf("no acknowledgement: %w %s", err, body)
	}
	return s, conn.Write(ctx, websocket.MessageText, []byte(subscription))
}

// subscribeAll subscribes for each token.
func subscribeAll(ctx context.Context, client *http.Client, url string, tokens []string) ([]*subscriber, error) {
	all, errs := make([]*subscriber, len(tokens)), make([]error, onTheWay)
	var parts sync.WaitGroup
	for part := range onTheWay {
		parts.Go(func() {
			for i := part; i < len(tokens) && errs[part] == nil; i += onTheWay {
				all[i], errs[part] = subscribe(ctx, client, url, tokens[i])
			}
		})
	}
	parts.Wait()
	return all, errors.Join(errs...)
}

// arrival is when a message came to a subscriber.
type arrival struct {
	subscriber int
	title      string
	at         time.Time
}

// read reports what comes, until the socket ends.
func (s *subscriber) read(ctx context.Context, i int, arrivals chan<- arrival) {
	for {
		_, body, err := s.conn.Read(ctx)
		at := time.Now()
		if err != nil {
			return
		}
		if _, rest, found := strings.Cut(string(body), `"title":"`); found {
			title, _, _ := strings.Cut(rest, `"`)
			arrivals <- arrival{i, title, at}
		} else if bytes.Contains(body, []byte(`"type":"ping"`)) {
			if s.conn.Write(ctx, websocket.MessageText, []byte(`{"type":"pong"}`)) != nil {
				return
			}
		} else {
			arrivals <- arrival{i, "unexpected: " + string(body), at}
		}
	}
}
