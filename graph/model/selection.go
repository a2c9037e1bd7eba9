package model

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selection is what a query asks of an object: its fields, fragments resolved, @skip and @include applied.
type selection []graphql.CollectedField

// selected is what the current field asks of its object of one of these types.
func selected(ctx context.Context, types ...string) selection {
	return collect(ctx, graphql.GetFieldContext(ctx).Field.Selections, types...)
}

func collect(ctx context.Context, of ast.SelectionSet, types ...string) selection {
	return graphql.CollectFields(graphql.GetOperationContext(ctx), of, types)
}

// connection is what the current field asks of a connection and, of its nodes, by edges { node }.
func connection(ctx context.Context, typeName string) (of, node selection) {
	base := strings.TrimSuffix(typeName, "Entry") // BlacklistEntry is listed by BlacklistConnection
	of = selected(ctx, base+"Connection", typeName+"Connection")
	for _, edges := range of {
		if edges.Name != "edges" {
			continue
		}
		for _, f := range collect(ctx, edges.Selections, base+"Edge", typeName+"Edge") {
			if f.Name == "node" {
				node = append(node, collect(ctx, f.Selections, typeName, "Node")...)
			}
		}
	}
	return of, node
}

// has tells whether one of the fields is asked for.
func (s selection) has(names ...string) bool {
	return slices.ContainsFunc(s, func(f graphql.CollectedField) bool { return slices.Contains(names, f.Name) })
}

// mapping tells which columns of a stored type a GraphQL field is read from: its own name in snake case, unless it
// stands here. A field that needs no column of this table stands here with none.
type mapping map[string][]string

// columns of the asked fields, without doubles, always the given ones among them.
func (m mapping) columns(s selection, always ...string) []string {
	columns := slices.Clone(always)
	for _, f := range s {
		if strings.HasPrefix(f.Name, "__") {
			continue
		}
		for _, c := range m.of(f.Name) {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
	}
	return columns
}

func (m mapping) of(field string) []string {
	if columns, ok := m[field]; ok {
		return columns
	}
	return []string{snake(field)}
}

// snake turns utmSource into utm_source.
func snake(s string) string {
	var b strings.Builder
	for _, r := range s {
		if unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// with adds a column that is not there yet.
func with(columns []string, column string) []string {
	if slices.Contains(columns, column) {
		return columns
	}
	return append(slices.Clone(columns), column)
}
