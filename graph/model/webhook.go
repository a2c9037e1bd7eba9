package model

import (
	"context"
	"time"

	"channelbook/ent"
	"channelbook/ent/webhook"
	"channelbook/ent/webhookstate"
	"channelbook/internal/gid"
	"channelbook/notify/webhooks"
)

// Webhook is a row of webhooks.
type Webhook struct {
	*ent.Webhook
	level *level[*Webhook]
}

var webhookMapping = mapping{
	"id":                {},
	"distributor":       {webhook.FieldDistributorID},
	"stoppedAt":         {},
	"failuresInARow":    {},
	"succeededAt":       {},
	"formerSecretUntil": {webhook.FieldFormerUntil},
}

// Webhooks are all of them, by name.
func (r *Reader) Webhooks(ctx context.Context) ([]*Webhook, error) {
	rows, err := r.DB.Webhook.Query().Order(ent.Asc(webhook.FieldName, webhook.FieldID)).
		Select(webhookMapping.columns(selected(ctx, "Webhook"), webhook.FieldID, webhook.FieldName)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return r.webhooks(rows), nil
}

// Webhook is a whole webhook that a mutation has read already; nil stays nil.
func (r *Reader) Webhook(row *ent.Webhook) *Webhook {
	if row == nil {
		return nil
	}
	return r.webhooks([]*ent.Webhook{row})[0]
}

func (r *Reader) webhooks(rows []*ent.Webhook) []*Webhook {
	out := make([]*Webhook, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Webhook{row, lv}
	}
	return out
}

// webhooksByID finds what the current field asks of webhooks.
func (r *Reader) webhooksByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*Webhook, error) {
	return r.webhooksAsked(ctx, selected(ctx, "Webhook", "Node"), ids)
}

func (r *Reader) webhooksAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Webhook, error) {
	rows, err := r.DB.Webhook.Query().Where(webhook.IDIn(ids...)).Select(webhookMapping.columns(asked, webhook.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.webhooks(rows), func(w *Webhook) gid.ID { return w.Webhook.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Webhook) IsNode() {}

// ID as it is shown outside.
func (w *Webhook) ID() string { return gid.Webhook.Format(w.Webhook.ID) }

// Events that it is told of.
func (w *Webhook) Events() []NotificationKind {
	kinds := make([]NotificationKind, len(w.Webhook.Events))
	for i, kind := range w.Webhook.Events {
		kinds[i] = NotificationKind(kind)
	}
	return kinds
}

// Distributor whose events it gets.
func (w *Webhook) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, w.level, w, func(w *Webhook) *gid.ID { return w.DistributorID }, w.level.reader.distributorsByID)
}

// FormerSecretUntil is null where there was no rotation.
func (w *Webhook) FormerSecretUntil() *time.Time { return w.FormerUntil }

// StoppedAt is null where it is not stopped.
func (w *Webhook) StoppedAt(ctx context.Context) (*time.Time, error) {
	state, err := w.state(ctx)
	return state.StoppedAt, err
}

// FailuresInARow are attempts.
func (w *Webhook) FailuresInARow(ctx context.Context) (int, error) {
	state, err := w.state(ctx)
	return state.Failures, err
}

// SucceededAt is null where it has taken nothing.
func (w *Webhook) SucceededAt(ctx context.Context) (*time.Time, error) {
	state, err := w.state(ctx)
	return state.SucceededAt, err
}

// state is how the webhook fares, read for all of its level at once.
func (w *Webhook) state(ctx context.Context) (*ent.WebhookState, error) {
	found, err := toOne(ctx, w.level, w, (*Webhook).uuid, func(ctx context.Context, ids []gid.ID) (map[gid.ID]*ent.WebhookState, error) {
		rows, err := w.level.reader.DB.WebhookState.Query().Where(webhookstate.WebhookIDIn(ids...)).All(ctx)
		return indexByID(rows, func(s *ent.WebhookState) gid.ID { return s.WebhookID }), err
	})
	if found == nil {
		found = &ent.WebhookState{}
	}
	return found, err
}

func (w *Webhook) uuid() *gid.ID { return &w.Webhook.ID }

// WebhookTestOf shows what was tried out; nil stays nil.
func WebhookTestOf(t *webhooks.Tryout) *WebhookTest {
	if t == nil {
		return nil
	}
	out := &WebhookTest{Method: t.Method, Host: t.Host, Body: t.Body, Headers: make([]*HTTPHeader, len(t.Headers))}
	for i, h := range t.Headers {
		out.Headers[i] = &HTTPHeader{Name: h.Name, Value: h.Value}
	}
	if a := t.Answer; a != nil {
		out.Attempt = &WebhookTestAttempt{ErrorCode: text(a.Code), Milliseconds: int(a.Took.Milliseconds()), Answer: text(a.Text)}
		if a.Status != 0 {
			out.Attempt.HTTPStatus = &a.Status
		}
	}
	return out
}
