package accounts

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"channelbook/ent/session"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

const (
	revocationChannel = "revocations"
	// remembered is how long a session that ended is held against its access tokens: as long as one may be accepted,
	// and a margin for clocks that differ and for a transaction that took its time.
	remembered = auth.TokenLife + 5*time.Minute
	// pollEvery is how soon the base is read where no wake-up came: it was lost, or, on SQLite, a command in another
	// process ended a session.
	pollEvery = 500 * time.Millisecond
	// loadWithin ends a reading that hangs, for the next to begin.
	loadWithin = 10 * time.Second
	// trustedFor is how old the last reading may be before every session counts as ended.
	trustedFor = 30 * time.Second
)

// Revocations know the sessions that ended while their access tokens are still good. They live in memory, so that a
// request costs no statement, and follow the base: Load them once, then Run them for as long as the server serves.
type Revocations struct {
	DB  *db.DB
	Now func() time.Time
	Log *slog.Logger

	mu     sync.RWMutex
	ended  map[gid.ID]ending // the sessions that ended
	asOf   time.Time         // when the last reading began
	failed bool              // whether Run's last reading failed; Run's own
	behind bool              // whether sessions may have begun since they were last read; Run's own

	watched map[gid.ID]*watch // the sessions that somebody watches, none of which has ended
	changes changes           // who waits for the sessions of a user to change
}

// ending is the end of a session.
type ending struct {
	at   time.Time
	read bool // in the base, so that it was told to who waits for its user
}

// Revoked tells whether a session has ended. Where the base could not be read for 30 seconds, and before the first
// Load, every session has: better nobody than somebody who was shut out.
func (r *Revocations) Revoked(session gid.ID) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.revoked(session)
}

// revoked is Revoked under the lock.
func (r *Revocations) revoked(session gid.ID) bool {
	_, ended := r.ended[session]
	return ended || r.inDoubt()
}

// inDoubt tells that the last reading is too old; under the lock.
func (r *Revocations) inDoubt() bool { return r.Now().Sub(r.asOf) > trustedFor }

// Load reads the sessions that ended lately.
func (r *Revocations) Load(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(auth.AsSystem(ctx, "revocations"), loadWithin)
	defer cancel()
	began := r.Now()
	ended, err := r.DB.Session.Query().Where(session.RevokedAtGT(began.Add(-remembered))).
		Select(session.FieldID, session.FieldUserID, session.FieldRevokedAt).All(ctx)
	if err != nil {
		return fmt.Errorf("read the sessions that ended: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forget(began)
	for _, s := range ended {
		news := !r.ended[s.ID].read
		r.ended[s.ID] = ending{*s.RevokedAt, true}
		r.tell(s.ID)
		if news {
			r.changes.ring(s.UserID)
		}
	}
	if began.After(r.asOf) {
		r.asOf = began
	}
	return nil
}

// forget drops what no access token can outlive. Nothing else ever leaves: a reading that began before add must not
// bring a session back.
func (r *Revocations) forget(now time.Time) {
	if r.ended == nil {
		r.ended = map[gid.ID]ending{}
	}
	for id, e := range r.ended {
		if now.Sub(e.at) > remembered {
			delete(r.ended, id)
		}
	}
}

// add takes in what this instance has just ended.
func (r *Revocations) add(sessions []gid.ID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.Now()
	r.forget(now)
	for _, id := range sessions {
		if _, known := r.ended[id]; !known {
			r.ended[id] = ending{at: now}
		}
		r.tell(id)
	}
}

// Run follows the base until ctx ends: at each wake-up, and twice a second besides. What began is read when it is told of.
func (r *Revocations) Run(ctx context.Context) error {
	wake, stop := r.DB.Listen(revocationChannel)
	defer stop()
	begins, deaf := r.DB.Listen(beginChannel)
	defer deaf()
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	var doubting sync.WaitGroup
	defer doubting.Wait()
	doubting.Go(func() { r.doubt(ctx) })
	for {
		r.follow(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-wake:
		case <-poll.C:
		case <-begins:
			r.behind = true
		}
	}
}

// follow loads, with what began where there is such news, and logs where loading begins to fail and where it works again.
func (r *Revocations) follow(ctx context.Context) {
	err := r.Load(ctx)
	if err == nil && r.behind {
		err = r.loadBegun(ctx)
		r.behind = err != nil
	}
	switch {
	case ctx.Err() != nil:
	case err != nil && !r.failed:
		r.failed = true
		r.Log.ErrorContext(ctx, "ended sessions cannot be read; soon nobody is let in", "error", err)
	case err == nil && r.failed:
		r.failed = false
		r.Log.InfoContext(ctx, "ended sessions can be read again")
	}
}
