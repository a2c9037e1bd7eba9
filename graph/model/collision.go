package model

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/leads/insight"
)

// SourceCollision is a lead that was turned away, and the earlier one that it collided with.
type SourceCollision struct {
	row     *ent.Lead
	earlier *ent.Lead // nil where there is none, and where nobody asked
	level   *level[*SourceCollision]
}

var collisionMapping = mapping{
	"reference":    {},
	"lead":         {},
	"source":       {lead.FieldSourceID},
	"rule":         {lead.FieldDecisionTrace},
	"collidesWith": {lead.FieldDuplicateOfID, lead.FieldDecisionTrace},

	"collidesWithReceivedAt": {lead.FieldDuplicateOfID, lead.FieldDecisionTrace},
	"collidesWithSource":     {lead.FieldDuplicateOfID, lead.FieldDecisionTrace},
}

var collisionOrder = page.Order{Name: "leads.COLLISIONS", Desc: true, Columns: []page.Column{
	{Name: lead.FieldReceivedAt, Kind: page.Time}, {Name: lead.FieldID, Kind: page.ID}}}

// SourceCollisions is a page of the leads with where, newest first.
func (r *Reader) SourceCollisions(ctx context.Context, first *int, after *string, where func(*sql.Selector)) (*SourceCollisionConnection, error) {
	w, err := newWindow(collisionOrder, first, after)
	if err != nil {
		return nil, err
	}
	w.where = where
	of, node := connection(ctx, "SourceCollision")
	w.total = of.has("totalCount")
	w.columns = collisionMapping.columns(node, lead.FieldID, lead.FieldReceivedAt, lead.FieldOutcome)
	rows, total, err := all(ctx, r.DB.Dialect(), r.leadList(), w)
	if err != nil {
		return nil, err
	}
	nodes, err := r.collisions(ctx, rows, node.has("collidesWithReceivedAt", "collidesWithSource"))
	if err != nil {
		return nil, err
	}
	out, info := edges(w, nodes, func(c *SourceCollision) []any { return []any{c.row.ReceivedAt, c.row.ID} },
		func(cursor string, c *SourceCollision) *SourceCollisionEdge {
			return &SourceCollisionEdge{Cursor: cursor, Node: c}
		})
	return &SourceCollisionConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

// collisions are the rows and, where it is asked for, what is told of the earlier leads, in one statement.
func (r *Reader) collisions(ctx context.Context, rows []*ent.Lead, withEarlier bool) ([]*SourceCollision, error) {
	out := make([]*SourceCollision, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &SourceCollision{row: row, level: lv}
	}
	ids := distinct(out, (*SourceCollision).with)
	if !withEarlier || len(ids) == 0 {
		return out, nil
	}
	found, err := r.DB.Lead.Query().Where(lead.IDIn(ids...)).Select(lead.FieldID, lead.FieldReceivedAt, lead.FieldSourceID).All(r.seen(ctx))
	if err != nil {
		return nil, err
	}
	known := indexByID(found, func(l *ent.Lead) gid.ID { return l.ID })
	for _, c := range out {
		if id := c.with(); id != nil {
			c.earlier = known[*id]
		}
	}
	return out, nil
}

// with is the earlier lead.
func (c *SourceCollision) with() *gid.ID { return insight.Earlier(c.row) }

// Refusals are outcomes as the domain has them.
func Refusals(outcomes []CollisionOutcome) []lead.Outcome {
	out := make([]lead.Outcome, len(outcomes))
	for i, o := range outcomes {
		out[i] = lead.Outcome(o)
	}
	return out
}

// Reference is what the source was answered.
func (c *SourceCollision) Reference() string { return gid.Submission.Format(c.row.ID) }

// ExternalID is the source's own.
func (c *SourceCollision) ExternalID() *string { return c.row.ExternalID }

// ReceivedAt is when it came.
func (c *SourceCollision) ReceivedAt() time.Time { return c.row.ReceivedAt }

// Outcome is how it was turned away.
func (c *SourceCollision) Outcome() CollisionOutcome { return CollisionOutcome(c.row.Outcome) }

// Rule that decided.
func (c *SourceCollision) Rule() *string { return text(insight.Decided(c.row)) }

// CollidesWith is what the earlier lead's source was answered.
func (c *SourceCollision) CollidesWith() *string {
	id := c.with()
	if id == nil {
		return nil
	}
	reference := gid.Submission.Format(*id)
	return &reference
}

// CollidesWithReceivedAt is when the earlier lead came.
func (c *SourceCollision) CollidesWithReceivedAt() *time.Time {
	if c.earlier == nil {
		return nil
	}
	return &c.earlier.ReceivedAt
}

// CollidesWithSource is who submitted the earlier lead.
func (c *SourceCollision) CollidesWithSource(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, c.level, c, func(c *SourceCollision) *gid.ID {
		if c.earlier == nil {
			return nil
		}
		return &c.earlier.SourceID
	}, c.level.reader.sourcesByID)
}

// Source that submitted it.
func (c *SourceCollision) Source(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, c.level, c, func(c *SourceCollision) *gid.ID { return &c.row.SourceID }, c.level.reader.sourcesByID)
}

// Lead that was stored of it.
func (c *SourceCollision) Lead(ctx context.Context) (*Lead, error) {
	return toOne(ctx, c.level, c, func(c *SourceCollision) *gid.ID { return &c.row.ID }, c.level.reader.leadsByID)
}
