package leads

import (
	"context"
	"errors"
	"fmt"
	"time"

	"channelbook/distributors"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/personaldata/audit"
)

// Sale is what a lead came to. Amounts are in kopecks.
type Sale struct {
	LeadID     gid.ID
	Payout     *int64 // what is owed to the distributor; nil: by its payout rule
	SaleAmount *int64
	SoldOn     *calendar.Date // nil: today
}

// maxAmount is a trillion roubles: past it somebody's program is wrong, and sums stay far from overflowing.
const maxAmount = 100_000_000_000_000

// Sold is a sale that a transaction has registered or taken back.
type Sold struct {
	Lead        gid.ID
	Distributor gid.ID
	Day         calendar.Date // of the sale
	Payout      int64         // kopecks
	SaleAmount  *int64        // kopecks
	IsTest      bool          // counts nowhere
	Reason      string        // of taking it back
}

// Sell closes a lead as sold: NEW or IN_PROGRESS → SALE, by an administrator, in the transaction that writes what is owed
// for it. The payout is what is given, else what the distributor's rule says. Faults: of kind Invalid, all at once, among
// them PAYOUT_REQUIRED where no rule says it and BEFORE_RECEIVED for a day before the lead's; NotFound, LEAD_STATUS,
// NO_DISTRIBUTOR.
func (s *Service) Sell(ctx context.Context, tx *db.Tx, in Sale) (Sold, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return Sold{}, err
	}
	today := calendar.DateOf(s.Now(), s.TimeZone)
	if in.SoldOn == nil {
		in.SoldOn = &today
	}
	wrong := in.validate(today)
	var sold Sold
	err := s.actIn(ctx, tx, in.LeadID, open, func(ctx context.Context, h *held) error {
		payout, err := h.payout(ctx, in)
		if err := errors.Join(wrong, err, h.soldBefore(*in.SoldOn, s.TimeZone)); err != nil {
			return err
		}
		sold = Sold{Lead: h.ID, Distributor: *h.DistributorID, Day: *in.SoldOn, Payout: payout, SaleAmount: in.SaleAmount, IsTest: h.IsTest}
		h.did(audit.SaleRegistered, h.ID, wentTo(h.DistributorID))
		h.event(leadevent.KindSALE_REGISTERED, h.DistributorID, textSold(*in.SoldOn, payout, in.SaleAmount))
		h.tell(notify.SaleRegistered(h.told(), *in.SoldOn, payout), notify.To{Distributor: *h.DistributorID})
		return h.set().SetStatus(lead.StatusSALE).SetClosedAt(h.now).SetSoldOn(in.SoldOn).
			SetPayout(payout).SetNillableSaleAmount(in.SaleAmount).Exec(ctx)
	})
	if wrong != nil && !errors.Is(err, wrong) { // the lead could not be held, which is one fault more
		err = errors.Join(err, wrong)
	}
	return sold, err
}

func (h *held) soldBefore(day calendar.Date, zone *time.Location) error {
	received := calendar.DateOf(h.ReceivedAt, zone)
	if !received.After(day) {
		return nil
	}
	return fault.Coded(fault.Invalid, "BEFORE_RECEIVED", "soldOn", fmt.Sprintf("The lead was received on %s: it was not sold before.", received))
}

func (in Sale) validate(today calendar.Date) error {
	faults := []error{amount("payout", in.Payout), amount("saleAmount", in.SaleAmount)}
	if in.SoldOn.After(today) {
		faults = append(faults, fault.Coded(fault.Invalid, "IN_FUTURE", "soldOn", "A sale is not registered before its day."))
	}
	return errors.Join(faults...)
}

// payout is what the sale is worth to the distributor whose lead it is, in kopecks.
func (h *held) payout(ctx context.Context, in Sale) (int64, error) {
	if h.DistributorID == nil {
		return 0, fault.Coded(fault.Conflict, "NO_DISTRIBUTOR", "leadId", "Nobody has the lead: reassign it to who sold it first.")
	}
	if in.Payout != nil {
		return *in.Payout, nil
	}
	owner, err := h.tx.Distributor.Get(ctx, *h.DistributorID)
	if err != nil {
		return 0, fmt.Errorf("read whose sale it is: %w", err)
	}
	payout, ok := distributors.PayoutFor(owner, in.SaleAmount)
	if !ok {
		return 0, fault.Coded(fault.Invalid, "PAYOUT_REQUIRED", "payout", "Give the payout, or the sale's amount where the distributor is paid in percent: no rule says it.")
	}
	return payout, nil
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

// TakeBack takes a sale back: SALE → IN_PROGRESS, by an administrator who says why, in the transaction that writes what is
// not owed for it any more. Faults: of kind Invalid; NotFound, LEAD_STATUS.
func (s *Service) TakeBack(ctx context.Context, tx *db.Tx, id gid.ID, reason string) (Sold, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return Sold{}, err
	}
	if err := needed("reason", &reason, maxReason); err != nil {
		return Sold{}, err
	}
	var sold Sold
	err := s.actIn(ctx, tx, id, []lead.Status{lead.StatusSALE}, func(ctx context.Context, h *held) error {
		sold = Sold{Lead: h.ID, Distributor: *h.DistributorID, Day: *h.SoldOn, Payout: h.Payout, SaleAmount: h.SaleAmount, IsTest: h.IsTest, Reason: reason}
		h.did(audit.SaleReversed, h.ID, wentTo(h.DistributorID))
		h.event(leadevent.KindSALE_REVERSED, h.DistributorID, fmt.Sprintf(textSaleReversed, reason))
		h.tell(notify.SaleReversed(h.told(), *h.SoldOn, h.Payout), notify.To{Distributor: *h.DistributorID})
		return h.set().SetStatus(lead.StatusIN_PROGRESS).ClearClosedAt().ClearSoldOn().
			SetPayout(0).ClearSaleAmount().Exec(ctx)
	})
	return sold, err
}
