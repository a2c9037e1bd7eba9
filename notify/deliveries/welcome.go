package deliveries

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/notice"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
	"channelbook/personaldata/processors"

	consents "channelbook/personaldata/consent"
)

// PlanWelcomes writes a welcome for the client of each lead that the notices at the places from after+1 to upTo give to a
// distributor which welcomes its clients, and enqueues it. It belongs to notify.Service.Further.
//
// A distributor welcomes by a template of its own that is enabled, and no other way. The client has a consent that holds, the lead
// is nobody's test and this is its first distributor; the register lets the client's address go by the channel. A welcome says what
// becomes of the client's own request, so the consent to processing covers it: it is no advertising, for which 38-FZ art. 18 wants
// another consent, and a template must not make it one.
func (s *Service) PlanWelcomes(ctx context.Context, tx *db.Tx, after, upTo int64) error {
	if len(s.Senders) == 0 {
		return nil
	}
	ctx = auth.AsSystem(ctx, "welcomes")
	by, err := s.welcoming(ctx, tx)
	if err != nil || len(by) == 0 {
		return err
	}
	fresh, err := s.welcomable(ctx, tx, by, after, upTo)
	if err != nil || len(fresh) == 0 {
		return err
	}
	return s.planWelcomes(ctx, tx, by, fresh)
}

// welcoming are the channels by which distributors welcome their clients.
func (s *Service) welcoming(ctx context.Context, tx *db.Tx) (map[gid.ID]map[string]bool, error) {
	rows, err := tx.MessageTemplate.Query().
		Where(messagetemplate.KindEQ(templates.Welcome), messagetemplate.Enabled(true), messagetemplate.DistributorIDNotNil()).
		Select(messagetemplate.FieldDistributorID, messagetemplate.FieldChannel).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look who welcomes clients: %w", err)
	}
	if len(rows) == 0 {
		return nil, nil
	}
	register, err := processors.Read(ctx, tx.Channel)
	if err != nil {
		return nil, err
	}
	by := map[gid.ID]map[string]bool{}
	for _, row := range rows {
		name := row.Channel.String()
		if s.Senders[name] == nil || refusal(register[name]) != "" {
			continue
		}
		if by[*row.DistributorID] == nil {
			by[*row.DistributorID] = map[string]bool{}
		}
		by[*row.DistributorID][name] = true
	}
	return by, nil
}

// refusal is why the register lets no welcome go by a channel; empty where it does.
func refusal(e processors.Entry) string {
	switch {
	case !e.Enabled:
		return "CHANNEL_OFF"
	case !e.Allows(templates.Address(e.Channel)):
		return "PERSONAL_DATA_NOT_ALLOWED"
	}
	return ""
}

// welcomable are the leads of the notices whose clients may be welcomed.
func (s *Service) welcomable(ctx context.Context, tx *db.Tx, by map[gid.ID]map[string]bool, after, upTo int64) ([]*ent.Lead, error) {
	whose := make([]gid.ID, 0, len(by))
	for id := range by {
		whose = append(whose, id)
	}
	rows, err := tx.Notice.Query().Where(notice.PlaceGT(after), notice.PlaceLTE(upTo), notice.KindEQ(notice.KindLEAD_ASSIGNED), notice.DistributorIDIn(whose...)).
		Select(notice.FieldObject, notice.FieldDistributorID).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for leads that were given: %w", err)
	}
	given := map[gid.ID]gid.ID{}
	ids := make([]gid.ID, 0, len(rows))
	for _, row := range rows {
		if id, err := gid.Lead.Parse(row.Object); err == nil {
			given[id] = *row.DistributorID
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	leads, err := tx.Lead.Query().Where(lead.IDIn(ids...), lead.HasConsentsWith(consents.Holds(s.Now())), lead.RestrictedAtIsNil(), lead.IsTest(false), lead.StatusIn(open...)).
		Select(lead.FieldID, lead.FieldDistributorID, lead.FieldEmailSealed, lead.FieldPhoneSealed).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read leads that were given: %w", err)
	}
	return first(ctx, tx, leads, given)
}

// open are the states in which a lead's client is welcomed.
var open = []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS}

// first are the leads that are with the distributor they were given to, and were given to nobody before.
func first(ctx context.Context, tx *db.Tx, leads []*ent.Lead, given map[gid.ID]gid.ID) (fresh []*ent.Lead, err error) {
	if len(leads) == 0 {
		return nil, nil
	}
	ids := make([]gid.ID, len(leads))
	for i, l := range leads {
		ids[i] = l.ID
	}
	events, err := tx.LeadEvent.Query().Where(leadevent.LeadIDIn(ids...), leadevent.KindEQ(leadevent.KindASSIGNED)).Select(leadevent.FieldLeadID).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look how often leads were given: %w", err)
	}
	times := map[gid.ID]int{}
	for _, e := range events {
		times[e.LeadID]++
	}
	for _, l := range leads {
		if times[l.ID] == 1 && l.DistributorID != nil && *l.DistributorID == given[l.ID] {
			fresh = append(fresh, l)
		}
	}
	return fresh, nil
}

// planWelcomes writes a welcome for each lead that has none, by the first channel that reaches its client.
func (s *Service) planWelcomes(ctx context.Context, tx *db.Tx, by map[gid.ID]map[string]bool, leads []*ent.Lead) error {
	now := s.Now()
	var rows []*ent.DeliveryCreate
	var due []jobs.Job
	for _, l := range leads {
		name := reached(l, by[*l.DistributorID])
		if name == "" {
			continue
		}
		id := gid.New()
		rows = append(rows, welcome(tx, id, l, name, now))
		due = append(due, jobs.Job{Args: Due{Channel: name, Delivery: id}})
	}
	if len(rows) == 0 {
		return nil
	}
	// A lead has one by a channel at most, whatever happens: the unique index delivery_welcome. The job of a row that was not
	// written finds nothing to send.
	if err := tx.Delivery.CreateBulk(rows...).OnConflict(sql.DoNothing()).Exec(ctx); err != nil {
		return fmt.Errorf("plan welcomes: %w", err)
	}
	return jobs.Enqueue(ctx, tx, due...)
}

// reached is the channel that reaches a lead's client: e-mail before WhatsApp; empty: none.
func reached(l *ent.Lead, by map[string]bool) string {
	switch {
	case by[channel.Email] && len(l.EmailSealed) > 0:
		return channel.Email
	case by[channel.WhatsApp] && len(l.PhoneSealed) > 0:
		return channel.WhatsApp
	}
	return ""
}

func welcome(tx *db.Tx, id gid.ID, l *ent.Lead, by string, now time.Time) *ent.DeliveryCreate {
	return tx.Delivery.Create().SetID(id).SetPurpose(delivery.PurposeWELCOME).SetChannel(delivery.Channel(by)).
		SetLeadID(l.ID).SetDistributorID(*l.DistributorID).SetStatus(delivery.StatusQUEUED).SetCreatedAt(now).SetDueAt(now)
}
