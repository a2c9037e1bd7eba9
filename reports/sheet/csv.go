package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"channelbook/internal/calendar"
)

// CSV writes a table as Russian Excel opens it: UTF-8 with its mark, semicolons, lines that end as those of Windows, a comma
// before the kopecks, days as 31.12.2026. A text that would become a formula gets an apostrophe before it; a phone is written
// without its plus, so that it needs none, and reads as a phone in other systems.
type CSV struct {
	to      *csv.Writer
	in      *time.Location
	columns []Column
	record  []string
}

// NewCSV begins a file with the columns' headings, with instants in a time zone.
func NewCSV(w io.Writer, in *time.Location, columns []Column) (*CSV, error) {
	if _, err := io.WriteString(w, "\uFEFF"); err != nil {
		return nil, fmt.Errorf("write CSV: %w", err)
	}
	c := &CSV{to: csv.NewWriter(w), in: in, columns: columns, record: make([]string, len(columns))}
	c.to.Comma, c.to.UseCRLF = ';', true
	for i, column := range columns {
		c.record[i] = harmless(column.Heading)
	}
	return c, c.write()
}

// Add writes a row: a value for each column, nil for an empty one. The values may be used again.
func (c *CSV) Add(values ...any) error {
	if len(values) != len(c.columns) {
		return fmt.Errorf("a row has %d values for %d columns", len(values), len(c.columns))
	}
	for i, v := range values {
		c.record[i] = c.text(c.columns[i].Format, v)
	}
	return c.write()
}

func (c *CSV) write() error {
	if err := c.to.Write(c.record); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// Close writes what is left.
func (c *CSV) Close() error {
	c.to.Flush()
	if err := c.to.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (c *CSV) text(f Format, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case Kopecks:
		return roubles(v)
	case float64:
		if f == Percent {
			return strings.Replace(strconv.FormatFloat(v*100, 'f', 1, 64), ".", ",", 1) + "%"
		}
		return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), ".", ",", 1)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case calendar.Date:
		if v.IsZero() {
			return ""
		}
		return v.Start(time.UTC).Format("02.01.2006")
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.In(c.in).Format("02.01.2006 15:04:05")
	case string:
		if f == Phone {
			v = strings.TrimPrefix(v, "+")
		}
		return harmless(v)
	}
	return harmless(fmt.Sprint(v))
}

func roubles(k Kopecks) string {
	sign := ""
	if k < 0 {
		sign, k = "-", -k
	}
	return fmt.Sprintf("%s%d,%02d", sign, k/100, k%100)
}

// harmless is a text that no program takes for a formula. Those that begin with a full-width sign are read as the plain one.
func harmless(s string) string {
	s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "\uFFFD")
	if strings.IndexAny(s, "=+-@\t\r\n＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}
