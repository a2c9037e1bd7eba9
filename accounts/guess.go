package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/guesslimit"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/ratelimit"
)

// guess is one attempt at a password. It counts as failed from before the password is checked until it was right, so that of any
// number at once no more are checked than are free.
type guess struct {
	s      *Service
	known  *tally // of a sign-in; nil where the address says nothing
	counts []tally
	taken  map[string]time.Time // until when this guess has closed each row
}

// signInGuess is an attempt to sign in. From a network where the account is known it counts there alone; else at the account
// and at the network both.
func (s *Service) signInGuess(login, address string) *guess {
	login = normalLogin(login)
	account := s.tally(kindAccount, perAccount, login)
	g := &guess{s: s, counts: []tally{account}}
	if from := network(address); from != "" {
		there := s.tally(kindAddress, perAddress, from)
		known := together(account, there)
		g.known, g.counts = &known, append(g.counts, there)
		if block, ok := ratelimit.Block(address); ok {
			g.counts = append(g.counts, s.tally(kindAddress, perBlock, block))
		}
	}
	return g
}

// ownerGuess is an attempt at the present password by who is signed in.
func (s *Service) ownerGuess(user gid.ID) *guess {
	return &guess{s: s, counts: []tally{s.tally(kindOwner, perAccount, user.String())}}
}

// closed is the error of a guess that was not made: a limit lets nobody guess for now.
type closed struct {
	kind string
	row  *ent.GuessLimit
}

func (c *closed) Error() string { return "too many wrong passwords: " + c.kind }

// check tells whether hash was made of password. The guess has its turn, is counted and only then checked: where a limit is
// closed, the error is a *closed and nothing is hashed. A flood of refused guesses costs one read each. A right one is
// forgiven while it still has its turn, so that many at once with the right password do not shut each other out.
func (g *guess) check(ctx context.Context, password, hash string) (right bool, err error) {
	if err := g.open(ctx); err != nil {
		return false, err
	}
	done, err := turn(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	if err := g.take(ctx); err != nil {
		return false, err
	}
	if right, err = verifyPassword(password, hash); !right || err != nil {
		return false, err
	}
	return true, db.WithTx(ctx, g.s.DB, func(tx *db.Tx) error { return g.forgive(ctx, tx) })
}

// open refuses the guess where a limit is closed already, and finds out where it counts.
func (g *guess) open(ctx context.Context) error {
	var ids []string
	for _, c := range g.counts {
		ids = append(ids, c.ids...)
	}
	if g.known != nil {
		ids = append(ids, g.known.ids...)
	}
	rows, err := g.s.DB.GuessLimit.Query().Where(guesslimit.IDIn(ids...)).All(ctx)
	if err != nil {
		return fmt.Errorf("read what was guessed: %w", err)
	}
	now := g.s.Now()
	if g.known != nil && slices.ContainsFunc(rows, func(r *ent.GuessLimit) bool { return r.KnownUntil != nil && r.KnownUntil.After(now) }) {
		g.counts = []tally{*g.known}
	}
	return g.refusal(rows, now)
}

// refusal is a *closed for the limit among those that count which stays closed longest; nil where all are open.
func (g *guess) refusal(rows []*ent.GuessLimit, now time.Time) error {
	var found *closed
	for _, row := range rows {
		c := g.countOf(row.ID)
		if c != nil && row.ClosedUntil.After(now) && (found == nil || row.ClosedUntil.After(found.row.ClosedUntil)) {
			found = &closed{c.kind, row}
		}
	}
	if found == nil {
		return nil
	}
	return found
}

func (g *guess) countOf(id string) *tally {
	for i, c := range g.counts {
		if slices.Contains(c.ids, id) {
			return &g.counts[i]
		}
	}
	return nil
}

// take counts the guess as failed, unless a limit is closed.
func (g *guess) take(ctx context.Context) error {
	return db.WithTx(ctx, g.s.DB, func(tx *db.Tx) error {
		now := g.s.Now()
		rows, err := g.lock(ctx, tx, now)
		if err != nil {
			return err
		}
		if err := g.refusal(rows, now); err != nil {
			return err
		}
		g.taken = map[string]time.Time{}
		for _, row := range rows {
			l := g.countOf(row.ID).limit
			clears := later(row.ClearsAt, now).Add(l.forgiven)
			until := now.Add(l.wait(int((clears.Sub(now) + l.forgiven - 1) / l.forgiven)))
			if err := tx.GuessLimit.UpdateOneID(row.ID).SetClearsAt(clears).SetClosedUntil(until).ClearToldAt().Exec(ctx); err != nil {
				return fmt.Errorf("count a guess: %w", err)
			}
			g.taken[row.ID] = until
		}
		return nil
	})
}

// lock reads the rows that the guess counts in and holds them to the end of the transaction, making those that are not there
// yet.
func (g *guess) lock(ctx context.Context, tx *db.Tx, now time.Time) ([]*ent.GuessLimit, error) {
	var ids []string
	for _, c := range g.counts {
		ids = append(ids, c.ids...)
	}
	slices.Sort(ids)
	rows := make([]*ent.GuessLimitCreate, len(ids))
	for i, id := range ids {
		rows[i] = tx.GuessLimit.Create().SetID(id).SetClearsAt(now).SetClosedUntil(now)
	}
	// A conflict changes nothing, and locks the row.
	err := tx.GuessLimit.CreateBulk(rows...).
		OnConflict(entsql.ConflictColumns(guesslimit.FieldID), entsql.ResolveWith(func(u *entsql.UpdateSet) { u.SetIgnore(guesslimit.FieldClearsAt) })).
		Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("lock what is guessed: %w", err)
	}
	found, err := tx.GuessLimit.Query().Where(guesslimit.IDIn(ids...)).Order(ent.Asc(guesslimit.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was guessed: %w", err)
	}
	return found, nil
}

// forgive takes the guess back: failures at the account are forgotten, and the network has one less.
func (g *guess) forgive(ctx context.Context, tx *db.Tx) error {
	now := g.s.Now()
	rows, err := g.lock(ctx, tx, now)
	if err != nil {
		return err
	}
	for _, row := range rows {
		c := g.countOf(row.ID)
		clears, until := now, now
		if c.kind == kindAddress {
			clears, until = row.ClearsAt.Add(-c.forgiven), row.ClosedUntil
			if until.Equal(g.taken[row.ID]) { // nobody has failed since
				until = now
			}
		}
		if err := tx.GuessLimit.UpdateOneID(row.ID).SetClearsAt(clears).SetClosedUntil(until).Exec(ctx); err != nil {
			return fmt.Errorf("forgive a guess: %w", err)
		}
	}
	return nil
}

// remember lets account and network be known together from then on, in the transaction of a sign-in.
func (g *guess) remember(ctx context.Context, tx *db.Tx) error {
	if g.known == nil {
		return nil
	}
	now := g.s.Now()
	for _, id := range slices.Sorted(slices.Values(g.known.ids)) {
		err := tx.GuessLimit.Create().SetID(id).SetClearsAt(now).SetClosedUntil(now).SetKnownUntil(now.Add(knownFor)).
			OnConflict(entsql.ConflictColumns(guesslimit.FieldID), entsql.ResolveWith(func(u *entsql.UpdateSet) { u.SetExcluded(guesslimit.FieldKnownUntil) })).
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("remember from where: %w", err)
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
