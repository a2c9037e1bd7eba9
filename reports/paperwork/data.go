// Package paperwork makes the two documents that our company and a distributor exchange for a period: the agent's report and the
// act of services. Our company is the principal, the distributor its agent. data.go is what a document is made of, vocabulary.go what
// a template may name of it, values.go how it is written, fill.go makes the file, and sample.go a made-up one for previews.
//
// No personal data of leads is in these documents: a lead stands there by its reference.
package paperwork

import (
	"fmt"

	"channelbook/internal/calendar"
)

// Kind is which document.
type Kind string

// The kinds of documents.
const (
	AgentReport   Kind = "AGENT_REPORT"    // the report of an agent by article 1008 of the Civil Code
	ActOfServices Kind = "ACT_OF_SERVICES" // the act of services that were rendered
)

// Kinds are all of them.
var Kinds = []Kind{AgentReport, ActOfServices}

// Data is what both documents are made of. What is not known may be empty: the document then has a dash or a line for it, which is
// filled in by hand.
type Data struct {
	Number           string // of the document
	Day              calendar.Date
	City             string
	Contract         Contract
	From, To         calendar.Date // the period, both days included
	Principal, Agent Party
	Actions          []Action // in the order in which they are told
}

// Contract is the one between the parties.
type Contract struct {
	Number   string
	SignedOn calendar.Date
}

// Party is a side of the contract.
type Party struct {
	Name, INN, KPP, OGRN, Address string
	Bank                          Bank
	Signatory                     Signatory
}

// Bank is where a party has its account.
type Bank struct{ Name, Account, CorrespondentAccount, BIK string }

// Signatory signs for a party.
type Signatory struct {
	Name, Position string
	Basis          string // of the right to sign, such as "устав" or "доверенность № 5 от 12.01.2026"
}

// Deed is what was done.
type Deed string

// The deeds.
const (
	Received Deed = "RECEIVED" // a lead was handed over to the agent
	Sold     Deed = "SOLD"
	Reversed Deed = "REVERSED" // a sale was taken back
)

// Action is a row of a document.
type Action struct {
	Day        calendar.Date
	Deed       Deed
	Lead       string // its reference
	SaleAmount *int64 // kopecks, negative of a reversal; nil where it is not known
	Fee        int64  // kopecks, negative of a reversal; 0 of a lead that was received
}

// Totals are the sums of a document.
type Totals struct {
	Leads, Sales, Reversals int64
	SaleAmount              *int64 // kopecks, of the sales whose sum is known; nil where there are sales and none is
	Fee                     int64  // kopecks
}

// Totals adds up the actions, so that a document's sums are those of its rows.
func (d Data) Totals() (t Totals) {
	amount, known := int64(0), false
	for _, a := range d.Actions {
		switch a.Deed {
		case Received:
			t.Leads++
		case Sold:
			t.Sales++
		case Reversed:
			t.Reversals++
		}
		if a.SaleAmount != nil {
			amount += *a.SaleAmount
			known = true
		}
		t.Fee += a.Fee
	}
	if known || t.Sales+t.Reversals == 0 {
		t.SaleAmount = &amount
	}
	return t
}

// check finds what would make the sums of a document other than those of its rows.
func (d Data) check() error {
	for i, a := range d.Actions {
		switch {
		case deeds[a.Deed] == "":
			return fmt.Errorf("action %d is of no known kind: %q", i+1, a.Deed)
		case a.Deed == Received && (a.Fee != 0 || a.SaleAmount != nil):
			return fmt.Errorf("action %d is a lead that was received, and no money goes with it", i+1)
		}
	}
	return nil
}
