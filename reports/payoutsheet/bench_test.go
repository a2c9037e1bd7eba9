package payoutsheet_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/statementline"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/reports/payoutsheet"
)

// BenchmarkPayouts makes the report of a month with so many lines, of which nine in ten stand on statements of fifty distributors.
func BenchmarkPayouts(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		for engine, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
			b.Run(fmt.Sprintf("%d/%s", n, engine), func(b *testing.B) {
				w := newWorld(b, open(b))
				w.fill(n)
				size, most := int64(0), peak()
				b.ResetTimer()
				for range b.N {
					o := w.order(viewerOf(w.admin), february)
					out := &counted{}
					done(db.Snapshot(context.Background(), w.db, func(tx *db.Tx) error {
						o.Tx, o.Out = tx, out
						return payoutsheet.Write(context.Background(), o)
					}))
					size = out.n
				}
				b.StopTimer()
				b.ReportMetric(float64(most())/1e6, "peak-MB")
				b.ReportMetric(float64(size)/1e6, "file-MB")
			})
		}
	}
}

type counted struct{ n int64 }

func (c *counted) Write(p []byte) (int, error) {
	c.n += int64(len(p))
	return len(p), nil
}

// peak watches the heap, and tells the most that it held above what it began with.
func peak() (most func() uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	begun, stop, ended := m.HeapInuse, make(chan struct{}), make(chan struct{})
	var top atomic.Uint64
	go func() {
		defer close(ended)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			top.Store(max(top.Load(), m.HeapInuse))
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-ended
		return top.Load() - min(top.Load(), begun)
	}
}

// fill writes n lines of February, and statements for nine in ten of them.
func (w *world) fill(n int) {
	const distributors, leads, atOnce = 50, 100, 2000
	var owners, ids []gid.ID
	for i := range distributors {
		owners = append(owners, w.distributor(fmt.Sprintf("Дистрибьютор %d", i), 0))
	}
	for range leads {
		ids = append(ids, w.lead(owners[0]))
	}
	day := must(calendar.ParseDate("2026-02-01"))
	statements, totals, counts := make([]gid.ID, distributors), make([]int64, distributors), make([]int, distributors)
	lines := make([]statement, n)
	for i := range lines {
		owner := i % distributors
		lines[i] = statement{owner: owner, amount: int64(i*7_919%990_001 + 10_000), settled: i%10 != 0}
		if lines[i].settled {
			totals[owner] += lines[i].amount
			counts[owner]++
		}
	}
	for i, of := range owners {
		statements[i] = gid.New()
		if counts[i] > 0 {
			must(w.db.PayoutStatement.Create().SetID(statements[i]).SetDistributorID(of).SetPeriodKind(payoutstatement.PeriodKindMONTH).SetStartsOn(&day).
				SetStatus(payoutstatement.StatusAPPROVED).SetTotal(totals[i]).SetEntryCount(counts[i]).SetDrawnUpAt(w.now).SetApprovedAt(w.now).Save(w.system))
		}
	}
	for first := 0; first < n; first += atOnce {
		entries := db.Rows{Table: ledgerentry.Table, Columns: []string{ledgerentry.FieldID, ledgerentry.FieldDistributorID, ledgerentry.FieldLeadID, ledgerentry.FieldKind,
			ledgerentry.FieldSaleNumber, ledgerentry.FieldDay, ledgerentry.FieldAmount, ledgerentry.FieldSaleAmount, ledgerentry.FieldAvailableOn, ledgerentry.FieldCorrection, ledgerentry.FieldCreatedAt}}
		on := db.Rows{Table: statementline.Table, Columns: []string{statementline.FieldStatementID, statementline.FieldEntryID}}
		for i := first; i < min(n, first+atOnce); i++ {
			id, of := gid.New(), day.AddDays(i*28/n)
			l := lines[i]
			entries.Values = append(entries.Values, []any{id, owners[l.owner], ids[i%leads], "ACCRUAL", i/leads + 1, of, l.amount, l.amount * 10, of, false, w.now})
			if l.settled {
				on.Values = append(on.Values, []any{statements[l.owner], id})
			}
		}
		done(db.WithTx(w.system, w.db, func(tx *db.Tx) error {
			if err := tx.Insert(w.system, entries); err != nil {
				return err
			}
			return tx.Insert(w.system, on)
		}))
	}
	if w.db.Dialect() == "postgres" {
		must(w.db.ExecContext(w.system, "ANALYZE"))
	}
}

type statement struct {
	owner   int
	amount  int64
	settled bool
}
