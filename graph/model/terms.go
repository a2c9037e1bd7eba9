package model

import (
	"github.com/shopspring/decimal"

	"channelbook/distributors"
	"channelbook/ent"
)

// percentDecimals is by how many digits the point moves between a percentage and what is stored of it.
const percentDecimals = 2

func terms(d *ent.Distributor) *DistributorTerms {
	t := &DistributorTerms{
		PayoutRule:  &PayoutRule{Kind: PayoutRuleKind(d.PayoutRule)},
		HoldingDays: d.HoldingDays, MinimumPayout: Roubles(d.PayoutMinimum), AcceptanceHours: d.AcceptanceHours,
		DailyLeadCap: d.DailyLeadCap, MonthlyLeadCap: d.MonthlyLeadCap, OpenLeadCap: d.OpenLeadCap,
		Timezone: text(d.Timezone),
	}
	if d.PayoutFixed != nil {
		t.PayoutRule.Amount = Roubles(*d.PayoutFixed)
	}
	if d.PayoutPercent != nil {
		percent := decimal.New(*d.PayoutPercent, -percentDecimals)
		t.PayoutRule.Percent = &percent
	}
	for _, h := range distributors.HoursOf(d) {
		t.WorkingHours = append(t.WorkingHours, &WorkingHours{Weekday: Weekday(h.Weekday), OpensAt: h.From, ClosesAt: h.To})
	}
	return t
}
