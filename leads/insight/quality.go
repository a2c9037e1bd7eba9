package insight

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Span is some days of some sources: all where none are named. It is half-open.
type Span struct {
	Sources  []gid.ID
	From, To calendar.Date
}

// length is how many days it has; a fault where these are too many.
func (sp Span) length() (int, error) {
	if sp.To.After(sp.From.AddDays(maxDays)) {
		return 0, tooLong("to")
	}
	n := 0
	for d := sp.From; sp.To.After(d); d = d.AddDays(1) {
		n++
	}
	return n, nil
}

// ofSources narrows leads or attempts to those of the sources.
func (sp Span) ofSources(rows *sql.Selector) {
	if len(sp.Sources) == 0 {
		return
	}
	ids := make([]any, len(sp.Sources))
	for i, id := range sp.Sources {
		ids[i] = id
	}
	rows.Where(sql.In(rows.C(lead.FieldSourceID), ids...))
}

// SourceDay is what one source sent on a business day, by what its submissions came to, and what was sold of its leads that
// day, whenever they came. Tests do not count.
type SourceDay struct {
	Source gid.ID
	Day    calendar.Date

	Accepted, Duplicate, Blacklisted, Quarantined, OverCap int
	// Invalid is how many submissions were refused for their faults, Faults for which: at most 50 each day.
	Invalid int
	Faults  []InvalidCount

	Sales           int
	Payout, Revenue int64 // kopecks; of revenue what is known
}

// InvalidCount is how many submissions had a fault in a field; a submission with several counts under each.
type InvalidCount struct {
	Code, Field string // Field is empty where none is to blame
	Count       int
}

// maxRows are told at once.
const maxRows = 1000

// manySources there are where none are named, for all that is known before they are counted.
const manySources = 100

// MostRows is how many rows Quality may tell of some days of as many named sources; none named: of all. Of more days than it
// looks at it tells nothing.
func MostRows(sources int, from, to calendar.Date) int {
	days, err := Span{From: from, To: to}.length()
	if err != nil {
		return 0
	}
	if sources == 0 {
		sources = manySources
	}
	return min(maxRows, days*sources)
}

// Quality is the record of the sources, day by day, for an administrator: by the day, then by the source, those with
// anything on them. Faults: DATE_RANGE_TOO_LONG on to beyond 92 days; TOO_MANY_ROWS on to beyond 1000 rows.
func (s *Service) Quality(ctx context.Context, of Span) ([]SourceDay, error) {
	v, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	days, err := of.length()
	if err != nil || days == 0 {
		return []SourceDay{}, err
	}
	r := record{service: s, viewer: v, of: of, days: days, rows: map[place]*SourceDay{}}
	for what, count := range map[string]func(context.Context) error{
		"what came of submissions": r.outcomes, "invalid submissions": r.invalid, "sales": r.sales,
	} {
		if err := count(ctx); err != nil {
			return nil, fmt.Errorf("count %s by source and day: %w", what, err)
		}
	}
	if len(r.rows) > maxRows {
		return nil, fault.Coded(fault.Invalid, "TOO_MANY_ROWS", "to",
			fmt.Sprintf("These sources have %d days with something on them, and %d are told at once: ask for fewer days or sources.", len(r.rows), maxRows))
	}
	return r.sorted(), nil
}

// record is made of several counts.
type record struct {
	service *Service
	viewer  auth.Viewer
	of      Span
	days    int
	rows    map[place]*SourceDay
}

// place is a source on the n-th day.
type place struct {
	source gid.ID
	day    int
}

func (r *record) at(p place) *SourceDay {
	row := r.rows[p]
	if row == nil {
		row = &SourceDay{Source: p.source, Day: r.of.From.AddDays(p.day), Faults: []InvalidCount{}}
		r.rows[p] = row
	}
	return row
}

func (r *record) sorted() []SourceDay {
	places := slices.SortedFunc(maps.Keys(r.rows), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.day, b.day), bytes.Compare(a.source[:], b.source[:]))
	})
	out := make([]SourceDay, len(places))
	for i, p := range places {
		out[i] = *r.rows[p]
	}
	return out
}
