package model

import (
	"context"

	"channelbook/internal/gid"
	"channelbook/payouts"
)

// PayoutTotals are the ledger added up.
func PayoutTotals(by PayoutTotalsGroup, totals []payouts.Total) []*PayoutTotal {
	out := make([]*PayoutTotal, len(totals))
	for i, t := range totals {
		out[i] = &PayoutTotal{
			Key: totalKey(by, t), Label: t.Label, Accrued: Roubles(t.Accrued), Reversed: Roubles(t.Reversed),
			Total: Roubles(t.Sum()), EntryCount: t.EntryCount,
		}
	}
	return out
}

func totalKey(by PayoutTotalsGroup, t payouts.Total) *string {
	var key string
	switch {
	case t.Period != nil:
		key = t.Period.StartsOn.String()
	case t.ID == nil:
		return nil
	case by == PayoutTotalsGroupDistributor:
		key = gid.Distributor.Format(*t.ID)
	default:
		key = gid.Statement.Format(*t.ID)
	}
	return &key
}

// PayoutBalance of the distributor, for all distributors of the level at once.
func (d *Distributor) PayoutBalance(ctx context.Context) (*PayoutBalance, error) {
	balances, err := load(ctx, d.level, func(ctx context.Context) (map[gid.ID]payouts.Balance, error) {
		return d.level.reader.Payouts.Balances(ctx, distinct(d.level.rows, (*Distributor).uuid))
	})
	if err != nil {
		return nil, err
	}
	b := balances[d.Distributor.ID]
	return &PayoutBalance{
		Owed: Roubles(b.Owed), Held: Roubles(b.Held), InStatements: Roubles(b.InStatements),
		Available: Roubles(b.Available), Paid: Roubles(b.Paid),
	}, nil
}
