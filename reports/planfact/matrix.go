package planfact

import (
	"fmt"
	"strings"

	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/reports/sheet"
)

// measures are the rows that a distributor has in a matrix.
var measures = []string{headPlan, headFact, headShare}

// matrix writes a metric: distributors below each other, months beside each other, each distributor with a row for the plan, the
// fact and the share of it that stands by its colour. So it can be read on paper for a year, and filtered by the kind of row.
func (m *making) matrix(book *sheet.Book, i int) error {
	metric := metrics[i]
	columns := []sheet.Column{{Heading: textDistributor, Width: 30}, {Heading: headMeasure, Width: 13}}
	for j, month := range m.months {
		columns = append(columns, sheet.Column{Heading: month.Title(), Width: m.width(i, j), Format: format(metric)})
	}
	columns = append(columns, sheet.Column{Heading: textTotal, Width: m.width(i, -1), Format: format(metric)})
	title := fmt.Sprintf(titleFormat, strings.ToLower(unitTexts[metric]))
	about := append(m.briefly(), sheet.Line{Label: textColors, Value: textHowColors})
	t, err := book.WideTable(metricTexts[metric], title, about, columns, 2)
	if err != nil {
		return err
	}
	for r := range m.rows {
		of := m.matrixRow(i, &m.rows[r])
		for k := range measures {
			if err := t.AddMarked(of.row(m.rows[r].name, k)...); err != nil {
				return err
			}
			if err := m.count(); err != nil {
				return err
			}
		}
	}
	if err := t.Close(); err != nil || len(m.rows) < 2 {
		return err
	}
	all := m.matrixRow(i, nil)
	for k := range measures {
		if err := t.Sum(all.row(textAll, k)...); err != nil {
			return err
		}
	}
	return nil
}

// width of a column has room for what everybody comes to in bold, and for a month's name.
func (m *making) width(metric, j int) float64 {
	const month, digitsToPoint, room = 14, 3, 3
	all := m.total(metric, nil, j)
	most := goals.Unit(metrics[metric], max(all.target, -all.target, all.Actual, -all.Actual)).Truncate(0).String()
	width := len(most) + len(most)/digitsToPoint + room
	if isMoney(metrics[metric]) {
		width += len(".00")
	}
	return float64(max(month, width))
}

// line is a distributor's months and what they come to.
type line struct {
	metric goal.Metric
	told   []told
}

// matrixRow is a distributor's, or everybody's where r is nil.
func (m *making) matrixRow(i int, r *row) line {
	metric := metrics[i]
	l := line{metric: metric}
	for j := range m.months {
		if r != nil {
			l.told = append(l.told, r.cells[i][j].told(metric))
		} else {
			l.told = append(l.told, m.total(i, nil, j).told(metric))
		}
	}
	l.told = append(l.told, m.total(i, r, -1).told(metric))
	return l
}

// row is the k-th measure.
func (l line) row(name string, k int) []any {
	values := []any{name, measures[k]}
	for _, t := range l.told {
		switch measures[k] {
		case headPlan:
			values = append(values, t.plan)
		case headFact:
			values = append(values, t.fact)
		default:
			values = append(values, sheet.Marked{Value: t.share, Format: sheet.Percent, Fill: t.fill})
		}
	}
	return values
}
