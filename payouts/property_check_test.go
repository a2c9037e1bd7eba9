package payouts_test

import (
	"fmt"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/period"
	"channelbook/ent/periodfact"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/payouts"
)

// world is all there is to be held against each other.
type world struct {
	entries    []*ent.LedgerEntry
	statements map[gid.ID]*ent.PayoutStatement
	on         map[gid.ID]gid.ID // the statement of a line
	sum        int64
}

func (h *history) world() world {
	w := world{statements: map[gid.ID]*ent.PayoutStatement{}, on: map[gid.ID]gid.ID{}}
	w.entries = must(h.DB.LedgerEntry.Query().All(h.system))
	for _, e := range w.entries {
		w.sum += e.Amount
	}
	for _, s := range must(h.DB.PayoutStatement.Query().All(h.system)) {
		w.statements[s.ID] = s
	}
	for _, l := range must(h.DB.StatementLine.Query().All(h.system)) {
		if _, twice := w.on[l.EntryID]; twice {
			h.t.Errorf("the line %s is on two statements", l.EntryID)
		}
		w.on[l.EntryID] = l.StatementID
	}
	return w
}

func (h *history) check() {
	h.t.Helper()
	w := h.world()
	h.leadsAgree(w)
	h.totalsAgree(w)
	h.statementsAgree(w)
	h.balancesAgree(w)
	for p, was := range h.closed {
		if now := h.sums(p); fmt.Sprint(now) != fmt.Sprint(was) {
			h.t.Errorf("the closed %s has %v now, and had %v", p, now, was)
		}
		frozen := map[gid.ID]int64{}
		for _, f := range must(h.DB.PeriodFact.Query().Where(periodfact.HasPeriodWith(period.KindEQ(period.Kind(p.Kind)), period.StartsOn(&p.StartsOn))).All(h.system)) {
			frozen[f.DistributorID] = f.Payout
		}
		for id, sum := range was {
			if frozen[id] != sum {
				h.t.Errorf("the closed %s has %d frozen for %s, and %d in the ledger", p, frozen[id], id, sum)
			}
		}
	}
	for id, was := range h.paid {
		if now := h.asItStands(id); now != was {
			h.t.Errorf("what was paid is now\n%s\nand was\n%s", now, was)
		}
	}
}

// leadsAgree: what leads are sold for is what the ledger comes to.
func (h *history) leadsAgree(w world) {
	h.t.Helper()
	var sold int64
	for _, l := range must(h.DB.Lead.Query().Where(lead.StatusEQ(lead.StatusSALE), lead.IsTest(false)).All(h.system)) {
		sold += l.Payout
	}
	if sold != w.sum {
		h.t.Errorf("leads are sold for %d, and the ledger comes to %d", sold, w.sum)
	}
}

// totalsAgree: by whatever the ledger is added up, it comes to the same, and each group to what its lines come to.
func (h *history) totalsAgree(w world) {
	h.t.Helper()
	for _, by := range []payouts.Group{payouts.ByMonth, payouts.ByQuarter, payouts.ByYear, payouts.ByDistributor, payouts.ByStatement} {
		want := map[string]int64{}
		for _, e := range w.entries {
			want[w.group(by, e)] += e.Amount
		}
		var sum int64
		var entries int
		for _, total := range must(h.Totals(h.admin, by, payouts.Filter{})) {
			sum, entries = sum+total.Sum(), entries+total.EntryCount
			if key := keyOf(total); want[key] != total.Sum() {
				h.t.Errorf("by %s, %s: got %d, want %d", by, key, total.Sum(), want[key])
			}
		}
		if sum != w.sum || entries != len(w.entries) {
			h.t.Errorf("by %s the ledger comes to %d of %d lines, and to %d of %d by itself", by, sum, entries, w.sum, len(w.entries))
		}
	}
}

func (w world) group(by payouts.Group, e *ent.LedgerEntry) string {
	switch by {
	case payouts.ByDistributor:
		return e.DistributorID.String()
	case payouts.ByStatement:
		if id, ok := w.on[e.ID]; ok {
			return id.String()
		}
		return ""
	}
	return calendar.PeriodOf(calendar.Kind(by), *e.Day).String()
}

func keyOf(t payouts.Total) string {
	switch {
	case t.Period != nil:
		return t.Period.String()
	case t.ID != nil:
		return t.ID.String()
	}
	return ""
}

// statementsAgree: each comes to what its lines come to, which are its distributor's and from before its period's end, or
// reversals of such ones.
func (h *history) statementsAgree(w world) {
	h.t.Helper()
	sums, counts := map[gid.ID]int64{}, map[gid.ID]int{}
	for _, e := range w.entries {
		if id, ok := w.on[e.ID]; ok {
			s := w.statements[id]
			sums[id], counts[id] = sums[id]+e.Amount, counts[id]+1
			day := *e.Day
			if e.ReversesID != nil {
				day = *must(h.DB.LedgerEntry.Get(h.system, *e.ReversesID)).Day
			}
			if e.DistributorID != s.DistributorID || !payouts.PeriodOf(s).End().After(day) {
				h.t.Errorf("%v is on %v", e, s)
			}
		}
	}
	for id, s := range w.statements {
		if s.Total != sums[id] || s.EntryCount != counts[id] || s.Total <= 0 {
			h.t.Errorf("%v has %d lines of %d", s, counts[id], sums[id])
		}
	}
}

// balancesAgree, for administrators and for the distributor's own user, to whom a draft is none.
func (h *history) balancesAgree(w world) {
	h.t.Helper()
	today := calendar.DateOf(h.now, h.TimeZone)
	all := must(h.Balances(h.admin, h.owners))
	for _, of := range h.owners {
		its := must(h.Balances(h.theirs[of], h.owners))
		if len(its) > 1 {
			h.t.Errorf("a distributor's user got the balances %v, want its own", its)
		}
		if want := w.balance(of, today, true); all[of] != want {
			h.t.Errorf("got the balance %+v, want %+v", all[of], want)
		}
		if want := w.balance(of, today, false); its[of] != want {
			h.t.Errorf("its own user got the balance %+v, want %+v", its[of], want)
		}
	}
}

func (w world) balance(of gid.ID, today calendar.Date, seesDrafts bool) (b payouts.Balance) {
	for _, e := range w.entries {
		if e.DistributorID != of {
			continue
		}
		s := w.statements[w.on[e.ID]]
		switch {
		case s != nil && s.Status == payoutstatement.StatusPAID:
			b.Paid += e.Amount
			continue
		case s != nil && (seesDrafts || s.Status == payoutstatement.StatusAPPROVED):
			b.InStatements += e.Amount
		case e.AvailableOn.After(today):
			b.Held += e.Amount
		default:
			b.Available += e.Amount
		}
		b.Owed += e.Amount
	}
	return b
}
