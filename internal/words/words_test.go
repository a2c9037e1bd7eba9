package words_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"channelbook/internal/words"
)

// plain has ordinary spaces for those that do not break.
func plain(s string) string { return strings.ReplaceAll(s, words.NoBreak, " ") }

func TestANumberHasItsNoun(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 заявок", 1: "1 заявка", 2: "2 заявки", 4: "4 заявки", 5: "5 заявок", 10: "10 заявок", 11: "11 заявок", 12: "12 заявок",
		13: "13 заявок", 14: "14 заявок", 15: "15 заявок", 20: "20 заявок", 21: "21 заявка", 22: "22 заявки", 25: "25 заявок",
		100: "100 заявок", 101: "101 заявка", 104: "104 заявки", 111: "111 заявок", 112: "112 заявок", 121: "121 заявка",
		1001: "1 001 заявка", 1011: "1 011 заявок", 12_000: "12 000 заявок", 1_000_002: "1 000 002 заявки",
		-1: "−1 заявка", -3: "−3 заявки", -11: "−11 заявок", -121: "−121 заявка",
		math.MaxInt64: "9 223 372 036 854 775 807 заявок", math.MinInt64: "−9 223 372 036 854 775 808 заявок",
	} {
		if got := plain(words.Counted(n, "заявка", "заявки", "заявок")); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestANumberAndItsNounStayOnOneLine(t *testing.T) {
	if got, want := words.Counted(12_000, "раз", "раза", "раз"), "12\u00a0000\u00a0раз"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSumsInFigures(t *testing.T) {
	for kopecks, want := range map[int64]string{
		0: "0,00", 5: "0,05", 50: "0,50", 99: "0,99", 100: "1,00", 99_999: "999,99", 100_000: "1 000,00", 1_200_050: "12 000,50",
		123_456_789_01: "123 456 789,01", -5: "−0,05", -120_050: "−1 200,50",
		math.MaxInt64: "92 233 720 368 547 758,07", math.MinInt64: "−92 233 720 368 547 758,08",
	} {
		if got := plain(words.Amount(kopecks)); got != want {
			t.Errorf("%d: got %q, want %q", kopecks, got, want)
		}
		if got := plain(words.Roubles(kopecks)); got != want+" ₽" {
			t.Errorf("%d: got %q, want the same with the sign of the rouble", kopecks, got)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	for _, c := range []struct {
		n                           int64
		masculine, feminine, neuter string
	}{
		{0, "ноль", "ноль", "ноль"},
		{1, "один", "одна", "одно"},
		{2, "два", "две", "два"},
		{3, "три", "три", "три"},
		{11, "одиннадцать", "одиннадцать", "одиннадцать"},
		{12, "двенадцать", "двенадцать", "двенадцать"},
		{19, "девятнадцать", "девятнадцать", "девятнадцать"},
		{20, "двадцать", "двадцать", "двадцать"},
		{21, "двадцать один", "двадцать одна", "двадцать одно"},
		{40, "сорок", "сорок", "сорок"},
		{90, "девяносто", "девяносто", "девяносто"},
		{100, "сто", "сто", "сто"},
		{111, "сто одиннадцать", "сто одиннадцать", "сто одиннадцать"},
		{232, "двести тридцать два", "двести тридцать две", "двести тридцать два"},
		{1_000, "одна тысяча", "одна тысяча", "одна тысяча"},
		{2_001, "две тысячи один", "две тысячи одна", "две тысячи одно"},
		{5_000, "пять тысяч", "пять тысяч", "пять тысяч"},
		{11_000, "одиннадцать тысяч", "одиннадцать тысяч", "одиннадцать тысяч"},
		{21_014, "двадцать одна тысяча четырнадцать", "двадцать одна тысяча четырнадцать", "двадцать одна тысяча четырнадцать"},
		{342_000, "триста сорок две тысячи", "триста сорок две тысячи", "триста сорок две тысячи"},
		{1_000_000, "один миллион", "один миллион", "один миллион"},
		{2_000_002, "два миллиона два", "два миллиона две", "два миллиона два"},
		{1_001_000_000, "один миллиард один миллион", "один миллиард один миллион", "один миллиард один миллион"},
		{5_000_000_000_012, "пять триллионов двенадцать", "пять триллионов двенадцать", "пять триллионов двенадцать"},
		{-2, "минус два", "минус две", "минус два"},
	} {
		for gender, want := range map[words.Gender]string{words.Masculine: c.masculine, words.Feminine: c.feminine, words.Neuter: c.neuter} {
			if got := words.Spelled(c.n, gender); got != want {
				t.Errorf("%d in gender %d: got %q, want %q", c.n, gender, got, want)
			}
		}
	}
	const least = "минус девять квинтиллионов двести двадцать три квадриллиона триста семьдесят два триллиона тридцать шесть миллиардов " +
		"восемьсот пятьдесят четыре миллиона семьсот семьдесят пять тысяч восемьсот восемь"
	if got := words.Spelled(math.MinInt64, words.Masculine); got != least {
		t.Errorf("got %q, want %q", got, least)
	}
}

func TestSumsInWords(t *testing.T) {
	for kopecks, want := range map[int64]string{
		0:                   "Ноль рублей 00 копеек",
		1:                   "Ноль рублей 01 копейка",
		2:                   "Ноль рублей 02 копейки",
		11:                  "Ноль рублей 11 копеек",
		100:                 "Один рубль 00 копеек",
		201:                 "Два рубля 01 копейка",
		522:                 "Пять рублей 22 копейки",
		1_100:               "Одиннадцать рублей 00 копеек",
		2_199:               "Двадцать один рубль 99 копеек",
		11_212:              "Сто двенадцать рублей 12 копеек",
		1_200_050:           "Двенадцать тысяч рублей 50 копеек",
		100_000:             "Одна тысяча рублей 00 копеек",
		200_100_000:         "Два миллиона одна тысяча рублей 00 копеек",
		100_000_000_000_000: "Один триллион рублей 00 копеек",
		-500:                "Минус пять рублей 00 копеек",
		-1:                  "Минус ноль рублей 01 копейка",
	} {
		if got := plain(words.Sum(kopecks)); got != want {
			t.Errorf("%d: got %q, want %q", kopecks, got, want)
		}
	}
}

// TestWordsSayTheirNumber reads the words of many numbers back by a reader of its own.
func TestWordsSayTheirNumber(t *testing.T) {
	numbers := []int64{math.MaxInt64, math.MinInt64, math.MinInt64 + 1}
	for n := int64(0); n < 2_500; n++ {
		numbers = append(numbers, n, -n)
	}
	for n := int64(7); n < math.MaxInt64/13; n = n*13/3 + 1 {
		numbers = append(numbers, n, n-1, n/1000*1000, n/1_000_000*1_000_000)
	}
	seen := map[string]int64{}
	for _, n := range numbers {
		spelled := words.Spelled(n, words.Feminine)
		if got := read(t, spelled); got != n {
			t.Fatalf("%d: got %q, which says %d", n, spelled, got)
		}
		if before, ok := seen[spelled]; ok && before != n {
			t.Fatalf("%d and %d are both %q", before, n, spelled)
		}
		seen[spelled] = n
	}
}

// values are the words that a number is made of, by their first letters: forms of one word begin alike.
var values = []struct {
	begins string
	value  uint64
}{
	{"ноль", 0}, {"одиннадцать", 11}, {"двенадцать", 12}, {"тринадцать", 13}, {"четырнадцать", 14}, {"пятнадцать", 15}, {"шестнадцать", 16},
	{"семнадцать", 17}, {"восемнадцать", 18}, {"девятнадцать", 19}, {"двадцать", 20}, {"тридцать", 30}, {"сорок", 40}, {"пятьдесят", 50},
	{"шестьдесят", 60}, {"семьдесят", 70}, {"восемьдесят", 80}, {"девяносто", 90}, {"сто", 100}, {"двести", 200}, {"триста", 300},
	{"четыреста", 400}, {"пятьсот", 500}, {"шестьсот", 600}, {"семьсот", 700}, {"восемьсот", 800}, {"девятьсот", 900}, {"десять", 10},
	{"оди", 1}, {"одн", 1}, {"дв", 2}, {"три", 3}, {"четыре", 4}, {"пять", 5}, {"шесть", 6}, {"семь", 7}, {"восемь", 8}, {"девять", 9},
}

var powers = map[string]uint64{"тысяч": 1e3, "миллион": 1e6, "миллиард": 1e9, "триллион": 1e12, "квадриллион": 1e15, "квинтиллион": 1e18}

func read(t *testing.T, spelled string) int64 {
	t.Helper()
	text, negative := strings.CutPrefix(spelled, "минус ")
	var total, group uint64
next:
	for word := range strings.FieldsSeq(text) {
		for stem, power := range powers {
			if ending, ok := strings.CutPrefix(word, stem); ok && len([]rune(ending)) <= 2 {
				total += group * power
				group = 0
				continue next
			}
		}
		for _, v := range values {
			if strings.HasPrefix(word, v.begins) && (len(v.begins) <= 6 || word == v.begins) {
				group += v.value
				continue next
			}
		}
		t.Fatalf("%q: %q is no word of a number", spelled, word)
	}
	total += group
	if negative {
		total = -total
	}
	return int64(total)
}

// TestFormsOfNounsRepeat holds for all numbers: the form depends on the last two digits and nothing else.
func TestFormsOfNounsRepeat(t *testing.T) {
	for n := int64(0); n < 100; n++ {
		want := words.Noun(n, "one", "few", "many")
		for _, other := range []int64{n + 100, n + 1_000, n + 123_456_700, -n, -n - 700} {
			if got := words.Noun(other, "one", "few", "many"); got != want {
				t.Errorf("%d: got %s, want that of %s", other, got, strconv.FormatInt(n, 10))
			}
		}
	}
}

func TestASentenceBeginsWithACapital(t *testing.T) {
	for text, want := range map[string]string{"": "", "ёлка и ель": "Ёлка и ель", "5 заявок": "5 заявок", "Уже": "Уже"} {
		if got := words.Capitalized(text); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
