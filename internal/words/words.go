// Package words writes numbers, sums and days in Russian as people read them: counted.go has numbers in figures with the noun
// that goes with them, spelled.go numbers and sums in words, dates.go days and periods.
package words

import (
	"unicode"
	"unicode/utf8"
)

// NoBreak is a space at which no line is broken.
const NoBreak = "\u00a0"

// Minus stands before what is negative, in figures.
const Minus = "−"

// Capitalized is text with its first letter in upper case, as at the beginning of a sentence.
func Capitalized(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
