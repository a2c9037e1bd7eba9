package leads

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/sourceday"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// checkBlacklist turns away a contact, an address or a domain that no lead is accepted from.
func (in *intake) checkBlacklist(ctx context.Context) error {
	hit, err := in.blacklisted(ctx, in.tx, in.candidate.contacts())
	switch {
	case err != nil:
		return err
	case hit == nil:
		in.note(stepBlacklist, passed, "", "")
	default:
		in.decided(lead.OutcomeBLACKLISTED, stepBlacklist, hit.Kind.String(), gid.BlacklistEntry.Format(hit.ID))
	}
	return nil
}

// checkDuplicates looks for an earlier lead by the source's policy.
func (in *intake) checkDuplicates(ctx context.Context) error {
	like := likeness{
		Contacts: in.candidate.contacts(), keys: in.Keys, test: in.candidate.Test,
		source: in.source, since: window(in.source, in.now),
	}
	if len(in.source.DuplicateFields) == 0 {
		in.note(stepDuplicates, skipped, "", "the source's policy names no fields")
		return nil
	}
	if in.source.DuplicateScope == leadsource.DuplicateScopeDISTRIBUTOR {
		if err := in.aim(ctx, true); err != nil {
			return err
		}
		like.among, like.stray = in.target.id, in.target.id.IsZero()
	}
	found, err := like.earliest(ctx, in.tx)
	switch {
	case err != nil:
		return err
	case found == nil:
		in.note(stepDuplicates, passed, like.policy(), "")
	default:
		in.duplicateOf = &found.ID
		in.decided(lead.OutcomeDUPLICATE, stepDuplicates, like.policy(),
			fmt.Sprintf("%s, received %s", gid.Lead.Format(found.ID), found.ReceivedAt.UTC().Format(time.RFC3339)))
	}
	return nil
}

// checkCap counts the lead against its source's cap for the business day. The one statement decides: it adds nothing
// once the cap is reached, and a transaction that is rolled back takes its count along.
func (in *intake) checkCap(ctx context.Context) error {
	switch {
	case in.source.DailyCap == nil:
		in.note(stepCap, skipped, "", "the source has no daily cap")
		return nil
	case in.candidate.Test:
		in.note(stepCap, skipped, "", "a test lead does not count")
		return nil
	}
	limit, day := *in.source.DailyCap, calendar.DateOf(in.now, in.TimeZone)
	rule, detail := fmt.Sprintf("%d a day", limit), day.String()
	err := in.tx.SourceDay.Create().SetSourceID(in.source.ID).SetDay(&day).SetAccepted(1).
		OnConflict(
			entsql.ConflictColumns(sourceday.FieldSourceID, sourceday.FieldDay),
			entsql.UpdateWhere(entsql.LT(sourceday.FieldAccepted, limit)),
		).AddAccepted(1).Exec(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		in.decided(lead.OutcomeOVER_CAP, stepCap, rule, detail)
	case err != nil:
		return fmt.Errorf("count the lead: %w", err)
	default:
		in.note(stepCap, passed, rule, detail)
	}
	return nil
}
