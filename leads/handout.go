package leads

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// target is who a lead goes to.
type target struct {
	id     gid.ID // zero: nobody
	rule   string
	detail string
	turn   int64 // reserved by round robin, still to be given; 0: nothing to give
}

// The rules by which a lead finds its distributor.
const (
	ruleSource     = "the source's distributor"
	ruleAsked      = "the distributor asked for"
	ruleRoundRobin = "round robin"
)

// aim settles who the lead is to go to. Where that is settled by round robin, other hand-outs wait from here on. With
// reserve the distributor is not given its turn yet: the lead may still turn out to be a duplicate.
func (in *intake) aim(ctx context.Context, reserve bool) error {
	to, err := in.named(ctx)
	if err != nil {
		return err
	}
	in.target = &to
	if !to.id.IsZero() || in.candidate.Test {
		return nil
	}
	to.rule = ruleRoundRobin
	around := circle{allowed: in.source.AllowedDistributorIds}
	if reserve {
		to.id, to.turn, err = around.reserve(ctx, in.tx)
	} else {
		to.id, err = around.roundRobin(ctx, in.tx)
	}
	return err
}

// handOut gives the lead to its distributor. A test lead goes to one that is named for it and takes nobody's turn.
// Nobody left is no fault: the lead stays without a distributor, and administrators see it.
func (in *intake) handOut(ctx context.Context) error {
	if in.target == nil {
		if err := in.aim(ctx, false); err != nil {
			return err
		}
	}
	if to := in.target; to.turn > 0 && !to.id.IsZero() {
		if err := give(ctx, in.tx, to.id, to.turn); err != nil {
			return err
		}
	}
	in.noteTarget()
	return nil
}

func (in *intake) noteTarget() {
	t := in.target
	outcome, detail := assigned, t.detail
	switch {
	case t.id.IsZero() && in.candidate.Test:
		outcome, detail = unassigned, join(detail, "a test lead takes no turn")
	case t.id.IsZero():
		outcome, detail = unassigned, join(detail, "no distributor is left")
	default:
		detail = join(detail, gid.Distributor.Format(t.id))
	}
	in.note(stepHandOut, outcome, t.rule, detail)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// named is the distributor that source or submission name, if it may have the lead. One that may not is passed over,
// which the answer does not tell.
func (in *intake) named(ctx context.Context) (target, error) {
	asked, own := in.candidate.wanted, in.source.DistributorID
	switch {
	case own != nil:
		return nameIfActive(ctx, in.tx, *own, ruleSource)
	case asked.IsZero():
		return target{}, nil
	case !allows(in.source, asked):
		return target{detail: ruleAsked + " is not allowed for the source"}, nil
	}
	return nameIfActive(ctx, in.tx, asked, ruleAsked)
}

func nameIfActive(ctx context.Context, tx *db.Tx, id gid.ID, rule string) (target, error) {
	active, err := isActive(ctx, tx, id)
	if err != nil {
		return target{}, err
	}
	if !active {
		return target{detail: rule + " is not active"}, nil
	}
	return target{id: id, rule: rule}, nil
}

func isActive(ctx context.Context, tx *db.Tx, id gid.ID) (bool, error) {
	active, err := steady(tx, id).Where(distributor.StatusEQ(distributor.StatusACTIVE)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look at a distributor: %w", err)
	}
	return active, nil
}

// steady asks for a distributor so that it is not suspended before the end of the transaction; one that is being
// suspended is waited for. Any number of hand-outs to it go on beside each other.
func steady(tx *db.Tx, id gid.ID) *ent.DistributorQuery {
	q := tx.Distributor.Query().Where(distributor.ID(id))
	if tx.Dialect() == dialect.Postgres {
		q.Modify(func(s *sql.Selector) { s.ForShare() })
	}
	return q
}

func allows(source *ent.LeadSource, id gid.ID) bool {
	return len(source.AllowedDistributorIds) == 0 || slices.Contains(source.AllowedDistributorIds, id)
}
