package model

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/schema"
	"channelbook/ent/webhookattempt"
	"channelbook/ent/webhookdelivery"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// WebhookEvent is a row of webhook_deliveries.
type WebhookEvent struct {
	*ent.WebhookDelivery
	level *level[*WebhookEvent]
}

var hookEventMapping = mapping{
	"id":           {},
	"webhook":      {webhookdelivery.FieldWebhookID},
	"dueAt":        {webhookdelivery.FieldDueAt, webhookdelivery.FieldStatus},
	"attemptCount": {webhookdelivery.FieldAttempts},
	"attempts":     {},
}

var hookEventOrder = page.Order{Name: "webhook_deliveries.ID", Desc: true, Columns: []page.Column{{Name: webhookdelivery.FieldID, Kind: page.ID}}}

func (r *Reader) hookEventList() list[*ent.WebhookDelivery] {
	return list[*ent.WebhookDelivery]{table: webhookdelivery.Table, see: schema.Webhooks, value: (*ent.WebhookDelivery).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.WebhookDelivery, error) {
		q := r.DB.WebhookDelivery.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// WebhookEvents is a page of the events of a webhook, the latest first.
func (r *Reader) WebhookEvents(ctx context.Context, webhookID string, first *int, after *string, filter *WebhookEventFilter) (*WebhookEventConnection, error) {
	w, err := newWindow(hookEventOrder, first, after)
	if err != nil {
		return nil, err
	}
	id, _ := gid.Webhook.Parse(webhookID) // what is no id is the id of nothing
	var where conditions
	where.add(webhookdelivery.WebhookID(id))
	if filter != nil {
		in(&where, webhookdelivery.FieldStatus, filter.Statuses)
		in(&where, webhookdelivery.FieldKind, filter.Kinds)
	}
	w.where = where.where
	of, node := connection(ctx, "WebhookEvent")
	w.total = of.has("totalCount")
	w.columns = hookEventMapping.columns(node, webhookdelivery.FieldID)
	rows, total, err := all(ctx, r.DB.Dialect(), r.hookEventList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.hookEvents(rows), func(e *WebhookEvent) []any { return []any{e.WebhookDelivery.ID} },
		func(cursor string, e *WebhookEvent) *WebhookEventEdge {
			return &WebhookEventEdge{Cursor: cursor, Node: e}
		})
	return &WebhookEventConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

// WebhookEvent is a whole event that a mutation has read already; nil stays nil.
func (r *Reader) WebhookEvent(row *ent.WebhookDelivery) *WebhookEvent {
	if row == nil {
		return nil
	}
	return r.hookEvents([]*ent.WebhookDelivery{row})[0]
}

func (r *Reader) hookEvents(rows []*ent.WebhookDelivery) []*WebhookEvent {
	out := make([]*WebhookEvent, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &WebhookEvent{row, lv}
	}
	return out
}

func (r *Reader) hookEventsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*WebhookEvent, error) {
	rows, err := r.DB.WebhookDelivery.Query().Where(webhookdelivery.IDIn(ids...)).Select(hookEventMapping.columns(asked, webhookdelivery.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.hookEvents(rows), func(e *WebhookEvent) gid.ID { return e.WebhookDelivery.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*WebhookEvent) IsNode() {}

// ID as it is shown outside, and as the webhook gets it.
func (e *WebhookEvent) ID() string { return gid.WebhookEvent.Format(e.WebhookDelivery.ID) }

// Kind of the event.
func (e *WebhookEvent) Kind() NotificationKind { return NotificationKind(e.WebhookDelivery.Kind) }

// Status of the event.
func (e *WebhookEvent) Status() WebhookEventStatus {
	return WebhookEventStatus(e.WebhookDelivery.Status)
}

// DueAt is null where it does not wait.
func (e *WebhookEvent) DueAt() *time.Time {
	if e.WebhookDelivery.Status != webhookdelivery.StatusQUEUED {
		return nil
	}
	return &e.WebhookDelivery.DueAt
}

// AttemptCount is of this round.
func (e *WebhookEvent) AttemptCount() int { return e.WebhookDelivery.Attempts }

// ErrorCode is null where nothing has failed.
func (e *WebhookEvent) ErrorCode() *string { return text(e.WebhookDelivery.ErrorCode) }

// Webhook that it is sent to.
func (e *WebhookEvent) Webhook(ctx context.Context) (*Webhook, error) {
	return toOne(ctx, e.level, e, func(e *WebhookEvent) *gid.ID { return &e.WebhookID }, e.level.reader.webhooksByID)
}

// maxAttempts is how many attempts an event shows: of a day there are fewer.
const maxAttempts = 50

var hookTryOrder = page.Order{Name: "webhook_attempts.ID", Desc: true, Columns: []page.Column{{Name: webhookattempt.FieldID, Kind: page.ID}}}

// Attempts of the event, the latest first, for all events of the level at once.
func (e *WebhookEvent) Attempts(ctx context.Context) ([]*WebhookAttempt, error) {
	found, err := load(ctx, e.level, func(ctx context.Context) (map[gid.ID][]*WebhookAttempt, error) {
		w := window{order: hookTryOrder, first: maxAttempts, where: func(*sql.Selector) {},
			columns: with(hookTryMapping.columns(selected(ctx, "WebhookAttempt"), webhookattempt.FieldID), webhookattempt.FieldDeliveryID)}
		ids := distinct(e.level.rows, func(e *WebhookEvent) *gid.ID { return &e.WebhookDelivery.ID })
		rows, err := byParent(ctx, e.level.reader.DB.Dialect(), e.level.reader.hookTryList(), w, webhookattempt.FieldDeliveryID, ids)
		groups := map[gid.ID][]*WebhookAttempt{}
		for _, row := range rows {
			if len(groups[row.DeliveryID]) < maxAttempts {
				groups[row.DeliveryID] = append(groups[row.DeliveryID], &WebhookAttempt{row})
			}
		}
		return groups, err
	})
	if found[e.WebhookDelivery.ID] == nil {
		return []*WebhookAttempt{}, err
	}
	return found[e.WebhookDelivery.ID], err
}

// WebhookAttempt is a row of webhook_attempts.
type WebhookAttempt struct{ *ent.WebhookAttempt }

var hookTryMapping = mapping{"id": {}}

func (r *Reader) hookTryList() list[*ent.WebhookAttempt] {
	return list[*ent.WebhookAttempt]{table: webhookattempt.Table, see: schema.Webhooks, value: (*ent.WebhookAttempt).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.WebhookAttempt, error) {
		q := r.DB.WebhookAttempt.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

func (r *Reader) hookTriesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*WebhookAttempt, error) {
	rows, err := r.DB.WebhookAttempt.Query().Where(webhookattempt.IDIn(ids...)).Select(hookTryMapping.columns(asked, webhookattempt.FieldID)...).All(ctx)
	found := map[gid.ID]*WebhookAttempt{}
	for _, row := range rows {
		found[row.ID] = &WebhookAttempt{row}
	}
	return found, err
}

// IsNode marks a type with an id of its own.
func (*WebhookAttempt) IsNode() {}

// ID as it is shown outside.
func (a *WebhookAttempt) ID() string { return gid.WebhookAttempt.Format(a.WebhookAttempt.ID) }

// HTTPStatus is null where there was no answer.
func (a *WebhookAttempt) HTTPStatus() *int { return a.WebhookAttempt.HTTPStatus }

// ErrorCode and Answer are null where there is none.
func (a *WebhookAttempt) ErrorCode() *string { return text(a.WebhookAttempt.ErrorCode) }

// Answer: see ErrorCode.
func (a *WebhookAttempt) Answer() *string { return text(a.WebhookAttempt.Answer) }
