package schema

import (
	"context"
	"fmt"

	"entgo.io/ent"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/intercept"
	"channelbook/ent/privacy"
	"channelbook/internal/auth"
)

// Visibility narrows a selector to the rows that a viewer may see. The zero viewer sees nothing. The Ent policies
// below apply it to every query, and every hand-built selector starts from it.
type Visibility func(v auth.Viewer, s *sql.Selector)

// Distributors: a distributor's user sees its own company; administrators all.
func Distributors(v auth.Viewer, s *sql.Selector) { ownBy(v, s, "id") }

// Absences: a distributor's user sees those of its own company; administrators all.
func Absences(v auth.Viewer, s *sql.Selector) { ownBy(v, s, "distributor_id") }

// Companies: our own company is what administrators see.
func Companies(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// Pictures: whoever sees the company or the person that shows one sees it. One that nobody shows any more is seen by
// administrators alone.
func Pictures(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.Distributor {
		adminsOnly(v, s)
		return
	}
	shownBy := func(table, column string, see Visibility) *sql.Predicate {
		owners := sql.Dialect(s.Dialect()).Table(table).As("own_" + table)
		shows := sql.Dialect(s.Dialect()).Select(owners.C("id")).From(owners).Where(sql.ColumnsEQ(owners.C(column), s.C("id")))
		see(v, shows)
		return sql.Exists(shows)
	}
	s.Where(sql.Or(shownBy("distributors", "logo_id", Distributors), shownBy("users", "avatar_id", Users)))
}

// Users: a distributor's user sees the users of its own company; administrators all.
func Users(v auth.Viewer, s *sql.Selector) { ownBy(v, s, "distributor_id") }

// Sessions: a distributor's user sees their own; administrators all.
func Sessions(v auth.Viewer, s *sql.Selector) {
	switch v.Role {
	case auth.System, auth.Admin:
	case auth.Distributor:
		s.Where(sql.EQ(s.C("user_id"), v.UserID))
	default:
		none(s)
	}
}

// SecondFactors: everybody sees their own; administrators all.
func SecondFactors(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.Admin {
		Sessions(v, s)
	}
}

// LeadSources: administrators see all, a source itself; a distributor's user none.
func LeadSources(v auth.Viewer, s *sql.Selector) {
	if v.Role == auth.Source {
		s.Where(sql.EQ(s.C("id"), v.SourceID))
		return
	}
	adminsOnly(v, s)
}

// IntakeAttempts: administrators only.
func IntakeAttempts(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// AuditRecords: administrators only.
func AuditRecords(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// BlacklistEntries: administrators only.
func BlacklistEntries(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// ProcessingPurposes: administrators only.
func ProcessingPurposes(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// ConsentTexts: administrators only.
func ConsentTexts(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// Consents: administrators only.
func Consents(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// Leads: a distributor's user sees the leads that are its company's now, but for those whose processing is restricted;
// a source those it submitted, an administrator all.
func Leads(v auth.Viewer, s *sql.Selector) {
	if v.Role == auth.Source {
		s.Where(sql.EQ(s.C("source_id"), v.SourceID))
		return
	}
	ownBy(v, s, "distributor_id")
	if v.Role == auth.Distributor {
		s.Where(sql.IsNull(s.C("restricted_at")))
	}
}

// LeadEvents: a distributor's user sees, on a lead that it sees, what happened while that was its company's; so nobody
// learns from a timeline whose lead it had been before.
func LeadEvents(v auth.Viewer, s *sql.Selector) {
	ownBy(v, s, "distributor_id")
	if v.Role == auth.Distributor {
		leads := sql.Dialect(s.Dialect()).Table("leads").As("own_lead")
		own := sql.Dialect(s.Dialect()).Select(leads.C("id")).From(leads).Where(sql.ColumnsEQ(leads.C("id"), s.C("lead_id")))
		Leads(v, own)
		s.Where(sql.Exists(own))
	}
}

// Periods: whoever has goals sees which periods are closed.
func Periods(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.Distributor || v.Distributor.IsZero() {
		adminsOnly(v, s)
	}
}

// PeriodFacts: a distributor's user sees those of its own company; administrators all.
func PeriodFacts(v auth.Viewer, s *sql.Selector) { ownBy(v, s, "distributor_id") }

// Goals: a distributor's user sees those of its own company; administrators all.
func Goals(v auth.Viewer, s *sql.Selector) { ownBy(v, s, "distributor_id") }

// GoalChanges: administrators only.
func GoalChanges(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// LedgerEntries: a distributor's user sees what its own company is owed; administrators all.
func LedgerEntries(v auth.Viewer, s *sql.Selector) { ownBy(v, s, "distributor_id") }

// PayoutStatements: a distributor's user sees those of its own company once they are approved; administrators all.
func PayoutStatements(v auth.Viewer, s *sql.Selector) {
	ownBy(v, s, "distributor_id")
	if v.Role == auth.Distributor {
		s.Where(sql.NEQ(s.C("status"), "DRAFT"))
	}
}

// StatementLines: whoever sees the statement sees its lines.
func StatementLines(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.Distributor {
		adminsOnly(v, s)
		return
	}
	statements := sql.Dialect(s.Dialect()).Table("payout_statements").As("own_statement")
	own := sql.Dialect(s.Dialect()).Select(statements.C("id")).From(statements).Where(sql.ColumnsEQ(statements.C("id"), s.C("statement_id")))
	PayoutStatements(v, own)
	s.Where(sql.Exists(own))
}

// Notifications: everybody sees their own feed, as what they are now: who was a distributor's user and is another's, or an
// administrator, does not see what came for that one.
func Notifications(v auth.Viewer, s *sql.Selector) {
	switch {
	case v.Role == auth.System:
		return
	case v.UserID.IsZero():
		none(s)
	case v.Role == auth.Admin:
		s.Where(sql.And(sql.EQ(s.C("user_id"), v.UserID), sql.IsNull(s.C("distributor_id"))))
	case v.Role == auth.Distributor && !v.Distributor.IsZero():
		s.Where(sql.And(sql.EQ(s.C("user_id"), v.UserID), sql.EQ(s.C("distributor_id"), v.Distributor)))
	default:
		none(s)
	}
}

// Notices: those of one's feed.
func Notices(v auth.Viewer, s *sql.Selector) {
	if v.Role == auth.System {
		return
	}
	notifications := sql.Dialect(s.Dialect()).Table("notifications").As("own_notification")
	own := sql.Dialect(s.Dialect()).Select(notifications.C("id")).From(notifications).Where(sql.ColumnsEQ(notifications.C("notice_id"), s.C("id")))
	Notifications(v, own)
	s.Where(sql.Exists(own))
}

// NotificationSettingsOf: everybody sees their own.
func NotificationSettingsOf(v auth.Viewer, s *sql.Selector) {
	switch {
	case v.Role == auth.System:
	case v.UserID.IsZero():
		none(s)
	default:
		s.Where(sql.EQ(s.C("user_id"), v.UserID))
	}
}

// Deliveries: administrators see all; a distributor's user those that went to them as such.
func Deliveries(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.Distributor || v.Distributor.IsZero() || v.UserID.IsZero() {
		adminsOnly(v, s)
		return
	}
	s.Where(sql.And(sql.EQ(s.C("user_id"), v.UserID), sql.EQ(s.C("distributor_id"), v.Distributor)))
}

// Reports: everybody sees their own, as what they are now, like notifications.
func Reports(v auth.Viewer, s *sql.Selector) { Notifications(v, s) }

// ReportSchedules: administrators only.
func ReportSchedules(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// DocumentTemplates: administrators only.
func DocumentTemplates(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// FileImports: administrators only.
func FileImports(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// Suppressions: administrators only.
func Suppressions(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// Channels: administrators only.
func Channels(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// MessageTemplates: administrators only.
func MessageTemplates(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// Webhooks, and what belongs to them: administrators only.
func Webhooks(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// RegularRuns: administrators only.
func RegularRuns(v auth.Viewer, s *sql.Selector) { adminsOnly(v, s) }

// LeadFigures: as Leads, of which they are the counts.
func LeadFigures(v auth.Viewer, s *sql.Selector) {
	ownBy(v, s, "distributor_id")
	if v.Role == auth.Distributor {
		s.Where(sql.IsFalse(s.C("restricted")))
	}
}

func adminsOnly(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.Admin && v.Role != auth.System {
		none(s)
	}
}

func systemOnly(v auth.Viewer, s *sql.Selector) {
	if v.Role != auth.System {
		none(s)
	}
}

// ownBy: all for administrators and the system, for a distributor's user the rows of its distributor, else none.
func ownBy(v auth.Viewer, s *sql.Selector, column string) {
	switch {
	case v.Role == auth.Admin || v.Role == auth.System:
	case v.Role == auth.Distributor && !v.Distributor.IsZero():
		s.Where(sql.EQ(s.C(column), v.Distributor))
	default:
		none(s)
	}
}

func none(s *sql.Selector) { s.Where(sql.False()) }

// policy is the Ent policy of a type. Reading: see. Writing: administrators and the system; where
// distributorUpdates is set, a distributor's user may also update the rows that it sees; where systemWrites is set,
// the system alone may write. Everybody else may write nothing, whatever they see.
type policy struct {
	see                Visibility
	distributorUpdates bool
	systemWrites       bool
}

// EvalQuery narrows a query to what the viewer sees.
func (p policy) EvalQuery(ctx context.Context, q ent.Query) error {
	query, err := intercept.NewQuery(q)
	if err != nil {
		return err
	}
	viewer, _ := auth.From(ctx)
	query.WhereP(func(s *sql.Selector) { p.see(viewer, s) })
	return nil
}

// EvalMutation refuses a write, or narrows it to what the viewer sees.
func (p policy) EvalMutation(ctx context.Context, m ent.Mutation) error {
	viewer, _ := auth.From(ctx)
	creates := m.Op().Is(ent.OpCreate)
	switch {
	case viewer.Role == auth.System:
		return nil
	case p.systemWrites:
	case viewer.Role == auth.Admin && creates:
		return nil
	case viewer.Role == auth.Admin, viewer.Role == auth.Distributor && p.distributorUpdates && m.Op().Is(ent.OpUpdate|ent.OpUpdateOne):
		narrowed, ok := m.(interface{ WhereP(...func(*sql.Selector)) })
		if !ok {
			return fmt.Errorf("%s cannot be narrowed: %w", m.Type(), privacy.Deny)
		}
		narrowed.WhereP(func(s *sql.Selector) {
			p.see(viewer, s)
			if s.P() == nil { // Ent's UpdateOne panics where a predicate adds no condition
				s.Where(sql.ExprP("TRUE"))
			}
		})
		return nil
	}
	return fmt.Errorf("%s may not write %s: %w", viewer.Role, m.Type(), privacy.Deny)
}
