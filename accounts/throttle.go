package accounts

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/guesslimit"
	"channelbook/ent/predicate"
	"channelbook/internal/db"
	"channelbook/internal/ratelimit"
)

// limit is how often a password may be guessed at. A failure beyond the free ones closes the limit for a second, the next
// for two, and so on up to longestWait; one failure is forgiven in each while that passes.
type limit struct {
	free     int
	forgiven time.Duration
}

var (
	perAccount = limit{free: 5, forgiven: 15 * time.Minute}
	perAddress = limit{free: 30, forgiven: 5 * time.Minute}
	perBlock   = limit{free: 120, forgiven: time.Minute} // of a /48 of IPv6, which has 65 536 addresses as we count them
)

const (
	longestWait = 15 * time.Minute
	// knownFor is how long an account and an address from which it was signed in to belong together.
	knownFor = 30 * 24 * time.Hour
)

// wait is how long a limit is closed after so many failures.
func (l limit) wait(failures int) time.Duration {
	over := failures - l.free
	if over < 0 {
		return 0
	}
	return min(time.Second<<min(over, 20), longestWait)
}

// The kinds of limits. Rows are locked in the order of their ids, which begin with these.
const (
	kindAccount = "account" // a login, whoever guesses and whether or not anybody has it
	kindAddress = "address" // the network that guesses come from, whatever the login
	kindKnown   = "known"   // a login from a network where it was signed in to: strangers do not close this one
	kindOwner   = "owner"   // a signed-in user's present password
)

// limitPurpose keeps the hashes of limits apart from all others.
const limitPurpose = "guess-limit"

// tally is a limit's rows: one under each key, so that instances count together while keys rotate.
type tally struct {
	kind string
	limit
	ids []string
}

func (s *Service) tally(kind string, l limit, value string) tally {
	c := tally{kind: kind, limit: l}
	for _, index := range s.Keys.Indexes(limitPurpose, kind+":"+value) {
		c.ids = append(c.ids, kind+":"+hex.EncodeToString(index))
	}
	return c
}

// together counts for an account at a network. Its ids begin with those of the account, for reopen to find them.
func together(account, network tally) tally {
	c := tally{kind: kindKnown, limit: account.limit}
	for i, id := range account.ids {
		c.ids = append(c.ids, knownPrefix(id)+strings.TrimPrefix(network.ids[i], kindAddress+":"))
	}
	return c
}

func knownPrefix(account string) string {
	return kindKnown + ":" + strings.TrimPrefix(account, kindAccount+":") + ":"
}

// network is whose guesses count together: an IPv4 address, or the /64 that a customer of IPv6 has. It is empty for what is
// no address, as of a client on a socket of this machine: that is nobody in particular, and counts by account alone.
func network(address string) string {
	if _, err := netip.ParseAddr(address); err != nil {
		return ""
	}
	return ratelimit.Address(address)
}

// reopen forgets the failures at an account, for who has been given another password.
func (s *Service) reopen(ctx context.Context, tx *db.Tx, u *ent.User) error {
	if s.Keys.None() { // a command on a base where nothing was counted yet
		return nil
	}
	account, owner := s.tally(kindAccount, perAccount, u.Login), s.tally(kindOwner, perAccount, u.ID.String())
	which := []predicate.GuessLimit{guesslimit.IDIn(slices.Concat(account.ids, owner.ids)...)}
	for _, id := range account.ids {
		which = append(which, func(q *entsql.Selector) { q.Where(entsql.HasPrefix(q.C(guesslimit.FieldID), knownPrefix(id))) })
	}
	now := s.Now()
	err := tx.GuessLimit.Update().Where(guesslimit.Or(which...)).SetClearsAt(now).SetClosedUntil(now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forget what was guessed: %w", err)
	}
	return nil
}

// sweepLimits deletes the rows that say nothing any more.
func (s *Service) sweepLimits(ctx context.Context) error {
	now := s.Now()
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		_, err := tx.GuessLimit.Delete().Where(
			guesslimit.ClearsAtLT(now), guesslimit.ClosedUntilLT(now),
			guesslimit.Or(guesslimit.KnownUntilIsNil(), guesslimit.KnownUntilLT(now)),
		).Exec(ctx)
		if err != nil {
			return fmt.Errorf("delete old limits: %w", err)
		}
		return nil
	})
}
