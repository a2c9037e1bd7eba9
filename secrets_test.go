package main

import (
	"bytes"
	"encoding/hex"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// secrets are what a person and a source of leads prove themselves with.
type secrets struct{ password, access, refresh, key, link string }

// TestSecretsStandNowhereInClear signs in, uses every kind of secret rightly and wrongly, and looks for them in the metrics, in
// refusals, and in the base's files or a dump of it. The log is watched by every test.
func TestSecretsStandNowhereInClear(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		const password, vk, google = "brine-of-the-north-sea", "tide-of-the-white-sea", "foam-of-the-black-sea"
		dbtest.NeverLogged(password, vk, google)
		v = v.with(vars{"ADMIN_PASSWORD": password, "METRICS_ADDR": "127.0.0.1:0", "FILES_DIR": filepath.Join(t.TempDir(), "files")})
		s := start(t, v)
		mine := obtain(t, s.url, password)
		id := formSource(t, s.url, mine.access, vk, google)
		refusals := misuse(t, s.url, mine, id, vk, google)
		_, metrics := get(t, s.metrics)
		s.end(t)

		kept := whatIsKept(t, v)
		for what, secret := range map[string]string{
			"the password": password, "the access token": mine.access, "the refresh token": mine.refresh, "the source's key": mine.key, "the link's signature": mine.link,
		} {
			for where, text := range map[string]string{"the metrics": metrics, "a refusal": refusals, "the base": kept} {
				if strings.Contains(text, secret) || strings.Contains(text, hex.EncodeToString([]byte(secret))) { // a dump writes bytes in hex
					t.Errorf("%s stands in %s", what, where)
				}
			}
		}
		for _, secret := range []string{vk, google} { // the base has them: they are held against what comes
			if strings.Contains(metrics+refusals, secret) {
				t.Errorf("%q stands in the metrics or a refusal", secret)
			}
		}
	})
}

// obtain gets one of each.
func obtain(t *testing.T, at, password string) secrets {
	t.Helper()
	got := ask(t, at, "", `mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken refreshToken } viewer { id } } }`,
		vars{"login": "admin", "password": password})
	mine := secrets{password: password, access: got.text("signIn", "session", "accessToken"), refresh: got.text("signIn", "session", "refreshToken")}
	mine.key = ask(t, at, mine.access, `mutation { createLeadSource(input: {name: "site"}) { apiKey } }`, nil).text("createLeadSource", "apiKey")
	var drawn bytes.Buffer
	if err := png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	send(t, http.MethodPut, at+"/users/"+got.text("signIn", "viewer", "id")+"/avatar", drawn.String(), "Authorization", "Bearer "+mine.access)
	avatar := ask(t, at, mine.access, `{ viewer { avatarUrl } }`, nil).text("viewer", "avatarUrl")
	shown, err := url.Parse(avatar)
	if err != nil {
		t.Fatal(err)
	}
	mine.link = shown.Query().Get("signature")
	if mine.access == "" || mine.refresh == "" || mine.key == "" || mine.link == "" {
		t.Fatalf("got %s and %q, want one of each secret", got.raw, avatar)
	}
	return mine
}

// formSource makes a source of each kind that has a secret, and returns the id of VK's.
func formSource(t *testing.T, at, token, vk, google string) (id string) {
	t.Helper()
	ask(t, at, token, `mutation($input: CreateLeadSourceInput!) { createLeadSource(input: $input) { userErrors { code } } }`,
		vars{"name": "google", "kind": "GOOGLE", "googleKey": google})
	return ask(t, at, token, `mutation($input: CreateLeadSourceInput!) { createLeadSource(input: $input) { leadSource { id } userErrors { code } } }`,
		vars{"name": "vk", "kind": "VK", "vkSecret": vk, "vkConfirmation": "c0nf1rm"}).text("createLeadSource", "leadSource", "id")
}

// misuse sends secrets to wherever they do not belong, and returns what was answered.
func misuse(t *testing.T, at string, mine secrets, source, vk, google string) (answers string) {
	t.Helper()
	if source == "" {
		t.Fatal("there is no source of VK")
	}
	query := func(token, text string) string { return ask(t, at, token, text, nil).raw }
	refresh := `mutation { refreshSession(input: {refreshToken: "` + mine.refresh + `"}) { session { accessTokenExpiresAt } userErrors { code message field } } }`
	const json = "application/json"
	for _, answer := range []string{
		query("", `mutation { signIn(input: {login: "admin", password: "`+mine.password+`x"}) { userErrors { code message } } }`),
		query("", `mutation { signIn(input: {login: "`+mine.password+`", password: "`+mine.password+`"}) { userErrors { code message } } }`),
		query("", `mutation { signIn(input: {login: "admin", password: "`+mine.password+`", nope: 1}) { userErrors { code } } }`),
		query(mine.access+"x", viewerQuery),
		query(mine.key, viewerQuery),
		query(mine.access, `{ node(id: "`+mine.refresh+`") { id } }`),
		query(mine.access, `mutation { changePassword(input: {currentPassword: "`+mine.password+`", newPassword: "x"}) { userErrors { code message } } }`),
		getQuery(t, at, mine.access, `{ node(id: "`+mine.access+`") { id }`),
		send(t, http.MethodGet, at+"/"+mine.key+"?access_token="+mine.access, "", "Authorization", "Basic "+mine.password),
		send(t, http.MethodGet, at+"/files/picture_01?expires=1&signature="+mine.link, ""),
		send(t, http.MethodGet, at+"/audit.csv?from="+mine.refresh, "", "Authorization", "Bearer "+mine.access),
		send(t, http.MethodPost, at+"/api/v1/leads", `{"firstName":"`+mine.key+`","`+mine.refresh+`":1}`, "X-Api-Key", mine.key+"x", "Content-Type", json),
		send(t, http.MethodPost, at+"/api/v1/leads", `{"firstName":"A","phone":"+79125550001"}`, "X-Api-Key", mine.key, "Content-Type", json),
		send(t, http.MethodPost, at+"/hooks/vk/"+source, `{"type":"lead_forms_new","secret":"`+vk+`x","object":{}}`, "Content-Type", json),
		send(t, http.MethodPost, at+"/hooks/vk/"+source, `{"type":"lead_forms_new","secret":"`+vk+`","object":{}}`, "Content-Type", json),
		send(t, http.MethodPost, at+"/hooks/google/"+source, `{"google_key":"`+google+`","lead_id":"1"}`, "Content-Type", json),
		query("", refresh), // the token is good once
		query("", refresh),
	} {
		answers += answer + "\n"
	}
	return answers
}

func send(t *testing.T, method, address, body string, headers ...string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return said(t, r)
}

// whatIsKept is all bytes of the base of a server that has stopped.
func whatIsKept(t *testing.T, v vars) string {
	t.Helper()
	var all strings.Builder
	path, onSQLite := db.SQLitePath(v["DATABASE_URL"])
	if !onSQLite {
		path = filepath.Join(t.TempDir(), "dump")
		dump(t, v["DATABASE_URL"], path)
	}
	for _, file := range []string{path, path + "-wal"} {
		f, err := os.Open(file)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, f); err != nil {
			t.Fatal(err)
		}
		_ = f.Close()
	}
	return all.String()
}
