package leads

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/consent"
)

// Accepted is what a submission is answered. It says nothing about an earlier lead or its owner.
type Accepted struct {
	Outcome   string // ACCEPTED, DUPLICATE, BLACKLISTED, QUARANTINED, OVER_CAP
	Reference string // opaque; the same for a repeated submission
	Replayed  bool   // it was taken in before, and this is what was answered then
	LeadID    gid.ID
}

// HTTPStatus is 201 for a lead that was accepted, 200 for one that was stored with another outcome.
func (a Accepted) HTTPStatus() int {
	if a.Outcome == string(lead.OutcomeACCEPTED) {
		return 201
	}
	return 200
}

// Accept checks a submission of the source that asks and stores it with its outcome and the trace of each check. When
// it returns, the lead is on the disk. A duplicate is an outcome, not an error, and leaves the first lead and its owner
// as they were: of any number of equal submissions at once, whatever instances and sources they come to, exactly one is
// accepted; where the source's policy looks among one distributor's leads alone, one for each distributor.
//
// A repeat under the same idempotency key or external id is answered what the first one was. Faults: all that is wrong
// with the submission at once, of kind Invalid; IDEMPOTENCY_KEY_REUSED, of kind Conflict, for the same key or external id
// with another content; RATE_LIMITED; SOURCE_STOPPED. Each stands in the intake log, and none stores a lead.
func (s *Service) Accept(ctx context.Context, in Submission) (Accepted, error) {
	source, err := submitter(ctx)
	if err != nil {
		return Accepted{}, err
	}
	if err := s.admit(ctx, source, 1, in.RawBody); err != nil {
		return Accepted{}, err
	}
	c, invalid := validate(in)
	if invalid != nil {
		if err := s.LogAttempt(ctx, invalidAttempt(source, in, invalid)); err != nil {
			return Accepted{}, err
		}
		return Accepted{}, invalid
	}
	answers, err := s.takeIn(ctx, source, []candidate{c})
	if err != nil {
		return Accepted{}, errors.Join(err, s.logStopped(ctx, source, in.RawBody, err))
	}
	return answers[0].Accepted, answers[0].Err
}

// logStopped writes the intake log's line where the source was stopped after it had been let in.
func (s *Service) logStopped(ctx context.Context, source gid.ID, raw []byte, err error) error {
	if !fault.Is(err, fault.Forbidden) {
		return nil
	}
	return s.LogAttempt(ctx, Attempt{
		SourceID: source, Outcome: intakeattempt.OutcomeUNAUTHENTICATED, HTTPStatus: 403, Errors: err, RawBody: raw,
	})
}

// submitter is the source that asks.
func submitter(ctx context.Context) (gid.ID, error) {
	viewer, err := auth.Require(ctx, auth.Source)
	if err != nil {
		return gid.ID{}, err
	}
	if viewer.SourceID.IsZero() {
		return gid.ID{}, fault.New(fault.Forbidden, "", "Only a lead source submits leads.")
	}
	return viewer.SourceID, nil
}

// invalidAttempt is the line of the intake log for a submission that did not pass validation.
func invalidAttempt(source gid.ID, in Submission, invalid error) Attempt {
	return Attempt{
		SourceID: source, Outcome: intakeattempt.OutcomeINVALID, HTTPStatus: 422,
		Errors: invalid, RawBody: in.RawBody,
	}
}

// answer is what became of one candidate: Err holds its fault, if any, and logged is what its line of the intake log
// says.
type answer struct {
	Accepted
	Err    error
	logged intakeattempt.Outcome
}

// takeInTries is how often a transaction is tried where a unique index finds a repeat that the locks did not keep apart:
// two instances that have no key in common. The second try finds the repeat and replays it.
const takeInTries = 3

// takeIn judges and stores candidates of one source in one transaction, in their order.
func (s *Service) takeIn(ctx context.Context, source gid.ID, candidates []candidate) ([]answer, error) {
	ctx = auth.AsSystem(ctx, "intake")
	var answers []answer
	var err error
	for range takeInTries {
		err = db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			answers, err = s.judge(ctx, tx, source, candidates)
			return err
		})
		if !sqlgraph.IsUniqueConstraintError(err) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	for _, a := range answers {
		s.Metrics.Logged(a.logged.String())
		if a.Err != nil {
			continue
		}
		s.Log.InfoContext(ctx, "lead taken in", "lead", gid.Lead.Format(a.LeadID), "source", gid.LeadSource.Format(source), "outcome", a.Outcome, "replayed", a.Replayed)
	}
	return answers, nil
}

// judge takes the locks of all candidates, then each of them through the checks.
func (s *Service) judge(ctx context.Context, tx *db.Tx, id gid.ID, candidates []candidate) ([]answer, error) {
	source, err := openSource(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	terms, err := s.readTerms(ctx, tx, source, candidates)
	if err != nil {
		return nil, err
	}
	names := s.capLocks(source)
	for i := range candidates {
		c := &candidates[i]
		names = append(names, s.keyLocks(c, id)...)
		names = append(names, s.contactLocks(c.contacts(), c.Test, source)...)
	}
	if err := lockRows(ctx, tx, s.Now(), names); err != nil {
		return nil, err
	}
	if len(candidates) > 1 && source.DistributorID == nil {
		// One lead of a batch may hold a distributor that is named for it when the next one wants a turn.
		if _, err := takeTurn(ctx, tx); err != nil {
			return nil, err
		}
	}
	answers := make([]answer, len(candidates))
	rec := &record{at: s.Now(), zone: s.TimeZone}
	for i := range candidates {
		in := intake{Service: s, tx: tx, record: rec, now: s.Now(), source: source, candidate: &candidates[i], terms: terms}
		if answers[i], err = in.decide(ctx); err != nil {
			return nil, err
		}
	}
	return answers, rec.write(ctx, tx)
}

// openSource reads the source that submits, with its policy as it stands now.
func openSource(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.LeadSource, error) {
	query := tx.LeadSource.Query().Where(leadsource.ID(id))
	query.Modify(consent.ReadTerms)
	source, err := query.Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.Unauthenticated, "", "There is no such lead source.")
	case err != nil:
		return nil, fmt.Errorf("read the lead source: %w", err)
	case source.Status != leadsource.StatusACTIVE:
		return nil, fault.Coded(fault.Forbidden, "SOURCE_STOPPED", "", "This lead source has been stopped.")
	}
	return source, nil
}

// LogAttempt writes one line of the intake log: for the edges, what they refused before a submission could be read.
func (s *Service) LogAttempt(ctx context.Context, a Attempt) error {
	ctx = auth.AsSystem(ctx, "intake log")
	if err := s.logAttempts(ctx, a.row(ctx, s.Keys, s.Now())); err != nil {
		return err
	}
	s.Metrics.Logged(a.Outcome.String())
	return nil
}
