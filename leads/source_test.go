package leads_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// newSource creates a source as an administrator.
func (b *book) newSource(in leads.SourceInput) (*ent.LeadSource, string) {
	b.t.Helper()
	row, key, err := b.CreateSource(b.admin, in)
	if err != nil {
		b.t.Fatalf("create a source: %v", err)
	}
	return row, key
}

func (b *book) storedSource(id gid.ID) *ent.LeadSource {
	b.t.Helper()
	return must(b.DB.LeadSource.Get(b.system, id))
}

// submitAs is the viewer that a key stands for.
func (b *book) submitAs(key string) context.Context {
	b.t.Helper()
	row := must(b.AuthenticateSource(context.Background(), key))
	return auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: row.ID})
}

func wantNumber(t *testing.T, what string, got *int, want int) {
	t.Helper()
	switch {
	case want == 0 && got != nil:
		t.Errorf("%s: got %d, want none", what, *got)
	case want != 0 && (got == nil || *got != want):
		t.Errorf("%s: got %v, want %d", what, got, want)
	}
}

func wantPolicy(t *testing.T, s *ent.LeadSource, fields []string, match leadsource.DuplicateMatch, days int, scope leadsource.DuplicateScope) {
	t.Helper()
	if !slices.Equal(s.DuplicateFields, fields) || s.DuplicateMatch != match || s.DuplicateWindowDays != days || s.DuplicateScope != scope {
		t.Errorf("duplicates: got %q %s %d %s, want %q %s %d %s", s.DuplicateFields, s.DuplicateMatch, s.DuplicateWindowDays, s.DuplicateScope,
			fields, match, days, scope)
	}
}

func TestCreateSource(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		t.Run("a name is enough", func(t *testing.T) {
			row, _ := b.newSource(leads.SourceInput{Name: " Сайт "})
			s := b.storedSource(row.ID)
			if s.Name != "Сайт" || s.Kind != leadsource.KindGENERIC || s.Status != leadsource.StatusACTIVE || !s.RequireConsent ||
				s.DisclosePayouts || s.DistributorID != nil || len(s.AllowedDistributorIds) != 0 || !s.CreatedAt.Equal(b.Now()) {
				t.Errorf("got %v, want a GENERIC, ACTIVE source that requires consent and is bound to nobody", s)
			}
			wantNumber(t, "dailyCap", s.DailyCap, 0)
			wantNumber(t, "ratePerMinute", s.RatePerMinute, 0)
			wantPolicy(t, s, []string{"PHONE", "EMAIL"}, "ANY", 30, "BASE")
		})
		t.Run("every setting is stored", func(t *testing.T) {
			ids := b.distributors(3)
			row, _ := b.newSource(leads.SourceInput{
				Name: "VK", Kind: leadsource.KindVK, DistributorID: &ids[0], AllowedDistributorIDs: []gid.ID{ids[2], ids[1], ids[2]},
				RequireConsent: new(false), DisclosePayouts: true, DailyCap: new(50), RatePerMinute: new(600),
				VKSecret: " s3cret ", VKConfirmation: "abc",
				Duplicates: leads.DuplicatePolicy{Fields: []string{"IP", "PHONE", "IP"}, Match: "ALL", WindowDays: new(3650), Scope: "DISTRIBUTOR"},
			})
			s := b.storedSource(row.ID)
			if s.Kind != leadsource.KindVK || s.RequireConsent || !s.DisclosePayouts || s.VkSecret != "s3cret" || s.VkConfirmation != "abc" {
				t.Errorf("got %v, want all as given", s)
			}
			if s.DistributorID == nil || *s.DistributorID != ids[0] || len(s.AllowedDistributorIds) != 2 ||
				!slices.Contains(s.AllowedDistributorIds, ids[1]) || !slices.Contains(s.AllowedDistributorIds, ids[2]) {
				t.Errorf("got distributor %v of %v, want %v of %v", s.DistributorID, s.AllowedDistributorIds, ids[0], ids[1:])
			}
			wantNumber(t, "dailyCap", s.DailyCap, 50)
			wantNumber(t, "ratePerMinute", s.RatePerMinute, 600)
			wantPolicy(t, s, []string{"PHONE", "IP"}, "ALL", 3650, "DISTRIBUTOR")
		})
		t.Run("no fields turn the look for duplicates off", func(t *testing.T) {
			row, key := b.newSource(leads.SourceInput{Name: "A", RequireConsent: new(false), Duplicates: leads.DuplicatePolicy{Fields: []string{}}})
			wantPolicy(t, b.storedSource(row.ID), nil, "ANY", 30, "BASE")
			source := b.submitAs(key)
			wantOutcome(t, b.accept(source, anna(1)), "ACCEPTED")
			wantOutcome(t, b.accept(source, anna(1)), "ACCEPTED")
		})
		t.Run("all faults come at once and nothing is stored", func(t *testing.T) {
			before := must(d.LeadSource.Query().Count(b.system))
			known, unknown := b.distributor("D"), gid.New()
			_, key, err := b.CreateSource(b.admin, leads.SourceInput{
				Name: " ", Kind: leadsource.KindVK, DistributorID: &unknown, AllowedDistributorIDs: []gid.ID{known, unknown},
				DailyCap: new(0), RatePerMinute: new(-1), VKConfirmation: "a\nb", GoogleKey: "k",
				Duplicates: leads.DuplicatePolicy{Fields: []string{"PHONE", "NAME"}, Match: "SOME", WindowDays: new(0), Scope: "ALL"},
			})
			wantFaults(t, err, "REQUIRED name", "NOT_FOUND distributorId", "NOT_FOUND allowedDistributorIds[1]",
				"OUT_OF_RANGE dailyCap", "OUT_OF_RANGE ratePerMinute", "REQUIRED vkSecret", "INVALID_CHARACTERS vkConfirmation",
				"WRONG_KIND googleKey", "INVALID_VALUE duplicates.fields[1]", "INVALID_VALUE duplicates.match",
				"OUT_OF_RANGE duplicates.windowDays", "INVALID_VALUE duplicates.scope")
			if n := must(d.LeadSource.Query().Count(b.system)); n != before || key != "" {
				t.Errorf("got %d sources and key %q, want %d and none", n, key, before)
			}
		})
		t.Run("other faults", func(t *testing.T) {
			for want, in := range map[string]leads.SourceInput{
				"INVALID_VALUE kind":                 {Name: "A", Kind: "FAX"},
				"REQUIRED googleKey":                 {Name: "A", Kind: leadsource.KindGOOGLE},
				"WRONG_KIND vkSecret":                {Name: "A", VKSecret: "s"},
				"TOO_LONG name":                      {Name: strings.Repeat("ы", 101)},
				"INVALID_NAME name":                  {Name: "«»"},
				"OUT_OF_RANGE duplicates.windowDays": {Name: "A", Duplicates: leads.DuplicatePolicy{WindowDays: new(3651)}},
				"TOO_MANY allowedDistributorIds":     {Name: "A", AllowedDistributorIDs: make([]gid.ID, 1001)},
			} {
				_, _, err := b.CreateSource(b.admin, in)
				wantFaults(t, err, want)
			}
		})
	})
}

func TestUpdateSource(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		full := leads.SourceInput{
			Name: "VK", Kind: leadsource.KindVK, DistributorID: &ids[0], AllowedDistributorIDs: ids, DailyCap: new(50), RatePerMinute: new(600),
			VKSecret: "s", VKConfirmation: "c", Duplicates: leads.DuplicatePolicy{Fields: []string{"PHONE"}, Match: "ALL", WindowDays: new(7), Scope: "DISTRIBUTOR"},
		}
		t.Run("what is not given stays", func(t *testing.T) {
			before, key := b.newSource(full)
			b.at("2026-03-02T09:00:00Z")
			if _, err := b.UpdateSource(b.admin, before.ID, leads.SourcePatch{Name: new("ВК"), Duplicates: leads.DuplicatePolicy{WindowDays: new(8)}}); err != nil {
				t.Fatalf("got %v, want the source", err)
			}
			s := b.storedSource(before.ID)
			if s.Name != "ВК" || *s.DistributorID != ids[0] || len(s.AllowedDistributorIds) != 2 || !s.RequireConsent || s.VkSecret != "s" || s.VkConfirmation != "c" {
				t.Errorf("got %v, want only the name changed", s)
			}
			if !s.CreatedAt.Equal(before.CreatedAt) || !s.UpdatedAt.Equal(b.Now()) {
				t.Errorf("got created %s, updated %s, want %s, %s", s.CreatedAt, s.UpdatedAt, before.CreatedAt, b.Now())
			}
			wantNumber(t, "dailyCap", s.DailyCap, 50)
			wantNumber(t, "ratePerMinute", s.RatePerMinute, 600)
			wantPolicy(t, s, []string{"PHONE"}, "ALL", 8, "DISTRIBUTOR")
			if got := must(b.AuthenticateSource(context.Background(), key)); got.ID != s.ID {
				t.Errorf("the key stands for %v, want %v", got.ID, s.ID)
			}
		})
		t.Run("what is given is changed, and the empty takes away", func(t *testing.T) {
			before, _ := b.newSource(full)
			_, err := b.UpdateSource(b.admin, before.ID, leads.SourcePatch{
				DistributorID: new(gid.ID{}), AllowedDistributorIDs: []gid.ID{}, RequireConsent: new(false), DisclosePayouts: new(true),
				DailyCap: new(0), RatePerMinute: new(0), VKSecret: new("s2"),
				Duplicates: leads.DuplicatePolicy{Fields: []string{}, Match: "ANY", Scope: "BASE"},
			})
			if err != nil {
				t.Fatalf("got %v, want the source", err)
			}
			s := b.storedSource(before.ID)
			if s.Name != "VK" || s.DistributorID != nil || len(s.AllowedDistributorIds) != 0 || s.RequireConsent || !s.DisclosePayouts || s.VkSecret != "s2" {
				t.Errorf("got %v, want no distributors, no consent, payouts and the new secret", s)
			}
			wantNumber(t, "dailyCap", s.DailyCap, 0)
			wantNumber(t, "ratePerMinute", s.RatePerMinute, 0)
			wantPolicy(t, s, nil, "ANY", 7, "BASE")
		})
		t.Run("all faults come at once and nothing is changed", func(t *testing.T) {
			before, _ := b.newSource(full)
			unknown := gid.New()
			_, err := b.UpdateSource(b.admin, before.ID, leads.SourcePatch{
				Name: new(""), DistributorID: &unknown, DailyCap: new(-1), VKSecret: new(" "), GoogleKey: new("k"), DisclosePayouts: new(true),
			})
			wantFaults(t, err, "REQUIRED name", "NOT_FOUND distributorId", "OUT_OF_RANGE dailyCap", "REQUIRED vkSecret", "WRONG_KIND googleKey")
			if s := b.storedSource(before.ID); s.DisclosePayouts || s.Name != "VK" {
				t.Errorf("got %v, want it as it was", s)
			}
		})
		t.Run("an unknown id is not found", func(t *testing.T) {
			_, err := b.UpdateSource(b.admin, gid.New(), leads.SourcePatch{Name: new("A")})
			wantFaults(t, err, "NOT_FOUND id")
		})
		t.Run("what comes in afterwards is judged by it", func(t *testing.T) {
			row, key := b.newSource(leads.SourceInput{Name: "A", RequireConsent: new(true)})
			source := b.submitAs(key)
			wantOutcome(t, b.accept(source, anna(7)), "QUARANTINED")
			must(b.UpdateSource(b.admin, row.ID, leads.SourcePatch{RequireConsent: new(false)}))
			wantOutcome(t, b.accept(source, anna(8)), "ACCEPTED")
		})
	})
}

func TestStopAndResumeSource(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		t.Run("a stopped source is refused until it is resumed", func(t *testing.T) {
			row, key := b.newSource(leads.SourceInput{Name: "A", RequireConsent: new(false)})
			source := b.submitAs(key)
			if got := must(b.StopSource(b.admin, row.ID)); got.Status != leadsource.StatusSTOPPED {
				t.Errorf("got %s, want STOPPED", got.Status)
			}
			refused, err := b.AuthenticateSource(context.Background(), key)
			if !fault.Is(err, fault.Forbidden) || !fault.HasCode(err, "SOURCE_STOPPED") {
				t.Errorf("the key: got %v, want SOURCE_STOPPED of kind Forbidden", err)
			}
			if refused == nil || refused.ID != row.ID {
				t.Errorf("the key: got the source %v with the fault, want %v", refused, row.ID)
			}
			_, err = b.Accept(source, anna(1)) // it was let in before the stop
			wantFaults(t, err, "SOURCE_STOPPED")
			if got := must(b.ResumeSource(b.admin, row.ID)); got.Status != leadsource.StatusACTIVE {
				t.Errorf("got %s, want ACTIVE", got.Status)
			}
			wantOutcome(t, b.accept(b.submitAs(key), anna(1)), "ACCEPTED")
		})
		t.Run("a second time is a conflict", func(t *testing.T) {
			row, _ := b.newSource(leads.SourceInput{Name: "A"})
			_, err := b.ResumeSource(b.admin, row.ID)
			wantFaults(t, err, "ALREADY_ACTIVE id")
			must(b.StopSource(b.admin, row.ID))
			_, err = b.StopSource(b.admin, row.ID)
			wantFaults(t, err, "ALREADY_STOPPED id")
		})
		t.Run("of many at once one wins", func(t *testing.T) {
			row, _ := b.newSource(leads.SourceInput{Name: "A"})
			var c tally
			atOnce(16, 16, func(int) {
				_, err := b.StopSource(b.admin, row.ID)
				c.add(won(err))
			})
			c.want(t, map[string]int{"won": 1, "ALREADY_STOPPED": 15})
		})
		t.Run("an unknown id is not found", func(t *testing.T) {
			_, err := b.StopSource(b.admin, gid.New())
			wantFaults(t, err, "NOT_FOUND id")
			_, err = b.ResumeSource(b.admin, gid.New())
			wantFaults(t, err, "NOT_FOUND id")
		})
	})
}

func TestSourceKeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		row, key := b.newSource(leads.SourceInput{Name: "A"})
		t.Run("a key is long, and only its hash and end are kept", func(t *testing.T) {
			if !regexp.MustCompile(`^cb_[A-Za-z0-9_-]{43}$`).MatchString(key) {
				t.Errorf("the key does not look like cb_ and 32 bytes in base64url: %d characters", len(key))
			}
			sum := sha256.Sum256([]byte(key))
			if s := b.storedSource(row.ID); !bytes.Equal(s.KeyHash, sum[:]) || s.KeyHint != key[len(key)-4:] {
				t.Errorf("got hash %x and hint %q, want the SHA-256 and the last four characters", s.KeyHash, s.KeyHint)
			}
		})
		t.Run("it finds its source in one statement", func(t *testing.T) {
			ctx, counter := db.CountStatements(context.Background())
			got, err := b.AuthenticateSource(ctx, key)
			if err != nil || got.ID != row.ID || counter.N() != 1 {
				t.Errorf("got %v, %v in %q, want the source in one statement", got, err, counter.List())
			}
		})
		t.Run("another key is nobody's, and what is no key asks no base", func(t *testing.T) {
			for wrong, statements := range map[string]int{
				"": 0, "cb_": 0, key + "A": 0, strings.TrimPrefix(key, "cb_"): 0, strings.Repeat("x", 1<<20): 0,
				"cb_" + strings.Repeat("A", 43): 1, "cb_" + strings.Repeat("\x00", 43): 1,
			} {
				ctx, counter := db.CountStatements(context.Background())
				got, err := b.AuthenticateSource(ctx, wrong)
				if got != nil || !fault.Is(err, fault.Unauthenticated) || counter.N() != statements {
					t.Errorf("%.50q: got %v, %v in %d statements, want Unauthenticated in %d", wrong, got, err, counter.N(), statements)
				}
			}
		})
		t.Run("a rotated key ends at once", func(t *testing.T) {
			b.at("2026-03-02T09:00:00Z")
			got, fresh, err := b.RotateSourceKey(b.admin, row.ID)
			if err != nil || fresh == key || got.KeyHint != fresh[len(fresh)-4:] || !got.UpdatedAt.Equal(b.Now()) {
				t.Fatalf("got %v, %v, want another key, its hint and the time", got, err)
			}
			if _, err := b.AuthenticateSource(context.Background(), key); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("the old key: got %v, want Unauthenticated", err)
			}
			if found := must(b.AuthenticateSource(context.Background(), fresh)); found.ID != row.ID {
				t.Errorf("the new key stands for %v, want %v", found.ID, row.ID)
			}
			_, _, err = b.RotateSourceKey(b.admin, gid.New())
			wantFaults(t, err, "NOT_FOUND id")
		})
	})
}

func TestOnlyAdministratorsKeepSources(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		row, key := b.newSource(leads.SourceInput{Name: "A"})
		for name, who := range map[string]struct {
			ctx  context.Context
			kind fault.Kind
		}{
			"nobody":               {context.Background(), fault.Unauthenticated},
			"a distributor's user": {b.as(b.distributor("D")), fault.Forbidden},
			"the source itself":    {b.submitAs(key), fault.Forbidden},
		} {
			_, _, created := b.CreateSource(who.ctx, leads.SourceInput{Name: "B"})
			_, updated := b.UpdateSource(who.ctx, row.ID, leads.SourcePatch{Name: new("B")})
			_, stopped := b.StopSource(who.ctx, row.ID)
			_, resumed := b.ResumeSource(who.ctx, row.ID)
			_, _, rotated := b.RotateSourceKey(who.ctx, row.ID)
			for act, err := range map[string]error{"create": created, "update": updated, "stop": stopped, "resume": resumed, "rotate": rotated} {
				if !fault.Is(err, who.kind) {
					t.Errorf("%s by %s: got %v, want %s", act, name, err, who.kind)
				}
			}
		}
		if s := b.storedSource(row.ID); s.Name != "A" || s.Status != leadsource.StatusACTIVE || must(d.LeadSource.Query().Count(b.system)) != 1 {
			t.Errorf("got %v, want it as it was, and no other", s)
		}
	})
}
