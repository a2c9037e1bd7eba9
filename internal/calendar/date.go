// Package calendar holds days without a time and, built on them, the business calendar.
package calendar

import (
	"database/sql/driver"
	"fmt"
	"time"
)

const layout = "2006-01-02"

// Date is a day, such as 2026-11-23, in no time zone. The zero Date is no day.
type Date struct{ t time.Time }

// firstYear keeps out years that are a slip of the pen, and the zero Date.
const firstYear = 1900

// ParseDate reads 2026-11-23, of the year 1900 or later.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < firstYear {
		return Date{}, fmt.Errorf("%q is not a date such as 2026-11-23", s)
	}
	return Date{t}, nil
}

// DateOf is the day of an instant in a time zone.
func DateOf(t time.Time, in *time.Location) Date {
	y, m, d := t.In(in).Date()
	return Date{time.Date(y, m, d, 0, 0, 0, 0, time.UTC)}
}

// Start is the first instant of the day in a time zone.
func (d Date) Start(in *time.Location) time.Time {
	return time.Date(d.t.Year(), d.t.Month(), d.t.Day(), 0, 0, 0, 0, in)
}

// AddDays is the day n days later.
func (d Date) AddDays(n int) Date { return Date{d.t.AddDate(0, 0, n)} }

// AddMonths is the day n months later; where that month is too short for it, the day that comes after its last.
func (d Date) AddMonths(n int) Date { return Date{d.t.AddDate(0, n, 0)} }

// After tells whether d is a later day than o.
func (d Date) After(o Date) bool { return d.t.After(o.t) }

// Known is d where it is a day, else nil: a null column is read as the zero Date.
func (d *Date) Known() *Date {
	if d == nil || d.IsZero() {
		return nil
	}
	return d
}

// IsZero tells whether d is no day.
func (d Date) IsZero() bool { return d.t.IsZero() }

func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(layout)
}

// MarshalText writes 2026-11-23, and nothing for no day.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(text []byte) (err error) {
	*d = Date{}
	if len(text) > 0 {
		*d, err = ParseDate(string(text))
	}
	return err
}

// Value stores a day as text; PostgreSQL reads it into its native date.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a day from the database.
func (d *Date) Scan(src any) (err error) {
	switch v := src.(type) {
	case nil:
		*d = Date{}
	case time.Time:
		*d = DateOf(v, v.Location())
	case string:
		*d, err = ParseDate(v)
	case []byte:
		*d, err = ParseDate(string(v))
	default:
		err = fmt.Errorf("a date cannot be read from %T", src)
	}
	return err
}
