package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/report"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/reports/order"
)

// mine is a report as long as an attempt is the one that makes it.
func mine(row *ent.Report) []predicate.Report {
	return []predicate.Report{report.ID(row.ID), report.StatusEQ(report.StatusRUNNING), report.Attempt(row.Attempt)}
}

// finish stores the file, and tells the reader in the transaction that says that it is there.
func (s *Service) finish(ctx context.Context, row *ent.Report, o *order.Order, at *progress, path string, stopped func()) error {
	content, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open a report's file: %w", err)
	}
	defer func() { _ = content.Close() }()
	info, err := content.Stat()
	if err != nil {
		return fmt.Errorf("look at a report's file: %w", err)
	}
	stored := fileName(row)
	if err := s.Store.Put(ctx, stored, mediaTypes[row.Format], content, info.Size()); err != nil {
		return fmt.Errorf("store a report's file: %w", err)
	}
	called, err := s.called(context.WithoutCancel(ctx), o.Kind, o.Parameters)
	if err != nil {
		return err
	}
	stopped() // from here on the row is written once more
	now := s.Now()
	until := now.Add(s.Retention)
	wanted := false
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.Report.Update().Where(mine(row)...).SetStatus(report.StatusREADY).SetRows(int(at.rows.Load())).SetFileName(fileTitle(called) + "." + extensions[row.Format]).
			SetSize(info.Size()).SetAsOf(o.AsOf).SetFinishedAt(now).SetExpiresAt(until).Save(ctx)
		if wanted = n == 1; err != nil || !wanted {
			return wrap(err, "finish a report")
		}
		return s.tell(ctx, tx, row, notify.ReportReady(row.ID, called, until.In(s.TimeZone)))
	})
	if err == nil && !wanted {
		if err := s.Store.Delete(context.WithoutCancel(ctx), stored); err != nil { // the sweep deletes it
			s.Log.WarnContext(ctx, "the file of a report that is not wanted could not be deleted", "report", gid.Report.Format(row.ID), "error", err)
		}
		return errUnwanted
	}
	return err
}

// fail ends a report, with a sentence for its reader.
func (s *Service) fail(ctx context.Context, row *ent.Report, told string) error {
	p, err := s.Parameters(row)
	if err != nil {
		return err
	}
	called, err := s.called(ctx, row.Kind.String(), p)
	if err != nil {
		return err
	}
	now := s.Now()
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.Report.Update().Where(mine(row)...).SetStatus(report.StatusFAILED).SetFailure(told).SetFinishedAt(now).SetExpiresAt(now.Add(leftovers)).Save(ctx)
		if err != nil || n == 0 {
			return wrap(err, "end a report")
		}
		return s.tell(ctx, tx, row, notify.ReportFailed(row.ID, called, told))
	})
}

// tell tells the reader, by e-mail too where the report comes by a schedule, and those who wait for reports live.
func (s *Service) tell(ctx context.Context, tx *db.Tx, row *ent.Report, e notify.Event) error {
	n := notify.Notice{Event: e, To: notify.To{Users: []gid.ID{row.UserID}}}
	if row.ScheduleID != nil {
		n.Channels = []string{channel.Web, channel.Email}
	}
	return errors.Join(notify.Tell(ctx, tx, s.Now(), n), tx.Notify(ctx, finished))
}

// Parameters are what a report is about.
func (s *Service) Parameters(row *ent.Report) (p order.Parameters, err error) {
	text, err := sealed.ReportParameters.Open(s.Keys, row.ID, row.ParametersSealed)
	if err == nil {
		err = json.Unmarshal([]byte(text), &p)
	}
	return p, wrap(err, "read a report's parameters")
}

// reader is whose report it is, as what that person is now: one that is somebody else by now gets nothing.
func (s *Service) reader(ctx context.Context, row *ent.Report) (auth.Viewer, error) {
	v, err := viewer(ctx, s.DB.Client, row.UserID)
	if err != nil {
		return v, err
	}
	if !isSame(v, row) {
		return v, Fail(errors.New("its reader is not what they were"), failedAccess)
	}
	return v, nil
}

// isSame tells whether a person is what they were when they asked for a report.
func isSame(v auth.Viewer, row *ent.Report) bool {
	switch v.Role {
	case auth.Admin:
		return row.DistributorID == nil
	case auth.Distributor:
		return row.DistributorID != nil && *row.DistributorID == v.Distributor
	}
	return false
}
