package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
)

// FuzzRequest sends anything as a request of somebody who has not signed in: it is answered, with no failure of ours,
// and what stands in its variables alone does not come back.
func FuzzRequest(f *testing.F) {
	h := open(f, dbtest.SQLite(f))
	f.Add(`{ __typename }`, `{"v":"`+somebodysPhone+`"}`, "A", asJSON, asGraphQL)
	f.Add(`query($v: Int) { leads(first: $v) { totalCount } }`, `{"v":`+somebodysPhone+`}`, "", asJSON, asJSON)
	f.Add(standardIntrospection, `null`, "IntrospectionQuery", "application/json; charset=utf-8", "*/*;q=0.1")
	f.Add(`fragment a on Query { ...b } fragment b on Query { ...a } { ...a }`, `{}`, "", asJSON, asJSON)
	f.Add(`mutation($v: SubmitLeadInput!) { submitLead(input: $v) { outcome } }`, `{"v":{"phone":["`+somebodysPhone+`"]}}`, "", asJSON, asJSON)
	f.Add("{ a(b: \"\\u00zz", `{"v":1}`, "", asJSON, "text/html, "+asGraphQL)
	f.Add("subscription { a }", `[1]`, "", "multipart/form-data; boundary=x", "")
	f.Add("", `{"v":1e999999999}`, "", asJSON, "application/*;q=0")
	f.Add("\"\"\"x\"\"\" query A { __type(name: \"\"\"a\n  b\"\"\") { name } }", `{"v":"\ud800"}`, "A", asJSON, asJSON)
	for _, c := range wrongVariables {
		variables, err := json.Marshal(vars{"v": c.value})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(c.query, string(variables), "", asJSON, asJSON)
	}
	f.Fuzz(func(t *testing.T, query, variables, operation, contentType, accept string) {
		texts, err := json.Marshal([]string{query, operation})
		if err != nil {
			t.Fatal(err)
		}
		query, operation, _ = strings.Cut(strings.Trim(string(texts), "[]"), `","`)
		body := `{"query":` + query + `","operationName":"` + operation + `,"variables":` + variables + `}`
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/query", strings.NewReader(body))
		r.Header["Content-Type"], r.Header["Accept"] = []string{contentType}, []string{accept}
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code >= 500 || !json.Valid(w.Body.Bytes()) || strings.Contains(w.Body.String(), `"INTERNAL"`) {
			t.Errorf("got %d %s, want an answer, and no failure of ours", w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), somebodysPhone) && !strings.Contains(query+operation, somebodysPhone) {
			t.Errorf("got %s, want no echo of the variables", w.Body)
		}
	})
}
