package leads_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/lead"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// blacklist adds an entry as an administrator.
func (b *book) blacklist(kind blacklistentry.Kind, value string) *ent.BlacklistEntry {
	b.t.Helper()
	return must(b.AddToBlacklist(b.admin, leads.BlacklistInput{Kind: kind, Value: value}))
}

// anySource is a source that looks for no duplicates.
func (b *book) anySource() context.Context {
	return b.source(func(s *ent.LeadSourceCreate) { s.SetDuplicateFields([]string{}) })
}

func TestBlacklistValuesAreStoredInTheirNormalForm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		for _, c := range []struct {
			kind        blacklistentry.Kind
			value, want string
		}{
			{blacklistentry.KindPHONE, " 8 (912) 345-67-89 ", "+79123456789"},
			{blacklistentry.KindEMAIL, "Anna@XN--E1AFMKFD.xn--p1ai", "anna@пример.рф"},
			{blacklistentry.KindIP, "203.0.113.7", "203.0.113.7"},
			{blacklistentry.KindIP, "::ffff:203.0.113.8", "203.0.113.8"},
			{blacklistentry.KindIP, "2001:DB8:0:0::1", "2001:db8::1"},
			{blacklistentry.KindNETWORK, "198.51.100.77/24", "198.51.100.0/24"},
			{blacklistentry.KindNETWORK, "::ffff:192.0.2.9/120", "192.0.2.0/24"},
			{blacklistentry.KindNETWORK, "203.0.113.7/32", "203.0.113.7/32"},
			{blacklistentry.KindNETWORK, "10.1.2.3/8", "10.0.0.0/8"},
			{blacklistentry.KindNETWORK, "2001:DB8::1/64", "2001:db8::/64"},
			{blacklistentry.KindNETWORK, "2001:db8::1/128", "2001:db8::1/128"},
			{blacklistentry.KindNETWORK, "2001:db8::1/16", "2001::/16"},
			{blacklistentry.KindDOMAIN, "Spam.Example.RU.", "spam.example.ru"},
			{blacklistentry.KindDOMAIN, "xn--e1afmkfd.xn--p1ai", "пример.рф"},
		} {
			entry, err := b.AddToBlacklist(b.admin, leads.BlacklistInput{Kind: c.kind, Value: c.value})
			if err != nil {
				t.Errorf("%s %q: %v", c.kind, c.value, err)
				continue
			}
			if got := dbtest.Opened(t, sealed.BlacklistValue, entry.ID, entry.ValueSealed); got != c.want {
				t.Errorf("%s %q: got %q, want %q", c.kind, c.value, got, c.want)
			}
			if !slices.Contains(leads.BlacklistValues(c.value), c.want) {
				t.Errorf("a filter by %q: got %q, want %q among them", c.value, leads.BlacklistValues(c.value), c.want)
			}
		}
	})
}

func TestBlacklistEntryKeepsWhoAndWhy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		expires := b.Now().Add(time.Hour)
		added := must(b.AddToBlacklist(b.admin, leads.BlacklistInput{
			Kind: blacklistentry.KindEMAIL, Value: "anna@example.ru", Reason: " Спам ", ExpiresAt: &expires,
		}))
		stored := must(d.BlacklistEntry.Get(b.admin, added.ID))
		author, _ := auth.From(b.admin)
		for _, e := range []*ent.BlacklistEntry{added, stored} {
			if e.Reason != "Спам" || e.Origin != blacklistentry.OriginMANUAL || !e.CreatedAt.Equal(b.Now()) ||
				e.AuthorID == nil || *e.AuthorID != author.UserID || e.ExpiresAt == nil || !e.ExpiresAt.Equal(expires) {
				t.Errorf("got %v by %v, want the reason, MANUAL, now, the administrator and the expiry", e, e.AuthorID)
			}
		}
		if u := must(added.QueryAuthor().Only(b.admin)); u.ID != author.UserID {
			t.Errorf("author is %v, want %v", u.ID, author.UserID)
		}
	})
}

func TestWrongBlacklistEntries(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		past := b.Now()
		for name, c := range map[string]struct {
			in   leads.BlacklistInput
			want []string
		}{
			"nothing":               {leads.BlacklistInput{}, []string{"INVALID_VALUE kind", "REQUIRED value"}},
			"no phone":              {leads.BlacklistInput{Kind: "PHONE", Value: "112"}, []string{"INVALID_PHONE value"}},
			"no e-mail":             {leads.BlacklistInput{Kind: "EMAIL", Value: "example.ru"}, []string{"INVALID_EMAIL value"}},
			"no address":            {leads.BlacklistInput{Kind: "IP", Value: "203.0.113.0/24"}, []string{"INVALID_IP value"}},
			"an address with zone":  {leads.BlacklistInput{Kind: "IP", Value: "fe80::1%eth0"}, []string{"INVALID_IP value"}},
			"no network":            {leads.BlacklistInput{Kind: "NETWORK", Value: "203.0.113.7"}, []string{"INVALID_NETWORK value"}},
			"too broad":             {leads.BlacklistInput{Kind: "NETWORK", Value: "10.0.0.0/7"}, []string{"NETWORK_TOO_BROAD value"}},
			"too broad, v6":         {leads.BlacklistInput{Kind: "NETWORK", Value: "2000::/15"}, []string{"NETWORK_TOO_BROAD value"}},
			"all of v4 as v6":       {leads.BlacklistInput{Kind: "NETWORK", Value: "::ffff:0:0/96"}, []string{"NETWORK_TOO_BROAD value"}},
			"a half of v6":          {leads.BlacklistInput{Kind: "NETWORK", Value: "::ffff:0:0/20"}, []string{"NETWORK_TOO_BROAD value"}},
			"a top level":           {leads.BlacklistInput{Kind: "DOMAIN", Value: "ru"}, []string{"INVALID_DOMAIN value"}},
			"control characters":    {leads.BlacklistInput{Kind: "DOMAIN", Value: "exa\x00mple.ru"}, []string{"INVALID_CHARACTERS value"}},
			"all faults at once":    {leads.BlacklistInput{Kind: "EMAIL", Value: "x", Reason: "a\nb", ExpiresAt: &past}, []string{"INVALID_EMAIL value", "INVALID_CHARACTERS reason", "IN_PAST expiresAt"}},
			"a reason of 501 runes": {leads.BlacklistInput{Kind: "IP", Value: "::1", Reason: strings.Repeat("ы", 501)}, []string{"TOO_LONG reason"}},
		} {
			t.Run(name, func(t *testing.T) {
				_, err := b.AddToBlacklist(b.admin, c.in)
				wantFaults(t, err, c.want...)
			})
		}
	})
}

func TestBlacklistKeepsLeadsOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.anySource()
		for _, c := range []struct {
			kind    blacklistentry.Kind
			value   string
			out, in []leads.Submission // what it keeps out, and what it does not
		}{
			{blacklistentry.KindPHONE, "+79120000001",
				[]leads.Submission{{Phone: "8 912 000-00-01"}, {Phone: "89120000001", Email: "other@example.ru"}},
				[]leads.Submission{{Phone: "89120000002"}, {Email: "a@example.ru"}}},
			{blacklistentry.KindEMAIL, "bad@one.example.ru",
				[]leads.Submission{{Email: "BAD@one.example.ru"}},
				[]leads.Submission{{Email: "good@one.example.ru"}, {Email: "bad@example.ru"}}},
			{blacklistentry.KindDOMAIN, "bad.рф",
				[]leads.Submission{{Email: "a@bad.рф"}, {Email: "a@xn--bad-5cd.xn--p1ai.bad.рф"}, {Email: "a@deep.under.BAD.xn--p1ai"}},
				[]leads.Submission{{Email: "a@notbad.рф"}, {Email: "a@bad.рф.example.ru"}, {Email: "a@good.рф"}, {Email: "bad.рф@example.ru"}}},
			{blacklistentry.KindIP, "203.0.113.7",
				[]leads.Submission{{Email: "a@example.ru", IP: "203.0.113.7"}, {Email: "a@example.ru", IP: "::ffff:203.0.113.7"}},
				[]leads.Submission{{Email: "a@example.ru", IP: "203.0.113.8"}, {Email: "a@example.ru"}}},
			{blacklistentry.KindNETWORK, "198.51.96.0/20",
				[]leads.Submission{{Email: "a@example.ru", IP: "198.51.96.0"}, {Email: "a@example.ru", IP: "198.51.111.255"}},
				[]leads.Submission{{Email: "a@example.ru", IP: "198.51.112.0"}, {Email: "a@example.ru", IP: "198.51.95.255"}}},
			{blacklistentry.KindNETWORK, "2001:db8::/33",
				[]leads.Submission{{Email: "a@example.ru", IP: "2001:db8:7fff::1"}},
				[]leads.Submission{{Email: "a@example.ru", IP: "2001:db8:8000::1"}}},
			{blacklistentry.KindNETWORK, "192.0.2.1/32",
				[]leads.Submission{{Email: "a@example.ru", IP: "192.0.2.1"}},
				[]leads.Submission{{Email: "a@example.ru", IP: "192.0.2.2"}}},
			{blacklistentry.KindNETWORK, "10.0.0.0/8",
				[]leads.Submission{{Email: "a@example.ru", IP: "10.255.0.1"}},
				[]leads.Submission{{Email: "a@example.ru", IP: "11.0.0.1"}}},
		} {
			t.Run(c.kind.String()+" "+c.value, func(t *testing.T) {
				entry := b.blacklist(c.kind, c.value)
				for _, in := range c.out {
					in.FirstName = "Анна"
					got := b.accept(source, in)
					wantOutcome(t, got, "BLACKLISTED")
					wantStatus(t, b.read(got.LeadID), lead.StatusBLOCKED)
				}
				for _, in := range c.in {
					in.FirstName = "Анна"
					wantOutcome(t, b.accept(source, in), "ACCEPTED")
				}
				if err := b.RemoveFromBlacklist(b.admin, entry.ID); err != nil {
					t.Fatalf("remove: %v", err)
				}
				c.out[0].FirstName = "Анна"
				wantOutcome(t, b.accept(source, c.out[0]), "ACCEPTED")
			})
		}
	})
}

func TestBlacklistEntryExpires(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.anySource()
		expires := b.Now().Add(time.Hour)
		in := leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: anna(1).Phone, Reason: "first", ExpiresAt: &expires}
		first := must(b.AddToBlacklist(b.admin, in))

		t.Run("it holds until then", func(t *testing.T) {
			b.at("2026-03-01T09:59:59Z")
			wantOutcome(t, b.accept(source, anna(1)), "BLACKLISTED")
			_, err := b.AddToBlacklist(b.admin, leads.BlacklistInput{Kind: in.Kind, Value: in.Value})
			wantFaults(t, err, "ALREADY_BLACKLISTED value")
		})
		t.Run("it does not from then on", func(t *testing.T) {
			b.at("2026-03-01T10:00:00Z")
			wantOutcome(t, b.accept(source, anna(1)), "ACCEPTED")
		})
		t.Run("of many who renew it at once one does, in place", func(t *testing.T) {
			var c tally
			atOnce(16, 16, func(int) {
				_, err := b.AddToBlacklist(b.admin, leads.BlacklistInput{Kind: in.Kind, Value: in.Value})
				c.add(won(err))
			})
			c.want(t, map[string]int{"won": 1, "ALREADY_BLACKLISTED": 15})
			all := must(d.BlacklistEntry.Query().All(b.admin))
			if len(all) != 1 || all[0].ID != first.ID || all[0].ExpiresAt != nil || all[0].Reason != "" || !all[0].CreatedAt.Equal(b.Now()) {
				t.Errorf("got %v, want the one entry, renewed now, for ever and without the old reason", all)
			}
			wantOutcome(t, b.accept(source, anna(1)), "BLACKLISTED")
		})
	})
}

// won names what an act that only one may win came to.
func won(err error) string {
	if err == nil {
		return "won"
	}
	if list, ok := fault.All(err); ok {
		return list[0].Code
	}
	return err.Error()
}

func TestOfEqualBlacklistEntriesAtOnceOneIsAdded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		on := []*leads.Service{b.Service, b.on(dbtest.Second(t, d))}
		writings := []string{"8 (912) 345-67-89", "+79123456789", "79123456789"}
		var c tally
		atOnce(40, 20, func(i int) {
			_, err := on[i%2].AddToBlacklist(b.admin, leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: writings[i%3]})
			c.add(won(err))
		})
		c.want(t, map[string]int{"won": 1, "ALREADY_BLACKLISTED": 39})
		if n := must(d.BlacklistEntry.Query().Count(b.admin)); n != 1 {
			t.Errorf("got %d entries, want 1", n)
		}
	})
}

func TestTheOldestOfSeveralBlacklistEntriesIsTheReason(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		oldest := b.blacklist(blacklistentry.KindDOMAIN, "example.ru")
		b.at("2026-03-01T09:00:01Z")
		b.blacklist(blacklistentry.KindEMAIL, "anna@example.ru")
		in := anna(1)
		in.Email = "anna@example.ru"
		got := check(t, b.read(b.accept(b.anySource(), in).LeadID), "BLACKLIST")
		if want := gid.BlacklistEntry.Format(oldest.ID); got.Detail != want {
			t.Errorf("the trace names %q, want %q", got.Detail, want)
		}
	})
}

func TestRemoveFromBlacklist(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		entry := b.blacklist(blacklistentry.KindIP, "203.0.113.7")
		if err := b.RemoveFromBlacklist(b.admin, entry.ID); err != nil {
			t.Fatalf("got %v, want it removed", err)
		}
		if n := must(d.BlacklistEntry.Query().Count(b.admin)); n != 0 {
			t.Errorf("got %d entries, want none", n)
		}
		err := b.RemoveFromBlacklist(b.admin, entry.ID)
		wantFaults(t, err, "NOT_FOUND id")
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v, want kind NotFound", err)
		}
	})
}

func TestOnlyAdministratorsKeepTheBlacklist(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		entry := b.blacklist(blacklistentry.KindIP, "203.0.113.7")
		for name, who := range map[string]struct {
			ctx  context.Context
			kind fault.Kind
		}{
			"nobody":               {context.Background(), fault.Unauthenticated},
			"a distributor's user": {b.as(b.distributor("D")), fault.Forbidden},
			"a source":             {b.source(), fault.Forbidden},
		} {
			if _, err := b.AddToBlacklist(who.ctx, leads.BlacklistInput{Kind: "IP", Value: "::1"}); !fault.Is(err, who.kind) {
				t.Errorf("%s adds: got %v, want %s", name, err, who.kind)
			}
			if err := b.RemoveFromBlacklist(who.ctx, entry.ID); !fault.Is(err, who.kind) {
				t.Errorf("%s removes: got %v, want %s", name, err, who.kind)
			}
		}
		if n := must(d.BlacklistEntry.Query().Count(b.admin)); n != 1 {
			t.Errorf("got %d entries, want the one", n)
		}
	})
}
