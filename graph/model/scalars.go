package model

import (
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/shopspring/decimal"

	"channelbook/internal/calendar"
	"channelbook/internal/fault"
)

// MarshalDateTime writes an instant in UTC, to the microsecond.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return quoted(t.UTC().Format(time.RFC3339Nano))
}

// UnmarshalDateTime reads RFC 3339 with any offset.
func UnmarshalDateTime(v any) (time.Time, error) {
	s, ok := v.(string)
	if !ok {
		return time.Time{}, unreadable("a DateTime is a string such as 2026-11-23T10:11:12Z")
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, unreadable("a DateTime is RFC 3339, such as 2026-11-23T10:11:12Z")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// MarshalDate writes 2026-11-23.
func MarshalDate(d calendar.Date) graphql.Marshaler { return quoted(d.String()) }

// UnmarshalDate reads 2026-11-23.
func UnmarshalDate(v any) (calendar.Date, error) {
	s, ok := v.(string)
	if !ok {
		return calendar.Date{}, unreadable("a Date is a string such as 2026-11-23")
	}
	d, err := calendar.ParseDate(s)
	if err != nil {
		return calendar.Date{}, unreadable("a Date is a day such as 2026-11-23")
	}
	return d, nil
}

// MarshalDecimal writes an exact number as a JSON string, with the decimals that it was made with: 1234.50.
func MarshalDecimal(d decimal.Decimal) graphql.Marshaler {
	return quoted(d.StringFixed(max(0, -d.Exponent())))
}

// maxDecimal is how many characters a Decimal may have; without it 1e999999999 is a number to write out.
const maxDecimal = 40

// UnmarshalDecimal reads a JSON string or number.
func UnmarshalDecimal(v any) (decimal.Decimal, error) {
	var text string
	switch v := v.(type) {
	case string:
		text = v
	case json.Number:
		text = v.String()
	case int64:
		text = strconv.FormatInt(v, 10)
	case int:
		text = strconv.Itoa(v)
	case float64:
		text = strconv.FormatFloat(v, 'f', -1, 64)
	}
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > maxDecimal || d.Exponent() > maxDecimal || d.Exponent() < -maxDecimal {
		return decimal.Decimal{}, unreadable(`a Decimal is a number such as "1234.50"`)
	}
	return d, nil
}

func quoted(s string) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.Quote(s)) })
}

// unreadable is a value of an input that is not of its scalar.
func unreadable(message string) error {
	return fault.Coded(fault.Invalid, "INVALID_VALUE", "", message+".")
}
