package accounts

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/refreshtoken"
	"channelbook/ent/session"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Refresh trades a refresh token for a new session of tokens. Anybody may try. Of any number of trades of one token
// exactly one succeeds; each other shows that the token is in two hands, and ends the session. The fault is
// Invalid INVALID_REFRESH_TOKEN, whatever was wrong.
func (s *Service) Refresh(ctx context.Context, token string) (Session, error) {
	if !looksLikeRefreshToken(token) {
		return Session{}, errRefresh()
	}
	now := s.Now()
	next, hash := newRefreshToken()
	r := rotation{old: hashToken(token), next: hash, now: now, expires: now.Add(refreshLife), whose: s.mayGoOn()}
	var of *ent.Session // none where the token was refused
	asked := ctx
	err := s.change(ctx, func(ctx context.Context, tx *db.Tx) (ended []gid.ID, err error) {
		of, err = r.run(ctx, tx)
		if of == nil && err == nil {
			return s.endReused(ctx, asked, tx, r.old)
		}
		return nil, err
	})
	if err != nil {
		return Session{}, err
	}
	if of == nil {
		return Session{}, errRefresh()
	}
	return s.hand(of.Edges.User, of.ID, next, r.expires)
}

// rotation puts the next token of a session, by its hash, in the place of an old one.
type rotation struct {
	old, next    []byte
	now, expires time.Time
	whose        predicate.User // whose sessions go on
}

// run returns the session with its user, or nil where the old token is refused.
func (r rotation) run(ctx context.Context, tx *db.Tx) (*ent.Session, error) {
	of, err := use(ctx, tx, r.old, r.now, r.whose)
	if of == nil || err != nil {
		return nil, err
	}
	kept, err := tx.Session.Update().Where(session.ID(of.ID), session.RevokedAtIsNil()).SetExpiresAt(r.expires).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("prolong the session: %w", err)
	}
	if kept == 0 { // it ended since the token was used
		return nil, nil
	}
	return of, storeRefreshToken(ctx, tx, of.ID, r.next, r.expires)
}

// use spends a token, and this one update decides who did. It returns the session with its user, or nil where the
// token is not there, spent or too old, or its session or user may not go on.
func use(ctx context.Context, tx *db.Tx, hash []byte, now time.Time, whose predicate.User) (*ent.Session, error) {
	used, err := tx.RefreshToken.Update().
		Where(
			refreshtoken.Hash(hash), refreshtoken.UsedAtIsNil(), refreshtoken.ExpiresAtGT(now),
			refreshtoken.HasSessionWith(session.RevokedAtIsNil(), session.HasUserWith(whose)),
		).
		SetUsedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("use a refresh token: %w", err)
	}
	if used == 0 {
		return nil, nil
	}
	of, err := tx.Session.Query().Where(session.HasRefreshTokensWith(refreshtoken.Hash(hash))).WithUser().Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the token's session: %w", err)
	}
	return of, nil
}

// endReused ends the session of a token that was refused because it had been used. Another token ends nothing.
func (s *Service) endReused(ctx, asked context.Context, tx *db.Tx, hash []byte) ([]gid.ID, error) {
	reused := session.HasRefreshTokensWith(refreshtoken.Hash(hash), refreshtoken.UsedAtNotNil())
	ended, err := s.revoke(ctx, tx, reused)
	if len(ended) == 0 || err != nil {
		return ended, err
	}
	s.Log.WarnContext(ctx, "refresh token used twice, session ended", "session", ended[0])
	return ended, audit.Record(asked, tx, s.Now(), audit.Act{
		Action: audit.RefreshReused, Outcome: audit.Refused, Object: audit.On(gid.Session, ended[0]),
	})
}

func errRefresh() error {
	return fault.Coded(fault.Invalid, "INVALID_REFRESH_TOKEN", "refreshToken", "The session has ended. Sign in again.")
}
