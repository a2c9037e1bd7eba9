package leads_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/auditrecord"
	entconsent "channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	agreements "channelbook/personaldata/consent"
)

func (b *book) withdraw(id gid.ID) (*ent.Consent, error) {
	return b.consents().Withdraw(b.admin, agreements.Withdrawal{ConsentID: id, Channel: entconsent.WithdrawalChannelEMAIL, Comment: "просит удалить"})
}

func TestAWithdrawalStopsTheProcessing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		its := b.as(owner)
		in := agreeing(1)
		in.Advertising = consent()
		id := b.accept(b.source(strict), in).LeadID
		records := b.consentsOf(id)
		own, ad := records[0].ID, records[1].ID

		t.Run("faults", func(t *testing.T) {
			early, late := b.Now().Add(-time.Second), b.Now().Add(time.Hour)
			for want, w := range map[string]agreements.Withdrawal{
				"NOT_FOUND consentId":     {ConsentID: gid.New(), Channel: entconsent.WithdrawalChannelEMAIL},
				"INVALID_VALUE channel":   {ConsentID: own, Channel: "PIGEON"},
				"BEFORE_GIVEN receivedAt": {ConsentID: own, Channel: entconsent.WithdrawalChannelEMAIL, ReceivedAt: &early},
				"IN_FUTURE receivedAt":    {ConsentID: own, Channel: entconsent.WithdrawalChannelEMAIL, ReceivedAt: &late},
			} {
				_, err := b.consents().Withdraw(b.admin, w)
				wantFaults(t, err, want)
			}
			_, err := b.consents().Withdraw(its, agreements.Withdrawal{ConsentID: own, Channel: entconsent.WithdrawalChannelEMAIL})
			wantFaults(t, err, "FORBIDDEN")
		})
		t.Run("that of advertising restricts nothing", func(t *testing.T) {
			must(b.withdraw(ad))
			if l := b.read(id); l.RestrictedAt != nil || l.DestroyBy != nil {
				t.Errorf("got %v, want no restriction", l)
			}
		})
		t.Run("that of the lead's purpose takes it out of its distributor's sight", func(t *testing.T) {
			must(b.Take(its, id))
			row := must(b.withdraw(own))
			l := b.read(id)
			if row.WithdrawnAt == nil || *row.WithdrawalChannel != entconsent.WithdrawalChannelEMAIL || row.WithdrawalComment != "просит удалить" || *row.WithdrawnByID != userID(b.admin) {
				t.Errorf("the record is %v, want its withdrawal", row)
			}
			if l.RestrictedAt == nil || l.DestroyBy == nil || !l.DestroyBy.Equal(b.Now().Add(30*24*time.Hour)) {
				t.Errorf("got %v, want it restricted and to be destroyed in 30 days", l)
			}
			if n := must(d.Lead.Query().Count(its)) + must(d.LeadEvent.Query().Count(its)); n != 0 {
				t.Errorf("its distributor sees %d rows, want none", n)
			}
			if got := must(d.LeadEvent.Query().Where(leadevent.LeadID(id), leadevent.KindEQ(leadevent.KindCONSENT_WITHDRAWN)).Count(b.admin)); got != 2 {
				t.Errorf("the timeline tells of %d withdrawals, want 2", got)
			}
		})
		t.Run("once", func(t *testing.T) {
			_, err := b.withdraw(own)
			wantFaults(t, err, "ALREADY_WITHDRAWN consentId")
		})
		t.Run("nobody gets or works it", func(t *testing.T) {
			b.distributor("Василёк")
			_, err := b.Reassign(b.admin, id, nil, "")
			wantFaults(t, err, "PROCESSING_RESTRICTED leadId")
			_, err = b.Decline(its, leads.Decline{LeadID: id, Reason: "нет"})
			wantFaults(t, err, "NOT_FOUND leadId")
			_, err = b.AddNote(its, id, "нет")
			wantFaults(t, err, "NOT_FOUND leadId")
		})
		t.Run("its subject may ask anew, with a new consent", func(t *testing.T) {
			again := agreeing(1)
			again.LastName = "Петрова-Водкина"
			a := b.accept(b.source(strict), again)
			wantOutcome(t, a, "ACCEPTED")
			if b.read(id).RestrictedAt == nil {
				t.Error("the earlier lead is processed again, want it restricted still")
			}
		})
		t.Run("money stays right", func(t *testing.T) {
			wantStatus(t, must(registerSale(b.admin, b.Service, b.sale(id))), lead.StatusSALE)
			wantStatus(t, must(reverseSale(b.admin, b.Service, id, "возврат")), lead.StatusIN_PROGRESS)
			wantStatus(t, must(b.Reject(b.admin, leads.Rejection{LeadID: id, Reason: "отзыв"})), lead.StatusREJECTED)
			_, err := b.Reopen(b.admin, id, "")
			wantFaults(t, err, "PROCESSING_RESTRICTED leadId")
		})
		t.Run("only a newer consent lifts it", func(t *testing.T) {
			given := agreements.Given{TextVersion: "2026-09", GivenAt: b.Now(), How: entconsent.HowPAPER}
			_, err := b.consents().Record(b.admin, id, given)
			wantFaults(t, err, "GIVEN_BEFORE_WITHDRAWAL givenAt")
			given.Purpose = "advertising"
			must(b.consents().Record(b.admin, id, given))
			if b.read(id).RestrictedAt == nil {
				t.Error("a consent to advertising lifted the restriction")
			}
			b.at("2026-03-02T09:00:00Z")
			given.Purpose, given.GivenAt = "", b.Now()
			must(b.consents().Record(b.admin, id, given))
			if l := b.read(id); l.RestrictedAt != nil || l.Restriction != nil || l.DestroyBy != nil {
				t.Errorf("got %v, want no restriction", l)
			}
			wantStatus(t, must(b.Reopen(b.admin, id, "")), lead.StatusIN_PROGRESS)
		})
	})
}

// TestNobodyGetsALeadAfterItsWithdrawal lets distributors take and decline leads and administrators hand them on while
// their consents are withdrawn. What began after the commit is refused, and no act is half done.
func TestNobodyGetsALeadAfterItsWithdrawal(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const rounds, workers = 12, 8
		b := newBook(t, d)
		ids := b.distributors(6)
		two := b.on(dbtest.Second(t, d))
		source := b.source(strict)
		its := map[gid.ID]context.Context{{}: b.as(ids[0])}
		for _, id := range ids {
			its[id] = b.as(id)
		}
		owner := func(id gid.ID) context.Context { // at this moment; the first one where everybody has declined it
			if of := b.read(id).DistributorID; of != nil {
				return its[*of]
			}
			return its[gid.ID{}]
		}
		for round := range rounds {
			l := b.read(b.accept(source, agreeing(round)).LeadID)
			own := b.consentsOf(l.ID)[0].ID
			var committed atomic.Bool
			var late, withdrawn atomic.Int32
			atOnce(4*workers, workers, func(i int) {
				s := []*leads.Service{b.Service, two}[i%2]
				after := committed.Load()
				var err error
				switch i % 4 {
				case 0:
					_, err = s.Take(owner(l.ID), l.ID)
				case 1:
					_, err = s.Reassign(b.admin, l.ID, nil, "")
				case 2:
					_, err = s.Decline(owner(l.ID), leads.Decline{LeadID: l.ID, Reason: "нет"})
				default:
					if i < 2*workers {
						return
					}
					if _, err := b.withdraw(own); err == nil {
						withdrawn.Add(1)
						committed.Store(true)
					}
					return
				}
				if after && err == nil {
					late.Add(1)
				}
			})
			now := b.read(l.ID)
			if withdrawn.Load() != 1 || late.Load() != 0 || now.RestrictedAt == nil {
				t.Errorf("%d withdrawals went through and %d acts began after that, want 1 and none: %v", withdrawn.Load(), late.Load(), now.RestrictedAt)
			}
			if n := must(d.LeadEvent.Query().Where(leadevent.LeadID(l.ID), leadevent.KindEQ(leadevent.KindCONSENT_WITHDRAWN)).Count(b.system)); n != 1 {
				t.Errorf("the timeline tells of %d withdrawals, want 1", n)
			}
		}
	})
}

// TestAConsentWhoseTermIsOverLetsNobodyIn: what came on it is not handed out afterwards.
func TestAConsentWhoseTermIsOverLetsNobodyIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		b.publish("short", 10)
		short := func(c *values.Consent) { c.TextVersion = "short" }
		one := 1
		source := b.source(strict, func(s *ent.LeadSourceCreate) { s.SetDailyCap(one) })
		fresh := b.accept(source, agreeing(1, short))
		wantOutcome(t, fresh, "ACCEPTED")
		held := b.accept(source, agreeing(2, short))
		wantOutcome(t, held, "OVER_CAP")
		later := b.Now().AddDate(0, 0, 11)
		b.Service.Now = func() time.Time { return later }
		_, err := b.Release(b.admin, held.LeadID, "Можно", nil)
		wantFaults(t, err, "PROCESSING_RESTRICTED leadId")
		_, err = b.Take(b.as(owner), fresh.LeadID)
		wantFaults(t, err, "PROCESSING_RESTRICTED leadId")
		basis := leads.Basis{LegalBasis: lead.LegalBasisCONSENT, Consent: &agreements.Given{TextVersion: "short", GivenAt: later, How: "PAPER"}}
		if _, err := b.Release(b.admin, held.LeadID, "Согласие на бумаге", &basis); err != nil {
			t.Errorf("with a new consent: %v", err)
		}
		kinds := []string{}
		for _, r := range must(d.AuditRecord.Query().Where(auditrecord.ObjectID(held.LeadID)).Order(ent.Asc("id")).All(b.system)) {
			reason := ""
			if r.Reason != nil {
				reason = " " + *r.Reason
			}
			kinds = append(kinds, r.Action+reason)
		}
		if got := strings.Join(kinds, ", "); !strings.Contains(got, "CONSENT_RECORDED, LEAD_RELEASED CONSENT") {
			t.Errorf("the audit has %s, want the consent and the release with its basis", got)
		}
	})
}

func TestAReleaseOnAConsentToAdvertisingIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		held := b.accept(b.source(strict), anna(1))
		basis := leads.Basis{LegalBasis: lead.LegalBasisCONSENT, Consent: &agreements.Given{Purpose: "advertising", TextVersion: "2026-09", GivenAt: b.Now(), How: "PAPER"}}
		_, err := b.Release(b.admin, held.LeadID, "Можно", &basis)
		wantFaults(t, err, "WRONG_PURPOSE basis.consent.purpose")
		wantStatus(t, b.read(held.LeadID), lead.StatusQUARANTINED)
	})
}

// TestALeadOnAContractOutlivesItsConsent: it does not stand on it (152-FZ art. 9 p. 2).
func TestALeadOnAContractOutlivesItsConsent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		a := b.accept(b.source(), agreeing(1))
		wantBasis(t, b.read(a.LeadID), lead.LegalBasisCONTRACT)
		if _, err := b.withdraw(b.consentsOf(a.LeadID)[0].ID); err != nil {
			t.Fatal(err)
		}
		if l := b.read(a.LeadID); l.RestrictedAt != nil || l.DestroyBy != nil {
			t.Errorf("got it restricted at %v, want it worked on", l.RestrictedAt)
		}
	})
}

func TestWhatProvesAConsentNeverChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		b.accept(b.source(strict), agreeing(1))
		for _, statement := range []string{
			"UPDATE consents SET text_version = 'x'", "UPDATE consents SET given_at = given_at", "UPDATE consent_texts SET text = 'x'", "DELETE FROM consent_texts",
		} {
			if _, err := d.ExecContext(b.system, statement); err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("%s: got %v, want a refusal of the base", statement, err)
			}
		}
		const replace = "INSERT OR REPLACE INTO consent_texts SELECT id, version, 'forged', hash, recipients, valid_days, published_at, author_id, purpose_id FROM consent_texts"
		if d.Dialect() == dialect.SQLite {
			if _, err := d.ExecContext(b.system, replace); err == nil || !strings.Contains(err.Error(), "never") {
				t.Errorf("replace: got %v, want a refusal of the base", err)
			}
		}
	})
}

func TestALeadThatIsReopenedForAnotherHasToBeTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.source()
		a := b.accept(source, anna(1)) // nobody is there to get it
		if _, err := b.Reject(b.admin, leads.Rejection{LeadID: a.LeadID, Reason: "Не наш"}); err != nil {
			t.Fatal(err)
		}
		owner := b.distributor("Ромашка")
		if _, err := b.Reopen(b.admin, a.LeadID, ""); err != nil {
			t.Fatal(err)
		}
		l := b.read(a.LeadID)
		wantOwner(t, l, owner)
		wantStatus(t, l, lead.StatusNEW)
		if !(leads.Eyes{MaskUntilTaken: true}).Hides(auth.Viewer{Role: auth.Distributor, Distributor: owner}, l) {
			t.Error("its contacts are shown to who has not taken it")
		}
	})
}
