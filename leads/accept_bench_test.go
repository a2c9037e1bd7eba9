package leads_test

import (
	"sync/atomic"
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/leads"
)

// BenchmarkAccept takes different leads in: one after another, from eight senders at once, and in batches of 100.
func BenchmarkAccept(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name+"/one by one", func(b *testing.B) {
			bk := newBook(b, open(b))
			bk.distributors(5)
			source := bk.source()
			for n := 0; b.Loop(); n++ {
				bk.accept(source, anna(n))
			}
		})
		b.Run(name+"/eight at once", func(b *testing.B) {
			bk := newBook(b, open(b))
			bk.distributors(5)
			source := bk.source()
			var n atomic.Int64
			b.SetParallelism(4) // for each of two cores
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, err := bk.Accept(source, anna(int(n.Add(1)))); err != nil {
						b.Error(err)
					}
				}
			})
		})
		b.Run(name+"/batches of 100", func(b *testing.B) {
			bk := newBook(b, open(b))
			bk.distributors(5)
			source := bk.source()
			n := 0
			for b.Loop() {
				batch := make([]leads.Submission, 100)
				for i := range batch {
					n++
					batch[i] = anna(n)
				}
				must(bk.AcceptBatch(source, batch))
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/lead")
		})
	}
}
