package model

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/schema"
	"channelbook/ent/sealed"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// IntakeAttempt is a row of intake_attempts.
type IntakeAttempt struct {
	*ent.IntakeAttempt
	level *level[*IntakeAttempt]
}

var attemptMapping = mapping{
	"id":      {},
	"source":  {intakeattempt.FieldSourceID},
	"lead":    {intakeattempt.FieldLeadID},
	"rawBody": {intakeattempt.FieldRawBodySealed},
}

var attemptOrder = page.Order{Name: "intake_attempts.RECEIVED_AT", Desc: true, Columns: []page.Column{
	{Name: intakeattempt.FieldReceivedAt, Kind: page.Time}, {Name: intakeattempt.FieldID, Kind: page.ID}}}

func (r *Reader) attemptList() list[*ent.IntakeAttempt] {
	return list[*ent.IntakeAttempt]{table: intakeattempt.Table, see: schema.IntakeAttempts, value: (*ent.IntakeAttempt).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.IntakeAttempt, error) {
		q := r.DB.IntakeAttempt.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// IntakeAttempts is a page of the intake log, newest first.
func (r *Reader) IntakeAttempts(ctx context.Context, first *int, after *string, filter *IntakeAttemptFilter) (*IntakeAttemptConnection, error) {
	w, err := newWindow(attemptOrder, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = attemptWhere(filter); err != nil {
		return nil, err
	}
	of, node := connection(ctx, "IntakeAttempt")
	w.total = of.has("totalCount")
	w.columns = attemptMapping.columns(node, intakeattempt.FieldID, intakeattempt.FieldReceivedAt)
	rows, total, err := all(ctx, r.DB.Dialect(), r.attemptList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.attempts(rows), func(a *IntakeAttempt) []any { return []any{a.ReceivedAt, a.IntakeAttempt.ID} },
		func(cursor string, a *IntakeAttempt) *IntakeAttemptEdge {
			return &IntakeAttemptEdge{Cursor: cursor, Node: a}
		})
	return &IntakeAttemptConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func attemptWhere(f *IntakeAttemptFilter) (func(*sql.Selector), error) {
	var all conditions
	if f == nil {
		return all.where, nil
	}
	ids, err := parseIDs(gid.LeadSource, f.SourceIds, "filter.sourceIds")
	if err != nil {
		return nil, err
	}
	in(&all, intakeattempt.FieldSourceID, ids)
	in(&all, intakeattempt.FieldOutcome, f.Outcomes)
	in(&all, intakeattempt.FieldHTTPStatus, f.HTTPStatuses)
	equal(&all, intakeattempt.FieldRemoteAddress, f.RemoteAddress)
	between(&all, intakeattempt.FieldReceivedAt, f.ReceivedFrom, f.ReceivedTo)
	return all.where, nil
}

func (r *Reader) attempts(rows []*ent.IntakeAttempt) []*IntakeAttempt {
	out := make([]*IntakeAttempt, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &IntakeAttempt{row, lv}
	}
	return out
}

func (r *Reader) attemptsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*IntakeAttempt, error) {
	rows, err := r.DB.IntakeAttempt.Query().Where(intakeattempt.IDIn(ids...)).
		Select(attemptMapping.columns(asked, intakeattempt.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.attempts(rows), func(a *IntakeAttempt) gid.ID { return a.IntakeAttempt.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*IntakeAttempt) IsNode() {}

// ID as it is shown outside.
func (a *IntakeAttempt) ID() string { return gid.IntakeAttempt.Format(a.IntakeAttempt.ID) }

// Outcome of the attempt.
func (a *IntakeAttempt) Outcome() IntakeAttemptOutcome {
	return IntakeAttemptOutcome(a.IntakeAttempt.Outcome)
}

// ErrorCodes of the faults; none is an empty list.
func (a *IntakeAttempt) ErrorCodes() []string {
	if a.IntakeAttempt.ErrorCodes == nil {
		return []string{}
	}
	return a.IntakeAttempt.ErrorCodes
}

// Source that tried; null where its key was not known.
func (a *IntakeAttempt) Source(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, a.level, a, func(a *IntakeAttempt) *gid.ID { return a.SourceID }, a.level.reader.sourcesByID)
}

// Lead that came of it.
func (a *IntakeAttempt) Lead(ctx context.Context) (*Lead, error) {
	return toOne(ctx, a.level, a, func(a *IntakeAttempt) *gid.ID { return a.LeadID }, a.level.reader.leadsByID)
}

// RawBody as it was sent, where it is kept still. What is no text shows as U+FFFD.
func (a *IntakeAttempt) RawBody() (*string, error) {
	body, err := a.level.reader.opened(sealed.AttemptRawBody, a.IntakeAttempt.ID, a.RawBodySealed)
	if body != nil {
		shown := strings.ReplaceAll(strings.ToValidUTF8(*body, "\uFFFD"), "\x00", "\uFFFD")
		body = &shown
	}
	return body, err
}
