package graph_test

import (
	"context"
	"strings"
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// BenchmarkRead answers the reads that clients ask for most, from the request's body to the answer's, over 20
// distributors with 100 leads each.
func BenchmarkRead(b *testing.B) {
	for engine, base := range map[string]func(testing.TB) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			h := open(b, base(b))
			admin, _ := filled(h, 20, 100)
			for name, c := range map[string]struct {
				query string
				vars  vars
			}{
				"page of 50": {`query($first: Int!) { leads(first: $first) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node {
					id status firstName lastName phone email utmSource receivedAt payout { amount currency } distributor { id companyName } } } } }`, vars{"first": 50}},
				"20 distributors with 10 leads each": {`{ distributors(first: 20) { totalCount edges { node { id companyName inn status
					leads(first: 10) { edges { node { id status firstName lastName phone email payout { amount currency } utmSource receivedAt } } } } } } }`, nil},
			} {
				b.Run(name, func(b *testing.B) {
					b.ReportAllocs()
					ctx, counter := db.CountStatements(context.Background())
					for b.Loop() {
						if got := h.askIn(ctx, admin, c.query, c.vars); strings.Contains(got.raw, `"errors"`) {
							b.Fatalf("got %s, want no errors", got.raw)
						}
					}
					b.ReportMetric(float64(counter.N())/float64(b.N), "statements/op")
				})
			}
		})
	}
}
