package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestAFileComesInThroughTheServer: it is sent and checked, started, brought in by a job, and makes nothing when it comes again. The log
// is watched by every test.
func TestAFileComesInThroughTheServer(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		s := start(t, v.with(vars{"ADMIN_PASSWORD": adminPassword}))
		token := signIn(t, s.url, "admin", adminPassword)
		source := ask(t, s.url, token, `mutation { createLeadSource(input: {name: "Выгрузка"}) { leadSource { id } userErrors { message } } }`, nil).text("createLeadSource", "leadSource", "id")
		for _, want := range []string{`[{"outcome":"INVALID","rows":1},{"outcome":"QUARANTINED","rows":2}]`, `[{"outcome":"INVALID","rows":1},{"outcome":"REPEATED","rows":2}]`} {
			id := sendFile(t, s.url+"/imports/leads?sourceId="+source, token, "Имя;Телефон\nАнна;+79161234567\nПётр;+79161234568\n;+79161234569\n")
			ask(t, s.url, token, `mutation { startImport(input: {id: "`+id+`"}) { import { id } userErrors { message } } }`, nil)
			var got string
			eventually(t, "the end of the import", patience, func() bool {
				row, _ := ask(t, s.url, token, `{ import(id: "`+id+`") { status outcomes { outcome rows } } }`, nil).Data["import"].(map[string]any)
				outcomes, _ := json.Marshal(row["outcomes"])
				got = string(outcomes)
				return row["status"] == "DONE"
			})
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		s.end(t)
	})
}

// sendFile sends a file for an import and returns the id of that.
func sendFile(t *testing.T, url, token, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var found struct {
		ID         string
		FaultCount int
	}
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil || answer.StatusCode != http.StatusCreated || found.FaultCount != 1 {
		t.Fatalf("got %d and %+v, %v", answer.StatusCode, found, err)
	}
	return found.ID
}
