package leads_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"entgo.io/ent/dialect/sql/schema"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/migrate"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/metrics"
	"channelbook/internal/metrics/metricstest"
	"channelbook/leads"
)

// counted is what m shows of the intake log, by outcome.
func counted(t *testing.T, m *metrics.Metrics) map[string]string {
	t.Helper()
	return metricstest.Samples(metricstest.Scrape(t, m), "channelbook_intake_attempts_total")
}

// series is how an outcome is written in a scrape.
func series(outcome string) string { return fmt.Sprintf("outcome=%q", outcome) }

func TestEachOutcomeOfTheLogIsCountedFromZero(t *testing.T) {
	columns := migrate.IntakeAttemptsColumns
	at := slices.IndexFunc(columns, func(c *schema.Column) bool { return c.Name == intakeattempt.FieldOutcome })
	want := map[string]string{}
	for _, outcome := range columns[at].Enums {
		want[series(outcome)] = "0"
	}
	if got := counted(t, metrics.New()); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v: the list of internal/metrics has all outcomes", got, want)
	}
}

func TestTheCountersAgreeWithTheLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b, m := newBook(t, d), metrics.New()
		b.Metrics = m.Intake
		b.distributors(2)
		source := b.source()
		must(d.ExecContext(b.system, `CREATE UNIQUE INDEX one_poison ON intake_attempts (outcome) WHERE length(raw_body_sealed) > 1000`))
		poison := func(n int) leads.Submission {
			in := anna(n)
			in.RawBody = make([]byte, 1000)
			return in
		}
		keyed, reused, unnamed := anna(3), anna(4), leads.Submission{}
		keyed.IdempotencyKey, reused.IdempotencyKey = "k3", "k3"

		for _, in := range []leads.Submission{anna(1), anna(1), keyed, keyed, reused, unnamed} {
			_, _ = b.Accept(source, in)
		}
		must(b.AcceptBatch(source, []leads.Submission{anna(1), anna(5), keyed, reused, unnamed, unnamed}))
		must(b.AcceptBatch(source, []leads.Submission{poison(6), anna(7), poison(8)})) // fails, then each is tried alone
		if _, err := b.Accept(source, poison(9)); err == nil {
			t.Fatal("the second poison was taken in")
		}
		_, _ = b.AcceptBatch(source, nil)
		stopped := b.source(func(c *ent.LeadSourceCreate) { c.SetStatus("STOPPED") })
		_, _ = b.Accept(stopped, anna(10))
		for range 201 { // the last one leaves no line
			_ = b.LogStranger(b.system, leads.Attempt{Outcome: intakeattempt.OutcomeMALFORMED, HTTPStatus: 400})
		}

		want := map[string]string{
			"ACCEPTED": "5", "DUPLICATE": "2", "REPLAYED": "2", "KEY_REUSED": "2", "INVALID": "4", "UNAUTHENTICATED": "1", "MALFORMED": "200",
			"BLACKLISTED": "0", "OVER_CAP": "0", "QUARANTINED": "0", "TOO_LARGE": "0", "UNSUPPORTED_TYPE": "0", "RATE_LIMITED": "0",
		}
		got := counted(t, m)
		for outcome, n := range want {
			if got[series(outcome)] != n {
				t.Errorf("%s: %s are counted, want %s", outcome, got[series(outcome)], n)
			}
			of := intakeattempt.OutcomeEQ(intakeattempt.Outcome(outcome))
			if lines := must(d.IntakeAttempt.Query().Where(of).Count(b.system)); fmt.Sprint(lines) != n {
				t.Errorf("%s: the log has %d lines, want %s", outcome, lines, n)
			}
		}
	})
}
