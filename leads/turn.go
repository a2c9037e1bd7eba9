package leads

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"channelbook/ent/distributor"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// circle is who a hand-out goes round among: the active distributors, of these the allowed ones if any are named, less
// the exceptions.
type circle struct{ allowed, except []gid.ID }

// roundRobin hands out one lead: to the distributor of the circle that has been without one for the longest. It
// returns zero where nobody is left. Hand-outs take turns from here to the end of their transactions, so it comes as
// late in one as it can.
func (c circle) roundRobin(ctx context.Context, tx *db.Tx) (gid.ID, error) {
	turn, err := takeTurn(ctx, tx)
	if err != nil {
		return gid.ID{}, err
	}
	return c.next(ctx, tx, "$1", turn)
}

// reserve is roundRobin in two steps: the distributor whose turn it is, kept for give to the end of the transaction.
func (c circle) reserve(ctx context.Context, tx *db.Tx) (id gid.ID, turn int64, err error) {
	if turn, err = takeTurn(ctx, tx); err != nil {
		return gid.ID{}, 0, err
	}
	id, err = c.next(ctx, tx, "last_turn")
	return id, turn, err
}

// give lets the reserved distributor have its turn.
func give(ctx context.Context, tx *db.Tx, id gid.ID, turn int64) error {
	if err := tx.Distributor.Update().Where(distributor.ID(id)).SetLastTurn(turn).Exec(ctx); err != nil {
		return fmt.Errorf("give a distributor its turn: %w", err)
	}
	return nil
}

// takeTurn counts up the one row that makes hand-outs take turns. Turns that nobody gets leave harmless gaps.
func takeTurn(ctx context.Context, tx *db.Tx) (turn int64, err error) {
	err = queryRow(ctx, tx, &turn, "UPDATE hand_outs SET turn = turn + 1 WHERE id = 1 RETURNING turn")
	if err != nil {
		return 0, fmt.Errorf("take a turn: %w", err)
	}
	return turn, nil
}

// next sets last_turn of the distributor whose turn it is, in one statement, and returns its id. The caller holds the
// turn.
func (c circle) next(ctx context.Context, tx *db.Tx, lastTurn string, args ...any) (id gid.ID, err error) {
	where := "status = 'ACTIVE'"
	add := func(in string, ids []gid.ID) {
		places := make([]string, len(ids))
		for i, id := range ids {
			args = append(args, id)
			places[i] = fmt.Sprintf("$%d", len(args))
		}
		if len(ids) > 0 {
			where += " AND id " + in + " (" + strings.Join(places, ", ") + ")"
		}
	}
	add("IN", c.allowed)
	add("NOT IN", c.except)
	lock := ""
	if tx.Dialect() == dialect.Postgres {
		// One that is being suspended at this moment is waited for and then passed over.
		lock = " FOR NO KEY UPDATE"
	}
	err = queryRow(ctx, tx, &id, "UPDATE distributors SET last_turn = "+lastTurn+" WHERE id = (SELECT id FROM distributors WHERE "+
		where+" ORDER BY last_turn, id LIMIT 1"+lock+") RETURNING id", args...)
	if errors.Is(err, sql.ErrNoRows) {
		return gid.ID{}, nil
	}
	if err != nil {
		return gid.ID{}, fmt.Errorf("find the next distributor: %w", err)
	}
	return id, nil
}

// queryRow scans the one value of the one row that a statement answers; sql.ErrNoRows where there is none.
func queryRow(ctx context.Context, tx *db.Tx, into any, query string, args ...any) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return sql.ErrNoRows
	}
	if err := rows.Scan(into); err != nil {
		return err
	}
	return rows.Close()
}
