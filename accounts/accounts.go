// Package accounts holds who signs in and how: users, their passwords, their sessions and the tokens of these.
// Read signin.go and refresh.go first, then revocations.go: how a session that ended is refused on every instance
// without a statement per request. The second factor stands in secondfactor*.go, of which secondfactorspend.go says when a
// code is good.
package accounts

import (
	"context"
	"log/slog"
	"time"

	"channelbook/ent"
	"channelbook/internal/album"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/metrics"
	"channelbook/internal/seal"
	"channelbook/personaldata/audit"
)

// Service does what is done to users and sessions.
type Service struct {
	DB     *db.DB
	Now    func() time.Time // UTC, to the microsecond
	Tokens *auth.Tokens
	Log    *slog.Logger
	Album  *album.Album
	Keys   seal.Keys // for phones, e-mails and the secrets of second factors, and for whom guesses are counted
	// AdminsNeedTwoFactors keeps administrators out who have no second factor.
	AdminsNeedTwoFactors bool
	// Metrics are told of sign-ins; nil: nobody is.
	Metrics *metrics.SignIns
	// Revocations of this instance learn of a session's end at once. A command that serves nobody has none.
	Revocations *Revocations
}

// change runs fn in a transaction and as the system: the caller has been judged before. fn returns the sessions that
// it ended; this instance refuses them as soon as the transaction has committed.
func (s *Service) change(ctx context.Context, fn func(ctx context.Context, tx *db.Tx) (ended []gid.ID, err error)) error {
	ctx = asServer(ctx)
	var ended []gid.ID
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		ended, err = fn(ctx, tx)
		return err
	})
	if err == nil && s.Revocations != nil {
		s.Revocations.add(ended)
	}
	return err
}

// record writes what is done to a user into the audit, in the transaction that does it.
func (s *Service) record(ctx context.Context, tx *db.Tx, id gid.ID, act audit.Act) error {
	if !id.IsZero() {
		act.Object = audit.On(gid.User, id)
	}
	return audit.Record(ctx, tx, s.Now(), act)
}

// recordAlone is record for what changes nothing else, such as a sign-in that failed.
func (s *Service) recordAlone(ctx context.Context, id gid.ID, act audit.Act) error {
	return db.WithTx(asServer(ctx), s.DB, func(tx *db.Tx) error { return s.record(ctx, tx, id, act) })
}

func asServer(ctx context.Context) context.Context { return auth.AsSystem(ctx, "accounts") }

// person is the viewer who signed in, for what one does to one's own account.
func person(ctx context.Context) (auth.Viewer, error) {
	v, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err == nil && v.UserID.IsZero() {
		return auth.Viewer{}, fault.New(fault.Unauthenticated, "", "Sign in first.")
	}
	return v, err
}

// orNoUser turns Ent's "not found" into a fault on the field that named the user.
func orNoUser(err error, field string) error {
	if ent.IsNotFound(err) {
		return fault.New(fault.NotFound, field, "There is no such user.")
	}
	return err
}
