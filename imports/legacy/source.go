package legacy

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// source is the base of the other system.
type source struct {
	db     *sql.DB
	tables map[string]*table // by the name of their spec; those that are there
}

// table is one of its tables, as it is.
type table struct {
	spec    spec
	name    string            // as it is called there
	columns map[string]string // the name of its column for each field that has one
	targets map[string]string // the table that a field refers to, by its foreign key
	key     string            // what tells its rows apart: a column, or SQLite's own number
}

// row is what a row says, by field; trimmed texts, empty where there is nothing.
type row struct {
	table *table
	id    string
	says  map[string]string
}

func (r *row) get(field string) string { return r.says[field] }

// has tells whether the table has a column for a field.
func (t *table) has(field string) bool { return t.columns[field] != "" }

// column is the name of the column for a field, for the report: the field's own where there is none.
func (t *table) column(field string) string {
	if name := t.columns[field]; name != "" || field == "" {
		return name
	}
	return field
}

// open finds the tables, and notes those that are missing and what nobody knows.
func open(ctx context.Context, from *sql.DB, report *Report) (*source, error) {
	s := &source{db: from, tables: map[string]*table{}}
	names, err := s.texts(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return nil, fmt.Errorf("read the tables of the other base: %w", err)
	}
	if slices.Contains(names, "goose_db_version") && slices.Contains(names, "audit_links") {
		return nil, errors.New("this is a base of Channelbook, and none of the system that it replaces")
	}
	known := map[string]bool{}
	for _, sp := range tables {
		name := sp.find(names)
		if name == "" {
			report.note("There is no table %s.", sp.name)
			continue
		}
		known[name] = true
		if s.tables[sp.name], err = s.table(ctx, sp, name, report); err != nil {
			return nil, err
		}
		report.count(sp.name)
	}
	if len(s.tables) == 0 {
		return nil, errors.New("the base has none of the tables that are known: users, distributors_info, leads, goals, leads_blacklist, notifications, templates")
	}
	for _, name := range names {
		if !known[name] && !slices.Contains(ofTheTools, name) && !strings.HasPrefix(name, "sqlite_") {
			report.note("The table %q is not known: its rows are left behind.", name)
		}
	}
	return s, nil
}

func (sp spec) find(names []string) string {
	for _, wanted := range sp.names {
		for _, name := range names {
			if strings.EqualFold(name, wanted) {
				return name
			}
		}
	}
	return ""
}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// table finds the columns of a table.
func (s *source) table(ctx context.Context, sp spec, name string, report *Report) (*table, error) {
	t := &table{spec: sp, name: name, columns: map[string]string{}, targets: map[string]string{}, key: "rowid"}
	columns, err := s.texts(ctx, "SELECT name FROM pragma_table_info("+literal(name)+") ORDER BY cid")
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", name, err)
	}
	used := map[string]bool{}
	for _, f := range sp.fields {
		for _, wanted := range f.columns {
			i := slices.IndexFunc(columns, func(c string) bool { return strings.EqualFold(c, wanted) && !used[c] })
			if i >= 0 {
				t.columns[f.name], used[columns[i]] = columns[i], true
				break
			}
		}
	}
	if column := t.columns["id"]; column != "" {
		t.key = quoted(column)
	}
	if err := s.unknown(ctx, t, columns, used, report); err != nil {
		return nil, err
	}
	return t, s.references(ctx, t)
}

func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// unknown notes the columns that nobody knows, with how much stands in them.
func (s *source) unknown(ctx context.Context, t *table, columns []string, used map[string]bool, report *Report) error {
	for _, c := range columns {
		switch {
		case used[c]:
		case t.spec.name == "users" && slices.Contains(passwordColumns, strings.ToLower(c)):
			report.note("users: the column %q is not read: everybody gets a new password.", c)
		default:
			var n int
			err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM "+quoted(t.name)+" WHERE TRIM(COALESCE(CAST("+quoted(c)+" AS TEXT), '')) <> ''").Scan(&n)
			if err != nil {
				return fmt.Errorf("look into %s.%s: %w", t.name, c, err)
			}
			report.note("%s: the column %q is not known. What stands in it (rows: %d) is left behind.", t.spec.name, c, n)
		}
	}
	return nil
}

// references finds what the fields of a table refer to.
func (s *source) references(ctx context.Context, t *table) error {
	// #nosec G202 -- the name of one of the base's own tables, as a literal
	rows, err := s.db.QueryContext(ctx, `SELECT "from", "table" FROM pragma_foreign_key_list(`+literal(t.name)+`)`)
	if err != nil {
		return fmt.Errorf("read the foreign keys of %s: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var from, to string
		if err := rows.Scan(&from, &to); err != nil {
			return err
		}
		for field, column := range t.columns {
			if !strings.EqualFold(column, from) {
				continue
			}
			for _, sp := range tables {
				if sp.find([]string{to}) != "" {
					t.targets[field] = sp.name
				}
			}
		}
	}
	return rows.Err()
}

// each reads the rows of a table in the order of their keys; nothing of a table that is not there.
func (s *source) each(ctx context.Context, name string, report *Report, do func(*row) error) error {
	t := s.tables[name]
	if t == nil {
		return nil
	}
	fields := make([]string, 0, len(t.columns))
	for f := range t.columns {
		fields = append(fields, f)
	}
	slices.Sort(fields)
	query := "SELECT CAST(" + t.key + " AS TEXT)"
	for _, f := range fields {
		query += ", CAST(" + quoted(t.columns[f]) + " AS TEXT)"
	}
	rows, err := s.db.QueryContext(ctx, query+" FROM "+quoted(t.name)+" ORDER BY "+t.key)
	if err != nil {
		return fmt.Errorf("read %s: %w", t.name, err)
	}
	defer func() { _ = rows.Close() }()
	values, into := make([]sql.NullString, len(fields)+1), make([]any, len(fields)+1)
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read %s: %w", t.name, err)
		}
		r := &row{table: t, id: values[0].String, says: make(map[string]string, len(fields))}
		for i, f := range fields {
			if text := strings.TrimSpace(values[i+1].String); text != "" {
				r.says[f] = text
			}
		}
		report.count(t.spec.name).Read++
		if err := do(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *source) texts(ctx context.Context, query string) (all []string, err error) {
	rows, err := s.db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		all = append(all, text)
	}
	return all, rows.Err()
}
