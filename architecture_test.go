package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "channelbook"

// level is packages that stand beside each other, each with all below it.
type level struct {
	packages []string
	apart    bool // they do not import each other
}

// levels are the layers from the top down: a package imports what stands below it, never what stands above. A new
// package is placed here, where it would have the fewest to depend on.
var levels = []level{
	{[]string{"ent/migrate/diff", "bench/start", "bench/load", "bench/compare", "bench/soak", "bench/limits", "bench/figures", "bench/live", "bench/reports", "internal/lint"}, true}, // developers' commands, no part of the server
	{[]string{"bench/hostile"}, true},
	{[]string{"bench/bed"}, true},
	{[]string{"graph", "intake", "web", "demo"}, true},
	{[]string{"reports", "imports"}, true},
	{[]string{"payouts"}, true},
	{[]string{"goals"}, true},
	{[]string{"leads"}, true},
	{[]string{"distributors"}, true},
	{[]string{"accounts"}, true},
	{[]string{"notify"}, true},
	{[]string{"personaldata"}, true},
	{[]string{"internal/dbtest"}, true},
	{[]string{"internal/db", "internal/jobs", "internal/album", "internal/line"}, false},
	{[]string{"ent"}, true},
	{[]string{
		"internal/auth", "internal/calendar", "internal/config", "internal/contact", "internal/fault", "internal/files", "internal/fold",
		"internal/gid", "internal/metrics", "internal/page", "internal/picture", "internal/problem", "internal/ratelimit", "internal/reqctx", "internal/requisites", "internal/seal",
		"internal/words",
	}, false},
}

// keepers are the only ones, besides package main, that may import what stands left of them; nobody may where none
// are named.
var keepers = map[string][]string{
	"github.com/99designs/gqlgen":  {"graph"},
	"github.com/vektah/gqlparser":  {"graph"},
	module + "/internal/dbtest":    {"ent/migrate/diff", "bench/load", "bench/compare", "bench/soak", "bench/limits", "bench/figures", "bench/live", "bench/reports"}, // for tests, and for what needs a base for a moment
	module + "/ent/enttest":        nil,                                                                                                                               // for tests, and ours have dbtest
	"github.com/coder/websocket":   {"graph", "bench/live"},
	"github.com/lib/pq":            {"internal/db", "internal/dbtest", "ent/migrate"},
	"modernc.org/sqlite":           {"internal/db", "internal/dbtest", "ent/migrate"},
	"github.com/pressly/goose/v3":  {"internal/db", "internal/dbtest", "ent/migrate"},
	"github.com/golang-jwt/jwt/v5": {"internal/auth"},
	"github.com/minio/minio-go/v7": {"internal/files"},
	"github.com/pquerna/otp":       {"accounts"},
	"github.com/riverqueue/river":  {"internal/jobs"},
	"github.com/wneessen/go-mail":  {"notify"},
	"code.dny.dev/ssrf":            {"notify"},
	"github.com/emersion/go-smtp":  {"notify/notifytest"},
	"github.com/xuri/excelize/v2":  {"reports", "imports"},
	"github.com/beevik/etree":      {"reports"},
	"github.com/gomutex/godocx":    {"reports"},

	"github.com/mileusna/useragent": {"accounts"},

	"github.com/prometheus/client_golang":    {"internal/metrics"},
	module + "/internal/metrics/metricstest": nil, // for tests
	module + "/notify/notifytest":            nil, // for tests: doubles of providers
	module + "/reports/reportstest":          nil, // for tests
}

// pkg is a package as go list tells of it, without what its tests import.
type pkg struct {
	ImportPath string
	Imports    []string
}

func TestImportsPointOneWay(t *testing.T) {
	packages, err := list()
	if err != nil {
		t.Fatal(err)
	}
	for _, violation := range violations(packages) {
		t.Error(violation)
	}
}

func list() ([]pkg, error) {
	command := exec.Command("go", "list", "-json=ImportPath,Imports", "./...")
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, &said)
	}
	var packages []pkg
	for stream := json.NewDecoder(bytes.NewReader(out)); stream.More(); {
		var p pkg
		if err := stream.Decode(&p); err != nil {
			return nil, fmt.Errorf("what go list wrote: %w", err)
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// violations are sentences, one for each import that points the wrong way and each package that has no place.
func violations(packages []pkg) []string {
	var found []string
	for _, p := range packages {
		importer := strings.TrimPrefix(p.ImportPath, module+"/")
		if importer == module {
			continue
		}
		at, ok := placeOf(importer)
		if !ok {
			found = append(found, fmt.Sprintf("%s has no place in the layers: give it one in architecture_test.go", importer))
			continue
		}
		for _, path := range p.Imports {
			if why := refused(importer, at, path); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", importer, path, why))
			}
		}
	}
	return found
}

// place is a package's level, counted from the top, and the package of that level it belongs to.
type place struct {
	level int
	owner string
}

func placeOf(path string) (place, bool) {
	for i, l := range levels {
		for _, owner := range l.packages {
			if isWithin(path, owner) {
				return place{i, owner}, true
			}
		}
	}
	return place{}, false
}

// refused says why a package that stands at a place may not import path, or nothing where it may.
func refused(importer string, at place, path string) string {
	for kept, by := range keepers {
		mayImport := isWithin(importer, strings.TrimPrefix(kept, module+"/")) ||
			slices.ContainsFunc(by, func(keeper string) bool { return isWithin(importer, keeper) })
		if isWithin(path, kept) && !mayImport {
			return "it is kept to " + strings.Join(append(by, "tests"), ", ")
		}
	}
	if path == module {
		return "nobody imports package main"
	}
	imported, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	to, ok := placeOf(imported)
	switch {
	case !ok:
		return "it has no place in the layers"
	case to.level < at.level:
		return "it stands above"
	case to.level == at.level && to.owner != at.owner && levels[at.level].apart:
		return "the two do not know each other"
	}
	return ""
}

// isWithin tells whether path is the package root or one below it.
func isWithin(path, root string) bool {
	return path == root || strings.HasPrefix(path, root+"/")
}

func TestTheCheckerRefuses(t *testing.T) {
	for name, c := range map[string]struct{ importer, imported, want string }{
		"a rule that knows GraphQL":         {"leads", "channelbook/graph/model", "it stands above"},
		"a rule that knows gqlgen":          {"leads", "github.com/99designs/gqlgen/graphql", "it is kept to graph"},
		"a rule that knows a later one":     {"leads", "channelbook/payouts", "it stands above"},
		"an edge that knows another":        {"intake", "channelbook/web", "the two do not know each other"},
		"an edge that knows the driver":     {"graph", "github.com/lib/pq", "it is kept to internal/db"},
		"an edge that knows Prometheus":     {"web", "github.com/prometheus/client_golang/prometheus", "it is kept to internal/metrics"},
		"a service below that knows a rule": {"internal/db", "channelbook/accounts", "it stands above"},
		"ent that knows the base":           {"ent/schema", "channelbook/internal/db", "it stands above"},
		"the ground that knows ent":         {"internal/auth", "channelbook/ent", "it stands above"},
		"what is for tests":                 {"leads", "channelbook/internal/dbtest", "it is kept to ent/migrate/diff, bench/load, bench/compare, bench/soak, bench/limits, bench/figures, bench/live, bench/reports, tests"},
		"package main":                      {"web", "channelbook", "nobody imports package main"},
		"an import without a place":         {"web", "channelbook/internal/util", "it has no place"},
		"a package without a place":         {"helpers", "fmt", "has no place"},
		"a package with a similar name":     {"leadsutil", "fmt", "has no place"},
	} {
		t.Run(name, func(t *testing.T) {
			got := violations([]pkg{{ImportPath: module + "/" + c.importer, Imports: []string{"fmt", c.imported}}})
			if len(got) != 1 || !strings.Contains(got[0], c.want) {
				t.Errorf("got %q, want one violation that says %q", got, c.want)
			}
		})
	}
}

func TestTheCheckerAllows(t *testing.T) {
	for importer, imports := range map[string][]string{
		"channelbook":               {"channelbook/graph", "channelbook/web", "github.com/99designs/gqlgen/graphql"},
		"channelbook/graph":         {"channelbook/graph/model", "channelbook/leads", "channelbook/ent", "github.com/99designs/gqlgen/graphql"},
		"channelbook/leads":         {"channelbook/accounts", "channelbook/internal/db", "channelbook/internal/seal"},
		"channelbook/internal/jobs": {"channelbook/internal/db"},
		"channelbook/internal/auth": {"channelbook/internal/fault"},
		"channelbook/ent/schema":    {"channelbook/ent/intercept", "channelbook/internal/auth"},
	} {
		if got := violations([]pkg{{ImportPath: importer, Imports: imports}}); len(got) > 0 {
			t.Errorf("got %q, want nothing", got)
		}
	}
}
