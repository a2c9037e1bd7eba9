package reports

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Cancel ends a report of one's own that waits or is being made; whoever makes it stops within some seconds. NOT_FOUND, or the conflict
// REPORT_FINISHED, on id.
func (s *Service) Cancel(ctx context.Context, id gid.ID) (row *ent.Report, err error) {
	if _, err := auth.Require(ctx, people...); err != nil {
		return nil, err
	}
	system := auth.AsSystem(ctx, "cancel a report")
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		own, err := tx.Report.Query().Where(report.ID(id)).Exist(ctx)
		if err != nil {
			return wrap(err, "look for a report")
		}
		if !own {
			return fault.New(fault.NotFound, "id", "You have no such report.")
		}
		n, err := tx.Report.Update().Where(report.ID(id), report.StatusIn(report.StatusQUEUED, report.StatusRUNNING)).
			SetStatus(report.StatusCANCELLED).SetFinishedAt(s.Now()).SetExpiresAt(s.Now().Add(leftovers)).Save(system)
		if err != nil {
			return wrap(err, "cancel a report")
		}
		if n == 0 {
			return fault.Coded(fault.Conflict, "REPORT_FINISHED", "id", "The report has ended already.")
		}
		if err := tx.Notify(ctx, finished); err != nil {
			return err
		}
		row, err = tx.Report.Get(system, id)
		if err != nil {
			return wrap(err, "read a report")
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.ReportCancelled, Object: audit.On(gid.Report, id)})
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// unmade ends a report whose job an administrator has cancelled, in that transaction.
func (s *Service) unmade(ctx context.Context, tx *db.Tx, due Due) error {
	row, err := tx.Report.Get(ctx, due.Report)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return wrap(err, "read a report")
	}
	p, err := s.Parameters(row)
	if err != nil {
		return err
	}
	called, err := calledIn(ctx, tx.Client(), row.Kind.String(), p)
	if err != nil {
		return err
	}
	n, err := tx.Report.Update().Where(report.ID(row.ID), report.StatusIn(report.StatusQUEUED, report.StatusRUNNING)).
		SetStatus(report.StatusCANCELLED).SetFailure(cancelledByAdmin).SetFinishedAt(s.Now()).SetExpiresAt(s.Now().Add(leftovers)).Save(ctx)
	if err != nil || n == 0 {
		return wrap(err, "cancel a report")
	}
	return s.tell(ctx, tx, row, notify.ReportFailed(row.ID, called, cancelledByAdmin))
}
