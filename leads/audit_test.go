package leads_test

import (
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// audited are the actions recorded on a lead, in their order, with who did each.
func (b *book) audited(id gid.ID) string {
	b.t.Helper()
	rows := must(b.DB.AuditRecord.Query().Where(auditrecord.ObjectID(id)).Order(ent.Asc(auditrecord.FieldID)).All(b.system))
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = r.Action + " by " + r.ActorKind.String()
	}
	return strings.Join(lines, ", ")
}

func TestEachLeadIsRecordedWithItsOutcome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		to := b.distributor("Ромашка")
		source := b.source()
		in := anna(1)
		in.IdempotencyKey = "one"
		first := b.accept(source, in)
		b.accept(source, in) // a repeat
		again := b.accept(source, anna(1))
		for id, want := range map[gid.ID][2]string{
			first.LeadID: {"ACCEPTED", `{"distributor":"` + gid.Distributor.Format(to) + `"}`}, again.LeadID: {"DUPLICATE", ""},
		} {
			rows := must(d.AuditRecord.Query().Where(auditrecord.ObjectID(id)).All(b.system))
			if len(rows) != 1 {
				t.Fatalf("got %d records of a lead, want 1", len(rows))
			}
			r := rows[0]
			details := ""
			if r.Details != nil {
				details = *r.Details
			}
			if r.Action != "LEAD_RECEIVED" || *r.Reason != want[0] || details != want[1] || r.ActorKind != "SOURCE" || *r.ActorID != sourceID(source) {
				t.Errorf("got %v, want LEAD_RECEIVED by the source: %q", r, want)
			}
		}
	})
}

func TestABatchIsRecordedInOneStatement(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		batch := make([]leads.Submission, 50)
		for i := range batch {
			batch[i] = anna(i)
		}
		ctx, counter := db.CountStatements(b.source())
		must(b.AcceptBatch(ctx, batch))
		n := 0
		for _, statement := range counter.List() {
			if strings.Contains(statement, "audit_records") {
				n++
			}
		}
		if got := must(d.AuditRecord.Query().Count(b.system)); n != 1 || got != 50 {
			t.Errorf("got %d records in %d statements, want 50 in 1", got, n)
		}
	})
}

func TestTheLifeOfALeadIsRecorded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		l := b.lead(b.source(), 1)
		must(b.Take(b.as(*l.DistributorID), l.ID))
		must(b.Decline(b.as(*l.DistributorID), leads.Decline{LeadID: l.ID, Reason: "нет"}))
		must(b.Reassign(b.admin, l.ID, ptr(b.distributor("Новые")), ""))
		want := "LEAD_RECEIVED by SOURCE, LEAD_TAKEN by USER, LEAD_DECLINED by USER, LEAD_HANDED_ON by USER, LEAD_REASSIGNED by USER, LEAD_HANDED_ON by USER"
		if got := b.audited(l.ID); got != want || len(ids) != 2 {
			t.Errorf("got %s, want %s", got, want)
		}
		if _, err := b.Take(b.as(ids[0]), l.ID); err == nil || b.audited(l.ID) != want {
			t.Errorf("refused: got %v and %s, want no record of what was not done", err, b.audited(l.ID))
		}
	})
}

func ptr[T any](v T) *T { return &v }
