package leads_test

import (
	"context"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// registerSale and reverseSale are the lead's half of a sale, each in a transaction of its own.
func registerSale(ctx context.Context, s *leads.Service, in leads.Sale) (*ent.Lead, error) {
	return inTx(ctx, s, in.LeadID, func(tx *db.Tx) error { _, err := s.Sell(ctx, tx, in); return err })
}

func reverseSale(ctx context.Context, s *leads.Service, id gid.ID, reason string) (*ent.Lead, error) {
	return inTx(ctx, s, id, func(tx *db.Tx) error { _, err := s.TakeBack(ctx, tx, id, reason); return err })
}

func inTx(ctx context.Context, s *leads.Service, id gid.ID, act func(*db.Tx) error) (*ent.Lead, error) {
	if err := db.WithTx(ctx, s.DB, act); err != nil {
		return nil, err
	}
	return s.Again(ctx, id)
}
