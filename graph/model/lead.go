package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Lead is a row of leads.
type Lead struct {
	*ent.Lead
	level  *level[*Lead]
	viewer *auth.Viewer // who looks: contacts are masked for some
}

// leadMapping: see mapping.
var leadMapping = mapping{
	"id":          {},
	"saleAmount":  {lead.FieldSaleAmount},
	"payout":      {lead.FieldPayout, lead.FieldSoldOn},
	"distributor": {lead.FieldDistributorID},
	"source":      {lead.FieldSourceID},
	"duplicateOf": {lead.FieldDuplicateOfID},
	"events":      {},
	"phone":       {lead.FieldPhoneSealed, lead.FieldTakenAt, lead.FieldStatus},
	"email":       {lead.FieldEmailSealed, lead.FieldTakenAt, lead.FieldStatus},
	"ip":          {lead.FieldIP, lead.FieldTakenAt, lead.FieldStatus},
	"consents":    {},
	"sentConsent": {lead.FieldConsent},

	"processingRestricted": {lead.FieldRestrictedAt},
}

var leadOrders = map[LeadOrderField]page.Order{
	LeadOrderFieldReceivedAt: {Name: "leads.RECEIVED_AT", Columns: []page.Column{{Name: lead.FieldReceivedAt, Kind: page.Time}, {Name: lead.FieldID, Kind: page.ID}}},
	LeadOrderFieldPayout:     {Name: "leads.PAYOUT", Columns: []page.Column{{Name: lead.FieldPayout, Kind: page.Int}, {Name: lead.FieldID, Kind: page.ID}}},
	LeadOrderFieldStatus: {Name: "leads.STATUS", Columns: []page.Column{
		{Name: lead.FieldStatus}, {Name: lead.FieldReceivedAt, Kind: page.Time}, {Name: lead.FieldID, Kind: page.ID}}},
	LeadOrderFieldLastName: {Name: "leads.LAST_NAME", Columns: []page.Column{{Name: lead.FieldLastNameFold}, {Name: lead.FieldID, Kind: page.ID}}},
}

// key is the lead's place in an order.
func (l *Lead) key(o page.Order) []any {
	key := make([]any, len(o.Columns))
	for i, c := range o.Columns {
		switch c.Name {
		case lead.FieldReceivedAt:
			key[i] = l.ReceivedAt
		case lead.FieldPayout:
			key[i] = l.Lead.Payout
		case lead.FieldStatus:
			key[i] = l.Lead.Status
		case lead.FieldLastNameFold:
			key[i] = l.LastNameFold
		default:
			key[i] = l.Lead.ID
		}
	}
	return key
}

// maxLeadCount is up to where leads are counted exactly: beyond, a count costs more than it tells.
const maxLeadCount = 10_000

func (r *Reader) leadList() list[*ent.Lead] {
	return list[*ent.Lead]{table: lead.Table, see: schema.Leads, value: (*ent.Lead).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Lead, error) {
		q := r.DB.Lead.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

func (r *Reader) leadWindow(ctx context.Context, first *int, after *string, filter *LeadFilter, order *LeadOrder) (window, error) {
	by := leadOrders[LeadOrderFieldReceivedAt]
	by.Desc = true
	if order != nil {
		by = leadOrders[order.Field]
		by.Desc = order.Direction == nil || *order.Direction == OrderDirectionDesc
	}
	w, err := newWindow(by, first, after)
	if err != nil {
		return w, err
	}
	if w.where, err = r.leadWhere(ctx, filter); err != nil {
		return w, err
	}
	of, node := connection(ctx, "Lead")
	w.total, w.atMost = of.has("totalCount", "totalCountCapped"), maxLeadCount
	w.columns = leadMapping.columns(node, lead.FieldID, lead.FieldRestrictedAt) // the visibility asks for it around a union
	for _, c := range by.Columns {
		w.columns = with(w.columns, c.Name)
	}
	return w, nil
}

// Leads is a page of the leads that the viewer sees.
func (r *Reader) Leads(ctx context.Context, first *int, after *string, filter *LeadFilter, order *LeadOrder) (*LeadConnection, error) {
	w, err := r.leadWindow(ctx, first, after, filter, order)
	if err != nil {
		return nil, err
	}
	rows, total, err := all(ctx, r.DB.Dialect(), r.leadList(), w)
	if err != nil {
		return nil, err
	}
	return leadConnection(w, r.leads(ctx, rows), total), nil
}

// leadsOf is a page of leads for each distributor of a level.
func (r *Reader) leadsOf(ctx context.Context, distributors []gid.ID, w window) (map[gid.ID]*LeadConnection, error) {
	return nested[*ent.Lead, *Lead, *LeadConnection]{
		list: r.leadList(), column: lead.FieldDistributorID, wrap: func(rows []*ent.Lead) []*Lead { return r.leads(ctx, rows) },
		parent: func(l *Lead) gid.ID { return *l.DistributorID }, page: leadConnection,
	}.pages(ctx, r, w, distributors)
}

func leadConnection(w window, leads []*Lead, total int) *LeadConnection {
	out, info := edges(w, leads, func(l *Lead) []any { return l.key(w.order) },
		func(cursor string, l *Lead) *LeadEdge { return &LeadEdge{Cursor: cursor, Node: l} })
	return &LeadConnection{Edges: out, PageInfo: info, TotalCount: min(total, maxLeadCount), TotalCountCapped: total > maxLeadCount}
}

// Lead is a whole lead that a mutation has read already; nil stays nil.
func (r *Reader) Lead(ctx context.Context, row *ent.Lead) *Lead {
	if row == nil {
		return nil
	}
	return r.leads(ctx, []*ent.Lead{row})[0]
}

func (r *Reader) leads(ctx context.Context, rows []*ent.Lead) []*Lead {
	viewer, _ := auth.From(r.seen(ctx))
	out := make([]*Lead, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Lead{row, lv, &viewer}
	}
	return out
}

// leadsByID finds what the current field asks of leads.
func (r *Reader) leadsByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*Lead, error) {
	return r.leadsAsked(ctx, selected(ctx, "Lead", "Node"), ids)
}

// ChangedLeads finds what a subscription to leads asks of those that the viewer sees.
func (r *Reader) ChangedLeads(ctx context.Context, ids []gid.ID) (map[gid.ID]*Lead, error) {
	return r.leadsByID(ctx, ids)
}

func (r *Reader) leadsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Lead, error) {
	rows, err := r.DB.Lead.Query().Where(lead.IDIn(ids...)).Select(leadMapping.columns(asked, lead.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.leads(ctx, rows), func(l *Lead) gid.ID { return l.Lead.ID }), nil
}

func (l *Lead) uuid() *gid.ID { return &l.Lead.ID }

// IsNode marks a type with an id of its own.
func (*Lead) IsNode() {}

// ID as it is shown outside.
func (l *Lead) ID() string { return gid.Lead.Format(l.Lead.ID) }

// Status of the lead.
func (l *Lead) Status() LeadStatus { return LeadStatus(l.Lead.Status) }

// LastName is null where it is not known.
func (l *Lead) LastName() *string { return text(l.Lead.LastName) }

// Contacts take no context: gqlgen would start a goroutine for each.

// Phone in E.164, masked where the viewer may not see it yet.
func (l *Lead) Phone() (*string, error) {
	phone, err := l.level.reader.Eyes.Phone(*l.viewer, l.Lead)
	return text(phone), err
}

// Email is masked where the viewer may not see it yet.
func (l *Lead) Email() (*string, error) {
	email, err := l.level.reader.Eyes.Email(*l.viewer, l.Lead)
	return text(email), err
}

// IP is null where the viewer may not see it yet.
func (l *Lead) IP() *string { return text(l.level.reader.Eyes.IP(*l.viewer, l.Lead)) }

// SoldOn is the day of the sale.
func (l *Lead) SoldOn() *calendar.Date { return l.Lead.SoldOn.Known() }

// SaleAmount is what the sale brought.
func (l *Lead) SaleAmount() *Money {
	if l.Lead.SaleAmount == nil {
		return nil
	}
	return Roubles(*l.Lead.SaleAmount)
}

// Payout is what the distributor is owed; null without a sale.
func (l *Lead) Payout() *Money {
	if l.SoldOn() == nil {
		return nil
	}
	return Roubles(l.Lead.Payout)
}

// SubIds in their order; none is an empty list.
func (l *Lead) SubIds() []string {
	if l.Lead.SubIds == nil {
		return []string{}
	}
	return l.Lead.SubIds
}

// LegalBasis is what the lead is processed on.
func (l *Lead) LegalBasis() *LegalBasis {
	if l.Lead.LegalBasis == nil {
		return nil
	}
	basis := LegalBasis(*l.Lead.LegalBasis)
	return &basis
}

// ProcessingRestricted tells whether the lead is kept and not processed.
func (l *Lead) ProcessingRestricted() bool { return l.RestrictedAt != nil }

// DecisionTrace is for administrators: its evidence speaks of other leads.
func (l *Lead) DecisionTrace(ctx context.Context) []*DecisionStep {
	if v, _ := auth.From(ctx); v.Role != auth.Admin {
		return nil
	}
	steps := make([]*DecisionStep, len(l.Lead.DecisionTrace))
	for i, c := range l.Lead.DecisionTrace {
		steps[i] = &DecisionStep{Step: c.Step, Outcome: c.Outcome, Rule: text(c.Rule), Detail: text(c.Detail)}
	}
	return steps
}

// Distributor that has the lead.
func (l *Lead) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, l.level, l, func(l *Lead) *gid.ID { return l.DistributorID }, l.level.reader.distributorsByID)
}

// Source that submitted the lead.
func (l *Lead) Source(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, l.level, l, func(l *Lead) *gid.ID { return &l.SourceID }, l.level.reader.sourcesByID)
}

// DuplicateOf is the accepted lead that this one repeats.
func (l *Lead) DuplicateOf(ctx context.Context) (*Lead, error) {
	return toOne(ctx, l.level, l, func(l *Lead) *gid.ID { return l.DuplicateOfID }, l.level.reader.leadsByID)
}

// Events of the timeline, oldest first.
func (l *Lead) Events(ctx context.Context, first *int, after *string) (*LeadEventConnection, error) {
	pages, err := load(ctx, l.level, func(ctx context.Context) (map[gid.ID]*LeadEventConnection, error) {
		w, err := eventWindow(ctx, first, after)
		if err != nil {
			return nil, err
		}
		return l.level.reader.eventsOf(ctx, distinct(l.level.rows, (*Lead).uuid), w)
	})
	return pages[l.Lead.ID], err
}

// The tracking fields are null where they are empty.

// Funnel and the following as the source sent them.
func (l *Lead) Funnel() *string            { return text(l.Lead.Funnel) }
func (l *Lead) Subid() *string             { return text(l.Lead.Subid) }
func (l *Lead) UtmSource() *string         { return text(l.Lead.UtmSource) }
func (l *Lead) UtmMedium() *string         { return text(l.Lead.UtmMedium) }
func (l *Lead) UtmCampaign() *string       { return text(l.Lead.UtmCampaign) }
func (l *Lead) UtmTerm() *string           { return text(l.Lead.UtmTerm) }
func (l *Lead) CampaignID() *string        { return text(l.Lead.CampaignID) }
func (l *Lead) CampaignName() *string      { return text(l.Lead.CampaignName) }
func (l *Lead) BannerID() *string          { return text(l.Lead.BannerID) }
func (l *Lead) AdvertiserID() *string      { return text(l.Lead.AdvertiserID) }
func (l *Lead) Region() *string            { return text(l.Lead.Region) }
func (l *Lead) Gender() *string            { return text(l.Lead.Gender) }
func (l *Lead) Age() *string               { return text(l.Lead.Age) }
func (l *Lead) Random() *string            { return text(l.Lead.Random) }
func (l *Lead) ImpressionWeekday() *string { return text(l.Lead.ImpressionWeekday) }
func (l *Lead) ImpressionHour() *string    { return text(l.Lead.ImpressionHour) }
func (l *Lead) UserTimezone() *string      { return text(l.Lead.UserTimezone) }
func (l *Lead) Placement() *string         { return text(l.Lead.Placement) }
func (l *Lead) DeviceType() *string        { return text(l.Lead.DeviceType) }
func (l *Lead) Position() *string          { return text(l.Lead.Position) }
