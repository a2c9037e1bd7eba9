package model

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/deliveryitem"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Delivery is a row of deliveries.
type Delivery struct {
	*ent.Delivery
	level *level[*Delivery]
}

var deliveryMapping = mapping{
	"id":          {},
	"user":        {delivery.FieldUserID},
	"lead":        {delivery.FieldLeadID},
	"distributor": {delivery.FieldDistributorID},
}

var deliveryOrder = page.Order{Name: "deliveries.ID", Desc: true, Columns: []page.Column{{Name: delivery.FieldID, Kind: page.ID}}}

func (r *Reader) deliveryList() list[*ent.Delivery] {
	return list[*ent.Delivery]{table: delivery.Table, see: schema.Deliveries, value: (*ent.Delivery).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Delivery, error) {
		q := r.DB.Delivery.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Deliveries is a page of what has left the house, newest first.
func (r *Reader) Deliveries(ctx context.Context, first *int, after *string, filter *DeliveryFilter) (*DeliveryConnection, error) {
	w, err := newWindow(deliveryOrder, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = deliveryWhere(filter); err != nil {
		return nil, err
	}
	of, node := connection(ctx, "Delivery")
	w.total = of.has("totalCount")
	w.columns = deliveryMapping.columns(node, delivery.FieldID)
	rows, total, err := all(ctx, r.DB.Dialect(), r.deliveryList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.deliveries(rows), func(d *Delivery) []any { return []any{d.Delivery.ID} },
		func(cursor string, d *Delivery) *DeliveryEdge { return &DeliveryEdge{Cursor: cursor, Node: d} })
	return &DeliveryConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func deliveryWhere(f *DeliveryFilter) (func(*sql.Selector), error) {
	var all conditions
	if f == nil {
		return all.where, nil
	}
	users, err1 := parseIDs(gid.User, f.UserIds, "filter.userIds")
	distributors, err2 := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	leads, err3 := parseIDs(gid.Lead, f.LeadIds, "filter.leadIds")
	in(&all, delivery.FieldUserID, users)
	in(&all, delivery.FieldDistributorID, distributors)
	in(&all, delivery.FieldLeadID, leads)
	in(&all, delivery.FieldStatus, f.Statuses)
	in(&all, delivery.FieldChannel, f.Channels)
	in(&all, delivery.FieldPurpose, f.Purposes)
	in(&all, delivery.FieldKind, f.Kinds)
	between(&all, delivery.FieldCreatedAt, f.CreatedFrom, f.CreatedTo)
	return all.where, errors.Join(err1, err2, err3)
}

// Delivery is a whole delivery that a mutation has read already; nil stays nil.
func (r *Reader) Delivery(row *ent.Delivery) *Delivery {
	if row == nil {
		return nil
	}
	return r.deliveries([]*ent.Delivery{row})[0]
}

func (r *Reader) deliveries(rows []*ent.Delivery) []*Delivery {
	out := make([]*Delivery, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Delivery{row, lv}
	}
	return out
}

// deliveriesAsked are for administrators: how far their own came a distributor's users see at their notifications.
func (r *Reader) deliveriesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Delivery, error) {
	if v, _ := auth.From(r.seen(ctx)); v.Role != auth.Admin {
		return nil, nil
	}
	rows, err := r.DB.Delivery.Query().Where(delivery.IDIn(ids...)).Select(deliveryMapping.columns(asked, delivery.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.deliveries(rows), func(d *Delivery) gid.ID { return d.Delivery.ID }), nil
}

// outside is how far what tells the viewer of notices came, by each notice, oldest first.
func (r *Reader) outside(ctx context.Context, notices []gid.ID) (map[gid.ID][]*NotificationDelivery, error) {
	viewer, _ := auth.From(r.seen(ctx))
	of := make([]any, len(notices))
	for i, id := range notices {
		of[i] = id
	}
	q := r.DB.Delivery.Query().Where(delivery.UserID(viewer.UserID)).Select(delivery.FieldID, delivery.FieldChannel, delivery.FieldStatus)
	q.Modify(func(s *sql.Selector) {
		items := sql.Table(deliveryitem.Table)
		s.Join(items).On(s.C(delivery.FieldID), items.C(deliveryitem.FieldDeliveryID)).
			Where(sql.And(sql.EQ(items.C(deliveryitem.FieldUserID), viewer.UserID), sql.In(items.C(deliveryitem.FieldNoticeID), of...))).
			AppendSelectAs(items.C(deliveryitem.FieldNoticeID), parentColumn).OrderBy(s.C(delivery.FieldID))
	})
	rows, err := q.All(ctx)
	if err != nil {
		return nil, err
	}
	found := map[gid.ID][]*NotificationDelivery{}
	for _, row := range rows {
		var notice gid.ID
		v, err := row.Value(parentColumn)
		if err == nil {
			err = notice.Scan(v)
		}
		if err != nil {
			return nil, fmt.Errorf("read what a delivery is of: %w", err)
		}
		found[notice] = append(found[notice], &NotificationDelivery{Channel: NotificationChannel(row.Channel), Status: DeliveryStatus(row.Status)})
	}
	return found, nil
}

// IsNode marks a type with an id of its own.
func (*Delivery) IsNode() {}

// ID as it is shown outside.
func (d *Delivery) ID() string { return gid.Delivery.Format(d.Delivery.ID) }

// Purpose of the message.
func (d *Delivery) Purpose() DeliveryPurpose { return DeliveryPurpose(d.Delivery.Purpose) }

// Channel that it goes by.
func (d *Delivery) Channel() NotificationChannel { return NotificationChannel(d.Delivery.Channel) }

// Kind is null where it is of no notices.
func (d *Delivery) Kind() *NotificationKind { return (*NotificationKind)(d.Delivery.Kind) }

// Status is how far it came.
func (d *Delivery) Status() DeliveryStatus { return DeliveryStatus(d.Delivery.Status) }

// ProviderID is null before the provider has taken it.
func (d *Delivery) ProviderID() *string { return text(d.Delivery.ProviderID) }

// ErrorCode is null where there was no failure.
func (d *Delivery) ErrorCode() *string { return text(d.Delivery.ErrorCode) }

// Error is null likewise.
func (d *Delivery) Error() *string { return text(d.Delivery.Error) }

// User that it goes to.
func (d *Delivery) User(ctx context.Context) (*User, error) {
	return toOne(ctx, d.level, d, func(d *Delivery) *gid.ID { return d.UserID }, d.level.reader.usersByID)
}

// Lead whose client it welcomes.
func (d *Delivery) Lead(ctx context.Context) (*Lead, error) {
	return toOne(ctx, d.level, d, func(d *Delivery) *gid.ID { return d.LeadID }, d.level.reader.leadsByID)
}

// Distributor whose user the recipient was, or whose welcome it is.
func (d *Delivery) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, d.level, d, func(d *Delivery) *gid.ID { return d.DistributorID }, d.level.reader.distributorsByID)
}
