package consent_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"channelbook/ent"
	entconsent "channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/processingpurpose"
	"channelbook/ent/user"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/consent"
)

// uncounted keeps no figures.
func uncounted(context.Context, *db.Tx, *ent.Lead, *ent.Lead) error { return nil }

// desk is the service over a fresh base, with an administrator and what the tests set up.
type desk struct {
	*consent.Service
	t             *testing.T
	system, admin context.Context
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	s := &consent.Service{DB: d, Now: dbtest.Clock("2026-10-01T09:00:00Z"), Changed: uncounted}
	system := db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")
	u := d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole(user.RoleADMIN).SetCreatedAt(s.Now()).SetUpdatedAt(s.Now()).SaveX(system)
	return &desk{s, t, system, auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: u.ID})}
}

func (d *desk) text(version, text string) consent.Text {
	return consent.Text{PurposeID: values.LeadPurposeID, Version: version, Text: text}
}

// lead is a stored lead of a new source, without a basis.
func (d *desk) lead() gid.ID {
	d.t.Helper()
	id := gid.New()
	source := d.DB.LeadSource.Create().SetName("site").SetKeyHash(id[:]).SetKeyHint("abcd").SetDuplicateFields([]string{}).
		SetCreatedAt(d.Now()).SetUpdatedAt(d.Now()).SaveX(d.system)
	d.DB.Lead.Create().SetID(id).SetReceivedAt(d.Now()).SetUpdatedAt(d.Now()).SetSourceID(source.ID).SetStatus(lead.StatusQUARANTINED).
		SetOutcome(lead.OutcomeQUARANTINED).SetBodyHash([]byte{0}).SetFirstName("Анна").SetFirstNameFold("анна").SetDecisionTrace([]values.Check{}).ExecX(d.system)
	return id
}

func wantFaults(t *testing.T, err error, want ...string) {
	t.Helper()
	list, _ := fault.All(err)
	got := make([]string, len(list))
	for i, f := range list {
		got[i] = strings.TrimSpace(f.Code + " " + f.Field)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestABaseIsBornWithPurposesAndTexts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d := newDesk(t, base)
		purposes := base.ProcessingPurpose.Query().Order(processingpurpose.ByCode()).WithTexts().AllX(d.system)
		var got []string
		for _, p := range purposes {
			got = append(got, fmt.Sprintf("%s %s %d", p.Code, p.LegalBasis, p.RetentionDays))
			for _, text := range p.Edges.Texts {
				got = append(got, text.Version)
				if text.Hash != consent.Hash(text.Text) || !text.PublishedAt.Before(d.Now()) {
					t.Errorf("the text %s of %s has the hash %s, want %s", text.Version, p.Code, text.Hash, consent.Hash(text.Text))
				}
			}
		}
		want := []string{"advertising CONSENT 1095", "2026-09", "deduplication LEGITIMATE_INTEREST 1825", "lead CONSENT 1095", "2026-09"}
		if !slices.Equal(got, want) || purposes[2].ID != values.LeadPurposeID {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestATextNeverChanges(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d := newDesk(t, base)
		first, err := d.Publish(d.admin, d.text("2", "Согласен."))
		if err != nil {
			t.Fatal(err)
		}
		if first.Hash != consent.Hash("Согласен.") || len(first.Recipients) != 1 || first.AuthorID == nil || !first.PublishedAt.Equal(d.Now()) {
			t.Errorf("got %v, want the text with the purpose's recipients", first)
		}
		t.Run("the same once more is the one that is there", func(t *testing.T) {
			if again, err := d.Publish(d.admin, d.text("2", " Согласен.\n")); err != nil || again.ID != first.ID {
				t.Errorf("got %v, %v, want %v", again, err, first)
			}
		})
		for name, change := range map[string]func(*consent.Text){
			"another text":       func(t *consent.Text) { t.Text = "Не согласен." },
			"another term":       func(t *consent.Text) { t.ValidDays = new(1) },
			"another recipients": func(t *consent.Text) { t.Recipients = []string{"Все"} },
		} {
			t.Run(name+" is another version", func(t *testing.T) {
				in := d.text("2", "Согласен.")
				change(&in)
				_, err := d.Publish(d.admin, in)
				wantFaults(t, err, "CONFLICT version")
			})
		}
		t.Run("the base refuses a change and a deletion", func(t *testing.T) {
			for _, statement := range []string{"UPDATE consent_texts SET text = 'x'", "DELETE FROM consent_texts"} {
				if _, err := base.ExecContext(d.system, statement); err == nil || !strings.Contains(err.Error(), "never") {
					t.Errorf("%s: got %v, want a refusal", statement, err)
				}
			}
		})
		t.Run("all faults come at once", func(t *testing.T) {
			_, err := d.Publish(d.admin, consent.Text{PurposeID: gid.New(), ValidDays: new(0), Recipients: []string{" "}})
			wantFaults(t, err, "OUT_OF_RANGE validDays", "REQUIRED recipients[0]", "REQUIRED text", "REQUIRED version")
			_, err = d.Publish(d.admin, consent.Text{PurposeID: gid.New(), Version: "1", Text: "a"})
			wantFaults(t, err, "NOT_FOUND purposeId")
		})
	})
}

func TestOfTextsOfOneVersionAtOnceOneStands(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d := newDesk(t, base)
		other := &consent.Service{DB: dbtest.Second(t, base), Now: d.Now, Changed: uncounted}
		var mu sync.Mutex
		got := map[string]int{}
		var all sync.WaitGroup
		for i := range 12 {
			all.Go(func() {
				s := []*consent.Service{d.Service, other}[i%2]
				row, err := s.Publish(d.admin, d.text("2", fmt.Sprintf("Текст %d", i%3)))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					got[row.Text]++
				case fault.HasCode(err, "CONFLICT"):
					got["CONFLICT"]++
				default:
					t.Errorf("got %v", err)
				}
			})
		}
		all.Wait()
		if len(got) != 2 || got["CONFLICT"] != 8 {
			t.Errorf("got %v, want one text four times and conflicts for the others", got)
		}
	})
}

func TestPurposes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d := newDesk(t, base)
		in := consent.Purpose{Code: "support", Name: "Поддержка", LegalBasis: processingpurpose.LegalBasisCONTRACT, RetentionDays: 30}
		row, err := d.CreatePurpose(d.admin, in)
		if err != nil || !row.Active || row.Code != "support" {
			t.Fatalf("got %v, %v, want a purpose in use", row, err)
		}
		_, err = d.CreatePurpose(d.admin, in)
		wantFaults(t, err, "CODE_TAKEN code")
		_, err = d.CreatePurpose(d.admin, consent.Purpose{Code: "Под держка", LegalBasis: "WISH"})
		wantFaults(t, err, "INVALID_CODE code", "INVALID_VALUE legalBasis", "OUT_OF_RANGE retentionDays", "REQUIRED name")
		_, err = d.UpdatePurpose(d.admin, gid.New(), consent.PurposePatch{})
		wantFaults(t, err, "NOT_FOUND id")
		row, err = d.UpdatePurpose(d.admin, row.ID, consent.PurposePatch{Name: new("Помощь"), Recipients: []string{"Подрядчик"}, Active: new(false)})
		if err != nil || row.Name != "Помощь" || row.Active || row.RetentionDays != 30 || !slices.Equal(row.Recipients, []string{"Подрядчик"}) {
			t.Errorf("got %v, %v, want what was given changed and the rest as it was", row, err)
		}
		stranger := auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()})
		for _, act := range []func() error{
			func() error { _, err := d.CreatePurpose(stranger, in); return err },
			func() error { _, err := d.UpdatePurpose(stranger, row.ID, consent.PurposePatch{}); return err },
			func() error { _, err := d.Publish(stranger, d.text("1", "a")); return err },
			func() error { _, err := d.Record(stranger, gid.New(), consent.Given{}); return err },
			func() error { _, err := d.Withdraw(stranger, consent.Withdrawal{}); return err },
		} {
			wantFaults(t, act(), "FORBIDDEN")
		}
	})
}

func TestARecordedConsentIsChecked(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d := newDesk(t, base)
		short := d.text("short", "На день.")
		short.ValidDays = new(1)
		if _, err := d.Publish(d.admin, short); err != nil {
			t.Fatal(err)
		}
		id := d.lead()
		given := consent.Given{TextVersion: "2026-09", GivenAt: d.Now(), How: entconsent.HowPAPER, Form: "Анкета № 7"}
		for want, change := range map[string]func(*consent.Given){
			"UNKNOWN_TEXT_VERSION textVersion": func(g *consent.Given) { g.TextVersion = "2020" },
			"REQUIRED textVersion":             func(g *consent.Given) { g.TextVersion = "" },
			"NOT_FOUND purpose":                func(g *consent.Given) { g.Purpose = "none" },
			"IN_FUTURE givenAt":                func(g *consent.Given) { g.GivenAt = d.Now().AddDate(0, 0, 1) },
			"EXPIRED givenAt":                  func(g *consent.Given) { g.TextVersion, g.GivenAt = "short", d.Now().AddDate(0, 0, -1) },
			"INVALID_VALUE how":                func(g *consent.Given) { g.How = "PIGEON" },
		} {
			in := given
			change(&in)
			_, err := d.Record(d.admin, id, in)
			wantFaults(t, err, want)
		}
		_, err := d.Record(d.admin, gid.New(), given)
		wantFaults(t, err, "NOT_FOUND leadId")
		row, err := d.Record(d.admin, id, given)
		if err != nil || !row.IsBasis || row.RecordedByID == nil || row.Form != "Анкета № 7" || row.ValidUntil == nil {
			t.Errorf("got %v, %v, want the record", row, err)
		}
		if l := base.Lead.GetX(d.system, id); l.LegalBasis == nil || *l.LegalBasis != lead.LegalBasisCONSENT {
			t.Errorf("the basis is %v, want CONSENT", l.LegalBasis)
		}
	})
}

func TestAConsentIsWithdrawnOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, base *db.DB) {
		d := newDesk(t, base)
		id := d.lead()
		row, err := d.Record(d.admin, id, consent.Given{TextVersion: "2026-09", GivenAt: d.Now().AddDate(0, 0, -3), How: entconsent.HowVERBAL})
		if err != nil {
			t.Fatal(err)
		}
		other := &consent.Service{DB: dbtest.Second(t, base), Now: d.Now, Changed: uncounted}
		received := d.Now().AddDate(0, 0, -1)
		var mu sync.Mutex
		got := map[string]int{}
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() {
				s := []*consent.Service{d.Service, other}[i%2]
				_, err := s.Withdraw(d.admin, consent.Withdrawal{ConsentID: row.ID, ReceivedAt: &received, Channel: entconsent.WithdrawalChannelPHONE})
				mu.Lock()
				defer mu.Unlock()
				got[fmt.Sprint(err)]++
			})
		}
		all.Wait()
		if got["<nil>"] != 1 || len(got) != 2 {
			t.Errorf("got %v, want one withdrawal", got)
		}
		l := base.Lead.GetX(d.system, id)
		if l.RestrictedAt == nil || !l.RestrictedAt.Equal(d.Now()) || !l.DestroyBy.Equal(received.Add(consent.DestroyWithin)) {
			t.Errorf("got %v and %v, want it restricted now and destroyed 30 days after the receipt", l.RestrictedAt, l.DestroyBy)
		}
		if n := base.LeadEvent.Query().CountX(d.system); n != 2 {
			t.Errorf("the timeline has %d lines, want one for the record and one for the withdrawal", n)
		}
		var row2 *ent.Consent = base.Consent.GetX(d.system, row.ID)
		if row2.TextHash != row.TextHash || !row2.GivenAt.Equal(row.GivenAt) || !row2.WithdrawnAt.Equal(received) {
			t.Errorf("got %v, want the record as it was, with its withdrawal", row2)
		}
	})
}

// TestMadeUpVersionsTakeNoMemory: the gate keeps what has been published and nothing else.
func TestMadeUpVersionsTakeNoMemory(t *testing.T) {
	d := newDesk(t, dbtest.SQLite(t))
	var g consent.Gate
	source := d.DB.LeadSource.Create().SetName("site").SetKeyHash([]byte("x")).SetKeyHint("abcd").SetDuplicateFields([]string{}).
		SetCreatedAt(d.Now()).SetUpdatedAt(d.Now()).SaveX(d.system)
	for i := range 20 {
		err := db.WithTx(d.system, d.DB, func(tx *db.Tx) error {
			query := tx.LeadSource.Query()
			query.Modify(consent.ReadTerms)
			row, err := query.Only(d.system)
			if err != nil {
				return err
			}
			terms, err := consent.TermsOf(row)
			if err != nil {
				return err
			}
			proofs := []consent.Proof{{Consent: &values.Consent{Purpose: "lead", TextVersion: fmt.Sprintf("made-up-%d", i), GivenAt: "2026-09-30T00:00:00Z"}}}
			if i == 10 {
				proofs[0].Consent.TextVersion = "2026-09"
			}
			texts, err := g.Texts(d.system, tx, terms, proofs)
			if err != nil {
				return err
			}
			if got := terms.Weigh(texts, proofs[0], d.Now()).Basis; (got != "") != (i == 10) {
				t.Errorf("version %s: got the basis %q", proofs[0].Consent.TextVersion, got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := g.Known(); n != 1 || source.PurposeID != values.LeadPurposeID {
		t.Errorf("the gate knows %d texts, want the published one alone", n)
	}
}
