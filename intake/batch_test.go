package intake_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"channelbook/leads"
)

type batch struct {
	Results       []result
	AcceptedCount int
}

// list joins leads into a bare list.
func list(bodies ...string) string { return "[" + strings.Join(bodies, ",") + "]" }

func (b batch) outcomes() string {
	all := make([]string, len(b.Results))
	for i, r := range b.Results {
		all[i] = strings.Join(append([]string{r.Outcome}, r.faults()...), " ")
	}
	return strings.Join(all, ", ")
}

// sendBatch posts a batch that is answered lead by lead.
func (s *site) sendBatch(key, body string) batch {
	s.t.Helper()
	r := s.post(many, key, body)
	if r.status != 200 {
		s.t.Fatalf("got %d %s, want 200", r.status, r.body)
	}
	b := read[batch](s.t, r)
	for i, got := range b.Results {
		if got.Index != i {
			s.t.Errorf("answer %d has the index %d", i, got.Index)
		}
	}
	return b
}

func TestABatchOf500IsAnsweredLeadByLead(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		bodies := make([]string, 500)
		for i := range bodies {
			bodies[i] = anna(i)
		}
		got := s.sendBatch(key, list(bodies...))
		if len(got.Results) != 500 || got.AcceptedCount != 500 {
			t.Fatalf("got %d answers and %d accepted, want 500 of both", len(got.Results), got.AcceptedCount)
		}
		for i, r := range got.Results {
			if r.Outcome != "ACCEPTED" {
				t.Fatalf("lead %d: got %s %v, want ACCEPTED", i, r.Outcome, r.Errors)
			}
		}
		for _, i := range []int{0, 250, 499} {
			if l := s.stored(got.Results[i].Reference); phoneOf(t, l) != phone(i) {
				t.Errorf("answer %d refers to the lead with %s, want %s", i, phoneOf(t, l), phone(i))
			}
		}
		times := map[string]int{}
		for _, a := range s.attempts() {
			times[kept(t, a)]++
			if a.Outcome != "ACCEPTED" || a.HTTPStatus != 201 || a.RemoteAddress != client || a.LeadID == nil {
				t.Fatalf("the intake log has %s %d %s %v, want a line for each lead", a.Outcome, a.HTTPStatus, a.RemoteAddress, a.LeadID)
			}
		}
		for _, body := range bodies {
			if times[body] != 1 {
				t.Errorf("the intake log keeps %s %d times, want once", body, times[body])
			}
		}
	})
}

func TestTheFormOfABatch(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		for name, body := range map[string]string{
			"a bare list":              list(anna(1)),
			"a list under leads":       `{"leads":` + list(anna(2)) + `}`,
			"a list with blanks about": " \n { \"leads\" : [ " + anna(3) + " ] } \n ",
		} {
			t.Run(name, func(t *testing.T) {
				r := s.post(many, key, body)
				reference := read[batch](t, r).Results[0].Reference
				want := `{"results":[{"index":0,"outcome":"ACCEPTED","reference":"` + reference + `"}],"acceptedCount":1}` + "\n"
				if r.status != 200 || r.body != want || reference == "" {
					t.Errorf("got %d %s, want 200 %s", r.status, r.body, want)
				}
			})
		}
	})
}

func TestOfEqualLeadsInABatchTheFirstIsAccepted(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		got := s.sendBatch(s.source(leads.SourceInput{}), list(anna(1), anna(2), anna(1), `{"firstName":"Б","phone":"8 (912) 000-00-02"}`))
		if want := "ACCEPTED, ACCEPTED, DUPLICATE, DUPLICATE"; got.outcomes() != want || got.AcceptedCount != 2 {
			t.Errorf("got %s and %d accepted, want %s", got.outcomes(), got.AcceptedCount, want)
		}
	})
}

func TestFaultsOfALeadHoldUpNoOthers(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		s.post(one, key, `{"externalId":"e","firstName":"Анна","phone":"+79120000100"}`)
		bodies := []string{
			anna(1), `{"phone":"1","colour":"red"}`, anna(2), `null`, `"Анна"`, `[]`, `{"firstName":5,"email":"a@example.ru"}`,
			`{"externalId":"e","firstName":"Мария","phone":"+79120000100"}`,
			`{"firstName":"` + strings.Repeat("A", 64<<10) + `"}`,
			anna(3),
		}
		got := s.sendBatch(key, list(bodies...))
		want := strings.Join([]string{
			"ACCEPTED", "INVALID INVALID_PHONE phone REQUIRED firstName UNKNOWN_FIELD colour", "ACCEPTED",
			"INVALID CONTACT_REQUIRED phone INVALID_TYPE REQUIRED firstName", "INVALID CONTACT_REQUIRED phone INVALID_TYPE REQUIRED firstName",
			"INVALID CONTACT_REQUIRED phone INVALID_TYPE REQUIRED firstName", "INVALID INVALID_TYPE firstName",
			" IDEMPOTENCY_KEY_REUSED externalId", "INVALID CONTACT_REQUIRED phone REQUIRED firstName TOO_LARGE", "ACCEPTED",
		}, ", ")
		if got.outcomes() != want || got.AcceptedCount != 3 {
			t.Errorf("got %d accepted and\n%s, want\n%s", got.AcceptedCount, got.outcomes(), want)
		}
		var logged []string
		for _, a := range s.attempts()[1:] {
			logged = append(logged, fmt.Sprint(a.Outcome, a.HTTPStatus, " ", kept(t, a)))
		}
		wanted := make([]string, len(bodies))
		for i, body := range bodies {
			outcome := map[string]string{"": "KEY_REUSED409", "ACCEPTED": "ACCEPTED201", "INVALID": "INVALID422"}[got.Results[i].Outcome]
			wanted[i] = outcome + " " + body
		}
		slices.Sort(logged)
		slices.Sort(wanted)
		if !slices.Equal(logged, wanted) {
			t.Errorf("the intake log has\n%.300q, want\n%.300q", logged, wanted)
		}
	})
}

func TestABatchIsRepeatedByTheKeysOfItsLeads(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		keyed := func(n int) string {
			return fmt.Sprintf(`{"idempotencyKey":"k-%d","firstName":"Анна","phone":"%s"}`, n, phone(n))
		}
		first := s.sendBatch(key, list(keyed(1), keyed(2)))
		again := s.sendBatch(key, list(keyed(2), keyed(3), keyed(1), keyed(3)))
		if want := "ACCEPTED, ACCEPTED, ACCEPTED, ACCEPTED"; again.outcomes() != want {
			t.Errorf("got %s, want %s", again.outcomes(), want)
		}
		if again.Results[0].Reference != first.Results[1].Reference || again.Results[2].Reference != first.Results[0].Reference ||
			again.Results[1].Reference != again.Results[3].Reference {
			t.Errorf("got %v after %v, want each key to keep its reference", again.Results, first.Results)
		}
		if n := s.leadCount(); n != 3 {
			t.Errorf("got %d leads, want 3", n)
		}
		t.Run("and a lead that came alone", func(t *testing.T) {
			alone := read[result](t, s.post(one, key, anna(4), "Idempotency-Key", "k-4"))
			if got := s.sendBatch(key, list(keyed(4))); got.Results[0].Reference != alone.Reference {
				t.Errorf("got %v, want the reference %s", got.Results, alone.Reference)
			}
		})
		t.Run("a key is no field of a lead that comes alone", func(t *testing.T) {
			if got := read[result](t, s.post(one, key, keyed(5))).faults(); !slices.Equal(got, []string{"UNKNOWN_FIELD idempotencyKey"}) {
				t.Errorf("got %q, want UNKNOWN_FIELD idempotencyKey", got)
			}
		})
	})
}

func TestABatchOfNoneOrTooManyIsRefusedWhole(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		key := s.source(leads.SourceInput{})
		for name, c := range map[string]struct{ body, want string }{
			"501 leads": {list(slices.Repeat([]string{anna(1)}, 501)...), "TOO_MANY leads"},
			"none":      {`[]`, "REQUIRED leads"},
		} {
			t.Run(name, func(t *testing.T) {
				r := s.post(many, key, c.body)
				got := read[result](t, r)
				if r.status != 422 || got.Outcome != "INVALID" || !slices.Equal(got.faults(), []string{c.want}) {
					t.Errorf("got %d %s, want 422 %s", r.status, r.body, c.want)
				}
				wantLogged(t, s.last(), "INVALID", 422, c.body)
			})
		}
		if n := s.leadCount(); n != 0 {
			t.Errorf("got %d leads, want none", n)
		}
	})
}
