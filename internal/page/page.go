// Package page makes keyset pages: a cursor holds the order's key of the row it stands on, so that a page costs the
// same wherever it is and rows that come and go do not shift it.
package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Default and Max are how many rows a page has when nobody says, and at most.
const (
	Default = 20
	Max     = 100
)

// Kind is what a key column holds, so that a cursor gives the value back in its own type.
type Kind int

// The kinds of key columns.
const (
	Text Kind = iota
	Int
	Time
	ID
	Day
)

// Column is a part of an order's key. It must not be null.
type Column struct {
	Name string
	Kind Kind
}

// Order is an order that a client may ask for. Its columns, the last of them unique, lead an index.
type Order struct {
	Name    string
	Columns []Column
	Desc    bool
}

// Size checks a client's first.
func Size(first *int) (int, error) {
	switch {
	case first == nil:
		return Default, nil
	case *first < 0 || *first > Max:
		return 0, fault.New(fault.Invalid, "first", fmt.Sprintf("first goes from 0 to %d.", Max))
	}
	return *first, nil
}

type cursor struct {
	Order string            `json:"o"`
	Desc  bool              `json:"d,omitempty"`
	Key   []json.RawMessage `json:"k"`
}

// Cursor is the place of a row with this key.
func (o Order) Cursor(key ...any) string {
	c := cursor{Order: o.Name, Desc: o.Desc}
	for _, v := range key {
		if day, ok := v.(calendar.Date); ok {
			v = day.String()
		}
		raw, err := json.Marshal(v)
		if err != nil {
			panic(fmt.Sprintf("page: a %T cannot be in a key", v)) // a programmer's mistake: keys are texts, numbers, times, days and ids
		}
		c.Key = append(c.Key, raw)
	}
	text, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(text)
}

// After reads a cursor of this order; nil for no cursor. The fault's field is "after".
func (o Order) After(text *string) ([]any, error) {
	if text == nil || *text == "" {
		return nil, nil
	}
	bad := fault.New(fault.Invalid, "after", "after is not a cursor of this list.")
	raw, err := base64.RawURLEncoding.DecodeString(*text)
	if err != nil {
		return nil, bad
	}
	var c cursor
	if json.Unmarshal(raw, &c) != nil || len(c.Key) != len(o.Columns) {
		return nil, bad
	}
	if c.Order != o.Name || c.Desc != o.Desc {
		return nil, fault.New(fault.Invalid, "after", "after is a cursor of another order.")
	}
	key := make([]any, len(o.Columns))
	for i, column := range o.Columns {
		if key[i], err = column.decode(c.Key[i]); err != nil {
			return nil, bad
		}
	}
	return key, nil
}

func (c Column) decode(raw json.RawMessage) (any, error) {
	switch c.Kind {
	case Int:
		return decode[int64](raw)
	case Time:
		return decode[time.Time](raw)
	case ID:
		return decode[gid.ID](raw)
	case Day:
		text, err := decode[string](raw)
		if err != nil {
			return nil, err
		}
		return calendar.ParseDate(text)
	default:
		text, err := decode[string](raw)
		if err == nil && strings.ContainsRune(text, 0) {
			return nil, fmt.Errorf("a text with a zero byte")
		}
		return text, err
	}
}

func decode[T any](raw json.RawMessage) (T, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}

// Apply puts the order on a selector and starts it after the key, if there is one.
func (o Order) Apply(s *sql.Selector, after []any) {
	columns := make([]string, len(o.Columns))
	for i, c := range o.Columns {
		columns[i] = s.C(c.Name)
	}
	if after != nil {
		if o.Desc {
			s.Where(sql.CompositeLT(columns, after...))
		} else {
			s.Where(sql.CompositeGT(columns, after...))
		}
	}
	for _, c := range columns {
		if o.Desc {
			c = sql.Desc(c)
		}
		s.OrderBy(c)
	}
}
