package leadsheet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/reports/sheet"
)

// fully is what the summary is about: the moment, and a line for each condition.
func (w *making) fully() []sheet.Line {
	asked := w.conditions()
	if len(asked) == 0 {
		asked = []sheet.Line{{Label: textConditions, Value: textAll}}
	}
	return append([]sheet.Line{w.moment()}, asked...)
}

// briefly is the same in two lines: what stands above the rows stays in sight, and must leave room for them.
func (w *making) briefly() []sheet.Line {
	asked := w.conditions()
	parts := make([]string, len(asked))
	for i, line := range asked {
		parts[i] = line.Label + ": " + line.Value
	}
	text := textAll
	if len(parts) > 0 {
		text = strings.Join(parts, "; ")
	}
	return []sheet.Line{w.moment(), {Label: textConditions, Value: text}}
}

func (w *making) moment() sheet.Line {
	return sheet.Line{Label: textAsOf, Value: w.AsOf.In(w.TimeZone).Format("02.01.2006 15:04")}
}

// conditions tells what the filter asks for, as it was asked, with the names of those whom the viewer sees. A condition that
// asks for nothing is left out.
func (w *making) conditions() []sheet.Line {
	f := w.filter
	var lines []sheet.Line
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, sheet.Line{Label: label, Value: value})
		}
	}
	text := func(label string, value *string) {
		if value != nil {
			add(label, quoted(*value))
		}
	}
	flag := func(label string, value *bool) {
		if value != nil {
			add(label, yesOrNo(*value))
		}
	}
	add(askedReceived, w.instants(f.ReceivedFrom, f.ReceivedTo))
	add(askedOf, named(w.distributors, f.DistributorIDs))
	add(askedSources, named(w.sources, f.SourceIDs))
	add(askedStatuses, statuses(f.Statuses))
	if f.Search != nil && strings.TrimSpace(*f.Search) != "" {
		text(askedSearch, f.Search)
	}
	text(headPhone, f.Phone)
	text(headEmail, f.Email)
	text(headIP, f.IP)
	text(headFirstName, f.FirstName)
	text(headLastName, f.LastName)
	text(headExternalID, f.ExternalID)
	flag(askedTests, f.IsTest)
	flag(askedUnassigned, f.Unassigned)
	flag(askedRestricted, f.ProcessingRestricted)
	add(askedSold, days(f.SoldFrom, f.SoldTo))
	add(askedPayout, sums(f.PayoutFrom, f.PayoutTo))
	for _, name := range slices.SortedFunc(maps.Keys(f.Tracking), byPlace) {
		add(trackingHeads[name], quoted(f.Tracking[name]))
	}
	for _, sub := range f.SubIDs {
		add(subIDHead(sub.Index), quoted(sub.Value))
	}
	return lines
}

// quoted is a text as it was asked; one that is empty asks all the same.
func quoted(text string) string { return "«" + text + "»" }

// byPlace has tracking fields in the order of their columns.
func byPlace(a, b string) int {
	at := func(field string) int {
		return slices.IndexFunc(columns, func(c column) bool { return slices.Contains(c.fields, field) })
	}
	return at(a) - at(b)
}

// instants is a half-open stretch: of whole days by its days, else to the second.
func (w *making) instants(from, to *time.Time) string {
	var parts []string
	if from != nil {
		at := from.In(w.TimeZone)
		parts = append(parts, fmt.Sprintf(fromFormat, written(at)))
	}
	if to != nil {
		at := to.In(w.TimeZone)
		if isMidnight(at) {
			parts = append(parts, fmt.Sprintf(toFormat, written(at.AddDate(0, 0, -1))))
		} else {
			parts = append(parts, fmt.Sprintf(before, written(at)))
		}
	}
	return strings.Join(parts, " ")
}

func isMidnight(at time.Time) bool {
	return at.Equal(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, at.Location()))
}

func written(at time.Time) string {
	if isMidnight(at) {
		return at.Format(writtenDay)
	}
	return at.Format(writtenDay + " 15:04:05")
}

const writtenDay = "02.01.2006"

func days(from, to *calendar.Date) string {
	var parts []string
	if from != nil {
		parts = append(parts, fmt.Sprintf(fromFormat, from.Start(time.UTC).Format(writtenDay)))
	}
	if to != nil {
		parts = append(parts, fmt.Sprintf(toFormat, to.AddDays(-1).Start(time.UTC).Format(writtenDay)))
	}
	return strings.Join(parts, " ")
}

func sums(from, to *int64) string {
	var parts []string
	if from != nil {
		parts = append(parts, fmt.Sprintf(atLeast, roubles(*from)))
	}
	if to != nil {
		parts = append(parts, fmt.Sprintf(atMost, roubles(*to)))
	}
	return strings.Join(parts, " ")
}

func roubles(kopecks int64) string {
	sign := ""
	if kopecks < 0 {
		sign, kopecks = "−", -kopecks
	}
	return fmt.Sprintf("%s%d,%02d", sign, kopecks/100, kopecks%100)
}

// named are the names of those whom the viewer sees, in their order; of others it is said that they are there.
func named(names map[gid.ID]string, ids []gid.ID) string {
	var seen []string
	unseen := false
	for _, id := range ids {
		if name, ok := names[id]; ok {
			seen = append(seen, name)
		} else {
			unseen = true
		}
	}
	slices.Sort(seen)
	if unseen {
		seen = append(seen, textUnseen)
	}
	return strings.Join(seen, ", ")
}

func statuses(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = statusText(lead.Status(name))
	}
	return strings.Join(texts, ", ")
}
