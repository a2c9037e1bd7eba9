package graph_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"channelbook/ent/migrate"
	"channelbook/internal/gid"
)

// answer is what a document was answered. What is another each time, such as the request's id, is left out of it.
type answer struct {
	raw    string // with the errors in one order, to compare
	data   any
	errors []map[string]any
}

// code of the first error; empty without one.
func (a answer) code() string {
	if len(a.errors) == 0 {
		return ""
	}
	extensions, _ := a.errors[0]["extensions"].(map[string]any)
	code, _ := extensions["code"].(string)
	return code
}

// atOnce is how many documents are under way at a time: what is recorded before it is answered waits for the disk, and
// those that wait together wait once.
const atOnce = 12

// answers sends documents, several at once.
func (w *world) answers(who caller, documents []*document) []answer {
	out := make([]answer, len(documents))
	var wg sync.WaitGroup
	next := make(chan int)
	for range atOnce {
		wg.Go(func() {
			for i := range next {
				out[i] = w.send(who, documents[i])
			}
		})
	}
	for i := range documents {
		next <- i
	}
	close(next)
	wg.Wait()
	return out
}

func (w *world) send(who caller, d *document) answer {
	body, err := json.Marshal(map[string]any{"query": d.text, "variables": d.variables})
	if err != nil {
		return answer{raw: err.Error()}
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/query", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	who.set(r)
	recorder := httptest.NewRecorder()
	w.handler.ServeHTTP(recorder, r)
	return readAnswer(recorder.Code, recorder.Body.Bytes())
}

func readAnswer(status int, body []byte) answer {
	var parts struct {
		Data       json.RawMessage
		Errors     []map[string]any
		Extensions json.RawMessage
	}
	var a answer
	if err := json.Unmarshal(body, &parts); err != nil {
		return answer{raw: fmt.Sprintf("%d %s", status, body)}
	}
	_ = json.Unmarshal(parts.Data, &a.data) // absent for a document that was not run
	a.errors = parts.Errors
	lines := []string{fmt.Sprint(status), string(parts.Data), string(parts.Extensions)}
	for _, e := range a.errors {
		if extensions, ok := e["extensions"].(map[string]any); ok {
			delete(extensions, "requestId")
		}
		line, _ := json.Marshal(e)
		lines = append(lines, string(line))
	}
	sort.Strings(lines[3:]) // fields are resolved beside each other
	a.raw = strings.Join(lines, "\n")
	return a
}

// secrets are what answers to somebody must not hold.
type secrets struct {
	ids    map[string]bool   // that may be told, inside and outside; every other one may not
	values map[string]string // hidden values, and where they stand
	marks  []string          // that stand in hidden values alone
}

// secretsFrom are all hidden values of the base that are not shown elsewhere too. Words of the schema tell nothing.
func (w *world) secretsFrom(c contents, s sight, own string) *secrets {
	w.t.Helper()
	out := &secrets{ids: map[string]bool{}, values: map[string]string{}}
	shown := map[string]bool{}
	for _, d := range schema().Types {
		shown[d.Name] = true
		for _, f := range d.Fields {
			shown[f.Name] = true // in the path of an error
		}
		for _, v := range d.EnumValues {
			shown[v.Name] = true
		}
	}
	for day := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC); day.Year() < 2027; day = day.AddDate(0, 0, 1) {
		shown[day.Format(time.DateOnly)], shown[day.Format("2006-01")] = true, true // figures name every day that they are asked of
	}
	for month := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); month.Year() < 2028; month = month.AddDate(0, 1, 0) {
		shown[month.Format(time.DateOnly)], shown[month.AddDate(0, 0, -1).Format(time.DateOnly)] = true, true // so do periods, of where they begin and end
	}
	for _, table := range migrate.Tables {
		for _, r := range c[table.Name] {
			if s.sees(table.Name, r) {
				out.ids[idOf(table.Name, r)], out.ids[r.text("id")] = true, true
				out.ids[gid.Submission.Format(parsedID(r.text("id")))] = own == "" && table.Name == "leads"
			}
			if table.Name == "notices" && s.shows(table.Name, r, "url") {
				for _, id := range idsIn(r.text("url") + " " + r.text("object")) {
					out.ids[id] = true // it was told while that was the viewer's to open
				}
			}
			for _, column := range table.Columns {
				for _, text := range w.spelled(table.Name, r, column) {
					if s.shows(table.Name, r, column.Name) {
						shown[text] = true
					} else if isSecret(text) && !sums[table.Name+"."+column.Name] {
						out.values[text] = table.Name + "." + column.Name
					}
				}
			}
		}
	}
	for text := range shown {
		delete(out.values, text)
	}
	out.marks = slices.DeleteFunc(slices.Clone(marks), func(m string) bool { return m == own })
	return out
}

// sums may be equal by chance, as those of one source and of all. What they tell is found by the other world.
var sums = map[string]bool{"lead_days.payout": true, "lead_deltas.payout": true}

// isSecret leaves out what says nothing by itself: short texts and codes. Ids are judged by themselves.
func isSecret(text string) bool {
	_, _, err := gid.Parse(text)
	return len(text) >= 6 && err != nil && parsedID(text).IsZero() && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != ""
}

// told is the first secret in an answer; empty for none. Cursors are looked into.
func (s *secrets) told(a answer) string {
	found := ""
	leaf := func(v any) {
		if found == "" {
			found = s.in(v)
		}
	}
	eachLeaf(a.data, leaf)
	for _, e := range a.errors {
		eachLeaf(map[string]any(e), leaf)
	}
	if found == "" && a.data == nil && len(a.errors) == 0 {
		return "an answer that is none: " + a.raw
	}
	return found
}

func (s *secrets) in(v any) string {
	text, ok := v.(string)
	if !ok {
		if n, ok := v.(float64); ok && n >= 100_000 {
			text = fmt.Sprintf("%.0f", n)
		} else {
			return ""
		}
	}
	if where, ok := s.values[text]; ok {
		return fmt.Sprintf("%q, which is hidden in %s", text, where)
	}
	for _, m := range s.marks {
		if strings.Contains(text, m) {
			return fmt.Sprintf("%q, which is hidden", text)
		}
	}
	for _, id := range idsIn(text) {
		if !s.ids[id] {
			return fmt.Sprintf("the id %s of something hidden", id)
		}
	}
	for _, digits := range longNumbers(text) {
		if where, ok := s.values["+"+digits]; ok {
			return fmt.Sprintf("the phone %s, which is hidden in %s", digits, where)
		}
	}
	if raw, err := base64.RawURLEncoding.DecodeString(text); err == nil && bytes.HasPrefix(raw, []byte("{")) {
		for _, inner := range leavesOf(string(raw)) {
			if told := s.in(inner); told != "" {
				return "a cursor with " + told
			}
		}
	}
	return ""
}

// longNumbers are the runs of eleven digits and more in a text.
func longNumbers(text string) (out []string) {
	for run := range strings.FieldsFuncSeq(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if len(run) >= 11 {
			out = append(out, run)
		}
	}
	return out
}

// idsIn are the ids in a text, as they are shown outside or stored.
func idsIn(text string) (out []string) {
	if len(text) < 29 {
		return nil
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
		if _, _, err := gid.Parse(word); err == nil || len(word) == 36 && !parsedID(word).IsZero() {
			out = append(out, word)
		}
	}
	return out
}

// telling counts what answers told: how often a field was something.
type telling map[string]int

// read walks an answer beside its document, which has been validated.
func (n telling) read(document *ast.QueryDocument, a answer) {
	for _, op := range document.Operations {
		n.object(op.SelectionSet, a.data)
	}
}

func (n telling) object(set ast.SelectionSet, v any) {
	switch v := v.(type) {
	case []any:
		for _, inner := range v {
			n.object(set, inner)
		}
	case map[string]any:
		n.fields(set, v)
	}
}

func (n telling) fields(set ast.SelectionSet, v map[string]any) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			value, ok := v[s.Alias]
			if list, isList := value.([]any); !ok || value == nil || isList && len(list) == 0 {
				continue
			}
			n[s.ObjectDefinition.Name+"."+s.Name]++
			n.object(s.SelectionSet, value)
		case *ast.InlineFragment:
			if typeName, told := v["__typename"]; s.TypeCondition == "" || !told || s.ObjectDefinition.Kind != ast.Interface || typeName == s.TypeCondition {
				n.fields(s.SelectionSet, v)
			}
		case *ast.FragmentSpread:
			n.fields(s.Definition.SelectionSet, v)
		}
	}
}

// parsed is a document as the server understands it; the generator makes no other ones.
func parsed(d *document) (*ast.QueryDocument, error) {
	doc, errs := gqlparser.LoadQueryWithRules(theSchema, d.text, rules.NewDefaultRules())
	if len(errs) > 0 {
		return nil, errs
	}
	return doc, nil
}

// theSchema is parsed once.
var theSchema = schema()
