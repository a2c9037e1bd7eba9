package words

import (
	"fmt"
	"time"

	"channelbook/internal/calendar"
)

// monthsOf are the months in the genitive, as they follow the number of a day.
var monthsOf = [...]string{
	"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря",
}

// ShortDay is 26.11.2026; nothing for no day.
func ShortDay(d calendar.Date) string {
	return written(d, func(t time.Time) string { return t.Format("02.01.2006") })
}

// Day is 26 ноября 2026 г.; nothing for no day.
func Day(d calendar.Date) string {
	return written(d, func(t time.Time) string { return fmt.Sprint(t.Day()) + NoBreak + monthAndYear(t) })
}

// FormalDay is «26» ноября 2026 г., as the head of a contract or an act has it; nothing for no day.
func FormalDay(d calendar.Date) string {
	return written(d, func(t time.Time) string { return fmt.Sprintf("«%02d»", t.Day()) + NoBreak + monthAndYear(t) })
}

func written(d calendar.Date, as func(time.Time) string) string {
	if d.IsZero() {
		return ""
	}
	return as(d.Start(time.UTC))
}

func month(t time.Time) string { return monthsOf[t.Month()-1] }

func year(t time.Time) string { return fmt.Sprint(t.Year()) + NoBreak + "г." }

func monthAndYear(t time.Time) string { return month(t) + NoBreak + year(t) }

// Period is what a document calls a period: "ноябрь 2026 г.", "IV квартал 2026 г.", "2026 год".
func Period(p calendar.Period) string {
	if p.Kind == calendar.Year {
		return p.Name()
	}
	return p.Name() + NoBreak + "г."
}

// During says for which period something is: "за ноябрь 2026 г.", "за IV квартал 2026 г.", "за 2026 год".
func During(p calendar.Period) string { return "за " + Period(p) }

// Between says from which day to which, both included: "с 1 по 30 ноября 2026 г.", "с 28 октября по 3 ноября 2026 г.",
// "с 28 декабря 2025 г. по 3 января 2026 г.". One day by itself is "за 26 ноября 2026 г.".
func Between(from, to calendar.Date) string {
	a, b := from.Start(time.UTC), to.Start(time.UTC)
	since := fmt.Sprint(a.Day())
	switch {
	case from == to:
		return "за " + Day(from)
	case a.Year() != b.Year():
		since += NoBreak + monthAndYear(a)
	case a.Month() != b.Month():
		since += NoBreak + month(a)
	}
	return "с" + NoBreak + since + " по" + NoBreak + Day(to)
}

// Span is what a document calls the days from one to another, both included: the period of the calendar that they are, as
// During has it, or else as Between.
func Span(from, to calendar.Date) string {
	for _, kind := range calendar.Kinds {
		if p := calendar.PeriodOf(kind, from); p.StartsOn == from && p.EndsOn() == to {
			return During(p)
		}
	}
	return Between(from, to)
}
