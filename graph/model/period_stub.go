package model

import (
	"context"
	"fmt"

	"channelbook/ent/period"
	"channelbook/ent/predicate"
	"channelbook/internal/calendar"
)

// Period is a reporting period. One without a row of periods is open.
type Period struct {
	of    calendar.Period
	level *level[*Period]
}

func (r *Reader) periods(of []calendar.Period) []*Period {
	out := make([]*Period, len(of))
	lv := newLevel(r, out)
	for i, p := range of {
		out[i] = &Period{p, lv}
	}
	return out
}

// Kind is how long it is.
func (p *Period) Kind() PeriodKind { return PeriodKind(p.of.Kind) }

// StartsOn is its first day.
func (p *Period) StartsOn() calendar.Date { return p.of.StartsOn }

// EndsOn is its last day.
func (p *Period) EndsOn() calendar.Date { return p.of.EndsOn() }

// Status is read for all periods of the level at once.
func (p *Period) Status(ctx context.Context) (PeriodStatus, error) {
	closed, err := load(ctx, p.level, p.closed)
	if closed[p.of] {
		return PeriodStatusClosed, err
	}
	return PeriodStatusOpen, err
}

func (p *Period) closed(ctx context.Context) (map[calendar.Period]bool, error) {
	var any []predicate.Period
	for _, of := range p.level.rows {
		any = append(any, period.And(period.KindEQ(period.Kind(of.of.Kind)), period.StartsOn(&of.of.StartsOn)))
	}
	rows, err := p.level.reader.DB.Period.Query().Where(period.StatusEQ(period.StatusCLOSED), period.Or(any...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which periods are closed: %w", err)
	}
	closed := map[calendar.Period]bool{}
	for _, row := range rows {
		closed[calendar.Period{Kind: calendar.Kind(row.Kind), StartsOn: *row.StartsOn}] = true
	}
	return closed, nil
}
