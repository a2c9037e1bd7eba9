package reports

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/ent/reportschedule"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// scheduleEvery is how often it is looked for schedules that are due.
const scheduleEvery = 10 * time.Minute

// RunDue has the reports made of all schedules that are due: one for each recipient who may sign in, about the last week or month that is
// over, however many have passed unseen. It may run at any time on any number of instances: each report is asked for once. Nobody but the system
// may.
func (s *Service) RunDue(ctx context.Context) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	today := calendar.DateOf(s.Now(), s.TimeZone)
	due, err := s.DB.ReportSchedule.Query().Where(reportschedule.Active(true), func(q *entsql.Selector) {
		q.Where(entsql.LTE(q.C(reportschedule.FieldNextOn), today))
	}).Order(ent.Asc(reportschedule.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("look for schedules that are due: %w", err)
	}
	var failed []error
	for _, row := range due {
		if err := s.runDue(ctx, row, today); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", gid.ReportSchedule.Format(row.ID), err))
		}
	}
	return errors.Join(failed...)
}

func (s *Service) runDue(ctx context.Context, row *ent.ReportSchedule, today calendar.Date) error {
	p, err := s.ScheduleParameters(row)
	if err != nil {
		return err
	}
	next := firstDue(Every(row.Every), today)
	p = at(row.Kind.String(), p, Every(row.Every), lastDue(Every(row.Every), today))
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.ReportSchedule.Update().Where(reportschedule.ID(row.ID), reportschedule.Active(true), func(q *entsql.Selector) {
			q.Where(entsql.EQ(q.C(reportschedule.FieldNextOn), row.NextOn))
		}).SetNextOn(&next).Save(ctx)
		if err != nil || n == 0 {
			return wrap(err, "move a schedule on")
		}
		for _, id := range row.RecipientIds {
			if err := s.addDue(ctx, tx, row, id, Request{Kind: row.Kind.String(), Format: row.Format.String(), Parameters: p}); err != nil {
				return err
			}
		}
		return nil
	})
}

// addDue adds the report of one recipient. Who may not sign in any more is left out; who does not see any more what it is about, or gets a
// kind of file that this server cannot make, is told that there is none.
func (s *Service) addDue(ctx context.Context, tx *db.Tx, row *ent.ReportSchedule, reader gid.ID, r Request) error {
	v, err := viewer(ctx, tx.Client(), reader)
	if err != nil || v.UserID.IsZero() {
		return err
	}
	err = errors.Join(s.check(v, &r), findDistributor(auth.With(ctx, v), tx, r.DistributorID))
	_, refused := fault.All(err)
	if err != nil && !refused {
		return err
	}
	if refused {
		s.Log.WarnContext(ctx, "a scheduled report cannot be made for a recipient", "schedule", gid.ReportSchedule.Format(row.ID), "user", gid.User.Format(reader), "error", err)
	}
	added, err := s.add(ctx, tx, v, r, row)
	if err != nil || added == nil || !refused {
		return err
	}
	now := s.Now()
	if err := tx.Report.UpdateOneID(added.ID).SetStatus(report.StatusFAILED).SetFailure(failedSchedule).SetFinishedAt(now).Exec(ctx); err != nil {
		return fmt.Errorf("end a scheduled report: %w", err)
	}
	return s.tell(ctx, tx, added, notify.ReportFailed(added.ID, row.Name, failedSchedule))
}

// lastDue is the last day until today on which a schedule was due.
func lastDue(every Every, today calendar.Date) calendar.Date {
	if every == Month {
		return calendar.PeriodOf(calendar.Month, today).StartsOn
	}
	return firstDue(every, today).AddDays(-7)
}

// addOnce adds a report of a schedule unless that has been done: the unique index over schedule, person and day decides.
func addOnce(ctx context.Context, new *ent.ReportCreate) (bool, error) {
	err := new.OnConflict(entsql.ConflictColumns(report.FieldScheduleID, report.FieldUserID, report.FieldDueOn), entsql.DoNothing()).Exec(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, wrap(err, "add a scheduled report")
}
