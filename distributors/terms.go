package distributors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/values"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Terms are what the company and a distributor have agreed on. The zero Terms are those of a new distributor.
type Terms struct {
	Payout          PayoutRule
	HoldingDays     int   // from a sale until its payout may be paid
	MinimumPayout   int64 // kopecks: less than that is carried over to a later statement
	AcceptanceHours *int  // working hours within which a lead is to be taken; nil: no limit
	DailyLeadCap    *int  // leads handed out in a business day; nil: no limit
	MonthlyLeadCap  *int  // leads handed out in a month; nil: no limit
	OpenLeadCap     *int  // leads that are NEW or IN_PROGRESS at once; nil: no limit
	// Timezone of the working hours and absences, such as Asia/Vladivostok; empty: that of the business.
	Timezone string
	// WorkingHours in any order; none: Monday to Friday, 9:00 to 18:00.
	WorkingHours []values.WorkingHours
}

// The bounds of the terms.
const (
	maxHoldingDays     = 365
	maxMinimumPayout   = 100_000_000_000_000 // kopecks: a trillion roubles, the most that a sale is worth
	maxAcceptanceHours = 1000
	maxLeadCap         = 1_000_000
	maxTimezone        = 64
)

// SetTerms puts new terms in the place of those that a distributor has. All faults come at once, with paths such as
// "payoutRule.amount" and "workingHours[2].opensAt"; NotFound on distributorId.
func (s *Service) SetTerms(ctx context.Context, id gid.ID, t Terms) (*ent.Distributor, error) {
	return s.change(ctx, id, func(tx *db.Tx, old *ent.Distributor) error {
		wrong := t.check()
		if old == nil {
			wrong = append(wrong, noDistributor())
		}
		if len(wrong) > 0 {
			return errors.Join(wrong...)
		}
		update := tx.Distributor.UpdateOneID(id).SetUpdatedAt(s.Now())
		t.write(update)
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("set the terms of a distributor: %w", err)
		}
		return s.record(ctx, tx, id, audit.Act{Action: audit.TermsSet})
	})
}

func noDistributor() error {
	return fault.New(fault.NotFound, "distributorId", "There is no such distributor.")
}

// Check is what is wrong with the terms by themselves.
func (t *Terms) Check() error { return errors.Join(t.check()...) }

func (t *Terms) check() (wrong []error) {
	add := func(code, field, message string) {
		wrong = append(wrong, fault.Coded(fault.Invalid, code, field, message))
	}
	within := func(field string, n *int, least, most int) {
		if n != nil && (*n < least || *n > most) {
			add("OUT_OF_RANGE", field, fmt.Sprintf("This is a number from %d to %d.", least, most))
		}
	}
	within("holdingDays", &t.HoldingDays, 0, maxHoldingDays)
	if t.MinimumPayout < 0 || t.MinimumPayout > maxMinimumPayout {
		add("OUT_OF_RANGE", "minimumPayout", "This is a sum from 0 to a trillion roubles.")
	}
	within("acceptanceHours", t.AcceptanceHours, 1, maxAcceptanceHours)
	within("dailyLeadCap", t.DailyLeadCap, 1, maxLeadCap)
	within("monthlyLeadCap", t.MonthlyLeadCap, 1, maxLeadCap)
	within("openLeadCap", t.OpenLeadCap, 1, maxLeadCap)
	if !isTimezone(t.Timezone) {
		add("INVALID_TIMEZONE", "timezone", "This is not a time zone such as Asia/Vladivostok.")
	}
	return slices.Concat(wrong, t.Payout.check(), checkHours(t.WorkingHours))
}

// isTimezone takes the names of the time zone base. Local is another one on each machine.
func isTimezone(name string) bool {
	if name == "" {
		return true
	}
	if name == "Local" || len(name) > maxTimezone {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func (t *Terms) write(u *ent.DistributorUpdateOne) {
	t.Payout.write(u)
	u.SetHoldingDays(t.HoldingDays).SetPayoutMinimum(t.MinimumPayout)
	setOrClear(t.AcceptanceHours, u.SetAcceptanceHours, u.ClearAcceptanceHours)
	setOrClear(t.DailyLeadCap, u.SetDailyLeadCap, u.ClearDailyLeadCap)
	setOrClear(t.MonthlyLeadCap, u.SetMonthlyLeadCap, u.ClearMonthlyLeadCap)
	setOrClear(t.OpenLeadCap, u.SetOpenLeadCap, u.ClearOpenLeadCap)
	setOrClear(given(t.Timezone), u.SetTimezone, u.ClearTimezone)
	if len(t.WorkingHours) == 0 {
		u.ClearWorkingHours()
		return
	}
	u.SetWorkingHours(inOrder(t.WorkingHours))
}

// setOrClear writes an optional value, nil being absent.
func setOrClear[V, U any](value *V, set func(V) U, clear func() U) {
	if value == nil {
		clear()
		return
	}
	set(*value)
}
