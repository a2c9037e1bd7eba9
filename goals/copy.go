package goals

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/goalchange"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Copying says which goals are copied from a period into another.
type Copying struct {
	From, To       calendar.Period // of one kind
	DistributorIDs []gid.ID        // whose; none: everybody's
	Replace        bool            // goals that are there already; else they stay
	Reason         string          // for the history; may be empty
}

// maxNamed is how many distributors are named at once.
const maxNamed = 500

// Copy gives the goals of a period to another one of the same kind, by an administrator, and tells how many it has set, and
// how many were there and stay as they are. Faults, all at once: INVALID_PERIOD, KIND_DIFFERS, SAME_PERIOD, TOO_MANY
// and those of reason, TOO_LONG and INVALID_CHARACTERS, of kind Invalid; NotFound for a distributor; Conflict NOTHING_TO_COPY
// and PERIOD_CLOSED.
func (s *Service) Copy(ctx context.Context, in Copying) (copied, kept int, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return 0, 0, err
	}
	wrong := errors.Join(in.check(), because(&in.Reason))
	if len(in.DistributorIDs) > maxNamed {
		return 0, 0, wrong
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		ctx := auth.AsSystem(ctx, "copy goals")
		if err := lock(ctx, tx); err != nil {
			return err
		}
		changes, all, err := in.compared(ctx, tx, wrong != nil)
		if err := errors.Join(wrong, err); err != nil {
			return err
		}
		copied, kept = len(changes), all-len(changes)
		return s.save(ctx, tx, goalchange.KindCOPIED, audit.GoalsCopied, in.Reason, changes)
	})
	if err != nil {
		return 0, 0, err
	}
	return copied, kept, nil
}

func (in Copying) check() error {
	wrong := []error{Valid(in.From, "from"), Valid(in.To, "to")}
	switch {
	case in.From.Kind != in.To.Kind:
		wrong = append(wrong, fault.Coded(fault.Invalid, "KIND_DIFFERS", "to.kind", "Goals are copied into a period of the same kind."))
	case in.From == in.To:
		wrong = append(wrong, fault.Coded(fault.Invalid, "SAME_PERIOD", "to.startsOn", "Goals are copied into another period."))
	}
	if len(in.DistributorIDs) > maxNamed {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_MANY", "distributorIds", fmt.Sprintf("At most %d distributors at once.", maxNamed)))
	}
	return errors.Join(wrong...)
}

// compared are the changes to write, and how many goals there are to copy; or all that is wrong. Where something is wrong
// already, nobody is told besides that there is nothing to copy.
func (in Copying) compared(ctx context.Context, tx *db.Tx, wrong bool) (changes []change, all int, err error) {
	faults := []error{in.unknown(ctx, tx)}
	closed, err := closedOf(ctx, tx, &in.To.StartsOn)
	if err != nil {
		return nil, 0, err
	}
	if closed[in.To] {
		faults = append(faults, periodClosed(in.To, "to"))
	}
	from, err := in.goalsOf(ctx, tx, in.From)
	if err != nil {
		return nil, 0, err
	}
	there, err := in.goalsOf(ctx, tx, in.To)
	if err != nil {
		return nil, 0, err
	}
	if err := errors.Join(faults...); err != nil || wrong {
		return nil, 0, err
	}
	if len(from) == 0 {
		return nil, 0, fault.Coded(fault.Conflict, "NOTHING_TO_COPY", "from", fmt.Sprintf("There are no such goals for the %s.", in.From))
	}
	to := make(map[key]*ent.Goal, len(there))
	for _, g := range there {
		to[key{g.DistributorID, in.To, g.Metric}] = g
	}
	for _, g := range from {
		k := key{g.DistributorID, in.To, g.Metric}
		if was := to[k]; was == nil || in.Replace && was.Target != g.Target {
			changes = append(changes, change{key: k, was: was, to: g.Target})
		}
	}
	return changes, len(from), nil
}

// unknown are the faults of distributors that are not there.
func (in Copying) unknown(ctx context.Context, tx *db.Tx) error {
	if len(in.DistributorIDs) == 0 {
		return nil
	}
	known, err := tx.Distributor.Query().Where(distributor.IDIn(in.DistributorIDs...)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for the distributors of goals: %w", err)
	}
	among := setOf(known)
	var faults []error
	for i, id := range in.DistributorIDs {
		if !among[id] {
			faults = append(faults, noDistributor(fmt.Sprintf("distributorIds[%d]", i)))
		}
	}
	return errors.Join(faults...)
}

func (in Copying) goalsOf(ctx context.Context, tx *db.Tx, p calendar.Period) ([]*ent.Goal, error) {
	q := tx.Goal.Query().Where(of(p))
	if len(in.DistributorIDs) > 0 {
		q.Where(goal.DistributorIDIn(in.DistributorIDs...))
	}
	rows, err := q.Order(ent.Asc(goal.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the goals of a period: %w", err)
	}
	return rows, nil
}
