package notify

import "channelbook/internal/words"

// noBreak is a space at which no line is broken.
const noBreak = words.NoBreak

// Roubles writes kopecks as 12 345,60 ₽, with spaces that do not break.
func Roubles(kopecks int64) string { return words.Roubles(kopecks) }

// Counted writes a number with the noun that goes with it: 1 раз, 2 раза, 5 раз, 21 раз.
func Counted(n int64, one, few, many string) string { return words.Counted(n, one, few, many) }

// pieces writes a number as 1 234.
func pieces(n int64) string { return words.Number(n) }

// grouped puts spaces between the thousands of a whole number.
func grouped(number string) string { return words.Grouped(number) }
