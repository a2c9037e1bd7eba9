package leads_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

func TestEqualAddressesAtOnceWaitForEachOther(t *testing.T) {
	b := newBook(t, dbtest.Postgres(t))
	b.distributor("Ромашка")
	source := b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateFields([]string{"IP"}) })
	accept := func(n int) <-chan string {
		in := anna(n)
		in.IP = "203.0.113.7"
		return begin(func() string { return outcome(b.Accept(source, in)) })
	}
	var first, second <-chan string
	b.whileHeld(t, takeTheTurn, func() error {
		first, second = accept(1), accept(2)
		return b.wait(2)
	})
	var got tally
	got.add(<-first)
	got.add(<-second)
	got.want(t, map[string]int{"ACCEPTED": 1, "DUPLICATE": 1})
}

func TestAReleaseAndAnEqualLeadWaitForEachOther(t *testing.T) {
	for name, c := range map[string]struct {
		releaseFirst bool
		want         []string // in the order of the acts
	}{
		"the release first": {true, []string{"RELEASED", "DUPLICATE"}},
		"the lead first":    {false, []string{"ACCEPTED", "DUPLICATE_LEAD"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t, dbtest.Postgres(t))
			b.distributor("Ромашка")
			held := b.lead(b.source(func(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) }), 1)
			wantStatus(t, held, lead.StatusQUARANTINED)
			source := b.source()
			release := func() string {
				l, err := b.Release(b.admin, held.ID, "согласие прислано", byContract())
				return did("RELEASED", l, err)
			}
			accept := func() string { return outcome(b.Accept(source, anna(1))) }
			acts := []func() string{accept, release}
			if c.releaseFirst {
				slices.Reverse(acts)
			}
			came := make([]<-chan string, len(acts))
			b.whileHeld(t, takeTheTurn, func() error {
				for i, act := range acts {
					came[i] = begin(act)
					if err := b.wait(i + 1); err != nil {
						return err
					}
				}
				return nil
			})
			if got := []string{<-came[0], <-came[1]}; !slices.Equal(got, c.want) {
				t.Errorf("they came to %v, want %v", got, c.want)
			}
		})
	}
}

func TestATestLeadDoesNotWaitForARealOne(t *testing.T) {
	b := newBook(t, dbtest.Postgres(t))
	b.distributor("Ромашка")
	source := b.source()
	soon, cancel := context.WithTimeout(source, lockTimeout)
	defer cancel()
	test := anna(1)
	test.Test = true
	var real <-chan string
	b.whileHeld(t, takeTheTurn, func() error {
		real = begin(func() string { return outcome(b.Accept(source, anna(1))) })
		if err := b.wait(1); err != nil {
			return err
		}
		if got := outcome(b.Accept(soon, test)); got != "ACCEPTED" {
			t.Errorf("while a real lead was in the middle, an equal test lead came to %s, want ACCEPTED", got)
		}
		return nil
	})
	if got := <-real; got != "ACCEPTED" {
		t.Errorf("the real lead came to %s, want ACCEPTED", got)
	}
}

// Whoever waited for a lock must see what its holder wrote, though the base's own default would show it the past.
func TestOfEqualLeadsExactlyOneIsAcceptedWhateverIsolationTheBaseHas(t *testing.T) {
	d := dbtest.Postgres(t)
	b := newBook(t, d)
	must(d.ExecContext(b.system, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', current_database()); END $$`))
	own := b.distributor("Ромашка") // named, for the turn would keep them apart
	source := b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateWindowDays(1).SetDistributorID(own) })
	b.accept(source, anna(1)) // from now on there is a row to lock
	b.at("2026-03-05T09:00:00Z")
	other := b.on(dbtest.Second(t, d)) // its connections are opened under the new default
	accept := func() string { return outcome(other.Accept(source, anna(1))) }
	var first, second <-chan string
	b.whileHeld(t, "SELECT FROM contact_locks FOR UPDATE", func() error {
		first, second = begin(accept), begin(accept)
		return b.wait(2)
	})
	var got tally
	got.add(<-first)
	got.add(<-second)
	got.want(t, map[string]int{"ACCEPTED": 1, "DUPLICATE": 1})
}

// The transaction that keeps locks here does what another intake does, in the order in which that takes them. Neither
// step may meet the batch that waits for it.
func TestABatchThatWaitsKeepsNobodyElseWaiting(t *testing.T) {
	const takeD1 = "UPDATE distributors SET last_turn = last_turn WHERE company_name = 'D1'"
	for name, c := range map[string]struct {
		first, then string
		with        func(*ent.LeadSourceCreate)
	}{
		"a hand-out in its turn": {takeTheTurn, takeD1, func(*ent.LeadSourceCreate) {}},
		"a lead that is counted before its hand-out": {
			"SELECT FROM contact_locks, source_days FOR UPDATE", takeTheTurn, func(s *ent.LeadSourceCreate) { s.SetDailyCap(10) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t, dbtest.Postgres(t))
			ids := b.distributors(2)
			source := b.source(c.with)
			b.accept(source, anna(1)) // from now on there are rows to lock
			batch := []leads.Submission{b.asking(ids[0], 2), anna(3)}
			came := make(chan map[string]int, 1)
			err := db.WithTx(b.system, b.DB, func(tx *db.Tx) error {
				if _, err := tx.ExecContext(b.system, c.first); err != nil {
					return err
				}
				go func() { came <- b.batch(b.Service, source, batch) }()
				if err := b.wait(1); err != nil {
					return err
				}
				_, err := tx.ExecContext(b.system, "SET LOCAL lock_timeout = '500ms'; "+c.then)
				return err
			})
			if err != nil {
				t.Errorf("the other one met a lock of the batch that waited for it: %v", err)
			}
			if got := <-came; got["ACCEPTED"] != len(batch) {
				t.Errorf("the batch came to %v, want %d ACCEPTED", got, len(batch))
			}
		})
	}
}

// asking is anna(n) for a distributor that the sender names.
func (b *book) asking(id gid.ID, n int) leads.Submission {
	in := anna(n)
	in.DistributorID = gid.Distributor.Format(id)
	return in
}

// batch counts what the leads of a batch come to.
func (b *book) batch(s *leads.Service, source context.Context, batch []leads.Submission) map[string]int {
	count := map[string]int{}
	results, err := s.AcceptBatch(source, batch)
	if err != nil {
		count[err.Error()]++
	}
	for _, r := range results {
		count[outcome(r.Accepted, r.Err)]++
	}
	return count
}

// A deadlock is broken off and run again, so that nothing but a second's delay would show it.
func TestBatchesAndSinglesNeverWaitInARing(t *testing.T) {
	for name, with := range map[string]func(*ent.LeadSourceCreate){
		"capped":                             func(s *ent.LeadSourceCreate) { s.SetDailyCap(1000) },
		"of the distributor's scope":         func(s *ent.LeadSourceCreate) { s.SetDuplicateScope("DISTRIBUTOR") },
		"capped, of the distributor's scope": func(s *ent.LeadSourceCreate) { s.SetDailyCap(1000).SetDuplicateScope("DISTRIBUTOR") },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBook(t, dbtest.Postgres(t))
			ids := b.distributors(3)
			source := b.source(with)
			var got tally
			deadlocks := b.deadlocksOf(t, func(other *leads.Service) {
				atOnce(40, 8, func(i int) {
					if i%2 == 1 {
						got.add(outcome(other.Accept(source, anna(i*10))))
						return
					}
					for what, n := range b.batch(other, source, []leads.Submission{b.asking(ids[0], i*10), anna(i*10 + 1)}) {
						for range n {
							got.add(what)
						}
					}
				})
			})
			got.want(t, map[string]int{"ACCEPTED": 60})
			if deadlocks != 0 {
				t.Errorf("%d deadlocks, want none", deadlocks)
			}
		})
	}
}

// deadlocksOf counts the deadlocks of what do does with an instance of its own. PostgreSQL adds up what a connection
// saw when it ends.
func (b *book) deadlocksOf(t *testing.T, do func(other *leads.Service)) int {
	t.Helper()
	const (
		deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
		its       = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_start >= $1 AND query NOT LIKE '%pg_stat_%'"
	)
	before := must(one[int](b.system, b.DB, deadlocks))
	begun := must(one[time.Time](b.system, b.DB, "SELECT clock_timestamp()"))
	second := dbtest.Second(t, b.DB)
	do(b.on(second))
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); must(one[int](b.system, b.DB, its, begun)) > 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the instance is closed and its connections are still there")
		}
	}
	return must(one[int](b.system, b.DB, deadlocks)) - before
}
