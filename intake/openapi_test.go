package intake

import (
	"encoding/json"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"channelbook/ent/values"
	"channelbook/leads"
)

// document is a JSON document with references inside.
type document map[string]any

// described is the document as it is served.
func described(t *testing.T) document {
	t.Helper()
	w := httptest.NewRecorder()
	Edge{}.Routes()["GET /api/v1/openapi.json"].ServeHTTP(w, httptest.NewRequest("GET", "/api/v1/openapi.json", nil))
	if got := w.Header().Get("Content-Type"); w.Code != 200 || got != "application/json" {
		t.Fatalf("got %d %s, want 200 application/json", w.Code, got)
	}
	var d document
	if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
		t.Fatalf("the document does not parse: %v", err)
	}
	return d
}

// at finds what stands at a JSON pointer such as #/components/schemas/Lead; nil where there is nothing.
func (d document) at(pointer string) map[string]any {
	found := map[string]any(d)
	for _, name := range strings.Split(strings.TrimPrefix(pointer, "#/"), "/") {
		found, _ = found[name].(map[string]any)
	}
	return found
}

// references calls fn with each $ref below v.
func references(v any, fn func(ref string)) {
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok {
			fn(ref)
		}
		for _, below := range v {
			references(below, fn)
		}
	case []any:
		for _, below := range v {
			references(below, fn)
		}
	}
}

// properties are those of a schema and of the ones that it is all of, by their names.
func (d document) properties(schema map[string]any) map[string]map[string]any {
	all := map[string]map[string]any{}
	parts, _ := schema["allOf"].([]any)
	for _, part := range parts {
		maps.Copy(all, d.properties(d.resolved(part)))
	}
	own, _ := schema["properties"].(map[string]any)
	for name, property := range own {
		all[name] = d.resolved(property)
	}
	return all
}

// resolved is the schema that v is or refers to.
func (d document) resolved(v any) map[string]any {
	schema, _ := v.(map[string]any)
	if ref, ok := schema["$ref"].(string); ok {
		return d.at(ref)
	}
	return schema
}

// types are what a value of a schema may be.
func (d document) types(schema map[string]any) (types []string) {
	switch of := schema["type"].(type) {
	case string:
		types = append(types, of)
	case []any:
		for _, one := range of {
			types = append(types, one.(string))
		}
	}
	alternatives, _ := schema["anyOf"].([]any)
	for _, one := range alternatives {
		types = append(types, d.types(d.resolved(one))...)
	}
	return types
}

func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	var want, got []string
	for pattern := range (Edge{}).Routes() {
		if strings.Contains(pattern, "/api/") { // the lead forms' addresses are the providers' to describe
			want = append(want, pattern)
		}
	}
	for path, operations := range described(t).at("#/paths") {
		for method := range operations.(map[string]any) {
			if strings.HasPrefix(path, "/api/") { // those of other edges are tried at the whole server
				got = append(got, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got the operations %q, want the routes %q", got, want)
	}
}

func TestOpenAPIReferencesResolve(t *testing.T) {
	d := described(t)
	references(map[string]any(d), func(ref string) {
		if !strings.HasPrefix(ref, "#/") || d.at(ref) == nil {
			t.Errorf("%s leads nowhere", ref)
		}
	})
}

func TestOpenAPIHasTheFieldsThatAreRead(t *testing.T) {
	d := described(t)
	for schema, read := range map[string]fields{
		"Lead":      leadFields(&leads.Submission{}),
		"BatchLead": itemFields(&leads.Submission{}),
		"Consent":   consentFields(&values.Consent{}),

		"AdvertisingConsent": advertisingFields(&values.Consent{}),
		"Tracking":           trackingFields(&leads.Tracking{}),
	} {
		properties := d.properties(d.at("#/components/schemas/" + schema))
		for name := range properties {
			if read[name] == nil {
				t.Errorf("%s.%s is described, but not read", schema, name)
			}
		}
		for name, reader := range read {
			property := properties[name]
			if property == nil {
				t.Errorf("%s.%s is read, but not described", schema, name)
				continue
			}
			wantTypes(t, schema+"."+name, d.types(property), reader)
		}
	}
}

// wantTypes shows a reader a value of each type: it takes those that are described and refuses the others. Null is
// absent everywhere, also where the description asks for a value.
func wantTypes(t *testing.T, field string, types []string, read reader) {
	t.Helper()
	for kind, value := range map[string]string{
		"string": `"a"`, "number": `1`, "boolean": `true`, "array": `[]`, "object": `{}`, "null": `null`,
	} {
		taken, isDescribed := read(json.RawMessage(value), "it") == nil, slices.Contains(types, kind)
		if taken != isDescribed && kind != "null" {
			t.Errorf("%s as %s: taken %t, described %t", field, kind, taken, isDescribed)
		}
		if kind == "null" && !taken {
			t.Errorf("%s as null is refused, want it taken as absent", field)
		}
	}
}
