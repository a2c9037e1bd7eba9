package imports

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent/fileimport"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
)

// sweepAtOnce is how many files a sweep deletes at most; the next one goes on.
const sweepAtOnce = 1000

// Sweep ends what was checked more than a day ago and not started, and deletes the files of imports that have ended. It tells how many
// files there were.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	ctx = auth.AsSystem(ctx, "import files")
	err := s.DB.FileImport.Update().Where(fileimport.StatusEQ(fileimport.StatusCHECKED), fileimport.ExpiresAtLTE(s.Now())).
		SetStatus(fileimport.StatusEXPIRED).SetFinishedAt(s.Now()).Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("end what nobody has started: %w", err)
	}
	if err := s.resume(ctx); err != nil {
		return 0, err
	}
	ids, err := s.DB.FileImport.Query().Where(fileimport.FileKept(true), fileimport.StatusNotIn(underWay...)).Limit(sweepAtOnce).IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for files of imports: %w", err)
	}
	for i, id := range ids {
		if err := s.delete(ctx, id); err != nil {
			return i, err
		}
	}
	return len(ids), nil
}

// drop deletes the file of an import that has ended; where that does not go now, the sweep does it.
func (s *Service) drop(ctx context.Context, id gid.ID) {
	if err := s.delete(auth.AsSystem(ctx, "import files"), id); err != nil {
		s.Log.WarnContext(ctx, "the file of an import stays for the next sweep", "import", gid.Import.Format(id), "error", err)
	}
}

func (s *Service) delete(ctx context.Context, id gid.ID) error {
	if err := s.Store.Delete(ctx, fileName(id)); err != nil {
		return fmt.Errorf("delete the file of an import: %w", err)
	}
	if err := s.DB.FileImport.Update().Where(fileimport.ID(id)).SetFileKept(false).Exec(ctx); err != nil {
		return fmt.Errorf("note that the file is deleted: %w", err)
	}
	return nil
}

// lost is how long after an attempt began its job is over, however it ended, so that another is needed.
const lost = 75 * time.Minute

// resume enqueues what is under way and whose job may be gone: where it is not, there are two for a while, of which one goes on.
func (s *Service) resume(ctx context.Context) error {
	before := s.Now().Add(-lost)
	rows, err := s.DB.FileImport.Query().Where(fileimport.StatusIn(fileimport.StatusQUEUED, fileimport.StatusRUNNING), fileimport.CreatedAtLT(before),
		fileimport.Or(fileimport.StartedAtIsNil(), fileimport.StartedAtLT(before))).Select(fileimport.FieldID, fileimport.FieldAttempt).Limit(sweepAtOnce).All(ctx)
	if err != nil {
		return fmt.Errorf("look for imports that stand still: %w", err)
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		again := make([]jobs.Job, len(rows))
		for i, row := range rows {
			again[i] = jobs.Job{Args: bringIn{Import: row.ID, Attempt: row.Attempt + 1}}
		}
		return jobs.Enqueue(ctx, tx, again...)
	})
}
