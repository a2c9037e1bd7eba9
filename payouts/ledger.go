package payouts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/ledgerentry"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// accrue writes the line of a sale. The lead is held, so that its sales take turns.
func (s *Service) accrue(ctx context.Context, tx *db.Tx, sold leads.Sold) error {
	if sold.IsTest {
		return nil
	}
	actor := s.actor(ctx)
	ctx = auth.AsSystem(ctx, "ledger")
	before, err := tx.LedgerEntry.Query().Where(ledgerentry.LeadID(sold.Lead), ledgerentry.KindEQ(ledgerentry.KindACCRUAL)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the sales of a lead: %w", err)
	}
	owner, err := tx.Distributor.Get(ctx, sold.Distributor)
	if err != nil {
		return fmt.Errorf("read whose sale it is: %w", err)
	}
	available := sold.Day.AddDays(owner.HoldingDays)
	err = tx.LedgerEntry.Create().SetDistributorID(sold.Distributor).SetLeadID(sold.Lead).SetKind(ledgerentry.KindACCRUAL).
		SetSaleNumber(before + 1).SetDay(&sold.Day).SetAmount(sold.Payout).SetNillableSaleAmount(sold.SaleAmount).
		SetAvailableOn(&available).SetNillableActorID(actor).SetCreatedAt(s.Now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write what is owed for a sale: %w", err)
	}
	return nil
}

// reverse writes the negative line of a sale that was taken back, of today. It may be paid, that is taken off, as soon as the
// sale itself.
func (s *Service) reverse(ctx context.Context, tx *db.Tx, sold leads.Sold, today calendar.Date) error {
	if sold.IsTest {
		return nil
	}
	actor := s.actor(ctx)
	ctx = auth.AsSystem(ctx, "ledger")
	accrual, err := s.accrualOf(ctx, tx, sold)
	if err != nil {
		return err
	}
	closed, err := goals.Closed(ctx, tx, *accrual.Day)
	if err != nil {
		return err
	}
	available := today
	if accrual.AvailableOn.After(today) {
		available = *accrual.AvailableOn
	}
	create := tx.LedgerEntry.Create().SetDistributorID(accrual.DistributorID).SetLeadID(sold.Lead).SetKind(ledgerentry.KindREVERSAL).
		SetSaleNumber(accrual.SaleNumber).SetReversesID(accrual.ID).SetDay(&today).SetAmount(-accrual.Amount).SetAvailableOn(&available).
		SetCorrection(closed).SetReason(sold.Reason).SetNillableActorID(actor).SetCreatedAt(s.Now())
	if accrual.SaleAmount != nil {
		create.SetSaleAmount(-*accrual.SaleAmount)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("write the reversal of a sale: %w", err)
	}
	return nil
}

// accrualOf is the line of a sale. A sale that an instance of the release before the ledger has registered gets it now.
func (s *Service) accrualOf(ctx context.Context, tx *db.Tx, sold leads.Sold) (*ent.LedgerEntry, error) {
	for range 2 {
		accrual, err := tx.LedgerEntry.Query().Where(ledgerentry.LeadID(sold.Lead), ledgerentry.KindEQ(ledgerentry.KindACCRUAL), ledgerentry.Not(ledgerentry.HasReversal())).
			Order(ent.Desc(ledgerentry.FieldSaleNumber)).First(ctx)
		switch {
		case err == nil:
			return accrual, nil
		case !ent.IsNotFound(err):
			return nil, fmt.Errorf("read what is owed for a sale: %w", err)
		}
		if err := s.accrue(ctx, tx, sold); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the line of a sale is not there")
}

// actor is the person who acts; nil for the system.
func (s *Service) actor(ctx context.Context) *gid.ID {
	if v, ok := auth.Actor(ctx); ok && !v.UserID.IsZero() {
		return &v.UserID
	}
	return nil
}
