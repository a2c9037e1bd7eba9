package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/internal/gid"
	"channelbook/leads"
)

const (
	vkLead = `{"type":"lead_forms_new","group_id":7,"event_id":"e","secret":%q,"v":"5.199","object":{"lead_id":981,"group_id":7,"user_id":5,
		"form_id":3,"form_name":"Весна","ad_id":44,"answers":[{"key":"first_name","question":"Имя","answer":"Анна"},
		{"key":"last_name","question":"Фамилия","answer":"Петрова"},{"key":"phone_number","question":"Телефон","answer":"+7 912 345-67-89"},
		{"key":"custom_0","question":"Когда звонить?","answer":["утром","днём"]}]}}`
	googleLead = `{"lead_id":"TeSter-123","user_column_data":[{"column_name":"Full Name","string_value":"Анна Мария Петрова","column_id":"FULL_NAME"},
		{"string_value":"anna@example.ru","column_id":"EMAIL"}],"api_version":"1.0","form_id":40000000000,"campaign_id":123456,
		"google_key":%q,"is_test":%t,"gcl_id":"click","new_field":{"a":1}}`
)

// formSource makes a source of lead forms and returns the address of its hook.
func (s *site) formSource(kind leadsource.Kind) (hook string, id gid.ID) {
	s.t.Helper()
	no := false
	in := leads.SourceInput{Kind: kind, RequireConsent: &no}
	if kind == leadsource.KindVK {
		in.VKSecret, in.VKConfirmation = "s3cret", "confirm-me"
	} else {
		in.GoogleKey = "s3cret"
	}
	row, _ := s.namedSource(in)
	return "/hooks/" + strings.ToLower(string(kind)) + "/" + gid.LeadSource.Format(row.ID), row.ID
}

func TestVKLeadForms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		hook, id := s.formSource(leadsource.KindVK)
		t.Run("the confirmation is answered with the source's string, with and without the secret", func(t *testing.T) {
			for _, body := range []string{`{"type":"confirmation","group_id":7}`, `{"type":"confirmation","group_id":7,"secret":"s3cret"}`} {
				if r := s.post(hook, "", body); r.status != 200 || r.body != "confirm-me" {
					t.Errorf("%s: got %d %q, want 200 confirm-me", body, r.status, r.body)
				}
			}
		})
		t.Run("a lead sent twice is taken in once and thanked for twice", func(t *testing.T) {
			for range 2 {
				if r := s.post(hook, "", fmt.Sprintf(vkLead, "s3cret")); r.status != 200 || r.body != "ok" {
					t.Errorf("got %d %q, want 200 ok", r.status, r.body)
				}
			}
			got := must(s.db.Lead.Query().Only(s.system))
			if got.SourceID != id || got.FirstName != "Анна" || got.LastName != "Петрова" || phoneOf(t, got) != "+79123456789" ||
				deref(got.ExternalID) != "vk-3-981" || got.Funnel != "Весна" || got.BannerID != "44" || got.UtmSource != "vk" {
				t.Errorf("got %+v, want the form's answers", got)
			}
		})
		t.Run("a lead that is no good is thanked for and stands in the log", func(t *testing.T) {
			body := strings.Replace(fmt.Sprintf(vkLead, "s3cret"), `"lead_id":981`, `"lead_id":982`, 1)
			body = strings.Replace(body, "+7 912 345-67-89", "112", 1)
			if r := s.post(hook, "", body); r.status != 200 || r.body != "ok" {
				t.Errorf("got %d %q, want 200 ok", r.status, r.body)
			}
			wantLogged(t, s.last(), "INVALID", 422, body)
		})
		t.Run("an event of another kind is thanked for", func(t *testing.T) {
			if r := s.post(hook, "", `{"type":"message_new","secret":"s3cret"}`); r.body != "ok" {
				t.Errorf("got %d %q, want ok", r.status, r.body)
			}
		})
		s.refusesStrangers(t, hook, func(secret string) string { return fmt.Sprintf(vkLead, secret) })
	})
}

func TestGoogleLeadForms(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		hook, _ := s.formSource(leadsource.KindGOOGLE)
		t.Run("a lead sent twice is taken in once", func(t *testing.T) {
			for range 2 {
				if r := s.post(hook, "", fmt.Sprintf(googleLead, "s3cret", false)); r.status != 200 || strings.TrimSpace(r.body) != "{}" {
					t.Errorf("got %d %q, want 200 {}", r.status, r.body)
				}
			}
			got := must(s.db.Lead.Query().Only(s.system))
			if got.FirstName != "Анна" || got.LastName != "Мария Петрова" || emailOf(t, got) != "anna@example.ru" ||
				deref(got.ExternalID) != "TeSter-123" || got.CampaignID != "123456" || got.Subid != "click" || got.IsTest {
				t.Errorf("got %+v, want the form's answers", got)
			}
		})
		t.Run("the test button makes a test lead", func(t *testing.T) {
			s.post(hook, "", strings.Replace(fmt.Sprintf(googleLead, "s3cret", true), "TeSter-123", "TeSter-124", 1))
			if n := must(s.db.Lead.Query().Where(lead.IsTest(true)).Count(s.system)); n != 1 {
				t.Errorf("got %d test leads, want 1", n)
			}
		})
		s.refusesStrangers(t, hook, func(secret string) string { return fmt.Sprintf(googleLead, secret, false) })
	})
}

// refusesStrangers: a wrong secret, another source's address and what is no event leave no lead.
func (s *site) refusesStrangers(t *testing.T, hook string, body func(secret string) string) {
	t.Helper()
	before := s.leadCount()
	root := hook[:strings.LastIndex(hook, "/")+1]
	_, key := s.namedSource(leads.SourceInput{})
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"a wrong secret":               {hook, body("guess"), 401},
		"no secret":                    {hook, body(""), 401},
		"a source of another kind":     {root + gid.LeadSource.Format(must(s.db.LeadSource.Query().Where(leadsource.KindEQ(leadsource.KindGENERIC)).FirstID(s.system))), body("s3cret"), 401},
		"no source":                    {root + "nobody", body("s3cret"), 401},
		"the first question, nobody's": {root + "nobody", `{"type":"confirmation"}`, 401},
		"no JSON":                      {hook, "lead=1", 400},
		"too large":                    {hook, `{"type":"` + strings.Repeat("x", 70_000) + `"}`, 413},
	} {
		if r := s.post(c.path, key, c.body); r.status != c.status {
			t.Errorf("%s: got %d %s, want %d", name, r.status, r.body, c.status)
		}
	}
	if n := s.leadCount(); n != before {
		t.Errorf("got %d leads more, want none", n-before)
	}
}
