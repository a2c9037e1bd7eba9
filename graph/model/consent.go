package model

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/consent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// Consent is a row of consents.
type Consent struct {
	*ent.Consent
	level *level[*Consent]
}

var consentMapping = mapping{
	"id":          {},
	"purpose":     {consent.FieldPurposeID},
	"text":        {consent.FieldTextID},
	"source":      {consent.FieldSourceID},
	"recordedBy":  {consent.FieldRecordedByID},
	"withdrawnBy": {consent.FieldWithdrawnByID},
}

// SentConsent is what came with the lead, for administrators.
func (l *Lead) SentConsent() *SentConsent {
	if sent := l.Lead.Consent; l.viewer.Role == auth.Admin && sent != nil {
		return &SentConsent{Purpose: sent.Purpose, TextVersion: sent.TextVersion, GivenAt: sent.GivenAt, UserAgent: text(sent.UserAgent)}
	}
	return nil
}

// Consents of a lead are for administrators.
func (l *Lead) Consents(ctx context.Context) ([]*Consent, error) {
	if v, _ := auth.From(ctx); v.Role != auth.Admin {
		return nil, nil
	}
	found, err := load(ctx, l.level, func(ctx context.Context) (map[gid.ID][]*Consent, error) {
		return l.level.reader.consentsOf(ctx, distinct(l.level.rows, (*Lead).uuid))
	})
	if err != nil {
		return nil, err
	}
	if own := found[l.Lead.ID]; own != nil {
		return own, nil
	}
	return []*Consent{}, nil
}

// consentsOf are all consents of each lead of a level, oldest first.
func (r *Reader) consentsOf(ctx context.Context, leads []gid.ID) (map[gid.ID][]*Consent, error) {
	columns := consentMapping.columns(selected(ctx, "Consent", "Node"), consent.FieldID, consent.FieldLeadID)
	rows, err := r.DB.Consent.Query().Where(consent.LeadIDIn(leads...)).
		Order(consent.ByGivenAt(), consent.ByID()).Select(columns...).All(ctx)
	if err != nil {
		return nil, err
	}
	found := map[gid.ID][]*Consent{}
	for _, c := range r.consents(rows) {
		found[c.LeadID] = append(found[c.LeadID], c)
	}
	return found, nil
}

// Consent is a whole consent that a mutation has read already; nil stays nil.
func (r *Reader) Consent(row *ent.Consent) *Consent {
	if row == nil {
		return nil
	}
	return r.consents([]*ent.Consent{row})[0]
}

func (r *Reader) consents(rows []*ent.Consent) []*Consent {
	out := make([]*Consent, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Consent{row, lv}
	}
	return out
}

func (r *Reader) consentsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Consent, error) {
	rows, err := r.DB.Consent.Query().Where(consent.IDIn(ids...)).Select(consentMapping.columns(asked, consent.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.consents(rows), func(c *Consent) gid.ID { return c.Consent.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Consent) IsNode() {}

// ID as it is shown outside.
func (c *Consent) ID() string { return gid.Consent.Format(c.Consent.ID) }

// How it was given.
func (c *Consent) How() ConsentMethod { return ConsentMethod(c.Consent.How) }

// Form is null where it is not known.
func (c *Consent) Form() *string { return text(c.Consent.Form) }

// UserAgent is null where it is not known.
func (c *Consent) UserAgent() *string { return text(c.Consent.UserAgent) }

// Recipients whom the text named.
func (c *Consent) Recipients() []string { return some(c.Consent.Recipients) }

// WithdrawalChannel is null while the consent holds.
func (c *Consent) WithdrawalChannel() *WithdrawalChannel {
	if c.Consent.WithdrawalChannel == nil {
		return nil
	}
	channel := WithdrawalChannel(*c.Consent.WithdrawalChannel)
	return &channel
}

// WithdrawalComment is null where nobody gave one.
func (c *Consent) WithdrawalComment() *string { return text(c.Consent.WithdrawalComment) }

// Purpose that the person agreed to.
func (c *Consent) Purpose(ctx context.Context) (*ProcessingPurpose, error) {
	return toOne(ctx, c.level, c, func(c *Consent) *gid.ID { return &c.PurposeID }, c.level.reader.purposesByID)
}

// Text that the person saw.
func (c *Consent) Text(ctx context.Context) (*ConsentText, error) {
	return toOne(ctx, c.level, c, func(c *Consent) *gid.ID { return &c.TextID }, c.level.reader.textsByID)
}

// Source of the lead.
func (c *Consent) Source(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, c.level, c, func(c *Consent) *gid.ID { return &c.SourceID }, c.level.reader.sourcesByID)
}

// RecordedBy is who entered it.
func (c *Consent) RecordedBy(ctx context.Context) (*User, error) {
	return toOne(ctx, c.level, c, func(c *Consent) *gid.ID { return c.RecordedByID }, c.level.reader.usersByID)
}

// WithdrawnBy is who entered its withdrawal.
func (c *Consent) WithdrawnBy(ctx context.Context) (*User, error) {
	return toOne(ctx, c.level, c, func(c *Consent) *gid.ID { return c.WithdrawnByID }, c.level.reader.usersByID)
}

// some is a list that is never null.
func some(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}
