package leadsheet

import (
	"slices"
	"time"

	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/reports/order"
)

// filterOf is the order's filter, narrowed by what else the order says: one distributor, and the days on which leads came in. The
// fault is of kind Invalid, with the code OTHER_DISTRIBUTOR, where the filter names distributors and the order another.
func filterOf(o *order.Order) (leads.Filter, error) {
	f := o.Filter
	if o.DistributorID != nil {
		if len(f.DistributorIDs) > 0 && !slices.Contains(f.DistributorIDs, *o.DistributorID) {
			return f, fault.Coded(fault.Invalid, "OTHER_DISTRIBUTOR", "filter.distributorIds", "The filter names other distributors than the report is about.")
		}
		f.DistributorIDs = []gid.ID{*o.DistributorID}
	}
	from, to := o.From, o.To
	if o.Period != nil {
		starts, ends := o.Period.StartsOn, o.Period.End()
		if from == nil || starts.After(*from) {
			from = &starts
		}
		if to == nil || to.After(ends) {
			to = &ends
		}
	}
	f.ReceivedFrom = narrower(f.ReceivedFrom, from, o.TimeZone, time.Time.After)
	f.ReceivedTo = narrower(f.ReceivedTo, to, o.TimeZone, time.Time.Before)
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
