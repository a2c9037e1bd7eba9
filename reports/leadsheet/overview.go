package leadsheet

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"channelbook/ent/lead"
	"channelbook/internal/gid"
	"channelbook/reports/sheet"
)

// overview writes the summary: what was asked for, the sums, and a table and a chart for each way of grouping.
func (w *making) overview(book *sheet.Book, s *summary) error {
	p, err := book.Page(textSummary, textSummaryTitle, w.fully(), 34, 11, 11, 12, 17, 19, 3)
	if err != nil {
		return err
	}
	top := p.Row()
	if _, err := p.Table(textOverall, measures(""), [][]any{cells(textCounted, s.total())}, nil); err != nil {
		return err
	}
	if err := p.Note(textCounting, 6, 2); err != nil {
		return err
	}
	d := drawing{page: p, at: top}
	columns := measures(headStatus)
	columns[3].Heading = headPart
	statuses, err := p.Table(textByStatus, columns, statusRows(s), parts(textTotal, sum(s.statuses), s))
	if err != nil {
		return err
	}
	distributors, err := p.Table(textByDistributor, measures(headDistributor), groupRows(s.distributors, w.distributors), cells(textTotal, sum(s.distributors)))
	if err != nil {
		return err
	}
	var sources sheet.Area
	if s.sources != nil {
		if sources, err = p.Table(textBySource, measures(headSource), groupRows(s.sources, w.sources), cells(textTotal, sum(s.sources))); err != nil {
			return err
		}
	}
	columns = measures(headDay)
	columns[0].Format = sheet.Day
	var rows [][]any
	for _, g := range s.days {
		rows = append(rows, cells(g.key, g.figure))
	}
	days, err := p.Table(textByDay, columns, rows, nil)
	if err != nil {
		return err
	}
	d.days(days, len(s.days))
	d.statuses(statuses, statuses.Rows())
	d.parties(chartDistributors, distributors, len(s.distributors))
	d.parties(chartSources, sources, len(s.sources))
	if d.err != nil {
		return d.err
	}
	return p.Close()
}

// measures are the columns of a table of the summary.
func measures(first string) []sheet.Column {
	return []sheet.Column{
		{Heading: first}, {Heading: headLeads, Format: sheet.Number}, {Heading: headSales, Format: sheet.Number}, {Heading: headShare, Format: sheet.Percent},
		{Heading: headPayouts, Format: sheet.Money}, {Heading: headAmounts, Format: sheet.Money},
	}
}

// cells are a row of the summary.
func cells(first any, f figure) []any {
	share := 0.0
	if f.leads > 0 {
		share = float64(f.sales) / float64(f.leads)
	}
	return []any{first, f.leads, f.sales, share, sheet.Kopecks(f.payouts), sheet.Kopecks(f.amount)}
}

// parts are a row of the statuses: with the share of all leads, as all or none of a status are sold.
func parts(first any, f figure, s *summary) []any {
	row := cells(first, f)
	row[3] = float64(f.leads) / float64(max(s.rows(), 1))
	return row
}

func sum[K any](groups []group[K]) (total figure) {
	for _, g := range groups {
		total = total.add(g.figure)
	}
	return total
}

// shownStatuses is the order of statuses: as a lead goes, then those that were turned away.
var shownStatuses = []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED,
	lead.StatusDUPLICATE, lead.StatusBLOCKED, lead.StatusQUARANTINED, lead.StatusOVER_CAP}

func statusRows(s *summary) [][]any {
	var tests figure
	var rows [][]any
	for _, g := range s.statuses {
		if g.key.test {
			tests = tests.add(g.figure)
		}
	}
	for _, shown := range shownStatuses {
		for _, g := range s.statuses {
			if g.key == (status{shown, false}) {
				rows = append(rows, parts(statusText(shown), g.figure, s))
			}
		}
	}
	if tests.leads > 0 {
		rows = append(rows, parts(textTests, tests, s))
	}
	return rows
}

func groupRows(groups []group[gid.ID], names map[gid.ID]string) [][]any {
	groups = slices.Clone(groups)
	name := func(id gid.ID) string {
		if id.IsZero() {
			return textNobody
		}
		return names[id]
	}
	slices.SortStableFunc(groups, func(a, b group[gid.ID]) int {
		return cmp.Or(cmp.Compare(b.leads, a.leads), cmp.Compare(b.sales, a.sales), strings.Compare(name(a.key), name(b.key)))
	})
	rows := make([][]any, len(groups))
	for i, g := range groups {
		rows[i] = cells(name(g.key), g.figure)
	}
	return rows
}

// drawing puts charts below each other beside the tables.
type drawing struct {
	page *sheet.Page
	at   int // the row
	err  error
}

// The charts' looks. All of them together are as high as a page.
const (
	chartColumn = "H"
	chartWidth  = 760
	rowPixels   = 20
	leadsColor  = "5B9BD5"
	salesColor  = "ED7D31"
	inkColor    = "404040"
	mostBars    = 10
	mostColumns = 62 // days beyond are a line
	dayLabels   = 16
	slanted     = -45 // degrees: labels of days
)

// put draws a chart so many rows high.
func (d *drawing) put(rows int, chart *excelize.Chart) {
	if d.err != nil {
		return
	}
	ink := excelize.Font{Family: "Calibri", Size: 9, Color: inkColor}
	chart.Dimension = excelize.ChartDimension{Width: chartWidth, Height: uint(rows * rowPixels)} // #nosec G115 -- of some dozen rows
	chart.XAxis.Font, chart.YAxis.Font, chart.Legend.Font = ink, ink, &ink
	chart.Border = excelize.LineOptions{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"D9D9D9"}}}
	d.err = d.page.Chart(fmt.Sprintf("%s%d", chartColumn, d.at), chart)
	d.at += rows + 2
}

func titled(text string) excelize.ChartTitle {
	return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: text, Font: &excelize.Font{Family: "Calibri", Bold: true, Size: 12, Color: inkColor}}}}
}

func series(a sheet.Area, column, color string) excelize.ChartSeries {
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
	return excelize.ChartSeries{
		Name: a.Heading(column), Categories: a.Column("A"), Values: a.Column(column), Fill: fill,
		Line: excelize.LineOptions{Width: 1.5, Fill: fill}, Marker: excelize.ChartMarker{Symbol: "none"},
		DataLabel: excelize.ChartDataLabel{Font: excelize.Font{Family: "Calibri", Size: 9, Color: inkColor}},
	}
}

// days draws leads and sales day by day.
func (d *drawing) days(a sheet.Area, n int) {
	if n == 0 {
		return
	}
	kind := excelize.Col
	if n > mostColumns {
		kind = excelize.Line
	}
	d.put(13, &excelize.Chart{
		Type: kind, Title: titled(chartDays), Legend: excelize.ChartLegend{Position: "bottom"},
		Series: []excelize.ChartSeries{series(a, "B", leadsColor), series(a, "C", salesColor)},
		XAxis:  excelize.ChartAxis{TickLabelSkip: n/dayLabels + 1, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "dd.mm"}, Alignment: excelize.Alignment{TextRotation: slanted}}, YAxis: excelize.ChartAxis{MajorGridLines: true},
	})
}

// bars draws the measures of the first rows, with the numbers at the bars.
func (d *drawing) bars(title string, a sheet.Area, n int, columns ...excelize.ChartSeries) {
	if n == 0 {
		return
	}
	legend := "none"
	if len(columns) > 1 {
		legend = "bottom"
	}
	gap := uint(60)
	d.put(4+n*(1+len(columns))/2, &excelize.Chart{
		Type: excelize.Bar, Title: titled(title), Legend: excelize.ChartLegend{Position: legend}, Series: columns, GapWidth: &gap,
		PlotArea: excelize.ChartPlotArea{ShowVal: true}, XAxis: excelize.ChartAxis{ReverseOrder: true}, YAxis: excelize.ChartAxis{None: true},
	})
}

// statuses draws how many leads stand how.
func (d *drawing) statuses(a sheet.Area, n int) {
	d.bars(chartStatuses, a, n, series(a, "B", leadsColor))
}

// parties draws the leads and sales of those with the most leads.
func (d *drawing) parties(title string, a sheet.Area, n int) {
	if n > mostBars {
		title, n = fmt.Sprintf(chartMostFormat, title, mostBars), mostBars
		a = a.First(mostBars)
	}
	d.bars(title, a, n, series(a, "B", leadsColor), series(a, "C", salesColor))
}
