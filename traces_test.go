package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"channelbook/internal/db"
)

// The canaries: each phone and e-mail that the test tells the server begins with one of these, in whatever writing.
// sampleValue is the number that a metric's line ends with: one of many digits may hold any others by chance.
var sampleValue = regexp.MustCompile(`(?m) [0-9.eE+-]+$`)

var canaries = []string{"+7912555", "7912555", "8912555", "912 555", "912) 555", "(912)555", "912-555", "canary", "5550000"}

// wantNoCanary checks a text; what is where it stands.
func wantNoCanary(t *testing.T, what, text string) {
	t.Helper()
	for _, canary := range canaries {
		canary = strings.ToLower(canary)
		for _, written := range []string{canary, hex.EncodeToString([]byte(canary))} { // a dump writes bytes in hex
			if at := strings.Index(strings.ToLower(text), written); at >= 0 {
				t.Errorf("%s holds %q: …%q…", what, written, text[max(0, at-60):min(len(text), at+60)])
			}
		}
	}
}

// TestPhonesAndEmailsStandNowhereInClear tells a server phones and e-mails in every way there is, and looks for them in
// the base's files while it serves and afterwards, in a backup or a dump, in the folder of files, the metrics and
// refusals. The log is watched by every test.
func TestPhonesAndEmailsStandNowhereInClear(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		v = v.with(vars{"ADMIN_PASSWORD": adminPassword, "METRICS_ADDR": "127.0.0.1:0", "FILES_DIR": filepath.Join(t.TempDir(), "files")})
		s := start(t, v)
		token := tellCanaries(t, s.url)
		_, metrics := get(t, s.metrics)
		wantNoCanary(t, "the metrics", sampleValue.ReplaceAllString(metrics, ""))
		wantNoCanariesKept(t, v)

		// They are there all the same, for those who may see them.
		got := ask(t, s.url, token, `{ leads(filter: {phone: "8 912 555-00-01"}) { edges { node { phone email } } }
			distributors { edges { node { phone email users { edges { node { phone email } } } } } } blacklist { edges { node { value } } }
			intakeAttempts(filter: {outcomes: [ACCEPTED]}) { edges { node { rawBody } } } }`, nil)
		for _, shown := range []string{"+79125550001", "canary1@example.ru", "+79125550002", "canary2@example.ru", "+79125550003", "canary3@example.ru", "+79125550004", "canary4@example.ru", "8 (912) 555"} {
			if !strings.Contains(got.raw, shown) {
				t.Errorf("an administrator does not see %s: %s", shown, got.raw)
			}
		}
		s.end(t)
		wantNoCanariesKept(t, v)
	})
}

// tellCanaries returns an administrator's token.
func tellCanaries(t *testing.T, url string) string {
	t.Helper()
	token := signIn(t, url, "admin", adminPassword)
	for _, mutation := range []string{
		`createDistributor(input: {companyName: "Ромашка", phone: "8 (912) 555-00-02", email: "Canary2@example.ru"}) { distributor { id } userErrors { code } }`,
		`createDistributor(input: {companyName: "", phone: "+7 912 555", email: "canary@"}) { userErrors { code message } }`,
		`addToBlacklist(input: {kind: PHONE, value: "8-912-555-00-04"}) { entry { id } userErrors { code } }`,
		`addToBlacklist(input: {kind: EMAIL, value: "canary4@example.ru"}) { entry { id } userErrors { code } }`,
		`addToBlacklist(input: {kind: PHONE, value: "8-912-555-00-04"}) { userErrors { code message } }`,
	} {
		wantNoCanary(t, "an answer", ask(t, url, token, "mutation { "+mutation+" }", nil).raw)
	}
	company := ask(t, url, token, `{ distributors { edges { node { id } } } }`, nil)
	id := strings.Split(strings.SplitAfter(company.raw, `"id":"`)[1], `"`)[0]
	ask(t, url, token, `mutation($input: CreateUserInput!) { createUser(input: $input) { userErrors { code } } }`, vars{
		"login": "roma", "password": "a long enough password", "role": "DISTRIBUTOR", "distributorId": id, "phone": "+7 (912) 555-00-03", "email": "canary3@example.ru",
	})
	key := newSource(t, url)
	first := `{"firstName":"Анна","phone":"8 (912) 555-00-01","email":"Canary1@example.ru","externalId":"c-1"}`
	for _, sent := range []struct{ key, body string }{
		{key, first},
		{key, strings.Replace(first, "c-1", "c-2", 1)}, // a duplicate
		{key, first}, // a repeat
		{key, strings.Replace(first, "Анна", "Мария", 1)},                                  // another content under the same key
		{key, `{"firstName":"Анна","phone":"8-912-555-00-04"}`},                            // on the blacklist
		{key, `{"firstName":"","phone":"+7 912 555-00","email":"canary@"}`},                // invalid
		{key, `{"firstName":"Анна","phone":"8 (912) 555-00-05","nope":"canary"}`},          // an unknown field
		{key, `{"firstName":"Анна","phone":"8 (912) 555-00-06"`},                           // no JSON
		{"unknown", `{"firstName":"Анна","phone":"89125550007","email":"canary@e.ru"}`},    // a stranger's
		{key, `{"firstName":"Анна","phone":"89125550008","consent":{"givenAt":"canary"}}`}, // a wrong consent
	} {
		wantNoCanary(t, "an answer", post(t, url+"/api/v1/leads", sent.key, sent.body))
	}
	for _, query := range []string{
		`{ leads(filter: {search: "8 912 555-00-01"}) { totalCount } }`,
		`{ leads(filter: {email: "canary1@example.ru"}) { totalCount } }`,
		`{ leads(filter: {phone: "+79125550001") { totalCount } }`, // no GraphQL
		`{ node(id: "canary@example.ru") { id } }`,
	} {
		wantNoCanary(t, "an answer", getQuery(t, url, token, query))
	}
	return token
}

func post(t *testing.T, url, key, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Api-Key", key)
	return said(t, r)
}

// getQuery sends a query in the URL.
func getQuery(t *testing.T, address, token, query string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/query?query="+url.QueryEscape(query), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return said(t, r)
}

func said(t *testing.T, r *http.Request) string {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(answer.StatusCode, " ", string(body))
}

// wantNoCanariesKept looks through all files of the server, and through a copy of its base.
func wantNoCanariesKept(t *testing.T, v vars) {
	t.Helper()
	folders := []string{v["FILES_DIR"]}
	copied := filepath.Join(t.TempDir(), "copy")
	if path, ok := db.SQLitePath(v["DATABASE_URL"]); ok {
		folders = append(folders, filepath.Dir(path))
		if _, err := do(t, v, "", "backup", copied); err != nil {
			t.Fatal(err)
		}
	} else {
		dump(t, v["DATABASE_URL"], copied)
	}
	for _, folder := range append(folders, filepath.Dir(copied)) {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if os.IsNotExist(err) || err == nil && d.IsDir() {
				return nil
			}
			if err != nil {
				return err
			}
			text, err := os.ReadFile(path)
			wantNoCanary(t, filepath.Base(path), string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// dump writes a PostgreSQL base out as text.
func dump(t *testing.T, base, into string) {
	t.Helper()
	if _, err := exec.LookPath("pg_dump"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("there is no pg_dump: %v", err)
	}
	if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "pg_dump", "--inserts", "--file="+into, base).CombinedOutput(); err != nil {
		t.Fatalf("pg_dump: %v: %s", err, out)
	}
	if text, err := os.ReadFile(into); err != nil || !strings.Contains(string(text), "INSERT INTO public.users") {
		t.Fatalf("got %v, want a dump with rows", err)
	}
}
