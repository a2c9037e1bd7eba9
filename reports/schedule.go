package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/reportschedule"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
	"channelbook/reports/order"
)

const (
	// MaxSchedules is how many there are at most.
	MaxSchedules = 100
	// MaxRecipients is how many people get a report by one.
	MaxRecipients = 50
	// maxName is how long a schedule's name is, in characters.
	maxName = 100
)

// Every is how often a schedule is due.
type Every string

// How often: on Mondays for the week before, on the first of a month for the month before.
const (
	Week  Every = "WEEK"
	Month Every = "MONTH"
)

// Plan is a schedule as an administrator writes it. What it is about has no time: that follows from Every.
type Plan struct {
	Name         string
	Kind, Format string
	Every        Every
	order.Parameters
	Recipients []gid.ID
	// Misread are the faults of what could not be read of the plan; they are told with all others.
	Misread error
}

// Schedule has a report made for chosen people each week or month, for each as that person may see things, and told by e-mail.
// By an administrator. All faults come at once: those of Request; REQUIRED and TOO_LONG on name; REQUIRED, TOO_MANY and NotFound
// on recipientIds, NO_ACCESS for whoever does not see the distributor that it is about; WEEKLY_NOT_POSSIBLE on every; TOO_MANY of
// kind Limit.
func (s *Service) Schedule(ctx context.Context, p Plan) (row *ent.ReportSchedule, err error) {
	v, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	p.Name, p.Recipients = strings.TrimSpace(p.Name), unique(p.Recipients)
	next := firstDue(p.Every, calendar.DateOf(s.Now(), s.TimeZone))
	wrong := errors.Join(p.Misread, s.checkPlan(v, p, next), checkName(p.Name))
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		people := checkRecipients(ctx, tx, p.Recipients, p.Parameters)
		if err := errors.Join(wrong, findDistributor(ctx, tx, p.DistributorID), people, roomForSchedule(ctx, tx)); err != nil {
			return err
		}
		text, err := json.Marshal(p.Parameters)
		if err != nil {
			return fmt.Errorf("write a schedule's parameters: %w", err)
		}
		id, now := gid.New(), s.Now()
		row, err = tx.ReportSchedule.Create().SetID(id).SetName(p.Name).SetKind(reportschedule.Kind(p.Kind)).SetFormat(reportschedule.Format(p.Format)).
			SetEvery(reportschedule.Every(p.Every)).SetParametersSealed(sealed.ReportScheduleParameters.Seal(s.Keys, id, string(text))).
			SetRecipientIds(p.Recipients).SetNextOn(&next).SetCreatedByID(v.UserID).SetCreatedAt(now).SetUpdatedAt(now).Save(ctx)
		if err != nil {
			return fmt.Errorf("add a schedule: %w", err)
		}
		return s.recorded(ctx, tx, id, audit.ScheduleCreated, p.Kind, p.Recipients)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// Change is what may change of a schedule; what is nil stays.
type Change struct {
	Name       *string
	Active     *bool
	Recipients []gid.ID
}

// Reschedule changes a schedule. By an administrator. NotFound on id, and the faults of Schedule.
func (s *Service) Reschedule(ctx context.Context, id gid.ID, c Change) (row *ent.ReportSchedule, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	c.Recipients = unique(c.Recipients)
	var wrong error
	if c.Name != nil {
		*c.Name = strings.TrimSpace(*c.Name)
		wrong = checkName(*c.Name)
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		old, missing := schedule(ctx, tx, id)
		var people error
		if c.Recipients != nil && old != nil {
			p, err := s.ScheduleParameters(old)
			if err != nil {
				return err
			}
			people = checkRecipients(ctx, tx, c.Recipients, p)
		}
		if err := errors.Join(missing, wrong, people); err != nil {
			return err
		}
		change := tx.ReportSchedule.UpdateOneID(id).SetNillableName(c.Name).SetNillableActive(c.Active).SetUpdatedAt(s.Now())
		if c.Recipients != nil {
			change.SetRecipientIds(c.Recipients)
		}
		if c.Active != nil && *c.Active && !old.Active { // what was due meanwhile is not made up for
			next := firstDue(Every(old.Every), calendar.DateOf(s.Now(), s.TimeZone))
			change.SetNextOn(&next)
		}
		if row, err = change.Save(ctx); err != nil {
			return fmt.Errorf("change a schedule: %w", err)
		}
		return s.recorded(ctx, tx, id, audit.ScheduleUpdated, old.Kind.String(), row.RecipientIds)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// Unschedule removes a schedule. The reports that it has made stay. By an administrator. NotFound on id.
func (s *Service) Unschedule(ctx context.Context, id gid.ID) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		old, err := schedule(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := tx.ReportSchedule.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("remove a schedule: %w", err)
		}
		return s.recorded(ctx, tx, id, audit.ScheduleRemoved, old.Kind.String(), nil)
	})
}

func schedule(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.ReportSchedule, error) {
	row, err := tx.ReportSchedule.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, fault.New(fault.NotFound, "id", "There is no such schedule.")
	}
	return row, wrap(err, "read a schedule")
}

// ScheduleParameters are what a schedule's reports are about.
func (s *Service) ScheduleParameters(row *ent.ReportSchedule) (p order.Parameters, err error) {
	text, err := sealed.ReportScheduleParameters.Open(s.Keys, row.ID, row.ParametersSealed)
	if err == nil {
		err = json.Unmarshal([]byte(text), &p)
	}
	return p, wrap(err, "read a schedule's parameters")
}

// recorded writes what is done to a schedule into the audit, with who gets its reports from then on.
func (s *Service) recorded(ctx context.Context, tx *db.Tx, id gid.ID, action audit.Action, kind string, recipients []gid.ID) error {
	details := map[string]string{"kind": kind}
	if len(recipients) > 0 {
		who := make([]string, len(recipients))
		for i, id := range recipients {
			who[i] = gid.User.Format(id)
		}
		details["recipients"] = strings.Join(who, " ")
	}
	return audit.Record(ctx, tx, s.Now(), audit.Act{Action: action, Object: audit.On(gid.ReportSchedule, id), Details: details})
}

// checkPlan judges what is to be made, as if it were due.
func (s *Service) checkPlan(v auth.Viewer, p Plan, due calendar.Date) error {
	if forms[p.Kind].period == must && p.Every == Week {
		return fault.Coded(fault.Invalid, "WEEKLY_NOT_POSSIBLE", "every", "This report is of a month. Have it made each MONTH.")
	}
	r := Request{Kind: p.Kind, Format: p.Format, Parameters: at(p.Kind, p.Parameters, p.Every, due)}
	return s.check(v, &r)
}

func checkName(name string) error {
	switch {
	case name == "":
		return fault.Coded(fault.Invalid, "REQUIRED", "name", "Give it a name.")
	case utf8.RuneCountInString(name) > maxName:
		return fault.Coded(fault.Invalid, "TOO_LONG", "name", fmt.Sprintf("A name has at most %d characters.", maxName))
	}
	return nil
}

// checkRecipients tells who cannot get a report: those who may not sign in, and those who do not see what it is about.
func checkRecipients(ctx context.Context, tx *db.Tx, ids []gid.ID, about order.Parameters) error {
	switch {
	case len(ids) == 0:
		return fault.Coded(fault.Invalid, "REQUIRED", "recipientIds", "Name one person at least.")
	case len(ids) > MaxRecipients:
		return fault.Coded(fault.Invalid, "TOO_MANY", "recipientIds", fmt.Sprintf("%d people at most get one report.", MaxRecipients))
	}
	var faults []error
	for i, id := range ids {
		field := fmt.Sprintf("recipientIds[%d]", i)
		v, err := viewer(ctx, tx.Client(), id)
		switch {
		case err != nil:
			return err
		case v.UserID.IsZero():
			faults = append(faults, fault.New(fault.NotFound, field, "There is no such person, or they may not sign in."))
		case v.Role == auth.Distributor && !sees(v, about):
			faults = append(faults, fault.Coded(fault.Invalid, "NO_ACCESS", field, "This person does not see what the report is about: another distributor, or sources."))
		}
	}
	return errors.Join(faults...)
}

// unique are ids in their order, each once; nil stays nil, and too many stay as they are.
func unique(ids []gid.ID) []gid.ID {
	if len(ids) > MaxRecipients {
		return ids
	}
	var once []gid.ID
	for _, id := range ids {
		if !slices.Contains(once, id) {
			once = append(once, id)
		}
	}
	if ids != nil && once == nil {
		return ids
	}
	return once
}

// sees tells whether a distributor's user may ask for what a report is about.
func sees(v auth.Viewer, about order.Parameters) bool {
	of := about.Filter.DistributorIDs
	return (about.DistributorID == nil || *about.DistributorID == v.Distributor) && (len(of) == 0 || slices.Contains(of, v.Distributor)) && len(about.Filter.SourceIDs) == 0
}

func roomForSchedule(ctx context.Context, tx *db.Tx) error {
	if tx.Dialect() == dialect.Postgres {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", countLock); err != nil {
			return fmt.Errorf("keep others from adding a schedule: %w", err)
		}
	}
	n, err := tx.ReportSchedule.Query().Count(ctx)
	if err != nil {
		return fmt.Errorf("count schedules: %w", err)
	}
	if n >= MaxSchedules {
		return fault.Coded(fault.Limit, "TOO_MANY", "", fmt.Sprintf("There are %d schedules at most: remove one first.", MaxSchedules))
	}
	return nil
}

// firstDue is the first day after today on which a schedule is due.
func firstDue(every Every, today calendar.Date) calendar.Date {
	if every == Month {
		return calendar.PeriodOf(calendar.Month, today).End()
	}
	for due := today.AddDays(1); ; due = due.AddDays(1) {
		if due.Start(time.UTC).Weekday() == time.Monday {
			return due
		}
	}
}

// at is what a report that is due on a day is about.
func at(kind string, p order.Parameters, every Every, due calendar.Date) order.Parameters {
	from := due.AddDays(-7)
	if every == Month {
		from = due.AddMonths(-1)
	}
	if forms[kind].period == must {
		month := calendar.PeriodOf(calendar.Month, from)
		p.Period = &month
		return p
	}
	p.From, p.To = &from, &due
	return p
}
