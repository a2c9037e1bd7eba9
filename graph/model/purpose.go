package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/consenttext"
	"channelbook/ent/processingpurpose"
	"channelbook/internal/gid"
)

// ProcessingPurpose is a row of processing_purposes.
type ProcessingPurpose struct {
	*ent.ProcessingPurpose
	level *level[*ProcessingPurpose]
}

var purposeMapping = mapping{"id": {}, "texts": {}}

// ProcessingPurposes are all of them, by their codes.
func (r *Reader) ProcessingPurposes(ctx context.Context) ([]*ProcessingPurpose, error) {
	columns := purposeMapping.columns(selected(ctx, "ProcessingPurpose", "Node"), processingpurpose.FieldID)
	rows, err := r.DB.ProcessingPurpose.Query().Order(processingpurpose.ByCode()).Select(columns...).All(ctx)
	return r.purposes(rows), err
}

// ProcessingPurpose is a whole purpose that a mutation has read already; nil stays nil.
func (r *Reader) ProcessingPurpose(row *ent.ProcessingPurpose) *ProcessingPurpose {
	if row == nil {
		return nil
	}
	return r.purposes([]*ent.ProcessingPurpose{row})[0]
}

func (r *Reader) purposes(rows []*ent.ProcessingPurpose) []*ProcessingPurpose {
	out := make([]*ProcessingPurpose, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &ProcessingPurpose{row, lv}
	}
	return out
}

func (r *Reader) purposesByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*ProcessingPurpose, error) {
	return r.purposesAsked(ctx, selected(ctx, "ProcessingPurpose", "Node"), ids)
}

func (r *Reader) purposesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*ProcessingPurpose, error) {
	rows, err := r.DB.ProcessingPurpose.Query().Where(processingpurpose.IDIn(ids...)).
		Select(purposeMapping.columns(asked, processingpurpose.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.purposes(rows), func(p *ProcessingPurpose) gid.ID { return p.ProcessingPurpose.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*ProcessingPurpose) IsNode() {}

// ID as it is shown outside.
func (p *ProcessingPurpose) ID() string { return gid.Purpose.Format(p.ProcessingPurpose.ID) }

// LegalBasis of the purpose.
func (p *ProcessingPurpose) LegalBasis() LegalBasis {
	return LegalBasis(p.ProcessingPurpose.LegalBasis)
}

// Recipients of the data.
func (p *ProcessingPurpose) Recipients() []string { return some(p.ProcessingPurpose.Recipients) }

// Texts that have been published for it, newest first.
func (p *ProcessingPurpose) Texts(ctx context.Context) ([]*ConsentText, error) {
	found, err := load(ctx, p.level, func(ctx context.Context) (map[gid.ID][]*ConsentText, error) {
		return p.level.reader.textsOf(ctx, distinct(p.level.rows, func(p *ProcessingPurpose) *gid.ID { return &p.ProcessingPurpose.ID }))
	})
	if err != nil {
		return nil, err
	}
	if own := found[p.ProcessingPurpose.ID]; own != nil {
		return own, nil
	}
	return []*ConsentText{}, nil
}

// ConsentText is a row of consent_texts.
type ConsentText struct {
	*ent.ConsentText
	level *level[*ConsentText]
}

var textMapping = mapping{
	"id":      {},
	"author":  {consenttext.FieldAuthorID},
	"purpose": {consenttext.FieldPurposeID},
}

// textsOf are all texts of each purpose of a level.
func (r *Reader) textsOf(ctx context.Context, purposes []gid.ID) (map[gid.ID][]*ConsentText, error) {
	columns := textMapping.columns(selected(ctx, "ConsentText", "Node"), consenttext.FieldID, consenttext.FieldPurposeID)
	rows, err := r.DB.ConsentText.Query().Where(consenttext.PurposeIDIn(purposes...)).
		Order(consenttext.ByPublishedAt(sql.OrderDesc()), consenttext.ByID(sql.OrderDesc())).Select(columns...).All(ctx)
	if err != nil {
		return nil, err
	}
	found := map[gid.ID][]*ConsentText{}
	for _, t := range r.texts(rows) {
		found[t.PurposeID] = append(found[t.PurposeID], t)
	}
	return found, nil
}

// ConsentText is a whole text that a mutation has read already; nil stays nil.
func (r *Reader) ConsentText(row *ent.ConsentText) *ConsentText {
	if row == nil {
		return nil
	}
	return r.texts([]*ent.ConsentText{row})[0]
}

func (r *Reader) texts(rows []*ent.ConsentText) []*ConsentText {
	out := make([]*ConsentText, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &ConsentText{row, lv}
	}
	return out
}

func (r *Reader) textsByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*ConsentText, error) {
	return r.textsAsked(ctx, selected(ctx, "ConsentText", "Node"), ids)
}

func (r *Reader) textsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*ConsentText, error) {
	rows, err := r.DB.ConsentText.Query().Where(consenttext.IDIn(ids...)).
		Select(textMapping.columns(asked, consenttext.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.texts(rows), func(t *ConsentText) gid.ID { return t.ConsentText.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*ConsentText) IsNode() {}

// ID as it is shown outside.
func (t *ConsentText) ID() string { return gid.ConsentText.Format(t.ConsentText.ID) }

// Recipients whom the text names.
func (t *ConsentText) Recipients() []string { return some(t.ConsentText.Recipients) }

// Author who published it.
func (t *ConsentText) Author(ctx context.Context) (*User, error) {
	return toOne(ctx, t.level, t, func(t *ConsentText) *gid.ID { return t.AuthorID }, t.level.reader.usersByID)
}

// Purpose that it is for.
func (t *ConsentText) Purpose(ctx context.Context) (*ProcessingPurpose, error) {
	return toOne(ctx, t.level, t, func(t *ConsentText) *gid.ID { return &t.PurposeID }, t.level.reader.purposesByID)
}
