package payouts_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/goals"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// TestTheLedgerAgreesWithEverything: after whatever was sold, reversed, closed, opened again, drawn up, discarded, approved
// and paid, in whatever order, all totals are the same to the kopeck, and what was closed or paid is as it was.
func TestTheLedgerAgreesWithEverything(t *testing.T) {
	seeds := []uint64{1, 2, 3}[:histories]
	if testing.Short() {
		seeds = seeds[:1]
	}
	did := map[string]int{}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) { newHistory(t, d, seed, did).run(400) })
		})
	}
	for name, n := range did {
		if n == 0 {
			t.Errorf("%s never went well: the histories show nothing of it", name)
		}
	}
}

// history is one of many that could be.
type history struct {
	*book
	*rand.Rand
	now    time.Time
	owners []gid.ID
	theirs map[gid.ID]context.Context // a user of each distributor
	leads  []gid.ID
	closed map[calendar.Period]map[gid.ID]int64 // what was accrued and reversed in it when it was closed
	paid   map[gid.ID]string                    // as it was when it was paid
	did    map[string]int                       // how often each act went well
}

func newHistory(t *testing.T, d *db.DB, seed uint64, did map[string]int) *history {
	h := &history{
		book: newBook(t, d), Rand: rand.New(rand.NewPCG(seed, 0)), now: must(time.Parse(time.RFC3339, "2026-02-10T09:00:00Z")), // #nosec G404
		theirs: map[gid.ID]context.Context{}, closed: map[calendar.Period]map[gid.ID]int64{}, paid: map[gid.ID]string{}, did: did,
	}
	h.Now = func() time.Time { return h.now }
	for i := range 3 {
		id := h.distributor(fmt.Sprintf("D%d", i))
		h.owners = append(h.owners, id)
		h.theirs[id] = h.as(id)
	}
	return h
}

func (h *history) run(steps int) {
	acts := []struct {
		name   string
		weight int
		do     func() error
	}{
		{"sell", 10, h.sell}, {"reverse", 4, h.reverse}, {"sell again", 3, h.sellAgain}, {"wait", 5, h.wait}, {"close", 6, h.closeOne},
		{"reopen", 1, h.reopenOne}, {"draw up", 10, h.drawUp}, {"discard", 3, h.discard}, {"approve", 5, h.approve}, {"pay", 3, h.pay}, {"terms", 2, h.newTerms},
	}
	var bag []int
	for i, a := range acts {
		h.did[a.name] += 0
		bag = append(bag, slices.Repeat([]int{i}, a.weight)...)
	}
	for n := range steps {
		a := acts[bag[h.IntN(len(bag))]]
		if err := a.do(); err == nil {
			h.did[a.name]++
		} else if _, ok := fault.All(err); !ok {
			h.t.Fatalf("step %d, %s: %v", n, a.name, err)
		}
		if n%8 == 0 || n == steps-1 {
			h.check()
		}
		if h.t.Failed() {
			h.t.Fatalf("after step %d, %s", n, a.name)
		}
	}
}

func (h *history) owner() gid.ID { return h.owners[h.IntN(len(h.owners))] }

func (h *history) who() context.Context { return []context.Context{h.admin, h.other}[h.IntN(2)] }

// some day of the last two months.
func (h *history) some() calendar.Date {
	return calendar.DateOf(h.now, h.TimeZone).AddDays(-h.IntN(60))
}

func (h *history) sell() error {
	id := h.lead(h.owner(), func(in *leads.Submission) { in.Test = h.IntN(10) == 0 })
	h.Now = func() time.Time { return h.now }
	h.leads = append(h.leads, id)
	return h.register(id)
}

func (h *history) register(id gid.ID) error {
	on, amount, payout := h.some(), h.Int64N(1_000_000_00), h.Int64N(10_000_00)
	in := leads.Sale{LeadID: id, SoldOn: &on}
	if h.IntN(3) > 0 {
		in.SaleAmount = &amount
	}
	if h.IntN(3) > 0 {
		in.Payout = &payout
	}
	_, err := h.RegisterSale(h.who(), in)
	return err
}

// with picks a lead of a status.
func (h *history) with(status lead.Status) (gid.ID, error) {
	ids := must(h.DB.Lead.Query().Where(lead.StatusEQ(status)).IDs(h.system))
	if len(ids) == 0 {
		return gid.ID{}, fault.New(fault.NotFound, "", "None.")
	}
	// in the order in which they were made: ids are others in each run
	slices.SortFunc(ids, func(a, b gid.ID) int { return slices.Index(h.leads, a) - slices.Index(h.leads, b) })
	return ids[h.IntN(len(ids))], nil
}

func (h *history) reverse() error {
	id, err := h.with(lead.StatusSALE)
	if err == nil {
		_, err = h.ReverseSale(h.who(), id, "возврат")
	}
	return err
}

func (h *history) sellAgain() error {
	id, err := h.with(lead.StatusIN_PROGRESS)
	if err == nil {
		err = h.register(id)
	}
	return err
}

func (h *history) wait() error {
	h.now = h.now.Add(time.Duration(1+h.IntN(12*24)) * time.Hour)
	return nil
}

// period that has ended, most often the last one.
func (h *history) period() calendar.Period {
	kind := calendar.Kinds[[]int{0, 0, 0, 0, 1}[h.IntN(5)]]
	p := calendar.PeriodOf(kind, calendar.DateOf(h.now, h.TimeZone)).Previous()
	if h.IntN(3) == 0 {
		p = p.Previous()
	}
	return p
}

func (h *history) closeOne() error {
	p := h.period()
	if _, err := h.goals().Close(h.admin, p); err != nil {
		return err
	}
	if h.closed[p] == nil {
		h.closed[p] = h.sums(p)
	}
	return nil
}

// sums of the lines of a period by distributor.
func (h *history) sums(p calendar.Period) map[gid.ID]int64 {
	from, to := p.StartsOn, p.End()
	sums := map[gid.ID]int64{}
	for _, e := range must(h.DB.LedgerEntry.Query().Where(ledgerentry.DayGTE(&from), ledgerentry.DayLT(&to)).All(h.system)) {
		sums[e.DistributorID] += e.Amount
	}
	return sums
}

func (h *history) goals() *goals.Service {
	return &goals.Service{DB: h.DB, Now: h.Now, TimeZone: h.TimeZone, Log: h.Leads.Log}
}

func (h *history) reopenOne() error {
	all := slices.SortedFunc(maps.Keys(h.closed), func(a, b calendar.Period) int { return strings.Compare(a.String(), b.String()) })
	if len(all) == 0 {
		return fault.New(fault.NotFound, "", "None.")
	}
	p := all[h.IntN(len(all))]
	delete(h.closed, p)
	_, err := h.goals().Reopen(h.admin, p, "Забыли продажу")
	return err
}

func (h *history) drawUp() error {
	_, err := h.DrawUp(h.who(), h.owner(), h.period())
	return err
}

// statement picks one of a status.
func (h *history) statement(status payoutstatement.Status) (*ent.PayoutStatement, error) {
	all := must(h.DB.PayoutStatement.Query().Where(payoutstatement.StatusEQ(status)).
		Order(payoutstatement.ByStartsOn(), payoutstatement.ByPeriodKind()).All(h.system))
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "", "None.")
	}
	slices.SortStableFunc(all, func(a, b *ent.PayoutStatement) int {
		return slices.Index(h.owners, a.DistributorID) - slices.Index(h.owners, b.DistributorID)
	})
	return all[h.IntN(len(all))], nil
}

func (h *history) discard() error {
	s, err := h.statement(payoutstatement.StatusDRAFT)
	if err == nil {
		err = h.Discard(h.who(), s.ID)
	}
	return err
}

func (h *history) approve() error {
	s, err := h.statement(payoutstatement.StatusDRAFT)
	if err == nil {
		_, err = h.Approve(h.who(), s.ID, &s.Revision)
	}
	return err
}

func (h *history) pay() error {
	s, err := h.statement(payoutstatement.StatusAPPROVED)
	if err == nil {
		_, err = h.MarkPaid(h.who(), s.ID, nil, "17")
	}
	if err == nil {
		h.paid[s.ID] = h.asItStands(s.ID)
	}
	return err
}

// asItStands is a statement with its lines.
func (h *history) asItStands(id gid.ID) string {
	s := must(h.DB.PayoutStatement.Query().Where(payoutstatement.ID(id)).WithLines().Only(h.system))
	var lines []string
	for _, l := range s.Edges.Lines {
		lines = append(lines, l.EntryID.String())
	}
	slices.Sort(lines)
	return fmt.Sprint(s.String(), lines)
}

func (h *history) newTerms() error {
	amount := decimal.New(1+h.Int64N(5_000_00), -2)
	rules := []distributors.PayoutRule{
		{Kind: distributor.PayoutRuleMANUAL}, {Kind: distributor.PayoutRuleFIXED, Amount: &amount}, {Kind: distributor.PayoutRulePERCENT, Percent: new(decimal.New(1250, -2))},
	}
	_, err := h.terms.SetTerms(h.who(), h.owner(), distributors.Terms{
		Payout: rules[h.IntN(len(rules))], HoldingDays: h.IntN(30), MinimumPayout: []int64{0, 500_00, 5_000_00}[h.IntN(3)],
	})
	return err
}
