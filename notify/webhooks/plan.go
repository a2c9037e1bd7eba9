package webhooks

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/webhook"
	"channelbook/ent/webhookdelivery"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
)

// planBatch is how many events one statement writes.
const planBatch = 500

// Plan writes what the enabled webhooks get of the notices at the places from after+1 to upTo, and enqueues it. A webhook of a
// distributor gets what was told to that distributor or to everybody, any other all, and each an event once whatever number of notices tell
// of it. What comes while a webhook is stopped waits. It belongs to notify.Service.Further; where no webhook is enabled it costs
// one small statement.
func (s *Service) Plan(ctx context.Context, tx *db.Tx, after, upTo int64) error {
	hooks, err := tx.Webhook.Query().Where(webhook.Enabled(true)).Select(webhook.FieldID, webhook.FieldEvents, webhook.FieldDistributorID).All(ctx)
	if err != nil {
		return fmt.Errorf("look for webhooks: %w", err)
	}
	if len(hooks) == 0 {
		return nil
	}
	notices, err := tx.Notice.Query().Where(notice.PlaceGT(after), notice.PlaceLTE(upTo), notice.KindIn(wanted(hooks)...)).
		Select(notice.FieldID, notice.FieldAt, notice.FieldKind, notice.FieldObject, notice.FieldDistributorID, notice.FieldEveryone).
		Order(ent.Asc(notice.FieldPlace)).All(ctx)
	if err != nil {
		return fmt.Errorf("read what webhooks are told of: %w", err)
	}
	for _, some := range chunks(s.planned(tx, hooks, notices)) {
		if err := write(ctx, tx, some); err != nil {
			return err
		}
	}
	return nil
}

func chunks(rows []*ent.WebhookDeliveryCreate) [][]*ent.WebhookDeliveryCreate {
	return slices.Collect(slices.Chunk(rows, planBatch))
}

// wanted are the kinds that any of the webhooks wants.
func wanted(hooks []*ent.Webhook) []notice.Kind {
	kinds := map[notice.Kind]bool{}
	for _, h := range hooks {
		for _, kind := range h.Events {
			kinds[notice.Kind(kind)] = true
		}
	}
	return slices.Sorted(maps.Keys(kinds))
}

// planned are the events of each webhook, in the order of their notices.
func (s *Service) planned(tx *db.Tx, hooks []*ent.Webhook, notices []*ent.Notice) (rows []*ent.WebhookDeliveryCreate) {
	now := s.Now()
	for _, h := range hooks {
		for _, n := range once(h, notices) {
			id := gid.New()
			rows = append(rows, tx.WebhookDelivery.Create().SetID(id).SetWebhookID(h.ID).SetEvent(keyOf(n)).SetKind(webhookdelivery.Kind(n.Kind)).
				SetBody(bodyOf(id, n)).SetCreatedAt(now).SetDueAt(now).SetRoundAt(now))
		}
	}
	return rows
}

// once is one notice for each event that the webhook gets: the one that says whose it is, where there is one.
func once(h *ent.Webhook, notices []*ent.Notice) (events []*ent.Notice) {
	at := map[string]int{}
	for _, n := range notices {
		if !slices.Contains(h.Events, string(n.Kind)) || !concerns(h, n) {
			continue
		}
		key := keyOf(n)
		i, known := at[key]
		switch {
		case !known:
			at[key] = len(events)
			events = append(events, n)
		case events[i].DistributorID == nil:
			events[i] = n
		}
	}
	return events
}

// concerns tells whether a notice is told to whose events a webhook gets.
func concerns(h *ent.Webhook, n *ent.Notice) bool {
	return h.DistributorID == nil || n.Everyone || n.DistributorID != nil && *n.DistributorID == *h.DistributorID
}

// write writes events and enqueues them. One that a webhook has already, of a notice that got its place before, is not written
// again: its job finds nothing to do.
func write(ctx context.Context, tx *db.Tx, rows []*ent.WebhookDeliveryCreate) error {
	err := tx.WebhookDelivery.CreateBulk(rows...).
		OnConflict(sql.ConflictColumns(webhookdelivery.FieldWebhookID, webhookdelivery.FieldEvent), sql.DoNothing()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write what webhooks are told of: %w", err)
	}
	due := make([]jobs.Job, len(rows))
	for i, row := range rows {
		id, _ := row.Mutation().ID()
		due[i] = jobs.Job{Args: Due{Event: id}}
	}
	return jobs.Enqueue(ctx, tx, due...)
}
