package notify

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// noBreak is a space at which no line is broken.
const noBreak = "\u00a0"

// Roubles writes kopecks as 12 345,60 ₽, with spaces that do not break.
func Roubles(kopecks int64) string {
	whole, fraction, _ := strings.Cut(decimal.New(kopecks, -2).StringFixed(2), ".")
	return grouped(whole) + "," + fraction + noBreak + "₽"
}

// Counted writes a number with the noun that goes with it: 1 раз, 2 раза, 5 раз, 21 раз.
func Counted(n int64, one, few, many string) string {
	noun := many
	switch tens, last := n%100/10, n%10; {
	case tens == 1:
	case last == 1:
		noun = one
	case last >= 2 && last <= 4:
		noun = few
	}
	return pieces(n) + noBreak + noun
}

// pieces writes a number as 1 234.
func pieces(n int64) string { return grouped(strconv.FormatInt(n, 10)) }

// grouped puts spaces between the thousands of a whole number.
func grouped(number string) string {
	digits, negative := strings.CutPrefix(number, "-")
	var out strings.Builder
	if negative {
		out.WriteString("−")
	}
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(noBreak)
		}
		out.WriteRune(digit)
	}
	return out.String()
}
