package leads

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"channelbook/ent/intakeattempt"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// maxBatch is how many leads one batch may have.
const maxBatch = 500

// Result is what became of the lead at Index of a batch. Err holds its faults, or a failure of ours with it.
type Result struct {
	Index    int
	Accepted Accepted
	Err      error
}

// AcceptBatch is Accept for up to 500 leads, with a result for each in their order. Leads that do not pass validation
// hold up no others. The rest are written in one transaction, so that of equal leads in the batch the first is
// accepted; where that transaction fails, each is tried alone. An error is returned only where nothing was done for any
// lead: who asks may not or not now, or the batch is empty or too long.
func (s *Service) AcceptBatch(ctx context.Context, batch []Submission) ([]Result, error) {
	source, err := submitter(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkSize(len(batch)); err != nil {
		return nil, s.refuseBatch(ctx, source, batch, err)
	}
	if err := s.admit(ctx, source, len(batch), rawBatch(batch)); err != nil {
		return nil, err
	}
	results := make([]Result, len(batch))
	valid, places := s.validateBatch(batch, results)
	if err := s.logInvalid(ctx, source, batch, results); err != nil {
		return nil, err
	}
	if len(valid) == 0 {
		return results, nil
	}
	answers, err := s.takeIn(ctx, source, valid)
	if err != nil {
		if _, refused := fault.All(err); refused || ctx.Err() != nil {
			return nil, errors.Join(err, s.logStopped(ctx, source, rawBatch(batch), err))
		}
		s.Log.WarnContext(ctx, "batch of leads failed, each is tried alone", "source", gid.LeadSource.Format(source), "leads", len(valid), "error", err)
		answers = s.takeInAlone(ctx, source, valid)
	}
	for i, a := range answers {
		results[places[i]].Accepted, results[places[i]].Err = a.Accepted, a.Err
	}
	return results, nil
}

func checkSize(n int) error {
	switch {
	case n == 0:
		return fault.Coded(fault.Invalid, "REQUIRED", "leads", "A batch has at least one lead.")
	case n > maxBatch:
		return fault.Coded(fault.Invalid, "TOO_MANY", "leads", fmt.Sprintf("A batch has at most %d leads.", maxBatch))
	}
	return nil
}

// refuseBatch writes the line of the intake log for a batch that is refused whole, and returns why it is.
func (s *Service) refuseBatch(ctx context.Context, source gid.ID, batch []Submission, refused error) error {
	err := s.LogAttempt(ctx, Attempt{
		SourceID: source, Outcome: intakeattempt.OutcomeINVALID, HTTPStatus: 422, Errors: refused, RawBody: rawBatch(batch),
	})
	if err != nil {
		return err
	}
	return refused
}

// rawBatch is what came over the wire, as a list.
func rawBatch(batch []Submission) []byte {
	bodies := make([][]byte, len(batch))
	for i, in := range batch {
		bodies[i] = in.RawBody
	}
	return slices.Concat([]byte("["), bytes.Join(bodies, []byte(",")), []byte("]"))
}

// validateBatch returns what passed with its places in the batch, and leaves the faults of the rest in results.
func (s *Service) validateBatch(batch []Submission, results []Result) (valid []candidate, places []int) {
	for i, in := range batch {
		c, err := validate(in)
		results[i] = Result{Index: i, Err: err}
		if err == nil {
			valid, places = append(valid, c), append(places, i)
		}
	}
	return valid, places
}

// logInvalid writes the lines of the intake log for what did not pass validation, in one statement.
func (s *Service) logInvalid(ctx context.Context, source gid.ID, batch []Submission, results []Result) error {
	ctx = auth.AsSystem(ctx, "intake log")
	var lines [][]any
	for i, r := range results {
		if r.Err != nil {
			lines = append(lines, invalidAttempt(source, batch[i], r.Err).row(ctx, s.Keys, s.Now()))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if err := s.logAttempts(ctx, lines...); err != nil {
		return err
	}
	for range lines {
		s.Metrics.Logged(intakeattempt.OutcomeINVALID.String())
	}
	return nil
}

func (s *Service) takeInAlone(ctx context.Context, source gid.ID, candidates []candidate) []answer {
	answers := make([]answer, len(candidates))
	for i := range candidates {
		alone, err := s.takeIn(ctx, source, candidates[i:i+1])
		if err != nil {
			answers[i].Err = err
			continue
		}
		answers[i] = alone[0]
	}
	return answers
}
