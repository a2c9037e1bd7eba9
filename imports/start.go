package imports

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/fileimport"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/personaldata/audit"
)

// bringIn is the job that brings the rows of a file in.
type bringIn struct {
	Import gid.ID `json:"import"`
	// Attempt tells apart the job of an import whose own is gone.
	Attempt int `json:"attempt,omitempty"`
}

// JobImport is the name of the job.
const JobImport = "import"

// Kind is the job's name.
func (bringIn) Kind() string { return JobImport }

// Line is the jobs' own: one import at once on an instance.
func (bringIn) Line() string { return Line }

// Line is where imports wait.
const Line = "imports"

// AtMost is how long one may take. What is not in by then comes in by the next attempt.
func (bringIn) AtMost() time.Duration { return time.Hour }

// Work has the queue do imports.
func (s *Service) Work(q *jobs.Queue) {
	jobs.WorkUnless(q, func(ctx context.Context, j bringIn) error { return s.run(ctx, j.Import) }, func(ctx context.Context, tx *db.Tx, j bringIn) error {
		_, err := s.end(ctx, tx, j.Import, fileimport.StatusCANCELLED, "")
		return err
	})
}

// Start has a checked file come in, by a job. Rows with faults are passed over. Faults: NOT_FOUND; ALREADY_STARTED of kind Conflict for
// whoever comes second, IMPORT_ENDED for one that was cancelled or has waited for more than a day, and those of its source.
func (s *Service) Start(ctx context.Context, id gid.ID) (*ent.FileImport, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	row, err := s.get(ctx, s.DB.FileImport, id)
	if err != nil {
		return nil, err
	}
	if row.SourceID != nil {
		if err := s.Leads.NeedOpen(ctx, *row.SourceID, "id"); err != nil {
			return nil, err
		}
	}
	return s.change(ctx, id, audit.ImportStarted, func(ctx context.Context, tx *db.Tx) (int, error) {
		n, err := tx.FileImport.Update().
			Where(fileimport.ID(id), fileimport.StatusEQ(fileimport.StatusCHECKED), fileimport.ExpiresAtGT(s.Now())).
			SetStatus(fileimport.StatusQUEUED).SetFaults([]values.ImportFault{}).SetFaultCount(0).Save(ctx)
		if err != nil || n == 0 {
			return n, err
		}
		return n, jobs.Enqueue(ctx, tx, jobs.Job{Args: bringIn{Import: id}})
	})
}

// Cancel ends an import before it is done: what has come in stays, no other row comes in. Faults: NOT_FOUND, IMPORT_ENDED of kind Conflict.
func (s *Service) Cancel(ctx context.Context, id gid.ID) (*ent.FileImport, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	row, err := s.change(ctx, id, audit.ImportCancelled, func(ctx context.Context, tx *db.Tx) (int, error) {
		return s.end(ctx, tx, id, fileimport.StatusCANCELLED, "")
	})
	if err == nil {
		s.drop(ctx, id)
	}
	return row, err
}

// change makes a step of an import and records it; a step that finds nothing to change is a fault that says why.
func (s *Service) change(ctx context.Context, id gid.ID, action audit.Action, step func(ctx context.Context, tx *db.Tx) (int, error)) (*ent.FileImport, error) {
	ctx = auth.AsSystem(ctx, "import")
	var row *ent.FileImport
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := step(ctx, tx)
		if err != nil {
			return fmt.Errorf("change the import: %w", err)
		}
		if row, err = s.get(ctx, tx.FileImport, id); err != nil {
			return err
		}
		if n == 0 {
			return refusal(row.Status)
		}
		return audit.Record(ctx, tx, s.Now(), s.act(action, row))
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

func refusal(now fileimport.Status) error {
	switch now {
	case fileimport.StatusQUEUED, fileimport.StatusRUNNING, fileimport.StatusDONE, fileimport.StatusFAILED:
		return fault.Coded(fault.Conflict, "ALREADY_STARTED", "id", "This import was started before.")
	}
	return fault.Coded(fault.Conflict, "IMPORT_ENDED", "id", "This import has ended. Send the file again.")
}

func (s *Service) get(ctx context.Context, in *ent.FileImportClient, id gid.ID) (*ent.FileImport, error) {
	row, err := in.Get(ctx, id)
	switch {
	case ent.IsNotFound(err):
		return nil, unknown()
	case err != nil:
		return nil, fmt.Errorf("read the import: %w", err)
	}
	return row, nil
}

// underWay are the states that an import can be ended in.
var underWay = []fileimport.Status{fileimport.StatusCHECKED, fileimport.StatusQUEUED, fileimport.StatusRUNNING}

// end ends an import that has not ended, and tells whether there was one.
func (s *Service) end(ctx context.Context, tx *db.Tx, id gid.ID, as fileimport.Status, failure string) (int, error) {
	change := tx.FileImport.Update().Where(fileimport.ID(id), fileimport.StatusIn(underWay...)).SetStatus(as).SetFinishedAt(s.Now())
	if failure != "" {
		change.SetFailure(failure)
	}
	n, err := change.Save(ctx)
	if err != nil {
		return 0, fmt.Errorf("end the import: %w", err)
	}
	return n, nil
}
