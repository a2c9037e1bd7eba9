package templates

import (
	"context"
	"fmt"

	"channelbook/ent/messagetemplate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// CheckIn is the draft in its normal form, or all that is wrong with it: the faults of Set. By the system alone.
func (d Draft) CheckIn(ctx context.Context, tx *db.Tx) (Draft, error) {
	if _, err := auth.Require(ctx); err != nil {
		return d, err
	}
	return d, d.checkIn(ctx, tx.Client())
}

// Import writes a draft that has been checked where no template of its kind stands, in a transaction that records it, and tells whether
// it has. By the system alone.
func (s *Service) Import(ctx context.Context, tx *db.Tx, id gid.ID, d Draft) (added bool, err error) {
	if _, err := auth.Require(ctx); err != nil {
		return false, err
	}
	there, err := d.Stands(ctx, tx)
	if err != nil || there {
		return false, err
	}
	create := tx.MessageTemplate.Create().SetID(id).SetNillableDistributorID(d.Distributor).SetKind(messagetemplate.Kind(d.Kind)).
		SetChannel(messagetemplate.Channel(d.Channel)).SetCreatedAt(s.Now()).SetUpdatedAt(s.Now())
	d.fill(create.Mutation())
	row, err := create.Save(ctx)
	if err != nil {
		return false, fmt.Errorf("store a template: %w", err)
	}
	return true, audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.LegacyImported, Object: audit.On(gid.Template, id), Details: details(row)})
}

// Stands tells whether there is a template of the draft's kind, channel and distributor.
func (d Draft) Stands(ctx context.Context, tx *db.Tx) (bool, error) {
	there, err := tx.MessageTemplate.Query().Where(d.place()).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look for a template: %w", err)
	}
	return there, nil
}
