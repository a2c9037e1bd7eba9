package words

import "strings"

// Gender is that of the noun a number stands before: один рубль, одна копейка, одно место.
type Gender int

// The genders.
const (
	Masculine Gender = iota
	Feminine
	Neuter
)

var (
	units = [...]string{"", "", "", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
		"одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"}
	tens     = [...]string{"", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"}
	hundreds = [...]string{"", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"}
	// ones and twos are by gender.
	ones = [...]string{Masculine: "один", Feminine: "одна", Neuter: "одно"}
	twos = [...]string{Masculine: "два", Feminine: "две", Neuter: "два"}
)

// scales are the powers of a thousand from the largest that an int64 reaches down. A thousand is feminine, the others masculine.
var scales = [...]struct {
	size           uint64
	gender         Gender
	one, few, many string
}{
	{1e18, Masculine, "квинтиллион", "квинтиллиона", "квинтиллионов"},
	{1e15, Masculine, "квадриллион", "квадриллиона", "квадриллионов"},
	{1e12, Masculine, "триллион", "триллиона", "триллионов"},
	{1e9, Masculine, "миллиард", "миллиарда", "миллиардов"},
	{1e6, Masculine, "миллион", "миллиона", "миллионов"},
	{1e3, Feminine, "тысяча", "тысячи", "тысяч"},
}

// Spelled is a number in words, in the nominative: "двадцать одна" before a feminine noun, "минус два" before a masculine one.
func Spelled(n int64, gender Gender) string {
	if n < 0 {
		return "минус " + spelled(magnitude(n), gender)
	}
	return spelled(magnitude(n), gender)
}

func spelled(n uint64, gender Gender) string {
	if n == 0 {
		return "ноль"
	}
	var out []string
	for _, scale := range scales {
		if group := n / scale.size; group > 0 {
			out = append(out, underThousand(group, scale.gender)...)
			out = append(out, Noun(int64(group), scale.one, scale.few, scale.many)) // #nosec G115 -- below 1000
			n %= scale.size
		}
	}
	return strings.Join(append(out, underThousand(n, gender)...), " ")
}

// underThousand is the words of a number below 1000; none for 0.
func underThousand(n uint64, gender Gender) (out []string) {
	if word := hundreds[n/100]; word != "" {
		out = append(out, word)
	}
	n %= 100
	if n >= 20 {
		out = append(out, tens[n/10])
		n %= 10
	}
	switch n {
	case 0:
		return out
	case 1:
		return append(out, ones[gender])
	case 2:
		return append(out, twos[gender])
	}
	return append(out, units[n])
}

// Sum is kopecks as accounting writes them out: «Двенадцать тысяч рублей 50 копеек», of a negative sum «Минус пять рублей 00 копеек».
func Sum(kopecks int64) string {
	roubles, rest := split(kopecks)
	text := spelled(roubles, Masculine) + " " + Noun(int64(roubles), "рубль", "рубля", "рублей") + // #nosec G115 -- a hundredth of an int64
		" " + twoDigits(rest) + NoBreak + Noun(int64(rest), "копейка", "копейки", "копеек") // #nosec G115 -- below 100
	if kopecks < 0 {
		text = "минус " + text
	}
	return Capitalized(text)
}
