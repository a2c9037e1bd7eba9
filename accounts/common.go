package accounts

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// commonPasswords are some 49 000 that people use most, in lower case, one a line: the list of @zxcvbn-ts/language-common
// 4.1.3, under the licence beside it. It is read through at each check, in some milliseconds where a hash takes ten times as
// long, and nothing of it stays in memory. The rest of zxcvbn is left out: it takes very long for long passwords, and scores
// by English words.
//
//go:embed common-passwords.txt.gz
var commonPasswords []byte

const (
	// house is a word that everybody here thinks of.
	house = "channelbook"
	// decoration is how many digits and signs do not make another password of a common one, and little how many characters
	// of any kind do not of a word that everybody would begin with.
	decoration, little = 6, 4
	// shortestRun is how many keys in a row are a sequence.
	shortestRun = 3
)

// tooCommon tells whether a password is among the first that somebody would guess: one that many people use, with a few
// digits or signs around it too, the login or the name of this program with little else, a repetition, or keys in a row. It
// does not matter in which case and keyboard layout it is typed.
func tooCommon(password, login string) bool {
	typed := norm.NFC.String(strings.ToLower(password))
	latin := latinKeys(typed)
	forms := []string{typed, latin}
	for _, form := range forms {
		if isSequence(form) || adorns(form, normalLogin(login)) || adorns(form, house) {
			return true
		}
	}
	return isListed(slices.Concat(guesses(typed), guesses(latin)))
}

// guesses are the words that would be looked for to guess a password: itself, and what it repeats or adorns.
func guesses(password string) []string {
	words := []string{password, unit(password)}
	core := strings.TrimFunc(password, isAdornment)
	before, after, _ := strings.Cut(password, core)
	if core != "" && utf8.RuneCountInString(before+after) <= decoration {
		words = append(words, core)
	}
	return words
}

func isAdornment(r rune) bool { return !unicode.IsLetter(r) }

// adorns tells whether a password is a word with digits and signs around it, or with a few characters of any kind.
func adorns(password, word string) bool {
	if word == "" || !strings.Contains(password, word) {
		return false
	}
	rest := strings.Replace(password, word, "", 1)
	return utf8.RuneCountInString(rest) <= little || strings.IndexFunc(rest, unicode.IsLetter) < 0
}

// unit is what a password repeats; all of it where it repeats nothing.
func unit(password string) string {
	for n := 1; n <= len(password)/2; n++ {
		if len(password)%n == 0 && strings.Repeat(password[:n], len(password)/n) == password {
			return password[:n]
		}
	}
	return password
}

// rows are keys and letters in a row; each may be walked backwards.
var rows = func() []string {
	all := []string{
		"01234567890", "abcdefghijklmnopqrstuvwxyz", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "абвгдежзийклмнопрстуфхцчшщъыьэюя",
		"`1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/", "qazwsxedcrfvtgbyhnujmik,ol.p;/",
	}
	for _, row := range all {
		backwards := []rune(row)
		slices.Reverse(backwards)
		all = append(all, string(backwards))
	}
	return all
}()

// isSequence tells whether a password repeats a unit of few characters, or is made of runs along the rows alone.
func isSequence(password string) bool {
	if u := unit(password); u != password && utf8.RuneCountInString(u) < shortestRun {
		return true
	}
	for rest := []rune(password); len(rest) > 0; {
		n := run(rest)
		if n < shortestRun {
			return false
		}
		rest = rest[n:]
	}
	return true
}

// run is how many of the first characters are one run along a row, or the same over again.
func run(s []rune) int {
	longest := 1
	for longest < len(s) && s[longest] == s[0] {
		longest++
	}
	for _, row := range rows {
		n := longest
		for n < len(s) && strings.Contains(row, string(s[:n+1])) {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

// latinKeys is what the keys of a password write in the Latin layout.
func latinKeys(password string) string {
	return strings.Map(func(r rune) rune {
		if latin, ok := latinKey[r]; ok {
			return latin
		}
		return r
	}, password)
}

var latinKey = func() map[rune]rune {
	keys := map[rune]rune{}
	latin := []rune("`qwertyuiop[]asdfghjkl;'zxcvbnm,.")
	for i, cyrillic := range []rune("ёйцукенгшщзхъфывапролджэячсмитьбю") {
		keys[cyrillic] = latin[i]
	}
	return keys
}()

// isListed tells whether any of the words is a common password.
func isListed(words []string) bool {
	unpacked, err := gzip.NewReader(bytes.NewReader(commonPasswords))
	if err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	lines := bufio.NewScanner(unpacked)
	for lines.Scan() {
		if line := lines.Bytes(); slices.ContainsFunc(words, func(word string) bool { return word == string(line) }) {
			return true
		}
	}
	if err := lines.Err(); err != nil {
		panic(err)
	}
	return false
}
