package payouts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent"
	"channelbook/ent/payoutstatement"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// maxReference is how many characters the number of a payment order and the like has at most.
const maxReference = 255

// MarkPaid says that an approved statement was paid, by an administrator: on a day, today where none is given, and under a
// reference, such as the number of the payment order. It never changes after that. Faults: NotFound on id; STATEMENT_STATUS
// of kind Conflict on id; of kind Invalid IN_FUTURE and BEFORE_PERIOD_END on paidOn, TOO_LONG and INVALID_CHARACTERS on
// reference; all at once.
func (s *Service) MarkPaid(ctx context.Context, id gid.ID, paidOn *calendar.Date, reference string) (*ent.PayoutStatement, error) {
	reference = strings.TrimSpace(reference)
	today := s.today()
	given := paidOn != nil
	if !given {
		paidOn = &today
	}
	form := errors.Join(notAfter(today, *paidOn), checkReference(reference))
	paid, err := s.onStatement(ctx, id, audit.StatementMarkedPaid, func(tx *db.Tx, row *ent.PayoutStatement) error {
		err := errors.Join(needStatus(row, payoutstatement.StatusAPPROVED), form)
		if given {
			err = errors.Join(err, notBefore(PeriodOf(row).EndsOn(), *paidOn))
		}
		if err != nil {
			return err
		}
		err = step(ctx, tx, row, func(u *ent.PayoutStatementUpdate) {
			u.SetStatus(payoutstatement.StatusPAID).SetPaidAt(s.Now()).SetPaidOn(paidOn).SetNillablePaidByID(s.actor(ctx))
			if reference != "" {
				u.SetPaymentReference(reference)
			}
		})
		if err != nil {
			return err
		}
		return s.tellOf(ctx, tx, row, notify.StatementPaid(row.ID, PeriodOf(row), row.Total, *paidOn, reference))
	})
	if form != nil && fault.Is(err, fault.NotFound) {
		err = errors.Join(err, form)
	}
	return paid, err
}

func notAfter(today, day calendar.Date) error {
	if day.After(today) {
		return fault.Coded(fault.Invalid, "IN_FUTURE", "paidOn", "A payment is of today or an earlier day.")
	}
	return nil
}

func notBefore(end, day calendar.Date) error {
	if end.After(day) {
		return fault.Coded(fault.Invalid, "BEFORE_PERIOD_END", "paidOn", fmt.Sprintf("A payment is not of a day before the period's last one, %s.", end))
	}
	return nil
}

func checkReference(reference string) error {
	var wrong []error
	if utf8.RuneCountInString(reference) > maxReference {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_LONG", "reference", fmt.Sprintf("At most %d characters are taken here.", maxReference)))
	}
	if !utf8.ValidString(reference) || strings.ContainsFunc(reference, unicode.IsControl) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_CHARACTERS", "reference", "The text has control characters or is not valid UTF-8."))
	}
	return errors.Join(wrong...)
}
