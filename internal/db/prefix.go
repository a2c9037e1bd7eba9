package db

import (
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
)

// lastRune sorts behind every text that goes on after a prefix.
const lastRune = "\U0010FFFF"

// Prefix is the predicate "column starts with prefix", written as a range so that both engines walk an index for it,
// with a prepared statement too: on PostgreSQL one of text_pattern_ops, which compares by bytes as SQLite does.
func Prefix(column, prefix string) *sql.Predicate {
	return sql.P(func(b *sql.Builder) {
		from, to := " >= ", " < "
		if b.Dialect() == dialect.Postgres {
			from, to = " ~>=~ ", " ~<~ "
		}
		b.Wrap(func(b *sql.Builder) {
			b.Ident(column).WriteString(from).Arg(prefix)
			b.WriteString(" AND ").Ident(column).WriteString(to).Arg(prefix + lastRune)
		})
	})
}
