package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"entgo.io/ent/schema/field"
	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/ent/migrate"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// stock is what values of inputs are drawn from: what stands in the base, of all sides, as it was when the stock was
// taken.
type stock struct {
	texts   map[string][]string   // by column
	numbers map[string][]int64    // by column
	ids     map[gid.Kind][]string // as they are shown outside
	others  map[gid.Kind][]string // of them, those that the one who writes does not see
	cursors map[string][]string   // by the connection's type and its order
	secrets map[string][]string   // by the input's name: passwords and the like, of the side that asks
}

// Where the one who asks may write texts, they are those that it sees, and logins: what it wrote itself would be told back
// to it.
func (w *world) stock(c contents, writes sight) *stock {
	w.t.Helper()
	s := &stock{texts: map[string][]string{}, numbers: map[string][]int64{}, ids: map[gid.Kind][]string{}, others: map[gid.Kind][]string{}, cursors: map[string][]string{}, secrets: map[string][]string{}}
	for _, table := range migrate.Tables {
		for _, r := range c[table.Name] {
			if id := idOf(table.Name, r); id != "" {
				s.ids[kindOf[table.Name]] = append(s.ids[kindOf[table.Name]], id)
				if writes != nil && !writes.sees(table.Name, r) {
					s.others[kindOf[table.Name]] = append(s.others[kindOf[table.Name]], id)
				}
			}
			for _, column := range table.Columns {
				if writes == nil || writes.shows(table.Name, r, column.Name) || column.Name == "login" {
					s.keep(column.Name, column.Type, r[column.Name], w.spelled(table.Name, r, column))
				}
			}
		}
	}
	for name, values := range s.texts {
		slices.Sort(values)
		s.texts[name] = slices.Compact(values)
	}
	s.refs()
	return s
}

func (s *stock) keep(column string, kind field.Type, value any, spelled []string) {
	if n, ok := value.(int64); ok {
		s.numbers[column] = append(s.numbers[column], n)
		return
	}
	column = strings.TrimSuffix(column, "_sealed")
	for _, text := range spelled {
		if kind != field.TypeUUID && text != "" && len(text) < 200 {
			s.texts[column] = append(s.texts[column], text)
		}
	}
}

// refs are the references that sources were answered with.
func (s *stock) refs() {
	for _, id := range s.ids[gid.Lead] {
		parsed, _ := gid.Lead.Parse(id)
		s.ids[gid.Submission] = append(s.ids[gid.Submission], gid.Submission.Format(parsed))
	}
}

// harvest collects the cursors of every list in every order, of all sides, as an administrator gets them.
func (w *world) harvest(s *stock) {
	w.t.Helper()
	for _, root := range schema().Query.Fields {
		if !strings.HasSuffix(root.Type.Name(), "Connection") {
			continue
		}
		nodeType := schema().Types[schema().Types[strings.TrimSuffix(root.Type.Name(), "Connection")+"Edge"].Fields.ForName("node").Type.Name()]
		s.reap(w, root, "edges { cursor }")
		for _, nested := range nodeType.Fields {
			if strings.HasSuffix(nested.Type.Name(), "Connection") {
				for _, order := range orders(nested) {
					inner := fmt.Sprintf("edges { node { nested: %s(first: 10%s) { edges { cursor } } } }", nested.Name, order.argument)
					got := w.must(w.admin, fmt.Sprintf("{ list: %s(first: 100%s) { %s } }", root.Name, s.needed(root), inner), nil)
					for _, node := range got.nodes("list") {
						s.add(nested, order, node["nested"])
					}
				}
			}
		}
	}
}

func (s *stock) reap(w *world, root *ast.FieldDefinition, what string) {
	for _, order := range orders(root) {
		got := w.must(w.admin, fmt.Sprintf("{ list: %s(first: 100%s) { %s } }", root.Name, s.needed(root)+order.argument, what), nil)
		s.add(root, order, got.at("list"))
	}
}

func (s *stock) add(list *ast.FieldDefinition, o order, connection any) {
	found, _ := connection.(map[string]any)
	edges, _ := found["edges"].([]any)
	for _, e := range edges {
		cursor, _ := e.(map[string]any)["cursor"].(string)
		key := list.Type.Name() + o.key
		s.cursors[key] = append(s.cursors[key], cursor)
	}
}

// needed are the dates without which a list says nothing, between which the world's things happen, and the id of what it is of.
func (s *stock) needed(list *ast.FieldDefinition) (arguments string) {
	for _, a := range list.Arguments {
		date := map[string]string{"from": "2026-10-01", "to": "2026-12-25"}[a.Name]
		switch {
		case !a.Type.NonNull:
		case date != "":
			arguments += fmt.Sprintf(", %s: %q", a.Name, date)
		case a.Type.Name() == "ID":
			kind, _ := kindNamed(a.Name, list.Name)
			arguments += fmt.Sprintf(", %s: %q", a.Name, s.ids[kind][0])
		}
	}
	return arguments
}

// order is one that a list can be asked for in; key tells the orders of a type apart.
type order struct{ argument, key string }

// orders are all that a list has, the one without an argument first.
func orders(list *ast.FieldDefinition) []order {
	out := []order{{}}
	by := list.Arguments.ForName("orderBy")
	if by == nil {
		return out
	}
	in := schema().Types[by.Type.Name()]
	for _, f := range schema().Types[in.Fields.ForName("field").Type.Name()].EnumValues {
		for _, d := range schema().Types[in.Fields.ForName("direction").Type.Name()].EnumValues {
			out = append(out, order{fmt.Sprintf(", orderBy: {field: %s, direction: %s}", f.Name, d.Name), f.Name + d.Name})
		}
	}
	return out
}

// orderKey is the key of an order that is given as an argument.
func orderKey(list *ast.FieldDefinition, given any) string {
	fields, ok := given.(object)
	if !ok {
		return ""
	}
	direction, ok := fields["direction"].(enum)
	if !ok {
		direction = enum(schema().Types[list.Arguments.ForName("orderBy").Type.Name()].Fields.ForName("direction").DefaultValue.Raw)
	}
	return string(fields["field"].(enum)) + string(direction)
}

// enum is a value of an enum, object one of an input object: they are written otherwise than texts and JSON.
type (
	enum   string
	object map[string]any
)

// textsFor say which texts go into an input, by its name, where that is not a column of the base.
var textsFor = map[string]func(s *stock, r *rand.Rand) string{
	"search":               (*stock).search,
	"phone":                (*stock).phone,
	"email":                func(s *stock, r *rand.Rand) string { return recased(s.any(r, "email"), r) },
	"value":                func(s *stock, r *rand.Rand) string { return s.any(r, "value", "subIds", "email", "ip") },
	"reference":            func(s *stock, r *rand.Rand) string { return pick(r, s.ids[gid.Submission]) },
	"comment":              func(s *stock, r *rand.Rand) string { return s.any(r, "reason", "text") },
	"note":                 func(s *stock, r *rand.Rand) string { return s.any(r, "reason", "text") },
	"purpose":              func(s *stock, r *rand.Rand) string { return s.any(r, "code") },
	"account":              func(s *stock, r *rand.Rand) string { return s.any(r, "bank_account") },
	"correspondentAccount": func(s *stock, r *rand.Rand) string { return s.any(r, "bank_correspondent_account") },
	"bik":                  func(s *stock, r *rand.Rand) string { return s.any(r, "bank_bik") },
	"opensAt":              func(_ *stock, r *rand.Rand) string { return fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(60)) },
	"closesAt":             func(_ *stock, r *rand.Rand) string { return fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(60)) },
	"from":                 func(_ *stock, r *rand.Rand) string { return fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(60)) },
	"to":                   func(_ *stock, r *rand.Rand) string { return fmt.Sprintf("%02d:%02d", r.IntN(24), r.IntN(60)) },
	"timeZone":             func(_ *stock, r *rand.Rand) string { return pick(r, []string{"UTC", "Asia/Omsk", ""}) },
	"actions": func(_ *stock, r *rand.Rand) string {
		return string(pick(r, []audit.Action{audit.LeadRead, audit.SignedIn, audit.LeadTaken}))
	},
	"kinds":           func(_ *stock, r *rand.Rand) string { return pick(r, []string{"turn", "delivery"}) },
	"lines":           func(_ *stock, r *rand.Rand) string { return pick(r, []string{"default", "email"}) },
	"subIds":          func(s *stock, r *rand.Rand) string { return s.any(r, "sub_ids") },
	"refreshToken":    func(s *stock, r *rand.Rand) string { return pick(r, s.secrets["refreshToken"]) },
	"password":        func(s *stock, r *rand.Rand) string { return pick(r, s.secrets["password"]) },
	"currentPassword": func(s *stock, r *rand.Rand) string { return pick(r, s.secrets["password"]) },
	"newPassword":     func(s *stock, r *rand.Rand) string { return pick(r, s.secrets["password"]) },
	"givenAt":         func(_ *stock, r *rand.Rand) string { return fmt.Sprintf("2026-10-%02dT10:11:12Z", 1+r.IntN(28)) },
}

// text is one for an input; false where nothing says which texts go into it.
func (s *stock) text(r *rand.Rand, name string) (string, bool) {
	from, special := textsFor[name]
	values := s.texts[snake(name)]
	if !special && len(values) == 0 && !isColumn(snake(name)) {
		return "", false
	}
	switch n := r.IntN(20); {
	case n == 0:
		return "", true
	case n == 1 && name != "newPassword": // it would not be known any more
		return fmt.Sprintf("random %d", r.IntN(1000)), true
	case special:
		return from(s, r), true
	case len(values) == 0:
		return fmt.Sprintf("%s %d", name, r.IntN(1000)), true
	case n == 2:
		return recased(pick(r, values), r), true
	}
	return pick(r, values), true
}

func isColumn(name string) bool {
	for _, table := range migrate.Tables {
		for _, c := range table.Columns {
			if c.Name == name {
				return true
			}
		}
	}
	return false
}

// any is a text of one of these columns.
func (s *stock) any(r *rand.Rand, columns ...string) string {
	values := s.texts[snake(pick(r, columns))]
	if len(values) == 0 {
		return "nothing"
	}
	return pick(r, values)
}

func pick[T any](r *rand.Rand, from []T) T {
	var none T
	if len(from) == 0 {
		return none
	}
	return from[r.IntN(len(from))]
}

func recased(text string, r *rand.Rand) string {
	switch r.IntN(4) {
	case 0:
		return strings.ToUpper(text)
	case 1:
		return strings.ToLower(text) + " "
	}
	return text
}

// phone is one of somebody's, in a usual writing.
func (s *stock) phone(r *rand.Rand) string {
	p := s.any(r, "phone")
	if len(p) != 12 {
		return p
	}
	return pick(r, []string{p, p, "8" + p[2:], fmt.Sprintf("8 (%s) %s-%s-%s", p[2:5], p[5:8], p[8:10], p[10:])})
}

// search is what somebody could look for: the beginning of a name or more of it, a phone or its end, an e-mail.
func (s *stock) search(r *rand.Rand) string {
	switch r.IntN(6) {
	case 0:
		return s.phone(r)
	case 1:
		p := s.any(r, "phone")
		return p[max(0, len(p)-4):]
	case 2:
		return s.any(r, "email")
	case 3:
		runes := []rune(s.any(r, "last_name", "company_name"))
		return string(runes[:r.IntN(len(runes)+1)])
	case 4:
		return s.any(r, "last_name") + " " + s.any(r, "first_name")
	}
	return recased(s.any(r, "last_name", "first_name", "company_name"), r)
}

// kindNamed is the kind of ids that an input takes by its name, or by that of the input it stands in.
func kindNamed(name, owner string) (gid.Kind, bool) {
	for _, words := range []string{strings.TrimSuffix(strings.TrimSuffix(name, "s"), "Id"), owner} {
		words = strings.ToLower(words)
		for _, k := range idWords {
			if strings.Contains(words, k.word) {
				return k.kind, true
			}
		}
	}
	return "", false
}

// idWords are looked for in this order.
var idWords = []struct {
	word string
	kind gid.Kind
}{
	{"reportschedule", gid.ReportSchedule}, {"recipient", gid.User},
	{"delivery", gid.Delivery}, {"suppression", gid.Suppression}, {"notification", gid.Notification}, {"formconsenttext", gid.ConsentText}, {"consenttext", gid.ConsentText}, {"consent", gid.Consent}, {"distributor", gid.Distributor}, {"source", gid.LeadSource},
	{"webhookevent", gid.WebhookEvent}, {"webhook", gid.Webhook},
	{"import", gid.Import},
	{"purpose", gid.Purpose}, {"session", gid.Session}, {"absence", gid.Absence}, {"blacklist", gid.BlacklistEntry}, {"actor", gid.User}, {"user", gid.User},
	{"password", gid.User}, {"goal", gid.Goal}, {"report", gid.Report}, {"statement", gid.Statement}, {"lead", gid.Lead},
}

// kinds of ids that there are in the stock, in order.
func (s *stock) kinds() []gid.Kind { return slices.Sorted(maps.Keys(s.ids)) }

// leavesOf are the texts in a JSON value.
func leavesOf(text string) (out []string) {
	var v any
	if json.Unmarshal([]byte(text), &v) == nil {
		eachLeaf(v, func(leaf any) {
			if s, ok := leaf.(string); ok {
				out = append(out, s)
			}
		})
	}
	return out
}

// eachLeaf calls fn for each value that is neither an object nor a list.
func eachLeaf(v any, fn func(any)) {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			eachLeaf(inner, fn)
		}
	case []any:
		for _, inner := range v {
			eachLeaf(inner, fn)
		}
	default:
		fn(v)
	}
}
