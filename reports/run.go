package reports

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/reqctx"
	"channelbook/reports/document"
	"channelbook/reports/order"
)

// beat is how often whoever makes a report says so, and looks whether it is wanted still.
const beat = time.Second

// errUnwanted is the cause of the end of a report that was cancelled, or that somebody else makes by now.
var errUnwanted = errors.New("the report is not wanted any more")

// run makes a report, unless it has ended or somebody else is at it. What fails for a reason that may pass is tried again by the queue; the
// report FAILED once that has no sense.
func (s *Service) run(ctx context.Context, due Due) error {
	leave, err := s.enter(ctx)
	if err != nil {
		return err
	}
	defer leave()
	row, err := s.claim(ctx, due)
	if err != nil || row == nil {
		return err
	}
	err = s.make(ctx, row)
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		err = Fail(err, failedTooSlow)
	}
	var f failure
	if fault.HasCode(err, document.TooManyRows) {
		err = Fail(err, failedTooLong)
	}
	switch {
	case err == nil, errors.Is(err, errUnwanted):
		return nil
	case errors.As(err, &f):
		s.Log.WarnContext(ctx, "a report cannot be made", "report", gid.Report.Format(row.ID), "error", err)
		return s.fail(context.WithoutCancel(ctx), row, f.told)
	case ctx.Err() != nil: // by the server's stop, or an administrator: no attempt that failed
		return errors.Join(err, s.mine(row).SetStatus(report.StatusQUEUED).AddAttempt(-1).Exec(context.WithoutCancel(ctx)))
	case row.Attempt >= maxAttempts:
		s.Log.ErrorContext(ctx, "a report could not be made", "report", gid.Report.Format(row.ID), "error", err)
		return errors.Join(jobs.Never(err), s.fail(ctx, row, failedInternal))
	}
	return errors.Join(err, s.mine(row).SetStatus(report.StatusQUEUED).Exec(ctx))
}

// maxAttempts is how often a report is begun.
const maxAttempts = 3

// failure is an end of a report that another attempt would not change, with what its reader is told.
type failure struct {
	error
	told string
}

func (f failure) Unwrap() error { return f.error }

// Fail is an error with which a maker says that the report cannot be made, and what its reader is told: a sentence in Russian.
func Fail(err error, told string) error { return failure{err, told} }

// claim begins an attempt: nil where there is nothing to do. What was begun too often, by instances that are gone since, is begun no more.
func (s *Service) claim(ctx context.Context, due Due) (*ent.Report, error) {
	now := s.Now()
	n, err := s.DB.Report.Update().
		Where(report.ID(due.Report), report.Or(report.StatusEQ(report.StatusQUEUED), report.And(report.StatusEQ(report.StatusRUNNING), report.SeenAtLT(now.Add(-lost))))).
		SetStatus(report.StatusRUNNING).AddAttempt(1).SetRows(0).ClearRowsExpected().SetStartedAt(now).SetSeenAt(now).Save(ctx)
	if err != nil || n == 0 {
		return nil, wrap(err, "begin a report")
	}
	row, err := s.DB.Report.Get(ctx, due.Report)
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	if row.Attempt > maxAttempts {
		return nil, s.fail(ctx, row, failedInternal)
	}
	return row, nil
}

// mine is a change of a report as long as this attempt is the one that makes it.
func (s *Service) mine(row *ent.Report) *ent.ReportUpdate {
	return s.DB.Report.Update().Where(mine(row)...)
}

// make makes the file, stores it and says so.
func (s *Service) make(ctx context.Context, row *ent.Report) (err error) {
	defer func() {
		if p := recover(); p != nil { // a report that ends the server would be begun anew by the next one
			err = fmt.Errorf("making a report: %v", reqctx.Panic(p))
		}
	}()
	reader, err := s.reader(ctx, row)
	if err != nil {
		return err
	}
	p, err := s.Parameters(row)
	if err != nil {
		return err
	}
	ctx, unwanted := context.WithCancelCause(ctx)
	defer unwanted(nil)
	at := &progress{}
	stopped := s.watch(ctx, row, at, unwanted)
	defer stopped()

	dir, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return fmt.Errorf("make a folder for a report: %w", err)
	}
	defer os.RemoveAll(dir)
	o := &order.Order{Parameters: p, Kind: row.Kind.String(), Format: row.Format.String(), Viewer: reader, TimeZone: s.TimeZone, Wrote: at.wrote(ctx), Expect: at.expect}
	path, err := s.write(ctx, o, dir)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	return s.finish(ctx, row, o, at, path, stopped)
}

// write writes the file into a folder.
func (s *Service) write(ctx context.Context, o *order.Order, dir string) (path string, err error) {
	format := o.Format
	if format == order.PDF {
		o.Format = order.DOCX
	}
	path = filepath.Join(dir, "report."+extensions[report.Format(o.Format)])
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", fmt.Errorf("make a file for a report: %w", err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	err = db.Snapshot(ctx, s.DB, func(tx *db.Tx) error {
		o.Tx, o.Out, o.AsOf = tx, out, s.Now()
		return s.Makers[o.Kind](auth.With(ctx, o.Viewer), o)
	})
	if err != nil || format != order.PDF {
		return path, wrap(err, "write a report")
	}
	o.Format = format
	return s.convert(ctx, path, dir)
}

// convert makes a PDF file of a document.
func (s *Service) convert(ctx context.Context, path, dir string) (string, error) {
	if !s.PDF.Installed() {
		return "", Fail(errors.New("there is no LibreOffice any more"), failedNoPDF)
	}
	made, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read a document: %w", err)
	}
	if made, err = s.PDF.Convert(ctx, made, ".docx"); err != nil {
		return "", fmt.Errorf("make a PDF file of a report: %w", err)
	}
	as := filepath.Join(dir, "report.pdf")
	return as, wrap(os.WriteFile(as, made, 0o600), "keep a PDF file") // #nosec G703 -- in a folder of our own
}

// progress is how far a maker is.
type progress struct{ rows, expected atomic.Int64 }

func (p *progress) wrote(ctx context.Context) func(int) error {
	return func(rows int) error {
		p.rows.Store(int64(rows))
		return context.Cause(ctx)
	}
}

func (p *progress) expect(rows int) { p.expected.Store(int64(rows)) }

// watch writes each second how far a report is, until stop; unwanted is told where it is not to be made any more.
func (s *Service) watch(ctx context.Context, row *ent.Report, at *progress, unwanted context.CancelCauseFunc) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(beat):
			}
			change := s.DB.Report.Update().Where(mine(row)...).SetSeenAt(s.Now()).SetRows(int(at.rows.Load()))
			if expected := at.expected.Load(); expected > 0 {
				change.SetRowsExpected(int(expected))
			}
			n, err := change.Save(ctx)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				s.Log.WarnContext(ctx, "how far a report is could not be written", "error", err)
			case n == 0:
				unwanted(errUnwanted)
				return
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

func wrap(err error, doing string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
