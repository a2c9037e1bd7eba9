// Package planfact makes the report on plan and fact: what distributors were to achieve in each month, and what they did.
//
// Read Write first. read.go reads goals and facts, overview.go shows what they come to with charts, matrix.go is distributors by
// months for each metric, list.go a row for each goal. What people read stands in texts.go.
package planfact

import (
	"context"
	"fmt"
	"io"

	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/reports/order"
	"channelbook/reports/sheet"
)

// Write writes a workbook of the months that the order's days touch: goals of months, those of quarters and years are no part of
// it, and what was achieved, as frozen where a month is closed, else as it stands. A distributor takes part that has a goal or
// has achieved anything; the one that was asked for, and that of a distributor's user, always does. Sums hold who takes part, so
// to a distributor's user they are its own. What stands where is goals' own rule.
func Write(ctx context.Context, o *order.Order) error {
	ctx = auth.With(ctx, o.Viewer)
	if _, err := auth.Require(ctx, auth.Admin, auth.Distributor); err != nil {
		return err
	}
	if o.Format != order.XLSX {
		return fmt.Errorf("plan and fact are not written as %s", o.Format)
	}
	if o.From == nil || o.To == nil || !o.To.After(*o.From) {
		return fmt.Errorf("plan and fact are asked for without days")
	}
	m := &making{Order: o, today: calendar.DateOf(o.AsOf, o.TimeZone)}
	m.Out = &until{ctx: ctx, to: o.Out, ask: m.tell}
	if err := m.read(ctx); err != nil {
		return err
	}
	return m.workbook()
}

// making is a workbook that is being made.
type making struct {
	*order.Order
	today  calendar.Date
	months []calendar.Period
	rows   []row
	whose  string // the distributor that was asked for; empty: all
	wrote  int
}

func (m *making) workbook() (err error) {
	if m.Expect != nil {
		m.Expect(m.size())
	}
	book := sheet.New(m.TimeZone)
	defer func() {
		if e := book.Close(); err == nil {
			err = e
		}
	}()
	if err := book.Describe(textTitle, m.AsOf); err != nil {
		return err
	}
	if err := m.overview(book); err != nil {
		return err
	}
	for i := range metrics {
		if err := m.matrix(book, i); err != nil {
			return err
		}
	}
	if err := m.list(book); err != nil {
		return err
	}
	if _, err := book.WriteTo(m.Out); err != nil {
		return err
	}
	return m.tell()
}

// size is how many rows there will be.
func (m *making) size() (n int) {
	n = len(m.rows) * len(metrics) * len(measures)
	for _, r := range m.rows {
		for i := range metrics {
			for _, c := range r.cells[i] {
				if c.tells() {
					n++
				}
			}
		}
	}
	return n
}

const often = 1000

// count counts a row, and tells of each thousand.
func (m *making) count() error {
	m.wrote++
	if m.wrote%often == 0 {
		return m.tell()
	}
	return nil
}

// tell tells how many rows are written, and thereby asks whether they are still wanted.
func (m *making) tell() error {
	if m.Wrote == nil {
		return nil
	}
	return m.Wrote(m.wrote)
}

// until is a writer that refuses once a context has ended, and asks now and then whether what is written is still wanted: a long
// workbook takes a while to pack.
type until struct {
	ctx  context.Context
	to   io.Writer
	ask  func() error
	left int // bytes until it asks again
}

const askEvery = 4 << 20

func (u *until) Write(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	if u.left -= len(p); u.left < 0 {
		u.left = askEvery
		if err := u.ask(); err != nil {
			return 0, err
		}
	}
	return u.to.Write(p)
}
