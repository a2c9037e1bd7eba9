package leads_test

import (
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/leads"
)

func TestLettersInPartsAreFound(t *testing.T) {
	const composed, inParts = "Андре\u0439", "Андре\u0438\u0306"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		source := b.source()
		for i, name := range []string{composed, inParts} {
			in := anna(i)
			in.FirstName = name
			if l := b.read(b.accept(source, in).LeadID); l.FirstName != composed {
				t.Errorf("%+q is stored as %+q, want %+q", name, l.FirstName, composed)
			}
		}
		for _, name := range []string{composed, inParts} {
			for what, filter := range map[string]leads.Filter{"search": {Search: &name}, "first name": {FirstName: &name}} {
				if n := must(b.found(filter)); n != 2 {
					t.Errorf("%s %+q finds %d leads, want both", what, name, n)
				}
			}
		}
		keyed := anna(5)
		keyed.FirstName, keyed.IdempotencyKey = composed, "k"
		b.accept(source, keyed)
		keyed.FirstName = inParts
		if got := outcome(b.Accept(source, keyed)); got != "REPLAYED ACCEPTED" {
			t.Errorf("the same name in parts under the same key came to %s, want REPLAYED ACCEPTED", got)
		}
	})
}

func TestATextWithAZeroByteFindsNothing(t *testing.T) {
	text := "a\x00"
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		b.accept(b.source(), anna(1))
		for what, f := range map[string]leads.Filter{
			"search": {Search: &text}, "phone": {Phone: &text}, "e-mail": {Email: &text}, "address": {IP: &text}, "external id": {ExternalID: &text},
			"first name": {FirstName: &text}, "last name": {LastName: &text},
		} {
			n, err := b.found(f)
			if n != 0 || err != nil {
				t.Errorf("%s: got %d leads, %v, want none", what, n, err)
			}
		}
	})
}

func TestOneInstantOfConsentInAnyWritingIsOneContent(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	source := b.source()
	in := anna(1)
	in.IdempotencyKey, in.Consent = "k", consent()
	b.accept(source, in)
	in.Consent.GivenAt = "2026-03-01T09:00:00.000Z"
	if got := outcome(b.Accept(source, in)); got != "REPLAYED ACCEPTED" {
		t.Errorf("the same instant in another zone came to %s, want REPLAYED ACCEPTED", got)
	}
}

func TestOfAStrangersBodyTheBeginningIsLogged(t *testing.T) {
	b := newBook(t, dbtest.SQLite(t))
	for _, n := range []int{100, 100_000} {
		if err := b.LogStranger(t.Context(), leads.Attempt{Outcome: "UNAUTHENTICATED", HTTPStatus: 401, RawBody: make([]byte, n)}); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []int{100, 8 << 10} {
		if got := b.body(b.attempts()[i]); len(got) != want {
			t.Errorf("line %d keeps %d bytes, want %d", i, len(got), want)
		}
	}
}
