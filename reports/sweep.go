package reports

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/jobs"
)

const (
	// lost is how long nothing may be heard of a report that is being made before it is made anew.
	lost = time.Minute
	// lostEvery is how often it is looked for such reports.
	lostEvery = time.Minute
	// rowsAtOnce is how many are swept by one statement.
	rowsAtOnce = 100
)

// Resume has reports made that were left behind by an instance that is gone. It may run at any time on any number of instances.
// Nobody but the system may.
func (s *Service) Resume(ctx context.Context) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	rows, err := s.DB.Report.Query().Where(report.StatusEQ(report.StatusRUNNING), report.SeenAtLT(s.Now().Add(-lost))).Limit(rowsAtOnce).All(ctx)
	if err != nil {
		return fmt.Errorf("look for reports that were left behind: %w", err)
	}
	for _, row := range rows {
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
			n, err := tx.Report.Update().Where(mine(row)...).Where(report.SeenAtLT(s.Now().Add(-lost))).SetStatus(report.StatusQUEUED).Save(ctx)
			if err != nil || n == 0 {
				return wrap(err, "take up a report")
			}
			return jobs.Enqueue(ctx, tx, jobs.Job{Args: Due{Report: row.ID, Attempt: row.Attempt}})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep deletes the files whose term has passed, and the rows of what ended before a moment. It may run at any time on any number of
// instances. Nobody but the system may.
func (s *Service) Sweep(ctx context.Context, before time.Time) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	if err := s.expire(ctx); err != nil {
		return err
	}
	_, err := s.DB.Report.Delete().Where(report.StatusIn(report.StatusEXPIRED, report.StatusCANCELLED, report.StatusFAILED), report.FinishedAtLT(before), report.Or(report.StatusEQ(report.StatusEXPIRED), report.ExpiresAtIsNil())).Exec(ctx)
	return wrap(err, "drop old reports")
}

// expire deletes files first: what a crash leaves is a row whose file is gone, and which is swept again. What was cancelled or has
// failed may have left files of attempts that were broken off.
func (s *Service) expire(ctx context.Context) error {
	for {
		rows, err := s.DB.Report.Query().Where(report.StatusIn(report.StatusREADY, report.StatusCANCELLED, report.StatusFAILED), report.ExpiresAtLTE(s.Now())).
			Limit(rowsAtOnce).All(ctx)
		if err != nil {
			return fmt.Errorf("look for reports whose term has passed: %w", err)
		}
		for _, row := range rows {
			if err := s.remove(ctx, row); err != nil {
				return err
			}
			change := s.DB.Report.Update().Where(report.ID(row.ID), report.StatusEQ(row.Status))
			if row.Status == report.StatusREADY {
				change.SetStatus(report.StatusEXPIRED)
			} else {
				change.ClearExpiresAt()
			}
			if err := change.Exec(ctx); err != nil {
				return fmt.Errorf("note that a report's term has passed: %w", err)
			}
		}
		if len(rows) < rowsAtOnce {
			return nil
		}
	}
}

// remove deletes the files of all attempts: one that was broken off may have left its own.
func (s *Service) remove(ctx context.Context, row *ent.Report) error {
	of := *row
	for of.Attempt = 1; of.Attempt <= row.Attempt; of.Attempt++ {
		if err := s.Store.Delete(ctx, fileName(&of)); err != nil {
			return fmt.Errorf("delete a report's file: %w", err)
		}
	}
	return nil
}
