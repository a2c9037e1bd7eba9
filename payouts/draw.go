package payouts

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/shopspring/decimal"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/statementline"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// DrawUp makes a draft of what a distributor is to be paid for a period, by an administrator: of all its lines of the ledger
// from before the period's end that may be paid by today and stand on no other statement, so that what an earlier period
// left over is among them; and of what was reversed of such sales since, so that nobody is paid for them. A draft of the same period is drawn up anew, as its next revision. Faults, of kind Conflict:
// PERIOD_OPEN and STATEMENT_EXISTS on period, where one of it is approved or paid; NOTHING_TO_PAY where no line or nothing
// above zero is left; BELOW_MINIMUM where it is less than agreed on, which leaves it to a later statement. Invalid on
// period.startsOn where no such period starts then; NotFound on distributorId.
func (s *Service) DrawUp(ctx context.Context, of gid.ID, p calendar.Period) (*ent.PayoutStatement, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	wrong := goals.Valid(p, "period")
	var id gid.ID
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if err := goals.Hold(ctx, tx); err != nil {
			return err
		}
		owner, err := lockedOwner(ctx, tx, of)
		if err != nil {
			return err
		}
		if err := mayDrawUp(ctx, tx, owner, p, wrong); err != nil {
			return err
		}
		id, err = s.drawUp(ctx, tx, owner, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.statement(ctx, id)
}

// lockedOwner holds a distributor, so that its statements are drawn up one after the other: a line of the ledger is on one of
// them at most, which the unique index holds as well. nil where there is none.
func lockedOwner(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.Distributor, error) {
	query := tx.Distributor.Query().Where(distributor.ID(id))
	if tx.Dialect() == dialect.Postgres {
		query.Unique(false).Modify(func(s *sql.Selector) { s.For(sql.LockNoKeyUpdate) })
	}
	row, err := query.Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("lock a distributor: %w", err)
	}
	return row, nil
}

// mayDrawUp joins what is wrong with the input itself and with what it names.
func mayDrawUp(ctx context.Context, tx *db.Tx, owner *ent.Distributor, p calendar.Period, wrong error) error {
	if owner == nil {
		wrong = errors.Join(wrong, fault.New(fault.NotFound, "distributorId", "There is no such distributor."))
	}
	if fault.HasCode(wrong, "INVALID_PERIOD") {
		return wrong
	}
	open := goals.NeedClosed(ctx, tx, p, "period")
	if open != nil && !isFault(open) {
		return open
	}
	return errors.Join(wrong, open)
}

// drawUp writes the draft, new or anew, and tells the other administrators, one of whom approves it.
func (s *Service) drawUp(ctx context.Context, tx *db.Tx, owner *ent.Distributor, p calendar.Period) (gid.ID, error) {
	draft, err := held(ctx, tx, payoutstatement.DistributorID(owner.ID),
		payoutstatement.PeriodKindEQ(payoutstatement.PeriodKind(p.Kind)), payoutstatement.StartsOn(&p.StartsOn))
	if err != nil {
		return gid.ID{}, err
	}
	if draft != nil && draft.Status != payoutstatement.StatusDRAFT {
		return gid.ID{}, fault.Coded(fault.Conflict, "STATEMENT_EXISTS", "period", fmt.Sprintf("The statement of this period is %s already.", draft.Status))
	}
	lines, err := s.payable(ctx, tx, owner, p, draft)
	if err != nil {
		return gid.ID{}, err
	}
	total, err := enough(lines, owner.PayoutMinimum)
	if err != nil {
		return gid.ID{}, err
	}
	id, err := s.writeDraft(ctx, tx, owner, p, draft, lines, total)
	if err != nil {
		return gid.ID{}, err
	}
	to := notify.To{Admins: true}
	if by := s.actor(ctx); by != nil {
		to.Except = *by
	}
	return id, notify.Tell(ctx, tx, s.Now(), notify.Notice{Event: notify.StatementDrawnUp(id, owner.CompanyName, p, total), To: to})
}

// payable are the lines that a statement is made of; those of its draft are free for it.
func (s *Service) payable(ctx context.Context, tx *db.Tx, owner *ent.Distributor, p calendar.Period, draft *ent.PayoutStatement) ([]*ent.LedgerEntry, error) {
	end, today := p.End(), s.today()
	due := ledgerentry.Or(ledgerentry.DayLT(&end), ledgerentry.HasReversesWith(ledgerentry.DayLT(&end)))
	free := ledgerentry.Not(ledgerentry.HasLine())
	if draft != nil {
		free = ledgerentry.Or(free, ledgerentry.HasLineWith(statementline.StatementID(draft.ID)))
	}
	lines, err := tx.LedgerEntry.Query().
		Where(ledgerentry.DistributorID(owner.ID), due, ledgerentry.AvailableOnLTE(&today), free).
		Select(ledgerentry.FieldID, ledgerentry.FieldAmount).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for what may be paid: %w", err)
	}
	return lines, nil
}

// enough adds the lines up and refuses what is not worth a statement.
func enough(lines []*ent.LedgerEntry, minimum int64) (total int64, err error) {
	for _, l := range lines {
		total += l.Amount
	}
	switch {
	case total <= 0:
		return 0, fault.Coded(fault.Conflict, "NOTHING_TO_PAY", "period", "There is nothing to be paid by the end of this period.")
	case total < minimum:
		return 0, fault.Coded(fault.Conflict, "BELOW_MINIMUM", "period",
			fmt.Sprintf("It comes to %s roubles, and the least sum that is paid to the distributor is %s: it is carried over to a later statement.", roubles(total), roubles(minimum)))
	}
	return total, nil
}

func roubles(kopecks int64) string { return decimal.New(kopecks, -2).StringFixed(2) }

func (s *Service) writeDraft(ctx context.Context, tx *db.Tx, owner *ent.Distributor, p calendar.Period, draft *ent.PayoutStatement, lines []*ent.LedgerEntry, total int64) (gid.ID, error) {
	id, revision := gid.New(), 1
	var err error
	if draft == nil {
		err = tx.PayoutStatement.Create().SetID(id).SetDistributorID(owner.ID).
			SetPeriodKind(payoutstatement.PeriodKind(p.Kind)).SetStartsOn(&p.StartsOn).SetTotal(total).SetEntryCount(len(lines)).
			SetNillableDrawnUpByID(s.actor(ctx)).SetDrawnUpAt(s.Now()).Exec(ctx)
	} else {
		id, revision = draft.ID, draft.Revision+1
		err = s.anew(ctx, tx, draft, len(lines), total)
	}
	if err != nil {
		return id, fmt.Errorf("draw up a statement: %w", err)
	}
	rows := db.Rows{Table: statementline.Table, Columns: []string{statementline.FieldStatementID, statementline.FieldEntryID}}
	for _, l := range lines {
		rows.Values = append(rows.Values, []any{id, l.ID})
	}
	if err := tx.Insert(ctx, rows); err != nil {
		return id, err
	}
	return id, s.recordStatement(ctx, tx, audit.StatementDrawnUp, id, owner.ID, p, revision)
}

// anew empties a draft for its next revision.
func (s *Service) anew(ctx context.Context, tx *db.Tx, draft *ent.PayoutStatement, entries int, total int64) error {
	if err := dropLines(ctx, tx, draft.ID); err != nil {
		return err
	}
	return step(ctx, tx, draft, func(u *ent.PayoutStatementUpdate) {
		u.SetRevision(draft.Revision + 1).SetTotal(total).SetEntryCount(entries).SetDrawnUpAt(s.Now())
		if by := s.actor(ctx); by != nil {
			u.SetDrawnUpByID(*by)
		} else {
			u.ClearDrawnUpByID()
		}
	})
}

func dropLines(ctx context.Context, tx *db.Tx, statement gid.ID) error {
	if _, err := tx.StatementLine.Delete().Where(statementline.StatementID(statement)).Exec(ctx); err != nil {
		return fmt.Errorf("take the lines off a draft: %w", err)
	}
	return nil
}
