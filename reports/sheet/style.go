package sheet

import "github.com/xuri/excelize/v2"

// style is how a cell looks.
type style struct {
	format  Format
	heading bool
	title   bool
	block   bool // the heading of a block of a page
	label   bool
	bold    bool
	top     bool // a line above: of a sum
	bottom  bool // a fine line below: of a row of a page
	left    bool // whatever stands in it
	wrapped bool
	fill    string // RRGGBB; empty: none
}

// accent is the colour of headings, and rule that of lines.
const (
	accent = "1F4E79"
	rule   = "D9D9D9"
	muted  = "595959"
)

// numberFormats are how the formats are shown.
var numberFormats = map[Format]string{
	Text: "@", Phone: "@", Number: "#,##0", Money: "#,##0.00", Percent: "0.0%", Day: "dd.mm.yyyy", Instant: "dd.mm.yyyy hh:mm",
}

// isNumber tells whether a format's cells are aligned to the right.
func (f Format) isNumber() bool { return f == Number || f == Money || f == Percent }

// style is the number of a style in the workbook, made the first time.
func (b *Book) style(s style) (int, error) {
	if id, ok := b.styles[s]; ok {
		return id, nil
	}
	number := numberFormats[s.format]
	made := &excelize.Style{CustomNumFmt: &number, Alignment: &excelize.Alignment{Vertical: "top"}}
	switch {
	case s.title:
		made.Font = font(14, true, accent)
	case s.block:
		made.Font = font(12, true, accent)
	case s.label:
		made.Font = font(11, false, muted)
	case s.heading:
		made.Font = font(11, true, "FFFFFF")
		made.Fill = filled(accent)
		made.Alignment = &excelize.Alignment{Vertical: "center", WrapText: true}
		if s.format.isNumber() {
			made.Alignment.Horizontal = "right"
		}
	default:
		made.Font = font(11, s.bold, "000000")
	}
	if s.left || s.format == Day || s.format == Instant {
		made.Alignment.Horizontal = "left"
	}
	made.Alignment.WrapText = made.Alignment.WrapText || s.wrapped
	if s.fill != "" {
		made.Fill = filled(s.fill)
	}
	if s.top {
		made.Border = append(made.Border, excelize.Border{Type: "top", Color: accent, Style: 1})
	}
	if s.bottom {
		made.Border = append(made.Border, excelize.Border{Type: "bottom", Color: rule, Style: 1})
	}
	s.apart(made)
	id, err := b.file.NewStyle(made)
	if err != nil {
		return 0, err
	}
	b.styles[s] = id
	return id, nil
}

func font(size float64, bold bool, color string) *excelize.Font {
	return &excelize.Font{Family: "Calibri", Size: size, Bold: bold, Color: color}
}

func filled(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}
