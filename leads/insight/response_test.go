package insight_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/insight"
)

// worked is a lead that was taken and closed, each some time after the step before; 0 for not yet.
func (s *stock) worked(source gid.ID, at string, untilTaken, untilClosed time.Duration, with ...func(*ent.LeadCreate)) {
	s.t.Helper()
	s.lead(source, at, append(with, func(c *ent.LeadCreate) {
		taken := instant(s.t, at).Add(untilTaken)
		if untilTaken > 0 {
			c.SetTakenAt(taken).SetStatus(lead.StatusIN_PROGRESS)
		}
		if untilClosed > 0 {
			c.SetClosedAt(taken.Add(untilClosed)).SetStatus(lead.StatusREJECTED)
		}
	})...)
}

func shown(d insight.Durations) string {
	if d.Median == nil || d.P90 == nil {
		return fmt.Sprintf("%d, %v, %v", d.Count, d.Median, d.P90)
	}
	return fmt.Sprintf("%d: %d %d", d.Count, *d.Median, *d.P90)
}

func (s *stock) wantTimes(t *testing.T, ctx context.Context, f leads.Filter, taken, closed string) {
	t.Helper()
	got, err := s.Responses(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	if shown(got.UntilTaken) != taken || shown(got.UntilClosed) != closed {
		t.Errorf("got %s and %s, want %s and %s", shown(got.UntilTaken), shown(got.UntilClosed), taken, closed)
	}
}

const none = "0, <nil>, <nil>"

func TestResponses(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		source := s.source("site")
		s.wantTimes(t, s.admin, leads.Filter{}, none, none)

		s.worked(source, today, 0, 0)
		s.worked(source, today, 0, time.Hour) // closed, and nobody took it
		s.wantTimes(t, s.admin, leads.Filter{}, none, none)

		s.worked(source, today, 10*time.Second, 0)
		s.wantTimes(t, s.admin, leads.Filter{}, "1: 10 10", none)

		s.worked(source, today, 20*time.Second, 7*24*time.Hour)
		s.wantTimes(t, s.admin, leads.Filter{}, "2: 10 20", "1: 604800 604800")

		for i := 3; i <= 10; i++ {
			s.worked(source, today, time.Duration(i)*10*time.Second, time.Duration(i)*time.Minute)
		}
		s.wantTimes(t, s.admin, leads.Filter{}, "10: 50 90", "9: 420 604800")

		s.worked(source, today, time.Hour, 0)
		s.wantTimes(t, s.admin, leads.Filter{}, "11: 60 100", "9: 420 604800")

		s.worked(source, today, time.Second, 0, test)
		s.worked(source, yesterday, 2*time.Hour, 0)
		s.worked(source, "2026-01-30T13:59:59Z", time.Second, time.Second)
		s.lead(source, today, func(c *ent.LeadCreate) {
			c.SetStatus(lead.StatusDUPLICATE).SetTakenAt(instant(t, today)).SetClosedAt(instant(t, today))
		})
		s.wantTimes(t, s.admin, between(t, today, "2026-03-01T00:00:00Z"), "11: 60 100", "9: 420 604800")
		s.wantTimes(t, s.admin, between(t, "2026-01-01T00:00:00Z", "2026-01-31T00:00:00Z"), "1: 1 1", "1: 1 1")
		s.wantTimes(t, s.admin, between(t, yesterday, today), "1: 7200 7200", none)
		s.wantTimes(t, s.admin, between(t, today, yesterday), none, none)
		s.wantTimes(t, s.admin, leads.Filter{IsTest: ptr(true)}, none, none)
		s.wantTimes(t, s.admin, leads.Filter{Statuses: []string{"REJECTED"}}, "9: 60 100", "9: 420 604800")
	})
}

// TestInstantsCountByTheirSeconds: both engines say the same of fractions.
func TestInstantsCountByTheirSeconds(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		source := s.source("site")
		s.worked(source, "2026-02-28T14:00:00.999999Z", time.Microsecond, 0)
		s.wantTimes(t, s.admin, leads.Filter{}, "1: 1 1", none)
		s.worked(source, "2026-02-28T14:00:00.000001Z", 999_998*time.Microsecond, 0)
		s.wantTimes(t, s.admin, leads.Filter{}, "2: 0 1", none)
	})
}

func TestADistributorSeesTimesOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		source, mine, theirs := s.source("site"), s.distributor("Наши"), s.distributor("Чужие")
		s.worked(source, today, time.Minute, time.Minute, of(mine))
		s.worked(source, today, time.Hour, time.Hour, of(mine), func(c *ent.LeadCreate) { c.SetRestrictedAt(s.Now()) })
		s.worked(source, today, time.Hour, time.Hour, of(theirs))
		s.wantTimes(t, s.as(mine), leads.Filter{}, "1: 60 60", "1: 60 60")
		s.wantTimes(t, s.as(mine), leads.Filter{DistributorIDs: []gid.ID{theirs}}, none, none)
		s.wantTimes(t, s.admin, leads.Filter{}, "3: 3600 3600", "3: 3600 3600")
		s.wantTimes(t, s.admin, leads.Filter{DistributorIDs: []gid.ID{theirs}}, "1: 3600 3600", "1: 3600 3600")
	})
}

func TestResponsesRefuse(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		_, err := s.Responses(s.admin, between(t, "2026-01-01T00:00:00Z", "2026-04-03T00:00:01Z"))
		wantFaults(t, err, "DATE_RANGE_TOO_LONG filter.receivedFrom")
		if _, err := s.Responses(auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: gid.New()}), leads.Filter{}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a source got %v, want a refusal", err)
		}
	})
}
