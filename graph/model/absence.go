package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/absence"
	"channelbook/ent/schema"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Absence is a row of absences.
type Absence struct {
	*ent.Absence
	level *level[*Absence]
}

var absenceMapping = mapping{
	"id":          {},
	"distributor": {absence.FieldDistributorID},
}

var absenceOrder = page.Order{Name: "absences.ENDS_ON", Desc: true, Columns: []page.Column{
	{Name: absence.FieldEndsOn, Kind: page.Day}, {Name: absence.FieldID, Kind: page.ID}}}

func (r *Reader) absenceList() list[*ent.Absence] {
	return list[*ent.Absence]{table: absence.Table, see: schema.Absences, value: (*ent.Absence).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Absence, error) {
		q := r.DB.Absence.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

func absenceWindow(ctx context.Context, first *int, after *string, from *calendar.Date) (window, error) {
	w, err := newWindow(absenceOrder, first, after)
	if err != nil {
		return w, err
	}
	var all conditions
	if from != nil {
		all.add(func(s *sql.Selector) { s.Where(sql.GTE(s.C(absence.FieldEndsOn), *from)) })
	}
	w.where = all.where
	of, node := connection(ctx, "Absence")
	w.total = of.has("totalCount")
	w.columns = absenceMapping.columns(node, absence.FieldID, absence.FieldEndsOn)
	return w, nil
}

func (r *Reader) absencesOf(ctx context.Context, distributors []gid.ID, w window) (map[gid.ID]*AbsenceConnection, error) {
	return nested[*ent.Absence, *Absence, *AbsenceConnection]{
		list: r.absenceList(), column: absence.FieldDistributorID, wrap: r.absences,
		parent: func(a *Absence) gid.ID { return a.DistributorID }, page: absenceConnection,
	}.pages(ctx, r, w, distributors)
}

func absenceConnection(w window, absences []*Absence, total int) *AbsenceConnection {
	out, info := edges(w, absences, func(a *Absence) []any { return []any{*a.Absence.EndsOn, a.Absence.ID} },
		func(cursor string, a *Absence) *AbsenceEdge { return &AbsenceEdge{Cursor: cursor, Node: a} })
	return &AbsenceConnection{Edges: out, PageInfo: info, TotalCount: total}
}

// Absence is a whole absence that a mutation has read already; nil stays nil.
func (r *Reader) Absence(row *ent.Absence) *Absence {
	if row == nil {
		return nil
	}
	return r.absences([]*ent.Absence{row})[0]
}

func (r *Reader) absences(rows []*ent.Absence) []*Absence {
	out := make([]*Absence, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Absence{row, lv}
	}
	return out
}

func (r *Reader) absencesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Absence, error) {
	rows, err := r.DB.Absence.Query().Where(absence.IDIn(ids...)).
		Select(absenceMapping.columns(asked, absence.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.absences(rows), func(a *Absence) gid.ID { return a.Absence.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Absence) IsNode() {}

// ID as it is shown outside.
func (a *Absence) ID() string { return gid.Absence.Format(a.Absence.ID) }

// StartsOn is the first day.
func (a *Absence) StartsOn() calendar.Date { return *a.Absence.StartsOn }

// EndsOn is the last day.
func (a *Absence) EndsOn() calendar.Date { return *a.Absence.EndsOn }

// Reason is null where nobody gave one.
func (a *Absence) Reason() *string { return text(a.Absence.Reason) }

// Distributor who is absent.
func (a *Absence) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, a.level, a, func(a *Absence) *gid.ID { return &a.DistributorID }, a.level.reader.distributorsByID)
}
