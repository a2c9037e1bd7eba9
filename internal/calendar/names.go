package calendar

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

var monthNames = [...]string{
	"январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
}

var quarterNames = [...]string{"I", "II", "III", "IV"}

// Name is what people call the period inside a sentence, in Russian: "март 2026", "I квартал 2026", "2026 год".
func (p Period) Name() string {
	first := p.StartsOn.Start(time.UTC)
	year, month := first.Year(), first.Month()-1
	switch p.Kind {
	case Quarter:
		return fmt.Sprintf("%s квартал %d", quarterNames[month/3], year)
	case Year:
		return fmt.Sprintf("%d год", year)
	}
	return fmt.Sprintf("%s %d", monthNames[month], year)
}

// Title is the name by itself: "Март 2026".
func (p Period) Title() string {
	name := p.Name()
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}
