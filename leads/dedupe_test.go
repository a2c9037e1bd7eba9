package leads_test

import (
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
)

func TestDuplicatesByThePolicy(t *testing.T) {
	type contacts struct{ phone, email, ip string }
	const (
		phone, phone2 = "+79123456789", "+79123456780"
		email, email2 = "anna@example.ru", "olga@example.ru"
		ip            = "203.0.113.7"
	)
	policy := func(match leadsource.DuplicateMatch, fields ...string) func(*ent.LeadSourceCreate) {
		return func(s *ent.LeadSourceCreate) { s.SetDuplicateMatch(match).SetDuplicateFields(fields) }
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, c := range []struct {
			name          string
			policy        func(*ent.LeadSourceCreate)
			first, second contacts
			want          string
		}{
			{"ANY: equal phone", policy("ANY", "PHONE", "EMAIL"), contacts{phone, email, ""}, contacts{phone, email2, ""}, "DUPLICATE"},
			{"ANY: equal e-mail, no phone", policy("ANY", "PHONE", "EMAIL"), contacts{phone, email, ""}, contacts{"", email, ""}, "DUPLICATE"},
			{"ANY: nothing equal", policy("ANY", "PHONE", "EMAIL"), contacts{phone, email, ""}, contacts{phone2, email2, ""}, "ACCEPTED"},
			{"ANY: a missing field is equal to nothing", policy("ANY", "PHONE", "EMAIL"), contacts{phone, "", ""}, contacts{phone2, "", ""}, "ACCEPTED"},
			{"ANY: a field that the policy does not name", policy("ANY", "EMAIL"), contacts{phone, email, ip}, contacts{phone, email2, ip}, "ACCEPTED"},
			{"ANY: equal address", policy("ANY", "IP"), contacts{phone, "", ip}, contacts{phone2, "", ip}, "DUPLICATE"},
			{"ALL: all equal", policy("ALL", "PHONE", "EMAIL"), contacts{phone, email, ""}, contacts{phone, email, ""}, "DUPLICATE"},
			{"ALL: one differs", policy("ALL", "PHONE", "EMAIL"), contacts{phone, email, ""}, contacts{phone, email2, ""}, "ACCEPTED"},
			{"ALL: one is missing in both", policy("ALL", "PHONE", "EMAIL"), contacts{phone, "", ""}, contacts{phone, "", ""}, "ACCEPTED"},
			{"ALL: of one field", policy("ALL", "PHONE"), contacts{phone, "", ""}, contacts{phone, email, ""}, "DUPLICATE"},
			{"turned off", policy("ANY"), contacts{phone, email, ip}, contacts{phone, email, ip}, "ACCEPTED"},
			{"turned off with ALL", policy("ALL"), contacts{phone, email, ip}, contacts{phone, email, ip}, "ACCEPTED"},
		} {
			t.Run(c.name, func(t *testing.T) {
				b := newBook(t, d)
				defer b.empty()
				source := b.source(c.policy)
				submit := func(c contacts) leads.Accepted {
					return b.accept(source, leads.Submission{FirstName: "Анна", Phone: c.phone, Email: c.email, IP: c.ip})
				}
				first := submit(c.first)
				second := submit(c.second)
				wantOutcome(t, second, c.want)
				of := b.read(second.LeadID).DuplicateOfID
				if linked := of != nil && *of == first.LeadID; linked != (c.want == "DUPLICATE") {
					t.Errorf("it is linked to %v, want a link to the first only for a duplicate", of)
				}
			})
		}
	})
}

// empty removes what was stored, for the next case.
func (b *book) empty() {
	b.DB.LeadEvent.Delete().ExecX(b.system)
	b.DB.IntakeAttempt.Delete().ExecX(b.system)
	b.DB.Lead.Update().ClearDuplicateOfID().ExecX(b.system)
	b.DB.Lead.Delete().ExecX(b.system)
}

func TestTheWindowOfDuplicates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateWindowDays(7) })
		first := b.accept(source, anna(1))
		b.at("2026-03-08T09:00:00Z")
		wantOutcome(t, b.accept(source, anna(1)), "DUPLICATE")
		b.at("2026-03-08T09:00:01Z")
		later := b.accept(source, anna(1))
		wantOutcome(t, later, "ACCEPTED")
		third := b.accept(b.source(), anna(1)) // looks back 30 days
		if of := b.read(third.LeadID).DuplicateOfID; of == nil || *of != first.LeadID {
			t.Errorf("it is linked to %v, want the earliest, %v", of, first.LeadID)
		}
	})
}

func TestOnlyALiveLeadIsAnEarlierOne(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.source()
		for i, c := range []struct {
			status lead.Status
			want   string
		}{
			{lead.StatusNEW, "DUPLICATE"}, {lead.StatusIN_PROGRESS, "DUPLICATE"}, {lead.StatusSALE, "DUPLICATE"}, {lead.StatusREJECTED, "DUPLICATE"},
			{lead.StatusBLOCKED, "ACCEPTED"}, {lead.StatusQUARANTINED, "ACCEPTED"}, {lead.StatusOVER_CAP, "ACCEPTED"}, {lead.StatusDUPLICATE, "ACCEPTED"},
		} {
			b.put(b.lead(source, i).ID, c.status)
			if a := b.accept(source, anna(i)); a.Outcome != c.want {
				t.Errorf("after a lead that is %s: got %s, want %s", c.status, a.Outcome, c.want)
			}
		}
	})
}

func TestDuplicatesAmongTheDistributorsLeads(t *testing.T) {
	scope := func(s *ent.LeadSourceCreate) { s.SetDuplicateScope(leadsource.DuplicateScopeDISTRIBUTOR) }
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		source := b.source(scope)
		to := func(id gid.ID) leads.Submission {
			in := anna(1)
			in.DistributorID = gid.Distributor.Format(id)
			return in
		}
		wantOutcome(t, b.accept(source, to(ids[0])), "ACCEPTED")
		wantOutcome(t, b.accept(source, to(ids[0])), "DUPLICATE")
		wantOutcome(t, b.accept(source, to(ids[1])), "ACCEPTED")

		t.Run("a duplicate takes nobody's turn", func(t *testing.T) {
			wantOutcome(t, b.accept(source, anna(1)), "DUPLICATE")
			wantOutcome(t, b.accept(source, anna(1)), "DUPLICATE")
			wantOwner(t, b.lead(source, 2), ids[0])
			wantOwner(t, b.lead(source, 3), ids[1])
		})
		t.Run("where nobody gets it, only nobody's leads are looked through", func(t *testing.T) {
			nobody := b.source(scope, func(s *ent.LeadSourceCreate) { s.SetAllowedDistributorIds([]gid.ID{gid.New()}) })
			first := b.accept(nobody, anna(1))
			wantOutcome(t, first, "ACCEPTED")
			second := b.accept(nobody, anna(1))
			wantOutcome(t, second, "DUPLICATE")
			if of := b.read(second.LeadID).DuplicateOfID; of == nil || *of != first.LeadID {
				t.Errorf("it is linked to %v, want nobody's lead %v", of, first.LeadID)
			}
			wantOutcome(t, b.accept(source, to(b.distributor("D3"))), "ACCEPTED")
		})
	})
}
