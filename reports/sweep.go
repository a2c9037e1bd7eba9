package reports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
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
	// waitsLong is how long a report has waited where its job may be gone: it is enqueued once more, beside one that waits at most.
	waitsLong = 10 * time.Minute
	// leftovers is how long after the end of a report that was cancelled or failed its attempts may still be storing a file.
	leftovers = 3 * time.Hour
	// rowsAtOnce is how many are swept by one statement.
	rowsAtOnce = 100
)

// Resume has reports made that were left behind by an instance that is gone, or whose job is. It may run at any time on any number of instances.
// Nobody but the system may.
func (s *Service) Resume(ctx context.Context) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	isLost := report.And(report.StatusEQ(report.StatusRUNNING), report.SeenAtLT(s.Now().Add(-lost)))
	waited := s.Now().Add(-waitsLong)
	isForgotten := report.And(report.StatusEQ(report.StatusQUEUED), report.RequestedAtLT(waited), report.Or(report.StartedAtIsNil(), report.StartedAtLT(waited)))
	rows, err := s.DB.Report.Query().Where(report.Or(isLost, isForgotten)).Order(ent.Asc(report.FieldID)).Limit(rowsAtOnce).All(ctx)
	if err != nil {
		return fmt.Errorf("look for reports that were left behind: %w", err)
	}
	for _, row := range rows {
		err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
			n, err := tx.Report.Update().Where(report.ID(row.ID), report.Attempt(row.Attempt), report.Or(isLost, isForgotten)).SetStatus(report.StatusQUEUED).Save(ctx)
			if err != nil || n == 0 {
				return wrap(err, "take up a report")
			}
			return jobs.Enqueue(ctx, tx, jobs.Job{Args: Due{Report: row.ID, Attempt: row.Attempt, Scheduled: row.ScheduleID != nil}})
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
	if err := errors.Join(s.expire(ctx), sweepFolders(s.Now())); err != nil {
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
		var failed []error
		for _, row := range rows {
			failed = append(failed, s.expireOne(ctx, row))
		}
		if err := errors.Join(failed...); err != nil { // the others are expired; what failed is tried in the next turn
			return err
		}
		if len(rows) < rowsAtOnce {
			return nil
		}
	}
}

func (s *Service) expireOne(ctx context.Context, row *ent.Report) error {
	if err := s.remove(ctx, row); err != nil {
		return err
	}
	change := s.DB.Report.Update().Where(report.ID(row.ID), report.StatusEQ(row.Status))
	if row.Status == report.StatusREADY {
		change.SetStatus(report.StatusEXPIRED)
	} else {
		change.ClearExpiresAt()
	}
	return wrap(change.Exec(ctx), "note that a report's term has passed")
}

// remove deletes the files of all attempts: one that was broken off may have left its own.
func (s *Service) remove(ctx context.Context, row *ent.Report) error {
	of := *row
	for of.Attempt = 1; of.Attempt <= row.Attempt+1; of.Attempt++ {
		if err := s.Store.Delete(ctx, fileName(&of)); err != nil {
			return fmt.Errorf("delete a report's file: %w", err)
		}
	}
	return nil
}

// folderPrefix begins the names of the folders in the system's temporary one in which reports are made.
const folderPrefix = "channelbook-report-"

// sweepFolders deletes the folders that were left behind by processes which were killed: none is in use for that long.
func sweepFolders(now time.Time) error {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for what was left behind: %w", err)
	}
	var failed []error
	for _, folder := range left {
		if info, err := os.Stat(folder); err == nil && info.IsDir() && info.ModTime().Before(now.Add(-2*longest)) {
			failed = append(failed, os.RemoveAll(folder))
		}
	}
	return errors.Join(failed...)
}
