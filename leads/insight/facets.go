package insight

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/leads"
)

// Fields are the tracking fields, by their columns, in the order of the contract.
var Fields = []string{
	lead.FieldFunnel, lead.FieldSubid, lead.FieldUtmSource, lead.FieldUtmMedium, lead.FieldUtmCampaign, lead.FieldUtmTerm,
	lead.FieldCampaignID, lead.FieldCampaignName, lead.FieldBannerID, lead.FieldAdvertiserID, lead.FieldRegion, lead.FieldGender,
	lead.FieldAge, lead.FieldRandom, lead.FieldImpressionWeekday, lead.FieldImpressionHour, lead.FieldUserTimezone,
	lead.FieldPlacement, lead.FieldDeviceType, lead.FieldPosition,
}

// Facet is a tracking field with its values.
type Facet struct {
	Field  string
	Values []FacetValue
}

// FacetValue is a value and how many leads have it: of all that were asked for, and of those received today.
type FacetValue struct {
	Value        string
	Count, Today int
}

// defaultValues and maxValues are how many values of a field are told when nobody says, and at most.
const (
	defaultValues = 20
	maxValues     = 100
)

// Facets are the values that the leads which the viewer sees have in these fields, all where none are named: those most
// frequent today first, then the most frequent ones, then by the value. What is absent is no value. Without dates the leads
// of the last 30 days are looked at. Faults: those of leads.Filter; DATE_RANGE_TOO_LONG beyond 92 days; of kind Invalid on
// first, from 0 to 100, which is 20 where it is nil.
func (s *Service) Facets(ctx context.Context, f leads.Filter, fields []string, first *int) ([]Facet, error) {
	v, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return nil, err
	}
	most, err := howMany(first)
	if err != nil {
		return nil, err
	}
	if f, err = s.dated(f); err != nil {
		return nil, err
	}
	rows, err := s.seen(v, f)
	if err != nil {
		return nil, err
	}
	facets := facetsOf(fields)
	if most == 0 {
		return facets, nil
	}
	text, args := s.facetQuery(rows, facets, most)
	err = s.each(ctx, text, args, func(r *stdsql.Rows) error {
		var of int
		var value FacetValue
		err := r.Scan(&of, &value.Value, &value.Count, &value.Today)
		if err == nil {
			facets[of].Values = append(facets[of].Values, value)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count the values of tracking fields: %w", err)
	}
	return facets, nil
}

func howMany(first *int) (int, error) {
	switch {
	case first == nil:
		return defaultValues, nil
	case *first < 0 || *first > maxValues:
		return 0, fault.New(fault.Invalid, "first", fmt.Sprintf("first goes from 0 to %d.", maxValues))
	}
	return *first, nil
}

// facetsOf are the fields without their values, each once.
func facetsOf(fields []string) []Facet {
	if len(fields) == 0 {
		fields = Fields
	}
	var facets []Facet
	for _, field := range fields {
		if !slices.ContainsFunc(facets, func(f Facet) bool { return f.Field == field }) {
			facets = append(facets, Facet{Field: field, Values: []FacetValue{}})
		}
	}
	return facets
}

// facetQuery walks the leads once, and then what it kept of them once for each field.
func (s *Service) facetQuery(rows *sql.Selector, facets []Facet, most int) (text string, args []any) {
	today := s.today()
	for _, f := range facets {
		rows.AppendSelect(rows.C(f.Field))
	}
	rows.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) {
		b.WriteString("CASE WHEN " + rows.C(lead.FieldReceivedAt) + " >= ").Arg(today.Start(s.TimeZone).UTC())
		b.WriteString(" AND " + rows.C(lead.FieldReceivedAt) + " < ").Arg(today.AddDays(1).Start(s.TimeZone).UTC())
		b.WriteString(" THEN 1 ELSE 0 END")
	}), "of_today")
	kept, args := rows.Query()
	parts := make([]string, len(facets))
	for i, f := range facets {
		parts[i] = s.facetPart(i, f.Field, most)
	}
	return "WITH kept AS MATERIALIZED (" + kept + ") SELECT facet, value, leads, today FROM (" + strings.Join(parts, " UNION ALL ") +
		") AS facets ORDER BY facet, today DESC, leads DESC, " + s.bytewise("value"), args
}

// facetPart counts the values of the i-th field.
func (s *Service) facetPart(i int, field string, most int) string {
	return fmt.Sprintf(`SELECT %d AS facet, value, leads, today FROM (SELECT %[2]s AS value, COUNT(*) AS leads, SUM(of_today) AS today FROM kept`+
		` WHERE %[2]s <> '' GROUP BY %[2]s ORDER BY SUM(of_today) DESC, COUNT(*) DESC, %[3]s LIMIT %[4]d) AS part`,
		i, column(field), s.bytewise(column(field)), most)
}

// bytewise orders a text by its bytes on both engines, whatever the language of the base.
func (s *Service) bytewise(text string) string {
	if s.onSQLite() {
		return text
	}
	return text + ` COLLATE "C"`
}
