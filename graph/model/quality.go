package model

import (
	"context"
	"strings"

	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/insight"
)

// LeadFilterOf is a client's filter as the domain has it; one that is absent asks for nothing.
func LeadFilterOf(f *LeadFilter) (leads.Filter, error) {
	if f == nil {
		return leads.Filter{}, nil
	}
	return leadFilter(f)
}

// Columns of the tracking fields.
func Columns(fields []LeadFacetField) []string {
	columns := make([]string, len(fields))
	for i, f := range fields {
		columns[i] = strings.ToLower(string(f))
	}
	return columns
}

// LeadFacets are facets as they are shown.
func LeadFacets(facets []insight.Facet) []*LeadFacet {
	out := make([]*LeadFacet, len(facets))
	for i, f := range facets {
		out[i] = &LeadFacet{Field: LeadFacetField(strings.ToUpper(f.Field)), Values: make([]*LeadFacetValue, len(f.Values))}
		for j, v := range f.Values {
			out[i].Values[j] = &LeadFacetValue{Value: v.Value, Count: v.Count, TodayCount: v.Today}
		}
	}
	return out
}

// ResponseTimesOf are response times as they are shown.
func ResponseTimesOf(r insight.Responses) *ResponseTimes {
	shown := func(d insight.Durations) *DurationStats {
		return &DurationStats{Count: d.Count, MedianSeconds: d.Median, P90Seconds: d.P90}
	}
	return &ResponseTimes{UntilTaken: shown(r.UntilTaken), UntilClosed: shown(r.UntilClosed)}
}

// SpanOf are days of sources as a client names them.
func SpanOf(sourceIDs []string, from, to calendar.Date) (insight.Span, error) {
	ids, err := parseIDs(gid.LeadSource, sourceIDs, "sourceIds")
	return insight.Span{Sources: ids, From: from, To: to}, err
}

// SourceQualityDay is what a source sent on a day.
type SourceQualityDay struct {
	insight.SourceDay
	level *level[*SourceQualityDay]
}

// SourceQuality are the days as they are shown.
func (r *Reader) SourceQuality(days []insight.SourceDay) []*SourceQualityDay {
	out := make([]*SourceQualityDay, len(days))
	lv := newLevel(r, out)
	for i, d := range days {
		out[i] = &SourceQualityDay{d, lv}
	}
	return out
}

// Source that sent it.
func (d *SourceQualityDay) Source(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, d.level, d, func(d *SourceQualityDay) *gid.ID { return &d.SourceDay.Source }, d.level.reader.sourcesByID)
}

// AcceptedCount and the following are by what submissions came to.
func (d *SourceQualityDay) AcceptedCount() int    { return d.Accepted }
func (d *SourceQualityDay) DuplicateCount() int   { return d.Duplicate }
func (d *SourceQualityDay) BlacklistedCount() int { return d.Blacklisted }
func (d *SourceQualityDay) QuarantinedCount() int { return d.Quarantined }
func (d *SourceQualityDay) OverCapCount() int     { return d.OverCap }
func (d *SourceQualityDay) InvalidCount() int     { return d.SourceDay.Invalid }

// Invalid submissions by their faults.
func (d *SourceQualityDay) Invalid() []*InvalidSubmissions {
	out := make([]*InvalidSubmissions, len(d.Faults))
	for i, f := range d.Faults {
		out[i] = &InvalidSubmissions{Code: f.Code, Field: text(f.Field), Count: f.Count}
	}
	return out
}

// SaleCount is by the day of the sale.
func (d *SourceQualityDay) SaleCount() int { return d.Sales }

// Payout is what distributors are owed.
func (d *SourceQualityDay) Payout() *Money { return Roubles(d.SourceDay.Payout) }

// Revenue is what the sales brought.
func (d *SourceQualityDay) Revenue() *Money { return Roubles(d.SourceDay.Revenue) }
