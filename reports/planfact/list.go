package planfact

import (
	"channelbook/reports/sheet"
)

// list writes a row for each goal, and for what was achieved without one, with its standing in words: for whoever filters and
// sorts.
func (m *making) list(book *sheet.Book) error {
	t, err := book.Table(textList, textTitle, m.briefly(), []sheet.Column{
		{Heading: textDistributor, Width: 34}, {Heading: headMonthFrom, Width: 12, Format: sheet.Day}, {Heading: headMetric, Width: 15},
		{Heading: headPlan, Width: 17, Format: sheet.Number}, {Heading: headFact, Width: 17, Format: sheet.Number},
		{Heading: headDifference, Width: 17, Format: sheet.Number}, {Heading: headShare, Width: 15, Format: sheet.Percent}, {Heading: headStanding, Width: 17},
	})
	if err != nil {
		return err
	}
	for _, r := range m.rows {
		for j, month := range m.months {
			for i, metric := range metrics {
				c := r.cells[i][j]
				if !c.tells() {
					continue
				}
				of, f := c.told(metric), format(metric)
				value := func(v any) any { return sheet.Marked{Value: v, Format: f} }
				err := t.AddMarked(r.name, month.StartsOn, unitTexts[metric], value(of.plan), value(of.fact), value(of.difference),
					sheet.Marked{Value: of.share, Format: sheet.Percent, Fill: of.fill}, of.standing)
				if err != nil {
					return err
				}
				if err := m.count(); err != nil {
					return err
				}
			}
		}
	}
	return t.Close()
}
