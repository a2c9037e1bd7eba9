// Package legacy brings over what the system has kept that Channelbook replaces: a SQLite base of a Flask application.
//
// Read Run first: it tells the order of things. tables.go says which columns are known under which names, source.go reads them, and each
// table has a file of its own that says what becomes of its rows. What did not fit stands in the Report (report.go).
//
// Each row has one id here, made of its table and its id there (gid.Named), and is written once, in a transaction with a record in the
// audit: so a run that was broken off is completed by the next one, two at once end as one, and a row that is there stays as it is,
// whatever became of it since. Nobody is told of anything, and nothing leaves the house.
package legacy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent/auditrecord"
	"channelbook/ent/goal"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
	"channelbook/notify/templates"
	"channelbook/payouts"
	"channelbook/personaldata/audit"
)

// Services are those of the domain that the past is written by.
type Services struct {
	DB           *db.DB
	Now          func() time.Time // UTC, to the microsecond
	TimeZone     *time.Location   // of the business: where days begin
	Accounts     *accounts.Service
	Distributors *distributors.Service
	Leads        *leads.Service
	Goals        *goals.Service
	Payouts      *payouts.Service
	Notify       *notify.Service
	Templates    *templates.Service
}

// Options are what the operator says.
type Options struct {
	Apply    bool           // false: a dry run, which writes nothing
	TimeZone *time.Location // of the times in the other base, which name none; nil: the business's
	// KeepNotifications is for how long messages are kept here: older ones are not brought over.
	KeepNotifications time.Duration
	PaidThrough       *calendar.Period       // the last month whose payouts the other system has paid; nil: it has paid none
	LegalBasis        lead.LegalBasis        // on which all its leads may be processed; empty: on none before somebody says so here
	BasisNote         string                 // why; needed with LegalBasis
	Metric            goal.Metric            // of goals that do not say what they count; empty: these are left out
	Statuses          map[string]lead.Status // of leads, besides those that are known; keys in lower case
	Roles             map[string]auth.Role   // of users, likewise
}

// Check tells what is wrong with the options.
func (o Options) Check() error {
	switch {
	case o.LegalBasis == "" && o.BasisNote != "":
		return errors.New("a note goes with a legal basis: name one")
	case o.LegalBasis == "":
		return nil
	case o.LegalBasis == lead.LegalBasisCONSENT:
		return errors.New("CONSENT is no basis to say for all leads at once: a consent is one person's, and is recorded with what proves it")
	case lead.LegalBasisValidator(o.LegalBasis) != nil:
		return fmt.Errorf("%q is none of CONTRACT, LEGAL_OBLIGATION, LEGITIMATE_INTEREST", o.LegalBasis)
	case o.BasisNote == "":
		return errors.New("a legal basis needs a note that says why it holds")
	}
	return nil
}

// atOnce is how many rows a transaction writes.
const atOnce = 200

// importer is one run.
type importer struct {
	Services
	Options
	base   *source
	report *Report
	source gid.ID // of the leads

	people    []*person
	companies map[string]gid.ID     // by the id of distributors_info
	companyOf map[string]gid.ID     // by the id of users
	users     map[string]*person    // by the id of users: those who are here, or would be
	owed      map[gid.ID]monthlySum // of the sales that are new
}

// monthlySum is kopecks by month.
type monthlySum map[calendar.Period]int64

// Run brings over what the base from holds, or in a dry run tells what it would, by the system alone.
func Run(ctx context.Context, from *sql.DB, s Services, o Options) (*Report, error) {
	if _, err := auth.Require(ctx); err != nil {
		return nil, err
	}
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.TimeZone == nil {
		o.TimeZone = s.TimeZone
	}
	if p := o.PaidThrough; p != nil && p.StartsOn.After(calendar.DateOf(s.Now(), s.TimeZone)) {
		return nil, errors.New("-paid-through: the month is still to come")
	}
	m := &importer{
		Services: s, Options: o, report: &Report{Applied: o.Apply}, source: gid.Named("source"),
		companies: map[string]gid.ID{}, companyOf: map[string]gid.ID{}, users: map[string]*person{}, owed: map[gid.ID]monthlySum{},
	}
	var err error
	if m.base, err = open(ctx, from, m.report); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"users and distributors", m.peopleAndCompanies}, {"leads", m.leads}, {"statements", m.paid}, {"goals", m.goals},
		{"blacklist", m.blacklist}, {"notifications", m.notifications}, {"templates", m.templates}, {"passwords", m.passwords},
	} {
		if err := part.do(ctx); err != nil {
			return m.report, fmt.Errorf("import %s: %w", part.name, err)
		}
	}
	return m.report, nil
}

// errDry ends the transaction of a dry run.
var errDry = errors.New("a dry run writes nothing")

// tries is how often a batch is tried where another run has written some of its rows at the same moment: then they are there.
const tries = 10

// batch does something in a transaction, which a dry run takes back. What do finds out it puts where a further try starts anew.
func (m *importer) batch(ctx context.Context, do func(tx *db.Tx) error) (err error) {
	for range tries {
		err = db.WithTx(ctx, m.DB, func(tx *db.Tx) error {
			if err := do(tx); err != nil || m.Apply {
				return err
			}
			return errDry
		})
		if !sqlgraph.IsUniqueConstraintError(err) {
			break
		}
	}
	if errors.Is(err, errDry) {
		return nil
	}
	return err
}

// brought are those of some ids that an earlier run has written, also where they are gone by now.
func brought(ctx context.Context, tx *db.Tx, ids []gid.ID) (map[gid.ID]bool, error) {
	rows, err := tx.AuditRecord.Query().Where(auditrecord.Action(string(audit.LegacyImported)), auditrecord.ObjectIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for what has been brought over: %w", err)
	}
	there := make(map[gid.ID]bool, len(rows))
	for _, row := range rows {
		there[*row.ObjectID] = true
	}
	return there, nil
}

func setOf(ids []gid.ID) map[gid.ID]bool {
	set := make(map[gid.ID]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// needSource makes the source of the leads, once.
func (m *importer) needSource(ctx context.Context) error {
	if !m.Apply {
		return nil
	}
	return m.batch(ctx, func(tx *db.Tx) error {
		there, err := tx.LeadSource.Query().Where(leadsource.ID(m.source)).Exist(ctx)
		if err != nil || there {
			return err
		}
		return m.Services.Leads.ImportSource(ctx, tx, m.source)
	})
}

// passwords tells who needs one.
func (m *importer) passwords(ctx context.Context) (err error) {
	m.report.Logins, err = m.Accounts.WithoutPassword(ctx)
	return err
}
