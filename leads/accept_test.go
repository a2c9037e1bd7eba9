package leads_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/lead"
	"channelbook/ent/sealed"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
	"channelbook/leads"
)

func (b *book) block(kind blacklistentry.Kind, value string) gid.ID {
	b.t.Helper()
	id := gid.New()
	return must(b.DB.BlacklistEntry.Create().SetID(id).SetKind(kind).SetValueSealed(sealed.BlacklistValue.Seal(b.Keys, id, value)).
		SetValueIndex(sealed.BlacklistIndex.Of(b.Keys, value)).SetCreatedAt(b.Now()).Save(b.system)).ID
}

// whole is a submission with every field.
func whole() leads.Submission {
	return leads.Submission{
		ExternalID: " vk-981 ", FirstName: " Анна ", LastName: "Петрова", Phone: "8 (912) 345-67-89", Email: "Anna@Example.RU",
		IP: "::ffff:203.0.113.7", Funnel: "spring", Consent: consent(),
		Tracking: leads.Tracking{
			Subid: "s", UTMSource: "vk", UTMMedium: "cpc", UTMCampaign: "c", UTMTerm: "t", CampaignID: "1", CampaignName: "n",
			BannerID: "2", AdvertiserID: "3", Region: "Москва", Gender: "f", Age: "30", Random: "r", ImpressionWeekday: "1",
			ImpressionHour: "12", UserTimezone: "+3", Placement: "p", DeviceType: "d", Position: "{position}",
			SubIDs: []string{"a", "", "{sub3}", "d", ""},
		},
		IdempotencyKey: "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", RawBody: []byte(`{"firstName":"Анна"}` + "\x00\xff"),
	}
}

func TestAWholeLeadIsKeptInItsNormalForm(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		source := reqctx.With(b.source(), reqctx.Request{ID: "req-1", RemoteAddr: "198.51.100.1"})
		a := b.accept(source, whole())
		wantOutcome(t, a, "ACCEPTED")
		l := b.read(a.LeadID)
		wantStatus(t, l, lead.StatusNEW)
		wantOwner(t, l, owner)

		got := []string{*l.ExternalID, *l.IdempotencyKey, l.FirstName, l.FirstNameFold, l.LastNameFold, b.phone(l), b.email(l), *l.IP, l.Funnel,
			l.Subid, l.UtmSource, l.UtmMedium, l.UtmCampaign, l.UtmTerm, l.CampaignID, l.CampaignName, l.BannerID, l.AdvertiserID, l.Region, l.Gender,
			l.Age, l.Random, l.ImpressionWeekday, l.ImpressionHour, l.UserTimezone, l.Placement, l.DeviceType, l.Position}
		want := []string{"vk-981", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "Анна", "анна", "петрова", "+79123456789", "anna@example.ru", "203.0.113.7", "spring",
			"s", "vk", "cpc", "c", "t", "1", "n", "2", "3", "Москва", "f", "30", "r", "1", "12", "+3", "p", "d", ""}
		if !slices.Equal(got, want) {
			t.Errorf("stored\n%q, want\n%q", got, want)
		}
		if want := []string{"a", "", "", "d"}; !slices.Equal(l.SubIds, want) {
			t.Errorf("sub-ids are %q, want %q", l.SubIds, want)
		}
		given := consent()
		given.GivenAt = "2026-03-01T09:00:00Z" // the same instant, in the one writing that is kept
		if !reflect.DeepEqual(l.Consent, given) {
			t.Errorf("consent is %v, want %v", l.Consent, given)
		}
		if !l.ReceivedAt.Equal(b.Now()) || l.AssignedAt == nil || !l.AssignedAt.Equal(b.Now()) {
			t.Errorf("received at %v and assigned at %v, want both at %v", l.ReceivedAt, l.AssignedAt, b.Now())
		}
	})
}

func TestEveryAttemptIsLoggedWithItsBody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := reqctx.With(b.source(), reqctx.Request{ID: "req-1", RemoteAddr: "198.51.100.1"})
		first := b.accept(source, whole())
		b.accept(source, whole())
		other := whole()
		other.FirstName = "Мария"
		_, err := b.Accept(source, other)
		wantFaults(t, err, "IDEMPOTENCY_KEY_REUSED idempotencyKey")
		_, err = b.Accept(source, leads.Submission{Phone: "1", RawBody: []byte("{}")})
		wantFaults(t, err, "REQUIRED firstName", "INVALID_PHONE phone")
		edge := leads.Attempt{Outcome: intakeattempt.OutcomeUNAUTHENTICATED, HTTPStatus: 401}
		if err := b.LogAttempt(context.Background(), edge); err != nil {
			t.Fatal(err)
		}

		type line struct {
			outcome intakeattempt.Outcome
			status  int
			lead    bool
			codes   string
			body    bool
			address string
		}
		var got []line
		for _, a := range b.attempts() {
			got = append(got, line{a.Outcome, a.HTTPStatus, a.LeadID != nil && *a.LeadID == first.LeadID, strings.Join(a.ErrorCodes, ", "), b.body(a) != "", a.RemoteAddress})
		}
		want := []line{
			{intakeattempt.OutcomeACCEPTED, 201, true, "", true, "198.51.100.1"},
			{intakeattempt.OutcomeREPLAYED, 201, true, "", true, "198.51.100.1"},
			{intakeattempt.OutcomeKEY_REUSED, 409, true, "IDEMPOTENCY_KEY_REUSED idempotencyKey", true, "198.51.100.1"},
			{intakeattempt.OutcomeINVALID, 422, false, "REQUIRED firstName, INVALID_PHONE phone", true, "198.51.100.1"},
			{intakeattempt.OutcomeUNAUTHENTICATED, 401, false, "", false, ""},
		}
		if !slices.Equal(got, want) {
			t.Errorf("the log is\n%v, want\n%v", got, want)
		}
		if body := b.body(b.attempts()[0]); body != "{\"firstName\":\"Анна\"}\x00\xff" {
			t.Errorf("raw body is %q, want it as it was sent", body)
		}
	})
}

func TestEachOutcome(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributors(2)
		entry := b.block(blacklistentry.KindPHONE, "+79120000066")
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(1).SetRequireConsent(true) })
		with := func(n int) leads.Submission {
			in := anna(n)
			in.Consent = consent()
			return in
		}
		first := b.accept(source, with(1))
		for _, c := range []struct {
			name, outcome string
			in            leads.Submission
			status        lead.Status
			step          string
			skipped       []string
			detail        string
		}{
			{"blacklisted", "BLACKLISTED", with(66), lead.StatusBLOCKED, "BLACKLIST", []string{"DUPLICATES", "CONSENT", "CAP", "HAND_OUT"}, gid.BlacklistEntry.Format(entry)},
			{"duplicate", "DUPLICATE", with(1), lead.StatusDUPLICATE, "DUPLICATES", []string{"CONSENT", "CAP", "HAND_OUT"}, gid.Lead.Format(first.LeadID)},
			{"without consent", "QUARANTINED", anna(3), lead.StatusQUARANTINED, "CONSENT", []string{"CAP", "HAND_OUT"}, "no consent"},
			{"over the cap", "OVER_CAP", with(4), lead.StatusOVER_CAP, "CAP", []string{"HAND_OUT"}, "2026-03-01"},
		} {
			t.Run(c.name, func(t *testing.T) {
				a := b.accept(source, c.in)
				wantOutcome(t, a, c.outcome)
				if a.HTTPStatus() != 200 {
					t.Errorf("HTTP status is %d, want 200", a.HTTPStatus())
				}
				l := b.read(a.LeadID)
				wantStatus(t, l, c.status)
				if l.DistributorID != nil || l.AssignedAt != nil {
					t.Errorf("distributor is %v, want none", l.DistributorID)
				}
				if got := check(t, l, c.step); got.Outcome != c.outcome || !strings.Contains(got.Detail, c.detail) {
					t.Errorf("the trace says %+v, want outcome %s and %q", got, c.outcome, c.detail)
				}
				for _, step := range c.skipped {
					if got := check(t, l, step); got.Outcome != "SKIPPED" {
						t.Errorf("the trace says %+v, want %s skipped", got, step)
					}
				}
				if got := b.timeline(b.admin, l.ID); got != "RECEIVED" {
					t.Errorf("the timeline is %s, want RECEIVED", got)
				}
			})
		}
	})
}

func TestTheTraceOfAnAcceptedLead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		owner := b.distributor("Ромашка")
		l := b.lead(b.source(), 1)
		want := []values.Check{
			{Step: "VALIDATION", Outcome: "PASSED"},
			{Step: "IDEMPOTENCY", Outcome: "SKIPPED", Detail: "no idempotency key and no external id"},
			{Step: "BLACKLIST", Outcome: "PASSED"},
			{Step: "DUPLICATES", Outcome: "PASSED", Rule: "ANY of PHONE, EMAIL within 30 days, scope BASE"},
			{Step: "CONSENT", Outcome: "PASSED", Rule: "the source's legal basis", Detail: "CONTRACT"},
			{Step: "CAP", Outcome: "SKIPPED", Detail: "the source has no daily cap"},
			{Step: "HAND_OUT", Outcome: "ASSIGNED", Rule: "round robin", Detail: gid.Distributor.Format(owner)},
		}
		if !slices.Equal(l.DecisionTrace, want) {
			t.Errorf("the trace is\n%v, want\n%v", l.DecisionTrace, want)
		}
		if got := b.timeline(b.as(owner), l.ID); got != "RECEIVED ASSIGNED" {
			t.Errorf("its distributor sees %s, want RECEIVED ASSIGNED", got)
		}
	})
}

func TestIdempotency(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source, other := b.source(), b.source()
		in := whole()
		first := b.accept(source, in)

		t.Run("another writing of the same is a repeat", func(t *testing.T) {
			again := in
			again.Phone, again.Email, again.RawBody = "+79123456789", "anna@example.ru", nil
			if a := b.accept(source, again); !a.Replayed || a.Reference != first.Reference || a.Outcome != "ACCEPTED" {
				t.Errorf("got %+v, want a replay of %+v", a, first)
			}
		})
		t.Run("the external id alone makes a repeat", func(t *testing.T) {
			again := in
			again.IdempotencyKey = "another"
			if a := b.accept(source, again); !a.Replayed || a.Reference != first.Reference {
				t.Errorf("got %+v, want a replay of %+v", a, first)
			}
			again.LastName = "Иванова"
			_, err := b.Accept(source, again)
			wantFaults(t, err, "IDEMPOTENCY_KEY_REUSED externalId")
		})
		t.Run("a replay keeps answering what became of the first", func(t *testing.T) {
			duplicate := in
			duplicate.IdempotencyKey, duplicate.ExternalID = "dup", ""
			wantOutcome(t, b.accept(source, duplicate), "DUPLICATE")
			b.put(first.LeadID, lead.StatusREJECTED)
			if a := b.accept(source, duplicate); !a.Replayed || a.Outcome != "DUPLICATE" {
				t.Errorf("got %+v, want the DUPLICATE again", a)
			}
		})
		t.Run("another source's key is another", func(t *testing.T) {
			if a := b.accept(other, in); a.Replayed || a.Outcome != "DUPLICATE" {
				t.Errorf("got %+v, want a DUPLICATE that is no replay", a)
			}
		})
		t.Run("an invalid submission does not use its key up", func(t *testing.T) {
			invalid := anna(7)
			invalid.IdempotencyKey, invalid.FirstName = "k7", ""
			_, err := b.Accept(source, invalid)
			wantFaults(t, err, "REQUIRED firstName")
			invalid.FirstName = "Анна"
			wantOutcome(t, b.accept(source, invalid), "ACCEPTED")
		})
	})
}

func TestHandOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(4)
		b.suspend(ids[3])
		own := func(id gid.ID) func(*ent.LeadSourceCreate) {
			return func(s *ent.LeadSourceCreate) { s.SetDistributorID(id) }
		}
		allowed := func(s *ent.LeadSourceCreate) { s.SetAllowedDistributorIds([]gid.ID{ids[1], ids[3]}) }
		for i, c := range []struct {
			name   string
			source context.Context
			asked  string
			test   bool
			want   []gid.ID // one of them; none: nobody
			rule   string
		}{
			{"the source's own", b.source(own(ids[0])), "", false, ids[:1], "the source's distributor"},
			{"the source's own before the one asked for", b.source(own(ids[0])), gid.Distributor.Format(ids[1]), false, ids[:1], "the source's distributor"},
			{"round robin instead of a suspended own", b.source(own(ids[3])), "", false, ids[:3], "round robin"},
			{"the one asked for", b.source(), gid.Distributor.Format(ids[2]), false, ids[2:3], "the distributor asked for"},
			{"round robin instead of a suspended one", b.source(), gid.Distributor.Format(ids[3]), false, ids[:3], "round robin"},
			{"round robin instead of an unknown one", b.source(), gid.Distributor.Format(gid.New()), false, ids[:3], "round robin"},
			{"allowed and asked for", b.source(allowed), gid.Distributor.Format(ids[1]), false, ids[1:2], "the distributor asked for"},
			{"round robin among the allowed", b.source(allowed), "", false, ids[1:2], "round robin"},
			{"one that is not allowed is passed over", b.source(allowed), gid.Distributor.Format(ids[0]), false, ids[1:2], "round robin"},
			{"nobody allowed is left", b.source(func(s *ent.LeadSourceCreate) { s.SetAllowedDistributorIds(ids[3:]) }), "", false, nil, "round robin"},
			{"a test lead takes no turn", b.source(), "", true, nil, ""},
			{"a test lead goes to the one asked for", b.source(), gid.Distributor.Format(ids[2]), true, ids[2:3], "the distributor asked for"},
		} {
			t.Run(c.name, func(t *testing.T) {
				in := anna(i)
				in.DistributorID, in.Test = c.asked, c.test
				a := b.accept(c.source, in)
				wantOutcome(t, a, "ACCEPTED")
				l := b.read(a.LeadID)
				switch {
				case len(c.want) == 0 && l.DistributorID != nil:
					t.Errorf("distributor is %v, want none", l.DistributorID)
				case len(c.want) > 0 && (l.DistributorID == nil || !slices.Contains(c.want, *l.DistributorID)):
					t.Errorf("distributor is %v, want one of %v", l.DistributorID, c.want)
				}
				if got := check(t, l, "HAND_OUT"); got.Rule != c.rule {
					t.Errorf("the trace says %+v, want rule %q", got, c.rule)
				}
				if want := map[bool]string{true: "RECEIVED ASSIGNED", false: "RECEIVED UNASSIGNED"}[len(c.want) > 0]; b.timeline(b.admin, l.ID) != want {
					t.Errorf("the timeline is %s, want %s", b.timeline(b.admin, l.ID), want)
				}
			})
		}
	})
}

func TestTestLeadsNeverCount(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		ids := b.distributors(2)
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(2) })
		test := anna(1)
		test.Test = true
		wantOutcome(t, b.accept(source, test), "ACCEPTED")
		wantOutcome(t, b.accept(source, test), "DUPLICATE")
		wantOutcome(t, b.accept(source, anna(1)), "ACCEPTED")
		wantOutcome(t, b.accept(source, anna(2)), "ACCEPTED")
		wantOutcome(t, b.accept(source, anna(3)), "OVER_CAP")
		if shares := b.shares(ids); !slices.Equal(shares, []int{1, 1}) {
			t.Errorf("the distributors have %v leads, want one each", shares)
		}
	})
}

func TestTheCapBeginsAnewWithTheBusinessDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		source := b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(1) })
		b.at("2026-03-01T20:59:59Z")
		wantOutcome(t, b.accept(source, anna(1)), "ACCEPTED")
		wantOutcome(t, b.accept(source, anna(2)), "OVER_CAP")
		b.at("2026-03-01T21:00:00Z") // midnight in Moscow
		wantOutcome(t, b.accept(source, anna(3)), "ACCEPTED")
	})
}

func TestOnlyAnActiveSourceSubmits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		stopped := b.source(func(s *ent.LeadSourceCreate) { s.SetStatus("STOPPED") })
		unknown := auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: gid.New()})
		for name, c := range map[string]struct {
			ctx  context.Context
			code string
		}{
			"nobody": {context.Background(), "UNAUTHENTICATED"}, "an administrator": {b.admin, "FORBIDDEN"}, "the system": {b.system, "FORBIDDEN"},
			"a stopped source": {stopped, "SOURCE_STOPPED"}, "no source": {unknown, "UNAUTHENTICATED"},
		} {
			logged := len(b.attempts())
			_, err := b.Accept(c.ctx, anna(1))
			wantFaults(t, err, c.code)
			_, err = b.AcceptBatch(c.ctx, []leads.Submission{anna(1)})
			wantFaults(t, err, c.code)
			if n := must(d.Lead.Query().Count(b.system)); n != 0 {
				t.Fatalf("%s stored %d leads, want none", name, n)
			}
			want := map[bool]int{true: 2, false: 0}[c.code == "SOURCE_STOPPED"] // one that may not submit at all is the edges' to log
			if n := len(b.attempts()) - logged; n != want {
				t.Errorf("%s left %d lines in the intake log, want %d", name, n, want)
			}
		}
	})
}

func TestARefusalOfAStoppedSourceIsLoggedWithItsBody(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		stopped := b.source(func(s *ent.LeadSourceCreate) { s.SetStatus("STOPPED") })
		in := anna(1)
		in.RawBody = []byte("{}")
		_, err := b.Accept(stopped, in)
		wantFaults(t, err, "SOURCE_STOPPED")
		_, err = b.AcceptBatch(stopped, []leads.Submission{in, in})
		wantFaults(t, err, "SOURCE_STOPPED")
		log := b.attempts()
		if len(log) != 2 {
			t.Fatalf("the log has %d lines, want 2", len(log))
		}
		for i, body := range []string{"{}", "[{},{}]"} {
			a := log[i]
			if a.Outcome != intakeattempt.OutcomeUNAUTHENTICATED || a.HTTPStatus != 403 || a.SourceID == nil || *a.SourceID != sourceID(stopped) ||
				!slices.Equal(a.ErrorCodes, []string{"SOURCE_STOPPED"}) || b.body(a) != body {
				t.Errorf("line %d is %v, want the source refused with 403 SOURCE_STOPPED and the body %s", i, a, body)
			}
		}
	})
}

func TestSubmittedIsTheSourcesOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source, other := b.source(), b.source()
		a := b.accept(source, anna(1))
		if l := must(b.Submitted(source, a.Reference)); l == nil || l.Status != lead.StatusNEW || l.Outcome != lead.OutcomeACCEPTED {
			t.Errorf("got %+v, want the accepted lead", l)
		}
		for name, c := range map[string]struct {
			ctx       context.Context
			reference string
		}{
			"another source's": {other, a.Reference}, "none": {source, gid.Submission.Format(gid.New())},
			"a lead's id": {source, gid.Lead.Format(a.LeadID)}, "nonsense": {source, "x"},
		} {
			if l := must(b.Submitted(c.ctx, c.reference)); l != nil {
				t.Errorf("%s: got %v, want nothing", name, l)
			}
		}
		_, err := b.Submitted(b.admin, a.Reference)
		wantFaults(t, err, "FORBIDDEN")
	})
}

func TestAPayoutIsDisclosedToWhomItMayBe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributors(1)
		for disclosed, n := range map[bool]int{false: 1, true: 2} {
			source := b.source(func(s *ent.LeadSourceCreate) { s.SetDisclosePayouts(disclosed) })
			a := b.accept(source, anna(n))
			if l := must(b.Submitted(source, a.Reference)); l.Payout != nil {
				t.Errorf("before the sale the payout is %d, want none", *l.Payout)
			}
			must(registerSale(b.admin, b.Service, b.sale(a.LeadID)))
			if l := must(b.Submitted(source, a.Reference)); (l.Payout != nil) != disclosed || disclosed && *l.Payout != 150_000 {
				t.Errorf("after the sale the payout is %v, want 150000 only where payouts are disclosed: %v", l.Payout, disclosed)
			}
		}
	})
}

func TestRawBodiesGoAfterAWhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.source()
		in := anna(1)
		in.RawBody = []byte("{}")
		b.accept(source, in)
		b.at("2026-03-02T09:00:00Z")
		b.accept(source, in)
		for _, want := range []int{1, 0} {
			if n := must(b.DropRawBodies(context.Background(), b.Now())); n != want {
				t.Errorf("%d bodies are dropped, want %d", n, want)
			}
		}
		if log := b.attempts(); b.body(log[0]) != "" || b.body(log[1]) == "" {
			t.Errorf("bodies are %v and %v, want the later one alone", b.body(log[0]), b.body(log[1]))
		}
	})
}

func TestStatementsOfAnAcceptedLead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.distributor("Ромашка")
		in := whole()
		in.Advertising = consent()
		before := anna(1)
		before.Consent, before.Advertising = consent(), consent()
		b.accept(b.source(), before) // whose texts are known from then on
		ctx, counter := db.CountStatements(b.source(func(s *ent.LeadSourceCreate) { s.SetDailyCap(10) }))
		wantOutcome(t, b.accept(ctx, in), "ACCEPTED")
		// the source with its purpose, the locks, two looks for a repeat, the blacklist, two looks for a duplicate, the cap, the
		// turn, the distributor, the lead; and its timeline, the intake log, both consents, who is told, that it has changed, the
		// audit, which are one on PostgreSQL
		want := 17
		if d.Dialect() == dialect.Postgres {
			want = 12
		}
		if counter.N() != want {
			t.Errorf("%d statements, want %d:\n%s", counter.N(), want, strings.Join(counter.List(), "\n"))
		}
	})
}
