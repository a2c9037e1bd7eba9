package leads

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Sale is what a lead came to. Amounts are in kopecks.
type Sale struct {
	LeadID     gid.ID
	Payout     *int64 // what is owed to the distributor; must be given
	SaleAmount *int64
	SoldOn     *calendar.Date // nil: today
}

// maxAmount is a trillion roubles: past it somebody's program is wrong, and sums stay far from overflowing.
const maxAmount = 100_000_000_000_000

// RegisterSale closes a lead as sold: NEW or IN_PROGRESS → SALE, by an administrator. Faults: PAYOUT_REQUIRED and
// others of kind Invalid, all at once; NotFound, LEAD_STATUS, NO_DISTRIBUTOR; BEFORE_RECEIVED for a day before the lead's.
func (s *Service) RegisterSale(ctx context.Context, in Sale) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	today := calendar.DateOf(s.Now(), s.TimeZone)
	if in.SoldOn == nil {
		in.SoldOn = &today
	}
	if err := in.validate(today); err != nil {
		return nil, err
	}
	return s.act(ctx, in.LeadID, open, func(ctx context.Context, h *held) error {
		if h.DistributorID == nil {
			return fault.Coded(fault.Conflict, "NO_DISTRIBUTOR", "leadId", "Nobody has the lead: reassign it to who sold it first.")
		}
		if received := calendar.DateOf(h.ReceivedAt, s.TimeZone); received.After(*in.SoldOn) {
			return fault.Coded(fault.Invalid, "BEFORE_RECEIVED", "soldOn", fmt.Sprintf("The lead was received on %s: it was not sold before.", received))
		}
		h.event(leadevent.KindSALE_REGISTERED, h.DistributorID, textSold(*in.SoldOn, *in.Payout, in.SaleAmount))
		return h.set().SetStatus(lead.StatusSALE).SetClosedAt(h.now).SetSoldOn(in.SoldOn).
			SetPayout(*in.Payout).SetNillableSaleAmount(in.SaleAmount).Exec(ctx)
	})
}

func (in Sale) validate(today calendar.Date) error {
	var faults []error
	if in.Payout == nil {
		faults = append(faults, fault.Coded(fault.Invalid, "PAYOUT_REQUIRED", "payout", "Give the payout: no rule sets it."))
	}
	faults = append(faults, amount("payout", in.Payout), amount("saleAmount", in.SaleAmount))
	if in.SoldOn.After(today) {
		faults = append(faults, fault.Coded(fault.Invalid, "IN_FUTURE", "soldOn", "A sale is not registered before its day."))
	}
	return errors.Join(faults...)
}

func amount(field string, kopecks *int64) error {
	switch {
	case kopecks == nil:
		return nil
	case *kopecks < 0:
		return fault.Coded(fault.Invalid, "NEGATIVE", field, "An amount is not negative.")
	case *kopecks > maxAmount:
		return fault.Coded(fault.Invalid, "TOO_LARGE", field, "An amount is at most a trillion roubles.")
	}
	return nil
}

// ReverseSale takes a sale back: SALE → IN_PROGRESS, by an administrator who says why. Faults: of kind Invalid;
// NotFound, LEAD_STATUS.
func (s *Service) ReverseSale(ctx context.Context, id gid.ID, reason string) (*ent.Lead, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := needed("reason", &reason, maxReason); err != nil {
		return nil, err
	}
	return s.act(ctx, id, []lead.Status{lead.StatusSALE}, func(ctx context.Context, h *held) error {
		h.event(leadevent.KindSALE_REVERSED, h.DistributorID, fmt.Sprintf(textSaleReversed, reason))
		return h.set().SetStatus(lead.StatusIN_PROGRESS).ClearClosedAt().ClearSoldOn().
			SetPayout(0).ClearSaleAmount().Exec(ctx)
	})
}
