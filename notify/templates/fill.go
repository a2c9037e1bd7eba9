package templates

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"channelbook/internal/fault"
)

// What parts a variable from the text around it.
const (
	opening = "{{"
	closing = "}}"
)

// piece is a part of a text: as it stands, or a variable's name.
type piece struct {
	text string
	name string // empty: text
	at   int    // where it begins, in bytes
}

// parse takes a text apart. There is no logic in one: a name between braces, and nothing else. open is where braces are not
// closed; -1: all are.
func parse(text string) (pieces []piece, open int) {
	for at := 0; at < len(text); {
		rest := text[at:]
		begin := strings.Index(rest, opening)
		if begin < 0 {
			return append(pieces, piece{text: rest, at: at}), -1
		}
		if begin > 0 {
			pieces = append(pieces, piece{text: rest[:begin], at: at})
		}
		inner := rest[begin+len(opening):]
		end := strings.Index(inner, closing)
		if end < 0 {
			return pieces, at + begin
		}
		pieces = append(pieces, piece{name: strings.TrimSpace(inner[:end]), at: at + begin})
		at += begin + len(opening) + end + len(closing)
	}
	return pieces, -1
}

// used are the variables of a text, as declared; what is none of them is left out.
func used(kind string, texts []string, names []string) (list []Variable) {
	named := map[string]bool{}
	for _, name := range names {
		named[name] = true
	}
	for _, text := range texts {
		pieces, _ := parse(text)
		for _, p := range pieces {
			named[p.name] = true
		}
	}
	for _, v := range declared(kind) {
		if named[v.Name] {
			list = append(list, v)
		}
	}
	return list
}

// fill puts values in the place of variables. A value is never read for variables itself.
func fill(text string, value func(name string) string) string {
	var out strings.Builder
	pieces, _ := parse(text)
	for _, p := range pieces {
		if p.name == "" {
			out.WriteString(p.text)
			continue
		}
		out.WriteString(value(p.name))
	}
	return out.String()
}

// checkText tells what is wrong with the variables of a text, each with its place.
func checkText(kind, field, text string) (wrong []error) {
	pieces, open := parse(text)
	for _, p := range pieces {
		if p.text == "" && !known(kind, p.name) {
			wrong = append(wrong, fault.Coded(fault.Invalid, "UNKNOWN_VARIABLE", field, fmt.Sprintf("%s: there is no variable {{%s}} here.", place(text, p.at), short(p.name))))
		}
	}
	if open >= 0 {
		wrong = append(wrong, fault.Coded(fault.Invalid, "UNCLOSED", field, place(text, open)+": a variable begins here that does not end with }}."))
	}
	return wrong
}

func known(kind, name string) bool {
	for _, v := range declared(kind) {
		if v.Name == name {
			return true
		}
	}
	return false
}

// place is a place of a text for people, counted from one.
func place(text string, at int) string {
	before := text[:at]
	inLine := before[strings.LastIndexByte(before, '\n')+1:]
	return fmt.Sprintf("Line %d, character %d", strings.Count(before, "\n")+1, utf8.RuneCountInString(inLine)+1)
}

// short is the beginning of what may be a whole text, where braces were mistyped.
func short(name string) string {
	const most = 40
	if runes := []rune(line(name)); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return line(name)
}
