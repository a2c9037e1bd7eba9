// Command lint is gosec's rules as a tool of go vet, which keeps what it has found of packages that have not changed:
//
//	go vet -vettool="$(go tool -n lint)" ./...
//
// gosec's own command looks at everything anew each time, and brings the SDKs of three language models along.
// Tests and generated code are left out. An exception stands at its line and says which rule and why:
//
//	// #nosec G404 -- who waits how long is no secret
package main

import (
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/securego/gosec/v2/goanalysis"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

func main() {
	unitchecker.Main(shipped(goanalysis.Analyzer), shipped(reasons))
}

// shipped keeps an analyzer to what is no test, and spares it packages that were generated whole.
func shipped(a *analysis.Analyzer) *analysis.Analyzer {
	run := a.Run
	a.Run = func(pass *analysis.Pass) (any, error) {
		if !slices.ContainsFunc(pass.Files, func(f *ast.File) bool { return !ast.IsGenerated(f) && !isTest(pass, f.Pos()) }) {
			return nil, nil
		}
		report := pass.Report
		pass.Report = func(d analysis.Diagnostic) {
			if !isTest(pass, d.Pos) {
				report(d)
			}
		}
		return run(pass)
	}
	return a
}

func isTest(pass *analysis.Pass, at token.Pos) bool {
	return strings.HasSuffix(pass.Fset.File(at).Name(), "_test.go")
}

// reasons finds exceptions that name no rule or give no reason.
var reasons = &analysis.Analyzer{
	Name: "nosec",
	Doc:  "an exception from gosec's rules names the rule and gives its reason",
	Run: func(pass *analysis.Pass) (any, error) {
		for _, file := range pass.Files {
			for _, group := range file.Comments {
				check(pass, group)
			}
		}
		return nil, nil
	},
}

var (
	exception = regexp.MustCompile(`^//\s*#nosec`)
	whole     = regexp.MustCompile(`^// #nosec G\d{3}(?: G\d{3})* -- \S+ \S`)
)

func check(pass *analysis.Pass, group *ast.CommentGroup) {
	for _, c := range group.List {
		if exception.MatchString(c.Text) && !whole.MatchString(c.Text) {
			pass.Reportf(c.Pos(), "an exception is written as // #nosec G000 -- why")
		}
	}
}
