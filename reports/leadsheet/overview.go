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
	if _, err := p.Table(textOverall, measures(""), [][]any{cells("", s.total())}, nil); err != nil {
		return err
	}
	if err := p.Note(textCounting); err != nil {
		return err
	}
	d := drawing{page: p, at: top}
	statuses, err := p.Table(textByStatus, measures(headStatus), w.statusRows(s), cells(textTotal, sum(s.statuses)))
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
	columns := measures(headDay)
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
	d.statuses(statuses, len(s.statuses))
	d.bars(chartDistributors, distributors, len(s.distributors))
	d.bars(chartSources, sources, len(s.sources))
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

func sum[K any](groups []group[K]) (total figure) {
	for _, g := range groups {
		total = total.add(g.figure)
	}
	return total
}

// shownStatuses is the order of statuses: as a lead goes, then those that were turned away.
var shownStatuses = []lead.Status{lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED,
	lead.StatusDUPLICATE, lead.StatusBLOCKED, lead.StatusQUARANTINED, lead.StatusOVER_CAP}

func (w *making) statusRows(s *summary) [][]any {
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
				rows = append(rows, cells(statusText(shown), g.figure))
			}
		}
	}
	if tests.leads > 0 {
		rows = append(rows, cells(textTests, tests))
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

// The charts' looks.
const (
	chartColumn = "H"
	chartWidth  = 760
	rowPixels   = 20
	leadsColor  = "5B9BD5"
	salesColor  = "ED7D31"
	mostBars    = 15
	mostColumns = 62 // days beyond are a line
)

func (d *drawing) put(height uint, chart *excelize.Chart, more ...*excelize.Chart) {
	if d.err != nil {
		return
	}
	chart.Dimension = excelize.ChartDimension{Width: chartWidth, Height: height}
	d.err = d.page.Chart(fmt.Sprintf("%s%d", chartColumn, d.at), chart, more...)
	d.at += int(height)/rowPixels + 2
}

func titled(text string) excelize.ChartTitle {
	return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: text, Font: &excelize.Font{Bold: true, Size: 12, Color: "404040"}}}}
}

func series(a sheet.Area, column, color string) excelize.ChartSeries {
	return excelize.ChartSeries{
		Name: a.Heading(column), Categories: a.Column("A"), Values: a.Column(column),
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}, Line: excelize.LineOptions{Width: 2},
		Marker: excelize.ChartMarker{Symbol: "none"},
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
	d.put(300, &excelize.Chart{
		Type: kind, Title: titled(chartDays), Legend: excelize.ChartLegend{Position: "bottom"},
		Series: []excelize.ChartSeries{series(a, "B", leadsColor), series(a, "C", salesColor)},
		XAxis:  excelize.ChartAxis{TickLabelSkip: n/16 + 1, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "dd.mm"}},
		YAxis:  excelize.ChartAxis{MajorGridLines: true},
	})
}

// statuses draws how many leads stand how.
func (d *drawing) statuses(a sheet.Area, n int) {
	if n == 0 {
		return
	}
	d.put(260, &excelize.Chart{
		Type: excelize.Bar, Title: titled(chartStatuses), Legend: excelize.ChartLegend{Position: "none"},
		Series:   []excelize.ChartSeries{series(a, "B", leadsColor)},
		PlotArea: excelize.ChartPlotArea{ShowVal: true}, XAxis: excelize.ChartAxis{ReverseOrder: true},
		YAxis: excelize.ChartAxis{MajorGridLines: true},
	})
}

// bars draws the leads and sales of those with the most leads.
func (d *drawing) bars(title string, a sheet.Area, n int) {
	if n == 0 {
		return
	}
	if n > mostBars {
		title = fmt.Sprintf(chartMostFormat, title, mostBars)
		a = a.First(mostBars)
	}
	d.put(uint(120+26*min(n, mostBars)), &excelize.Chart{ // #nosec G115 -- of fifteen bars at most
		Type: excelize.Bar, Title: titled(title), Legend: excelize.ChartLegend{Position: "bottom"},
		Series: []excelize.ChartSeries{series(a, "B", leadsColor), series(a, "C", salesColor)},
		XAxis:  excelize.ChartAxis{ReverseOrder: true}, YAxis: excelize.ChartAxis{MajorGridLines: true},
	})
}
