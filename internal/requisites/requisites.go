// Package requisites checks the numbers by which the law and the banks know a Russian company or sole proprietor:
// taxpayer.go has INN and KPP, register.go OGRN and OGRNIP, bank.go BIK and accounts, together.go says which of them
// go together. Each number is judged as it is stored: digits alone, without spaces. Where a number ends in, or holds,
// digits that follow from the others, the function With… computes them, and the check compares.
package requisites

import "strings"

// Wrong is what is wrong with a number: a sentence for people.
type Wrong string

func (w Wrong) Error() string { return string(w) }

// isNumber tells whether s is n digits of ASCII.
func isNumber(s string, n int) bool {
	return len(s) == n && strings.Trim(s, "0123456789") == ""
}

// weighted is the sum of the digits of s, each by its weight.
func weighted(s string, weights ...int) (sum int) {
	for i, w := range weights {
		sum += int(s[i]-'0') * w
	}
	return sum
}

// remainder is the number that the digits of s write, modulo m.
func remainder(s string, m int) (r int) {
	for _, digit := range s {
		r = (r*10 + int(digit-'0')) % m
	}
	return r
}

func digit(n int) string { return string(rune('0' + n%10)) }
