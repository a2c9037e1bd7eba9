// Package model holds the row types that GraphQL's object types are bound to, and reads them: one SQL statement
// for each level of a query, whatever its size (level.go), and only the columns that the query asks for
// (selection.go). list.go makes the pages. The other types are generated from the schema.
package model

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"channelbook/ent/sealed"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/leads/figures"
	"channelbook/notify"
	"channelbook/payouts"
	"channelbook/reports"
)

// Reader reads rows for the resolvers, as the viewer in the context sees them.
type Reader struct {
	DB  *db.DB
	Now func() time.Time // UTC, to the microsecond
	// Figures count leads.
	Figures *figures.Service
	// Eyes open phones and e-mails, and say from whom those of leads are hidden.
	Eyes leads.Eyes
	// Payouts tell how distributors stand.
	Payouts *payouts.Service
	// Link is an address of the server at which a path opens without a sign-in, for a while.
	Link func(path string) string
	// LinkUntil is likewise, until a moment.
	LinkUntil func(path string, until time.Time) string
	// Plans tell how far goals have come.
	Plans *goals.Service
	// Feed brings what was told into people's feeds.
	Feed *notify.Service
	// Reports tell what reports are about.
	Reports *reports.Service
	// Jobs tell what is done beside the requests.
	Jobs *jobs.Queue
	as   *auth.Viewer
}

// As is a reader for a viewer who is not in the context yet: who has just signed in.
func (r *Reader) As(v auth.Viewer) *Reader {
	as := *r
	as.as = &v
	return &as
}

// pictureURL is a link to a picture; nil where there is none.
func (r *Reader) pictureURL(id *gid.ID) *string {
	if id == nil {
		return nil
	}
	link := r.Link("/files/" + gid.Picture.Format(*id))
	return &link
}

// opened is a sealed text; null where it is empty.
func (r *Reader) opened(c sealed.Column, row gid.ID, value []byte) (*string, error) {
	plain, err := c.Open(r.Eyes.Keys, row, value)
	if err != nil {
		return nil, fmt.Errorf("open %s.%s: %w", c.Table, c.Name, err)
	}
	return text(plain), nil
}

// seen is the context of who looks.
func (r *Reader) seen(ctx context.Context) context.Context {
	if r.as != nil {
		return auth.With(ctx, *r.as)
	}
	return ctx
}

// text is an optional text: null where it is empty.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func indexByID[R any](rows []R, id func(R) gid.ID) map[gid.ID]R {
	m := make(map[gid.ID]R, len(rows))
	for _, row := range rows {
		m[id(row)] = row
	}
	return m
}

// query runs a hand-built statement.
func (r *Reader) query(ctx context.Context, text string, args []any, scan func(*sql.Rows) error) error {
	rows, err := r.DB.QueryContext(ctx, text, args...)
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
