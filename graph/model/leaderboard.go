package model

import (
	"context"

	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// LeaderboardRow is a distributor's place on a leaderboard.
type LeaderboardRow struct {
	goals.Place
	level *level[*LeaderboardRow]
}

// Leaderboard of a period.
func (r *Reader) Leaderboard(ctx context.Context, p calendar.Period, metric *LeaderboardMetric, first *int) ([]*LeaderboardRow, error) {
	by, most := goals.ByPayout, goals.DefaultPlaces
	if metric != nil {
		by = goals.LeaderboardMetric(*metric)
	}
	if first != nil {
		most = *first
	}
	places, err := r.Plans.Leaderboard(ctx, p, by, most)
	if err != nil {
		return nil, err
	}
	out := make([]*LeaderboardRow, len(places))
	lv := newLevel(r, out)
	for i, place := range places {
		out[i] = &LeaderboardRow{place, lv}
	}
	return out, nil
}

// Distributor whose place it is.
func (l *LeaderboardRow) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, l.level, l, func(l *LeaderboardRow) *gid.ID { return &l.Place.Distributor }, l.level.reader.distributorsByID)
}

// LeadCount of the period.
func (l *LeaderboardRow) LeadCount() int { return int(l.Fact.LeadCount) }

// SaleCount of the period.
func (l *LeaderboardRow) SaleCount() int { return int(l.Fact.SaleCount) }

// ConversionPercent is null where there are no leads.
func (l *LeaderboardRow) ConversionPercent() *float64 {
	return percent(l.Converted, l.Fact.LeadCount)
}

// Revenue of the period.
func (l *LeaderboardRow) Revenue() *Money { return Roubles(l.Fact.Revenue) }

// Payout of the period.
func (l *LeaderboardRow) Payout() *Money { return Roubles(l.Fact.Payout) }
