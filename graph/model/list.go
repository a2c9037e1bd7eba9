package model

import (
	"context"
	stdsql "database/sql"
	"fmt"
	"slices"

	"entgo.io/ent"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent/schema"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// list says how the rows of one Ent type are listed.
type list[R any] struct {
	table string
	see   schema.Visibility
	// fetch runs Ent's query for these columns after shape has had its way with the selector.
	fetch func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]R, error)
	// value is a selected value that is no column of the type.
	value func(row R, name string) (ent.Value, error)
}

// window is a page as asked for.
type window struct {
	order   page.Order
	after   []any
	first   int
	where   func(*sql.Selector)
	columns []string
	// total asks for a count, up to atMost where that is set.
	total  bool
	atMost int
}

// newWindow checks a client's first and after.
func newWindow(order page.Order, first *int, after *string) (window, error) {
	size, err := page.Size(first)
	if err != nil {
		return window{}, err
	}
	key, err := order.After(after)
	return window{order: order, first: size, after: key, where: func(*sql.Selector) {}}, err
}

// totalColumn is the name of a count: no table has a column of that name.
const totalColumn = "total_rows"

// all reads a page of the whole list and, in the same statement, the count where it is asked for. One row more than
// the page tells whether more follows.
func all[R any](ctx context.Context, d string, l list[R], w window) (rows []R, total int, err error) {
	rows, err = l.fetch(ctx, w.columns, func(s *sql.Selector) {
		w.where(s)
		w.order.Apply(s, w.after)
		s.Limit(w.first + 1)
		if w.total {
			s.AppendSelectExprAs(counted(ctx, d, l, w, nil), totalColumn)
		}
	})
	switch {
	case err != nil || !w.total:
		return rows, 0, err
	case len(rows) > 0:
		total, err = l.total(rows[0])
		return rows, total, err
	case w.after == nil && w.first > 0:
		return rows, 0, nil
	}
	// A page behind the last row, or of no rows, has no row to carry the count.
	w.after, w.first = nil, 0
	probe, err := l.fetch(ctx, []string{"id"}, func(s *sql.Selector) {
		w.where(s)
		s.Limit(1).AppendSelectExprAs(counted(ctx, d, l, w, nil), totalColumn)
	})
	if err != nil || len(probe) == 0 {
		return rows, 0, err
	}
	total, err = l.total(probe[0])
	return rows, total, err
}

// maxUnion is how many selections one statement puts together; SQLite takes 500.
const maxUnion = 200

// byParent reads the first rows of each parent in one statement, or in one for every 200 parents: a UNION ALL of one
// ordered and limited selection per parent, which walks the index of each instead of all their rows.
func byParent[R any](ctx context.Context, d string, l list[R], w window, column string, parents []gid.ID) (rows []R, err error) {
	for some := range slices.Chunk(parents, maxUnion) {
		found, err := l.fetch(ctx, w.columns, func(s *sql.Selector) {
			s.From(unionAll(some, func(parent gid.ID) *sql.Selector {
				part := base(ctx, d, l, w.columns...).Where(sql.EQ(column, parent))
				w.where(part)
				w.order.Apply(part, w.after)
				return sql.Dialect(d).Select().From(part.Limit(w.first + 1).As("part"))
			}).As(l.table))
			w.order.Apply(s, nil)
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// counts counts the rows of each parent, in as many statements as byParent.
func counts[R any](ctx context.Context, d string, l list[R], w window, column string, parents []gid.ID,
	query func(ctx context.Context, text string, args []any, scan func(*stdsql.Rows) error) error,
) (map[gid.ID]int, error) {
	totals := make(map[gid.ID]int, len(parents))
	for some := range slices.Chunk(parents, maxUnion) {
		text, args := unionAll(some, func(parent gid.ID) *sql.Selector {
			return sql.Dialect(d).Select().
				AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) { b.Arg(parent) }), "parent").
				AppendSelectExprAs(counted(ctx, d, l, w, func(s *sql.Selector) { s.Where(sql.EQ(s.C(column), parent)) }), totalColumn)
		}).Query()
		err := query(ctx, text, args, func(rows *stdsql.Rows) error {
			var parent gid.ID
			var total int
			if err := rows.Scan(&parent, &total); err != nil {
				return err
			}
			totals[parent] = total
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return totals, nil
}

// unionAll puts the selections of the parents together.
func unionAll(parents []gid.ID, one func(gid.ID) *sql.Selector) *sql.Selector {
	union := one(parents[0])
	for _, parent := range parents[1:] {
		union.UnionAll(one(parent))
	}
	return union
}

// nested is a list under the parents of a level.
type nested[R, N, C any] struct {
	list   list[R]
	column string // that holds the parent's id
	wrap   func([]R) []N
	parent func(N) gid.ID
	page   func(w window, nodes []N, total int) C
}

// pages makes each parent's page of a nested list.
func (n nested[R, N, C]) pages(ctx context.Context, r *Reader, w window, parents []gid.ID) (map[gid.ID]C, error) {
	w.columns = with(w.columns, n.column)
	rows, err := byParent(ctx, r.DB.Dialect(), n.list, w, n.column, parents)
	if err != nil {
		return nil, err
	}
	totals := map[gid.ID]int{}
	if w.total {
		if totals, err = counts(ctx, r.DB.Dialect(), n.list, w, n.column, parents, r.query); err != nil {
			return nil, err
		}
	}
	groups := map[gid.ID][]N{}
	for _, node := range n.wrap(rows) {
		groups[n.parent(node)] = append(groups[n.parent(node)], node)
	}
	pages := make(map[gid.ID]C, len(parents))
	for _, id := range parents {
		pages[id] = n.page(w, groups[id], totals[id])
	}
	return pages, nil
}

// parentColumn is what rows are listed under, where no column of their own tells it.
const parentColumn = "parent"

// under reads the first rows of each parent as byParent does, where no column of theirs names the parent: narrow keeps those
// of one, which then stands in parentColumn.
func under[R any](ctx context.Context, d string, l list[R], w window, parents []gid.ID, narrow func(s *sql.Selector, parent gid.ID)) (rows []R, err error) {
	for some := range slices.Chunk(parents, maxUnion) {
		found, err := l.fetch(ctx, w.columns, func(s *sql.Selector) {
			s.From(unionAll(some, func(parent gid.ID) *sql.Selector {
				part := base(ctx, d, l, w.columns...)
				narrow(part, parent)
				w.order.Apply(part, w.after)
				part.AppendSelectExprAs(sql.ExprFunc(func(b *sql.Builder) { b.Arg(parent) }), parentColumn)
				return sql.Dialect(d).Select().From(part.Limit(w.first + 1).As("part"))
			}).As(l.table)).AppendSelect(s.C(parentColumn))
			w.order.Apply(s, nil)
		})
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// sum64 adds up a column of what a selector finds; 0 where it finds nothing.
func sum64(d string, of *sql.Selector, column string) *sql.Selector {
	return sql.Dialect(d).Select().AppendSelectExprAs(sql.Raw("CAST(COALESCE(SUM("+column+"), 0) AS bigint)"), "amount").From(of.As("added"))
}

// base is a selector of what the viewer may see: every hand-built one starts here.
func base[R any](ctx context.Context, d string, l list[R], columns ...string) *sql.Selector {
	viewer, _ := auth.From(ctx)
	t := sql.Dialect(d).Table(l.table)
	s := sql.Dialect(d).Select(t.Columns(columns...)...).From(t)
	l.see(viewer, s)
	return s
}

func counted[R any](ctx context.Context, d string, l list[R], w window, more func(*sql.Selector)) *sql.Selector {
	s := base(ctx, d, l, "id")
	if more != nil {
		more(s)
	}
	w.where(s)
	if w.atMost > 0 {
		s.Limit(w.atMost + 1)
	}
	return sql.Dialect(d).Select(sql.Count("*")).From(s.As("counted"))
}

func (l list[R]) total(row R) (int, error) {
	v, err := l.value(row, totalColumn)
	if err != nil {
		return 0, err
	}
	n, ok := v.(int64)
	if !ok {
		return 0, fmt.Errorf("a count came as %T", v)
	}
	return int(n), nil
}

// cut takes the row off that only told whether more follows.
func (w window) cut(n int) (size int, more bool) {
	if n > w.first {
		return w.first, true
	}
	return n, false
}

// info is the PageInfo of a page with these cursors.
func (w window) info(cursors []string, more bool) *PageInfo {
	info := &PageInfo{HasNextPage: more, HasPreviousPage: w.after != nil}
	if len(cursors) > 0 {
		info.StartCursor, info.EndCursor = &cursors[0], &cursors[len(cursors)-1]
	}
	return info
}

// edges makes a page of the nodes: the edges, and where they stand.
func edges[N, E any](w window, nodes []N, key func(N) []any, edge func(cursor string, node N) E) ([]E, *PageInfo) {
	n, more := w.cut(len(nodes))
	out, cursors := make([]E, n), make([]string, n)
	for i, node := range nodes[:n] {
		cursors[i] = w.order.Cursor(key(node)...)
		out[i] = edge(cursors[i], node)
	}
	return out, w.info(cursors, more)
}
