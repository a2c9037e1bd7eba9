package model

import (
	"context"
	"sync"
	"time"

	"channelbook/ent"
	"channelbook/ent/period"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Period is a reporting period by the calendar, and what became of it.
type Period struct {
	calendar.Period
	level  *level[*Period]
	states *periodStates
	// told is set where the row that the period comes with says whether it is closed.
	told     bool
	closedAt *time.Time
}

// periodStates are the rows of the periods that one place of a query shows, read once where anything of them is asked.
type periodStates struct {
	once sync.Once
	rows map[calendar.Period]*ent.Period
	err  error
}

// periods are those of the rows of one place.
func (r *Reader) periods(all []calendar.Period) []*Period {
	out := make([]*Period, len(all))
	lv, states := newLevel(r, out), &periodStates{err: errBrokenOff}
	for i, p := range all {
		out[i] = &Period{Period: p, level: lv, states: states}
	}
	return out
}

// Period is one that a mutation has read already; nil stays nil.
func (r *Reader) Period(row *ent.Period) *Period {
	if row == nil {
		return nil
	}
	named := calendar.Period{Kind: calendar.Kind(row.Kind), StartsOn: *row.StartsOn}
	p := r.periods([]calendar.Period{named})[0]
	p.states.once.Do(func() { p.states.rows, p.states.err = map[calendar.Period]*ent.Period{named: row}, nil })
	return p
}

// Periods are those of a kind that overlap [from, to).
func (r *Reader) Periods(_ context.Context, kind PeriodKind, from, to calendar.Date) ([]*Period, error) {
	if err := checkSpan(from, to); err != nil {
		return nil, err
	}
	return r.periods(goals.Periods(calendar.Kind(kind), from, to)), nil
}

// maxMonths is how long a span of goals or periods may be.
const maxMonths = 24

func checkSpan(from, to calendar.Date) error {
	if to.After(from.AddMonths(maxMonths)) {
		return fault.Coded(fault.Invalid, "DATE_RANGE_TOO_LONG", "to", "to is 24 months after from at most.")
	}
	return nil
}

// row of the period; nil where it has none.
func (p *Period) row(ctx context.Context) (*ent.Period, error) {
	s := p.states
	s.once.Do(func() { s.rows, s.err = p.level.reader.periodRows(p.level.reader.seen(ctx), p.level.rows) })
	return s.rows[p.Period], s.err
}

func (r *Reader) periodRows(ctx context.Context, of []*Period) (map[calendar.Period]*ent.Period, error) {
	seen := map[calendar.Date]bool{}
	var days []*calendar.Date
	for _, p := range of {
		if !seen[p.StartsOn] {
			seen[p.StartsOn] = true
			days = append(days, &p.StartsOn)
		}
	}
	rows, err := r.DB.Period.Query().Where(period.StartsOnIn(days...)).All(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[calendar.Period]*ent.Period, len(rows))
	for _, row := range rows {
		found[calendar.Period{Kind: calendar.Kind(row.Kind), StartsOn: *row.StartsOn}] = row
	}
	return found, nil
}

// Kind of the period.
func (p *Period) Kind() PeriodKind { return PeriodKind(p.Period.Kind) }

// Status is open unless somebody closed it.
func (p *Period) Status(ctx context.Context) (PeriodStatus, error) {
	at, err := p.ClosedAt(ctx)
	if err != nil {
		return "", err
	}
	if at != nil {
		return PeriodStatusClosed, nil
	}
	return PeriodStatusOpen, nil
}

// ClosedAt is null while it is open.
func (p *Period) ClosedAt(ctx context.Context) (*time.Time, error) {
	if p.told {
		return p.closedAt, nil
	}
	row, err := p.row(ctx)
	if err != nil || row == nil {
		return nil, err
	}
	return row.ClosedAt, nil
}

// ReopenedAt is null where nobody did that.
func (p *Period) ReopenedAt(ctx context.Context) (*time.Time, error) {
	row, err := p.row(ctx)
	if err != nil || row == nil {
		return nil, err
	}
	return row.ReopenedAt, nil
}

// ReopenReason is for administrators.
func (p *Period) ReopenReason(ctx context.Context) (*string, error) {
	if !isAdmin(p.level.reader.seen(ctx)) {
		return nil, nil
	}
	row, err := p.row(ctx)
	if err != nil || row == nil {
		return nil, err
	}
	return text(row.ReopenReason), nil
}

// isAdmin tells whether an administrator looks.
func isAdmin(ctx context.Context) bool {
	v, _ := auth.From(ctx)
	return v.Role == auth.Admin
}

// ClosedBy is who closed it, where the viewer may see that person.
func (p *Period) ClosedBy(ctx context.Context) (*User, error) {
	return p.person(ctx, func(row *ent.Period) *gid.ID { return row.ClosedByID })
}

// ReopenedBy is who opened it again, where the viewer may see that person.
func (p *Period) ReopenedBy(ctx context.Context) (*User, error) {
	return p.person(ctx, func(row *ent.Period) *gid.ID { return row.ReopenedByID })
}

func (p *Period) person(ctx context.Context, who func(*ent.Period) *gid.ID) (*User, error) {
	if _, err := p.row(ctx); err != nil {
		return nil, err
	}
	return toOne(ctx, p.level, p, func(p *Period) *gid.ID {
		if row := p.states.rows[p.Period]; row != nil {
			return who(row)
		}
		return nil
	}, p.level.reader.usersByID)
}
