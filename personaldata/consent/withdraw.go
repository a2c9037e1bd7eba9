package consent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Withdrawal is a person's word that a consent holds no longer (152-FZ art. 9 p. 2).
type Withdrawal struct {
	ConsentID  gid.ID
	ReceivedAt *time.Time // nil: now
	Channel    consent.WithdrawalChannel
	Comment    string // may be empty
}

// The lines of a lead's timeline, for administrators.
const (
	textRecorded  = "Согласие внесено администратором."
	textWithdrawn = "Субъект отозвал согласие на обработку данных. Обработка остановлена, данные подлежат уничтожению в течение 30 дней."
	textAdOnly    = "Субъект отозвал согласие, на котором обработка заявки не основана (например, на рекламу). Работа с заявкой не ограничена."
)

// Withdraw ends a consent, once. Where the lead stands on it, the lead's processing stops with the commit: nobody gets,
// takes or sees it but administrators, and it is to be destroyed within DestroyWithin of the receipt. Another consent of the
// lead, to advertising, restricts nothing. Administrators only. Faults: of kind Invalid, all at once, among them
// BEFORE_GIVEN; NotFound on "consentId"; ALREADY_WITHDRAWN, of kind Conflict.
func (s *Service) Withdraw(ctx context.Context, in Withdrawal) (row *ent.Consent, err error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		given, err := tx.Consent.Get(ctx, in.ConsentID)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "consentId", "There is no such consent.")
		}
		if err != nil {
			return fmt.Errorf("read a consent: %w", err)
		}
		received, err := in.check(given, s.Now())
		if err != nil {
			return err
		}
		held, err := holdLead(ctx, tx, given.LeadID, s.Now()) // the lead first: so do all acts on it
		if err != nil {
			return err
		}
		if err := in.end(ctx, tx, received, viewer.UserID); err != nil {
			return err
		}
		text := textAdOnly
		if given.IsBasis && held.LegalBasis != nil && *held.LegalBasis == lead.LegalBasisCONSENT {
			text = textWithdrawn
			if err := restrict(ctx, tx, held, received.Add(DestroyWithin), s.Now()); err != nil {
				return err
			}
		}
		if err := s.tell(ctx, tx, held); err != nil {
			return err
		}
		if err := timeline(ctx, tx, given.LeadID, leadevent.KindCONSENT_WITHDRAWN, text, s.Now(), viewer.UserID); err != nil {
			return err
		}
		if row, err = tx.Consent.Get(ctx, in.ConsentID); err != nil {
			return fmt.Errorf("read a withdrawn consent: %w", err)
		}
		return audit.Record(ctx, tx, s.Now(), ActOn(audit.ConsentWithdrawn, row))
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// check brings the withdrawal into its normal form, and says when it was received.
func (in *Withdrawal) check(given *ent.Consent, now time.Time) (received time.Time, err error) {
	var f form
	received = now
	if in.ReceivedAt != nil {
		received = in.ReceivedAt.UTC().Truncate(time.Microsecond)
	}
	f.past("receivedAt", received, now)
	if received.Before(given.GivenAt) {
		f.add("BEFORE_GIVEN", "receivedAt", "The consent was given after that.")
	}
	if consent.WithdrawalChannelValidator(in.Channel) != nil {
		f.add("INVALID_VALUE", "channel", "This is no channel by which a withdrawal comes.")
	}
	if in.Channel == consent.WithdrawalChannelOTHER {
		in.Comment = f.needed("comment", in.Comment, maxComment)
	} else {
		in.Comment = f.text("comment", in.Comment, maxComment)
	}
	return received, errors.Join(f.wrong...)
}

// end writes the withdrawal by an update that only one of several at once can make.
func (in Withdrawal) end(ctx context.Context, tx *db.Tx, received time.Time, by gid.ID) error {
	update := tx.Consent.Update().Where(consent.ID(in.ConsentID), consent.WithdrawnAtIsNil()).
		SetWithdrawnAt(received).SetWithdrawalChannel(in.Channel).SetWithdrawalComment(in.Comment)
	if !by.IsZero() {
		update.SetWithdrawnByID(by)
	}
	n, err := update.Save(ctx)
	if err != nil {
		return fmt.Errorf("withdraw a consent: %w", err)
	}
	if n == 0 {
		return fault.Coded(fault.Conflict, "ALREADY_WITHDRAWN", "consentId", "This consent has been withdrawn already.")
	}
	return nil
}

// restrict stops the processing of a held lead. An earlier restriction and an earlier end stay.
func restrict(ctx context.Context, tx *db.Tx, row *ent.Lead, destroyBy, now time.Time) error {
	update := tx.Lead.UpdateOneID(row.ID)
	if row.RestrictedAt == nil {
		update.SetRestrictedAt(now).SetRestriction(lead.RestrictionWITHDRAWAL)
	}
	if row.DestroyBy == nil || destroyBy.Before(*row.DestroyBy) {
		update.SetDestroyBy(destroyBy)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("restrict the processing of a lead: %w", err)
	}
	return nil
}

// tell tells of a change of a held lead, which is given as it was.
func (s *Service) tell(ctx context.Context, tx *db.Tx, was *ent.Lead) error {
	is, err := tx.Lead.Get(ctx, was.ID)
	if err != nil {
		return fmt.Errorf("read a changed lead: %w", err)
	}
	return s.Changed(auth.AsSystem(ctx, "change of a lead"), tx, was, is)
}

// holdLead stamps a lead, which keeps it to the end of the transaction: whoever takes it or hands it on waits, and then
// finds it as this transaction left it.
func holdLead(ctx context.Context, tx *db.Tx, id gid.ID, now time.Time) (*ent.Lead, error) {
	n, err := tx.Lead.Update().Where(lead.ID(id)).SetUpdatedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("hold a lead: %w", err)
	}
	if n == 0 {
		return nil, fault.New(fault.NotFound, "leadId", "There is no such lead.")
	}
	row, err := tx.Lead.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read a held lead: %w", err)
	}
	return row, nil
}

// timeline adds a line for administrators.
func timeline(ctx context.Context, tx *db.Tx, id gid.ID, kind leadevent.Kind, text string, now time.Time, by gid.ID) error {
	create := tx.LeadEvent.Create().SetLeadID(id).SetAt(now).SetKind(kind).SetText(text)
	if !by.IsZero() {
		create.SetActorID(by)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("write the timeline: %w", err)
	}
	return nil
}
