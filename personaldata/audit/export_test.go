package audit

import (
	"context"
	"time"
)

// Commits is how many commits the reads have taken.
func (l *Log) Commits() int64 { return l.commits.Load() }

// Columns are those that are written and hashed.
var Columns = columns

// Catalogue is every action.
var Catalogue = catalogue

// Pass is one pass of the sealer.
func (l *Log) Pass(ctx context.Context, now time.Time) { l.pass(ctx, now) }

// Harmless is what keeps a spreadsheet from seeing formulas.
func Harmless(cell string) string { return harmless(cell) }
