package db

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"entgo.io/ent/dialect"
)

// Rows are new rows of a table, for what is written with every lead that comes in: Ent's builders cost as much as the base
// there. Values stand in the order of Columns, as the drivers take them.
type Rows struct {
	Table   string
	Columns []string
	Values  [][]any
}

const (
	// maxArguments is how many a statement takes on both engines, with room.
	maxArguments = 16_000
	// togetherUpTo is up to how many are worth one text for all tables: a text that is kept prepared. See remember.go.
	togetherUpTo = 400
)

// Insert writes the rows of all groups, in as few statements as there can be: one for all of a lead on PostgreSQL, where
// each costs two trips; on SQLite one for each table.
func (tx *Tx) Insert(ctx context.Context, groups ...Rows) error {
	full, arguments := groups[:0:0], 0
	for _, g := range groups {
		if len(g.Values) > 0 {
			full, arguments = append(full, g), arguments+len(g.Values)*len(g.Columns)
		}
	}
	if tx.Dialect() == dialect.Postgres && len(full) > 1 && arguments <= togetherUpTo {
		return tx.insertTogether(ctx, full)
	}
	for _, g := range full {
		if err := InsertRows(ctx, tx, g); err != nil {
			return err
		}
	}
	return nil
}

// insertTogether writes the groups by one statement: WITH … AS (INSERT …), … INSERT ….
func (tx *Tx) insertTogether(ctx context.Context, groups []Rows) error {
	var text insertion
	for i, g := range groups {
		switch {
		case i == len(groups)-1:
			if i > 0 {
				text.WriteByte(' ')
			}
			text.add(tx.Dialect(), g)
			continue
		case i == 0:
			text.WriteString("WITH ")
		default:
			text.WriteString(", ")
		}
		text.WriteString(g.Table + "_rows AS (")
		text.add(tx.Dialect(), g)
		text.WriteByte(')')
	}
	if _, err := tx.ExecContext(ctx, text.String(), text.args...); err != nil {
		return fmt.Errorf("write %s and what goes with it: %w", groups[0].Table, err)
	}
	return nil
}

// writer runs statements: a transaction, or the base itself.
type writer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	Dialect() string
}

// InsertRows writes the rows of one table, inside a transaction or by itself.
func InsertRows(ctx context.Context, to writer, g Rows) error {
	atOnce := maxArguments / len(g.Columns)
	for values := g.Values; len(values) > 0; {
		some := values[:min(len(values), atOnce)]
		values = values[len(some):]
		var text insertion
		text.add(to.Dialect(), Rows{g.Table, g.Columns, some})
		if _, err := to.ExecContext(ctx, text.String(), text.args...); err != nil {
			return fmt.Errorf("write %s: %w", g.Table, err)
		}
	}
	return nil
}

// insertion is the text of a statement and its arguments.
type insertion struct {
	strings.Builder
	args []any
}

func (t *insertion) add(engine string, g Rows) {
	t.WriteString("INSERT INTO " + g.Table + " (" + strings.Join(g.Columns, ", ") + ") VALUES ")
	for i, row := range g.Values {
		if i > 0 {
			t.WriteString(", ")
		}
		for j := range row {
			separator := byte(',')
			if j == 0 {
				separator = '('
			}
			t.WriteByte(separator)
			if engine == dialect.SQLite { // numbered ones are names there, and each is looked for among all
				t.WriteByte('?')
				continue
			}
			t.WriteByte('$')
			t.WriteString(strconv.Itoa(len(t.args) + j + 1))
		}
		t.WriteByte(')')
		t.args = append(t.args, row...)
	}
}
