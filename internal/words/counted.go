package words

import (
	"strconv"
	"strings"
)

// Counted writes a number with the noun that goes with it: 1 заявка, 2 заявки, 5 заявок, 21 заявка.
func Counted(n int64, one, few, many string) string {
	return Number(n) + NoBreak + Noun(n, one, few, many)
}

// Noun is the one of three forms that goes with a number: 1 заявка, 2 заявки, 5 заявок. The sign does not matter.
func Noun(n int64, one, few, many string) string {
	rest := n % 100
	if rest < 0 {
		rest = -rest
	}
	switch last := rest % 10; {
	case rest/10 == 1:
		return many
	case last == 1:
		return one
	case last >= 2 && last <= 4:
		return few
	}
	return many
}

// Number writes a whole number with spaces between its thousands: 12 000.
func Number(n int64) string { return Grouped(strconv.FormatInt(n, 10)) }

// Amount writes kopecks as 12 345,60.
func Amount(kopecks int64) string {
	roubles, rest := split(kopecks)
	text := Grouped(strconv.FormatUint(roubles, 10)) + "," + twoDigits(rest)
	if kopecks < 0 {
		return Minus + text
	}
	return text
}

// Roubles writes kopecks as 12 345,60 ₽.
func Roubles(kopecks int64) string { return Amount(kopecks) + NoBreak + "₽" }

// Grouped puts spaces between the thousands of a whole number in digits, and a true minus before a negative one.
func Grouped(number string) string {
	digits, negative := strings.CutPrefix(number, "-")
	var out strings.Builder
	if negative {
		out.WriteString(Minus)
	}
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(NoBreak)
		}
		out.WriteRune(digit)
	}
	return out.String()
}

// split is a sum without its sign as roubles and the kopecks beyond them.
func split(kopecks int64) (roubles, rest uint64) {
	size := magnitude(kopecks)
	return size / 100, size % 100
}

// magnitude is n without its sign; the least int64 has one too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n) // #nosec G115 -- two's complement: the negation of a negative number's bits is its size
	}
	return uint64(n)
}

func twoDigits(n uint64) string { return string([]byte{'0' + byte(n/10%10), '0' + byte(n%10)}) }
