package payoutsheet_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/ledgerentry"
	"channelbook/ent/payoutstatement"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// TestWhateverHappenedReconciles: after whatever was sold, reversed, closed, drawn up, discarded, approved and paid, in whatever
// order, the report of any period comes to the kopeck to what the ledger and the statements hold, for administrators and for the
// users of distributors, who know of no draft.
func TestWhateverHappenedReconciles(t *testing.T) {
	seeds := []uint64{1, 2, 3}
	if testing.Short() {
		seeds = seeds[:1]
	}
	did := map[string]int{}
	for _, part := range parts[:len(parts)-1] { // all but the difference
		did[part] = 0
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) { newHistory(t, d, seed, did).run(160) })
		})
	}
	for name, n := range did {
		if n == 0 {
			t.Errorf("%s never happened: the histories show nothing of it", name)
		}
	}
}

// history is one of many that could be.
type history struct {
	*world
	*rand.Rand
	owners map[gid.ID]string
	ids    []gid.ID
	did    map[string]int // how often each act went well, and each part of a reconciliation was other than nothing
}

func newHistory(t *testing.T, d *db.DB, seed uint64, did map[string]int) *history {
	h := &history{world: newWorld(t, d), Rand: rand.New(rand.NewPCG(seed, 0)), owners: map[gid.ID]string{}, did: did} // #nosec G404
	for i := range 3 {
		name := fmt.Sprintf("Д%d", i)
		id := h.distributor(name, i*9)
		h.owners[id] = name
		h.ids = append(h.ids, id)
	}
	h.at("2026-02-10T09:00:00Z")
	return h
}

func (h *history) run(steps int) {
	acts := []struct {
		name   string
		weight int
		do     func() error
	}{
		{"sell", 10, h.sellOne}, {"reverse", 4, h.reverse}, {"wait", 5, h.wait}, {"close", 6, h.closeOne},
		{"draw up", 10, h.drawOne}, {"discard", 2, h.discard}, {"approve", 5, h.approve}, {"pay", 3, h.pay},
	}
	var bag []int
	for i, a := range acts {
		h.did[a.name] += 0
		for range a.weight {
			bag = append(bag, i)
		}
	}
	for n := range steps {
		a := acts[bag[h.IntN(len(bag))]]
		if err := a.do(); err == nil {
			h.did[a.name]++
		} else if _, ok := fault.All(err); !ok {
			h.t.Fatalf("step %d, %s: %v", n, a.name, err)
		}
		if n%16 == 15 {
			h.check()
		}
		if h.t.Failed() {
			h.t.Fatalf("after step %d, %s", n, a.name)
		}
	}
}

func (h *history) owner() gid.ID { return h.ids[h.IntN(len(h.ids))] }

func (h *history) today() calendar.Date { return calendar.DateOf(h.now, h.zone) }

func (h *history) sellOne() error {
	on, payout, amount := h.today().AddDays(-h.IntN(60)), h.Int64N(10_000_00), h.Int64N(1_000_000_00)
	now := h.now
	h.at("2025-11-01T09:00:00Z") // no sale is of a day before its lead came in
	in := leads.Sale{LeadID: h.lead(h.owner()), SoldOn: &on, Payout: &payout}
	h.now = now
	if h.IntN(2) == 0 {
		in.SaleAmount = &amount
	}
	_, err := h.payouts.RegisterSale(h.admin, in)
	return err
}

var errNone = fault.New(fault.NotFound, "", "None.")

func (h *history) reverse() error {
	ids := must(h.db.Lead.Query().Where(lead.StatusEQ(lead.StatusSALE)).Order(ent.Asc(lead.FieldID)).IDs(h.system))
	if len(ids) == 0 {
		return errNone
	}
	_, err := h.payouts.ReverseSale(h.admin, ids[h.IntN(len(ids))], "возврат")
	return err
}

func (h *history) wait() error {
	h.now = h.now.Add(time.Duration(1+h.IntN(12*24)) * time.Hour)
	return nil
}

// ended is a period that has ended, most often the last month.
func (h *history) ended() calendar.Period {
	kind := calendar.Kinds[[]int{0, 0, 0, 0, 1}[h.IntN(5)]]
	p := calendar.PeriodOf(kind, h.today()).Previous()
	if h.IntN(3) == 0 {
		p = p.Previous()
	}
	return p
}

func (h *history) closeOne() error {
	_, err := h.goals.Close(h.admin, h.ended())
	return err
}

func (h *history) drawOne() error {
	_, err := h.payouts.DrawUp(h.admin, h.owner(), h.ended())
	return err
}

func (h *history) one(status payoutstatement.Status) (gid.ID, error) {
	ids := must(h.db.PayoutStatement.Query().Where(payoutstatement.StatusEQ(status)).Order(ent.Asc(payoutstatement.FieldID)).IDs(h.system))
	if len(ids) == 0 {
		return gid.ID{}, errNone
	}
	return ids[h.IntN(len(ids))], nil
}

func (h *history) discard() error {
	id, err := h.one(payoutstatement.StatusDRAFT)
	if err == nil {
		err = h.payouts.Discard(h.admin, id)
	}
	return err
}

func (h *history) approve() error {
	id, err := h.one(payoutstatement.StatusDRAFT)
	if err == nil {
		_, err = h.payouts.Approve(h.other, id, nil)
	}
	return err
}

func (h *history) pay() error {
	id, err := h.one(payoutstatement.StatusAPPROVED)
	if err == nil {
		_, err = h.payouts.MarkPaid(h.admin, id, nil, "17")
	}
	return err
}

// check makes reports of each kind of period, for both roles, and holds them against the base.
func (h *history) check() {
	h.t.Helper()
	for _, kind := range calendar.Kinds {
		p := calendar.PeriodOf(kind, h.today().AddMonths(-h.IntN(3)))
		h.agrees(viewerOf(h.admin), p)
		h.agrees(distributor(h.owner()), p)
	}
}

// parts of a reconciliation, in the order of the sheet's columns.
var parts = []string{"accrued", "reversed", "ledger", "statements", "other days", "elsewhere", "unsettled", "difference"}

func (h *history) agrees(v auth.Viewer, p calendar.Period) {
	h.t.Helper()
	want := h.want(v, p)
	book := opened(h.t, h.made(h.order(v, p)))
	got := map[string][]int64{}
	for y, row := range rows(book, "Сверка") {
		if y < 7 || row[0] == "Всего" {
			continue
		}
		sums := make([]int64, len(parts))
		for i := range sums {
			sums[i] = kopecks(row[i+1])
		}
		got[row[0]] = sums
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		h.t.Errorf("%s, %s: the reconciliation has %v, want %v", v.Role, p, got, want)
	}
	var lines, unsettled, ofLines, ofUnsettled int64
	for _, sums := range want {
		for i, sum := range sums {
			if sum != 0 {
				h.did[parts[i]]++
			}
		}
		lines += sums[3] + sums[5]
		unsettled += sums[6]
	}
	for name, sum := range map[string]*int64{"Строки": &ofLines, "Не в ведомостях": &ofUnsettled} {
		for y, row := range rows(book, name) {
			if y >= 6 && row[0] != "Всего" {
				*sum += kopecks(row[5])
			}
		}
	}
	if ofLines != lines || ofUnsettled != unsettled {
		h.t.Errorf("%s, %s: the lines come to %d and %d, want %d and %d", v.Role, p, ofLines, ofUnsettled, lines, unsettled)
	}
}

// want is the reconciliation, by the base itself.
func (h *history) want(v auth.Viewer, p calendar.Period) map[string][]int64 {
	sums := map[string][]int64{}
	of := func(id gid.ID) []int64 {
		if sums[h.owners[id]] == nil {
			sums[h.owners[id]] = make([]int64, len(parts))
		}
		return sums[h.owners[id]]
	}
	ours := map[gid.ID]bool{}
	statements := must(h.db.PayoutStatement.Query().All(h.system))
	seen := map[gid.ID]bool{}
	for _, s := range statements {
		seen[s.ID] = v.Role == auth.Admin || s.DistributorID == v.Distributor && s.Status != payoutstatement.StatusDRAFT
		whole := calendar.Period{Kind: calendar.Kind(s.PeriodKind), StartsOn: *s.StartsOn}
		ours[s.ID] = seen[s.ID] && !p.StartsOn.After(whole.StartsOn) && !whole.End().After(p.End())
		if ours[s.ID] {
			of(s.DistributorID)[3] += s.Total
		}
	}
	for _, e := range must(h.db.LedgerEntry.Query().WithLine().All(h.system)) {
		if v.Role != auth.Admin && e.DistributorID != v.Distributor {
			continue
		}
		on := gid.ID{}
		if e.Edges.Line != nil && seen[e.Edges.Line.StatementID] {
			on = e.Edges.Line.StatementID
		}
		switch within := p.Contains(*e.Day); {
		case within && e.Kind == ledgerentry.KindACCRUAL:
			of(e.DistributorID)[0] += e.Amount
		case within:
			of(e.DistributorID)[1] += e.Amount
		}
		switch within := p.Contains(*e.Day); {
		case !within && ours[on]:
			of(e.DistributorID)[4] += e.Amount
		case within && on.IsZero():
			of(e.DistributorID)[6] += e.Amount
		case within && !ours[on]:
			of(e.DistributorID)[5] += e.Amount
		}
	}
	for _, s := range sums {
		s[2] = s[0] + s[1]
	}
	return sums
}

// kopecks of a cell's stored value.
func kopecks(raw string) int64 {
	return int64(math.Round(must(strconv.ParseFloat(raw, 64)) * 100))
}
