package model

import (
	"context"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/ent/schema"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/personaldata/consent"
)

// LeadSource is a row of lead_sources.
type LeadSource struct {
	*ent.LeadSource
	level *level[*LeadSource]
}

var sourceMapping = mapping{
	"id":                  {},
	"distributor":         {leadsource.FieldDistributorID},
	"allowedDistributors": {leadsource.FieldAllowedDistributorIds},
	"purpose":             {leadsource.FieldPurposeID},
	"legalBasis":          {leadsource.FieldLegalBasis, leadsource.FieldRequireConsent},
	"formConsentText":     {leadsource.FieldFormConsentTextID},
	"duplicates": {
		leadsource.FieldDuplicateFields, leadsource.FieldDuplicateMatch,
		leadsource.FieldDuplicateWindowDays, leadsource.FieldDuplicateScope,
	},
}

var sourceOrder = page.Order{Name: "lead_sources.NAME", Columns: []page.Column{{Name: leadsource.FieldName}, {Name: leadsource.FieldID, Kind: page.ID}}}

func (r *Reader) sourceList() list[*ent.LeadSource] {
	return list[*ent.LeadSource]{table: leadsource.Table, see: schema.LeadSources, value: (*ent.LeadSource).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.LeadSource, error) {
		q := r.DB.LeadSource.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// LeadSources is a page of the lead sources.
func (r *Reader) LeadSources(ctx context.Context, first *int, after *string) (*LeadSourceConnection, error) {
	w, err := newWindow(sourceOrder, first, after)
	if err != nil {
		return nil, err
	}
	of, node := connection(ctx, "LeadSource")
	w.total = of.has("totalCount")
	w.columns = sourceMapping.columns(node, leadsource.FieldID, leadsource.FieldName)
	rows, total, err := all(ctx, r.DB.Dialect(), r.sourceList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.sources(rows), func(s *LeadSource) []any { return []any{s.Name, s.LeadSource.ID} },
		func(cursor string, s *LeadSource) *LeadSourceEdge { return &LeadSourceEdge{Cursor: cursor, Node: s} })
	return &LeadSourceConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

// LeadSource is a whole source that a mutation has read already; nil stays nil.
func (r *Reader) LeadSource(row *ent.LeadSource) *LeadSource {
	if row == nil {
		return nil
	}
	return r.sources([]*ent.LeadSource{row})[0]
}

func (r *Reader) sources(rows []*ent.LeadSource) []*LeadSource {
	out := make([]*LeadSource, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &LeadSource{row, lv}
	}
	return out
}

// sourcesByID finds what the current field asks of sources.
func (r *Reader) sourcesByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*LeadSource, error) {
	return r.sourcesAsked(ctx, selected(ctx, "LeadSource", "Node"), ids)
}

func (r *Reader) sourcesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*LeadSource, error) {
	rows, err := r.DB.LeadSource.Query().Where(leadsource.IDIn(ids...)).
		Select(sourceMapping.columns(asked, leadsource.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.sources(rows), func(s *LeadSource) gid.ID { return s.LeadSource.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*LeadSource) IsNode() {}

// ID as it is shown outside.
func (s *LeadSource) ID() string { return gid.LeadSource.Format(s.LeadSource.ID) }

// Kind of the source.
func (s *LeadSource) Kind() LeadSourceKind { return LeadSourceKind(s.LeadSource.Kind) }

// Status of the source.
func (s *LeadSource) Status() LeadSourceStatus { return LeadSourceStatus(s.LeadSource.Status) }

// LegalBasis is what leads of the source are processed on.
func (s *LeadSource) LegalBasis() LegalBasis { return LegalBasis(consent.BasisOf(s.LeadSource)) }

// Purpose that leads of the source are processed for.
func (s *LeadSource) Purpose(ctx context.Context) (*ProcessingPurpose, error) {
	return toOne(ctx, s.level, s, func(s *LeadSource) *gid.ID { return &s.PurposeID }, s.level.reader.purposesByID)
}

// FormConsentText is the text that the platform's own form shows.
func (s *LeadSource) FormConsentText(ctx context.Context) (*ConsentText, error) {
	return toOne(ctx, s.level, s, func(s *LeadSource) *gid.ID { return s.FormConsentTextID }, s.level.reader.textsByID)
}

// Duplicates is the source's policy.
func (s *LeadSource) Duplicates() *DuplicatePolicy {
	p := &DuplicatePolicy{
		Fields: []DuplicateField{}, Match: DuplicateMatch(s.DuplicateMatch),
		WindowDays: s.DuplicateWindowDays, Scope: DuplicateScope(s.DuplicateScope),
	}
	for _, f := range s.DuplicateFields {
		p.Fields = append(p.Fields, DuplicateField(f))
	}
	return p
}

// Distributor that gets every lead of the source.
func (s *LeadSource) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, s.level, s, func(s *LeadSource) *gid.ID { return s.DistributorID }, s.level.reader.distributorsByID)
}

// AllowedDistributors may get leads of the source; none means any.
func (s *LeadSource) AllowedDistributors(ctx context.Context) ([]*Distributor, error) {
	found, err := load(ctx, s.level, func(ctx context.Context) (map[gid.ID]*Distributor, error) {
		var ids []gid.ID
		for _, row := range s.level.rows {
			ids = append(ids, row.AllowedDistributorIds...)
		}
		if len(ids) == 0 {
			return nil, nil
		}
		return s.level.reader.distributorsByID(ctx, ids)
	})
	allowed := []*Distributor{}
	for _, id := range s.AllowedDistributorIds {
		if d := found[id]; d != nil {
			allowed = append(allowed, d)
		}
	}
	return allowed, err
}
