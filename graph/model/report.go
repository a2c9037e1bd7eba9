package model

import (
	"context"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/reports/order"
)

// Report is a row of reports.
type Report struct {
	*ent.Report
	level *level[*Report]
}

var reportMapping = mapping{
	"id":               {},
	"rowCount":         {report.FieldRows},
	"expectedRowCount": {report.FieldRowsExpected},
	"sizeBytes":        {report.FieldSize},
	"downloadUrl":      {report.FieldStatus, report.FieldExpiresAt},
	"expiresAt":        {report.FieldStatus, report.FieldExpiresAt},
	"asOf":             {report.FieldAsOf},
	"distributor":      {report.FieldParametersSealed},
	"from":             {report.FieldParametersSealed},
	"to":               {report.FieldParametersSealed},
	"period":           {report.FieldParametersSealed},
	"schedule":         {report.FieldScheduleID},
}

var reportOrder = page.Order{Name: "reports.ID", Desc: true, Columns: []page.Column{{Name: report.FieldID, Kind: page.ID}}}

func (r *Reader) reportList() list[*ent.Report] {
	return list[*ent.Report]{table: report.Table, see: schema.Reports, value: (*ent.Report).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Report, error) {
		q := r.DB.Report.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// ReportPage is a page of the viewer's own reports, newest first.
func (r *Reader) ReportPage(ctx context.Context, first *int, after *string, filter *ReportFilter) (*ReportConnection, error) {
	w, err := newWindow(reportOrder, first, after)
	if err != nil {
		return nil, err
	}
	w.where = reportWhere(filter)
	of, node := connection(ctx, "Report")
	w.total = of.has("totalCount")
	w.columns = reportMapping.columns(node, report.FieldID)
	rows, total, err := all(ctx, r.DB.Dialect(), r.reportList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.reports(rows), func(n *Report) []any { return []any{n.Report.ID} },
		func(cursor string, n *Report) *ReportEdge { return &ReportEdge{Cursor: cursor, Node: n} })
	return &ReportConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func reportWhere(f *ReportFilter) func(*sql.Selector) {
	var all conditions
	if f == nil {
		return all.where
	}
	in(&all, report.FieldKind, f.Kinds)
	in(&all, report.FieldStatus, f.Statuses)
	return all.where
}

// ReportByID is a report of the viewer's own; nil where there is none.
func (r *Reader) ReportByID(ctx context.Context, text string) (*Report, error) {
	id, err := gid.Report.Parse(text)
	if err != nil {
		return nil, nil
	}
	found, err := r.reportsAsked(ctx, selected(ctx, "Report"), []gid.ID{id})
	return found[id], err
}

// Report is a whole report that was read already; nil stays nil.
func (r *Reader) Report(row *ent.Report) *Report {
	if row == nil {
		return nil
	}
	return r.reports([]*ent.Report{row})[0]
}

func (r *Reader) reports(rows []*ent.Report) []*Report {
	out := make([]*Report, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Report{row, lv}
	}
	return out
}

func (r *Reader) reportsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Report, error) {
	rows, err := r.DB.Report.Query().Where(report.IDIn(ids...)).Select(reportMapping.columns(asked, report.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.reports(rows), func(n *Report) gid.ID { return n.Report.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Report) IsNode() {}

// ID as it is shown outside.
func (n *Report) ID() string { return gid.Report.Format(n.Report.ID) }

// Kind of the report.
func (n *Report) Kind() ReportKind { return ReportKind(n.Report.Kind) }

// Format that it is written as.
func (n *Report) Format() ReportFormat { return ReportFormat(n.Report.Format) }

// Status is how far it is.
func (n *Report) Status() ReportStatus { return ReportStatus(n.Report.Status) }

// FileName is null before the file is there.
func (n *Report) FileName() *string { return text(n.Report.FileName) }

// RowCount is how many rows are written.
func (n *Report) RowCount() int { return n.Rows }

// ExpectedRowCount is how many there will be.
func (n *Report) ExpectedRowCount() *int { return n.RowsExpected }

// SizeBytes is null before the file is there.
func (n *Report) SizeBytes() *int {
	if n.Size == 0 {
		return nil
	}
	size := int(n.Size)
	return &size
}

// linkLasts is how long a link to a file opens it.
const linkLasts = time.Hour

// DownloadURL opens the file without a sign-in.
func (n *Report) DownloadURL() *string {
	r := n.level.reader
	now := r.Now()
	if n.Report.Status != report.StatusREADY || !n.Report.ExpiresAt.After(now) {
		return nil
	}
	until := now.Add(linkLasts)
	if n.Report.ExpiresAt.Before(until) {
		until = *n.Report.ExpiresAt
	}
	link := r.LinkUntil("/files/"+n.ID(), until)
	return &link
}

// ExpiresAt is when the file is deleted.
func (n *Report) ExpiresAt() *time.Time {
	if n.Report.Status != report.StatusREADY && n.Report.Status != report.StatusEXPIRED {
		return nil
	}
	return n.Report.ExpiresAt
}

// Failure is null where nothing went wrong.
func (n *Report) Failure() *string { return text(n.Report.Failure) }

func (n *Report) parameters() (order.Parameters, error) {
	return n.level.reader.Reports.Parameters(n.Report)
}

// Distributor that it is about.
func (n *Report) Distributor(ctx context.Context) (*Distributor, error) {
	p, err := n.parameters()
	if err != nil || p.DistributorID == nil {
		return nil, err
	}
	return toOne(ctx, n.level, n, func(n *Report) *gid.ID {
		p, _ := n.parameters() // each row tells of its own
		return p.DistributorID
	}, n.level.reader.distributorsByID)
}

// From is its first day.
func (n *Report) From() (*calendar.Date, error) {
	p, err := n.parameters()
	return p.From, err
}

// To is the day after its last.
func (n *Report) To() (*calendar.Date, error) {
	p, err := n.parameters()
	return p.To, err
}

// Period that it is about.
func (n *Report) Period() (*Period, error) {
	p, err := n.parameters()
	if err != nil || p.Period == nil {
		return nil, err
	}
	return n.level.reader.periods([]calendar.Period{*p.Period})[0], nil
}

// Schedule by which it was made.
func (n *Report) Schedule(ctx context.Context) (*ReportSchedule, error) {
	if v, _ := auth.From(ctx); v.Role != auth.Admin {
		return nil, nil
	}
	return toOne(ctx, n.level, n, func(n *Report) *gid.ID { return n.ScheduleID }, func(ctx context.Context, ids []gid.ID) (map[gid.ID]*ReportSchedule, error) {
		return n.level.reader.schedulesAsked(ctx, selected(ctx, "ReportSchedule"), ids)
	})
}
