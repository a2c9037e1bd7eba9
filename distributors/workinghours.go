package distributors

import (
	"fmt"
	"regexp"
	"slices"

	"channelbook/ent"
	"channelbook/ent/values"
	"channelbook/internal/fault"
)

// timeOfDay is 00:00 to 23:59; a stretch may end at 24:00. Such texts compare as the times do.
var timeOfDay = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

const endOfDay = "24:00"

// Weekdays in the order of a week.
var Weekdays = []string{"MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"}

const maxWorkingHours = 28 // stretches: four a day

// checkHours finds what is no stretch of a day, and stretches of one day that overlap.
func checkHours(hours []values.WorkingHours) (wrong []error) {
	add := func(code string, i int, field, message string) {
		wrong = append(wrong, fault.Coded(fault.Invalid, code, fmt.Sprintf("workingHours[%d]%s", i, field), message))
	}
	if len(hours) > maxWorkingHours {
		return []error{fault.Coded(fault.Invalid, "TOO_MANY", "workingHours", fmt.Sprintf("At most %d stretches of work.", maxWorkingHours))}
	}
	sound := make([]bool, len(hours))
	for i, h := range hours {
		opens, closes := timeOfDay.MatchString(h.From), timeOfDay.MatchString(h.To) || h.To == endOfDay
		day := slices.Contains(Weekdays, h.Weekday)
		sound[i] = opens && closes && day && h.From < h.To
		switch {
		case !day:
			add("INVALID_VALUE", i, ".weekday", "This is none of MONDAY to SUNDAY.")
		case opens && closes && h.From >= h.To:
			add("ENDS_BEFORE_START", i, ".closesAt", "Work ends after it has begun; a night is two stretches, to 24:00 and from 00:00.")
		}
		if !opens {
			add("INVALID_TIME", i, ".opensAt", "A time is written as 09:30.")
		}
		if !closes {
			add("INVALID_TIME", i, ".closesAt", "A time is written as 18:00, the end of a day as 24:00.")
		}
		overlaps := func(j int) bool {
			return sound[j] && hours[j].Weekday == h.Weekday && hours[j].From < h.To && h.From < hours[j].To
		}
		for j := range i {
			if sound[i] && overlaps(j) {
				add("OVERLAPS", i, "", "This overlaps another stretch of the same day.")
				break
			}
		}
	}
	return wrong
}

// inOrder is the stretches of a week as they follow each other.
func inOrder(hours []values.WorkingHours) []values.WorkingHours {
	return slices.SortedFunc(slices.Values(hours), func(a, b values.WorkingHours) int {
		at := func(h values.WorkingHours) string {
			return fmt.Sprint(slices.Index(Weekdays, h.Weekday), h.From)
		}
		if at(a) < at(b) {
			return -1
		}
		return 1
	})
}

// HoursOf are the working hours of a distributor, also where it has none of its own.
func HoursOf(d *ent.Distributor) []values.WorkingHours {
	if len(d.WorkingHours) > 0 {
		return d.WorkingHours
	}
	hours := make([]values.WorkingHours, 5)
	for i := range hours {
		hours[i] = values.WorkingHours{Weekday: Weekdays[i], From: "09:00", To: "18:00"}
	}
	return hours
}
