package distributors

import (
	"github.com/shopspring/decimal"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/fault"
)

// PayoutRule says what a sale is worth to a distributor.
type PayoutRule struct {
	Kind    distributor.PayoutRule // empty: MANUAL
	Amount  *decimal.Decimal       // of FIXED: roubles for each sale
	Percent *decimal.Decimal       // of PERCENT: of the sale's amount
}

// Money is kept in kopecks and a percentage in hundredths: both have two decimals.
const decimals = 2

var (
	maxAmount  = decimal.New(1, 12) // a trillion roubles, as for a sale
	allPercent = decimal.New(100, 0)
)

// hundredths is a number of two decimals as it is kept; nil stays nil.
func hundredths(d *decimal.Decimal) *int64 {
	if d == nil {
		return nil
	}
	n := d.Shift(decimals).IntPart()
	return &n
}

func (r PayoutRule) check() (wrong []error) {
	add := func(code, field, message string) {
		wrong = append(wrong, fault.Coded(fault.Invalid, code, "payoutRule."+field, message))
	}
	if r.Kind != "" && distributor.PayoutRuleValidator(r.Kind) != nil {
		add("INVALID_VALUE", "kind", "This is none of MANUAL, FIXED, PERCENT.")
	}
	for _, part := range []struct {
		field string
		value *decimal.Decimal
		of    distributor.PayoutRule
		most  decimal.Decimal
	}{
		{"amount", r.Amount, distributor.PayoutRuleFIXED, maxAmount},
		{"percent", r.Percent, distributor.PayoutRulePERCENT, allPercent},
	} {
		switch {
		case r.Kind == part.of && part.value == nil:
			add("REQUIRED", part.field, "A rule of the kind "+part.of.String()+" needs this.")
		case part.value == nil:
		case r.Kind != part.of:
			add("NOT_ALLOWED", part.field, "Only a rule of the kind "+part.of.String()+" has this.")
		case !part.value.IsPositive() || part.value.GreaterThan(part.most):
			add("OUT_OF_RANGE", part.field, "This is more than 0 and at most "+part.most.String()+".")
		case !part.value.Shift(decimals).IsInteger():
			add("TOO_PRECISE", part.field, "This has at most two decimals.")
		}
	}
	return wrong
}

func (r PayoutRule) write(u *ent.DistributorUpdateOne) {
	setOrClear(hundredths(r.Amount), u.SetPayoutFixed, u.ClearPayoutFixed)
	setOrClear(hundredths(r.Percent), u.SetPayoutPercent, u.ClearPayoutPercent)
	if r.Kind == "" {
		r.Kind = distributor.PayoutRuleMANUAL
	}
	u.SetPayoutRule(r.Kind)
}

// PayoutFor is what a sale is worth to a distributor by its rule, in kopecks: half a kopeck counts as a whole one. ok is
// false where a person has to say it: the rule is MANUAL, or PERCENT of an amount that is not known.
func PayoutFor(d *ent.Distributor, saleAmount *int64) (kopecks int64, ok bool) {
	switch {
	case d.PayoutRule == distributor.PayoutRuleFIXED && d.PayoutFixed != nil:
		return *d.PayoutFixed, true
	case d.PayoutRule == distributor.PayoutRulePERCENT && d.PayoutPercent != nil && saleAmount != nil:
		percent := decimal.New(*d.PayoutPercent, -decimals)
		return decimal.NewFromInt(*saleAmount).Mul(percent).Div(allPercent).Round(0).IntPart(), true
	}
	return 0, false
}
