package audit_test

import (
	"fmt"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// BenchmarkRecord writes records within one transaction: one by one, as for single leads, and 100 at once, as for a batch.
func BenchmarkRecord(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		for _, n := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				k := newDesk(b, open(b))
				ctx := k.asPerson()
				acts := make([]audit.Act, n)
				k.fine(db.WithTx(k.system, k.DB, func(tx *db.Tx) error {
					for b.Loop() {
						for i := range acts {
							acts[i] = audit.Act{Action: audit.LeadReceived, Object: audit.On(gid.Lead, gid.New()), Reason: "ACCEPTED", Details: map[string]string{"distributor": "distributor_01"}}
						}
						if err := audit.Record(ctx, tx, k.clock, acts...); err != nil {
							return err
						}
					}
					return nil
				}))
				b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/record")
			})
		}
	}
}

// BenchmarkSaw records reads: by one reader after another, and by 64 at once.
func BenchmarkSaw(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		saw := func(b *testing.B, k *desk) {
			if err := k.Saw(k.asPerson(), audit.Act{Action: audit.LeadRead, Object: audit.On(gid.Lead, gid.New())}); err != nil {
				b.Error(err)
			}
		}
		b.Run(name+"/one reader", func(b *testing.B) {
			k := newDesk(b, open(b))
			for b.Loop() {
				saw(b, k)
			}
		})
		b.Run(name+"/64 readers", func(b *testing.B) {
			k := newDesk(b, open(b))
			b.SetParallelism(32) // for each of two cores
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					saw(b, k)
				}
			})
			b.ReportMetric(float64(b.N)/float64(k.Commits()), "reads/commit")
		})
	}
}

// BenchmarkSeal gives records their places, as the sealer does twice a second.
func BenchmarkSeal(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			k := newDesk(b, open(b))
			const n = 2000
			acts := make([]audit.Act, n)
			for b.Loop() {
				b.StopTimer()
				for i := range acts {
					acts[i] = audit.Act{Action: audit.LeadReceived, Object: audit.On(gid.Lead, gid.New()), Reason: "ACCEPTED"}
				}
				k.fine(db.WithTx(k.system, k.DB, func(tx *db.Tx) error { return audit.Record(k.asPerson(), tx, k.clock, acts...) }))
				b.StartTimer()
				k.Pass(k.system, time.Now())
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/record")
		})
	}
}
