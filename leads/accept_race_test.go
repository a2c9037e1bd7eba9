package leads_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/sourceday"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/seal"
	"channelbook/leads"
)

func TestOfEqualLeadsAtOnceExactlyOneIsAccepted(t *testing.T) {
	const n, workers = 200, 20
	writings := []string{"8 (912) 345-67-89", "+7 912 345 67 89", "79123456789", "9123456789", "tel:+7-912-345-67-89"}
	for name, submission := range map[string]func(i int) leads.Submission{
		"equal in all": func(int) leads.Submission { return anna(1) },
		"equal phone in other writings": func(i int) leads.Submission {
			return leads.Submission{FirstName: fmt.Sprintf("Имя %d", i), Phone: writings[i%5]}
		},
		"equal e-mail, phones of others": func(i int) leads.Submission { in := anna(i); in.Email = "Anna@Example.ru"; return in },
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				b := newBook(t, d)
				b.distributors(3)
				source := b.source()
				var got tally
				atOnce(n, workers, func(i int) { got.add(outcome(b.Accept(source, submission(i)))) })
				got.want(t, map[string]int{"ACCEPTED": 1, "DUPLICATE": n - 1})
				b.wantAllLinked(n - 1)
			})
		})
	}
}

// wantAllLinked checks that the duplicates are n and point at the one accepted lead.
func (b *book) wantAllLinked(n int) {
	b.t.Helper()
	accepted := must(b.DB.Lead.Query().Where(lead.OutcomeEQ(lead.OutcomeACCEPTED)).Only(b.system))
	linked := must(b.DB.Lead.Query().Where(lead.DuplicateOfID(accepted.ID), lead.StatusEQ(lead.StatusDUPLICATE), lead.DistributorIDIsNil()).Count(b.system))
	if linked != n {
		b.t.Errorf("%d duplicates point at the accepted lead, want %d", linked, n)
	}
}

func TestOfEqualLeadsOnTwoInstancesExactlyOneIsAccepted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n = 200
		b := newBook(t, d)
		b.distributors(3)
		sources := []context.Context{b.source(), b.source()}
		instances := []*leads.Service{b.Service, b.on(dbtest.Second(t, d))}
		var got tally
		atOnce(n, 20, func(i int) { got.add(outcome(instances[i%2].Accept(sources[i/2%2], anna(1)))) })
		got.want(t, map[string]int{"ACCEPTED": 1, "DUPLICATE": n - 1})
	})
}

func TestOfEqualLeadsFromSourcesOfOtherPoliciesExactlyOneIsAccepted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds = 20
		b := newBook(t, d)
		b.distributors(2)
		sources := []context.Context{
			b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateFields([]string{"PHONE"}) }),
			b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateFields([]string{"EMAIL"}) }),
		}
		var got tally
		for round := range rounds {
			in := anna(round)
			in.Email = fmt.Sprintf("anna%d@example.ru", round)
			atOnce(8, 8, func(i int) { got.add(outcome(b.Accept(sources[i%2], in))) })
		}
		got.want(t, map[string]int{"ACCEPTED": rounds, "DUPLICATE": 7 * rounds})
	})
}

func TestRepeatsAtOnceStoreOneLead(t *testing.T) {
	keyed := anna(1)
	keyed.IdempotencyKey = "k-1"
	external := anna(1)
	external.ExternalID = "vk-981"
	both := keyed
	both.ExternalID = "vk-981"
	for name, in := range map[string]leads.Submission{"by key": keyed, "by external id": external, "by both": both} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				const n = 100
				b := newBook(t, d)
				b.distributors(2)
				source := b.source()
				instances := []*leads.Service{b.Service, b.on(dbtest.Second(t, d))}
				var got, references tally
				atOnce(n, 20, func(i int) {
					a, err := instances[i%2].Accept(source, in)
					got.add(outcome(a, err))
					references.add(a.Reference)
				})
				got.want(t, map[string]int{"ACCEPTED": 1, "REPLAYED ACCEPTED": n - 1})
				if len(references.count) != 1 {
					t.Errorf("answers name %d references, want one: %v", len(references.count), references.count)
				}
				if stored := must(d.Lead.Query().Count(b.system)); stored != 1 {
					t.Errorf("%d leads are stored, want 1", stored)
				}
			})
		})
	}
}

func TestDailyCapIsExactAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const n, limit = 60, 17
		b := newBook(t, d)
		b.distributors(2)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(limit) })
		instances := []*leads.Service{b.Service, b.on(dbtest.Second(t, d))}
		var got tally
		atOnce(n, 20, func(i int) { got.add(outcome(instances[i%2].Accept(source, anna(i)))) })
		got.want(t, map[string]int{"ACCEPTED": limit, "OVER_CAP": n - limit})
		day := must(d.SourceDay.Query().Where(sourceday.SourceID(sourceID(source))).Only(b.system))
		if day.Accepted != limit {
			t.Errorf("the day counts %d leads, want %d", day.Accepted, limit)
		}
	})
}

func TestRoundRobinIsFairAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(5)
		b.suspend(ids[2])
		source := b.source()
		instances := []*leads.Service{b.Service, b.on(dbtest.Second(t, d))}
		var got tally
		atOnce(40, 20, func(i int) { got.add(outcome(instances[i%2].Accept(source, anna(i)))) })
		got.want(t, map[string]int{"ACCEPTED": 40})
		if shares := b.shares(ids); !slices.Equal(shares, []int{10, 10, 0, 10, 10}) {
			t.Errorf("the distributors have %v leads, want 10 each and none for the suspended one", shares)
		}
	})
}

func TestScopeOfTheDistributorHoldsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(3)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateScope("DISTRIBUTOR") })
		var got tally
		atOnce(60, 20, func(int) { got.add(outcome(b.Accept(source, anna(1)))) })
		got.want(t, map[string]int{"ACCEPTED": 3, "DUPLICATE": 57})
		if shares := b.shares(ids); !slices.Equal(shares, []int{1, 1, 1}) {
			t.Errorf("the distributors have %v leads, want one each", shares)
		}
	})
}

func TestScopeOfTheDistributorHoldsAtOnceWhereThereIsNone(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateScope("DISTRIBUTOR") })
		var got tally
		atOnce(20, 10, func(int) { got.add(outcome(b.Accept(source, anna(1)))) })
		got.want(t, map[string]int{"ACCEPTED": 1, "DUPLICATE": 19})
	})
}

func TestBatchesAndSinglesAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const people, repeats = 20, 10
		b := newBook(t, d)
		ids := b.distributors(4)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(1000) })
		var forward []leads.Submission
		for i := range people {
			forward = append(forward, anna(i))
		}
		backward := slices.Clone(forward)
		slices.Reverse(backward)
		var got tally
		atOnce(repeats, repeats, func(i int) {
			if i%3 == 0 {
				for _, in := range forward {
					got.add(outcome(b.Accept(source, in)))
				}
				return
			}
			results, err := b.AcceptBatch(source, [][]leads.Submission{forward, backward}[i%2])
			if err != nil {
				got.add(err.Error())
			}
			for _, r := range results {
				got.add(outcome(r.Accepted, r.Err))
			}
		})
		got.want(t, map[string]int{"ACCEPTED": people, "DUPLICATE": people * (repeats - 1)})
		if shares := b.shares(ids); !slices.Equal(shares, []int{5, 5, 5, 5}) {
			t.Errorf("the distributors have %v leads, want 5 each", shares)
		}
	})
}

func (b *book) under(d *db.DB, keys string) *leads.Service {
	b.t.Helper()
	s := b.on(d)
	s.Keys = must(seal.ParseKeys(keys))
	return s
}

func TestExactlyOneIsAcceptedWhileKeysRotate(t *testing.T) {
	one, two := "one:"+strings.Repeat("1a", 32), "two:"+strings.Repeat("2b", 32)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributors(2)
		source := b.source()
		instances := []*leads.Service{b.under(d, one+","+two), b.under(dbtest.Second(t, d), two+","+one)}
		keyed := anna(2)
		keyed.IdempotencyKey = "k"
		var plain, repeats tally
		atOnce(100, 10, func(i int) {
			plain.add(outcome(instances[i%2].Accept(source, anna(1))))
			repeats.add(outcome(instances[i%2].Accept(source, keyed)))
		})
		plain.want(t, map[string]int{"ACCEPTED": 1, "DUPLICATE": 99})
		repeats.want(t, map[string]int{"ACCEPTED": 1, "REPLAYED ACCEPTED": 99})
	})
}

// Instances that have no key in common take other locks: the unique indexes alone keep repeats apart.
func TestTheIndexesKeepRepeatsApartWhereLocksDoNot(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds = 20
		b := newBook(t, d)
		b.distributors(2)
		source := b.source()
		instances := []*leads.Service{b.Service, b.under(dbtest.Second(t, d), "two:"+strings.Repeat("2b", 32))}
		var got tally
		for round := range rounds {
			in := anna(round)
			in.IdempotencyKey, in.ExternalID = in.Phone, in.Phone
			atOnce(2, 2, func(i int) { got.add(outcome(instances[i].Accept(source, in))) })
		}
		got.want(t, map[string]int{"ACCEPTED": rounds, "IDEMPOTENCY_KEY_REUSED": rounds})
	})
}
