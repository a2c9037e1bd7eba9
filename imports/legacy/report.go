package legacy

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/shopspring/decimal"

	"channelbook/personaldata/processors"
)

// Report is what a run has found. It holds no personal data: of contacts and names it says what is wrong with them and not what they
// are. Logins are apart from it.
type Report struct {
	Applied bool
	Counts  []*Count
	Notes   []string // on tables as a whole
	Lines   []Line
	Logins  []string // of those who may sign in here and have no password yet
}

// Count is how many rows of a table there are, and what became of them.
type Count struct {
	Table                     string
	Read, New, There, Refused int
}

// Line is something that did not fit.
type Line struct {
	Table, Row, Column string // Column is empty where it is about the row
	Why                string // a sentence or two
	Refused            bool   // the row was left out as a whole
}

// count is that of a table.
func (r *Report) count(table string) *Count {
	i := slices.IndexFunc(r.Counts, func(c *Count) bool { return c.Table == table })
	if i >= 0 {
		return r.Counts[i]
	}
	c := &Count{Table: table}
	r.Counts = append(r.Counts, c)
	return c
}

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// lines are what did not fit of one row, until it is known what becomes of it.
type lines struct {
	row *row
	all []Line
}

// left says of a field why it is left out, or taken otherwise.
func (l *lines) left(field, why string) {
	l.all = append(l.all, Line{Table: l.row.table.spec.name, Row: l.row.id, Column: l.row.table.column(field), Why: why})
}

// refuse says why the row is left out.
func (l *lines) refuse(field, why string) {
	l.all = append(l.all, Line{Table: l.row.table.spec.name, Row: l.row.id, Column: l.row.table.column(field), Why: why, Refused: true})
}

// fate is what becomes of a row.
type fate int

const (
	isNew fate = iota
	isThere
	isRefused
)

// settle counts a row and takes up what did not fit of it; of one that is there already that was said when it came.
func (r *Report) settle(l *lines, as fate) {
	c := r.count(l.row.table.spec.name)
	switch as {
	case isNew:
		c.New++
	case isThere:
		c.There++
		return
	case isRefused:
		c.Refused++
	}
	r.Lines = append(r.Lines, l.all...)
}

// shown is a value that is no contact and no name, for the report. What somebody has typed into the wrong column is not shown.
func shown(value string) string {
	const most = 40
	if len(processors.Holds(value)) > 0 || strings.Contains(value, "@") {
		return "what stands there"
	}
	if runes := []rune(value); len(runes) > most {
		value = string(runes[:most]) + "…"
	}
	return fmt.Sprintf("%q", value)
}

func roubles(kopecks int64) string { return decimal.New(kopecks, -2).StringFixed(2) }

// Write prints the report.
func (r *Report) Write(to io.Writer) error {
	var wrong []error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(to, format, args...)
		wrong = append(wrong, err)
	}
	if r.Applied {
		say("What was brought over:\n\n")
	} else {
		say("This is a dry run: nothing was written.\n\n")
	}
	table := tabwriter.NewWriter(to, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprint(table, "read\tnew\tthere already\tleft out\t  table\n")
	for _, c := range r.Counts {
		fmt.Fprintf(table, "%d\t%d\t%d\t%d\t  %s\n", c.Read, c.New, c.There, c.Refused, c.Table)
	}
	wrong = append(wrong, table.Flush())
	if len(r.Notes) > 0 {
		say("\nOn the tables:\n\n")
	}
	for _, n := range r.Notes {
		say("%s\n", n)
	}
	if len(r.Lines) > 0 {
		say("\nWhat did not fit:\n\n")
	}
	for _, l := range r.Lines {
		where := l.Table + ", row " + l.Row
		if l.Column != "" {
			where += ", " + l.Column
		}
		end := ""
		if l.Refused {
			end = " The row is left out."
		}
		say("%s: %s%s\n", where, l.Why, end)
	}
	return errors.Join(wrong...)
}
