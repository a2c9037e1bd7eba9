package model

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/schema"
	"channelbook/ent/sealed"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/leads"
)

// BlacklistEntry is a row of blacklist_entries.
type BlacklistEntry struct {
	*ent.BlacklistEntry
	level *level[*BlacklistEntry]
}

var blacklistMapping = mapping{
	"id":     {},
	"author": {blacklistentry.FieldAuthorID},
	"value":  {blacklistentry.FieldValueSealed},
}

var blacklistOrder = page.Order{Name: "blacklist_entries.CREATED_AT", Desc: true, Columns: []page.Column{
	{Name: blacklistentry.FieldCreatedAt, Kind: page.Time}, {Name: blacklistentry.FieldID, Kind: page.ID}}}

func (r *Reader) blacklistList() list[*ent.BlacklistEntry] {
	return list[*ent.BlacklistEntry]{table: blacklistentry.Table, see: schema.BlacklistEntries, value: (*ent.BlacklistEntry).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.BlacklistEntry, error) {
		q := r.DB.BlacklistEntry.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Blacklist is a page of the blacklist, newest first.
func (r *Reader) Blacklist(ctx context.Context, first *int, after *string, filter *BlacklistFilter) (*BlacklistConnection, error) {
	w, err := newWindow(blacklistOrder, first, after)
	if err != nil {
		return nil, err
	}
	w.where = r.blacklistWhere(filter)
	of, node := connection(ctx, "BlacklistEntry")
	w.total = of.has("totalCount")
	w.columns = blacklistMapping.columns(node, blacklistentry.FieldID, blacklistentry.FieldCreatedAt)
	rows, total, err := all(ctx, r.DB.Dialect(), r.blacklistList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.entries(rows), func(e *BlacklistEntry) []any { return []any{e.CreatedAt, e.BlacklistEntry.ID} },
		func(cursor string, e *BlacklistEntry) *BlacklistEdge { return &BlacklistEdge{Cursor: cursor, Node: e} })
	return &BlacklistConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func (r *Reader) blacklistWhere(f *BlacklistFilter) func(*sql.Selector) {
	var all conditions
	if f == nil {
		return all.where
	}
	in(&all, blacklistentry.FieldKind, f.Kinds)
	if f.Value != nil {
		values := leads.BlacklistValues(*f.Value)
		if len(values) == 0 {
			all.add(func(s *sql.Selector) { s.Where(sql.False()) }) // what has no form of any kind does not stand there
		} else {
			all.add(sealed.BlacklistIndex.Match(r.Eyes.Keys, values...))
		}
	}
	in(&all, blacklistentry.FieldOrigin, f.Origins)
	equal(&all, blacklistentry.FieldReason, f.Reason)
	between(&all, blacklistentry.FieldCreatedAt, f.CreatedFrom, f.CreatedTo)
	return all.where
}

// BlacklistEntry is a whole entry that a mutation has read already; nil stays nil.
func (r *Reader) BlacklistEntry(row *ent.BlacklistEntry) *BlacklistEntry {
	if row == nil {
		return nil
	}
	return r.entries([]*ent.BlacklistEntry{row})[0]
}

func (r *Reader) entries(rows []*ent.BlacklistEntry) []*BlacklistEntry {
	out := make([]*BlacklistEntry, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &BlacklistEntry{row, lv}
	}
	return out
}

func (r *Reader) entriesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*BlacklistEntry, error) {
	rows, err := r.DB.BlacklistEntry.Query().Where(blacklistentry.IDIn(ids...)).
		Select(blacklistMapping.columns(asked, blacklistentry.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.entries(rows), func(e *BlacklistEntry) gid.ID { return e.BlacklistEntry.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*BlacklistEntry) IsNode() {}

// ID as it is shown outside.
func (e *BlacklistEntry) ID() string { return gid.BlacklistEntry.Format(e.BlacklistEntry.ID) }

// Value in the normal form of its kind.
func (e *BlacklistEntry) Value() (string, error) {
	value, err := sealed.BlacklistValue.Open(e.level.reader.Eyes.Keys, e.BlacklistEntry.ID, e.ValueSealed)
	if err != nil {
		return "", fmt.Errorf("open an entry of the blacklist: %w", err)
	}
	return value, nil
}

// Kind of the entry.
func (e *BlacklistEntry) Kind() BlacklistKind { return BlacklistKind(e.BlacklistEntry.Kind) }

// Origin of the entry.
func (e *BlacklistEntry) Origin() BlacklistOrigin { return BlacklistOrigin(e.BlacklistEntry.Origin) }

// Reason is null where nobody gave one.
func (e *BlacklistEntry) Reason() *string { return text(e.BlacklistEntry.Reason) }

// Author who added it.
func (e *BlacklistEntry) Author(ctx context.Context) (*User, error) {
	return toOne(ctx, e.level, e, func(e *BlacklistEntry) *gid.ID { return e.AuthorID }, e.level.reader.usersByID)
}
