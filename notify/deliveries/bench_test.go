package deliveries_test

import (
	"fmt"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/notify"
	"channelbook/notify/preferences"
)

// BenchmarkPlan gives a notice for 200 persons its place, which makes a notification for each; and plans a message for each besides,
// with its job, where e-mail is set up.
func BenchmarkPlan(b *testing.B) {
	for engine, base := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		for name, silence := range map[string]bool{"feeds alone": true, "and messages": false} {
			b.Run(engine+"/"+name, func(b *testing.B) {
				p := newPlanning(b, base(b))
				for i := range 200 {
					p.person(fmt.Sprint("person", i))
					none := 0
					p.wants(fmt.Sprint("person", i), preferences.Change{DigestMinutes: &none})
				}
				if silence {
					p.Senders = nil
				}
				for b.Loop() {
					p.at = p.at.Add(time.Minute)
					n := notify.Notice{Event: notify.Message("a", "b", ""), To: everyone}
					if err := db.WithTx(p.system, p.DB, func(tx *db.Tx) error { return notify.Tell(p.system, tx, p.at, n) }); err != nil {
						b.Fatal(err)
					}
					if _, err := p.notify.Settle(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
