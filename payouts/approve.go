package payouts

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/statementline"
	"channelbook/ent/user"
	"channelbook/goals"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Approve makes a statement of a draft, by an administrator who is not the one who drew it up, where there are two who can
// sign in. revision is the one that was read; nil: whatever there is. Faults: NotFound on id; of kind Conflict and on id
// STATEMENT_STATUS, else all at once SAME_ADMINISTRATOR, SALE_REVERSED where a sale of it was reversed since and PERIOD_OPEN
// where the period was opened again since; STALE on revision where it was drawn up anew since.
func (s *Service) Approve(ctx context.Context, id gid.ID, revision *int) (*ent.PayoutStatement, error) {
	return s.onStatement(ctx, id, audit.StatementApproved, func(tx *db.Tx, row *ent.PayoutStatement) error {
		if err := needStatus(row, payoutstatement.StatusDRAFT); err != nil {
			return err
		}
		same, err := s.drewItUpAlone(ctx, tx, row)
		if err != nil {
			return err
		}
		open := goals.NeedClosed(ctx, tx, PeriodOf(row), "id")
		if open != nil && !isFault(open) {
			return open
		}
		reversed, err := reversedSince(ctx, tx, row)
		if err != nil {
			return err
		}
		if err := errors.Join(asRead(row, revision), same, reversed, open); err != nil {
			return err
		}
		err = step(ctx, tx, row, func(u *ent.PayoutStatementUpdate) {
			u.SetStatus(payoutstatement.StatusAPPROVED).SetApprovedAt(s.Now()).SetNillableApprovedByID(s.actor(ctx))
		})
		if err != nil {
			return err
		}
		return s.tellOf(ctx, tx, row, notify.StatementApproved(row.ID, PeriodOf(row), row.Total))
	})
}

// reversedSince is the fault of a draft that would pay a sale which is none any more. One that is reversed at the same moment
// is taken off the next statement.
func reversedSince(ctx context.Context, tx *db.Tx, row *ent.PayoutStatement) (is, failure error) {
	on := statementline.StatementID(row.ID)
	there, err := tx.LedgerEntry.Query().
		Where(ledgerentry.HasReversesWith(ledgerentry.HasLineWith(on)), ledgerentry.Not(ledgerentry.HasLine())).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for reversals of a draft's sales: %w", err)
	}
	if !there {
		return nil, nil
	}
	return fault.Coded(fault.Conflict, "SALE_REVERSED", "id", "A sale on the statement has been reversed since: draw it up anew."), nil
}

func asRead(row *ent.PayoutStatement, revision *int) error {
	if revision == nil || *revision == row.Revision {
		return nil
	}
	return fault.New(fault.Stale, "revision", fmt.Sprintf("The statement has been drawn up anew since: this is revision %d.", row.Revision))
}

// drewItUpAlone is the fault of one who would approve what he has drawn up, where another administrator could.
func (s *Service) drewItUpAlone(ctx context.Context, tx *db.Tx, row *ent.PayoutStatement) (is, failure error) {
	by := s.actor(ctx)
	if by == nil || row.DrawnUpByID == nil || *by != *row.DrawnUpByID {
		return nil, nil
	}
	another, err := tx.User.Query().Where(user.RoleEQ(user.RoleADMIN), user.DisabledAtIsNil(), user.IDNEQ(*by)).Exist(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for another administrator: %w", err)
	}
	if !another {
		return nil, nil
	}
	return fault.Coded(fault.Conflict, "SAME_ADMINISTRATOR", "id", "Another administrator than the one who drew it up approves a statement."), nil
}
