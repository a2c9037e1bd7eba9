package legacy

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// yes and no are how other systems write a truth value.
var (
	yes = set("1", "true", "t", "yes", "y", "on", "да", "active")
	no  = set("0", "false", "f", "no", "n", "off", "нет", "inactive")
)

func set(words ...string) map[string]bool {
	all := make(map[string]bool, len(words))
	for _, w := range words {
		all[w] = true
	}
	return all
}

// truth reads a truth value; ok is false for what is none.
func truth(text string) (value, ok bool) {
	word := strings.ToLower(text)
	return yes[word], yes[word] || no[word]
}

// instants are how other systems write a time that names no zone.
var instants = []string{
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02",
	"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006",
}

var errNoTime = errors.New("not a time")

// epochFrom is the least number that is taken for seconds since 1970, epochMillis for milliseconds: in 2001 both.
const (
	epochFrom   = 1_000_000_000
	epochMillis = 1_000_000_000_000
)

// instant reads a time. One that names no zone is of the zone given.
func instant(text string, zone *time.Location) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if seconds >= epochMillis {
			seconds /= 1000
		}
		if seconds < epochFrom || seconds >= epochMillis {
			return time.Time{}, errNoTime
		}
		return sensible(time.UnixMicro(int64(seconds * 1e6)))
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return sensible(at)
		}
	}
	for _, layout := range instants {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return sensible(at)
		}
	}
	return time.Time{}, errNoTime
}

// sensible keeps out years that are a slip of the pen.
func sensible(at time.Time) (time.Time, error) {
	const first, last = 2000, 2100
	if at.Year() < first || at.Year() >= last {
		return time.Time{}, errNoTime
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

// at reads the time of a field; nil where there is none, which is told where something stands there.
func (m *importer) at(l *lines, field string) *time.Time {
	text := l.row.get(field)
	if text == "" {
		return nil
	}
	at, err := instant(text, m.Options.TimeZone)
	if err != nil {
		l.left(field, shown(text)+" is no time that can be read. It is left out.")
		return nil
	}
	return &at
}

// dayAt reads a day: the business's, on which a time lies; a day by itself stays as it is.
func (m *importer) dayAt(l *lines, field string) *calendar.Date {
	text := l.row.get(field)
	for _, layout := range []string{time.DateOnly, "02.01.2006"} {
		if at, err := time.Parse(layout, text); err == nil {
			if at, err = sensible(at); err == nil {
				day := calendar.DateOf(at, time.UTC)
				return &day
			}
		}
	}
	at := m.at(l, field)
	if at == nil {
		return nil
	}
	day := calendar.DateOf(*at, m.Services.TimeZone)
	return &day
}

var errNoSum = errors.New("not a sum")

// sum reads roubles, as kopecks; rounded tells that they had more than two decimals.
func sum(text string) (kopecks int64, rounded bool, err error) {
	text = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "₽", "", "руб.", "", "руб", "", ",", ".").Replace(strings.ToLower(text))
	const longest = 30
	if len(text) > longest {
		return 0, false, errNoSum
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() > longest {
		return 0, false, errNoSum
	}
	const decimals = 2
	exact := d.Shift(decimals)
	whole := exact.Round(0)
	if !whole.IsInteger() || !whole.BigInt().IsInt64() {
		return 0, false, errNoSum
	}
	return whole.IntPart(), !whole.Equal(exact), nil
}

// month reads MM.YYYY.
func month(text string) (calendar.Period, error) {
	at, err := time.Parse("01.2006", text)
	if err != nil {
		at, err = time.Parse("1.2006", text)
	}
	if err != nil {
		return calendar.Period{}, errNoTime
	}
	return calendar.PeriodOf(calendar.Month, calendar.DateOf(at, time.UTC)), nil
}

// ParseMonth reads a month such as 03.2026, for the command.
func ParseMonth(text string) (calendar.Period, error) { return month(text) }

// owner is the distributor that a row belongs to. named tells whether it names any; id is nil where that is not there.
func (m *importer) owner(r *row) (id *gid.ID, field string, named bool) {
	for _, by := range []struct{ field, refers string }{{"distributor", "distributors_info"}, {"user", "users"}} {
		key := r.get(by.field)
		if key == "" {
			continue
		}
		refers := by.refers
		if to := r.table.targets[by.field]; to != "" {
			refers = to
		}
		from := m.companies
		if refers == "users" {
			from = m.companyOf
		}
		found, there := from[key]
		if !there {
			return nil, by.field, true
		}
		return &found, by.field, true
	}
	return nil, "distributor", false
}
