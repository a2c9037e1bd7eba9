package model

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/payouts"
)

var entryMapping = mapping{
	"id":          {},
	"distributor": {ledgerentry.FieldDistributorID},
	"lead":        {ledgerentry.FieldLeadID},
	"reverses":    {ledgerentry.FieldReversesID},
	"statement":   {},
	"actor":       {ledgerentry.FieldActorID},
}

var entryOrder = page.Order{Name: "ledger_entries.DAY", Desc: true, Columns: []page.Column{
	{Name: ledgerentry.FieldDay, Kind: page.Day}, {Name: ledgerentry.FieldID, Kind: page.ID}}}

func (r *Reader) entryList() list[*ent.LedgerEntry] {
	return list[*ent.LedgerEntry]{table: ledgerentry.Table, see: schema.LedgerEntries, value: (*ent.LedgerEntry).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.LedgerEntry, error) {
		q := r.DB.LedgerEntry.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// entryWindow is a page of the ledger, and whether it is to be added up.
func entryWindow(ctx context.Context, order page.Order, first *int, after *string) (w window, sum bool, err error) {
	w, err = newWindow(order, first, after)
	if err != nil {
		return w, false, err
	}
	of, node := connection(ctx, "LedgerEntry")
	w.total = of.has("totalCount")
	w.columns = entryMapping.columns(node, ledgerentry.FieldID, ledgerentry.FieldDay, ledgerentry.FieldDistributorID)
	return w, of.has("totalAmount"), nil
}

// Ledger is a page of the ledger.
func (r *Reader) Ledger(ctx context.Context, first *int, after *string, filter *LedgerFilter, order *LedgerOrder) (*LedgerEntryConnection, error) {
	by := entryOrder
	by.Desc = order == nil || order.Direction == nil || *order.Direction == OrderDirectionDesc
	w, sum, err := entryWindow(ctx, by, first, after)
	if err != nil {
		return nil, err
	}
	asked, err := LedgerFilterOf(filter)
	if err != nil {
		return nil, err
	}
	viewer, _ := auth.From(r.seen(ctx))
	w.where = asked.Where(viewer)
	rows, total, err := all(ctx, r.DB.Dialect(), r.entryList(), w)
	if err != nil {
		return nil, err
	}
	amount := int64(0)
	if sum {
		if amount, err = r.ledgerSum(ctx, w); err != nil {
			return nil, err
		}
	}
	return entryConnection(w, r.ledgerEntries(rows), total, amount), nil
}

// ledgerSum adds up what a window is cut of.
func (r *Reader) ledgerSum(ctx context.Context, w window) (sum int64, err error) {
	s := base(ctx, r.DB.Dialect(), r.entryList(), ledgerentry.FieldAmount)
	w.where(s)
	text, args := sum64(r.DB.Dialect(), s, ledgerentry.FieldAmount).Query()
	err = r.query(ctx, text, args, func(rows *stdsql.Rows) error { return rows.Scan(&sum) })
	return sum, err
}

// LedgerFilterOf turns a client's filter into the domain's.
func LedgerFilterOf(f *LedgerFilter) (payouts.Filter, error) {
	if f == nil {
		return payouts.Filter{}, nil
	}
	distributors, err1 := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	lead, err2 := parseID(gid.Lead, f.LeadID, "filter.leadId")
	statement, err3 := parseID(gid.Statement, f.StatementID, "filter.statementId")
	filter := payouts.Filter{
		DistributorIDs: distributors, From: f.From, To: f.To, LeadID: lead, StatementID: statement,
		Corrections: f.Corrections, Unsettled: f.Unsettled,
	}
	for _, k := range f.Kinds {
		filter.Kinds = append(filter.Kinds, ledgerentry.Kind(k))
	}
	return filter, errors.Join(err1, err2, err3)
}

// entriesOf is a page of the lines of each statement of a level; the statements carry count and total.
func (r *Reader) entriesOf(ctx context.Context, statements []*PayoutStatement, w window) (map[gid.ID]*LedgerEntryConnection, error) {
	viewer, _ := auth.From(ctx)
	rows, err := under(ctx, r.DB.Dialect(), r.entryList(), w, distinct(statements, (*PayoutStatement).uuid), func(s *sql.Selector, statement gid.ID) {
		payouts.Filter{StatementID: &statement}.Where(viewer)(s)
	})
	if err != nil {
		return nil, err
	}
	groups := map[gid.ID][]*LedgerEntry{}
	for _, e := range r.ledgerEntries(rows) {
		parent, err := e.on()
		if err != nil {
			return nil, err
		}
		groups[parent] = append(groups[parent], e)
	}
	pages := make(map[gid.ID]*LedgerEntryConnection, len(statements))
	for _, s := range statements {
		id := s.PayoutStatement.ID
		pages[id] = entryConnection(w, groups[id], s.PayoutStatement.EntryCount, s.PayoutStatement.Total)
	}
	return pages, nil
}

func entryConnection(w window, entries []*LedgerEntry, total int, amount int64) *LedgerEntryConnection {
	out, info := edges(w, entries, func(e *LedgerEntry) []any { return []any{*e.LedgerEntry.Day, e.LedgerEntry.ID} },
		func(cursor string, e *LedgerEntry) *LedgerEntryEdge { return &LedgerEntryEdge{Cursor: cursor, Node: e} })
	return &LedgerEntryConnection{Edges: out, PageInfo: info, TotalCount: total, TotalAmount: Roubles(amount)}
}

func (r *Reader) ledgerEntries(rows []*ent.LedgerEntry) []*LedgerEntry {
	out := make([]*LedgerEntry, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &LedgerEntry{row, lv}
	}
	return out
}

func (r *Reader) ledgerAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*LedgerEntry, error) {
	rows, err := r.DB.LedgerEntry.Query().Where(ledgerentry.IDIn(ids...)).
		Select(entryMapping.columns(asked, ledgerentry.FieldID)...).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read lines of the ledger: %w", err)
	}
	return indexByID(r.ledgerEntries(rows), func(e *LedgerEntry) gid.ID { return e.LedgerEntry.ID }), nil
}
