package leadsheet_test

import (
	"slices"
	"testing"

	"channelbook/ent/lead"
	"channelbook/reports/leadsheet"
)

// leftOut are the columns of a lead that no report shows: what is for the server alone, and what a card shows to administrators.
var leftOut = []string{
	lead.FieldIdempotencyKey, lead.FieldBodyHash, lead.FieldFirstNameFold, lead.FieldLastNameFold, lead.FieldPhoneIndex, lead.FieldPhoneLast4Index, lead.FieldEmailIndex,
	lead.FieldOutcome, lead.FieldDecisionTrace, lead.FieldBasisNote, lead.FieldRestriction,
}

func TestEveryColumnOfALeadIsShownOrLeftOutOnPurpose(t *testing.T) {
	shown := leadsheet.Fields()
	for _, column := range lead.Columns {
		if slices.Contains(shown, column) == slices.Contains(leftOut, column) {
			t.Errorf("%s is to be either shown or left out", column)
		}
	}
}

func TestHeadingsDiffer(t *testing.T) {
	headings := leadsheet.Headings()
	slices.Sort(headings)
	if n := len(slices.Compact(slices.Clone(headings))); n != len(headings) || slices.Contains(headings, "") {
		t.Errorf("got %q, want each once: a table that filters needs it so", headings)
	}
}
