package imports_test

import (
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// BenchmarkImport brings 10 000 leads in: the check, and the job.
func BenchmarkImport(b *testing.B) {
	const rows = 10_000
	file := many(rows)
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				desk := newDesk(b, open(b))
				b.StartTimer()
				if got := desk.bring(file); got.Outcomes["ACCEPTED"] != rows {
					b.Fatalf("got %v", got.Outcomes)
				}
			}
			b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
