package planfact_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/goal"
	"channelbook/ent/ledgerentry"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/reports/planfact"
)

// BenchmarkPlanAndFact makes the report of a year of 500 distributors with goals of all metrics and a sale in each month.
func BenchmarkPlanAndFact(b *testing.B) {
	for engine, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			w := newWorld(b, open(b))
			w.fill(500)
			w.at("2026-11-11T09:00:00Z")
			size, most := int64(0), peak()
			b.ResetTimer()
			for range b.N {
				o := w.year()
				out := &counted{}
				if err := db.Snapshot(context.Background(), w.db, func(tx *db.Tx) error {
					o.Tx, o.Out = tx, out
					return planfact.Write(context.Background(), o)
				}); err != nil {
					b.Fatal(err)
				}
				size = out.n
			}
			b.StopTimer()
			b.ReportMetric(float64(most())/1e6, "peak-MB")
			b.ReportMetric(float64(size)/1e6, "file-MB")
		})
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

// fill writes goals and sales of a year.
func (w *world) fill(distributors int) {
	lead := w.lead(w.roma)
	in := month("2026-01")
	for m := range 12 {
		plans := db.Rows{Table: goal.Table, Columns: []string{goal.FieldID, goal.FieldDistributorID, goal.FieldPeriodKind, goal.FieldStartsOn, goal.FieldMetric, goal.FieldTarget, goal.FieldCreatedAt, goal.FieldUpdatedAt}}
		sales := db.Rows{Table: ledgerentry.Table, Columns: []string{ledgerentry.FieldID, ledgerentry.FieldDistributorID, ledgerentry.FieldLeadID, ledgerentry.FieldKind,
			ledgerentry.FieldSaleNumber, ledgerentry.FieldDay, ledgerentry.FieldAmount, ledgerentry.FieldSaleAmount, ledgerentry.FieldAvailableOn, ledgerentry.FieldCorrection, ledgerentry.FieldCreatedAt}}
		for i := range distributors {
			if m == 0 {
				w.many = append(w.many, w.distributor(fmt.Sprintf("Дистрибьютор %03d", i+1)))
			}
			of := w.many[i]
			for k, metric := range []goal.Metric{goal.MetricPAYOUT, goal.MetricREVENUE, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT} {
				target := []int64{50_000_00, 900_000_00, 1, 2}[k]
				plans.Values = append(plans.Values, []any{gid.New(), of, "MONTH", in.StartsOn, string(metric), target, w.now, w.now})
			}
			paid := int64((i*1_237_919+m*3_104_729)%6_000_000 + 2_000_000)
			sales.Values = append(sales.Values, []any{gid.New(), of, lead, "ACCRUAL", m*distributors + i + 1, in.StartsOn.AddDays(i % 28), paid, paid * 18, in.StartsOn, false, w.now})
		}
		if err := db.WithTx(w.system, w.db, func(tx *db.Tx) error { return tx.Insert(w.system, plans, sales) }); err != nil {
			w.t.Fatal(err)
		}
		in = in.Next()
	}
	if w.db.Dialect() == "postgres" {
		must(w.db.ExecContext(w.system, "ANALYZE"))
	}
}

// date is a day that is known to be one.
func date(text string) *calendar.Date {
	d := must(calendar.ParseDate(text))
	return &d
}
