package accounts

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"channelbook/ent/session"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

const (
	beginChannel = "session_begins"
	// noticed is how long ago a session may have begun to be news: a transaction that took its time, clocks that differ.
	noticed = 5 * time.Minute
)

// WatchSessions wakes its caller whenever a session of a user begins or ends, on whichever instance. A wake-up says that
// there may be something to read and nothing more: several become one, and there may be one without a cause. It ends with
// ctx or stop; changed is never closed. Who may not see the user's sessions is never woken.
func (s *Service) WatchSessions(ctx context.Context, user gid.ID) (changed <-chan struct{}, stop func()) {
	v, ok := auth.From(ctx)
	may := ok && (v.Role == auth.System || v.Role == auth.Admin || v.Role == auth.Distributor && v.UserID == user)
	if !may || s.Revocations == nil {
		return nil, func() {}
	}
	changed, remove := s.Revocations.changes.add(user)
	unbind := context.AfterFunc(ctx, remove)
	return changed, func() { unbind(); remove() }
}

// changes are those who wait for the sessions of users to change.
type changes struct {
	mu    sync.Mutex
	bells map[gid.ID][]chan struct{}
	begun map[gid.ID]time.Time // the sessions whose begin was told, by when they began
}

func (c *changes) add(user gid.ID) (changed <-chan struct{}, remove func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	bell := make(chan struct{}, 1)
	if c.bells == nil {
		c.bells = map[gid.ID][]chan struct{}{}
	}
	c.bells[user] = append(c.bells[user], bell)
	return bell, sync.OnceFunc(func() { c.remove(user, bell) })
}

func (c *changes) remove(user gid.ID, bell chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	left := slices.DeleteFunc(c.bells[user], func(b chan struct{}) bool { return b == bell })
	if len(left) == 0 {
		delete(c.bells, user)
		return
	}
	c.bells[user] = left
}

// ring wakes who waits for a user. It never waits: one that has not answered the last wake-up yet will.
func (c *changes) ring(user gid.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ringLocked(user)
}

func (c *changes) ringLocked(user gid.ID) {
	for _, bell := range c.bells[user] {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// tell rings for a session that has begun, once.
func (c *changes) tell(id, user gid.ID, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, told := c.begun[id]; told {
		return
	}
	if c.begun == nil {
		c.begun = map[gid.ID]time.Time{}
	}
	c.begun[id] = at
	c.ringLocked(user)
}

func (c *changes) forget(before time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, at := range c.begun {
		if at.Before(before) {
			delete(c.begun, id)
		}
	}
}

// loadBegun tells of the sessions that began lately. A session ends refreshLife after it began or was refreshed, and the
// end is what has an index.
func (r *Revocations) loadBegun(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(auth.AsSystem(ctx, "revocations"), loadWithin)
	defer cancel()
	since := r.Now().Add(-noticed)
	r.changes.forget(since)
	begun, err := r.DB.Session.Query().Where(session.ExpiresAtGT(since.Add(refreshLife)), session.CreatedAtGT(since)).
		Select(session.FieldID, session.FieldUserID, session.FieldCreatedAt).All(ctx)
	if err != nil {
		return fmt.Errorf("read the sessions that began: %w", err)
	}
	for _, s := range begun {
		r.changes.tell(s.ID, s.UserID, s.CreatedAt)
	}
	return nil
}
