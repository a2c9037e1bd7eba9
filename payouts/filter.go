package payouts

import (
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/schema"
	"channelbook/ent/statementline"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// Filter is what lines of the ledger may be asked for by. All conditions hold together; an absent one and an empty list ask
// for nothing.
type Filter struct {
	DistributorIDs []gid.ID
	Kinds          []ledgerentry.Kind
	From, To       *calendar.Date // half-open, by the day of the line
	LeadID         *gid.ID
	StatementID    *gid.ID
	Corrections    *bool
	Unsettled      *bool // on no statement that the viewer sees: for a distributor's user a draft is none
}

// Where is the filter as a predicate over the ledger, for a viewer: by a lead or a statement that he does not see he finds
// nothing.
func (f Filter) Where(v auth.Viewer) func(*sql.Selector) {
	return func(s *sql.Selector) {
		if len(f.DistributorIDs) > 0 {
			s.Where(sql.In(s.C(ledgerentry.FieldDistributorID), args(f.DistributorIDs)...))
		}
		if len(f.Kinds) > 0 {
			s.Where(sql.In(s.C(ledgerentry.FieldKind), args(f.Kinds)...))
		}
		if f.From != nil {
			s.Where(sql.GTE(s.C(ledgerentry.FieldDay), *f.From))
		}
		if f.To != nil {
			s.Where(sql.LT(s.C(ledgerentry.FieldDay), *f.To))
		}
		if f.Corrections != nil {
			s.Where(sql.EQ(s.C(ledgerentry.FieldCorrection), *f.Corrections))
		}
		f.whose(v, s)
	}
}

// whose are the conditions on what has a visibility of its own.
func (f Filter) whose(v auth.Viewer, s *sql.Selector) {
	if f.LeadID != nil {
		t := sql.Dialect(s.Dialect()).Table(lead.Table).As("asked_lead")
		seen := sql.Dialect(s.Dialect()).Select(t.C(lead.FieldID)).From(t).Where(sql.EQ(t.C(lead.FieldID), *f.LeadID))
		schema.Leads(v, seen)
		s.Where(sql.And(sql.EQ(s.C(ledgerentry.FieldLeadID), *f.LeadID), sql.Exists(seen)))
	}
	if f.StatementID != nil {
		seen := linesSeen(v, s.Dialect(), statementline.FieldEntryID)
		seen.Where(sql.EQ(seen.C(statementline.FieldStatementID), *f.StatementID))
		s.Where(sql.In(s.C(ledgerentry.FieldID), seen))
	}
	if f.Unsettled != nil {
		on := linesSeen(v, s.Dialect(), statementline.FieldEntryID)
		on.Where(sql.ColumnsEQ(on.C(statementline.FieldEntryID), s.C(ledgerentry.FieldID)))
		if *f.Unsettled {
			s.Where(sql.NotExists(on))
		} else {
			s.Where(sql.Exists(on))
		}
	}
}

// linesSeen are the lines of statements that a viewer sees.
func linesSeen(v auth.Viewer, d string, columns ...string) *sql.Selector {
	t := sql.Dialect(d).Table(statementline.Table).As("seen_line")
	s := sql.Dialect(d).Select(t.Columns(columns...)...).From(t)
	schema.StatementLines(v, s)
	return s
}

func args[T any](values []T) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}
