package imports

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"channelbook/internal/fault"
)

// The encodings of CSV.
const (
	utf8Encoding   = "UTF-8"
	windows1251    = "windows-1251"
	byteOrderMark  = "\ufeff"
	unused1251     = 0x98 // the one byte that Windows-1251 has no character for
	separatorLine  = "sep="
	usualSeparator = ";"
)

// csvTable reads a CSV file. Excel counts a record as one row, however many lines it has, and an empty line as one.
type csvTable struct {
	reader *csv.Reader
	row    int // the last that was read
	line   int // on which that ended
}

func openCSV(body []byte, as shape) (table, shape, error) {
	as.format, as.sheet = formatCSV, ""
	text, encoding, err := decode(body, as.encoding)
	if err != nil {
		return nil, as, err
	}
	as.encoding = encoding
	text = strings.TrimPrefix(text, byteOrderMark)
	text, said := saidSeparator(text)
	switch {
	case as.separator == "" && said != "":
		as.separator = said
	case as.separator == "":
		as.separator = likelySeparator(text)
	case as.separator != "," && as.separator != ";" && as.separator != "\t":
		return nil, as, fault.Coded(fault.Invalid, "INVALID_SEPARATOR", "separator", "A separator is a comma, a semicolon or a tab.")
	}
	if hasEndlessLine(text, as.separator) {
		return nil, as, wrong("TOO_MANY_COLUMNS", fmt.Sprintf("The file has a line with more than %d separators.", maxSeparators))
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comma = rune(as.separator[0])
	reader.FieldsPerRecord = -1
	return &csvTable{reader: reader}, as, nil
}

// decode is the file's text. What is no UTF-8 is Windows-1251.
func decode(body []byte, encoding string) (text, found string, err error) {
	switch strings.ToLower(encoding) {
	case "":
		found = utf8Encoding
		if !utf8.Valid(body) {
			found = windows1251
		}
	case "utf-8", "utf8":
		found = utf8Encoding
	case windows1251, "cp1251":
		found = windows1251
	default:
		return "", "", fault.Coded(fault.Invalid, "INVALID_ENCODING", "encoding", "An encoding is UTF-8 or windows-1251.")
	}
	switch {
	case bytes.IndexByte(body, 0) >= 0:
		return "", "", wrong("NOT_A_TABLE", "This is neither CSV in UTF-8 or Windows-1251 nor a workbook of Excel.")
	case found == utf8Encoding && utf8.Valid(body):
		return string(body), found, nil
	case found == windows1251 && bytes.IndexByte(body, unused1251) < 0:
		decoded, err := charmap.Windows1251.NewDecoder().Bytes(body)
		if err != nil {
			return "", "", fmt.Errorf("decode Windows-1251: %w", err)
		}
		return string(decoded), found, nil
	}
	return "", "", fault.Coded(fault.Invalid, "INVALID_ENCODING", "encoding", "The file is neither UTF-8 nor Windows-1251.")
}

// saidSeparator takes the line off by which Excel is told the separator: it shows that nowhere.
func saidSeparator(text string) (rest, separator string) {
	line, rest, _ := strings.Cut(text, "\n")
	separator, said := strings.CutPrefix(strings.TrimRight(line, "\r"), separatorLine)
	if !said || separator != "," && separator != ";" && separator != "\t" {
		return text, ""
	}
	return rest, separator
}

// likelySeparator is what stands most often between the headings.
func likelySeparator(text string) string {
	quoted, count := false, map[rune]int{}
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == ',' || r == ';' || r == '\t':
			count[r]++
		}
		if !quoted && r == '\n' {
			break
		}
	}
	best := usualSeparator
	for _, r := range ",\t" {
		if count[r] > count[rune(best[0])] {
			best = string(r)
		}
	}
	return best
}

// maxSeparators is how many separators a line of text may have: a value in quotes may hold some too.
const maxSeparators = 10_000

// hasEndlessLine tells whether a line would make a record of far too many values, which reading it would put into memory.
func hasEndlessLine(text, separator string) bool {
	for line := range strings.Lines(text) {
		if strings.Count(line, separator) > maxSeparators {
			return true
		}
	}
	return false
}

func (t *csvTable) next() (int, []string, error) {
	for {
		cells, err := t.reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return 0, nil, io.EOF
		case errors.As(err, &broken):
			return 0, nil, wrong("BROKEN_FILE", fmt.Sprintf("The quotes of line %d do not go together: one that stands inside of a value is written twice.", broken.StartLine))
		case err != nil:
			return 0, nil, fmt.Errorf("read CSV: %w", err)
		}
		begins, _ := t.reader.FieldPos(0)
		t.row += begins - t.line
		t.line = begins
		for _, cell := range cells {
			t.line += strings.Count(cell, "\n")
		}
		if cells, err = trimmed(t.row, cells); err != nil || len(cells) > 0 {
			return t.row, cells, err
		}
	}
}

func (t *csvTable) close() error { return nil }
