package order

import (
	"slices"
	"time"

	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// Leads is the filter of leads, narrowed by what else the parameters say: one distributor, and the days on which leads came in. The
// fault is of kind Invalid, with the code OTHER_DISTRIBUTOR, where the filter names distributors and the parameters another.
func (p Parameters) Leads(in *time.Location) (leads.Filter, error) {
	f := p.Filter
	if p.DistributorID != nil {
		if len(f.DistributorIDs) > 0 && !slices.Contains(f.DistributorIDs, *p.DistributorID) {
			return f, fault.Coded(fault.Invalid, "OTHER_DISTRIBUTOR", "filter.distributorIds", "The filter names other distributors than the report is about.")
		}
		f.DistributorIDs = []gid.ID{*p.DistributorID}
	}
	from, to := p.From, p.To
	if p.Period != nil {
		starts, ends := p.Period.StartsOn, p.Period.End()
		if from == nil || starts.After(*from) {
			from = &starts
		}
		if to == nil || to.After(ends) {
			to = &ends
		}
	}
	f.ReceivedFrom = narrower(f.ReceivedFrom, from, in, time.Time.After)
	f.ReceivedTo = narrower(f.ReceivedTo, to, in, time.Time.Before)
	return f, nil
}

// narrower is the narrower of two bounds, each of which may be absent: an instant, and a day's beginning.
func narrower(at *time.Time, day *calendar.Date, in *time.Location, isNarrower func(t, than time.Time) bool) *time.Time {
	if day == nil {
		return at
	}
	begins := day.Start(in).UTC()
	if at != nil && isNarrower(*at, begins) {
		return at
	}
	return &begins
}
