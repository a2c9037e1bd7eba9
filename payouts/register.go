package payouts

import (
	"context"
	"errors"

	"channelbook/ent"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// RegisterSale closes a lead as sold and writes what is owed for it, by an administrator, in one transaction. A test lead is
// sold and owes nothing. Faults: those of leads.Sell, and PERIOD_CLOSED on soldOn where the day is in a period that is
// closed; all at once.
func (s *Service) RegisterSale(ctx context.Context, in leads.Sale) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if in.SoldOn == nil {
		today := s.today()
		in.SoldOn = &today
	}
	return s.changed(ctx, in.LeadID, func(tx *db.Tx) error {
		closed := goals.Open(ctx, tx, *in.SoldOn, "soldOn")
		if closed != nil && !isFault(closed) {
			return closed
		}
		sold, err := s.Leads.Sell(ctx, tx, in)
		if err := errors.Join(err, closed); err != nil {
			return err
		}
		if err := s.accrue(ctx, tx, sold); err != nil {
			return err
		}
		return tx.Notify(ctx, goals.Changed)
	})
}

// ReverseSale takes a sale back and writes a negative line of today, by an administrator who says why, in one transaction.
// What was closed or paid stays as it is. Faults: those of leads.TakeBack, and PERIOD_CLOSED where today is in a period that
// is closed; all at once.
func (s *Service) ReverseSale(ctx context.Context, id gid.ID, reason string) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	return s.changed(ctx, id, func(tx *db.Tx) error {
		if err := goals.Hold(ctx, tx); err != nil { // it may wait beyond midnight
			return err
		}
		today := s.today()
		closed := goals.Open(ctx, tx, today, "")
		if closed != nil && !isFault(closed) {
			return closed
		}
		sold, err := s.Leads.TakeBack(ctx, tx, id, reason)
		if err := errors.Join(err, closed); err != nil {
			return err
		}
		if err := s.reverse(ctx, tx, sold, today); err != nil {
			return err
		}
		return tx.Notify(ctx, goals.Changed)
	})
}

// changed runs a change of a lead in a transaction and reads the lead again.
func (s *Service) changed(ctx context.Context, id gid.ID, change func(*db.Tx) error) (*ent.Lead, error) {
	if err := db.WithTx(ctx, s.DB, change); err != nil {
		return nil, err
	}
	return s.Leads.Again(ctx, id)
}

func isFault(err error) bool {
	_, only := fault.All(err)
	return only
}
