package insight_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads/insight"
)

// sold is a lead that ended in a sale of a day.
func (s *stock) sold(source gid.ID, at, on string, payout int64, amount *int64, with ...func(*ent.LeadCreate)) {
	s.t.Helper()
	s.lead(source, at, append(with, func(c *ent.LeadCreate) {
		c.SetStatus(lead.StatusSALE).SetSoldOn(ptr(day(s.t, on))).SetPayout(payout).SetNillableSaleAmount(amount)
	})...)
}

// attempt is a line of the intake log.
func (s *stock) attempt(source *gid.ID, at string, outcome intakeattempt.Outcome, codes ...string) {
	s.t.Helper()
	s.DB.IntakeAttempt.Create().SetReceivedAt(instant(s.t, at)).SetNillableSourceID(source).SetOutcome(outcome).SetHTTPStatus(422).
		SetRemoteAddress("203.0.113.7").SetRequestID("r").SetErrorCodes(codes).ExecX(s.system)
}

func (s *stock) quality(span insight.Span) []insight.SourceDay {
	s.t.Helper()
	days, err := s.Quality(s.admin, span)
	if err != nil {
		s.t.Fatal(err)
	}
	return days
}

func (s *stock) span(from, to string, sources ...gid.ID) insight.Span {
	return insight.Span{Sources: sources, From: day(s.t, from), To: day(s.t, to)}
}

const (
	duplicate   = lead.OutcomeDUPLICATE
	blacklisted = lead.OutcomeBLACKLISTED
)

func TestQuality(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		one, two := s.source("one"), s.source("two")
		s.lead(one, yesterday)
		s.lead(one, today)
		s.lead(one, today, test)
		s.lead(one, today, came(duplicate, lead.StatusDUPLICATE))
		s.lead(one, today, came(duplicate, lead.StatusNEW)) // let in since
		s.lead(one, today, came(blacklisted, lead.StatusBLOCKED))
		s.lead(one, today, came(lead.OutcomeQUARANTINED, lead.StatusQUARANTINED))
		s.lead(one, today, came(lead.OutcomeOVER_CAP, lead.StatusOVER_CAP))
		s.lead(one, "2026-03-01T13:59:59.999999Z", came(lead.OutcomeOVER_CAP, lead.StatusOVER_CAP)) // the last instant of the day
		s.lead(one, "2026-03-01T14:00:00Z")                                                         // beyond
		s.lead(two, today)
		s.attempt(&one, today, intakeattempt.OutcomeINVALID, "INVALID_PHONE phone", "REQUIRED firstName", "REQUIRED firstName")
		s.attempt(&one, "2026-02-28T15:00:00Z", intakeattempt.OutcomeINVALID, "INVALID_PHONE phone")
		s.attempt(&one, today, intakeattempt.OutcomeINVALID, "TOO_MANY")
		s.attempt(&one, yesterday, intakeattempt.OutcomeINVALID)
		s.attempt(&one, today, intakeattempt.OutcomeMALFORMED, "MALFORMED")
		s.attempt(nil, today, intakeattempt.OutcomeINVALID, "INVALID_PHONE phone")
		s.sold(one, "2025-06-01T00:00:00Z", "2026-02-28", 100_50, ptr(int64(1_000_00)))
		s.sold(one, "2025-06-01T00:00:00Z", "2026-02-28", 50, nil)
		s.sold(one, "2025-06-01T00:00:00Z", "2026-02-28", 7_00, nil, test)
		s.sold(one, "2025-06-01T00:00:00Z", "2026-03-02", 7_00, nil)                                                         // beyond
		s.lead(one, "2025-06-01T00:00:00Z", func(c *ent.LeadCreate) { c.SetSoldOn(ptr(day(t, "2026-02-28"))).SetPayout(9) }) // no sale any more

		want := []insight.SourceDay{
			{Source: one, Day: day(t, "2026-02-28"), Accepted: 1, Invalid: 1, Faults: []insight.InvalidCount{}, Sales: 2, Payout: 101_00, Revenue: 1_000_00},
			{Source: one, Day: day(t, "2026-03-01"), Accepted: 1, Duplicate: 2, Blacklisted: 1, Quarantined: 1, OverCap: 2, Invalid: 3,
				Faults: []insight.InvalidCount{{"INVALID_PHONE", "phone", 2}, {"REQUIRED", "firstName", 1}, {"TOO_MANY", "", 1}}},
			{Source: two, Day: day(t, "2026-03-01"), Accepted: 1, Faults: []insight.InvalidCount{}},
		}
		if got := s.quality(s.span("2026-02-28", "2026-03-02")); !reflect.DeepEqual(got, want) {
			t.Errorf("got\n%+v, want\n%+v", got, want)
		}
		if got := s.quality(s.span("2026-02-28", "2026-03-02", one)); !reflect.DeepEqual(got, want[:2]) {
			t.Errorf("of one source: got\n%+v, want\n%+v", got, want[:2])
		}
		if got := s.quality(s.span("2026-02-28", "2026-03-01", two)); len(got) != 0 {
			t.Errorf("of a source that sent nothing: got %+v, want nothing", got)
		}
		for name, span := range map[string]insight.Span{
			"an empty range":    s.span("2026-03-01", "2026-03-01"),
			"a reversed range":  s.span("2026-03-01", "2026-02-01"),
			"an unknown source": s.span("2026-02-28", "2026-03-02", gid.New()),
			"before all":        s.span("2024-02-28", "2024-03-02"),
		} {
			if got := s.quality(span); got == nil || len(got) != 0 {
				t.Errorf("%s: got %+v, want an empty list", name, got)
			}
		}
	})
}

func TestQualityAtTheEndsOfMonths(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		one := s.source("one")
		for _, at := range []string{"2023-12-31T13:59:59Z", "2023-12-31T14:00:00Z", "2024-02-28T14:00:00Z", "2024-02-29T13:59:59Z", "2024-02-29T14:00:00Z"} {
			s.lead(one, at)
		}
		var got []string
		for _, d := range s.quality(s.span("2023-12-01", "2024-03-02")) { // 92 days
			got = append(got, fmt.Sprintf("%s %d", d.Day, d.Accepted))
		}
		if want := "2023-12-31 1, 2024-01-01 1, 2024-02-29 2, 2024-03-01 1"; strings.Join(got, ", ") != want {
			t.Errorf("got %v, want %s", got, want)
		}
	})
}

// TestFaultsOfAnythingAreFew: a source may name fields as it likes.
func TestFaultsOfAnythingAreFew(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		one := s.source("one")
		codes := []string{"INVALID_PHONE phone"}
		for i := range 60 {
			codes = append(codes, fmt.Sprintf("UNKNOWN_FIELD f%02d", i))
		}
		s.attempt(&one, today, intakeattempt.OutcomeINVALID, codes...)
		s.attempt(&one, today, intakeattempt.OutcomeINVALID, "UNKNOWN_FIELD f59")
		got := s.quality(s.span("2026-03-01", "2026-03-02"))
		if len(got) != 1 || got[0].Invalid != 2 || len(got[0].Faults) != 50 || got[0].Faults[0] != (insight.InvalidCount{Code: "UNKNOWN_FIELD", Field: "f59", Count: 2}) {
			t.Errorf("got %+v, want 2 invalid submissions and 50 faults, the most frequent first", got)
		}
	})
}

func TestQualityRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		_, err := s.Quality(s.admin, s.span("2026-01-01", "2026-04-04"))
		wantFaults(t, err, "DATE_RANGE_TOO_LONG to")
		_, err = s.Refused(s.admin, s.span("2026-01-01", "2026-04-04"), nil)
		wantFaults(t, err, "DATE_RANGE_TOO_LONG to")
		for _, ctx := range []context.Context{context.Background(), s.as(s.distributor("Наши"))} {
			_, err1 := s.Quality(ctx, s.span("2026-01-01", "2026-01-02"))
			_, err2 := s.Refused(ctx, s.span("2026-01-01", "2026-01-02"), nil)
			for _, err := range []error{err1, err2} {
				if !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Forbidden) {
					t.Errorf("got %v, want a refusal", err)
				}
			}
		}
	})
}

func TestAThousandRowsAreTold(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		span := s.span("2026-01-01", "2026-04-02") // 91 days
		for i := range 11 {
			source := s.source(fmt.Sprint(i))
			for d := span.From; span.To.After(d) && (i < 10 || d != day(t, "2026-04-01")); d = d.AddDays(1) {
				s.sold(source, today, d.String(), 1, nil)
			}
		}
		if got := s.quality(span); len(got) != 1000 {
			t.Errorf("got %d rows, want 1000", len(got))
		}
		s.sold(s.source("one more"), today, "2026-01-01", 1, nil)
		_, err := s.Quality(s.admin, span)
		wantFaults(t, err, "TOO_MANY_ROWS to")
	})
}
