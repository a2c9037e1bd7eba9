package leads

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/values"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/consent"
)

// intake is one candidate on its way through the checks, within the transaction that holds its locks.
type intake struct {
	*Service
	*record
	tx        *db.Tx
	now       time.Time
	source    *ent.LeadSource
	candidate *candidate
	terms     terms

	stands      consent.Verdict // on what the lead may be processed
	outcome     lead.Outcome    // empty until a check decides
	duplicateOf *gid.ID
	target      *target // who it is to go to, once that is known
	trace       []values.Check
}

// The steps of a decision trace, in their order.
const (
	stepValidation  = "VALIDATION"
	stepIdempotency = "IDEMPOTENCY"
	stepBlacklist   = "BLACKLIST"
	stepDuplicates  = "DUPLICATES"
	stepConsent     = "CONSENT"
	stepAdvertising = "ADVERTISING_CONSENT" // only where one came
	stepCap         = "CAP"
	stepHandOut     = "HAND_OUT"
)

// What a step can come to, besides the outcomes of a lead.
const (
	passed     = "PASSED"
	skipped    = "SKIPPED"
	assigned   = "ASSIGNED"
	unassigned = "UNASSIGNED"
)

// steps are the checks after which a lead may not be accepted, and the hand-out. The first that decides is the last
// that is made.
var steps = []struct {
	name  string
	check func(*intake, context.Context) error
}{
	{stepBlacklist, (*intake).checkBlacklist},
	{stepDuplicates, (*intake).checkDuplicates},
	{stepConsent, (*intake).checkConsent},
	{stepCap, (*intake).checkCap},
	{stepHandOut, (*intake).handOut},
}

// decide answers a repeat as its first time was, and judges and stores anything else.
func (in *intake) decide(ctx context.Context) (answer, error) {
	in.note(stepValidation, passed, "", "")
	repeat, err := in.repeat(ctx)
	if err != nil {
		return answer{}, err
	}
	if repeat != nil {
		return *repeat, nil
	}
	in.weighConsent()
	for _, step := range steps {
		if in.outcome != "" {
			in.skip(step.name)
			continue
		}
		if err := step.check(in, ctx); err != nil {
			return answer{}, fmt.Errorf("%s: %w", step.name, err)
		}
	}
	if in.outcome == "" {
		in.outcome = lead.OutcomeACCEPTED
	}
	return in.store(ctx)
}

// skip notes a step that is not made, since another decided before.
func (in *intake) skip(step string) {
	detail := "decided before: " + in.outcome.String()
	if step != stepConsent {
		in.note(step, skipped, "", detail)
		return
	}
	in.note(step, skipped, "", join(detail, in.stands.Detail))
	in.noteAdvertising()
}

// decided notes the step that decided.
func (in *intake) decided(outcome lead.Outcome, step, rule, detail string) {
	in.outcome = outcome
	in.note(step, outcome.String(), rule, detail)
}

// note adds a step to the trace. The detail is evidence: of other people ids at most.
func (in *intake) note(step, outcome, rule, detail string) {
	in.trace = append(in.trace, values.Check{Step: step, Outcome: outcome, Rule: rule, Detail: detail})
}

func (c *candidate) contacts() Contacts {
	return Contacts{Phone: c.Phone, Email: c.Email, IP: c.IP}
}
