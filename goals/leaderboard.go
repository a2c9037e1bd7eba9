package goals

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// LeaderboardMetric is what a leaderboard goes by.
type LeaderboardMetric string

// The metrics of a leaderboard: the most first.
const (
	ByPayout     LeaderboardMetric = "PAYOUT"
	ByRevenue    LeaderboardMetric = "REVENUE"
	BySaleCount  LeaderboardMetric = "SALE_COUNT"
	ByLeadCount  LeaderboardMetric = "LEAD_COUNT"
	ByConversion LeaderboardMetric = "CONVERSION"
)

// Place is a distributor's place on a leaderboard.
type Place struct {
	Rank        int // from 1; of equal ones the same, and the next one's as if they had not been equal
	Distributor gid.ID
	Fact
}

// DefaultPlaces and MaxPlaces are how long a leaderboard is when nobody says, and at most.
const (
	DefaultPlaces = 100
	MaxPlaces     = 1000
)

// Leaderboard is who has achieved the most in a period, for an administrator: all who have achieved anything in it or have a
// goal for it, as frozen where it is closed, else as it stands. Faults: of kind Invalid, on period.startsOn and first.
func (s *Service) Leaderboard(ctx context.Context, p calendar.Period, by LeaderboardMetric, first int) ([]Place, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := Valid(p, "period"); err != nil {
		return nil, err
	}
	if first < 0 || first > MaxPlaces {
		return nil, fault.New(fault.Invalid, "first", fmt.Sprintf("first goes from 0 to %d.", MaxPlaces))
	}
	facts, err := s.factsOf(ctx, p)
	if err != nil {
		return nil, err
	}
	places := make([]Place, 0, len(facts))
	for id, f := range facts {
		places = append(places, Place{Distributor: id, Fact: f})
	}
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(by.compare(b.Fact, a.Fact), cmp.Compare(a.Distributor.String(), b.Distributor.String()))
	})
	for i := range places {
		places[i].Rank = i + 1
		if i > 0 && by.compare(places[i-1].Fact, places[i].Fact) == 0 {
			places[i].Rank = places[i-1].Rank
		}
	}
	return places[:min(first, len(places))], nil
}

// compare two facts; one without leads has no conversion, which is less than any.
func (m LeaderboardMetric) compare(a, b Fact) int {
	switch m {
	case ByRevenue:
		return cmp.Compare(a.Revenue, b.Revenue)
	case BySaleCount:
		return cmp.Compare(a.SaleCount, b.SaleCount)
	case ByLeadCount:
		return cmp.Compare(a.LeadCount, b.LeadCount)
	case ByConversion:
		if a.LeadCount == 0 || b.LeadCount == 0 {
			return cmp.Compare(min(a.LeadCount, 1), min(b.LeadCount, 1))
		}
		return product(a.Converted, b.LeadCount).Cmp(product(b.Converted, a.LeadCount))
	}
	return cmp.Compare(a.Payout, b.Payout)
}

// factsOf are the facts of a period by distributors: frozen ones where it is closed.
func (s *Service) factsOf(ctx context.Context, p calendar.Period) (map[gid.ID]Fact, error) {
	closed, err := closedAmong(ctx, s.DB.Period.Query(), []calendar.Period{p})
	if err != nil {
		return nil, err
	}
	if len(closed) == 0 {
		return takingPart(ctx, s.DB, s.DB.Goal.Query(), s.TimeZone, p)
	}
	frozen := map[Whose]Fact{}
	if err := addFrozen(ctx, s.DB.PeriodFact.Query(), nil, closed, frozen); err != nil {
		return nil, err
	}
	facts := make(map[gid.ID]Fact, len(frozen))
	for of, f := range frozen {
		facts[of.Distributor] = f
	}
	return facts, nil
}
