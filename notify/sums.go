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
