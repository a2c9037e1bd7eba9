package planfact

import (
	"fmt"

	"github.com/xuri/excelize/v2"

	"channelbook/ent/goal"
	"channelbook/reports/sheet"
)

// The charts' looks.
const (
	chartColumn = "H"
	chartWidth  = 520
	chartHeight = 300
	chartRows   = 17 // that it takes
	planColor   = "A5A5A5"
	factColor   = "5B9BD5"
	axisColor   = "595959"
	beside      = 6  // months, whose names stand beside each other under a chart
	onePage     = 12 // months, that stand on one page with their charts
)

// overview writes what everybody's goals come to month by month, with a chart for each metric.
func (m *making) overview(book *sheet.Book) error {
	p, err := book.Page(textOverview, textTitle, m.fully(), 16, 18, 18, 18, 14, 17, 2)
	if err != nil {
		return err
	}
	for i, metric := range metrics {
		top := p.Row()
		area, err := m.block(p, i)
		if err != nil {
			return err
		}
		if err := p.Chart(fmt.Sprintf("%s%d", chartColumn, top), m.chart(metric, area)); err != nil {
			return err
		}
		if err := p.SkipTo(top + chartRows); err != nil {
			return err
		}
	}
	if err := p.Close(); err != nil || len(m.months) > onePage {
		return err
	}
	upright, one := "portrait", 1
	return book.File().SetPageLayout(textOverview, &excelize.PageLayoutOptions{Orientation: &upright, FitToWidth: &one, FitToHeight: &one})
}

// block is a metric's table.
func (m *making) block(p *sheet.Page, i int) (sheet.Area, error) {
	metric := metrics[i]
	f := format(metric)
	columns := []sheet.Column{{Heading: headMonth}, {Heading: headPlan, Format: f}, {Heading: headFact, Format: f},
		{Heading: headDifference, Format: f}, {Heading: headShare, Format: sheet.Percent}, {Heading: headStanding}}
	line := func(name string, t told) []any {
		return []any{name, t.plan, t.fact, t.difference, t.share, t.standing}
	}
	rows, fills := make([][]any, len(m.months)), make([]string, len(m.months))
	for j, month := range m.months {
		t := m.total(i, nil, j).told(metric)
		rows[j], fills[j] = line(month.Title(), t), t.fill
	}
	var sum []any
	if len(m.months) > 1 {
		t := m.total(i, nil, -1).told(metric)
		sum, fills = line(textTotal, t), append(fills, t.fill)
	}
	area, err := p.Table(unitTexts[metric], columns, rows, sum)
	if err != nil {
		return area, err
	}
	for j, fill := range fills {
		for at, f := range []sheet.Format{sheet.Percent, sheet.Text} {
			if fill == "" {
				continue
			}
			if err := p.Paint(area, j, 4+at, f, fill); err != nil {
				return area, err
			}
		}
	}
	return area, nil
}

// chart is plan against fact.
func (m *making) chart(metric goal.Metric, a sheet.Area) *excelize.Chart {
	series := func(column, color string) excelize.ChartSeries {
		return excelize.ChartSeries{
			Name: a.Heading(column), Categories: a.Column("A"), Values: a.Column(column),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}},
		}
	}
	axis, slanted := excelize.Font{Color: axisColor, Size: 9}, excelize.Alignment{}
	if len(m.months) > beside {
		slanted.TextRotation = -45
	}
	title := fmt.Sprintf(chartFormat, metricTexts[metric])
	return &excelize.Chart{
		Type: excelize.Col, Series: []excelize.ChartSeries{series("B", planColor), series("C", factColor)},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: title, Font: &excelize.Font{Bold: true, Size: 12, Color: "404040"}}}},
		Legend:    excelize.ChartLegend{Position: "bottom"},
		Dimension: excelize.ChartDimension{Width: chartWidth, Height: chartHeight},
		XAxis:     excelize.ChartAxis{Font: axis, Alignment: slanted, TickLabelPosition: excelize.ChartTickLabelLow, TickLabelSkip: len(m.months)/onePage + 1},
		YAxis:     excelize.ChartAxis{Font: axis, MajorGridLines: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "#,##0"}},
	}
}

// fully tells what the report is about.
func (m *making) fully() []sheet.Line {
	return append(m.briefly(), sheet.Line{Label: textFacts, Value: textHowFacts}, sheet.Line{Label: textColors, Value: textHowColors})
}

// briefly is what each sheet is about.
func (m *making) briefly() []sheet.Line {
	months := m.months[0].Title()
	if n := len(m.months); n > 1 {
		months += " — " + m.months[n-1].Name()
	}
	whose := textEverybody
	switch {
	case m.whose != "":
		whose = m.whose
	case len(m.rows) == 0:
		whose = textNothing
	}
	return []sheet.Line{
		{Label: textPeriod, Value: months}, {Label: textDistributor, Value: whose},
		{Label: textAsOf, Value: m.AsOf.In(m.TimeZone).Format("02.01.2006 15:04")},
	}
}
