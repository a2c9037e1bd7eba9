package figures

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// Question is what figures are wanted of. Where is a condition on leads beyond the distributors and dates, nil for none:
// with one the leads themselves are walked, and the days of the answer are at most 92.
type Question struct {
	Group        Group
	From, To     *time.Time // when received, half-open; see stretchOf for what holds where they are absent
	Distributors []gid.ID   // none named: all
	Where        func(*sql.Selector)
}

// Row is the figures of one group.
type Row struct {
	Key   string // empty where the leads have none, or nobody has them
	Label string // a campaign's name, which is not its key; else empty
	Figures
}

// Stats are the figures of the leads that the viewer sees, in one statement: accepted ones that are no tests. Groups of time
// are all there, in their order; of the others those with something to count, most leads first, 1000 at most. Faults, of kind
// Invalid: DATE_RANGE_TOO_LONG, TOO_MANY_ROWS. A distributor's user sees no sources and gets Forbidden.
func (s *Service) Stats(ctx context.Context, q Question) ([]Row, error) {
	viewer, t, err := s.ask(ctx, q)
	if err != nil || t.empty() {
		return nil, err
	}
	cells, err := s.read(ctx, question{q, viewer, t, nil, s.DB.Dialect()})
	if err != nil || !q.Group.isTime() {
		return rowsOf(cells), err
	}
	return byTime(q.Group, t, cells, 0), nil
}

// Before are the figures of the equally long time just before, for the rows of an answer, in one statement: those of the same
// key, or, for groups of time, of the row's days, so many days earlier as the answer has.
func (s *Service) Before(ctx context.Context, q Question, rows []Row) ([]Figures, error) {
	viewer, t, err := s.ask(ctx, q)
	if err != nil || t.empty() || len(rows) == 0 {
		return make([]Figures, len(rows)), err
	}
	earlier := t.before()
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = row.Key
	}
	if q.Group.isTime() {
		keys = nil
	}
	cells, err := s.read(ctx, question{q, viewer, earlier, keys, s.DB.Dialect()})
	if err != nil {
		return nil, err
	}
	out := make([]Figures, len(rows))
	if q.Group.isTime() {
		for i, row := range byTime(q.Group, t, cells, daysFrom(earlier.first(), t.first())) {
			out[i] = row.Figures
		}
		return out, nil
	}
	found := map[string]Figures{}
	for _, c := range cells {
		found[c.key] = c.Figures
	}
	for i, key := range keys {
		out[i] = found[key]
	}
	return out, nil
}

func (s *Service) ask(ctx context.Context, q Question) (auth.Viewer, stretch, error) {
	roles := []auth.Role{auth.Admin, auth.Distributor}
	if q.Group == BySource {
		roles = roles[:1]
	}
	viewer, err := auth.Require(ctx, roles...)
	if err != nil {
		return viewer, stretch{}, err
	}
	t, err := s.stretchOf(q)
	return viewer, t, err
}

func (s *Service) read(ctx context.Context, q question) (cells []cell, err error) {
	text, args := q.statement()
	err = each(ctx, s.DB, text, args, func(rows *stdsql.Rows) error {
		c, err := q.scan(rows)
		cells = append(cells, c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	return cells, nil
}
