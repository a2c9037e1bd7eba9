package line

import (
	"context"
	"fmt"
	"log/slog"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// Follower reads a line as it grows, on one instance.
type Follower struct {
	DB    *db.DB
	Table string // of the Line
	// Begin is told the last place that was given before anything is read.
	Begin func(last int64)
	// Read reads some rows behind a place, in their order, and tells the last place that it has read; the same one where
	// there is nothing more.
	Read func(ctx context.Context, after int64) (upTo int64, err error)
	Log  *slog.Logger
}

// Run follows the line until ctx ends: at once where places were given, on whichever instance, and every second besides.
// What fails is tried again from where it broke off, and logged once.
func (f *Follower) Run(ctx context.Context) {
	ctx = auth.AsSystem(ctx, "follow "+f.Table)
	wake, stop := f.DB.Listen(placed(f.Table))
	defer stop()
	begun := false
	var at int64
	again(ctx, wake, f.Log.With("line", f.Table), func(ctx context.Context) (err error) {
		if !begun {
			if at, err = Last(ctx, f.DB, f.Table); err != nil {
				return err
			}
			f.Begin(at)
			begun = true
		}
		for {
			upTo, err := f.Read(ctx, at)
			if err != nil || upTo == at {
				return err
			}
			at = upTo
		}
	})
}

// Last is the last place that was given in a line; 0 where none was.
func Last(ctx context.Context, d *db.DB, table string) (int64, error) {
	last, _, err := one[int64](ctx, d, "SELECT last FROM lines WHERE name = $1", table)
	if err != nil {
		return 0, fmt.Errorf("read the last place of %s: %w", table, err)
	}
	return last, nil
}
