package consent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/consent"
	"channelbook/ent/consenttext"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/processingpurpose"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Given is a consent that reached us otherwise than with its lead: on paper, by phone.
type Given struct {
	Purpose     string // its code; empty: the purpose of the lead's source
	TextVersion string
	GivenAt     time.Time
	How         consent.How
	Form        string // the page or document; may be empty
	UserAgent   string // may be empty
}

// Record adds a consent to a lead. One for the purpose of the lead's source lets a lead without a basis be processed, and
// lifts a restriction that came from a withdrawal, if it was given after that. Administrators only. Faults: of kind
// Invalid, all at once; NotFound on "leadId" or "purpose"; UNKNOWN_TEXT_VERSION, EXPIRED; PURPOSE_INACTIVE and
// GIVEN_BEFORE_WITHDRAWAL, of kind Conflict.
func (s *Service) Record(ctx context.Context, leadID gid.ID, in Given) (row *ent.Consent, err error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		held, err := holdLead(ctx, tx, leadID, s.Now())
		if err != nil {
			return err
		}
		if row, err = Add(ctx, tx, held, in, s.Now(), viewer.UserID, ""); err != nil {
			return err
		}
		if err := s.tell(ctx, tx, held); err != nil {
			return err
		}
		if err := timeline(ctx, tx, leadID, leadevent.KindCONSENT_RECORDED, textRecorded, s.Now(), viewer.UserID); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), ActOn(audit.ConsentRecorded, row))
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// ActOn is what is done to a consent, for the audit.
func ActOn(action audit.Action, row *ent.Consent) audit.Act {
	return audit.Act{
		Action: action, Object: audit.On(gid.Lead, row.LeadID), Details: map[string]string{
			"consent": gid.Consent.Format(row.ID), "purpose": gid.Purpose.Format(row.PurposeID), "version": row.TextVersion,
		},
	}
}

// Add is Record within a transaction that holds the lead's row; row is the lead as it stands. Faults name fields below
// path.
func Add(ctx context.Context, tx *db.Tx, row *ent.Lead, in Given, now time.Time, by gid.ID, path string) (*ent.Consent, error) {
	source, err := tx.LeadSource.Get(ctx, row.SourceID)
	if err != nil {
		return nil, fmt.Errorf("read the lead's source: %w", err)
	}
	text, err := in.check(ctx, tx, source, now, path)
	if err != nil {
		return nil, err
	}
	r := record{
		text: text, givenAt: in.GivenAt.UTC().Truncate(time.Microsecond), how: in.How, form: in.Form, userAgent: in.UserAgent,
		isBasis: text.purpose == source.PurposeID,
	}
	if r.isBasis {
		if err := letProcess(ctx, tx, row, r.givenAt, path); err != nil {
			return nil, err
		}
	}
	create := r.write(tx.Consent.Create(), row.ID, row.SourceID, now)
	if !by.IsZero() {
		create.SetRecordedByID(by)
	}
	saved, err := create.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("record a consent: %w", err)
	}
	return saved, nil
}

// check brings the consent into its normal form and finds its text.
func (in *Given) check(ctx context.Context, tx *db.Tx, source *ent.LeadSource, now time.Time, path string) (*text, error) {
	var f form
	in.TextVersion = f.needed(path+"textVersion", in.TextVersion, maxVersion)
	in.Form, in.UserAgent = f.text(path+"form", in.Form, maxForm), f.text(path+"userAgent", in.UserAgent, maxUserAgent)
	f.past(path+"givenAt", in.GivenAt, now)
	if consent.HowValidator(in.How) != nil {
		f.add("INVALID_VALUE", path+"how", "This is no way in which a consent is given.")
	}
	if err := errors.Join(f.wrong...); err != nil {
		return nil, err
	}
	purpose, err := in.purpose(ctx, tx, source, path)
	if err != nil {
		return nil, err
	}
	row, err := tx.ConsentText.Query().Where(consenttext.PurposeID(purpose), consenttext.Version(in.TextVersion)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, fault.Coded(fault.Invalid, "UNKNOWN_TEXT_VERSION", path+"textVersion", "No such version has been published for the purpose.")
	}
	if err != nil {
		return nil, fmt.Errorf("read a consent text: %w", err)
	}
	found := textOf(row)
	if found.over(in.GivenAt, now) {
		return nil, fault.Coded(fault.Invalid, "EXPIRED", path+"givenAt", "The term of this consent is over.")
	}
	return found, nil
}

func (in *Given) purpose(ctx context.Context, tx *db.Tx, source *ent.LeadSource, path string) (gid.ID, error) {
	is := processingpurpose.ID(source.PurposeID)
	if in.Purpose != "" {
		is = processingpurpose.Code(in.Purpose)
	}
	row, err := tx.ProcessingPurpose.Query().Where(is).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return gid.ID{}, fault.New(fault.NotFound, path+"purpose", "There is no such purpose.")
	case err != nil:
		return gid.ID{}, fmt.Errorf("read a purpose: %w", err)
	case !row.Active:
		return gid.ID{}, fault.Coded(fault.Conflict, "PURPOSE_INACTIVE", path+"purpose", "This purpose is not in use.")
	}
	return row.ID, nil
}

// letProcess gives a lead its basis, and lifts a restriction that an earlier withdrawal left.
func letProcess(ctx context.Context, tx *db.Tx, row *ent.Lead, given time.Time, path string) error {
	update := tx.Lead.UpdateOneID(row.ID)
	withdrawn := row.Restriction != nil && *row.Restriction == lead.RestrictionWITHDRAWAL
	if withdrawn {
		after, err := tx.Consent.Query().Where(consent.LeadID(row.ID), consent.IsBasis(true), consent.WithdrawnAtGTE(given)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look at a lead's withdrawals: %w", err)
		}
		if after {
			return fault.Coded(fault.Conflict, "GIVEN_BEFORE_WITHDRAWAL", path+"givenAt", "The consent was withdrawn after that: a new one is needed.")
		}
		update.ClearRestrictedAt().ClearRestriction().ClearDestroyBy()
	}
	if withdrawn || row.LegalBasis == nil {
		update.SetLegalBasis(lead.LegalBasisCONSENT)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("give a lead its basis: %w", err)
	}
	return nil
}
