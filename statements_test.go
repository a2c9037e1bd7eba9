package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// handBuilt are the files that build statements of their own, past the Ent policies, and why that is safe.
var handBuilt = map[string]string{
	"graph/model/list.go":             "base() starts every selector from the type's visibility",
	"graph/model/reader.go":           "runs what list.go has built",
	"ent/schema/visibility.go":        "is the visibility",
	"bench/load/fill.go":              "fills a base of its own",
	"personaldata/audit/seal.go":      "takes an advisory lock",
	"personaldata/audit/unsealed.go":  "is a predicate on a query of Ent's",
	"goals/open.go":                   "takes an advisory lock",
	"goals/facts.go":                  "starts from what the viewer sees of the ledger",
	"goals/marks.go":                  "writes the server's own marks, and is a predicate on a query of Ent's",
	"bench/reports/fill.go":           "fills a base of its own",
	"reports/leadsheet/read.go":       "starts from the visibility of leads, for whose report it is",
	"reports/leadsheet/summary.go":    "groups what read.go has started",
	"reports/request.go":              "takes an advisory lock",
	"reports/schedule.go":             "takes an advisory lock",
	"payouts/balance.go":              "starts each part from the visibility of the ledger or of statements",
	"payouts/filter.go":               "starts what it asks for beside the ledger from its own visibility",
	"payouts/totals.go":               "starts from the visibility of the ledger",
	"leads/figures/parameters.go":     "runs what the files beside it have built: received.go counts for distributors that the caller may see, rebuild.go is the server's alone",
	"leads/figures/roll.go":           "makes the figures of a day from all leads, by the server alone",
	"leads/figures/rollup.go":         "drops figures and looks which days have changed, by the server alone",
	"leads/figures/parts.go":          "starts every selector from the visibility of leads or of their figures",
	"leads/figures/statement.go":      "adds the parts of parts.go up",
	"bench/figures/fill.go":           "lets a base of its own count what it has",
	"leads/insight/insight.go":        "starts from the visibility of leads",
	"leads/insight/response.go":       "adds columns to what insight.go has started, and runs it",
	"leads/insight/count.go":          "starts from the visibility of leads and of the intake log",
	"internal/jobs/act.go":            "looks at the queue's own tables for an administrator, which auth.Require has made sure of",
	"internal/jobs/entries.go":        "counts the jobs for an administrator, likewise",
	"internal/line/line.go":           "gives places to rows without a look at them, and reads how far they were given",
	"notify/place.go":                 "puts notices into the feeds of their recipients, by the server alone",
	"notify/webhooks/create.go":       "takes an advisory lock",
	"distributors/import.go":          "takes an advisory lock",
	"notify/webhooks/remove.go":       "is a predicate on a deletion of Ent's",
	"notify/deliveries/recipients.go": "reads whom messages are for, by the server alone",
	"notify/deliveries/write.go":      "writes deliveries or joins them, by the server alone",
	"notify/deliveries/next.go":       "holds a delivery, by the server alone",
	"imports/legacy/source.go":        "reads the base of another system",
	"leads/locks.go":                  "locks rows that hold nothing but a keyed hash",
	"leads/turn.go":                   "steps the round robin, by the server alone",
	"personaldata/rotation/rotate.go": "seals values anew for whoever may see them, by the server alone",
}

// builders are the calls by which a statement is made or run without an Ent builder.
var builders = []string{"QueryContext", "ExecContext", "Select", "Dialect", "Raw"}

// TestHandBuiltStatementsAreKnown: SQL that does not go through an Ent policy stands in the few files above, where a
// reader looks for who may see its rows.
func TestHandBuiltStatementsAreKnown(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		if d.IsDir() && (strings.HasPrefix(path, "internal/db") || strings.HasPrefix(path, "ent/migrate") || path == "graph/generated" || path == ".git") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || isGenerated(path) {
			return nil
		}
		if builds(t, path) {
			found[path] = true
			if handBuilt[path] == "" {
				t.Errorf("%s builds a statement of its own: use an Ent builder, or start it from the type's visibility and list it here", path)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range handBuilt {
		if !found[path] && path != "ent/schema/visibility.go" {
			t.Errorf("%s builds no statement any more: take it off the list", path)
		}
	}
}

// isGenerated tells what Ent writes: all of ent but the schema and the values.
func isGenerated(path string) bool {
	return strings.HasPrefix(path, "ent/") && !strings.HasPrefix(path, "ent/schema/") && !strings.HasPrefix(path, "ent/values/")
}

// builds finds x.QueryContext(…) and the like, and sql.Select(…) of Ent's SQL builder.
func builds(t *testing.T, path string) (yes bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains(builders, method.Sel.Name) {
			return true
		}
		of, _ := method.X.(*ast.Ident)
		if strings.HasSuffix(method.Sel.Name, "Context") || (of != nil && of.Name == "sql") {
			yes = true
		}
		return true
	})
	return yes
}
