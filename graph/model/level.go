package model

import (
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/internal/gid"
)

// level is the rows that one place of a query has loaded together. What a row's field refers to is loaded for the
// whole level by the first row that is asked, in one statement; the other rows find it there. As all rows
// of a level stand at the same place of the query, they are asked for the same fields with the same arguments, so a
// load is known by its response key.
type level[T any] struct {
	reader *Reader
	rows   []T
	mu     sync.Mutex
	loads  map[string]*loaded
}

type loaded struct {
	once  sync.Once
	value any
	err   error
}

func newLevel[T any](r *Reader, rows []T) *level[T] {
	return &level[T]{reader: r, rows: rows, loads: map[string]*loaded{}}
}

// load runs fn once for the level and the current field.
func load[T, V any](ctx context.Context, l *level[T], fn func(context.Context) (V, error)) (V, error) {
	key := graphql.GetFieldContext(ctx).Field.Alias
	l.mu.Lock()
	entry := l.loads[key]
	if entry == nil {
		entry = &loaded{}
		l.loads[key] = entry
	}
	l.mu.Unlock()
	entry.once.Do(func() {
		value, err := fn(l.reader.seen(ctx))
		entry.value, entry.err = value, err
	})
	value, _ := entry.value.(V)
	return value, entry.err
}

// toOne loads what a nullable reference of the level's rows points at and picks one row's own.
func toOne[T, R any](ctx context.Context, l *level[T], row T, key func(T) *gid.ID,
	find func(context.Context, []gid.ID) (map[gid.ID]R, error),
) (R, error) {
	var none R
	id := key(row)
	if id == nil {
		return none, nil
	}
	found, err := load(ctx, l, func(ctx context.Context) (map[gid.ID]R, error) {
		return find(ctx, distinct(l.rows, key))
	})
	if err != nil {
		return none, err
	}
	return found[*id], nil
}

func distinct[T any](rows []T, key func(T) *gid.ID) []gid.ID {
	seen := map[gid.ID]bool{}
	var ids []gid.ID
	for _, row := range rows {
		if id := key(row); id != nil && !seen[*id] {
			seen[*id] = true
			ids = append(ids, *id)
		}
	}
	return ids
}
