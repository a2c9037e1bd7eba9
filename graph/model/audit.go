package model

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/ent/schema"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/personaldata/audit"
)

// AuditRecord is a row of audit_records.
type AuditRecord struct{ *ent.AuditRecord }

var recordMapping = mapping{
	"id":       {},
	"actorId":  {auditrecord.FieldActorKind, auditrecord.FieldActorID},
	"objectId": {auditrecord.FieldObjectType, auditrecord.FieldObjectID},
}

var recordOrder = page.Order{Name: "audit_records.AT", Desc: true, Columns: []page.Column{
	{Name: auditrecord.FieldAt, Kind: page.Time}, {Name: auditrecord.FieldID, Kind: page.ID}}}

func (r *Reader) recordList() list[*ent.AuditRecord] {
	return list[*ent.AuditRecord]{table: auditrecord.Table, see: schema.AuditRecords, value: (*ent.AuditRecord).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.AuditRecord, error) {
		q := r.DB.AuditRecord.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// AuditLog is a page of the audit, newest first.
func (r *Reader) AuditLog(ctx context.Context, first *int, after *string, filter *AuditFilter) (*AuditRecordConnection, error) {
	w, err := newWindow(recordOrder, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = recordWhere(filter); err != nil {
		return nil, err
	}
	of, node := connection(ctx, "AuditRecord")
	w.total = of.has("totalCount")
	w.columns = recordMapping.columns(node, auditrecord.FieldID, auditrecord.FieldAt)
	rows, total, err := all(ctx, r.DB.Dialect(), r.recordList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, records(rows), func(a *AuditRecord) []any { return []any{a.At, a.AuditRecord.ID} },
		func(cursor string, a *AuditRecord) *AuditRecordEdge { return &AuditRecordEdge{Cursor: cursor, Node: a} })
	return &AuditRecordConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func recordWhere(f *AuditFilter) (func(*sql.Selector), error) {
	var all conditions
	if f == nil {
		return all.where, nil
	}
	actors, actorErr := parseActors(f.ActorIds)
	objectErr := onObject(&all, f.ObjectID)
	if err := errors.Join(checkActions(f.Actions), actorErr, objectErr); err != nil {
		return nil, err
	}
	in(&all, auditrecord.FieldAction, f.Actions)
	in(&all, auditrecord.FieldActorID, actors)
	in(&all, auditrecord.FieldOutcome, f.Outcomes)
	if len(f.Outcomes) > 0 && !slices.Contains(f.Outcomes, AuditOutcomeDone) {
		all.add(func(s *sql.Selector) { s.Where(sql.ExprP("outcome <> 'DONE'")) }) // in the words of the index
	}
	between(&all, auditrecord.FieldAt, f.From, f.To)
	return all.where, nil
}

func checkActions(actions []string) error {
	if len(actions) > maxIDs {
		return fault.Coded(fault.Invalid, "TOO_MANY", "filter.actions", fmt.Sprintf("At most %d actions.", maxIDs))
	}
	var faults []error
	for i, a := range actions {
		if !audit.Known(audit.Action(a)) {
			faults = append(faults, fault.Coded(fault.Invalid, "INVALID_VALUE", fmt.Sprintf("filter.actions[%d]", i), "There is no such action."))
		}
	}
	return errors.Join(faults...)
}

// parseActors reads ids of users and of sources.
func parseActors(texts []string) ([]gid.ID, error) {
	if len(texts) > maxIDs {
		return nil, fault.Coded(fault.Invalid, "TOO_MANY", "filter.actorIds", fmt.Sprintf("At most %d ids.", maxIDs))
	}
	ids := make([]gid.ID, len(texts))
	var faults []error
	for i, t := range texts {
		kind, id, err := gid.Parse(t)
		if err != nil || kind != gid.User && kind != gid.LeadSource {
			faults = append(faults, fault.Coded(fault.Invalid, "INVALID_ID", fmt.Sprintf("filter.actorIds[%d]", i), "This is the id of neither a user nor a source."))
		}
		ids[i] = id
	}
	return ids, errors.Join(faults...)
}

func onObject(c *conditions, text *string) error {
	if text == nil {
		return nil
	}
	kind, id, err := gid.Parse(*text)
	if err != nil {
		return fault.Coded(fault.Invalid, "INVALID_ID", "filter.objectId", "This is not an id.")
	}
	c.add(func(s *sql.Selector) {
		s.Where(sql.And(sql.EQ(s.C(auditrecord.FieldObjectID), id), sql.EQ(s.C(auditrecord.FieldObjectType), string(kind))))
	})
	return nil
}

func records(rows []*ent.AuditRecord) []*AuditRecord {
	out := make([]*AuditRecord, len(rows))
	for i, row := range rows {
		out[i] = &AuditRecord{row}
	}
	return out
}

func (r *Reader) recordsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*AuditRecord, error) {
	rows, err := r.DB.AuditRecord.Query().Where(auditrecord.IDIn(ids...)).
		Select(recordMapping.columns(asked, auditrecord.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(records(rows), func(a *AuditRecord) gid.ID { return a.AuditRecord.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*AuditRecord) IsNode() {}

// ID as it is shown outside.
func (a *AuditRecord) ID() string { return gid.AuditRecord.Format(a.AuditRecord.ID) }

// ActorKind of who did it.
func (a *AuditRecord) ActorKind() AuditActorKind { return AuditActorKind(a.AuditRecord.ActorKind) }

// ActorID is the user's or the source's.
func (a *AuditRecord) ActorID() *string { return text(audit.ActorID(a.AuditRecord)) }

// Outcome of the act.
func (a *AuditRecord) Outcome() AuditOutcome { return AuditOutcome(a.AuditRecord.Outcome) }

// ObjectID is what it was done to.
func (a *AuditRecord) ObjectID() *string { return text(audit.ObjectID(a.AuditRecord)) }

// Details in the order of their names; none is an empty list.
func (a *AuditRecord) Details() ([]*AuditDetail, error) {
	details := []*AuditDetail{}
	if a.AuditRecord.Details == nil {
		return details, nil
	}
	var values map[string]string
	if err := json.Unmarshal([]byte(*a.AuditRecord.Details), &values); err != nil {
		return nil, fmt.Errorf("read the details of a record: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		details = append(details, &AuditDetail{Name: name, Value: values[name]})
	}
	return details, nil
}
