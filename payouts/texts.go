package payouts

import (
	"fmt"
	"time"

	"channelbook/internal/calendar"
)

// What people read beside sums.
const textNoStatement = "Без ведомости"

var monthNames = [...]string{
	"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
}

var quarterNames = [...]string{"I", "II", "III", "IV"}

// textPeriod names a period, such as "март 2026", "I квартал 2026" or "2026 год".
func textPeriod(p calendar.Period) string {
	first := p.StartsOn.Start(time.UTC)
	year, month := first.Year(), first.Month()-1
	switch p.Kind {
	case calendar.Quarter:
		return fmt.Sprintf("%s квартал %d", quarterNames[month/3], year)
	case calendar.Year:
		return fmt.Sprintf("%d год", year)
	}
	return fmt.Sprintf("%s %d", monthNames[month], year)
}

func textStatement(company string, p calendar.Period) string {
	return company + ": ведомость за " + textPeriod(p)
}
