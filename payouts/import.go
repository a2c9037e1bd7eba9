package payouts

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/predicate"
	"channelbook/ent/statementline"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/personaldata/audit"
)

// Hold keeps all periods as they are to the end of the transaction, and tells which of these days are in one that is closed: no sale
// may be imported into them. It comes before Import in its transaction.
func Hold(ctx context.Context, tx *db.Tx, days []calendar.Date) (map[calendar.Date]bool, error) {
	closed := map[calendar.Date]bool{}
	for _, day := range days {
		err := goals.Open(ctx, tx, day, "soldOn")
		if err != nil && !isFault(err) {
			return nil, err
		}
		closed[day] = err != nil
	}
	return closed, nil
}

// Import writes what is owed for sales of another system, each the first of its lead and of a day that Hold has found open, in the
// transaction that stores the leads; by the system alone.
func (s *Service) Import(ctx context.Context, tx *db.Tx, sales []leads.Sold) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	if len(sales) == 0 {
		return nil
	}
	owners, err := ownersOf(ctx, tx, sales)
	if err != nil {
		return err
	}
	rows, now := make([]*ent.LedgerEntryCreate, len(sales)), s.Now()
	for i := range sales {
		sold := &sales[i]
		owner := owners[sold.Distributor]
		if owner == nil {
			return fmt.Errorf("import a sale: there is no distributor %s", sold.Distributor)
		}
		available := sold.Day.AddDays(owner.HoldingDays)
		rows[i] = tx.LedgerEntry.Create().SetID(gid.Named("ledger_entries", sold.Lead.String())).SetDistributorID(sold.Distributor).SetLeadID(sold.Lead).
			SetKind(ledgerentry.KindACCRUAL).SetSaleNumber(1).SetDay(&sold.Day).SetAmount(sold.Payout).SetNillableSaleAmount(sold.SaleAmount).
			SetAvailableOn(&available).SetCreatedAt(now)
	}
	if err := tx.LedgerEntry.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("write what is owed for imported sales: %w", err)
	}
	return tx.Notify(ctx, goals.Changed)
}

func ownersOf(ctx context.Context, tx *db.Tx, sales []leads.Sold) (map[gid.ID]*ent.Distributor, error) {
	ids, seen := []gid.ID{}, map[gid.ID]bool{}
	for _, sold := range sales {
		if !seen[sold.Distributor] {
			seen[sold.Distributor] = true
			ids = append(ids, sold.Distributor)
		}
	}
	rows, err := tx.Distributor.Query().Where(distributor.IDIn(ids...)).Select(distributor.FieldID, distributor.FieldHoldingDays).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read whose sales these are: %w", err)
	}
	owners := make(map[gid.ID]*ent.Distributor, len(rows))
	for _, row := range rows {
		owners[row.ID] = row
	}
	return owners, nil
}

// PaidElsewhere is the statement by which another system has paid a distributor for the sales of a month.
type PaidElsewhere struct {
	ID          gid.ID
	Distributor gid.ID
	Month       calendar.Period
	Source      gid.ID // of the leads that came from that system
	Reference   string
}

// ImportPaid puts the sales of a month that came from another system and stand on no statement onto one that is paid, in a transaction that
// records it, and tells how many and how much these are; 0 where there are none, where they come to nothing, and where the month has
// another statement already. By the system alone.
func (s *Service) ImportPaid(ctx context.Context, tx *db.Tx, in PaidElsewhere) (lines int, total int64, err error) {
	if _, err := auth.Require(ctx); err != nil {
		return 0, 0, err
	}
	if err := goals.Hold(ctx, tx); err != nil {
		return 0, 0, err
	}
	if _, err := lockedOwner(ctx, tx, in.Distributor); err != nil {
		return 0, 0, err
	}
	there, err := tx.PayoutStatement.Query().Where(payoutstatement.DistributorID(in.Distributor), payoutstatement.PeriodKindEQ(payoutstatement.PeriodKind(in.Month.Kind)),
		payoutstatement.StartsOn(&in.Month.StartsOn)).Exist(ctx)
	if err != nil || there {
		return 0, 0, err
	}
	entries, err := tx.LedgerEntry.Query().Where(UnpaidOf(in.Source), ledgerentry.DistributorID(in.Distributor),
		ledgerentry.DayGTE(&in.Month.StartsOn), ledgerentry.DayLT(dayAfter(in.Month))).Select(ledgerentry.FieldID, ledgerentry.FieldAmount).All(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("look for what another system has paid: %w", err)
	}
	for _, e := range entries {
		total += e.Amount
	}
	if total == 0 {
		return 0, 0, nil
	}
	return len(entries), total, s.writePaid(ctx, tx, in, entries, total)
}

func dayAfter(p calendar.Period) *calendar.Date {
	end := p.End()
	return &end
}

// writePaid writes a draft, its lines and then that it is paid: lines of a paid statement never change.
func (s *Service) writePaid(ctx context.Context, tx *db.Tx, in PaidElsewhere, entries []*ent.LedgerEntry, total int64) error {
	now, last := s.Now(), in.Month.EndsOn()
	if today := s.today(); last.After(today) {
		last = today
	}
	err := tx.PayoutStatement.Create().SetID(in.ID).SetDistributorID(in.Distributor).SetPeriodKind(payoutstatement.PeriodKind(in.Month.Kind)).
		SetStartsOn(&in.Month.StartsOn).SetTotal(total).SetEntryCount(len(entries)).SetDrawnUpAt(now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the statement of another system: %w", err)
	}
	rows := db.Rows{Table: statementline.Table, Columns: []string{statementline.FieldStatementID, statementline.FieldEntryID}}
	for _, e := range entries {
		rows.Values = append(rows.Values, []any{in.ID, e.ID})
	}
	if err := tx.Insert(ctx, rows); err != nil {
		return err
	}
	err = tx.PayoutStatement.UpdateOneID(in.ID).SetStatus(payoutstatement.StatusPAID).SetApprovedAt(now).SetPaidAt(now).SetPaidOn(&last).
		SetPaymentReference(in.Reference).Exec(ctx)
	if err != nil {
		return fmt.Errorf("mark the statement of another system as paid: %w", err)
	}
	return audit.Record(ctx, tx, now, audit.Act{Action: audit.LegacyImported, Object: audit.On(gid.Statement, in.ID)})
}

// UnpaidOf finds the lines of the ledger for leads of a source that stand on no statement.
func UnpaidOf(source gid.ID) predicate.LedgerEntry {
	return ledgerentry.And(ledgerentry.HasLeadWith(lead.SourceID(source)), ledgerentry.Not(ledgerentry.HasLine()))
}
