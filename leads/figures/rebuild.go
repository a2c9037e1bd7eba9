package figures

import (
	"context"
	stdsql "database/sql"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
)

// Report is what making all figures anew has found.
type Report struct {
	Days  int     // that were made anew
	Wrong []Wrong // of these, in their order
}

// Wrong is a day whose figures were not what its leads say.
type Wrong struct {
	Day   calendar.Date
	Cells int // that differed: figures of a distributor, or of all, by one value
}

// place tells the figures of a day apart.
type place struct {
	whole, restricted                    bool
	distributor, dimension, value, label string
}

// Rebuild makes the figures of all days anew that have been made, each in a transaction of its own, while people work on, and
// tells which of them, with the changes appended to them, said otherwise than the leads. Afterwards they are right. Figures of
// another time zone are left alone, which is an error.
func (s *Service) Rebuild(ctx context.Context) (report Report, err error) {
	ctx = auth.AsSystem(ctx, "rebuild figures")
	row, err := s.DB.LeadRollup.Query().Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return report, nil
	case err != nil:
		return report, fmt.Errorf("read up to which day there are figures: %w", err)
	case row.Timezone != s.TimeZone.String():
		return report, fmt.Errorf("the figures are of the time zone %s, and BUSINESS_TIMEZONE is %s: set it as the server has it", row.Timezone, s.TimeZone)
	}
	day, err := s.firstDay(ctx)
	if err != nil || day == nil {
		return report, err
	}
	for ; !day.After(*row.Through); *day = day.AddDays(1) {
		cells, err := s.again(ctx, *day)
		if err != nil {
			return report, err
		}
		report.Days++
		if cells > 0 {
			report.Wrong = append(report.Wrong, Wrong{*day, cells})
		}
	}
	return report, nil
}

// firstDay is the first of which there are leads, sales or figures; nil where there are none.
func (s *Service) firstDay(ctx context.Context) (first *calendar.Date, err error) {
	err = s.alone(ctx, func(tx *db.Tx) error {
		if first, err = s.firstAfter(ctx, tx, nil); err != nil {
			return err
		}
		return each(ctx, tx, "SELECT MIN(day) FROM lead_days UNION ALL SELECT MIN(day) FROM lead_deltas", nil, func(rows *stdsql.Rows) error {
			var day calendar.Date
			if err := rows.Scan(&day); err != nil {
				return err
			}
			if known := day.Known(); known != nil && (first == nil || first.After(day)) {
				first = known
			}
			return nil
		})
	})
	return first, err
}

// again makes a day anew and counts the cells that differed.
func (s *Service) again(ctx context.Context, day calendar.Date) (wrong int, err error) {
	err = s.alone(ctx, func(tx *db.Tx) error {
		wrong = 0
		was, err := kept(ctx, tx, day)
		if err != nil {
			return err
		}
		if err := s.roll(ctx, tx, day); err != nil {
			return err
		}
		is, err := kept(ctx, tx, day)
		if err != nil {
			return err
		}
		for at, f := range is {
			if was[at] != f {
				wrong++
			}
			delete(was, at)
		}
		for _, f := range was {
			if f != (Figures{}) {
				wrong++
			}
		}
		return nil
	})
	return wrong, err
}

// kept are the figures of a day as they are kept, with the changes that have been appended.
func kept(ctx context.Context, tx *db.Tx, day calendar.Date) (map[place]Figures, error) {
	sums := map[place]Figures{}
	add := func(rows *stdsql.Rows) error {
		var at place
		var distributor, label stdsql.NullString
		var f Figures
		err := rows.Scan(&at.whole, &distributor, &at.restricted, &at.dimension, &at.value, &label, &f.Leads, &f.Converted, &f.Sales, &f.Payout)
		at.distributor, at.label = distributor.String, label.String
		sums[at] = sums[at].Add(f)
		return err
	}
	const counted = "leads, converted, sales, payout"
	texts := []string{"SELECT whole, CAST(distributor_id AS text), restricted, dimension, value, label, " + counted + " FROM lead_days WHERE day = $1"}
	for _, d := range dimensions {
		what := "restricted, '" + string(d.name) + "', " + d.value + ", " + d.label + ", " + counted + " FROM lead_deltas WHERE day = $1"
		texts = append(texts, "SELECT FALSE, CAST(distributor_id AS text), "+what, "SELECT TRUE, NULL, "+what)
	}
	for _, text := range texts {
		if err := each(ctx, tx, text, []any{day}, add); err != nil {
			return nil, fmt.Errorf("read the figures of %s: %w", day, err)
		}
	}
	return sums, nil
}
