package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/internal/gid"
	"channelbook/notify/webhooks"
	"channelbook/reports"
)

// document is a request as it is sent.
type document struct {
	number    int
	text      string
	variables map[string]any
	// spoiled is why the document may be answered BAD_REQUEST: a value was made wrong on purpose.
	spoiled string
	// closed is the root field that is not for the one who asks; where there is one it stands alone.
	closed *ast.FieldDefinition
	roots  []*ast.FieldDefinition
}

// String is what one needs to send it again.
func (d *document) String() string {
	variables, _ := json.Marshal(d.variables)
	return fmt.Sprintf("document %d: %s\nvariables: %s", d.number, d.text, variables)
}

// generator makes random valid documents by walking the schema. Of two things that it could ask for it likes the one
// that it has asked for less, so that rare ones come too.
type generator struct {
	schema *ast.Schema
	stock  *stock
	role   string // of who asks, such as DISTRIBUTOR; SOURCE for a lead source; empty for nobody
	rnd    *rand.Rand
	used   map[string]int // how often each field, argument, input field and enum value was asked with
	made   int

	doc       *document
	names     int // of aliases and variables
	fields    int // in the document so far
	most      int // of them
	variables []string
	fragments []string
	named     []fragment
	asked     []string // types of the objects whose ids were named
}

func newGenerator(seed uint64, s *stock, role string) *generator {
	return &generator{schema: schema(), stock: s, role: role, rnd: rand.New(rand.NewPCG(seed, 2)), used: map[string]int{}}
}

// What a document has at most: less than the server's limits, which other tests are for. Most are small, as what a field
// tells hardly depends on those far from it.
const (
	mostLevels = 11
	mostRows   = 120 // of nested pages multiplied
)

// allowed tells whether a root field is for the one who asks, by its guard.
func (g *generator) allowed(f *ast.FieldDefinition) bool {
	if f.Directives.ForName("public") != nil {
		return true
	}
	if f.Directives.ForName("leadSource") != nil {
		return g.role == "SOURCE"
	}
	guard := f.Directives.ForName("hasRole")
	if guard == nil {
		panic(f.Name + " has a guard that the generator does not know: teach generator.allowed who passes it")
	}
	return slices.ContainsFunc(guard.Arguments.ForName("any").Value.Children, func(c *ast.ChildValue) bool { return c.Value.Raw == g.role })
}

// roots are the fields of a root type, those for the one who asks and the others.
func (g *generator) roots(of *ast.Definition) (open, closed []*ast.FieldDefinition) {
	for _, f := range of.Fields {
		switch {
		case strings.HasPrefix(f.Name, "__"):
		case g.allowed(f):
			open = append(open, f)
		default:
			closed = append(closed, f)
		}
	}
	return open, closed
}

// query makes a query: of fields that are for the one who asks or, now and then, of a single one that is not.
func (g *generator) query() *document {
	open, closed := g.roots(g.schema.Query)
	var fields []*ast.FieldDefinition
	if len(closed) > 0 && (len(open) == 0 || g.rnd.IntN(14) == 0) {
		fields = append(fields, g.rarest(g.schema.Query, closed))
	} else {
		for range 1 + g.rnd.IntN(2) {
			fields = append(fields, g.rarest(g.schema.Query, open))
		}
	}
	return g.document("query", g.schema.Query, fields)
}

// mutation makes one of one or two fields, or of a single one that is not for the one who asks.
func (g *generator) mutation() *document {
	open, closed := g.roots(g.schema.Mutation)
	if g.rnd.IntN(2) == 0 {
		return g.document("mutation", g.schema.Mutation, []*ast.FieldDefinition{g.rarest(g.schema.Mutation, closed)})
	}
	return g.document("mutation", g.schema.Mutation, []*ast.FieldDefinition{pick(g.rnd, open), pick(g.rnd, open)}[:1+g.rnd.IntN(4)/3])
}

func (g *generator) document(operation string, root *ast.Definition, fields []*ast.FieldDefinition) *document {
	g.doc = &document{number: g.made, variables: map[string]any{}, roots: fields}
	g.made++
	g.most = pick(g.rnd, []int{4, 6, 8, 8, 12, 22})
	g.names, g.fields, g.variables, g.fragments, g.named, g.asked = 0, 0, nil, nil, nil, nil
	if !g.allowed(fields[0]) {
		g.doc.closed = fields[0]
	}
	top := newScope()
	var body strings.Builder
	if g.doc.closed == nil && g.rnd.IntN(12) == 0 {
		body.WriteString("__typename ")
	}
	for _, f := range fields {
		body.WriteString(g.field(top, place{in: root, level: 1, rows: 1}, f))
	}
	head := operation
	if len(g.variables) > 0 {
		head += " Q(" + strings.Join(g.variables, ", ") + ")"
	}
	g.doc.text = head + " { " + body.String() + "}" + strings.Join(g.fragments, "")
	return g.doc
}

// scope is what stands already where selections are put together: a response key that comes twice must mean the same.
type scope struct {
	children map[string]*scope
	closed   bool // it came with arguments, so the key is taken
}

func newScope() *scope { return &scope{children: map[string]*scope{}} }

// fragment is a named one.
type fragment struct {
	name string
	at   place
}

// place is where a selection stands.
type place struct {
	in    *ast.Definition
	level int
	rows  int  // that pages around it have at most
	apart bool // in a fragment: what it selects may meet what others do, so it has names of its own
	typed bool // in a fragment on one of several types, which may have fields of the same name and other types
}

// name is a fresh one in the document.
func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *generator) note(what string) { g.used[what]++ }

// rarest is one of two random fields, the one that was asked for less.
func (g *generator) rarest(of *ast.Definition, from []*ast.FieldDefinition) *ast.FieldDefinition {
	a, b := pick(g.rnd, from), pick(g.rnd, from)
	if g.used[of.Name+"."+b.Name] < g.used[of.Name+"."+a.Name] {
		return b
	}
	return a
}

// field asks for a field, with arguments, perhaps under another name, and for something of what it gives.
func (g *generator) field(s *scope, at place, f *ast.FieldDefinition) string {
	g.fields++
	g.note(at.in.Name + "." + f.Name)
	arguments, rows := g.arguments(at, f)
	inner := g.schema.Types[f.Type.Name()]
	key, child := g.key(s, at, f, arguments, inner.IsLeafType())
	out := f.Name
	if key != f.Name {
		out = key + ": " + f.Name
	}
	out += arguments + g.directive()
	if inner.IsLeafType() {
		return out + " "
	}
	return out + " { " + g.selection(child, place{in: inner, level: at.level + 1, rows: at.rows * rows}) + "} "
}

// key is the response key of a field, its own name where that means nothing else there, and the scope of what is asked
// below it: that of another field with the same key, whose selection is then merged with this one's.
func (g *generator) key(s *scope, at place, f *ast.FieldDefinition, arguments string, leaf bool) (string, *scope) {
	known, child := s.children[f.Name], &scope{children: map[string]*scope{}, closed: arguments != ""}
	plain := !at.typed && !(at.apart && !leaf) && !(leaf && arguments != "")
	switch {
	case plain && known == nil && g.rnd.IntN(5) > 0:
		s.children[f.Name] = child
		return f.Name, child
	case plain && known != nil && arguments == "" && !known.closed && g.rnd.IntN(3) > 0:
		return f.Name, known
	}
	return g.name("a"), child
}

// directive is now and then one that leaves the field in or out.
func (g *generator) directive() string {
	if g.rnd.IntN(40) != 0 || g.doc.closed != nil {
		return ""
	}
	name := pick(g.rnd, []string{"include", "skip"})
	g.note("@" + name)
	keep := name == "include"
	if g.rnd.IntN(4) == 0 {
		keep = !keep
	}
	if g.rnd.IntN(2) == 0 {
		return fmt.Sprintf(" @%s(if: %v)", name, keep)
	}
	return fmt.Sprintf(" @%s(if: %s)", name, g.variable("Boolean!", keep))
}

// variable passes a value beside the document.
func (g *generator) variable(typeName string, value any) string {
	name := g.name("v")
	g.variables = append(g.variables, "$"+name+": "+typeName)
	g.doc.variables[name] = plainJSON(value)
	return "$" + name
}

// selection asks for something of an object, one of several types or not, through fragments or without.
func (g *generator) selection(s *scope, at place) string {
	if at.in.IsAbstractType() {
		return g.abstract(s, at)
	}
	var out strings.Builder
	picks := 1 + g.rnd.IntN(3)
	if g.doc.closed != nil {
		picks = 4
	}
	for range picks {
		switch n := g.rnd.IntN(24); {
		case n == 0:
			out.WriteString("__typename ")
		case n < 3 && at.level < mostLevels && g.fields < g.most:
			g.note("inline fragment")
			out.WriteString(pick(g.rnd, []string{"... ", "... on " + at.in.Name + " "}) + g.directive() + "{ " + g.some(s, at) + "} ")
		case n < 5 && at.level < mostLevels && g.fields < g.most:
			g.note("named fragment")
			out.WriteString("..." + g.fragment(at) + " ")
		default:
			out.WriteString(g.some(s, at))
		}
	}
	return out.String()
}

// fragment is the name of one on the type, new or made before.
func (g *generator) fragment(at place) string {
	for _, f := range g.named {
		if f.at.in == at.in && f.at.level >= at.level && f.at.rows >= at.rows && g.rnd.IntN(2) == 0 {
			g.note("fragment spread again")
			return f.name
		}
	}
	at.apart = true
	body, name := g.some(newScope(), at), g.name("F")
	g.fragments = append(g.fragments, " fragment "+name+" on "+at.in.Name+" { "+body+"}")
	g.named = append(g.named, fragment{name, at})
	return name
}

// some is one field of an object, more likely one that leads to rows.
func (g *generator) some(s *scope, at place) string {
	var leaves, deep []*ast.FieldDefinition
	for _, f := range at.in.Fields {
		switch {
		case strings.HasPrefix(f.Name, "__"):
		case g.schema.Types[f.Type.Name()].IsLeafType():
			leaves = append(leaves, f)
		case f.Name == "recipients" && at.rows*mostRecipients > mostRows: // of many schedules they would be too many
		case at.level < mostLevels:
			deep = append(deep, f)
		}
	}
	if edges := at.in.Fields.ForName("edges"); edges != nil && g.rnd.IntN(3) > 0 && len(deep) > 0 {
		if info := at.in.Fields.ForName("pageInfo"); g.used[at.in.Name+".edges"] > 4*g.used[at.in.Name+".pageInfo"] {
			return g.field(s, at, info)
		}
		return g.field(s, at, edges)
	}
	if node := at.in.Fields.ForName("node"); node != nil && g.rnd.IntN(4) > 0 && len(deep) > 0 {
		return g.field(s, at, node)
	}
	full := g.fields >= g.most || at.level >= mostLevels-3
	if len(leaves) > 0 && (len(deep) == 0 || full || g.rnd.IntN(3) > 0) {
		return g.field(s, at, g.rarest(at.in, leaves))
	}
	if len(deep) == 0 || at.level >= mostLevels {
		return "__typename "
	}
	return g.field(s, at, g.rarest(at.in, deep))
}

// abstract asks for an object of an interface, by fragments on its types: surely on those whose ids were named.
func (g *generator) abstract(s *scope, at place) string {
	out := "__typename "
	if g.rnd.IntN(2) == 0 {
		g.note(at.in.Name + ".id")
		out += "id "
	}
	types := slices.Clone(g.asked)
	if g.rnd.IntN(3) == 0 || len(types) == 0 {
		types = append(types, pick(g.rnd, g.schema.GetPossibleTypes(at.in)).Name)
	}
	slices.Sort(types)
	for _, name := range slices.Compact(types) {
		in := at
		in.in, in.level, in.apart, in.typed = g.schema.Types[name], at.level+1, true, true
		body := ""
		for range 1 + g.rnd.IntN(3) {
			body += g.some(s, in)
		}
		out += "... on " + name + " { " + body + "} "
	}
	return out
}

// arguments writes those that are required and some others, and tells how many rows may come.
func (g *generator) arguments(at place, f *ast.FieldDefinition) (text string, rows int) {
	g.asked = nil
	values := object{}
	for _, a := range f.Arguments {
		if a.Name != "after" && (a.Type.NonNull || (g.rnd.IntN(100) < chances(a.Name) || g.doc.closed != nil)) {
			values[a.Name] = g.value(f.Name, a.Name, a.Type)
		}
	}
	if f.Name == "leadStats" && values["groupBy"] == enum("SOURCE") && g.doc.closed == nil {
		values["groupBy"] = enum("STATUS") // the other is refused: see TestWhatLeadStatsRefuses
	}
	if f.Name == "leadStats" && g.rnd.IntN(2) == 0 && g.doc.closed == nil {
		values["filter"] = object{"receivedFrom": "2026-11-02T00:00:00Z", "receivedTo": "2026-11-04T00:00:00Z"} // before which there were sales
	}
	switch {
	case f.Name == "goals" && f.Arguments.ForName("from") != nil:
		rows = g.span(values, at)
	case f.Name == "processingPurposes":
		rows = mostPurposes
	case f.Name == "webhooks":
		rows = webhooks.MaxWebhooks
	case f.Name == "reportSchedules":
		rows = reports.MaxSchedules
	case f.Name == "recipients":
		rows = mostRecipients
	case f.Name == "setGoals":
		rows = mostGoals
	default:
		rows = g.days(values, f)
	}
	if f.Name == "changes" { // of the goals of all metrics, whose periods alone may count as rows
		at.rows *= 4
	}
	if f.Arguments.ForName("first") != nil {
		if each := f.Arguments.ForName("fields"); each != nil { // so many of each
			at.rows *= len(g.schema.Types[each.Type.Name()].EnumValues)
		}
		rows = g.page(values, at)
	}
	if f.Arguments.ForName("after") != nil && (g.rnd.IntN(4) == 0 || g.doc.closed != nil && g.rnd.IntN(2) == 0) {
		values["after"] = g.cursor(f, values["orderBy"]) // it goes with the order
	}
	if len(values) == 0 {
		return "", rows
	}
	parts := make([]string, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		g.note(at.in.Name + "." + f.Name + "(" + name + ")")
		value := literal(values[name])
		if g.rnd.IntN(3) == 0 {
			value = g.variable(f.Arguments.ForName(name).Type.String(), values[name])
		}
		parts = append(parts, name+": "+value)
	}
	return "(" + strings.Join(parts, ", ") + ")", rows
}

// days brings dates that have to be given together, as what asks for more of them is refused, and tells how many rows
// there may be for some sources on these days.
func (g *generator) days(values object, f *ast.FieldDefinition) (rows int) {
	to := f.Arguments.ForName("to")
	from, _ := values["from"].(string)
	if to == nil || !to.Type.NonNull || from == "" {
		return 1
	}
	first, err := time.Parse(time.DateOnly, from)
	if err != nil {
		panic(err)
	}
	n := g.rnd.IntN(4)
	values["to"] = first.AddDate(0, 0, n).Format(time.DateOnly)
	return max(1, 5*n)
}

func chances(argument string) int {
	switch argument {
	case "first":
		return 70
	case "filter":
		return 55
	}
	return 45
}

// page chooses how many rows a page has, so that pages in pages stay few. Where nobody says, the server's limits take it
// for a full one.
func (g *generator) page(values object, at place) int {
	room := mostRows / at.rows
	if _, asked := values["first"]; !asked && room >= 100 {
		return 100
	}
	n := min(room, pick(g.rnd, []int{0, 1, 2, 3, 4, 5, 7, 40, 100}))
	values["first"] = n
	if g.rnd.IntN(100) == 0 && room >= 100 && g.doc.closed == nil {
		values["first"], g.doc.spoiled, n = pick(g.rnd, []int{-1, 101}), "first", 100
	}
	return max(1, n)
}

// The server takes a list of purposes for so long; a list that an input has is at most so long.
const (
	mostPurposes   = 10
	mostRecipients = 10
	mostGoals      = 5
)

// mostInSpan is how many goals a distributor has for the periods that overlap a span.
const mostInSpan = 20

// span chooses one in which there are goals, and none at all where there are many rows around it already.
func (g *generator) span(values object, at place) int {
	from := pick(g.rnd, []string{"2026-09-30", "2026-10-15", "2026-11-01"})
	values["from"], values["to"] = from, pick(g.rnd, []string{"2026-11-01", "2026-11-02", "2026-11-30"})
	if at.rows*mostInSpan > mostRows {
		values["to"] = from
		return 1
	}
	return mostInSpan
}

// cursor is one of somebody's in this list and order; seldom one of another.
func (g *generator) cursor(f *ast.FieldDefinition, by any) string {
	if g.rnd.IntN(60) == 0 {
		key := pick(g.rnd, slices.Sorted(maps.Keys(g.stock.cursors)))
		g.doc.spoiled = "after"
		return pick(g.rnd, g.stock.cursors[key])
	}
	return pick(g.rnd, g.stock.cursors[f.Type.Name()+orderKey(f, by)])
}

// value is a random one of a type. owner and name say where it goes.
func (g *generator) value(owner, name string, t *ast.Type) any {
	if t.Elem != nil {
		list := []any{}
		n := g.rnd.IntN(4)
		switch {
		case g.schema.Types[t.Elem.Name()].Kind == ast.Enum:
			n += 6
		case g.doc.closed != nil:
			n += 2
		}
		for range n {
			list = append(list, g.value(owner, name, t.Elem))
		}
		return list
	}
	switch def := g.schema.Types[t.NamedType]; def.Kind {
	case ast.Enum:
		return g.word(def)
	case ast.InputObject:
		return g.input(def)
	}
	return g.scalar(owner, name, t)
}

// word is a value of an enum, each second time the one that came least.
func (g *generator) word(def *ast.Definition) enum {
	v := pick(g.rnd, def.EnumValues)
	if g.rnd.IntN(2) == 0 {
		v = slices.MinFunc(def.EnumValues, func(a, b *ast.EnumValueDefinition) int {
			return g.used[def.Name+"."+a.Name] - g.used[def.Name+"."+b.Name]
		})
	}
	g.note(def.Name + "." + v.Name)
	return enum(v.Name)
}

// input is an object of an input type: what it must have and some of the rest.
func (g *generator) input(def *ast.Definition) object {
	out := object{}
	optional := 0
	for _, f := range def.Fields {
		if f.Type.NonNull {
			out[f.Name] = g.inputField(def, f)
		} else {
			optional++
		}
	}
	most := []int{0, 1, 1, 1, 2, 2, 3}
	if g.doc.closed != nil { // nothing is found anyway: the more is asked with
		most = []int{4}
	}
	for range min(optional, pick(g.rnd, most)) {
		f := g.rarest(def, slices.DeleteFunc(slices.Clone(def.Fields), func(f *ast.FieldDefinition) bool { return f.Type.NonNull }))
		if _, ok := out[f.Name]; !ok {
			out[f.Name] = g.inputField(def, f)
		}
	}
	if mend, ok := together[def.Name]; ok {
		mend(g, out)
	}
	return out
}

func (g *generator) inputField(def *ast.Definition, f *ast.FieldDefinition) any {
	g.note(def.Name + "." + f.Name)
	return g.value(def.Name, f.Name, f.Type)
}

// together are rules of inputs whose fields need each other.
var together = map[string]func(*generator, object){
	"LeadFilter": func(g *generator, filter object) {
		bound := slices.Contains(slices.Collect(maps.Keys(filter)), "subIds")
		for _, name := range slices.Sorted(maps.Keys(filter)) {
			bound = bound || leadTracking[snake(name)]
		}
		if bound {
			filter["receivedFrom"], filter["receivedTo"] = "2026-10-25T00:00:00Z", pick(g.rnd, []string{"2026-11-01T18:00:00Z", "2026-12-25T00:00:00Z"})
		}
	},
}

// leadTracking are the columns that can be asked for between two dates only.
var leadTracking = distinct(strings.Fields("funnel subid utm_source utm_medium utm_campaign utm_term campaign_id campaign_name banner_id advertiser_id region " +
	"gender age random impression_weekday impression_hour user_timezone placement device_type position"))

// scalar is a value of one. Where nobody has said what goes into an input, the generator says so and gives up.
func (g *generator) scalar(owner, name string, t *ast.Type) any {
	switch t.NamedType {
	case "ID":
		return g.id(owner, name)
	case "Boolean":
		return g.rnd.IntN(2) == 0
	case "Int":
		return g.number(name)
	case "DateTime":
		return fmt.Sprintf("2026-%s-%02dT%02d:%02d:00Z", pick(g.rnd, []string{"10", "11", "11", "11", "12"}), 1+g.rnd.IntN(4), g.rnd.IntN(24), g.rnd.IntN(60))
	case "Date":
		return fmt.Sprintf("%d-%02d-%02d", pick(g.rnd, []int{2026, 2026, 2027}), 1+g.rnd.IntN(12), 1+g.rnd.IntN(28))
	case "Decimal":
		return pick(g.rnd, []string{"0", "1", "12345.00", "12375.05", "7110.01", fmt.Sprintf("%d.%02d", 12_340+g.rnd.IntN(60), g.rnd.IntN(100))})
	case "String":
		if text, ok := g.stock.text(g.rnd, name); ok {
			return text
		}
	}
	panic(fmt.Sprintf("the generator has no value for the %s %s.%s: say in property_stock_test.go what goes into it (textsFor for a String, generator.scalar for another scalar)", t.NamedType, owner, name))
}

func (g *generator) number(name string) int {
	switch values := g.stock.numbers[strings.TrimSuffix(snake(name), "es")]; {
	case name == "index":
		return 1 + g.rnd.IntN(10)
	case len(values) > 0 && g.rnd.IntN(3) > 0:
		return int(pick(g.rnd, values))
	}
	return g.rnd.IntN(100)
}

// id is one of somebody's, of the kind that the input takes or, where it takes any, of any. One of another kind comes
// seldom, and so does one that nobody has.
func (g *generator) id(owner, name string) string {
	kind, known := kindNamed(name, owner)
	switch n := g.rnd.IntN(60); {
	case !known:
		kind = pick(g.rnd, []gid.Kind{gid.Lead, gid.Distributor, gid.User, gid.LeadEvent, gid.Absence, pick(g.rnd, g.stock.kinds())})
	case n == 0:
		kind, g.doc.spoiled = pick(g.rnd, g.stock.kinds()), "id"
	case n < 4:
		return kind.Format(gid.New())
	}
	if typeName := namedType(kind); typeName != "" {
		g.asked = append(g.asked, typeName)
	}
	if others := g.stock.others[kind]; len(others) > 0 && g.rnd.IntN(2) == 0 {
		return pick(g.rnd, others)
	}
	return pick(g.rnd, g.stock.ids[kind])
}

// namedType is the GraphQL type of the objects whose ids have a kind; empty for none.
func namedType(kind gid.Kind) string {
	for name, stored := range storedTypes {
		d := schema().Types[name]
		if kindOf[stored.table] == kind && slices.Contains(d.Interfaces, "Node") {
			return name
		}
	}
	return ""
}

// literal writes a value into a document.
func literal(v any) string {
	switch v := v.(type) {
	case enum:
		return string(v)
	case []any:
		parts := make([]string, len(v))
		for i, inner := range v {
			parts[i] = literal(inner)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case object:
		parts := make([]string, 0, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, name+": "+literal(v[name]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	text, _ := json.Marshal(v)
	return string(text)
}

// plainJSON is a value as variables have it.
func plainJSON(v any) any {
	switch v := v.(type) {
	case enum:
		return string(v)
	case object:
		out := map[string]any{}
		for name, inner := range v {
			out[name] = plainJSON(inner)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, inner := range v {
			out[i] = plainJSON(inner)
		}
		return out
	}
	return v
}
