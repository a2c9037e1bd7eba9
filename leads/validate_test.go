package leads_test

import (
	"strings"
	"testing"

	"channelbook/ent/values"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/leads"
)

func TestAllFaultsComeAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		_, err := b.Accept(b.source(), leads.Submission{
			ExternalID: strings.Repeat("x", 256), FirstName: " ", LastName: "123", Phone: "911", Email: "anna@", IP: "300.1.1.1",
			DistributorID: "lead_01", IdempotencyKey: "a\x00b",
			Funnel:   strings.Repeat("ы", 513),
			Consent:  &values.Consent{GivenAt: "yesterday"},
			Tracking: leads.Tracking{UTMSource: "\xff", SubIDs: []string{"a", "b\x01"}},
		})
		wantFaults(t, err,
			"TOO_LONG externalId", "REQUIRED firstName", "INVALID_NAME lastName", "INVALID_PHONE phone", "INVALID_EMAIL email", "INVALID_IP ip",
			"INVALID_DISTRIBUTOR_ID distributorId", "INVALID_CHARACTERS idempotencyKey", "TOO_LONG funnel",
			"REQUIRED consent.purpose", "REQUIRED consent.textVersion", "INVALID_TIME consent.givenAt",
			"INVALID_CHARACTERS tracking.utmSource", "INVALID_CHARACTERS tracking.subIds[1]")
		if n := must(d.Lead.Query().Count(b.system)); n != 0 {
			t.Errorf("%d leads are stored, want none", n)
		}
	})
}

func TestFaults(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	source := b.source()
	for name, c := range map[string]struct {
		change func(*leads.Submission)
		want   string
	}{
		"no contact":             {func(in *leads.Submission) { in.Phone = "" }, "CONTACT_REQUIRED phone"},
		"placeholders only":      {func(in *leads.Submission) { in.Phone, in.Email = "{phone}", "{{email}}" }, "CONTACT_REQUIRED phone"},
		"name is a placeholder":  {func(in *leads.Submission) { in.FirstName = "%first_name%" }, "REQUIRED firstName"},
		"name of 101 characters": {func(in *leads.Submission) { in.FirstName = strings.Repeat("я", 101) }, "TOO_LONG firstName"},
		"name with a line break": {func(in *leads.Submission) { in.LastName = "А\nБ" }, "INVALID_CHARACTERS lastName"},
		"address with a zone":    {func(in *leads.Submission) { in.IP = "fe80::1%eth0" }, "INVALID_IP ip"},
		"address with a port":    {func(in *leads.Submission) { in.IP = "203.0.113.7:80" }, "INVALID_IP ip"},
		"eleven sub-ids":         {func(in *leads.Submission) { in.Tracking.SubIDs = make([]string, 11) }, "TOO_MANY tracking.subIds"},
		"id of another kind":     {func(in *leads.Submission) { in.DistributorID = "user_01jzzzzzzzzzzzzzzzzzzzzzzz" }, "INVALID_DISTRIBUTOR_ID distributorId"},
	} {
		t.Run(name, func(t *testing.T) {
			in := anna(1)
			c.change(&in)
			_, err := b.Accept(source, in)
			wantFaults(t, err, c.want)
		})
	}
}

func TestWhatIsTaken(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	source := b.source()
	n := 0
	for name, change := range map[string]func(*leads.Submission){
		"e-mail alone":                  func(in *leads.Submission) { in.Phone, in.Email = "", "anna@example.ru" },
		"name of 100 characters":        func(in *leads.Submission) { in.FirstName = strings.Repeat("я", 100) },
		"consent within the skew":       func(in *leads.Submission) { in.Consent = consent(); in.Consent.GivenAt = "2026-03-01T09:05:00Z" },
		"IPv6":                          func(in *leads.Submission) { in.IP = "2001:DB8::1" },
		"per cent and braces in a text": func(in *leads.Submission) { in.Tracking.UTMTerm = "100% {a} b" },
	} {
		t.Run(name, func(t *testing.T) {
			n++
			in := anna(n)
			change(&in)
			wantOutcome(t, b.accept(source, in), "ACCEPTED")
		})
	}
}

func TestThePlaceholderOfEachKindIsEmpty(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	source := b.source()
	for i, value := range []string{"{keyword}", "{{ad.id}}", "${region}", "%campaign_name%", " {x} ", "{}"} {
		in := anna(i)
		in.Tracking.UTMTerm = value
		if l := b.read(b.accept(source, in).LeadID); l.UtmTerm != "" {
			t.Errorf("%q is kept as %q, want it empty", value, l.UtmTerm)
		}
	}
}
