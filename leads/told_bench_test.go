package leads_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/leads/watch"
	"channelbook/notify"
)

// BenchmarkAcceptAndTell takes different leads in, from eight senders at once, while notices and changes get their places and
// come into feeds as on a server. BenchmarkAccept is without.
func BenchmarkAcceptAndTell(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			bk := newBook(b, open(b))
			for _, id := range bk.distributors(5) {
				bk.user(&id)
			}
			source := bk.source()
			ctx, cancel := context.WithCancel(context.Background())
			var running sync.WaitGroup
			running.Go(func() { (&notify.Service{DB: bk.DB, Now: bk.Now, Log: bk.Log}).Run(ctx) })
			running.Go(func() { (&watch.Service{DB: bk.DB, Log: bk.Log}).Run(ctx) })
			b.Cleanup(func() { cancel(); running.Wait() })
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
	}
}
