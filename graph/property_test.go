package graph_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// The documents are the same in each run, so that a change that breaks the property is told by the run that checks it
// and nobody else's. To look for what they leave out: go test ./graph -run Another -property.seed=0 -property.times=10.
var (
	seed        = flag.Uint64("property.seed", 1, "the seed of random documents; 0 for a random one, which is printed")
	timesAsMany = flag.Int("property.times", 1, "how many times as many random documents are sent")
)

func seeded(t *testing.T) uint64 {
	t.Helper()
	n := *seed
	if n == 0 {
		n = rand.Uint64()
	}
	t.Logf("repeat it by -property.seed=%d", n)
	return n
}

// amount is how many documents are made where full are; queries are sent twice. Under the race detector, which makes each
// some five times as dear, it is an eighth of them: make property sends them all, and holds that they ask for everything.
func amount(full int) int {
	switch {
	case testing.Short():
		return full / 10
	case raceDetected:
		return full * *timesAsMany / 8
	}
	return full * *timesAsMany
}

// viewer is somebody who asks.
type viewer struct {
	role      string
	documents int
	who       func(w *world) caller
	sees      func(w *world, c contents) sight
	mark      string // in the texts of its own side
}

// viewers are those who ask in one world, which is then changed in all that the first of them does not see.
var viewers = map[string][]viewer{
	"a user of one": {
		{"DISTRIBUTOR", 7000, func(w *world) caller { return w.alfa.who },
			func(w *world, c contents) sight { return c.sightOf(w.alfa.id, w.alfa.user) }, "alfaq"},
		{"", 200, func(*world) caller { return caller{} }, func(*world, contents) sight { return sight{} }, ""}, // nobody known
	},
	"a user of the other": {{"DISTRIBUTOR", 6600, func(w *world) caller { return w.beta.who },
		func(w *world, c contents) sight { return c.sightOf(w.beta.id, w.beta.user) }, "betaq"}},
	"a source": {{"SOURCE", 500, func(w *world) caller { return w.sharedKey },
		func(w *world, c contents) sight { return c.sightOfSource(w.shared.ID, true) }, ""}},
	"a source that learns no payouts": {{"SOURCE", 300, func(w *world) caller { return w.alfa.key },
		func(w *world, c contents) sight { return c.sightOfSource(w.alfa.source.ID, false) }, ""}},
}

// TestNoAnswerTellsOfAnother sends random valid queries of everybody who is no administrator, in two worlds that differ in
// all that the one who asks may not see, row by row and column by column. No answer holds anything of that, and every
// answer is the same in both worlds: so no count, order, page, cursor, filter or error depends on it.
func TestNoAnswerTellsOfAnother(t *testing.T) {
	t.Parallel()
	n := seeded(t)
	for name, who := range viewers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) { inTwoWorlds(t, build(open(t, d)), who, n) })
		})
	}
}

func inTwoWorlds(t *testing.T, w *world, who []viewer, n uint64) {
	was := w.contents()
	stock := w.stock(was, nil)
	w.harvest(stock)
	asked := make([]*questions, len(who))
	for i, v := range who {
		asked[i] = v.ask(t, w, was, newGenerator(n, stock, v.role))
	}
	w.more(w.sideOf(who[0].mark))
	was = w.contents()
	c := w.turnOver(n, who[0].sees(w, was), was)
	c.lost()
	now := w.contents()
	c.check(now, who[0].sees(w, now))
	for _, q := range asked {
		q.askAgain(w)
		if !testing.Short() && !raceDetected && !t.Failed() {
			q.judge.notInVain(q.generator)
		}
	}
}

// questions are the documents that somebody has sent, and what was answered.
type questions struct {
	viewer
	generator *generator
	documents []*document
	before    []answer
	judge     *judge
}

// ask sends random documents of the viewer and judges the answers.
func (v viewer) ask(t *testing.T, w *world, was contents, g *generator) *questions {
	t.Helper()
	q := &questions{viewer: v, generator: g, judge: &judge{t: t, secrets: w.secretsFrom(was, v.sees(w, was), v.mark), told: telling{}, role: v.role}}
	for range amount(v.documents) {
		q.documents = append(q.documents, g.query())
	}
	q.before = w.answers(v.who(w), q.documents)
	for i, d := range q.documents {
		q.judge.judge(d, q.before[i])
	}
	return q
}

// askAgain sends the same in the other world.
func (q *questions) askAgain(w *world) {
	w.t.Helper()
	for i, got := range w.answers(q.who(w), q.documents) {
		if got.raw != q.before[i].raw {
			one, other := difference(q.before[i].raw, got.raw)
			q.judge.fail(q.documents[i], "the answer depends on what is hidden: got\n%s\nand where only that was another\n%s", one, other)
		}
	}
}

func (w *world) sideOf(mark string) *side {
	for _, s := range []*side{w.alfa, w.beta} {
		if s.mark == mark {
			return s
		}
	}
	return nil
}

// judge looks at the answers to one who asks.
type judge struct {
	t       *testing.T
	secrets *secrets
	told    telling
	role    string
	failed  int
}

// mostFailures of a run are shown.
const mostFailures = 3

func (j *judge) fail(d *document, format string, args ...any) {
	j.t.Helper()
	if j.failed++; j.failed <= mostFailures {
		j.t.Errorf("%s\n%s", d, fmt.Sprintf(format, args...))
	}
}

// shownBytes of a long answer are shown.
const shownBytes = 600

// difference is where two texts begin to differ, with something around.
func difference(a, b string) (string, string) {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	at = max(0, at-shownBytes/3)
	return clip(a[at:]), clip(b[at:])
}

func clip(text string) string { return text[:min(len(text), shownBytes)] }

// judge holds an answer against what may be in it.
func (j *judge) judge(d *document, a answer) {
	j.t.Helper()
	doc, err := parsed(d)
	if err != nil {
		j.fail(d, "the generator made a document that is not valid: %v", err)
		return
	}
	switch code := a.code(); {
	case d.closed != nil:
		j.refused(d, a)
	case code == "BAD_REQUEST" && d.spoiled != "":
	case code != "":
		j.fail(d, "got %s, want an answer", clip(a.raw))
	}
	if told := j.secrets.told(a); told != "" {
		j.fail(d, "got %s\nwhich tells %s", clip(a.raw), told)
	}
	j.told.read(doc, a)
}

// refused: a field that is not for the one who asks gives nothing but the refusal.
func (j *judge) refused(d *document, a answer) {
	j.t.Helper()
	want := []string{"FORBIDDEN"}
	switch {
	case j.role == "":
		want = []string{"UNAUTHENTICATED", "RATE_LIMITED"}
	case d.closed.Directives.ForName("leadSource") != nil:
		want = append(want, "RATE_LIMITED") // attempts to submit are held to a rate
	}
	if data, _ := a.data.(map[string]any); !slices.Contains(want, a.code()) || tellsAnything(data) {
		j.fail(d, "got %s, want %s and nothing else", clip(a.raw), strings.Join(want, " or "))
	}
}

// leastAsked is how often each thing was asked and told at least, for the test to mean something.
const leastAsked = 3

// neverTold are the fields of what a distributor's user sees that are always null for it.
var neverTold = distinct([]string{"Lead.source", "Lead.consents", "Lead.sentConsent", "Lead.decisionTrace",
	"Goal.changes", "Period.closedBy", "Period.reopenedBy", "Period.reopenReason",
	"Report.schedule", "LedgerEntry.actor", "PayoutStatement.drawnUpBy", "PayoutStatement.approvedBy", "PayoutStatement.paidBy"}) // administrators

// oneOrOther are told by the terms of one side each.
var oneOrOther = distinct([]string{"PayoutRule.amount", "PayoutRule.percent"})

// seenTypes are the types of which a distributor's user sees objects.
var seenTypes = []string{"User", "UserConnection", "UserEdge", "Distributor", "DistributorConnection", "DistributorEdge", "DistributorTerms", "PayoutRule", "WorkingHours",
	"BankDetails", "Absence", "AbsenceConnection", "AbsenceEdge", "Lead", "LeadConnection", "LeadEdge", "LeadEvent", "LeadEventConnection", "LeadEventEdge",
	"DeviceSession", "DeviceSessionConnection", "DeviceSessionEdge", "PageInfo", "Money", "LeadStatsRow", "LeadStatsFigures", "LeadStatusShare",
	"LeadFacet", "LeadFacetValue", "ResponseTimes", "DurationStats",
	"Goal", "GoalConnection", "GoalEdge", "GoalProgress", "Period",
	"LedgerEntry", "LedgerEntryConnection", "LedgerEntryEdge", "PayoutStatement", "PayoutStatementConnection", "PayoutStatementEdge", "PayoutTotal", "PayoutBalance",
	"Notification", "NotificationConnection", "NotificationEdge", "NotificationDelivery",
	"Report", "ReportConnection", "ReportEdge"}

// notInVain shows that everything there is to ask was asked, and that answers told what they may.
func (j *judge) notInVain(g *generator) {
	j.t.Helper()
	open, _ := g.roots(g.schema.Query)
	for _, f := range open {
		if j.told["Query."+f.Name] < leastAsked {
			j.t.Errorf("Query.%s told something %d times, want at least %d", f.Name, j.told["Query."+f.Name], leastAsked)
		}
	}
	if j.role != "DISTRIBUTOR" {
		return
	}
	for _, what := range askable(g.schema, g.schema.Query) {
		if g.used[what] < leastAsked {
			j.t.Errorf("%s was asked with %d times, want at least %d", what, g.used[what], leastAsked)
		}
	}
	for _, name := range seenTypes {
		for _, f := range g.schema.Types[name].Fields {
			field := name + "." + f.Name
			if got := j.told[field]; got == 0 != neverTold[field] && !oneOrOther[field] {
				j.t.Errorf("%s told something %d times, want it ever: %v", field, got, !neverTold[field])
			}
		}
	}
}

// askable is everything that documents of a root type can ask for or with, by the names of generator.used.
func askable(s *ast.Schema, root *ast.Definition) []string {
	var out []string
	seen := map[string]bool{}
	var visit func(d *ast.Definition)
	visit = func(d *ast.Definition) {
		if d == nil || seen[d.Name] {
			return
		}
		seen[d.Name] = true
		if d.Kind == ast.Enum && d.Name != "" {
			for _, v := range d.EnumValues {
				out = append(out, d.Name+"."+v.Name)
			}
		}
		for _, possible := range s.GetPossibleTypes(d) {
			visit(possible)
		}
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			out = append(out, d.Name+"."+f.Name)
			for _, a := range f.Arguments {
				out = append(out, d.Name+"."+f.Name+"("+a.Name+")")
				visit(s.Types[a.Type.Name()])
			}
			if inner := s.Types[f.Type.Name()]; inner.Kind != ast.Enum || d.Kind == ast.InputObject {
				visit(inner)
			}
		}
	}
	visit(root)
	return out
}
