package figures

import (
	"cmp"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/calendar"
)

// What people read.
const (
	textNone   = "Не указано"
	textNobody = "Не распределён"
)

var statusTexts = map[string]string{
	string(lead.StatusNEW): "Новый", string(lead.StatusIN_PROGRESS): "В работе", string(lead.StatusSALE): "Продажа", string(lead.StatusREJECTED): "Отказ",
}

// Label of a row for people. For a distributor and a source, whose names stand elsewhere, it is the key.
func (g Group) Label(row Row) string {
	switch {
	case g == ByDistributor && row.Key == "":
		return textNobody
	case row.Key == "":
		return textNone
	case g == ByStatus:
		return cmp.Or(statusTexts[row.Key], row.Key)
	case g.isTime():
		return g.dates(row.Key)
	}
	return cmp.Or(row.Label, row.Key)
}

func (g Group) dates(key string) string {
	if g == ByMonth {
		first, err := calendar.ParseDate(key + "-01")
		if err != nil {
			return key
		}
		return calendar.PeriodOf(calendar.Month, first).Title()
	}
	day, err := time.Parse(time.DateOnly, key)
	if err != nil {
		return key
	}
	const whole = "02.01.2006"
	if g == ByDay {
		return day.Format(whole)
	}
	sunday := day.AddDate(0, 0, 6)
	monday := day.Format("02.01")
	if day.Year() != sunday.Year() {
		monday = day.Format(whole)
	}
	return monday + "–" + sunday.Format(whole)
}
