package intake_test

import (
	"strings"
	"testing"

	"channelbook/leads"
)

func TestARepeatIsAnsweredWhatTheFirstWas(t *testing.T) {
	const (
		plain    = `{"firstName":"Анна","phone":"+79120000001"}`
		external = `{"externalId":"e-1","firstName":"Анна","phone":"+79120000001"}`
	)
	key := []string{"Idempotency-Key", "k-1"}
	for name, c := range map[string]struct {
		first, second               string
		firstHeaders, secondHeaders []string
	}{
		"by its key":                                {plain, plain, key, key},
		"by its key, whatever the spelling":         {plain, `{ "phone": "8 (912) 000-00-01", "firstName": " Анна ", "lastName": "" }`, key, key},
		"by its external id":                        {external, external, nil, nil},
		"by its external id, under another key":     {external, external, key, []string{"Idempotency-Key", "k-2"}},
		"by its external id, the key being left":    {external, external, key, nil},
		"by its key, which stands for all the rest": {external, external, key, key},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *site) {
				source := s.source(leads.SourceInput{})
				first := s.post(one, source, c.first, c.firstHeaders...)
				again := s.post(one, source, c.second, c.secondHeaders...)
				if first.status != 201 || again.status != 201 || again.body != first.body {
					t.Errorf("got %d %s and then %d %s, want the same twice", first.status, first.body, again.status, again.body)
				}
				if got := again.header.Get("Idempotent-Replayed"); got != "true" {
					t.Errorf("got Idempotent-Replayed %q, want true", got)
				}
				if n := s.leadCount(); n != 1 {
					t.Errorf("got %d leads, want 1", n)
				}
				wantLogged(t, s.last(), "REPLAYED", 201, c.second)
			})
		})
	}
}

func TestARepeatedDuplicateIsStillADuplicate(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		source := s.source(leads.SourceInput{})
		s.post(one, source, anna(1))
		first := s.post(one, source, anna(1), "Idempotency-Key", "k")
		again := s.post(one, source, anna(1), "Idempotency-Key", "k")
		if again.status != 200 || again.body != first.body || again.header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("got %d %s, want 200 %s, replayed", again.status, again.body, first.body)
		}
		wantLogged(t, s.last(), "REPLAYED", 200, anna(1))
	})
}

func TestAKeyWithAnotherBodyIsRefused(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		source := s.source(leads.SourceInput{})
		s.post(one, source, anna(1), "Idempotency-Key", "k")
		s.post(one, source, `{"externalId":"e","firstName":"Анна","phone":"+79120000002"}`)
		for name, r := range map[string]reply{
			"idempotency key": s.post(one, source, anna(9), "Idempotency-Key", "k"),
			"external id":     s.post(one, source, `{"externalId":"e","firstName":"Мария","phone":"+79120000002"}`),
		} {
			wantProblem(t, r, 409, "IDEMPOTENCY_KEY_REUSED")
			if r.header.Get("Idempotent-Replayed") != "" || strings.Contains(r.body, "ref_") {
				t.Errorf("%s: got %v %s, want nothing of the first", name, r.header, r.body)
			}
		}
		if n := s.leadCount(); n != 2 {
			t.Errorf("got %d leads, want 2", n)
		}
		for _, a := range s.attempts()[2:] {
			if a.Outcome != "KEY_REUSED" || a.HTTPStatus != 409 || a.RawBodySealed == nil {
				t.Errorf("the intake log has %s %d %v, want KEY_REUSED 409 and the body", a.Outcome, a.HTTPStatus, a.RawBodySealed)
			}
		}
	})
}

func TestKeysOfOneSourceAreNotAnothers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		body := `{"externalId":"e","firstName":"Анна","phone":"+79120000001"}`
		first := s.post(one, s.source(leads.SourceInput{}), body, "Idempotency-Key", "k")
		other := s.post(one, s.source(leads.SourceInput{}), body, "Idempotency-Key", "k")
		if first.status != 201 || other.status != 200 || read[result](t, other).Outcome != "DUPLICATE" {
			t.Errorf("got %d %s and %d %s, want the second judged as a lead of its own", first.status, first.body, other.status, other.body)
		}
	})
}

func TestAPlainRepeatIsJudgedByThePolicy(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		open := s.source(leads.SourceInput{Duplicates: leads.DuplicatePolicy{Fields: []string{}}})
		for range 2 {
			if r := s.post(one, open, anna(1)); r.status != 201 || r.header.Get("Idempotent-Replayed") != "" {
				t.Errorf("no policy: got %d %s, want 201 each time", r.status, r.body)
			}
		}
	})
}
