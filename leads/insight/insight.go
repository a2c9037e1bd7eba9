// Package insight tells what there is among the leads: which values their tracking fields have (facets.go), how soon they
// are taken and closed (response.go), and, for a dispute with an advertiser, what each source sent and what was refused,
// day by day (quality.go) and one by one (collision.go).
package insight

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/lead"
	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/leads"
)

// Service holds what the readings need. All fields are required.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC, to the microsecond
	TimeZone *time.Location   // of the business: where days begin and end
	Eyes     leads.Eyes       // that say whose contacts a filter may ask about
}

const (
	// defaultDays are looked at where no dates are given.
	defaultDays = 30
	// maxDays may be looked at: the rows in between are walked.
	maxDays = 92
)

// dated gives a filter the dates that it lacks: without receivedTo it ends with today, and without receivedFrom it holds the
// last 30 days before its end, that day among them.
func (s *Service) dated(f leads.Filter) (leads.Filter, error) {
	if f.ReceivedTo == nil {
		end := s.today().AddDays(1).Start(s.TimeZone).UTC()
		f.ReceivedTo = &end
	}
	if f.ReceivedFrom == nil {
		last := calendar.DateOf(f.ReceivedTo.Add(-time.Microsecond), s.TimeZone)
		from := last.AddDays(1 - defaultDays).Start(s.TimeZone).UTC()
		f.ReceivedFrom = &from
	}
	if f.ReceivedTo.Sub(*f.ReceivedFrom) > leads.MaxRange {
		return f, tooLong("filter.receivedFrom")
	}
	return f, nil
}

func tooLong(field string) error {
	return fault.Coded(fault.Invalid, "DATE_RANGE_TOO_LONG", field, fmt.Sprintf("At most %d days at once.", maxDays))
}

func (s *Service) today() calendar.Date { return calendar.DateOf(s.Now(), s.TimeZone) }

// seen are the leads that the viewer sees and the filter, which has its dates, finds.
func (s *Service) seen(v auth.Viewer, f leads.Filter) (*sql.Selector, error) {
	where, err := f.Where(v, s.Eyes)
	if err != nil {
		return nil, err
	}
	t := sql.Dialect(s.DB.Dialect()).Table(lead.Table)
	rows := sql.Dialect(s.DB.Dialect()).Select().From(t)
	schema.Leads(v, rows)
	where(rows)
	return rows, nil
}

// each runs a statement and reads its rows.
func (s *Service) each(ctx context.Context, text string, args []any, scan func(*stdsql.Rows) error) error {
	rows, err := s.DB.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Service) onSQLite() bool { return s.DB.Dialect() == dialect.SQLite }

// column is the name of one in SQL; none of ours needs more than the quotes.
func column(name string) string { return `"` + name + `"` }
