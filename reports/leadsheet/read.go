package leadsheet

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/schema"
	"channelbook/internal/gid"
	"channelbook/internal/page"
	"channelbook/leads"
	"channelbook/reports/order"
)

// making is a report that is being made.
type making struct {
	*order.Order
	eyes                  leads.Eyes
	filter                leads.Filter
	where                 func(*sql.Selector)
	columns               []column
	distributors, sources map[gid.ID]string // the names of those whom the viewer sees
	rowsPerSheet          int
}

// batch is how many leads are read at once.
const batch = 1000

// lookUp reads the names of distributors and sources, once for all rows. A distributor's user sees no source.
func (w *making) lookUp(ctx context.Context) error {
	companies, err := w.Tx.Distributor.Query().Select(distributor.FieldID, distributor.FieldCompanyName).All(ctx)
	if err != nil {
		return fmt.Errorf("read the names of distributors: %w", err)
	}
	sources, err := w.Tx.LeadSource.Query().Select(leadsource.FieldID, leadsource.FieldName).All(ctx)
	if err != nil {
		return fmt.Errorf("read the names of sources: %w", err)
	}
	w.distributors, w.sources = map[gid.ID]string{}, map[gid.ID]string{}
	for _, c := range companies {
		w.distributors[c.ID] = c.CompanyName
	}
	for _, s := range sources {
		w.sources[s.ID] = s.Name
	}
	return nil
}

// row is a lead as a column takes it.
type row struct {
	*ent.Lead
	*making
	phone, email string
	originals    map[gid.ID]bool // of the batch: the leads that others repeat, as far as the viewer sees them
}

// asTheyCame is the order of the rows.
var asTheyCame = page.Order{Columns: []page.Column{{Name: lead.FieldReceivedAt}, {Name: lead.FieldID}}}

// rows hands on the values of each lead's columns.
func (w *making) rows(ctx context.Context, add func(values ...any) error) error {
	columns, values := fieldsOf(w.columns), make([]any, len(w.columns))
	var after []any
	for n := 0; ; {
		q := w.Tx.Lead.Query().Limit(batch).Select(columns...)
		q.Modify(w.where, func(s *sql.Selector) { asTheyCame.Apply(s, after) })
		found, err := q.All(ctx)
		if err != nil {
			return fmt.Errorf("read leads: %w", err)
		}
		originals, err := w.originals(ctx, found)
		if err != nil {
			return err
		}
		for _, l := range found {
			if err := w.opened(row{Lead: l, making: w, originals: originals}, values); err != nil {
				return err
			}
			if err := add(values...); err != nil {
				return err
			}
		}
		n += len(found)
		if err := w.wrote(n); err != nil {
			return err
		}
		if len(found) < batch {
			return nil
		}
		last := found[len(found)-1]
		after = []any{last.ReceivedAt, last.ID}
	}
}

// opened fills in the values of a lead, with its contacts as the viewer may see them.
func (w *making) opened(r row, values []any) (err error) {
	if r.phone, err = w.eyes.Phone(w.Viewer, r.Lead); err != nil {
		return err
	}
	if r.email, err = w.eyes.Email(w.Viewer, r.Lead); err != nil {
		return err
	}
	for i, c := range w.columns {
		values[i] = c.value(r)
	}
	return nil
}

// originals are the leads that some repeat, as far as the viewer sees them.
func (w *making) originals(ctx context.Context, found []*ent.Lead) (map[gid.ID]bool, error) {
	var repeated []gid.ID
	for _, l := range found {
		if l.DuplicateOfID != nil {
			repeated = append(repeated, *l.DuplicateOfID)
		}
	}
	if len(repeated) == 0 {
		return nil, nil
	}
	ids, err := w.Tx.Lead.Query().Where(lead.IDIn(repeated...)).IDs(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the leads that others repeat: %w", err)
	}
	seen := map[gid.ID]bool{}
	for _, id := range ids {
		seen[id] = true
	}
	return seen, nil
}

// selected selects the leads of the report, for a statement that counts them.
func (w *making) selected() *sql.Selector {
	d := w.Tx.Dialect()
	s := sql.Dialect(d).Select().From(sql.Dialect(d).Table(lead.Table))
	schema.Leads(w.Viewer, s)
	w.where(s)
	return s
}

// count is how many leads there are.
func (w *making) count(ctx context.Context) (n int, err error) {
	s := w.selected()
	s.Select(sql.Count("*"))
	text, args := s.Query()
	err = w.each(ctx, text, args, func(scan func(into ...any) error) error { return scan(&n) })
	return n, err
}

// each reads the rows of a statement.
func (w *making) each(ctx context.Context, text string, args []any, read func(scan func(into ...any) error) error) error {
	rows, err := w.Tx.QueryContext(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("count leads: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return fmt.Errorf("count leads: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("count leads: %w", err)
	}
	return nil
}
