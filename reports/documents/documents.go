// Package documents makes the documents that our company and a distributor exchange for a period, from what the base has: whose
// they are, and what was done. Package paperwork writes them.
package documents

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/documenttemplate"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/statementline"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/reports/order"
	"channelbook/reports/paperwork"
)

// Write writes the document that an order asks for, as DOCX, of a distributor and a period. What stands in it is what the viewer may
// see: the lines of the distributor's statement for the period or, where there is none, those of the ledger that stand on no other; and the leads that
// were handed over meanwhile.
func Write(ctx context.Context, o *order.Order) error {
	if o.DistributorID == nil || o.Period == nil {
		return errors.New("a document is of a distributor and a period")
	}
	template, err := templateOf(auth.AsSystem(ctx, "read a template"), o)
	if err != nil {
		return err
	}
	data, err := gather(ctx, o)
	if err != nil {
		return err
	}
	made, err := paperwork.Fill(paperwork.Kind(o.Kind), template, data, o.AsOf)
	if err != nil {
		return err
	}
	if _, err := o.Out.Write(made); err != nil {
		return fmt.Errorf("write a document: %w", err)
	}
	return o.Wrote(len(data.Actions))
}

// templateOf is an administrator's own template; nil where the built-in one holds.
func templateOf(ctx context.Context, o *order.Order) ([]byte, error) {
	row, err := o.Tx.DocumentTemplate.Query().Where(documenttemplate.KindEQ(documenttemplate.Kind(o.Kind))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a document's template: %w", err)
	}
	return row.Content, nil
}

func gather(ctx context.Context, o *order.Order) (data paperwork.Data, err error) {
	ours, err := o.Tx.Company.Query().First(auth.AsSystem(ctx, "write a document")) // its requisites stand on what both sides sign
	if err != nil {
		return data, fmt.Errorf("read our company: %w", err)
	}
	theirs, err := o.Tx.Distributor.Get(ctx, *o.DistributorID)
	if err != nil {
		return data, fmt.Errorf("read a document's distributor: %w", err)
	}
	data = paperwork.Data{
		Number: number(*o.Period), Day: signedOn(o), City: ours.City, From: o.Period.StartsOn, To: o.Period.EndsOn(),
		Contract: paperwork.Contract{Number: theirs.ContractNumber}, Principal: principal(ours), Agent: agent(theirs),
	}
	if signed := theirs.ContractSignedOn.Known(); signed != nil {
		data.Contract.SignedOn = *signed
	}
	received, err := received(ctx, o)
	if err != nil {
		return data, err
	}
	earned, err := earned(ctx, o)
	if err != nil {
		return data, err
	}
	data.Actions = append(received, earned...)
	slices.SortStableFunc(data.Actions, func(a, b paperwork.Action) int {
		if a.Day != b.Day {
			return cmp.Compare(a.Day.String(), b.Day.String())
		}
		return 0
	})
	return data, nil
}

func principal(c *ent.Company) paperwork.Party {
	return paperwork.Party{
		Name: c.Name, INN: c.Inn, KPP: c.Kpp, OGRN: c.Ogrn, Address: c.Address,
		Bank:      paperwork.Bank{Name: c.BankName, Account: c.BankAccount, CorrespondentAccount: c.BankCorrespondentAccount, BIK: c.BankBik},
		Signatory: paperwork.Signatory{Name: c.Signatory, Position: c.SignatoryPosition},
	}
}

func agent(d *ent.Distributor) paperwork.Party {
	return paperwork.Party{
		Name: d.CompanyName, INN: d.Inn, KPP: d.Kpp, OGRN: d.Ogrn, Address: d.LegalAddress,
		Bank: paperwork.Bank{Name: d.BankName, Account: d.BankAccount, CorrespondentAccount: d.BankCorrespondentAccount, BIK: d.BankBik},
	}
}

// number is the document's: of one contract there is one for a period.
func number(p calendar.Period) string {
	year, month := p.StartsOn.String()[:4], p.StartsOn.String()[5:7]
	switch p.Kind {
	case calendar.Quarter:
		return fmt.Sprintf("%dК/%s", (int(month[0]-'0')*10+int(month[1]-'0')+2)/3, year)
	case calendar.Year:
		return year
	}
	return month + "/" + year
}

// signedOn is the last day of the period, or today while that is still to come.
func signedOn(o *order.Order) calendar.Date {
	if today := calendar.DateOf(o.AsOf, o.TimeZone); o.Period.EndsOn().After(today) {
		return today
	}
	return o.Period.EndsOn()
}

// received are the leads that were handed over to the distributor in the period, each the first time; test leads are none.
func received(ctx context.Context, o *order.Order) ([]paperwork.Action, error) {
	from, to := o.Period.StartsOn.Start(o.TimeZone), o.Period.End().Start(o.TimeZone)
	rows, err := o.Tx.LeadEvent.Query().Where(leadevent.KindEQ(leadevent.KindASSIGNED), leadevent.DistributorID(*o.DistributorID), leadevent.AtGTE(from), leadevent.AtLT(to), ofNoTest).
		Order(ent.Asc(leadevent.FieldAt, leadevent.FieldID)).Select(leadevent.FieldLeadID, leadevent.FieldAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read which leads were handed over: %w", err)
	}
	var actions []paperwork.Action
	seen := map[gid.ID]bool{}
	for _, row := range rows {
		if seen[row.LeadID] {
			continue
		}
		seen[row.LeadID] = true
		actions = append(actions, paperwork.Action{Day: calendar.DateOf(row.At, o.TimeZone), Deed: paperwork.Received, Lead: gid.Lead.Format(row.LeadID)})
	}
	return actions, nil
}

// ofNoTest leaves out what happened to test leads.
func ofNoTest(s *entsql.Selector) {
	leads := entsql.Table("leads").As("handed_on")
	s.Where(entsql.Exists(entsql.Dialect(s.Dialect()).Select(leads.C("id")).From(leads).
		Where(entsql.And(entsql.ColumnsEQ(leads.C("id"), s.C(leadevent.FieldLeadID)), entsql.Not(entsql.EQ(leads.C("is_test"), true))))))
}

// earned are the sales and reversals of the period: the lines of its statement or, where there is none, of the statements of shorter
// periods within it, and those of its days that stand on no statement.
func earned(ctx context.Context, o *order.Order) ([]paperwork.Action, error) {
	statements, exact, err := statementsOf(ctx, o)
	if err != nil {
		return nil, err
	}
	on := ledgerentry.HasLineWith(statementline.StatementIDIn(statements...))
	q := o.Tx.LedgerEntry.Query().Where(ledgerentry.DistributorID(*o.DistributorID))
	if exact {
		q = q.Where(on)
	} else {
		elsewhere := ledgerentry.HasLine()     // what stands on the statement of another period is in that one's document
		if o.Viewer.Role == auth.Distributor { // to whom a draft is no statement
			elsewhere = ledgerentry.HasLineWith(statementline.HasStatementWith(payoutstatement.StatusNEQ(payoutstatement.StatusDRAFT)))
		}
		q = q.Where(ledgerentry.Or(on, ledgerentry.And(ledgerentry.Not(elsewhere), func(s *entsql.Selector) {
			s.Where(entsql.And(entsql.GTE(s.C(ledgerentry.FieldDay), o.Period.StartsOn), entsql.LT(s.C(ledgerentry.FieldDay), o.Period.End())))
		})))
	}
	q = q.WithLead(func(l *ent.LeadQuery) { l.Select(lead.FieldID) }) // where the viewer sees it
	rows, err := q.Order(ent.Asc(ledgerentry.FieldDay, ledgerentry.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a document's sales: %w", err)
	}
	actions := make([]paperwork.Action, len(rows))
	for i, row := range rows {
		actions[i] = paperwork.Action{Day: *row.Day, Deed: paperwork.Sold, SaleAmount: row.SaleAmount, Fee: row.Amount}
		if row.Edges.Lead != nil {
			actions[i].Lead = gid.Lead.Format(row.LeadID)
		}
		if row.Kind == ledgerentry.KindREVERSAL {
			actions[i].Deed = paperwork.Reversed
		}
	}
	return actions, nil
}

// lengths are the kinds of periods, each within the next.
var lengths = []calendar.Kind{calendar.Month, calendar.Quarter, calendar.Year}

// statementsOf are the statement of the period, which is then exact, or those of shorter periods within it.
func statementsOf(ctx context.Context, o *order.Order) (ids []gid.ID, exact bool, err error) {
	rows, err := o.Tx.PayoutStatement.Query().Where(payoutstatement.DistributorID(*o.DistributorID), func(s *entsql.Selector) {
		s.Where(entsql.And(entsql.GTE(s.C(payoutstatement.FieldStartsOn), o.Period.StartsOn), entsql.LT(s.C(payoutstatement.FieldStartsOn), o.Period.End())))
	}).Select(payoutstatement.FieldID, payoutstatement.FieldPeriodKind).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("read a document's statements: %w", err)
	}
	for _, row := range rows {
		kind := calendar.Kind(row.PeriodKind)
		if kind == o.Period.Kind {
			return []gid.ID{row.ID}, true, nil
		}
		if slices.Index(lengths, kind) < slices.Index(lengths, o.Period.Kind) {
			ids = append(ids, row.ID)
		}
	}
	return ids, false, nil
}
