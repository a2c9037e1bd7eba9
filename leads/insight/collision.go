package insight

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// refusals are the outcomes by which a lead is turned away for what the base knows already.
var refusals = []lead.Outcome{lead.OutcomeDUPLICATE, lead.OutcomeBLACKLISTED}

// Refused are the leads that came in a span and were turned away with one of these outcomes, DUPLICATE and BLACKLISTED where
// none are named, as a predicate, for an administrator; tests left out. Faults: DATE_RANGE_TOO_LONG on to beyond 92 days.
func (s *Service) Refused(ctx context.Context, of Span, outcomes []lead.Outcome) (func(*sql.Selector), error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if _, err := of.length(); err != nil {
		return nil, err
	}
	if len(outcomes) == 0 {
		outcomes = refusals
	}
	among := make([]any, len(outcomes))
	for i, o := range outcomes {
		among[i] = o
	}
	return func(rows *sql.Selector) {
		of.ofSources(rows)
		rows.Where(sql.And(sql.In(rows.C(lead.FieldOutcome), among...), sql.IsFalse(rows.C(lead.FieldIsTest)),
			sql.GTE(rows.C(lead.FieldReceivedAt), of.From.Start(s.TimeZone).UTC()), sql.LT(rows.C(lead.FieldReceivedAt), of.To.Start(s.TimeZone).UTC())))
	}, nil
}

// Decided is the rule by which a lead was turned away at the intake; empty where its trace names none.
func Decided(l *ent.Lead) string { return decision(l).rule }

// Earlier is the lead that a duplicate collided with; nil where the lead was no duplicate. One that an administrator let in
// again refers to no other any more: its trace still does.
func Earlier(l *ent.Lead) *gid.ID {
	switch {
	case l.Outcome != lead.OutcomeDUPLICATE:
		return nil
	case l.DuplicateOfID != nil:
		return l.DuplicateOfID
	}
	named, _, _ := strings.Cut(decision(l).detail, ",")
	id, err := gid.Lead.Parse(named)
	if err != nil {
		return nil
	}
	return &id
}

type step struct{ rule, detail string }

// decision is the step of the trace that gave the lead its outcome.
func decision(l *ent.Lead) step {
	for _, c := range l.DecisionTrace {
		if c.Outcome == string(l.Outcome) {
			return step{c.Rule, c.Detail}
		}
	}
	return step{}
}
