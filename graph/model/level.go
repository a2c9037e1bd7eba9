package model

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/internal/gid"
)

// level is the rows that one place of a query has loaded together. What a row's field refers to is loaded for the
// whole level by the first row that is asked, in one statement; the other rows find it there. A load is known by the
// place of the field in the query: at one place all rows are asked for the same with the same arguments, while an
// alias can show the same rows at several places.
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
	key := place(graphql.GetFieldContext(ctx))
	l.mu.Lock()
	entry := l.loads[key]
	if entry == nil {
		entry = &loaded{err: errBrokenOff}
		l.loads[key] = entry
	}
	l.mu.Unlock()
	entry.once.Do(func() {
		ctx, done := within(ctx)
		defer done()
		value, err := fn(l.reader.seen(ctx))
		entry.value, entry.err = value, err
	})
	value, _ := entry.value.(V)
	return value, entry.err
}

type withinKey struct{}

// EachWithin gives each load a time of its own: the events of a subscription are read for as long as it stays.
func EachWithin(ctx context.Context, limit time.Duration) context.Context {
	return context.WithValue(ctx, withinKey{}, limit)
}

func within(ctx context.Context) (_ context.Context, done context.CancelFunc) {
	if limit, ok := ctx.Value(withinKey{}).(time.Duration); ok {
		return context.WithTimeout(ctx, limit)
	}
	return ctx, func() {}
}

// errBrokenOff is what the other rows get where a load panicked.
var errBrokenOff = errors.New("the load of a level broke off")

// place is where a field stands in the query: the response keys that lead to it, without the indexes of lists.
func place(field *graphql.FieldContext) string {
	var keys []string
	for ; field != nil; field = field.Parent {
		if field.Field.Field != nil {
			keys = append(keys, field.Field.Alias)
		}
	}
	return strings.Join(keys, "/")
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
