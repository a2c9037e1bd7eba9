package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/predicate"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// repeat finds the lead that was submitted under the same idempotency key or external id: the answer is then the
// first one's if the content is the same, else a fault. It is nil for a submission that comes for the first time.
func (in *intake) repeat(ctx context.Context) (*answer, error) {
	c := in.candidate
	if c.IdempotencyKey == "" && c.ExternalID == "" {
		in.note(stepIdempotency, skipped, "", "no idempotency key and no external id")
		return nil, nil
	}
	for _, by := range []struct {
		field, value string
		is           func(string) predicate.Lead
	}{
		{"idempotencyKey", c.IdempotencyKey, lead.IdempotencyKey},
		{"externalId", c.ExternalID, lead.ExternalID},
	} {
		if by.value == "" {
			continue
		}
		first, err := in.tx.Lead.Query().Where(lead.SourceID(in.source.ID), by.is(by.value)).
			Select(lead.FieldID, lead.FieldOutcome, lead.FieldBodyHash).Only(ctx)
		if err == nil {
			return in.answerRepeat(ctx, first, by.field), nil
		}
		if !ent.IsNotFound(err) {
			return nil, fmt.Errorf("look for a repeat: %w", err)
		}
	}
	in.note(stepIdempotency, passed, "", "submitted for the first time")
	return nil, nil
}

func (in *intake) answerRepeat(ctx context.Context, first *ent.Lead, field string) *answer {
	attempt := Attempt{SourceID: in.source.ID, LeadID: first.ID, RawBody: in.candidate.RawBody}
	var a answer
	if in.Keys.Matches(bodyPurpose, in.candidate.canonical(), first.BodyHash) {
		a.Accepted = answered(first.ID, first.Outcome)
		a.Replayed = true
		attempt.Outcome, attempt.HTTPStatus = intakeattempt.OutcomeREPLAYED, a.HTTPStatus()
	} else {
		a.Err = keyReused(field)
		attempt.Outcome, attempt.HTTPStatus, attempt.Errors = intakeattempt.OutcomeKEY_REUSED, 409, a.Err
	}
	a.logged = attempt.Outcome
	in.attempts = append(in.attempts, attempt.row(ctx, in.Keys, in.now))
	return &a
}

func keyReused(field string) error {
	return fault.Coded(fault.Conflict, "IDEMPOTENCY_KEY_REUSED", field, "This key was used before, with another content.")
}

func answered(id gid.ID, outcome lead.Outcome) Accepted {
	return Accepted{Outcome: outcome.String(), Reference: gid.Submission.Format(id), LeadID: id}
}
