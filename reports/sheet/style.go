package sheet

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// style is how a cell looks.
type style struct {
	format  Format
	heading bool
	title   bool
	label   bool
	bold    bool
	fill    string // RRGGBB; empty: none
}

const formatted = "#,##0.00"

var formats = map[Format]string{Text: "@", Number: "#,##0", Money: formatted, Percent: "0.0%", Day: "dd.mm.yyyy", Instant: "dd.mm.yyyy hh:mm"}

// style is the number of a style in the workbook, made the first time.
func (b *Book) style(s style) (int, error) {
	if id, ok := b.styles[s]; ok {
		return id, nil
	}
	number := formats[s.format]
	made := &excelize.Style{CustomNumFmt: &number, Alignment: &excelize.Alignment{Vertical: "top"}}
	switch {
	case s.title:
		made.Font = &excelize.Font{Bold: true, Size: 14}
	case s.label:
		made.Font = &excelize.Font{Color: "666666"}
	case s.heading:
		made.Font = &excelize.Font{Bold: true, Color: "FFFFFF"}
		made.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E79"}}
		made.Alignment = &excelize.Alignment{Vertical: "center", WrapText: true}
	case s.bold:
		made.Font = &excelize.Font{Bold: true}
	}
	if s.fill != "" {
		made.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{s.fill}}
	}
	id, err := b.file.NewStyle(made)
	if err != nil {
		return 0, err
	}
	b.styles[s] = id
	return id, nil
}

// printable is a text without the characters that XML cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r >= ' ' && r != 0xFFFE && r != 0xFFFF {
			return r
		}
		return -1
	}, s)
}
