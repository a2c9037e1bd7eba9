package db

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"
)

// channelPrefix keeps our channels apart from those of others in the same database.
const channelPrefix = "channelbook_"

const (
	// deafPoll is how often everybody is woken while no notification can come: within a second they hear of all.
	deafPoll = 500 * time.Millisecond
	// earPing is how often the connection is tried, and earPatience how long it may take to answer.
	earPing     = time.Second
	earPatience = time.Second
	// earRetry is the wait before the next connection.
	earRetry = 200 * time.Millisecond
)

// ear is the one connection over which a DB hears PostgreSQL's notifications, for all channels. It is opened by the
// first Listen, and for as long as it does not hear it wakes everybody every half second.
type ear struct {
	dsn   string
	bells *bells
	log   *slog.Logger

	begin  sync.Once
	ctx    context.Context
	cancel context.CancelFunc
	parts  sync.WaitGroup
	more   chan struct{} // there may be a channel that is not listened to yet
	hears  atomic.Bool
}

func newEar(dsn string, b *bells, log *slog.Logger) *ear {
	ctx, cancel := context.WithCancel(context.Background())
	return &ear{dsn: dsn, bells: b, log: log, ctx: ctx, cancel: cancel, more: make(chan struct{}, 1)}
}

// open begins to listen where that has not begun, and else sees to it that a new channel is listened to.
func (e *ear) open() {
	select {
	case e.more <- struct{}{}:
	default:
	}
	e.begin.Do(func() {
		e.parts.Go(e.stayConnected)
		e.parts.Go(e.pollWhileDeaf)
	})
}

// close ends the connection and all that belongs to it.
func (e *ear) close() {
	e.begin.Do(func() {})
	e.cancel()
	e.parts.Wait()
}

func (e *ear) pollWhileDeaf() {
	tick := time.NewTicker(deafPoll)
	defer tick.Stop()
	for {
		select {
		case <-e.ctx.Done():
			return
		case <-tick.C:
			if !e.hears.Load() {
				e.bells.ringAll()
			}
		}
	}
}

func (e *ear) stayConnected() {
	for first := true; e.ctx.Err() == nil; first = false {
		err := e.connect()
		if lost := e.hears.Swap(false); (lost || first) && e.ctx.Err() == nil {
			e.log.Warn("notifications lost, polling until they are back", "error", err)
		}
		select {
		case <-e.ctx.Done():
		case <-time.After(earRetry):
		}
	}
}

// connect listens over one connection until that is lost.
func (e *ear) connect() error {
	heard := make(chan *pq.Notification, 32)
	conn, err := pq.NewListenerConn(e.dsn, heard)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(e.ctx, func() { _ = conn.Close() })
	defer stop()
	lost := make(chan struct{})
	e.parts.Go(func() {
		defer close(lost)
		for n := range heard { // closed with the connection
			e.bells.ring(strings.TrimPrefix(n.Channel, channelPrefix))
		}
	})
	err = e.attend(conn, lost)
	_ = conn.Close()
	<-lost
	return err
}

// attend listens to each channel that somebody waits for, and tries the connection from time to time: one that is
// cut without a word is noticed by nothing else.
func (e *ear) attend(conn *pq.ListenerConn, lost <-chan struct{}) error {
	listening := map[string]bool{}
	tick := time.NewTicker(earPing)
	defer tick.Stop()
	for {
		if err := e.listenToAll(conn, listening); err != nil {
			return err
		}
		e.hears.Store(true)
		select {
		case <-lost:
			return errors.New("the connection is closed")
		case <-e.more:
		case <-tick.C:
			if err := patiently(conn, conn.Ping); err != nil {
				return err
			}
		}
	}
}

// listenToAll begins to listen to the channels that are not listened to yet, and wakes those who wait for them:
// what was sent before went by unheard.
func (e *ear) listenToAll(conn *pq.ListenerConn, listening map[string]bool) error {
	for _, channel := range e.bells.channels() {
		if listening[channel] {
			continue
		}
		listen := func() error {
			_, err := conn.Listen(channelPrefix + channel)
			return err
		}
		if err := patiently(conn, listen); err != nil {
			return err
		}
		listening[channel] = true
		e.bells.ring(channel)
	}
	return nil
}

// patiently closes the connection where step takes too long, which ends step.
func patiently(conn *pq.ListenerConn, step func() error) error {
	impatient := time.AfterFunc(earPatience, func() { _ = conn.Close() })
	defer impatient.Stop()
	return step()
}
