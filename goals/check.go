package goals

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"channelbook/ent/goal"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
)

const (
	maxReason = 500
	// kopecksPerRouble is by how many digits the point of a sum of money moves.
	kopecksPerRouble = 2
)

// maxMoney is ten trillion roubles in kopecks, maxCount a billion: past them somebody's finger has slipped.
var (
	maxMoney = decimal.New(1, 15)
	maxCount = decimal.New(1, 9)
)

// isMoney tells whether a metric is kept in kopecks and told in roubles.
func isMoney(m goal.Metric) bool { return m == goal.MetricPAYOUT || m == goal.MetricREVENUE }

// Unit is a value of a metric in the unit that people know: roubles with two decimals, or pieces.
func Unit(m goal.Metric, value int64) decimal.Decimal {
	if isMoney(m) {
		return decimal.New(value, -kopecksPerRouble)
	}
	return decimal.New(value, 0)
}

// stored is a target as it is kept; the fault names field.
func stored(m goal.Metric, target decimal.Decimal, field string) (int64, error) {
	most, fraction := maxCount, "A number of leads or sales has no decimals."
	if isMoney(m) {
		target, most, fraction = target.Shift(kopecksPerRouble), maxMoney, "A sum has at most two decimals."
	}
	switch {
	case target.IsNegative():
		return 0, fault.Coded(fault.Invalid, "NEGATIVE", field, "A target is not below 0.")
	case target.GreaterThan(most):
		return 0, fault.Coded(fault.Invalid, "TOO_LARGE", field, "The target is too large.")
	case !target.IsInteger():
		return 0, fault.Coded(fault.Invalid, "INVALID_AMOUNT", field, fraction)
	}
	return target.IntPart(), nil
}

// firstPeriod and lastPeriod keep out years that are a slip of the pen.
var firstPeriod, lastPeriod = mustDate("1999-12-31"), mustDate("2100-01-01")

func mustDate(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err) // a constant above that is wrong
	}
	return d
}

// Valid tells whether there is such a period: the fault is INVALID_PERIOD of kind Invalid and names its day.
func Valid(p calendar.Period, field string) error {
	if _, err := calendar.ParsePeriod(p.Kind, p.StartsOn); err != nil {
		return fault.Coded(fault.Invalid, "INVALID_PERIOD", field+".startsOn", fmt.Sprintf("No %s starts on %s.", strings.ToLower(string(p.Kind)), p.StartsOn))
	}
	if !p.StartsOn.After(firstPeriod) || !lastPeriod.After(p.StartsOn) {
		return fault.Coded(fault.Invalid, "INVALID_PERIOD", field+".startsOn", "A period is of the years 2000 to 2099.")
	}
	return nil
}

// because checks a reason that a person may give, and trims it. Lines may be broken.
func because(text *string) error {
	const field = "reason"
	*text = strings.TrimSpace(*text)
	control := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }
	var wrong []error
	if !utf8.ValidString(*text) || strings.ContainsFunc(*text, control) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8."))
	}
	if utf8.RuneCountInString(*text) > maxReason {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", maxReason)))
	}
	return errors.Join(wrong...)
}

func noDistributor(field string) error {
	return fault.New(fault.NotFound, field, "There is no such distributor.")
}

func periodClosed(p calendar.Period, field string) error {
	return fault.Coded(fault.Conflict, "PERIOD_CLOSED", field, fmt.Sprintf("The %s is closed.", p))
}
