package imports

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/fileimport"
	"channelbook/ent/predicate"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
)

// Why an import failed.
const (
	failedGone     = "FILE_GONE"       // the file is not there any more
	failedNobody   = "NOT_ALLOWED"     // who has started it is no administrator any more
	failedSource   = "SOURCE_STOPPED"  // or taken away
	failedInternal = "SERVER_FAULT"    // ours; the log says more
	failedFile     = "FILE_UNREADABLE" // it cannot be read as it was when it was checked
)

// errNotOurs says that an import was cancelled, or goes on elsewhere by a later attempt. What was about to be written is rolled back.
var errNotOurs = errors.New("this attempt is not wanted any more")

// run brings the rows of a file in that are not in yet. Each part comes in by a transaction that also says how far the import has come:
// so a row is brought in once, whenever the attempt is broken off and however often it is made, and after a cancel none is.
func (s *Service) run(ctx context.Context, id gid.ID) error {
	row, err := s.claim(ctx, id)
	if err != nil || row == nil {
		return err
	}
	var failure string
	if row.Attempt > maxAttempts { // instances that have died of it leave no error behind
		failure = failedInternal
	} else {
		failure, err = s.bring(ctx, row)
	}
	switch {
	case errors.Is(err, errNotOurs):
		return s.stillOurs(ctx, id)
	case err != nil && ctx.Err() == nil && row.Attempt >= maxAttempts:
		s.Log.ErrorContext(ctx, "an import is given up", "import", gid.Import.Format(id), "attempts", row.Attempt, "error", err)
		failure = failedInternal
	case err != nil:
		return err
	}
	as := fileimport.StatusDONE
	if failure != "" {
		as = fileimport.StatusFAILED
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.FileImport.Update().Where(ours(row)...).SetStatus(as).SetFinishedAt(s.Now()).SetFailure(failure).Save(ctx)
		if err != nil {
			return fmt.Errorf("end the import: %w", err)
		}
		if n == 0 {
			return errNotOurs
		}
		return nil
	})
	if errors.Is(err, errNotOurs) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Log.InfoContext(ctx, "import ended", "import", gid.Import.Format(id), "status", as, "failure", failure, "rows", row.RowsDone)
	s.drop(ctx, id)
	if failure != "" {
		return jobs.Never(errors.New("the import failed: " + failure))
	}
	return nil
}

// stillOurs is an error where an import is under way that somebody has just gone on with: the job looks again later, lest it stand still where
// that one was an attempt that had ended.
func (s *Service) stillOurs(ctx context.Context, id gid.ID) error {
	there, err := s.DB.FileImport.Query().Where(fileimport.ID(id), fileimport.StatusIn(fileimport.StatusQUEUED, fileimport.StatusRUNNING)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look whether the import goes on: %w", err)
	}
	if there {
		return jobs.Later(lookAgain)
	}
	return nil
}

// lookAgain is when an attempt that another was before looks whether that one has ended the import.
const lookAgain = time.Minute

// claim makes the attempt the one that may write; nil where there is nothing to do.
func (s *Service) claim(ctx context.Context, id gid.ID) (*ent.FileImport, error) {
	row, err := s.get(ctx, s.DB.FileImport, id)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	n, err := s.DB.FileImport.Update().
		Where(fileimport.ID(id), fileimport.StatusIn(fileimport.StatusQUEUED, fileimport.StatusRUNNING), fileimport.Attempt(row.Attempt), fileimport.RowsDone(row.RowsDone)).
		SetStatus(fileimport.StatusRUNNING).AddAttempt(1).SetStartedAt(s.Now()).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("claim the import: %w", err)
	}
	if n == 0 {
		return nil, s.stillOurs(ctx, id)
	}
	row.Attempt++
	return row, nil
}

// ours are the conditions under which an attempt may write.
func ours(row *ent.FileImport) []predicate.FileImport {
	return []predicate.FileImport{
		fileimport.ID(row.ID), fileimport.StatusEQ(fileimport.StatusRUNNING), fileimport.Attempt(row.Attempt), fileimport.RowsDone(row.RowsDone),
	}
}

// bring brings in what is not in yet. It answers the failure of an import that cannot come in, or an error where it is worth another attempt.
func (s *Service) bring(ctx context.Context, row *ent.FileImport) (failure string, err error) {
	body, err := s.contents(ctx, row.ID)
	if errors.Is(err, errGone) {
		return failedGone, nil
	}
	if err != nil {
		return "", err
	}
	admin, err := s.starter(ctx, row)
	if err != nil || admin == nil {
		return failedNobody, err
	}
	names, err := distributorNames(ctx, s.DB)
	if err != nil {
		return "", err
	}
	r, err := begin(row.Kind, body, shape{encoding: row.Encoding, separator: row.Separator, sheet: row.Sheet})
	if err != nil {
		return failedFile, nil
	}
	defer func() { _ = r.table.close() }()
	p := &progress{Service: s, row: row, tally: &tally{r.columns, maps.Clone(row.Outcomes), slices.Clone(row.Faults), row.FaultCount}}
	reader := leadReader{names, r.shape.from1904, s.TimeZone}
	if _, err := r.lines(ctx, row.RowsDone); err != nil && !isEnd(err) {
		return failedFile, stopOf(ctx)
	}
	ctx = auth.With(ctx, *admin)
	for {
		lines, err := r.lines(ctx, batch)
		if err != nil && !isEnd(err) {
			return failedFile, stopOf(ctx)
		}
		ended := isEnd(err)
		if len(lines) > 0 {
			if err := s.bringPart(ctx, p, reader, lines); err != nil {
				if faults, ok := fault.All(err); ok && row.Kind == fileimport.KindLEADS && len(faults) > 0 { // of the source
					return failedSource, nil
				}
				return "", err
			}
		}
		if ended {
			return "", nil
		}
	}
}

func stopOf(ctx context.Context) error { return context.Cause(ctx) }

func (s *Service) bringPart(ctx context.Context, p *progress, reader leadReader, lines []line) error {
	if p.row.Kind == fileimport.KindLEADS {
		return s.bringLeads(ctx, p, reader, lines)
	}
	for _, l := range lines {
		if err := s.bringDistributor(ctx, p, reader.from1904, l); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) bringLeads(ctx context.Context, p *progress, reader leadReader, lines []line) error {
	rows := make([]leads.Submission, len(lines))
	for i, l := range lines {
		rows[i] = reader.submission(l)
	}
	var next *progress
	err := s.Leads.Import(ctx, *p.row.SourceID, rows, func(ctx context.Context, tx *db.Tx, results []leads.Result) error {
		next = p.copied()
		for i, r := range results {
			next.add(lines[i].row, outcomeOf(r), r.Err)
		}
		return next.write(ctx, tx, p.row, len(lines))
	})
	if err == nil {
		p.advance(next, len(lines))
	}
	return err
}

func outcomeOf(r leads.Result) string {
	switch {
	case fault.Is(r.Err, fault.Conflict):
		return outcomeRefused
	case r.Err != nil:
		return outcomeInvalid
	case r.Accepted.Replayed:
		return outcomeRepeated
	}
	return r.Accepted.Outcome
}

func (s *Service) bringDistributor(ctx context.Context, p *progress, from1904 bool, l line) error {
	var next *progress
	note := func(outcome string, err error) func(context.Context, *db.Tx) error {
		return func(ctx context.Context, tx *db.Tx) error {
			next = p.copied()
			next.add(l.row, outcome, err)
			return next.write(ctx, tx, p.row, 1)
		}
	}
	in, invalid := company(l, from1904)
	var err error
	if invalid != nil {
		system := auth.AsSystem(ctx, "import")
		err = db.WithTx(system, s.DB, func(tx *db.Tx) error { return note(outcomeInvalid, invalid)(system, tx) })
	} else {
		err = s.Distributors.Import(ctx, in, func(ctx context.Context, tx *db.Tx, made bool) error {
			outcome := outcomeExists
			if made {
				outcome = outcomeCreated
			}
			return note(outcome, nil)(ctx, tx)
		})
	}
	if err == nil {
		p.advance(next, 1)
	}
	return err
}

// starter is who has sent and started an import, as a viewer: what comes in is theirs in the audit. nil: no administrator any more.
func (s *Service) starter(ctx context.Context, row *ent.FileImport) (*auth.Viewer, error) {
	who, err := s.DB.User.Query().Where(user.ID(row.UserID)).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read who has started the import: %w", err)
	case who.Role != user.RoleADMIN || who.DisabledAt != nil:
		return nil, nil
	}
	return &auth.Viewer{Role: auth.Admin, UserID: who.ID}, nil
}

// progress is how far an import has come.
type progress struct {
	*Service
	*tally
	row *ent.FileImport // as it stands in the base
}

// copied is what a part adds to: a transaction may be made again.
func (p *progress) copied() *progress {
	t := *p.tally
	t.outcomes, t.faults = maps.Clone(p.outcomes), slices.Clip(p.faults)
	if t.outcomes == nil {
		t.outcomes = map[string]int{}
	}
	return &progress{p.Service, &t, p.row}
}

// write says in the transaction of a part that its rows are in.
func (p *progress) write(ctx context.Context, tx *db.Tx, was *ent.FileImport, rows int) error {
	ctx = auth.AsSystem(ctx, "import")
	change := tx.FileImport.Update().Where(ours(was)...).AddRowsDone(rows).SetOutcomes(p.outcomes).SetFaultCount(p.faultCount)
	if len(p.faults) != len(was.Faults) {
		change.SetFaults(p.faults)
	}
	n, err := change.Save(ctx)
	if err != nil {
		return fmt.Errorf("note the progress: %w", err)
	}
	if n == 0 {
		return errNotOurs
	}
	return nil
}

// advance takes over what a part has added, once that is committed.
func (p *progress) advance(next *progress, rows int) {
	p.tally = next.tally
	p.row.RowsDone += rows
	p.row.Faults = p.faults
	if p.afterPart != nil {
		p.afterPart(p.row.RowsDone)
	}
}
