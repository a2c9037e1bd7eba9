package model

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/statementline"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// LedgerEntry is a row of ledger_entries.
type LedgerEntry struct {
	*ent.LedgerEntry
	level *level[*LedgerEntry]
}

// IsNode marks a type with an id of its own.
func (*LedgerEntry) IsNode() {}

// ID as it is shown outside.
func (e *LedgerEntry) ID() string { return gid.LedgerEntry.Format(e.LedgerEntry.ID) }

// Kind of the line.
func (e *LedgerEntry) Kind() LedgerEntryKind { return LedgerEntryKind(e.LedgerEntry.Kind) }

// Day of the sale or of its reversal.
func (e *LedgerEntry) Day() calendar.Date { return *e.LedgerEntry.Day }

// Amount that is owed.
func (e *LedgerEntry) Amount() *Money { return Roubles(e.LedgerEntry.Amount) }

// SaleAmount is null where it is not known.
func (e *LedgerEntry) SaleAmount() *Money {
	if e.LedgerEntry.SaleAmount == nil {
		return nil
	}
	return Roubles(*e.LedgerEntry.SaleAmount)
}

// AvailableOn is the first day on which it may be paid.
func (e *LedgerEntry) AvailableOn() calendar.Date { return *e.LedgerEntry.AvailableOn }

// Reason of a reversal.
func (e *LedgerEntry) Reason() *string { return text(e.LedgerEntry.Reason) }

// Distributor to whom it is owed.
func (e *LedgerEntry) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, e.level, e, func(e *LedgerEntry) *gid.ID { return &e.DistributorID }, e.level.reader.distributorsByID)
}

// Lead whose sale it is, where the viewer may see it.
func (e *LedgerEntry) Lead(ctx context.Context) (*Lead, error) {
	return toOne(ctx, e.level, e, func(e *LedgerEntry) *gid.ID { return &e.LeadID }, e.level.reader.leadsByID)
}

// Reverses is the line that this one takes back.
func (e *LedgerEntry) Reverses(ctx context.Context) (*LedgerEntry, error) {
	return toOne(ctx, e.level, e, func(e *LedgerEntry) *gid.ID { return e.ReversesID }, func(ctx context.Context, ids []gid.ID) (map[gid.ID]*LedgerEntry, error) {
		return e.level.reader.ledgerAsked(ctx, selected(ctx, "LedgerEntry", "Node"), ids)
	})
}

// Actor is who registered or reversed the sale, where the viewer may see that person.
func (e *LedgerEntry) Actor(ctx context.Context) (*User, error) {
	return toOne(ctx, e.level, e, func(e *LedgerEntry) *gid.ID { return e.ActorID }, e.level.reader.usersByID)
}

// Statement that it stands on, where the viewer may see it.
func (e *LedgerEntry) Statement(ctx context.Context) (*PayoutStatement, error) {
	found, err := load(ctx, e.level, e.statements)
	return found[e.LedgerEntry.ID], err
}

// statements are those of the level's lines that are on one.
func (e *LedgerEntry) statements(ctx context.Context) (map[gid.ID]*PayoutStatement, error) {
	r := e.level.reader
	lines, err := r.DB.StatementLine.Query().
		Where(statementline.EntryIDIn(distinct(e.level.rows, func(e *LedgerEntry) *gid.ID { return &e.LedgerEntry.ID })...)).All(ctx)
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	byID, err := r.statementsAsked(ctx, selected(ctx, "PayoutStatement", "Node"), distinct(lines, func(l *ent.StatementLine) *gid.ID { return &l.StatementID }))
	if err != nil {
		return nil, fmt.Errorf("read the statements of lines: %w", err)
	}
	of := make(map[gid.ID]*PayoutStatement, len(lines))
	for _, l := range lines {
		of[l.EntryID] = byID[l.StatementID]
	}
	return of, nil
}

// on is the statement that the line was listed under.
func (e *LedgerEntry) on() (id gid.ID, err error) {
	v, err := e.Value(parentColumn)
	if err != nil {
		return id, err
	}
	return id, id.Scan(v)
}
