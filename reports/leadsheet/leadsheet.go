// Package leadsheet makes the report on leads: a workbook with a summary and a row for each lead, or the rows as CSV.
//
// Read Maker.Write first. columns.go says what stands in a row and who sees it, read.go walks the leads, summary.go counts them
// and overview.go shows what was counted, conditions.go tells what was asked for. What people read stands in texts.go.
package leadsheet

import (
	"context"
	"fmt"
	"io"

	"channelbook/internal/auth"
	"channelbook/leads"
	"channelbook/reports/order"
	"channelbook/reports/sheet"
)

// Maker makes the report.
type Maker struct {
	Eyes leads.Eyes // how contacts are opened, and masked for who may not see them yet

	rowsPerSheet int // 0: as many as a sheet may have
}

// Write writes the leads that the order's viewer sees and its filter finds, as they came in, each as that viewer sees it. It
// reads by the order's transaction alone, a thousand leads at a time, and ends soon where ctx does. Faults: those of leads.Filter.
func (m *Maker) Write(ctx context.Context, o *order.Order) error {
	ctx = auth.With(ctx, o.Viewer)
	if _, err := auth.Require(ctx, auth.Admin, auth.Distributor); err != nil {
		return err
	}
	asked, err := o.Leads(o.TimeZone)
	if err != nil {
		return err
	}
	where, err := asked.Where(o.Viewer, m.Eyes)
	if err != nil {
		return err
	}
	w := &making{Order: o, eyes: m.Eyes, filter: asked, where: where, columns: columnsFor(o.Viewer), rowsPerSheet: m.rowsPerSheet}
	w.Out = until{ctx, o.Out}
	if err := w.lookUp(ctx); err != nil {
		return err
	}
	switch o.Format {
	case order.XLSX:
		return w.workbook(ctx)
	case order.CSV:
		return w.csv(ctx)
	}
	return fmt.Errorf("leads are not written as %s", o.Format)
}

// until is a writer that refuses once a context has ended.
type until struct {
	ctx context.Context
	to  io.Writer
}

func (u until) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.to.Write(p)
}

// workbook writes the summary and the leads.
func (w *making) workbook(ctx context.Context) (err error) {
	summed, err := w.summarize(ctx)
	if err != nil {
		return err
	}
	w.expect(summed.rows())
	book := sheet.New(w.TimeZone)
	defer func() {
		if e := book.Close(); err == nil {
			err = e
		}
	}()
	if w.rowsPerSheet > 0 {
		book.RowsPerSheet(w.rowsPerSheet)
	}
	if err := book.Describe(textTitle, w.AsOf); err != nil {
		return err
	}
	if err := w.overview(book, summed); err != nil {
		return err
	}
	table, err := book.Table(textLeads, textTitle, w.briefly(), sheetColumns(w.columns))
	if err != nil {
		return err
	}
	if err := w.rows(ctx, table.Add); err != nil {
		return err
	}
	if err := table.Close(); err != nil {
		return err
	}
	_, err = book.WriteTo(&asking{to: w.Out, ask: func() error { return w.wrote(summed.rows()) }})
	return err
}

// asking is a writer that asks now and then whether what is written is still wanted: a long workbook takes a while to pack.
type asking struct {
	to   io.Writer
	ask  func() error
	left int // bytes until it asks again
}

const askEvery = 4 << 20

func (a *asking) Write(p []byte) (int, error) {
	if a.left -= len(p); a.left < 0 {
		a.left = askEvery
		if err := a.ask(); err != nil {
			return 0, err
		}
	}
	return a.to.Write(p)
}

// csv writes the leads alone.
func (w *making) csv(ctx context.Context) error {
	n, err := w.count(ctx)
	if err != nil {
		return err
	}
	w.expect(n)
	file, err := sheet.NewCSV(w.Out, w.TimeZone, sheetColumns(w.columns))
	if err != nil {
		return err
	}
	if err := w.rows(ctx, file.Add); err != nil {
		return err
	}
	return file.Close()
}

func (w *making) wrote(rows int) error {
	if w.Wrote == nil {
		return nil
	}
	return w.Wrote(rows)
}

func (w *making) expect(rows int) {
	if w.Expect != nil {
		w.Expect(rows)
	}
}
