package leads_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"channelbook/ent"
	entconsent "channelbook/ent/consent"
	"channelbook/ent/consenttext"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/processingpurpose"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	agreements "channelbook/personaldata/consent"
)

func (b *book) consents() *agreements.Service {
	now := func() time.Time { return b.Now() }
	return &agreements.Service{DB: b.DB, Now: now, Changed: b.Changed}
}

// consentsOf are a lead's records, those for its source's purpose first.
func (b *book) consentsOf(id gid.ID) []*ent.Consent {
	b.t.Helper()
	rows := must(b.DB.Consent.Query().Where(entconsent.LeadID(id), entconsent.IsBasis(true)).Order(entconsent.ByGivenAt()).All(b.system))
	return append(rows, must(b.DB.Consent.Query().Where(entconsent.LeadID(id), entconsent.IsBasis(false)).All(b.system))...)
}

// publish adds a text for the purpose "lead" that holds for days.
func (b *book) publish(version string, days int) *ent.ConsentText {
	b.t.Helper()
	return must(b.consents().Publish(b.admin, agreements.Text{PurposeID: values.LeadPurposeID, Version: version, Text: "Согласен: " + version, ValidDays: &days}))
}

func strict(s *ent.LeadSourceCreate) { s.SetRequireConsent(true) }

// agreeing is anna(n) with a consent to the lead, changed by with.
func agreeing(n int, with ...func(*values.Consent)) leads.Submission {
	in := anna(n)
	in.Consent = consent()
	for _, change := range with {
		change(in.Consent)
	}
	return in
}

func TestALeadComesInOnAConsentThatHolds(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		b.publish("short", 10)
		source := b.source(strict)
		in := agreeing(1)
		in.IP, in.Funnel = "203.0.113.7", "spring"
		a := b.accept(source, in)
		wantOutcome(t, a, "ACCEPTED")
		l := b.read(a.LeadID)
		wantOwner(t, l, owner)
		if l.LegalBasis == nil || *l.LegalBasis != lead.LegalBasisCONSENT {
			t.Errorf("basis is %v, want CONSENT", l.LegalBasis)
		}
		records := b.consentsOf(l.ID)
		text := must(d.ConsentText.Query().Where(consenttext.Version("2026-09"), consenttext.PurposeID(values.LeadPurposeID)).Only(b.system))
		if len(records) != 1 || records[0].TextID != text.ID || records[0].TextHash != text.Hash || records[0].TextVersion != "2026-09" ||
			records[0].How != entconsent.HowSITE_FORM || records[0].Form != "spring" || *records[0].IP != "203.0.113.7" || records[0].UserAgent != "Mozilla/5.0" ||
			!records[0].GivenAt.Equal(b.Now()) || records[0].SourceID != l.SourceID || records[0].RecordedByID != nil || len(records[0].Recipients) != 1 ||
			!records[0].ValidUntil.Equal(b.Now().AddDate(0, 0, 1095)) {
			t.Errorf("records are %v, want one that proves the consent", records)
		}

		n := 1
		for name, c := range map[string]struct {
			with func(*values.Consent)
			why  string
		}{
			"an unknown version":         {func(c *values.Consent) { c.TextVersion = "2020" }, "no such text version"},
			"another purpose":            {func(c *values.Consent) { c.Purpose = "advertising" }, "another purpose"},
			"an unknown purpose":         {func(c *values.Consent) { c.Purpose = "all" }, "another purpose"},
			"one past its term":          {func(c *values.Consent) { c.TextVersion, c.GivenAt = "short", "2026-02-19T09:00:00Z" }, "term"},
			"one given in the future":    {func(c *values.Consent) { c.GivenAt = "2026-03-01T09:05:01Z" }, "future"},
			"none":                       {nil, "no consent came"},
			"within its term":            {func(c *values.Consent) { c.TextVersion, c.GivenAt = "short", "2026-02-19T09:00:01Z" }, ""},
			"within the skew of a clock": {func(c *values.Consent) { c.GivenAt = "2026-03-01T09:05:00Z" }, ""},
		} {
			t.Run(name, func(t *testing.T) {
				n++
				in := anna(n)
				if c.with != nil {
					in = agreeing(n, c.with)
				}
				a := b.accept(source, in)
				if c.why == "" {
					wantOutcome(t, a, "ACCEPTED")
					return
				}
				wantOutcome(t, a, "QUARANTINED")
				l := b.read(a.LeadID)
				if l.DistributorID != nil || l.LegalBasis != nil || len(b.consentsOf(l.ID)) != 0 {
					t.Errorf("got %v, want nobody's lead without a basis and records", l)
				}
				if got := check(t, l, "CONSENT"); got.Outcome != "QUARANTINED" || !strings.Contains(got.Detail, c.why) {
					t.Errorf("the trace says %+v, want %q", got, c.why)
				}
				if seen := must(d.Lead.Query().Where(lead.ID(l.ID)).Count(b.as(owner))); seen != 0 {
					t.Error("a distributor sees it")
				}
			})
		}
	})
}

func TestAdvertisingIsAConsentOfItsOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source(strict)
		for n, c := range []struct {
			name          string
			own, ad       bool
			adVersion     string
			outcome, says string
			records       int
		}{
			{"both", true, true, "2026-09", "ACCEPTED", "PASSED", 2},
			{"to advertising alone", false, true, "2026-09", "QUARANTINED", "PASSED", 1},
			{"to advertising by an unknown text", true, true, "2020", "ACCEPTED", "SKIPPED", 1},
			{"to the lead alone", true, false, "", "ACCEPTED", "", 1},
		} {
			t.Run(c.name, func(t *testing.T) {
				in := anna(n)
				if c.own {
					in.Consent = consent()
				}
				if c.ad {
					in.Advertising = consent()
					in.Advertising.TextVersion = c.adVersion
				}
				a := b.accept(source, in)
				wantOutcome(t, a, c.outcome)
				records := b.consentsOf(a.LeadID)
				if len(records) != c.records {
					t.Errorf("records are %v, want %d", records, c.records)
				}
				if c.says != "" {
					if got := check(t, b.read(a.LeadID), "ADVERTISING_CONSENT"); got.Outcome != c.says {
						t.Errorf("the trace says %+v, want %s", got, c.says)
					}
				}
			})
		}
		t.Run("it is part of what a submission says", func(t *testing.T) {
			in := agreeing(10)
			in.ExternalID = "e"
			b.accept(source, in)
			in.Advertising = consent()
			_, err := b.Accept(source, in)
			wantFaults(t, err, "IDEMPOTENCY_KEY_REUSED externalId")
		})
	})
}

func TestASourceWithoutConsentStandsOnItsOwnBasis(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetLegalBasis(leadsource.LegalBasisLEGITIMATE_INTEREST) })
		for n, c := range []struct {
			with    *values.Consent
			records int
		}{{nil, 0}, {consent(), 1}, {&values.Consent{Purpose: "lead", TextVersion: "2020", GivenAt: clock}, 0}} {
			in := anna(n)
			in.Consent = c.with
			a := b.accept(source, in)
			wantOutcome(t, a, "ACCEPTED")
			if l := b.read(a.LeadID); *l.LegalBasis != lead.LegalBasisLEGITIMATE_INTEREST || len(b.consentsOf(l.ID)) != c.records {
				t.Errorf("got the basis %v and %d records, want the source's and %d", l.LegalBasis, len(b.consentsOf(l.ID)), c.records)
			}
		}
		wantBasis(t, b.lead(b.source(), 9), lead.LegalBasisCONTRACT)
	})
}

func wantBasis(t *testing.T, l *ent.Lead, want lead.LegalBasis) {
	t.Helper()
	if l.LegalBasis == nil || *l.LegalBasis != want {
		t.Errorf("basis is %v, want %s", l.LegalBasis, want)
	}
}

func TestAPurposeOutOfUseHoldsLeadsBackAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source(strict)
		wantOutcome(t, b.accept(source, agreeing(1)), "ACCEPTED") // the text is known from now on
		must(b.consents().UpdatePurpose(b.admin, values.LeadPurposeID, agreements.PurposePatch{Active: new(false)}))
		wantOutcome(t, b.accept(source, agreeing(2)), "QUARANTINED")
		wantOutcome(t, b.accept(b.source(), anna(3)), "QUARANTINED")
		must(b.consents().UpdatePurpose(b.admin, values.LeadPurposeID, agreements.PurposePatch{Active: new(true)}))
		wantOutcome(t, b.accept(source, agreeing(4)), "ACCEPTED")
	})
}

func TestAChangedTextLeavesOldRecordsAsTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source(strict)
		old := b.accept(source, agreeing(1)).LeadID
		wantOutcome(t, b.accept(source, agreeing(2, func(c *values.Consent) { c.TextVersion = "2026-10" })), "QUARANTINED")
		text := b.publish("2026-10", 365)
		a := b.accept(source, agreeing(3, func(c *values.Consent) { c.TextVersion = "2026-10" }))
		wantOutcome(t, a, "ACCEPTED")
		if got := b.consentsOf(a.LeadID)[0]; got.TextHash != text.Hash || got.TextVersion != "2026-10" {
			t.Errorf("got %v, want the new text's", got)
		}
		if got := b.consentsOf(old)[0]; got.TextVersion != "2026-09" || got.TextHash == text.Hash {
			t.Errorf("got %v, want the old text's", got)
		}
	})
}

func TestAPlatformsFormShowsItsText(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		text := b.publish("vk", 365)
		ad := must(d.ConsentText.Query().Where(consenttext.HasPurposeWith(processingpurpose.Code("advertising"))).OnlyID(b.system))
		create := func(kind leadsource.Kind, id gid.ID) (*ent.LeadSource, error) {
			in := leads.SourceInput{Name: "Форма", Kind: kind, Terms: leads.ConsentTerms{FormConsentTextID: &id}}
			if kind == leadsource.KindVK {
				in.VKSecret, in.VKConfirmation = "s", "c"
			}
			row, _, err := b.CreateSource(b.admin, in)
			return row, err
		}
		_, err := create(leadsource.KindVK, ad)
		wantFaults(t, err, "WRONG_PURPOSE formConsentTextId")
		_, err = create(leadsource.KindGENERIC, text.ID)
		wantFaults(t, err, "WRONG_KIND formConsentTextId")
		_, err = create(leadsource.KindVK, gid.New())
		wantFaults(t, err, "NOT_FOUND formConsentTextId")

		row := must(create(leadsource.KindVK, text.ID))
		source := auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: row.ID})
		for n := range 2 { // the second time the text is known
			a := b.accept(source, anna(n))
			wantOutcome(t, a, "ACCEPTED")
			if got := b.consentsOf(a.LeadID); len(got) != 1 || got[0].How != entconsent.HowPLATFORM_FORM || got[0].TextID != text.ID {
				t.Errorf("got %v, want the form's text", got)
			}
		}
		must(b.UpdateSource(b.admin, row.ID, leads.SourcePatch{Terms: leads.ConsentTerms{FormConsentTextID: &gid.ID{}}}))
		wantOutcome(t, b.accept(source, anna(5)), "QUARANTINED")
	})
}

func TestASourcesBasisGoesWithItsConsent(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		make := func(required *bool, basis leadsource.LegalBasis) (*ent.LeadSource, error) {
			row, _, err := b.CreateSource(b.admin, leads.SourceInput{Name: "A", RequireConsent: required, Terms: leads.ConsentTerms{LegalBasis: basis}})
			return row, err
		}
		_, err := make(nil, leadsource.LegalBasisCONTRACT)
		wantFaults(t, err, "WRONG_BASIS legalBasis")
		_, err = make(new(false), leadsource.LegalBasisCONSENT)
		wantFaults(t, err, "WRONG_BASIS legalBasis")
		_, err = make(nil, "WISH")
		wantFaults(t, err, "INVALID_VALUE legalBasis")
		_, _, err = b.CreateSource(b.admin, leads.SourceInput{Name: "A", Terms: leads.ConsentTerms{PurposeID: new(gid.New())}})
		wantFaults(t, err, "NOT_FOUND purposeId")

		row := must(make(new(false), leadsource.LegalBasisLEGITIMATE_INTEREST))
		for _, step := range []struct {
			patch leads.SourcePatch
			want  lead.LegalBasis
		}{
			{leads.SourcePatch{RequireConsent: new(false)}, lead.LegalBasisLEGITIMATE_INTEREST},
			{leads.SourcePatch{RequireConsent: new(true)}, lead.LegalBasisCONSENT},
			{leads.SourcePatch{RequireConsent: new(false)}, lead.LegalBasisCONTRACT},
		} {
			row = must(b.UpdateSource(b.admin, row.ID, step.patch))
			if got := agreements.BasisOf(row); got != step.want {
				t.Errorf("basis is %s, want %s", got, step.want)
			}
		}
	})
}

func TestAReleaseNeedsABasis(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source(strict)
		held := b.lead(source, 1).ID
		given := func() *agreements.Given {
			return &agreements.Given{TextVersion: "2026-09", GivenAt: b.Now(), How: entconsent.HowVERBAL}
		}
		for name, c := range map[string]struct {
			basis *leads.Basis
			want  string
		}{
			"none":                      {nil, "BASIS_REQUIRED basis"},
			"a contract without a note": {&leads.Basis{LegalBasis: lead.LegalBasisCONTRACT}, "REQUIRED basis.note"},
			"a consent without one":     {&leads.Basis{LegalBasis: lead.LegalBasisCONSENT}, "REQUIRED basis.consent"},
			"a contract with a consent": {&leads.Basis{LegalBasis: lead.LegalBasisCONTRACT, Consent: given()}, "WRONG_BASIS basis.consent"},
			"an unknown text": {&leads.Basis{LegalBasis: lead.LegalBasisCONSENT, Consent: &agreements.Given{TextVersion: "2020", GivenAt: b.Now(), How: entconsent.HowPAPER}},
				"UNKNOWN_TEXT_VERSION basis.consent.textVersion"},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := b.Release(b.admin, held, "позвонили", c.basis)
				wantFaults(t, err, c.want)
				wantStatus(t, b.read(held), lead.StatusQUARANTINED)
			})
		}
		t.Run("a consent by phone is recorded in full", func(t *testing.T) {
			l := must(b.Release(b.admin, held, "позвонили", &leads.Basis{LegalBasis: lead.LegalBasisCONSENT, Consent: given()}))
			wantStatus(t, l, lead.StatusNEW)
			wantBasis(t, l, lead.LegalBasisCONSENT)
			if got := b.consentsOf(held); len(got) != 1 || got[0].How != entconsent.HowVERBAL || *got[0].RecordedByID != userID(b.admin) || !got[0].IsBasis {
				t.Errorf("records are %v, want the one that was given", got)
			}
		})
		t.Run("another basis is noted", func(t *testing.T) {
			l := must(b.Release(b.admin, b.lead(source, 2).ID, "договор", byContract()))
			wantBasis(t, l, lead.LegalBasisCONTRACT)
			if l.BasisNote != "просит о договоре" {
				t.Errorf("the note is %q", l.BasisNote)
			}
		})
		t.Run("none is asked for once a consent was recorded", func(t *testing.T) {
			id := b.lead(source, 3).ID
			must(b.consents().Record(b.admin, id, *given()))
			wantStatus(t, must(b.Release(b.admin, id, "есть бумага", nil)), lead.StatusNEW)
		})
		t.Run("a duplicate without one is not reopened", func(t *testing.T) {
			b.lead(b.source(), 4)
			id := b.lead(source, 4).ID
			_, err := b.Reopen(b.admin, id, "")
			wantFaults(t, err, "PROCESSING_RESTRICTED leadId")
			must(b.consents().Record(b.admin, id, *given()))
			wantStatus(t, must(b.Reopen(b.admin, id, "")), lead.StatusNEW)
		})
	})
}

// TestABatchRecordsItsConsentsAtOnce: the gate adds one insert for all of them, and one read where versions are not known.
func TestABatchRecordsItsConsentsAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		batch := func(from int) (in []leads.Submission) {
			for n := range 5 {
				lead := agreeing(from + n)
				lead.Advertising = consent()
				in = append(in, lead)
			}
			in[4].Consent.TextVersion = "made-up"
			return in
		}
		for round, reads := range []int{1, 1, 0} {
			in := batch(10 * round)
			if round == 2 {
				in = in[:4]
			}
			ctx, counter := db.CountStatements(b.source(strict))
			for i, r := range must(b.AcceptBatch(ctx, in)) {
				if want := []string{"ACCEPTED", "QUARANTINED"}[i/4]; r.Err != nil || r.Accepted.Outcome != want {
					t.Errorf("lead %d: got %v, %v, want %s", i, r.Accepted, r.Err, want)
				}
			}
			var texts, records int
			for _, statement := range counter.List() {
				if strings.HasPrefix(statement, "SELECT") && strings.Contains(statement, "consent_texts") {
					texts++
				}
				if strings.Contains(statement, "INSERT INTO consents ") {
					records++
				}
			}
			if texts != reads || records != 1 {
				t.Errorf("round %d: %d reads of texts and %d inserts of consents, want %d and 1", round, texts, records, reads)
			}
		}
		if n := must(d.Consent.Query().Count(b.system)); n != 26 {
			t.Errorf("%d consents are recorded, want 26", n)
		}
	})
}
