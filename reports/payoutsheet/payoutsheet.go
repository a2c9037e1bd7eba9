// Package payoutsheet makes the report on payouts: the statements of a period, their lines, what stands on none of them, and how
// all of it agrees with the ledger to the kopeck.
//
// Read Write first. read.go reads statements and sums, walk.go the lines, a thousand at a time; statements.go, lines.go and
// reconcile.go write the sheets. What people read stands in texts.go.
package payoutsheet

import (
	"context"
	"fmt"
	"io"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/reports/order"
	"channelbook/reports/sheet"
)

// Write writes a workbook of what the order's viewer sees. Statements of a period are those for it and for the shorter ones within
// it. Lines are all of these statements, whatever their day, and those of the period's days that stand on another one; a line on
// a statement that the viewer does not see, to a distributor's user a draft, stands on none for him, as everywhere else, so that
// what he sees adds up by itself.
//
// It is an error where the ledger of the period, the statements as they were drawn up, and the lines one by one do not come to
// the same: no report is better than one that is wrong.
func Write(ctx context.Context, o *order.Order) error {
	ctx = auth.With(ctx, o.Viewer)
	if _, err := auth.Require(ctx, auth.Admin, auth.Distributor); err != nil {
		return err
	}
	if o.Format != order.XLSX {
		return fmt.Errorf("payouts are not written as %s", o.Format)
	}
	if o.Period == nil {
		return fmt.Errorf("payouts are asked for without a period")
	}
	m := &making{Order: o, checks: map[gid.ID]*check{}, summed: map[gid.ID]*sums{}}
	m.Out = &until{ctx: ctx, to: o.Out, ask: m.tell}
	if err := m.read(ctx); err != nil {
		return err
	}
	return m.workbook(ctx)
}

// making is a workbook that is being made.
type making struct {
	*order.Order
	names      map[gid.ID]string // of the distributors that the viewer sees
	owners     []gid.ID          // in the order of their names
	statements []*ent.PayoutStatement
	others     others
	checks     map[gid.ID]*check // by statement of the period
	summed     map[gid.ID]*sums  // by distributor
	wrote      int
}

func (m *making) workbook(ctx context.Context) (err error) {
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
	for _, write := range []func(context.Context, *sheet.Book) error{m.writeStatements, m.writeLines, m.writeUnsettled, m.reconcile} {
		if err := write(ctx, book); err != nil {
			return err
		}
	}
	if _, err := book.WriteTo(m.Out); err != nil {
		return err
	}
	return m.tell()
}

// size is how many rows there will be.
func (m *making) size() int {
	n := len(m.statements) + m.others.Count + len(m.owners)
	for _, s := range m.summed {
		n += s.count
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

// about is what each sheet is about.
func (m *making) about(more ...sheet.Line) []sheet.Line {
	whose := textEverybody
	if m.DistributorID != nil || m.Viewer.Role == auth.Distributor {
		whose = textNothing
		for _, name := range m.names {
			whose = name // the only one
		}
	}
	return append([]sheet.Line{
		{Label: textPeriod, Value: m.Period.Title()}, {Label: textDistributor, Value: whose},
		{Label: textAsOf, Value: m.AsOf.In(m.TimeZone).Format("02.01.2006 15:04")},
	}, more...)
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
