package leads

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/sealed"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads/watch"
	"channelbook/personaldata/audit"
)

// statusOf is where a lead stands after the outcome of its submission.
var statusOf = map[lead.Outcome]lead.Status{
	lead.OutcomeACCEPTED:    lead.StatusNEW,
	lead.OutcomeDUPLICATE:   lead.StatusDUPLICATE,
	lead.OutcomeBLACKLISTED: lead.StatusBLOCKED,
	lead.OutcomeQUARANTINED: lead.StatusQUARANTINED,
	lead.OutcomeOVER_CAP:    lead.StatusOVER_CAP,
}

// store writes the lead as it was judged, the beginning of its timeline, who is told of it, and the line of the intake log.
func (in *intake) store(ctx context.Context) (answer, error) {
	id := gid.New()
	if err := in.row(id).Exec(ctx); err != nil {
		return answer{}, fmt.Errorf("store the lead: %w", err)
	}
	in.timeline(id)
	in.changes = append(in.changes, watch.Change{Lead: id, Distributor: in.owner()})
	if in.outcome == lead.OutcomeACCEPTED {
		in.tellWhose(in.lead(id, in.now, in.candidate.Test), in.owner())
	}
	in.consents = append(in.consents, in.stands.Records(id, in.source.ID, in.now)...)
	in.acts = append(in.acts, audit.Act{Action: audit.LeadReceived, Object: audit.On(gid.Lead, id), Reason: in.outcome.String(), Details: wentTo(in.owner())})
	a := answer{Accepted: answered(id, in.outcome), logged: intakeattempt.Outcome(in.outcome)}
	in.attempts = append(in.attempts, Attempt{
		SourceID: in.source.ID, LeadID: id, RawBody: in.candidate.RawBody,
		Outcome: a.logged, HTTPStatus: a.HTTPStatus(),
	}.row(ctx, in.Keys, in.now))
	return a, nil
}

func (in *intake) row(id gid.ID) *ent.LeadCreate {
	c := in.candidate
	create := in.tx.Lead.Create().SetID(id).SetReceivedAt(in.now).SetUpdatedAt(in.now).SetSourceID(in.source.ID).
		SetStatus(statusOf[in.outcome]).SetOutcome(in.outcome).SetIsTest(c.Test).
		SetBodyHash(in.Keys.Index(bodyPurpose, c.canonical())).
		SetNillableExternalID(present(c.ExternalID)).SetNillableIdempotencyKey(present(c.IdempotencyKey)).
		SetFirstName(c.FirstName).SetFirstNameFold(fold.Name(c.FirstName)).
		SetLastName(c.LastName).SetLastNameFold(fold.Name(c.LastName)).
		SetNillableIP(present(c.IP)).
		SetNillableDuplicateOfID(in.duplicateOf).SetDecisionTrace(in.trace)
	if c.Phone != "" {
		create.SetPhoneSealed(sealed.LeadPhone.Seal(in.Keys, id, c.Phone)).
			SetPhoneIndex(sealed.LeadPhoneIndex.Of(in.Keys, c.Phone)).
			SetPhoneLast4Index(sealed.LeadPhoneLast4Index.Of(in.Keys, c.Phone))
	}
	if c.Email != "" {
		create.SetEmailSealed(sealed.LeadEmail.Seal(in.Keys, id, c.Email)).
			SetEmailIndex(sealed.LeadEmailIndex.Of(in.Keys, c.Email))
	}
	if c.Consent != nil {
		create.SetConsent(c.Consent)
	}
	if in.stands.Basis != "" {
		create.SetLegalBasis(in.stands.Basis)
	}
	if to := in.owner(); to != nil {
		create.SetDistributorID(*to).SetAssignedAt(in.now)
	}
	setTracking(create, &c.Submission)
	return create
}

func setTracking(create *ent.LeadCreate, s *Submission) {
	if len(s.Tracking.SubIDs) > 0 {
		create.SetSubIds(s.Tracking.SubIDs)
	}
	for _, field := range s.trackingFields() {
		if *field.value == "" {
			continue
		}
		if err := create.Mutation().SetField(field.column, *field.value); err != nil {
			panic(err) // the table of fields names a column that is none
		}
	}
}

// owner is whose lead it is from now on; nil where it is nobody's.
func (in *intake) owner() *gid.ID {
	if in.outcome != lead.OutcomeACCEPTED || in.target.id.IsZero() {
		return nil
	}
	return &in.target.id
}

func (in *intake) timeline(id gid.ID) {
	add := func(kind leadevent.Kind, text string) {
		in.events = append(in.events, event{lead: id, kind: kind, whose: in.owner(), text: text})
	}
	add(leadevent.KindRECEIVED, receivedText[in.outcome])
	switch {
	case in.outcome != lead.OutcomeACCEPTED:
	case in.owner() != nil:
		add(leadevent.KindASSIGNED, textAssigned)
	default:
		add(leadevent.KindUNASSIGNED, textUnassigned)
	}
}

func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
