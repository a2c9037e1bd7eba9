package payouts

import (
	"context"
	"fmt"
	"strconv"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/predicate"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// PeriodOf is the period that a statement is for.
func PeriodOf(s *ent.PayoutStatement) calendar.Period {
	return calendar.Period{Kind: calendar.Kind(s.PeriodKind), StartsOn: *s.StartsOn}
}

// onStatement runs an act of an administrator on a statement, in a transaction that holds the periods and the statement, and
// records it. The statement is read again; it is nil where the act took it away. NotFound on id where there is none.
func (s *Service) onStatement(ctx context.Context, id gid.ID, action audit.Action, act func(tx *db.Tx, row *ent.PayoutStatement) error) (*ent.PayoutStatement, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if err := goals.Hold(ctx, tx); err != nil {
			return err
		}
		row, err := held(ctx, tx, payoutstatement.ID(id))
		if err != nil {
			return err
		}
		if row == nil {
			return fault.New(fault.NotFound, "id", "There is no such statement.")
		}
		if err := act(tx, row); err != nil {
			return err
		}
		return s.recordStatement(ctx, tx, action, row.ID, row.DistributorID, PeriodOf(row), row.Revision)
	})
	if err != nil {
		return nil, err
	}
	return s.statement(ctx, id)
}

// held is a statement that nobody else changes before the end of the transaction; nil where there is none.
func held(ctx context.Context, tx *db.Tx, which ...predicate.PayoutStatement) (*ent.PayoutStatement, error) {
	query := tx.PayoutStatement.Query().Where(which...)
	if tx.Dialect() == dialect.Postgres { // transactions of SQLite that write take turns anyway
		query.Unique(false).Modify(func(s *sql.Selector) { s.For(sql.LockUpdate) })
	}
	row, err := query.Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("hold a statement: %w", err)
	}
	return row, nil
}

// needStatus refuses a statement of another status: STATEMENT_STATUS of kind Conflict on id.
func needStatus(row *ent.PayoutStatement, needed payoutstatement.Status) error {
	if row.Status == needed {
		return nil
	}
	return fault.Coded(fault.Conflict, "STATEMENT_STATUS", "id", fmt.Sprintf("The statement is %s; for this it must be %s.", row.Status, needed))
}

// step takes a statement from a status to the next by a conditional update, whatever held it before.
func step(ctx context.Context, tx *db.Tx, row *ent.PayoutStatement, change func(*ent.PayoutStatementUpdate)) error {
	update := tx.PayoutStatement.Update().
		Where(payoutstatement.ID(row.ID), payoutstatement.StatusEQ(row.Status), payoutstatement.Revision(row.Revision))
	change(update)
	n, err := update.Save(ctx)
	if err == nil && n != 1 {
		err = fmt.Errorf("it is not as it was held")
	}
	if err != nil {
		return fmt.Errorf("change a statement: %w", err)
	}
	return nil
}

// tellOf tells the distributor's users of an act on a statement.
func (s *Service) tellOf(ctx context.Context, tx *db.Tx, row *ent.PayoutStatement, of notify.Event) error {
	return notify.Tell(ctx, tx, s.Now(), notify.Notice{Event: of, To: notify.To{Distributor: row.DistributorID}})
}

// statement reads a statement after an act; nil where the act took it away.
func (s *Service) statement(ctx context.Context, id gid.ID) (*ent.PayoutStatement, error) {
	row, err := s.DB.PayoutStatement.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the statement again: %w", err)
	}
	return row, nil
}

func (s *Service) recordStatement(ctx context.Context, tx *db.Tx, action audit.Action, id, distributor gid.ID, p calendar.Period, revision int) error {
	return audit.Record(ctx, tx, s.Now(), audit.Act{Action: action, Object: audit.On(gid.Statement, id), Details: map[string]string{
		"distributor": gid.Distributor.Format(distributor), "period": p.String(), "revision": strconv.Itoa(revision),
	}})
}

// today in the business's time zone.
func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), s.TimeZone) }
