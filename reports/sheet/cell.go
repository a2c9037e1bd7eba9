package sheet

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"channelbook/internal/calendar"
)

// value is a value as a workbook takes it; nil for an empty cell.
func (b *Book) value(v any) any {
	switch v := v.(type) {
	case Kopecks:
		return float64(v) / 100
	case calendar.Date:
		if v.IsZero() {
			return nil
		}
		return v.Start(time.UTC)
	case time.Time:
		if v.IsZero() {
			return nil
		}
		return asWritten(v.In(b.in))
	case string:
		if v == "" {
			return nil
		}
		return printable(v)
	}
	return v
}

// asWritten is an instant as its clock shows it: a workbook knows no time zones.
func asWritten(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// cutMark ends a text that is longer than a cell may be.
const cutMark = "… [обрезано]"

// printable is a text without the characters that XML cannot hold, and no longer than a cell may be.
func printable(s string) string {
	if isPlain(s) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= ' ' && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return -1
	}, s)
	return cut(s)
}

// isPlain tells of most texts at once that nothing needs to be done about them.
func isPlain(s string) bool {
	if len(s) > excelize.TotalCellChars {
		return false
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// cut shortens a text to what a cell holds, counted in UTF-16 as Excel does.
func cut(s string) string {
	if len(s) <= excelize.TotalCellChars { // no text has more units than bytes
		return s
	}
	const room = excelize.TotalCellChars - len(cutMark)
	units, fits := 0, 0
	for i, r := range s {
		if units <= room {
			fits = i
		}
		if units += utf16Units(r); units > excelize.TotalCellChars {
			return s[:fits] + cutMark
		}
	}
	return s
}

func utf16Units(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}
