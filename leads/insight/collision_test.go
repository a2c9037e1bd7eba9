package insight_test

import (
	"slices"
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/values"
	"channelbook/internal/gid"
	"channelbook/leads/insight"
)

// refused are the leads that were turned away, oldest first.
func (s *stock) refused(span insight.Span, outcomes ...lead.Outcome) []gid.ID {
	s.t.Helper()
	where, err := s.Refused(s.admin, span, outcomes)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.DB.Lead.Query().Where(where).Order(lead.ByReceivedAt()).IDsX(s.admin)
}

func TestRefused(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		one, two := s.source("one"), s.source("two")
		s.lead(one, yesterday, came(duplicate, lead.StatusDUPLICATE))
		midnight := s.lead(one, today, came(duplicate, lead.StatusDUPLICATE))
		blocked := s.lead(two, "2026-02-28T15:00:00Z", came(blacklisted, lead.StatusBLOCKED))
		reopened := s.lead(one, "2026-03-01T13:59:59.999999Z", came(duplicate, lead.StatusNEW))
		s.lead(one, "2026-03-01T14:00:00Z", came(duplicate, lead.StatusDUPLICATE)) // beyond
		s.lead(one, today)
		s.lead(one, today, came(duplicate, lead.StatusDUPLICATE), test)
		s.lead(one, today, came(lead.OutcomeOVER_CAP, lead.StatusOVER_CAP))
		s.lead(one, today, came(lead.OutcomeQUARANTINED, lead.StatusQUARANTINED))
		for name, c := range map[string]struct{ got, want []gid.ID }{
			"of all":            {s.refused(s.span("2026-03-01", "2026-03-02")), []gid.ID{midnight, blocked, reopened}},
			"of one":            {s.refused(s.span("2026-03-01", "2026-03-02", one)), []gid.ID{midnight, reopened}},
			"of both":           {s.refused(s.span("2026-03-01", "2026-03-02", one, two)), []gid.ID{midnight, blocked, reopened}},
			"by the blacklist":  {s.refused(s.span("2026-03-01", "2026-03-02"), blacklisted), []gid.ID{blocked}},
			"of nobody":         {s.refused(s.span("2026-03-01", "2026-03-02", gid.New())), nil},
			"on no day":         {s.refused(s.span("2026-03-01", "2026-03-01")), nil},
			"of a later month":  {s.refused(s.span("2026-04-01", "2026-05-01")), nil},
			"of a turned range": {s.refused(s.span("2026-03-02", "2026-03-01")), nil},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s: got %v, want %v", name, c.got, c.want)
			}
		}
	})
}

func TestEarlier(t *testing.T) {
	id, other := gid.New(), gid.New()
	trace := func(detail string) []values.Check {
		return []values.Check{{Step: "BLACKLIST", Outcome: "PASSED"}, {Step: "DUPLICATES", Outcome: "DUPLICATE", Rule: "ANY of PHONE", Detail: detail}}
	}
	for name, c := range map[string]struct {
		lead *ent.Lead
		want *gid.ID
	}{
		"it refers to another":           {&ent.Lead{Outcome: duplicate, DuplicateOfID: &id, DecisionTrace: trace(gid.Lead.Format(other) + ", received")}, &id},
		"its trace alone does":           {&ent.Lead{Outcome: duplicate, DecisionTrace: trace(gid.Lead.Format(other) + ", received 2026-03-01T09:00:00Z")}, &other},
		"its trace names nothing":        {&ent.Lead{Outcome: duplicate, DecisionTrace: trace("")}, nil},
		"it has no trace":                {&ent.Lead{Outcome: duplicate}, nil},
		"it is on the blacklist":         {&ent.Lead{Outcome: blacklisted, DecisionTrace: []values.Check{{Outcome: "BLACKLISTED", Detail: gid.BlacklistEntry.Format(id)}}}, nil},
		"accepted, and a merged one now": {&ent.Lead{Outcome: lead.OutcomeACCEPTED, DuplicateOfID: &id}, nil},
	} {
		got := insight.Earlier(c.lead)
		if (got == nil) != (c.want == nil) || got != nil && *got != *c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	if got := insight.Decided(&ent.Lead{Outcome: duplicate, DecisionTrace: trace("")}); got != "ANY of PHONE" {
		t.Errorf("got %q, want the rule of the step that decided", got)
	}
}
