package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"channelbook/internal/dbtest"
	"channelbook/internal/reqctx"
)

// contractCodes are all that a top-level error may carry.
var contractCodes = []string{
	"UNAUTHENTICATED", "FORBIDDEN", "RATE_LIMITED", "TOKEN_EXPIRED", "QUERY_TOO_COMPLEX", "TIMEOUT", "PERSISTED_QUERY_NOT_FOUND",
	"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_REQUEST", "INTERNAL",
}

// asCode fails the test unless each error of an answer has a code of the contract and the request's id.
func (r reply) asContracted(t *testing.T, requestID string) {
	t.Helper()
	for _, e := range r.Errors {
		code, _ := e.Extensions["code"].(string)
		if !slices.Contains(contractCodes, code) || e.Extensions["requestId"] != requestID {
			t.Errorf("got the extensions %v, want a code of the contract and the request id %s", e.Extensions, requestID)
		}
	}
}

// sent sends a body under a request id.
func (h *house) sent(who caller, requestID, body string) reply {
	h.t.Helper()
	ctx := reqctx.With(h.t.Context(), reqctx.Request{ID: requestID})
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/query", strings.NewReader(body))
	r.Header.Set("Content-Type", asJSON)
	who.set(r)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	out := reply{status: w.Code, raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		h.t.Fatalf("got %d %s, want JSON: %v", w.Code, w.Body, err)
	}
	return out
}

// phone is what must not come back.
const phone = "79994711000"

// wrongVariables are operations whose variables are none of their types, each with a phone in them.
var wrongVariables = map[string]struct {
	query string
	value any
}{
	"a text for a number":              {`query($v: Int) { leads(first: $v) { totalCount } }`, phone + "x"},
	"a number that is too large":       {`query($v: Int) { leads(first: $v) { totalCount } }`, json.Number(phone)},
	"a number with a fraction":         {`query($v: Int) { leads(first: $v) { totalCount } }`, json.Number(phone + ".5")},
	"a number in digits of text":       {`query($v: Int) { leads(first: $v) { totalCount } }`, phone},
	"an object for a number":           {`query($v: Int) { leads(first: $v) { totalCount } }`, vars{phone: phone}},
	"a list for a number":              {`query($v: Int) { leads(first: $v) { totalCount } }`, []any{phone}},
	"a number for a flag":              {`query($v: Boolean) { leads(filter: {isTest: $v}) { totalCount } }`, json.Number(phone)},
	"a number for a text":              {`query($v: String) { leads(filter: {search: $v, funnel: $v}) { totalCount } }`, true},
	"no such value of an enum":         {`query($v: LeadStatus!) { leads(filter: {statuses: [$v]}) { totalCount } }`, phone},
	"a list with none of the enum":     {`query($v: [LeadStatus!]) { leads(filter: {statuses: $v}) { totalCount } }`, []any{"NEW", phone}},
	"an enum in small letters":         {`query($v: LeadStatus!) { leads(filter: {statuses: [$v]}) { totalCount } }`, "new"},
	"a fraction for an id":             {`query($v: ID!) { node(id: $v) { id } }`, json.Number(phone + ".5")},
	"an object for an id":              {`query($v: ID!) { node(id: $v) { id } }`, vars{"id": phone}},
	"an unknown member":                {`query($v: LeadFilter) { leads(filter: $v) { totalCount } }`, vars{"nope": phone}},
	"a member called by a phone":       {`query($v: LeadFilter) { leads(filter: $v) { totalCount } }`, vars{phone: 1}},
	"a member called by an address":    {`query($v: LeadFilter) { leads(filter: $v) { totalCount } }`, vars{phone + "@example.ru": 1}},
	"a list for an object":             {`query($v: LeadFilter) { leads(filter: $v) { totalCount } }`, []any{phone}},
	"a text for an object":             {`query($v: LeadFilter) { leads(filter: $v) { totalCount } }`, phone},
	"a date that is none":              {`query($v: Date) { leads(filter: {soldFrom: $v}) { totalCount } }`, phone},
	"an instant that is none":          {`query($v: DateTime) { leads(filter: {receivedFrom: $v}) { totalCount } }`, phone},
	"an amount that is none":           {`query($v: Decimal) { leads(filter: {payoutFrom: $v}) { totalCount } }`, phone + "x"},
	"an object for an amount":          {`query($v: Decimal) { leads(filter: {payoutFrom: $v}) { totalCount } }`, vars{phone: phone}},
	"a number for an instant":          {`query($v: DateTime) { leads(filter: {receivedFrom: $v}) { totalCount } }`, json.Number(phone)},
	"a member of a member":             {`query($v: LeadFilter) { leads(filter: $v) { totalCount } }`, vars{"subIds": []any{vars{"index": phone, "value": "x"}}}},
	"a cursor that is none":            {`query($v: String) { leads(after: $v) { totalCount } }`, phone},
	"an input with everything amiss":   {`mutation($v: SubmitLeadInput!) { submitLead(input: $v) { outcome } }`, vars{"phone": vars{"x": phone}, "test": phone}},
	"a negative number":                {`query($v: Int) { leads(first: $v) { totalCount } }`, json.Number("-" + phone[:9])},
	"infinitely large":                 {`query($v: Decimal) { leads(filter: {payoutFrom: $v}) { totalCount } }`, json.Number("1e" + phone)},
	"a date without a type of its own": {`query($v: [Date!]!) { leads(filter: {soldFrom: $v}) { totalCount } }`, phone},
}

// TestValuesOfVariablesAreNotEchoed, whoever asks: what is not of its type may be somebody's phone in the wrong place.
func TestValuesOfVariablesAreNotEchoed(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	admin := h.admin("boss")
	for name, c := range wrongVariables {
		t.Run(name, func(t *testing.T) {
			for who, caller := range map[string]caller{"an administrator": admin, "nobody": {}} {
				body, err := json.Marshal(map[string]any{"query": c.query, "variables": vars{"v": c.value}})
				if err != nil {
					t.Fatal(err)
				}
				got := h.sent(caller, "request-1", string(body))
				if strings.Contains(got.raw, phone[:9]) || strings.Contains(got.raw, "Did you mean") {
					t.Errorf("%s got %s, want no echo", who, got.raw)
				}
				if got.code() == "INTERNAL" || got.status >= 500 {
					t.Errorf("%s got %s, want a fault of the client's", who, got.raw)
				}
				got.asContracted(t, "request-1")
			}
		})
	}
}

// TestValuesInDocumentsAreNotEchoed, and neither are names of the schema that somebody could guess by.
func TestValuesInDocumentsAreNotEchoed(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	for name, query := range map[string]string{
		"a text for a number":      `{ leads(first: "` + phone + `") { totalCount } }`,
		"a number for a text":      `{ leads(filter: {search: ` + phone + `}) { totalCount } }`,
		"a number out of range":    `{ leads(first: ` + phone + `) { totalCount } }`,
		"a fraction":               `{ leads(first: ` + phone + `.5) { totalCount } }`,
		"a number for a flag":      `{ leads(filter: {isTest: ` + phone + `}) { totalCount } }`,
		"a text for an enum":       `{ leads(filter: {statuses: ["` + phone + `"]}) { totalCount } }`,
		"no such enum value":       `{ leads(filter: {statuses: [NEU]}) { totalCount } }`,
		"a list for a text":        `{ leads(filter: {search: ["` + phone + `"]}) { totalCount } }`,
		"an object for a text":     `{ leads(filter: {search: {a: "` + phone + `"}}) { totalCount } }`,
		"a text out of place":      `{ leads "` + phone + `" }`,
		"a long text out of place": `{ leads """` + phone + `""" }`,
		"a number out of place":    `{ leads ` + phone + ` }`,
		"a fraction out of place":  `{ leads ` + phone + `.5 }`,
		"a keyword as a text":      `fragment a "` + phone + `" Query { id }`,
		"an escape that is none":   `{ leads(filter: {search: "\u00zz ` + phone + `"}) { totalCount } }`,
		"another one":              `{ leads(filter: {search: "\q ` + phone + `"}) { totalCount } }`,
		"an open text":             `{ leads(filter: {search: "` + phone,
		"a number that is none":    `{ leads(first: 0` + phone + `) { totalCount } }`,
		"a default of no type":     `query($v: Int = "` + phone + `") { leads(first: $v) { totalCount } }`,
		"a field nearly there":     `{ leds { totalCount } }`,
		"an argument nearly there": `{ leads(frst: 1) { totalCount } }`,
		"an input nearly there":    `{ leads(filter: {serch: "x"}) { totalCount } }`,
		"a type nearly there":      `fragment a on Leed { id } { ...a }`,
		"a variable's type nearly": `query($v: LeadFilte) { leads(filter: $v) { totalCount } }`,
		"a directive's argument":   `{ leads @include(iff: true) { totalCount } }`,
		"a selection that lacks":   `{ leads }`,
		"a date that is none":      `{ leads(filter: {soldFrom: "` + phone + `"}) { totalCount } }`,
		"an amount that is none":   `{ leads(filter: {payoutFrom: "x` + phone + `"}) { totalCount } }`,
		"an enum in small letters": `{ leads(filter: {statuses: [new]}) { totalCount } }`,
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(map[string]any{"query": query})
			if err != nil {
				t.Fatal(err)
			}
			got := h.sent(caller{}, "request-1", string(body))
			for _, canary := range []string{phone[:9], "Did you mean", "totalCount", "LeadConnection!\""} {
				if strings.Contains(got.raw, canary) && !strings.Contains(query, "leads }") {
					t.Errorf("got %s, which tells %q", got.raw, canary)
				}
			}
			if len(got.Errors) == 0 || got.code() == "INTERNAL" {
				t.Errorf("got %s, want a fault of the client's", got.raw)
			}
			got.asContracted(t, "request-1")
		})
	}
}

// TestAnOperationsNameIsNotEchoed: it is any text.
func TestAnOperationsNameIsNotEchoed(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	got := h.sent(caller{}, "request-1", `{"query":"query A { __typename } query B { __typename }","operationName":"`+phone+`"}`)
	if got.code() != "GRAPHQL_VALIDATION_FAILED" || strings.Contains(got.raw, phone) {
		t.Errorf("got %s, want GRAPHQL_VALIDATION_FAILED without the name", got.raw)
	}
}

// TestAFaultyDocumentHasAtMost20Errors, in a small answer.
func TestAFaultyDocumentHasAtMost20Errors(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	var fields, long, conflicts strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&fields, "x%d ", i)
	}
	for i := range 30 {
		fmt.Fprintf(&long, "%s%d ", strings.Repeat("x", 1000), i)
	}
	for i := range 90 {
		fmt.Fprintf(&conflicts, "a: %s ", []string{"viewer { id login }", "me { id }"}[i%2])
	}
	for name, query := range map[string]string{"unknown fields": fields.String(), "long names": long.String(), "conflicts": conflicts.String()} {
		got := h.ask(caller{}, "{ "+query+"}", nil)
		if len(got.Errors) == 0 || len(got.Errors) > 20 || len(got.raw) > 16<<10 {
			t.Errorf("%s: got %d errors in %d bytes, want up to 20 in 16 KiB", name, len(got.Errors), len(got.raw))
		}
	}
}

// TestErrorsOfOursAreFoundInTheLog by the id that their answer has.
func TestErrorsOfOursAreFoundInTheLog(t *testing.T) {
	h := open(t, dbtest.SQLite(t))
	admin := h.admin("boss")
	var log bytes.Buffer
	edge := h.edge
	edge.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.handler = handlerOf(t, edge)
	if _, err := h.db.ExecContext(h.system(), "DROP TABLE blacklist_entries"); err != nil {
		t.Fatal(err)
	}
	got := h.sent(admin, "request-4711", `{"query":"{ blacklist { edges { node { id } } } }"}`)
	got.asContracted(t, "request-4711")
	if got.code() != "INTERNAL" || !strings.Contains(log.String(), "request=request-4711") || !strings.Contains(log.String(), "blacklist_entries") {
		t.Errorf("got %s, want INTERNAL, and the reason under its id in the log:\n%s", got.raw, log.String())
	}
}
