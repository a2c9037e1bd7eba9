package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
)

const (
	asJSON    = "application/json"
	asGraphQL = "application/graphql-response+json"
)

// httpCase is one request over HTTP and what is wanted of its answer.
type httpCase struct {
	id, name    string
	method      string // POST unless given
	accept      string
	contentType string // application/json unless given; "-": none
	body        string // of a POST
	query       url.Values
	statuses    [2]int // from, to
	mediaType   string // of the answer
	noErrors    bool
	noData      bool
}

func get(values ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(values); i += 2 {
		v.Set(values[i], values[i+1])
	}
	return v
}

const (
	simple  = `{"query":"{ __typename }"}`
	typeOf  = `{"query":"query Type($name: String!) { __type(name: $name) { name } }","variables":{"name":"sometype"}}`
	named   = `{"query":"query Query { __typename }","operationName":"Query"}`
	unknown = `{"query":"{ f31403dfe404bccbb0e835f2629c6a7 }"}`
	coerced = `{"query":"query CoerceFailure($id: ID!){ __typename }","variables":{"id":null}}`
)

// officialAudit are the points of the audit that the makers of the specification publish (serverAudits of the npm package
// graphql-http), by its ids.
func officialAudit() []httpCase {
	ok, bad, clientFault := [2]int{200, 200}, [2]int{400, 400}, [2]int{400, 499}
	anyFault := [2]int{400, 599}
	cases := []httpCase{
		{id: "22EB", name: "the new type is answered", accept: asGraphQL, body: simple, statuses: ok, mediaType: asGraphQL},
		{id: "4655", name: "the old type is answered", accept: asJSON, body: simple, statuses: ok, mediaType: asJSON},
		{id: "47DE", name: "any type is the old one", accept: "*/*", body: simple, statuses: ok, mediaType: asJSON},
		{id: "80D8", name: "no type is the old one", body: simple, statuses: ok, mediaType: asJSON},
		{id: "82A3", name: "the answer is UTF-8", body: simple, statuses: ok},
		{id: "BF61", name: "a request in UTF-8", contentType: "application/json; charset=utf-8", body: `{"query":"{ __type(name: \"Run🏃Swim🏊\") { name } }"}`, statuses: ok},
		{id: "78D5", name: "a request that names no charset", body: simple, statuses: ok},
		{id: "2C94", name: "POST", body: simple, statuses: ok},
		{id: "5A70", name: "GET", method: "GET", query: get("query", "{ __typename }"), statuses: ok},
		{id: "9C48", name: "no mutation by GET", method: "GET", accept: asGraphQL, query: get("query", "mutation { __typename }"), statuses: clientFault},
		{id: "9ABE", name: "a body of no type", contentType: "text/plain;charset=UTF-8", body: simple, statuses: clientFault},
		{id: "03D4", name: "a JSON body", body: simple, statuses: ok},
		{id: "A5BF", name: "no body", statuses: bad},
		{id: "423L", name: "no query", accept: asGraphQL, body: `{"notquery":"{ __typename }"}`, statuses: bad},
		{id: "34A2", name: "a string for a query, the new type", accept: asGraphQL, body: simple, statuses: ok},
		{id: "13EE", name: "a string for a query, the old type", accept: asJSON, body: simple, statuses: ok, noErrors: true},
		{id: "8161", name: "a string for a name, the new type", accept: asGraphQL, body: named, statuses: ok},
		{id: "B8B3", name: "a string for a name, the old type", accept: asJSON, body: named, statuses: ok, noErrors: true},
		{id: "2EA1", name: "a map of variables, the new type", accept: asGraphQL, body: typeOf, statuses: ok},
		{id: "28B9", name: "a map of variables, the old type", accept: asJSON, body: typeOf, statuses: ok, noErrors: true},
		{id: "428F", name: "a map of extensions, the new type", accept: asGraphQL, body: `{"query":"{ __typename }","extensions":{"some":"value"}}`, statuses: ok},
		{id: "1B7A", name: "a map of extensions, the old type", accept: asJSON, body: `{"query":"{ __typename }","extensions":{"some":"value"}}`, statuses: ok, noErrors: true},
		{id: "B6DC", name: "no JSON, the old type", accept: asJSON, body: `{ "not a JSON`, statuses: [2]int{200, 599}},
		{id: "BCF8", name: "no JSON is 400, the old type", accept: asJSON, body: `{ "not a JSON`, statuses: bad},
		{id: "B7N8", name: "no JSON is 400, the new type", accept: asGraphQL, body: `{ "not a JSON`, statuses: bad},
		{id: "8764", name: "wrong members are a fault", body: `{"qeury":"{ __typename }"}`, statuses: anyFault},
		{id: "3E3A", name: "wrong members are 400", body: `{"qeury":"{ __typename }"}`, statuses: bad},
		{id: "572B", name: "no GraphQL is 200, the old type", accept: asJSON, body: `{"query":"{"}`, statuses: ok},
		{id: "FDE2", name: "an unknown field is 200, the old type", accept: asJSON, body: unknown, statuses: ok},
		{id: "7B9B", name: "a wrong variable is 200, the old type", accept: asJSON, body: coerced, statuses: ok},
		{id: "865D", name: "no GraphQL is a fault, the new type", accept: asGraphQL, body: `{"query":"{"}`, statuses: anyFault},
		{id: "556A", name: "no GraphQL is 400, the new type", accept: asGraphQL, body: `{"query":"{"}`, statuses: bad},
		{id: "D586", name: "no GraphQL has no data, the new type", accept: asGraphQL, body: `{"query":"{"}`, statuses: bad, noData: true},
		{id: "51FE", name: "an unknown field is a fault, the new type", accept: asGraphQL, body: unknown, statuses: anyFault},
		{id: "74FF", name: "an unknown field is 400, the new type", accept: asGraphQL, body: unknown, statuses: bad},
		{id: "5E5B", name: "an unknown field has no data, the new type", accept: asGraphQL, body: unknown, statuses: bad, noData: true},
		{id: "86EE", name: "a wrong variable is 400, the new type", accept: asGraphQL, body: coerced, statuses: bad},
	}
	typeByGET := get("query", "query Type($name: String!) { __type(name: $name) { name } }", "variables", `{"name":"sometype"}`)
	cases = append(cases,
		httpCase{id: "D6D5", name: "variables in the address, the new type", method: "GET", accept: asGraphQL, query: typeByGET, statuses: ok, noErrors: true},
		httpCase{id: "6A70", name: "variables in the address, the old type", method: "GET", accept: asJSON, query: typeByGET, statuses: ok, noErrors: true})
	for i, wrong := range []string{`{"obj":"ect"}`, `0`, `false`, `["array"]`} {
		cases = append(cases,
			httpCase{id: fmt.Sprintf("LKJ%d", i), name: "query is " + wrong, body: `{"query":` + wrong + `}`, statuses: bad},
			httpCase{id: fmt.Sprintf("6C0%d", i), name: "operationName is " + wrong, body: `{"query":"{ __typename }","operationName":` + wrong + `}`, statuses: bad})
	}
	for i, wrong := range []string{`"string"`, `0`, `false`, `["array"]`} {
		cases = append(cases,
			httpCase{id: fmt.Sprintf("476%d", i), name: "variables is " + wrong, body: `{"query":"{ __typename }","variables":` + wrong + `}`, statuses: bad},
			httpCase{id: fmt.Sprintf("58B%d", i), name: "extensions is " + wrong, body: `{"query":"{ __typename }","extensions":` + wrong + `}`, statuses: bad})
	}
	for i, member := range []string{"variables", "operationName", "extensions"} {
		body := `{"query":"{ __typename }","` + member + `":null}`
		cases = append(cases,
			httpCase{id: fmt.Sprintf("94B%d", i), name: member + " is null, the new type", accept: asGraphQL, body: body, statuses: ok, noErrors: true},
			httpCase{id: fmt.Sprintf("022%d", i), name: member + " is null, the old type", accept: asJSON, body: body, statuses: ok, noErrors: true})
	}
	return cases
}

func (c httpCase) send(h *house) *httptest.ResponseRecorder {
	method := c.method
	if method == "" {
		method = http.MethodPost
	}
	r := httptest.NewRequestWithContext(h.t.Context(), method, "/query?"+c.query.Encode(), strings.NewReader(c.body))
	switch {
	case c.contentType == "" && method == http.MethodPost:
		r.Header.Set("Content-Type", asJSON)
	case c.contentType != "" && c.contentType != "-":
		r.Header.Set("Content-Type", c.contentType)
	}
	if c.accept != "" {
		r.Header.Set("Accept", c.accept)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// TestTheOfficialAuditOfGraphQLOverHTTP holds all 61 points, those that a server SHOULD or MAY hold too.
func TestTheOfficialAuditOfGraphQLOverHTTP(t *testing.T) {
	cases := officialAudit()
	if len(cases) != 61 {
		t.Errorf("got %d points, want 61", len(cases))
	}
	h := open(t, dbtest.SQLite(t))
	for _, c := range cases {
		t.Run(c.id+" "+c.name, func(t *testing.T) {
			w := c.send(h)
			if w.Code < c.statuses[0] || w.Code > c.statuses[1] {
				t.Errorf("got %d %s, want %v", w.Code, w.Body, c.statuses)
			}
			got := w.Header().Get("Content-Type")
			if !strings.HasPrefix(got, c.mediaType) || !strings.HasSuffix(got, "; charset=utf-8") {
				t.Errorf("got %q, want %s in UTF-8", got, c.mediaType)
			}
			var body map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatalf("got %s, want JSON: %v", w.Body, err)
			}
			if _, errors := body["errors"]; errors && c.noErrors {
				t.Errorf("got %s, want no errors", w.Body)
			}
			if _, data := body["data"]; data && c.noData {
				t.Errorf("got %s, want no data", w.Body)
			}
		})
	}
}

func TestTheTypeOfAnAnswerIsNegotiated(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		accept []string
		want   string // empty: 406
	}{
		"the larger weight":                      {[]string{"application/json;q=0.1, application/graphql-response+json"}, asGraphQL},
		"the larger weight, the other way round": {[]string{"application/graphql-response+json;q=0.5, application/json;q=0.9"}, asJSON},
		"as browsers' clients send it":           {[]string{"application/graphql-response+json, application/json, multipart/mixed"}, asGraphQL},
		"over two lines":                         {[]string{"text/html", "application/graphql-response+json"}, asGraphQL},
		"in any case of letters":                 {[]string{"Application/GraphQL-Response+JSON"}, asGraphQL},
		"a wildcard":                             {[]string{"application/*"}, asJSON},
		"a browser's":                            {[]string{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, asJSON},
		"a name before a wildcard":               {[]string{"*/*, application/graphql-response+json"}, asGraphQL},
		"one that is excluded":                   {[]string{"*/*, application/json;q=0"}, asGraphQL},
		"the closest range decides":              {[]string{"application/*;q=0.1, application/json;q=0.2, */*;q=0.9"}, asJSON},
		"a weight that is none":                  {[]string{"application/graphql-response+json;q=high, application/json;q=0.1"}, asJSON},
		"its own charset":                        {[]string{`application/graphql-response+json; charset="UTF-8"`}, asGraphQL},
		"empty is any":                           {[]string{""}, asJSON},
		"nothing on offer":                       {[]string{"text/html, image/*"}, ""},
		"all excluded":                           {[]string{"*/*;q=0"}, ""},
		"both excluded":                          {[]string{"application/json;q=0, application/graphql-response+json;q=0.0"}, ""},
		"another charset":                        {[]string{"application/json; charset=windows-1251"}, ""},
		"a stream":                               {[]string{"text/event-stream"}, "text/event-stream"},
		"a stream that is wanted less":           {[]string{"application/json, text/event-stream;q=0.9"}, asJSON},
		"a stream among others":                  {[]string{"application/graphql-response+json, application/json, text/event-stream, multipart/mixed"}, asGraphQL},
		"nonsense":                               {[]string{"json"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/query", strings.NewReader(simple))
			r.Header.Set("Content-Type", asJSON)
			r.Header["Accept"] = c.accept
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			got, wantStatus := w.Header().Get("Content-Type"), http.StatusOK
			if c.want == "" {
				c.want, wantStatus = asJSON, http.StatusNotAcceptable
			}
			if w.Code != wantStatus || got != c.want+"; charset=utf-8" {
				t.Errorf("got %d %q, want %d %s", w.Code, got, wantStatus, c.want)
			}
			if w.Header().Get("Vary") != "Accept" {
				t.Errorf("got Vary %q, want Accept", w.Header().Get("Vary"))
			}
		})
	}
}

// TestWhatIsNoRequestIsAnsweredByItsStatus, always with a GraphQL error and never with a part of the request.
func TestWhatIsNoRequestIsAnsweredByItsStatus(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	const canary = "canary-4711"
	list := strings.Repeat(`1,`, 1000)
	for name, c := range map[string]struct {
		httpCase
		status int
		allow  string
	}{
		"PUT":                              {httpCase{method: "PUT", body: canary}, 405, "GET, HEAD, POST, OPTIONS"},
		"DELETE, and no type it accepts":   {httpCase{method: "DELETE", accept: "text/html"}, 405, "GET, HEAD, POST, OPTIONS"},
		"a mutation by GET":                {httpCase{method: "GET", query: get("query", "mutation { signOut { userErrors { code } } }")}, 405, "POST"},
		"a mutation by HEAD":               {httpCase{method: "HEAD", query: get("query", "mutation { signOut { userErrors { code } } }")}, 405, "POST"},
		"plain text":                       {httpCase{contentType: "text/plain", body: simple}, 415, ""},
		"a form":                           {httpCase{contentType: "application/x-www-form-urlencoded", body: "query=%7B__typename%7D&" + canary}, 415, ""},
		"a form of parts":                  {httpCase{contentType: "multipart/form-data; boundary=x", body: canary}, 415, ""},
		"GraphQL itself":                   {httpCase{contentType: "application/graphql", body: "{ __typename } # " + canary}, 415, ""},
		"no type":                          {httpCase{contentType: "-", body: simple}, 415, ""},
		"a type that is none":              {httpCase{contentType: "application/json; " + canary, body: simple}, 415, ""},
		"another charset":                  {httpCase{contentType: "application/json; charset=windows-1251", body: simple}, 415, ""},
		"UTF-16":                           {httpCase{contentType: `application/json; charset="utf-16"`, body: simple}, 415, ""},
		"UTF-8 in other letters":           {httpCase{contentType: `application/json;charset="Utf-8"`, body: simple}, 200, ""},
		"trailing data":                    {httpCase{body: simple + canary}, 400, ""},
		"a second object":                  {httpCase{body: simple + simple}, 400, ""},
		"a batch":                          {httpCase{body: `[` + simple + `,` + simple + `]`}, 400, ""},
		"a member that comes twice":        {httpCase{body: `{"query":"{ __typename }","query":"{ ` + canary + ` }"}`}, 400, ""},
		"a variable that comes twice":      {httpCase{body: `{"query":"{ __typename }","variables":{"a":1,"\u0061":"` + canary + `"}}`}, 400, ""},
		"bytes that are no UTF-8":          {httpCase{body: "{\"query\":\"{ __typename }\",\"variables\":{\"a\":\"\xff\"}}"}, 400, ""},
		"a null":                           {httpCase{body: `null`}, 400, ""},
		"an empty query":                   {httpCase{body: `{"query":""}`}, 400, ""},
		"100 000 lists within each other":  {httpCase{body: `{"query":"{ __typename }","variables":{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}}`}, 400, ""},
		"33 levels":                        {httpCase{body: `{"query":"{ __typename }","variables":{"a":` + strings.Repeat("[", 31) + strings.Repeat("]", 31) + `}}`}, 400, ""},
		"32 levels":                        {httpCase{body: `{"query":"{ __typename }","variables":{"a":` + strings.Repeat("[", 30) + strings.Repeat("]", 30) + `}}`}, 200, ""},
		"1 001 items":                      {httpCase{body: `{"query":"{ __typename }","variables":{"a":[` + list + `1]}}`}, 400, ""},
		"1 000 items":                      {httpCase{body: `{"query":"{ __typename }","variables":{"a":[` + list[:len(list)-1] + `]}}`}, 200, ""},
		"50 000 values and more":           {httpCase{body: `{"query":"{ __typename }","variables":{"a":[` + strings.TrimSuffix(strings.Repeat(`[`+list[:1999]+`],`, 50), ",") + `]}}`}, 400, ""},
		"a number with 100 000 digits":     {httpCase{body: `{"query":"query($a: Int) { leads(first: $a) { totalCount } }","variables":{"a":1` + strings.Repeat("0", 100_000) + `}}`}, 200, ""},
		"a megabyte and more":              {httpCase{body: `{"query":"{ __typename }","variables":{"a":"` + strings.Repeat("x", 1<<20) + `"}}`}, 413, ""},
		"a query of more than 32 KiB":      {httpCase{body: `{"query":"{ __typename } #` + canary + strings.Repeat("x", 32<<10) + `"}`}, 400, ""},
		"a long address":                   {httpCase{method: "GET", query: get("query", "{ __typename } #"+strings.Repeat("x", 8<<10))}, 414, ""},
		"variables that are no JSON":       {httpCase{method: "GET", query: get("query", "{ __typename }", "variables", "{"+canary)}, 400, ""},
		"variables that are a list":        {httpCase{method: "GET", query: get("query", "{ __typename }", "variables", `["`+canary+`"]`)}, 400, ""},
		"extensions with trailing data":    {httpCase{method: "GET", query: get("query", "{ __typename }", "extensions", `{} `+canary)}, 400, ""},
		"a parameter that comes twice":     {httpCase{method: "GET", query: url.Values{"query": {"{ __typename }", canary}}}, 400, ""},
		"a parameter that is no UTF-8":     {httpCase{method: "GET", query: get("query", "{ __typename } #\xff")}, 400, ""},
		"GET without a query":              {httpCase{method: "GET"}, 400, ""},
		"a subscription that is none here": {httpCase{body: `{"query":"subscription { __typename }"}`}, 200, ""}, // invalid while the schema has none
	} {
		t.Run(name, func(t *testing.T) {
			w := c.send(h)
			if w.Code != c.status || w.Header().Get("Allow") != c.allow || strings.Contains(w.Body.String(), canary) {
				t.Errorf("got %d %s, Allow %q, want %d, Allow %q and no echo", w.Code, w.Body, w.Header().Get("Allow"), c.status, c.allow)
			}
			if got := w.Header().Get("Content-Type"); got != asJSON+"; charset=utf-8" {
				t.Errorf("got %q, want JSON in UTF-8", got)
			}
			if w.Code >= 400 && !strings.Contains(w.Body.String(), `"BAD_REQUEST"`) {
				t.Errorf("got %s, want BAD_REQUEST", w.Body)
			}
		})
	}
}

func TestACompressedBodyIsRefused(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for encoding, status := range map[string]int{"gzip": 415, "identity": 200, "br, identity": 415} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/query", strings.NewReader(simple))
		r.Header.Set("Content-Type", asJSON)
		r.Header.Set("Content-Encoding", encoding)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code != status {
			t.Errorf("%s: got %d, want %d", encoding, w.Code, status)
		}
	}
}

func TestOPTIONSAndHEAD(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	if w := (httpCase{method: "OPTIONS"}).send(h); w.Code != 204 || w.Header().Get("Allow") != "GET, HEAD, POST, OPTIONS" {
		t.Errorf("OPTIONS: got %d, Allow %q, want 204 and all methods", w.Code, w.Header().Get("Allow"))
	}
	if w := (httpCase{method: "HEAD", query: get("query", "{ __typename }")}).send(h); w.Code != 200 {
		t.Errorf("HEAD: got %d, want 200 as for GET", w.Code)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/query", nil)
	r.Header.Set("Upgrade", "h2c")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != 400 || !strings.Contains(w.Body.String(), `"BAD_REQUEST"`) {
		t.Errorf("another protocol: got %d %s, want 400", w.Code, w.Body)
	}
}
