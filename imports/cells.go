package imports

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"channelbook/internal/calendar"
	"channelbook/internal/requisites"
)

// The ways in which people write a moment or a day, besides RFC 3339.
var momentLayouts = []string{
	"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006",
}

// moment reads a time, in a zone where it names none.
func moment(cell string, from1904 bool, zone *time.Location) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, cell); err == nil {
		return at, true
	}
	for _, layout := range momentLayouts {
		if at, err := time.ParseInLocation(layout, cell, zone); err == nil {
			return at, true
		}
	}
	return serial(cell, from1904, zone)
}

// The serial numbers of days that are taken for dates: of 1927 to 2119. A year such as 2026 is none.
const (
	firstSerial = 10_000
	lastSerial  = 80_000
)

// serial reads a date as a workbook stores it: days since 1900 or 1904, on the clock of whoever wrote it.
func serial(cell string, from1904 bool, zone *time.Location) (time.Time, bool) {
	days, err := strconv.ParseFloat(cell, 64)
	if err != nil || days < firstSerial || days > lastSerial {
		return time.Time{}, false
	}
	at, err := excelize.ExcelDateToTime(days, from1904)
	if err != nil {
		return time.Time{}, false
	}
	at = at.Round(time.Second)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, zone), true
}

// momentText is a time as the intake takes it; what is none stays, and the intake says so.
func momentText(cell string, from1904 bool, zone *time.Location) string {
	if at, ok := moment(cell, from1904, zone); ok {
		return at.Format(time.RFC3339)
	}
	return cell
}

// day reads a day; false where a cell holds none.
func day(cell string, from1904 bool) (*calendar.Date, bool) {
	at, ok := moment(cell, from1904, time.UTC)
	if !ok {
		return nil, false
	}
	d, err := calendar.ParseDate(at.Format(time.DateOnly))
	return &d, err == nil
}

var (
	yes = []string{"да", "yes", "true", "1", "истина", "+"}
	no  = []string{"нет", "no", "false", "0", "ложь", "-", ""}
)

// truth reads yes or no.
func truth(cell string) (value, ok bool) {
	cell = strings.ToLower(cell)
	if slices.Contains(yes, cell) {
		return true, true
	}
	return false, slices.Contains(no, cell)
}

// Zeros at the beginning are lost where a spreadsheet takes a number of the law's for a number. An INN gets its own back where it is right with it.
func withZeros(cell string, lengths ...int) string {
	if strings.ContainsFunc(cell, func(r rune) bool { return r < '0' || r > '9' }) {
		return cell
	}
	for _, n := range lengths {
		if len(cell) == n-1 {
			return "0" + cell
		}
	}
	return cell
}

func innWithZero(cell string) string {
	if restored := withZeros(cell, 10, 12); requisites.INN(restored) == nil {
		return restored
	}
	return cell
}
