package leads_test

import (
	"testing"

	"channelbook/ent/intakeattempt"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/leads"
)

func TestBatch(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributors(2)
		source := b.source()
		keyed := anna(3)
		keyed.IdempotencyKey = "k3"
		reused := anna(4)
		reused.IdempotencyKey = "k3"
		results := must(b.AcceptBatch(source, []leads.Submission{anna(1), {FirstName: "Анна"}, anna(1), anna(2), keyed, keyed, reused}))
		want := []string{"ACCEPTED", "CONTACT_REQUIRED", "DUPLICATE", "ACCEPTED", "ACCEPTED", "REPLAYED ACCEPTED", "IDEMPOTENCY_KEY_REUSED"}
		if len(results) != len(want) {
			t.Fatalf("got %d results, want %d", len(results), len(want))
		}
		for i, r := range results {
			if got := outcome(r.Accepted, r.Err); r.Index != i || got != want[i] {
				t.Errorf("result %d has index %d and is %s, want %s", i, r.Index, got, want[i])
			}
		}
		if of := b.read(results[2].Accepted.LeadID).DuplicateOfID; of == nil || *of != results[0].Accepted.LeadID {
			t.Errorf("the second equal one is linked to %v, want the first", of)
		}
		if n := len(b.attempts()); n != len(want) {
			t.Errorf("the log has %d lines, want %d", n, len(want))
		}
	})
}

func TestABatchIsBounded(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	_, err := b.AcceptBatch(b.source(), nil)
	wantFaults(t, err, "REQUIRED leads")
	_, err = b.AcceptBatch(b.source(), make([]leads.Submission, 501))
	wantFaults(t, err, "TOO_MANY leads")
}

func TestALargeBatchIsOneTransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(5)
		batch := make([]leads.Submission, 500)
		for i := range batch {
			batch[i] = whole()
			batch[i].Phone, batch[i].Email = anna(i).Phone, ""
			batch[i].ExternalID, batch[i].IdempotencyKey = anna(i).Phone, anna(i).Phone
		}
		var got tally
		for _, r := range must(b.AcceptBatch(b.source(), batch)) {
			got.add(outcome(r.Accepted, r.Err))
		}
		got.want(t, map[string]int{"ACCEPTED": 500})
		for i, share := range b.shares(ids) {
			if share != 100 {
				t.Errorf("distributor %d has %d leads, want 100", i, share)
			}
		}
	})
}

func TestALeadThatFailsInABatchHoldsUpNoOther(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributors(2)
		source := b.source()
		must(d.ExecContext(b.system, `CREATE UNIQUE INDEX one_poison ON intake_attempts (outcome) WHERE length(raw_body_sealed) > 1000`))
		poison := func(n int) leads.Submission {
			in := anna(n)
			in.RawBody = make([]byte, 1000)
			return in
		}
		results := must(b.AcceptBatch(source, []leads.Submission{anna(1), poison(2), poison(3), anna(4)}))
		for i, wantErr := range []bool{false, false, true, false} {
			if (results[i].Err != nil) != wantErr {
				t.Errorf("result %d has error %v, want one: %v", i, results[i].Err, wantErr)
			}
		}
		if n := must(d.IntakeAttempt.Query().Where(intakeattempt.OutcomeEQ(intakeattempt.OutcomeACCEPTED)).Count(b.system)); n != 3 {
			t.Errorf("%d leads are logged as accepted, want 3", n)
		}
	})
}
