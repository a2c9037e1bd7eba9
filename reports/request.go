package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/report"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/personaldata/audit"
	"channelbook/reports/order"
)

// MaxWaiting is how many reports of one person may wait or be made at a time.
const MaxWaiting = 5

// countLock is an advisory lock of PostgreSQL for whoever counts reports to add one. On SQLite transactions that write take turns anyway.
const countLock = 4_920_110_152_032

// Request is what somebody asks for.
type Request struct {
	Kind, Format string
	order.Parameters
	// Misread are the faults of what could not be read of the request; they are told with all others.
	Misread error
}

// Request has a report made for the one who asks. All faults come at once: those of check, NotFound on distributorId, TOO_MANY
// of kind Limit.
func (s *Service) Request(ctx context.Context, r Request) (row *ent.Report, err error) {
	v, err := auth.Require(ctx, people...)
	if err != nil {
		return nil, err
	}
	wrong := errors.Join(r.Misread, s.check(v, &r))
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if err := errors.Join(wrong, findDistributor(ctx, tx, r.DistributorID), room(ctx, tx, v.UserID)); err != nil {
			return err
		}
		row, err = s.add(ctx, tx, v, r, nil)
		return err
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// add writes a report that waits, its job, and who asked for it. Of a schedule's day each person gets one: nil where it is there.
func (s *Service) add(ctx context.Context, tx *db.Tx, v auth.Viewer, r Request, of *ent.ReportSchedule) (*ent.Report, error) {
	text, err := json.Marshal(r.Parameters)
	if err != nil {
		return nil, fmt.Errorf("write a report's parameters: %w", err)
	}
	id := gid.New()
	new := tx.Report.Create().SetID(id).SetUserID(v.UserID).SetKind(report.Kind(r.Kind)).SetFormat(report.Format(r.Format)).
		SetParametersSealed(sealed.ReportParameters.Seal(s.Keys, id, string(text))).SetRequestedAt(s.Now())
	if v.Role == auth.Distributor {
		new.SetDistributorID(v.Distributor)
	}
	details := r.details()
	system := auth.AsSystem(ctx, "request a report")
	if of == nil {
		if err := new.Exec(system); err != nil {
			return nil, fmt.Errorf("add a report: %w", err)
		}
	} else {
		details["schedule"] = gid.ReportSchedule.Format(of.ID)
		added, err := addOnce(system, new.SetScheduleID(of.ID).SetDueOn(of.NextOn))
		if err != nil || !added {
			return nil, err
		}
	}
	err = errors.Join(
		jobs.Enqueue(ctx, tx, jobs.Job{Args: Due{Report: id, Scheduled: of != nil}}),
		audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.ReportRequested, Object: audit.On(gid.Report, id), Details: details}),
	)
	if err != nil {
		return nil, err
	}
	row, err := tx.Report.Get(system, id)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	return row, nil
}

// findDistributor looks for the distributor that a report is about, among those that the viewer may see.
func findDistributor(ctx context.Context, tx *db.Tx, id *gid.ID) error {
	if id == nil {
		return nil
	}
	there, err := tx.Distributor.Query().Where(distributor.ID(*id)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for a report's distributor: %w", err)
	}
	if !there {
		return fault.New(fault.NotFound, "distributorId", "There is no such distributor.")
	}
	return nil
}

// room tells whether a person may have one more made, and keeps others from adding one to the end of the transaction.
func room(ctx context.Context, tx *db.Tx, user gid.ID) error {
	if tx.Dialect() == dialect.Postgres {
		if _, err := tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", countLock); err != nil {
			return fmt.Errorf("keep others from asking for a report: %w", err)
		}
	}
	n, err := tx.Report.Query().Where(report.UserID(user), report.StatusIn(report.StatusQUEUED, report.StatusRUNNING), report.ScheduleIDIsNil()).
		Count(auth.AsSystem(ctx, "count reports"))
	if err != nil {
		return fmt.Errorf("count reports: %w", err)
	}
	if n >= MaxWaiting {
		return fault.Coded(fault.Limit, "TOO_MANY", "", fmt.Sprintf("%d of your reports are waiting or being made. Wait for one, or cancel it.", MaxWaiting))
	}
	return nil
}

// details are what the audit keeps of what was asked for: whom and which days it is about, and whether a filter narrowed it. What somebody typed into
// one may be personal data.
func (r Request) details() map[string]string {
	details := map[string]string{"kind": r.Kind, "format": r.Format}
	if r.DistributorID != nil {
		details["distributor"] = gid.Distributor.Format(*r.DistributorID)
	}
	if r.From != nil {
		details["from"] = r.From.String()
	}
	if r.To != nil {
		details["to"] = r.To.String()
	}
	if r.Period != nil {
		details["period"] = r.Period.String()
	}
	if hasFilter(r.Filter) {
		details["filtered"] = "true"
	}
	return details
}
