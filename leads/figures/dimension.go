package figures

import (
	"fmt"
	"strings"

	"entgo.io/ent/dialect"

	"channelbook/ent/leadday"
)

// dimension is what the figures of a day are kept by. Value and label are SQL over the columns of leads, which those of
// lead_deltas are named after.
type dimension struct {
	name         leadday.Dimension
	value, label string
}

// maxValue is how many characters of a value and of a label tell figures apart: both stand in indexes, whose rows PostgreSQL
// bounds by some 2700 bytes.
const maxValue = 200

func cut(text string) string { return fmt.Sprintf("substr(%s, 1, %d)", text, maxValue) }

var dimensions = []dimension{
	{leadday.DimensionSTATUS, "status", "NULL"},
	{leadday.DimensionSOURCE, "CAST(source_id AS text)", "NULL"},
	{leadday.DimensionUTM_SOURCE, cut("COALESCE(utm_source, '')"), "NULL"},
	{leadday.DimensionCAMPAIGN, cut("COALESCE(NULLIF(campaign_id, ''), campaign_name, '')"), "NULLIF(" + cut("campaign_name") + ", '')"},
	{leadday.DimensionREGION, cut("COALESCE(region, '')"), "NULL"},
	{leadday.DimensionFUNNEL, cut("COALESCE(funnel, '')"), "NULL"},
}

// dimensionOf is that of a group; for the groups that are no dimension it is the smallest one, whose sums are the same.
func dimensionOf(g Group) dimension {
	for _, d := range dimensions {
		if string(d.name) == string(g) {
			return d
		}
	}
	return dimensions[0]
}

// facts are the columns that tell leads apart in the figures.
const facts = "status, source_id, utm_source, campaign_id, campaign_name, region, funnel"

// counts is the condition on leads that count.
var counts = "NOT is_test AND status IN ('" + strings.Join(texts(Accepted), "', '") + "')"

// asDate makes a parameter a day.
func asDate(engine, parameter string) string {
	if engine == dialect.Postgres {
		return parameter + "::date"
	}
	return parameter
}

func texts[T ~string](values []T) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = string(v)
	}
	return all
}
