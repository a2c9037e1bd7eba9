package deliveries

import (
	"context"
	"fmt"
	"slices"

	"channelbook/ent"
	"channelbook/ent/consent"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
	"channelbook/personaldata/processors"

	consents "channelbook/personaldata/consent"
)

// welcomed is the client's address by the delivery's channel and what the welcome is made of. All that let it be planned is looked
// at again: skip is why it is not sent any more, a code for the delivery; empty: it is sent.
func (s *Service) welcomed(ctx context.Context, d *ent.Delivery) (address string, l templates.Letter, skip string, err error) {
	ctx = auth.AsSystem(ctx, "welcome")
	if d.LeadID == nil || d.DistributorID == nil {
		return "", l, "NOT_WELCOMED", nil
	}
	row, err := s.DB.Lead.Get(ctx, *d.LeadID)
	switch {
	case ent.IsNotFound(err):
		return "", l, "LEAD_GONE", nil
	case err != nil:
		return "", l, "", fmt.Errorf("read the lead of a welcome: %w", err)
	}
	if skip, err = s.unwelcome(ctx, d, row); err != nil || skip != "" {
		return "", l, skip, err
	}
	if address, err = s.clientAddress(row, d.Channel.String()); err != nil || address == "" {
		return "", l, "NO_ADDRESS", err
	}
	return address, templates.Letter{Channel: d.Channel.String(), Kind: templates.Welcome, Distributor: *d.DistributorID, Lead: row}, "", nil
}

// unwelcome is why the client of a lead is not welcomed any more; empty: nothing keeps us from it.
func (s *Service) unwelcome(ctx context.Context, d *ent.Delivery, l *ent.Lead) (skip string, err error) {
	switch {
	case l.RestrictedAt != nil:
		return "RESTRICTED", nil
	case l.DistributorID == nil || *l.DistributorID != *d.DistributorID:
		return "LEAD_MOVED", nil
	case l.IsTest, !slices.Contains(open, l.Status):
		return "NOT_WELCOMED", nil
	}
	holds, err := s.DB.Consent.Query().Where(consent.LeadID(l.ID), consents.Holds(s.Now())).Exist(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for the consent of a client: %w", err)
	case !holds:
		return "NO_CONSENT", nil
	}
	enabled, err := s.DB.MessageTemplate.Query().Where(messagetemplate.KindEQ(templates.Welcome), messagetemplate.Enabled(true),
		messagetemplate.DistributorID(*d.DistributorID), messagetemplate.ChannelEQ(messagetemplate.Channel(d.Channel))).Exist(ctx)
	switch {
	case err != nil:
		return "", fmt.Errorf("look for the template of a welcome: %w", err)
	case !enabled:
		return "NOT_WELCOMED", nil
	}
	register, err := processors.Read(ctx, s.DB.Channel)
	return refusal(register[d.Channel.String()]), err
}

// clientAddress is a lead's by a channel; empty where it has none.
func (s *Service) clientAddress(l *ent.Lead, by string) (address string, err error) {
	if by == channel.WhatsApp {
		address, err = sealed.LeadPhone.Open(s.Keys, l.ID, l.PhoneSealed)
	} else {
		address, err = sealed.LeadEmail.Open(s.Keys, l.ID, l.EmailSealed)
	}
	if err != nil {
		return "", fmt.Errorf("open the address of a client: %w", err)
	}
	return address, nil
}
