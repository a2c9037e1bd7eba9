package payouts_test

import (
	"testing"

	"channelbook/ent/payoutstatement"
	"channelbook/ent/statementline"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/payouts"
)

// agrees checks that a statement is what its lines come to, and its lines are on no other.
func (b *book) agrees(id gid.ID) {
	b.t.Helper()
	s := must(b.DB.PayoutStatement.Get(b.system, id))
	var sum int64
	lines := must(b.DB.StatementLine.Query().Where(statementline.StatementID(id)).WithEntry().All(b.system))
	for _, l := range lines {
		sum += l.Edges.Entry.Amount
	}
	if sum != s.Total || len(lines) != s.EntryCount {
		b.t.Errorf("got %v with %d lines of %d, want it to agree with them", s, len(lines), sum)
	}
}

// raced is a book with two instances, and a statement for each round.
func raced(t *testing.T, d *db.DB) (*book, []*payouts.Service) {
	b := newBook(t, d)
	return b, []*payouts.Service{b.Service, service(t, dbtest.Second(t, d), b.Now)}
}

const rounds, each = 5, 8

func (b *book) draft() gid.ID {
	b.t.Helper()
	of := b.distributor("Ромашка")
	b.sold(of, "2026-03-10", 100_00)
	b.sold(of, "2026-02-10", 10_00)
	return must(b.DrawUp(b.admin, of, march)).ID
}

func TestAStatementDrawnUpByManyIsOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, instances := raced(t, d)
		periods := []calendar.Period{march, february}
		b.close(march)
		b.close(february)
		var got tally
		for range rounds {
			of := b.distributor("Ромашка")
			b.sold(of, "2026-02-10", 10_00)
			b.sold(of, "2026-03-10", 100_00)
			atOnce(each, func(i int) {
				_, err := instances[i%2].DrawUp(b.admin, of, march)
				got.add(err)
			})
			s := must(d.PayoutStatement.Query().Where(payoutstatement.DistributorID(of)).Only(b.system))
			if s.Revision != each || s.Total != 110_00 {
				t.Errorf("got %v, want the revision %d of one statement", s, each)
			}
			b.agrees(s.ID)
		}
		got.want(t, map[string]int{"done": rounds * each})
		t.Run("for two periods at once no line is on both", func(t *testing.T) {
			for range rounds {
				of := b.distributor("Ромашка")
				b.sold(of, "2026-02-10", 10_00)
				b.sold(of, "2026-03-10", 100_00)
				var got tally
				atOnce(each, func(i int) {
					_, err := instances[i%2].DrawUp(b.admin, of, periods[i/2%2])
					got.add(err)
				})
				if got.count["done"]+got.count["NOTHING_TO_PAY"] != each {
					t.Errorf("got %v, want each drawn up or left with nothing to pay", got.count)
				}
				var total int64
				for _, s := range must(d.PayoutStatement.Query().Where(payoutstatement.DistributorID(of)).All(b.system)) {
					b.agrees(s.ID)
					total += s.Total
				}
				if total != 110_00 {
					t.Errorf("got statements of %d in all, want 11000", total)
				}
			}
		})
	})
}

func TestAStatementIsApprovedAndPaidOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, instances := raced(t, d)
		b.close(march)
		var approved, paid tally
		for range rounds {
			id := b.draft()
			atOnce(each, func(i int) { _, err := instances[i%2].Approve(b.other, id, nil); approved.add(err) })
			atOnce(each, func(i int) { _, err := instances[i%2].MarkPaid(b.admin, id, nil, ""); paid.add(err) })
		}
		want := map[string]int{"done": rounds, "STATEMENT_STATUS": rounds * (each - 1)}
		approved.want(t, want)
		paid.want(t, want)
	})
}

func TestWhatIsApprovedIsWhatWasRead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, instances := raced(t, d)
		b.close(march)
		for range 2 * rounds {
			id := b.draft()
			read := must(d.PayoutStatement.Get(b.system, id))
			b.sold(read.DistributorID, "2026-01-10", 1_00)
			var approved tally
			atOnce(each, func(i int) {
				switch i % 4 {
				case 0, 1:
					_, err := instances[i/4%2].Approve(b.other, id, &read.Revision)
					approved.add(err)
				case 2:
					_, _ = instances[i/4%2].DrawUp(b.admin, read.DistributorID, march)
				case 3:
					_, _ = instances[i/4%2].MarkPaid(b.admin, id, nil, "")
				}
			})
			s := must(d.PayoutStatement.Get(b.system, id))
			b.agrees(id)
			was := approved.count["done"]
			if (s.Status == payoutstatement.StatusDRAFT) != (was == 0) || was == 1 && (s.Revision != read.Revision || s.Total != read.Total) || was > 1 {
				t.Errorf("approved %v, got %v, want the revision that was read or none", approved.count, s)
			}
		}
	})
}

func TestADraftIsDiscardedOrStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, instances := raced(t, d)
		b.close(march)
		for range rounds {
			id := b.draft()
			of := must(d.PayoutStatement.Get(b.system, id)).DistributorID
			atOnce(each, func(i int) {
				switch i % 4 {
				case 0:
					_ = instances[i/4%2].Discard(b.admin, id)
				case 1:
					_, _ = instances[i/4%2].Approve(b.other, id, nil)
				default:
					_, _ = instances[i/2%2].DrawUp(b.admin, of, march)
				}
			})
			all := must(d.PayoutStatement.Query().Where(payoutstatement.DistributorID(of)).All(b.system))
			if len(all) > 1 {
				t.Errorf("got %v, want one at most", all)
			}
			for _, s := range all {
				b.agrees(s.ID)
			}
		}
	})
}
