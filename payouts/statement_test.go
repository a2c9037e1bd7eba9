package payouts_test

import (
	"context"
	"strings"
	"testing"

	"channelbook/ent/auditrecord"
	"channelbook/ent/lead"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

var march, february = month("2026-03-01"), month("2026-02-01")

func (b *book) minimum(of gid.ID, kopecks int64) {
	b.t.Helper()
	done(b.DB.Distributor.UpdateOneID(of).SetPayoutMinimum(kopecks).Exec(b.system))
}

func TestAStatementTakesWhatMayBePaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of, stranger := b.distributor("Ромашка"), b.distributor("Василёк")
		first := b.sold(of, "2026-02-03", 100_00)
		last := b.sold(of, "2026-03-31", 10_00)
		april := b.sold(of, "2026-04-01", 1_00)
		theirs := b.sold(stranger, "2026-03-05", 5_00)
		done(d.Distributor.UpdateOneID(of).SetHoldingDays(30).Exec(b.system))
		held := b.sold(of, "2026-03-31", 1000_00)
		b.close(march)

		drawn := must(b.DrawUp(b.admin, of, march))
		got := b.on(drawn.ID)
		if drawn.Status != payoutstatement.StatusDRAFT || drawn.Total != 110_00 || drawn.EntryCount != 2 || drawn.Revision != 1 ||
			drawn.DrawnUpByID == nil || !drawn.DrawnUpAt.Equal(b.Now()) || len(got) != 2 || got[first] != 1 || got[last] != 1 {
			t.Errorf("got %v with the lines of %v, want a draft of 110 for what was sold up to March and may be paid", drawn, got)
		}
		t.Run("what is held or of a later day is not on it, and the other distributor's neither", func(t *testing.T) {
			for _, id := range []gid.ID{april, theirs, held} {
				if got[id] != 0 {
					t.Errorf("got the line of %s, want it left", id)
				}
			}
		})
		t.Run("drawn up anew it is the next revision, by who does it now", func(t *testing.T) {
			b.at("2026-05-01T09:00:00Z")
			again := must(b.DrawUp(b.other, of, march))
			if again.ID != drawn.ID || again.Revision != 2 || again.Total != 1110_00 || again.EntryCount != 3 || *again.DrawnUpByID == *drawn.DrawnUpByID || b.on(again.ID)[held] != 1 {
				t.Errorf("got %v, want the same statement with what may be paid by now", again)
			}
		})
		t.Run("a discarded one is gone and its lines are free", func(t *testing.T) {
			done(b.Discard(b.admin, drawn.ID))
			again := must(b.DrawUp(b.admin, of, march))
			if again.ID == drawn.ID || again.Revision != 1 || again.Total != 1110_00 {
				t.Errorf("got %v, want a statement of its own for the same lines", again)
			}
		})
		t.Run("a later period takes what no earlier one has", func(t *testing.T) {
			p := month("2026-04-01")
			b.close(p)
			if next := must(b.DrawUp(b.admin, of, p)); next.Total != 1_00 || b.on(next.ID)[april] != 1 {
				t.Errorf("got %v, want the sale of April alone", next)
			}
		})
		t.Run("each is recorded with what it is about", func(t *testing.T) {
			for action, want := range map[string]int{"STATEMENT_DRAWN_UP": 4, "STATEMENT_DISCARDED": 1} {
				records := must(d.AuditRecord.Query().Where(auditrecord.Action(action)).All(b.system))
				if len(records) != want {
					t.Errorf("got %d records of %s, want %d", len(records), action, want)
				}
				for _, r := range records {
					if r.ObjectID == nil || r.Details == nil || !strings.Contains(*r.Details, gid.Distributor.Format(of)) {
						t.Errorf("got %v, want the statement and its distributor", r)
					}
				}
			}
		})
	})
}

func TestWhatIsNotWorthAStatement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		refused := func(name string, p calendar.Period, want ...string) {
			t.Helper()
			_, err := b.DrawUp(b.admin, of, p)
			wantFaults(t, err, want...)
			if n := must(d.PayoutStatement.Query().Count(b.system)); n != 0 {
				t.Errorf("%s: got %d statements, want none", name, n)
			}
		}
		id := b.sold(of, "2026-03-10", 100_00)
		refused("an open period", march, "PERIOD_OPEN period")
		refused("no period", calendar.Period{Kind: calendar.Quarter, StartsOn: *day("2026-03-01")}, "INVALID_PERIOD period.startsOn")
		_, err := b.DrawUp(b.admin, gid.New(), march)
		wantFaults(t, err, "NOT_FOUND distributorId", "PERIOD_OPEN period")
		b.close(march)
		b.close(february)
		refused("nothing by then", february, "NOTHING_TO_PAY period")
		b.minimum(of, 100_01)
		refused("less than the least", march, "BELOW_MINIMUM period")
		b.minimum(of, 100_00)
		must(b.ReverseSale(b.admin, id, "возврат"))
		b.close(month("2026-04-01"))
		refused("nothing in the end", month("2026-04-01"), "NOTHING_TO_PAY period")
		_, err = b.DrawUp(b.as(of), of, march)
		wantFaults(t, err, "FORBIDDEN")
		refused("what was reversed since", march, "NOTHING_TO_PAY period")
	})
}

func TestALessSumIsCarriedOver(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		b.minimum(of, 100_00)
		b.sold(of, "2026-02-10", 60_00)
		b.sold(of, "2026-03-10", 60_00)
		b.close(february)
		b.close(march)
		_, err := b.DrawUp(b.admin, of, february)
		wantFaults(t, err, "BELOW_MINIMUM period")
		if got := must(b.DrawUp(b.admin, of, march)); got.Total != 120_00 {
			t.Errorf("got %v, want both sums", got)
		}
	})
}

func TestAStatementIsApprovedByAnotherAdministrator(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		b.sold(of, "2026-03-10", 100_00)
		b.close(march)
		drawn := must(b.DrawUp(b.admin, of, march))
		_, err := b.Approve(b.admin, drawn.ID, nil)
		wantFaults(t, err, "SAME_ADMINISTRATOR id")
		stale := 2
		b.reopen(march)
		_, err = b.Approve(b.admin, drawn.ID, &stale)
		wantFaults(t, err, "SAME_ADMINISTRATOR id", "STALE revision", "PERIOD_OPEN id")
		_, err = b.Approve(b.other, drawn.ID, nil)
		wantFaults(t, err, "PERIOD_OPEN id")
		b.close(march)
		for _, who := range []context.Context{b.as(of), context.Background()} {
			if _, err := b.Approve(who, drawn.ID, nil); err == nil {
				t.Error("got it approved by somebody who is no administrator")
			}
		}
		_, err = b.Approve(b.other, gid.New(), nil)
		wantFaults(t, err, "NOT_FOUND id")
		approved := must(b.Approve(b.other, drawn.ID, &drawn.Revision))
		if approved.Status != payoutstatement.StatusAPPROVED || approved.ApprovedByID == nil || *approved.ApprovedByID == *drawn.DrawnUpByID || approved.ApprovedAt == nil {
			t.Errorf("got %v, want it approved by the other one", approved)
		}
		_, err = b.Approve(b.other, drawn.ID, nil)
		wantFaults(t, err, "STATEMENT_STATUS id")
		wantFaults(t, b.Discard(b.admin, drawn.ID), "STATEMENT_STATUS id")
		_, err = b.DrawUp(b.admin, of, march)
		wantFaults(t, err, "STATEMENT_EXISTS period")
	})
}

func TestTheOnlyAdministratorApprovesAlone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		b.as(of) // a distributor's user is no administrator
		b.sold(of, "2026-03-10", 100_00)
		b.close(march)
		drawn := must(b.DrawUp(b.admin, of, march))
		v, _ := auth.From(b.other)
		must(d.User.Update().Where(user.ID(v.UserID)).SetDisabledAt(b.Now()).Save(b.system))
		if got := must(b.Approve(b.admin, drawn.ID, nil)); *got.ApprovedByID != *got.DrawnUpByID {
			t.Errorf("got %v, want it approved by the only one there is", got)
		}
	})
}

func TestAPaidStatementSaysWhenAndHow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		id := b.sold(of, "2026-03-10", 100_00)
		b.close(march)
		drawn := must(b.DrawUp(b.admin, of, march))
		_, err := b.MarkPaid(b.admin, drawn.ID, day("2026-04-11"), strings.Repeat("ы", 256)+"\x00")
		wantFaults(t, err, "STATEMENT_STATUS id", "IN_FUTURE paidOn", "TOO_LONG reference", "INVALID_CHARACTERS reference")
		must(b.Approve(b.other, drawn.ID, nil))
		_, err = b.MarkPaid(b.admin, drawn.ID, day("2026-02-28"), "")
		wantFaults(t, err, "BEFORE_PERIOD_END paidOn")
		_, err = b.MarkPaid(b.as(of), drawn.ID, nil, "")
		wantFaults(t, err, "FORBIDDEN")
		b.reopen(march) // what is approved is paid all the same
		paid := must(b.MarkPaid(b.admin, drawn.ID, nil, " Поручение 17 "))
		if paid.Status != payoutstatement.StatusPAID || paid.PaidOn.String() != "2026-04-10" || paid.PaymentReference != "Поручение 17" || paid.PaidAt == nil || paid.PaidByID == nil {
			t.Errorf("got %v, want it paid today", paid)
		}
		_, err = b.MarkPaid(b.admin, drawn.ID, nil, "")
		wantFaults(t, err, "STATEMENT_STATUS id")
		t.Run("a reversal after that is taken off the next one", func(t *testing.T) {
			must(b.ReverseSale(b.admin, id, "возврат"))
			b.sold(of, "2026-04-05", 130_00)
			b.close(month("2026-04-01"))
			if next := must(b.DrawUp(b.admin, of, month("2026-04-01"))); next.Total != 30_00 || next.EntryCount != 2 {
				t.Errorf("got %v, want what is owed beyond what was paid too much", next)
			}
			if again := must(d.PayoutStatement.Get(b.system, paid.ID)); again.Total != 100_00 || b.on(paid.ID)[id] != 1 {
				t.Errorf("got %v, want what was paid as it was", again)
			}
		})
	})
}

// TestNobodyIsPaidForASaleThatIsKnownToBeReversed: by the day a reversal is of a later period, and yet it is taken along.
func TestNobodyIsPaidForASaleThatIsKnownToBeReversed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		b.sold(of, "2026-03-10", 100_00)
		before, since := b.sold(of, "2026-03-11", 10_00), b.sold(of, "2026-03-12", 1_00)
		b.close(march)
		b.at("2026-04-05T09:00:00Z")
		must(b.ReverseSale(b.admin, before, "возврат"))
		drawn := must(b.DrawUp(b.admin, of, march))
		if drawn.Total != 101_00 || drawn.EntryCount != 4 {
			t.Fatalf("got %v, want 101 of four lines: the reversed sale and its reversal cancel out", drawn)
		}
		must(b.ReverseSale(b.admin, since, "возврат"))
		_, err := b.Approve(b.other, drawn.ID, nil)
		wantFaults(t, err, "SALE_REVERSED id")
		again := must(b.DrawUp(b.admin, of, march))
		if again.Total != 100_00 || again.EntryCount != 5 {
			t.Errorf("got %v, want 100 of five lines", again)
		}
		must(b.Approve(b.other, drawn.ID, &again.Revision))
	})
}

// TestASaleOfTheReleaseBeforeIsReversed: an instance of that release registered it without a line.
func TestASaleOfTheReleaseBeforeIsReversed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		of := b.distributor("Ромашка")
		id := b.lead(of)
		day := march.StartsOn
		done(d.Lead.UpdateOneID(id).SetStatus(lead.StatusSALE).SetSoldOn(&day).SetPayout(7_00).SetClosedAt(b.Now()).Exec(b.system))
		must(b.ReverseSale(b.admin, id, "возврат"))
		var sum int64
		lines := b.ledger(id)
		for _, l := range lines {
			sum += l.Amount
		}
		if len(lines) != 2 || sum != 0 {
			t.Errorf("got %d lines that come to %d, want the sale's and its reversal's", len(lines), sum)
		}
	})
}
