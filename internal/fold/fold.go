// Package fold brings names to the form in which they are searched and ordered. Neither engine folds Cyrillic
// by itself the way the other one does, so the form is made here and stored beside the name.
package fold

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Name composes letters that come in parts (й as и and a breve), trims s, makes each run of white space one space, and writes it in lower case with ё as е. Two names that
// a reader takes for one fold to the same text; folding a folded name changes nothing.
func Name(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(norm.NFC.String(s)), " ")), "ё", "е")
}
