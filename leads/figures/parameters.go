package figures

import (
	"context"
	stdsql "database/sql"
	"strconv"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/internal/calendar"
)

// parameters of a statement, as both engines take them.
type parameters struct {
	engine string
	args   []any
}

func (p *parameters) add(v any) string {
	p.args = append(p.args, v)
	return "$" + strconv.Itoa(len(p.args))
}

func (p *parameters) day(d calendar.Date) string { return asDate(p.engine, p.add(d)) }

func (p *parameters) instant(at time.Time) string {
	text := p.add(at.UTC())
	if p.engine == dialect.Postgres {
		text += "::timestamptz"
	}
	return text
}

// through is the last day whose figures are made, as the statement itself sees it; long ago where there is none in this
// time zone. throughEnd is the instant after it.
func (p *parameters) through(zone *time.Location) string {
	return "COALESCE((SELECT through FROM lead_rollups WHERE timezone = " + p.add(zone.String()) + "), " + p.day(since(nil)) + ")"
}

func (p *parameters) throughEnd(zone *time.Location) string {
	return "COALESCE((SELECT through_end FROM lead_rollups WHERE timezone = " + p.add(zone.String()) + "), " + p.instant(since(nil).Start(zone)) + ")"
}

// later and earlier are the later and the earlier of two, as the engines call it.
func (p *parameters) later() string {
	if p.engine == dialect.Postgres {
		return "GREATEST"
	}
	return "MAX"
}

func (p *parameters) earlier() string {
	if p.engine == dialect.Postgres {
		return "LEAST"
	}
	return "MIN"
}

// each hands the rows of a statement out.
func each(ctx context.Context, b Base, text string, args []any, scan func(*stdsql.Rows) error) error {
	rows, err := b.QueryContext(ctx, text, args...)
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
