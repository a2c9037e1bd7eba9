// Package watch tells those who watch leads live which of them have changed.
//
// Whoever changes a lead writes a row with Rows, in the change's own transaction. The rows get their places in one line
// (internal/line) right after the commit; each instance follows the line and gathers, for each of its watchers, the ids of
// the leads that may concern them (watcher.go). What a watcher sees of a lead is asked of the base when it is told.
package watch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"channelbook/ent"
	"channelbook/ent/leadchange"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/line"
)

// Service holds what is needed. All exported fields but Ran are required. It is not copied once it is in use.
type Service struct {
	DB  *db.DB
	Log *slog.Logger
	// Ran is told of each time that changes got their places, or should have; nil: nobody is.
	Ran func(begun time.Time, err error)

	watching watching
}

const table = leadchange.Table

// Change is a lead that has changed.
type Change struct {
	Lead        gid.ID
	Distributor *gid.ID // whose lead it is since; nil: nobody's
}

var columns = []string{leadchange.FieldID, leadchange.FieldAt, leadchange.FieldLeadID, leadchange.FieldDistributorID}

// Rows are the rows of changes, which the transaction that makes them has to write.
func Rows(tx *db.Tx, at time.Time, changes ...Change) db.Rows {
	rows := db.Rows{Table: table, Columns: columns, Values: make([][]any, len(changes))}
	for i, c := range changes {
		var whose any
		if c.Distributor != nil {
			whose = *c.Distributor
		}
		rows.Values[i] = []any{gid.New(), at, c.Lead, whose}
	}
	if len(changes) > 0 {
		tx.Ring(line.Waiting(table))
	}
	return rows
}

// Run gives changes their places and brings them to whoever watches here, until ctx ends. Any number of instances may run it
// beside each other.
func (s *Service) Run(ctx context.Context) {
	var parts sync.WaitGroup
	parts.Go(func() { (&line.Line{DB: s.DB, Table: table, Log: s.Log, Ran: s.Ran}).Run(ctx) })
	parts.Go(func() {
		(&line.Follower{DB: s.DB, Table: table, Begin: func(int64) { s.watching.begin() }, Read: s.read, Log: s.Log}).Run(ctx)
	})
	parts.Wait()
}

// changesAtOnce is how many changes are read by one statement.
const changesAtOnce = 500

// read brings some changes behind a place to the watchers, and tells up to which it did. Where nobody watches it goes past all.
func (s *Service) read(ctx context.Context, after int64) (upTo int64, err error) {
	if s.watching.nobody() {
		last, err := line.Last(ctx, s.DB, table)
		if err != nil {
			return after, err
		}
		if s.watching.nobody() { // who comes now comes behind the last
			return last, nil
		}
	}
	rows, err := s.DB.LeadChange.Query().Where(leadchange.PlaceGT(after)).Order(ent.Asc(leadchange.FieldPlace)).Limit(changesAtOnce).
		Select(leadchange.FieldPlace, leadchange.FieldLeadID, leadchange.FieldDistributorID).All(ctx)
	if err != nil {
		return after, fmt.Errorf("read which leads have changed: %w", err)
	}
	if len(rows) == 0 {
		return after, nil
	}
	s.watching.pass(rows)
	return *rows[len(rows)-1].Place, nil
}

// droppedAtOnce keeps the statements of Drop short.
const droppedAtOnce = 1000

// Drop takes the changes from before an instant away, up to the first in the line that is younger, and tells how many there
// were. What waits for its place stays. It may be run at any time, by several instances at once.
func (s *Service) Drop(ctx context.Context, olderThan time.Time) (n int, err error) {
	ctx = auth.AsSystem(ctx, "retention of changes of leads")
	for {
		ids, err := s.past(ctx, olderThan)
		if err != nil {
			return n, fmt.Errorf("look for old changes of leads: %w", err)
		}
		if len(ids) == 0 {
			return n, nil
		}
		dropped, err := s.DB.LeadChange.Delete().Where(leadchange.IDIn(ids...)).Exec(ctx)
		if n += dropped; err != nil {
			return n, fmt.Errorf("drop old changes of leads: %w", err)
		}
	}
}

// past are the first changes in the line, as far as they are older than an instant. They are asked for by places, as no index
// knows times: where the first is young, nothing else is read.
func (s *Service) past(ctx context.Context, olderThan time.Time) (ids []gid.ID, err error) {
	first, err := s.DB.LeadChange.Query().Where(leadchange.PlaceGT(0)).Order(ent.Asc(leadchange.FieldPlace)).Limit(droppedAtOnce).
		Select(leadchange.FieldID, leadchange.FieldAt).All(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range first {
		if !c.At.Before(olderThan) {
			break
		}
		ids = append(ids, c.ID)
	}
	return ids, nil
}
