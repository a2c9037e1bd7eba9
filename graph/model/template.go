package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/schema"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// MessageTemplate is a row of message_templates.
type MessageTemplate struct {
	*ent.MessageTemplate
	level *level[*MessageTemplate]
}

var templateMapping = mapping{
	"id":          {},
	"distributor": {messagetemplate.FieldDistributorID},
}

var templateOrder = page.Order{Name: "message_templates.ID", Desc: true, Columns: []page.Column{{Name: messagetemplate.FieldID, Kind: page.ID}}}

func (r *Reader) templateList() list[*ent.MessageTemplate] {
	return list[*ent.MessageTemplate]{table: messagetemplate.Table, see: schema.MessageTemplates, value: (*ent.MessageTemplate).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.MessageTemplate, error) {
		q := r.DB.MessageTemplate.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// MessageTemplates is a page of the templates, newest first.
func (r *Reader) MessageTemplates(ctx context.Context, first *int, after *string, filter *MessageTemplateFilter) (*MessageTemplateConnection, error) {
	w, err := newWindow(templateOrder, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = templateWhere(filter); err != nil {
		return nil, err
	}
	of, node := connection(ctx, "MessageTemplate")
	w.total = of.has("totalCount")
	w.columns = templateMapping.columns(node, messagetemplate.FieldID)
	rows, total, err := all(ctx, r.DB.Dialect(), r.templateList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.templates(rows), func(t *MessageTemplate) []any { return []any{t.MessageTemplate.ID} },
		func(cursor string, t *MessageTemplate) *MessageTemplateEdge {
			return &MessageTemplateEdge{Cursor: cursor, Node: t}
		})
	return &MessageTemplateConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func templateWhere(f *MessageTemplateFilter) (func(*sql.Selector), error) {
	var all conditions
	if f == nil {
		return all.where, nil
	}
	ids, err := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	if err != nil {
		return nil, err
	}
	in(&all, messagetemplate.FieldDistributorID, ids)
	in(&all, messagetemplate.FieldKind, f.Kinds)
	in(&all, messagetemplate.FieldChannel, f.Channels)
	if f.OfAll != nil {
		all.add(func(s *sql.Selector) {
			if *f.OfAll {
				s.Where(sql.IsNull(s.C(messagetemplate.FieldDistributorID)))
			} else {
				s.Where(sql.NotNull(s.C(messagetemplate.FieldDistributorID)))
			}
		})
	}
	return all.where, nil
}

// MessageTemplate is a whole template that a mutation has read already; nil stays nil.
func (r *Reader) MessageTemplate(row *ent.MessageTemplate) *MessageTemplate {
	if row == nil {
		return nil
	}
	return r.templates([]*ent.MessageTemplate{row})[0]
}

func (r *Reader) templates(rows []*ent.MessageTemplate) []*MessageTemplate {
	out := make([]*MessageTemplate, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &MessageTemplate{row, lv}
	}
	return out
}

func (r *Reader) templatesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*MessageTemplate, error) {
	rows, err := r.DB.MessageTemplate.Query().Where(messagetemplate.IDIn(ids...)).
		Select(templateMapping.columns(asked, messagetemplate.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.templates(rows), func(t *MessageTemplate) gid.ID { return t.MessageTemplate.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*MessageTemplate) IsNode() {}

// ID as it is shown outside.
func (t *MessageTemplate) ID() string { return gid.Template.Format(t.MessageTemplate.ID) }

// Kind of the messages.
func (t *MessageTemplate) Kind() MessageKind { return MessageKind(t.MessageTemplate.Kind) }

// Channel of the messages.
func (t *MessageTemplate) Channel() NotificationChannel {
	return NotificationChannel(t.MessageTemplate.Channel)
}

// Subject is null where none was given.
func (t *MessageTemplate) Subject() *string { return text(t.MessageTemplate.Subject) }

// Text is null where the provider's template stands in its place.
func (t *MessageTemplate) Text() *string { return text(t.MessageTemplate.Text) }

// ProviderTemplate is null where a text of ours stands.
func (t *MessageTemplate) ProviderTemplate() *string { return text(t.MessageTemplate.ProviderTemplate) }

// Language is null where no provider's template is named.
func (t *MessageTemplate) Language() *string { return text(t.MessageTemplate.Language) }

// Parameters are the variables that the provider's template gets.
func (t *MessageTemplate) Parameters() []string { return some(t.MessageTemplate.Parameters) }

// Distributor whose messages look like it.
func (t *MessageTemplate) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, t.level, t, func(t *MessageTemplate) *gid.ID { return t.DistributorID }, t.level.reader.distributorsByID)
}
