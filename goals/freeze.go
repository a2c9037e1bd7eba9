package goals

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/periodfact"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

var factColumns = []string{
	periodfact.FieldPeriodID, periodfact.FieldDistributorID, periodfact.FieldPayout, periodfact.FieldRevenue,
	periodfact.FieldSaleCount, periodfact.FieldLeadCount, periodfact.FieldConvertedCount,
}

// freeze writes down what every distributor has achieved that has achieved anything, or was to.
func (s *Service) freeze(ctx context.Context, tx *db.Tx, p calendar.Period, id gid.ID) error {
	facts, err := takingPart(ctx, tx, tx.Goal.Query(), s.TimeZone, p)
	if err != nil {
		return err
	}
	rows := db.Rows{Table: periodfact.Table, Columns: factColumns}
	for of, f := range facts {
		rows.Values = append(rows.Values, []any{id, of, f.Payout, f.Revenue, f.SaleCount, f.LeadCount, f.Converted})
	}
	return tx.Insert(ctx, rows)
}

// takingPart are the live facts of all who take part in a period: who has a goal for it, or has achieved anything.
func takingPart(ctx context.Context, b figures.Base, goals *ent.GoalQuery, zone *time.Location, p calendar.Period) (map[gid.ID]Fact, error) {
	facts, err := Facts(ctx, b, zone, nil, []calendar.Period{p}, true)
	if err != nil {
		return nil, err
	}
	rows, err := goals.Where(of(p)).Select(goal.FieldID, goal.FieldDistributorID).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who has goals: %w", err)
	}
	out := make(map[gid.ID]Fact, len(facts))
	for of, f := range facts {
		out[of.Distributor] = f
	}
	for _, g := range rows {
		out[g.DistributorID] = facts[Whose{g.DistributorID, p}]
	}
	return out, nil
}

// freezeGoals gives the goals of a period what was achieved, all in one statement.
func freezeGoals(ctx context.Context, tx *db.Tx, p calendar.Period, id gid.ID, now time.Time) error {
	achieved := sql.ExprFunc(func(b *sql.Builder) {
		b.WriteString("(SELECT CASE goals.metric WHEN 'PAYOUT' THEN f.payout WHEN 'REVENUE' THEN f.revenue" +
			" WHEN 'SALE_COUNT' THEN f.sale_count ELSE f.lead_count END" +
			" FROM period_facts AS f WHERE f.distributor_id = goals.distributor_id AND f.period_id = ").Arg(id)
		b.WriteString(")")
	})
	err := tx.Goal.Update().Where(of(p)).SetClosedAt(now).
		Modify(func(u *sql.UpdateBuilder) { u.Set(goal.FieldClosedActual, achieved) }).Exec(ctx)
	if err != nil {
		return fmt.Errorf("close the goals of a period: %w", err)
	}
	return nil
}
