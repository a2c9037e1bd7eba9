package graph_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/graph"
	"channelbook/graph/generated"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func schema() *ast.Schema { return generated.NewExecutableSchema(generated.Config{}).Schema() }

func TestTheSchemaIsTheContract(t *testing.T) {
	const file = "testdata/schema.graphql"
	got := string(graph.SDL())
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	for _, line := range strings.Split(string(want), "\n") {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("gone or changed, which may break a client: %s", strings.TrimSpace(line))
		}
	}
	t.Error("the schema differs from " + file + ": read the difference, then go test ./graph -update")
}

// guards are the directives of which every root field carries one.
var guards = []string{"hasRole", "leadSource", "public"}

func TestEveryRootFieldIsGuarded(t *testing.T) {
	for _, root := range []*ast.Definition{schema().Query, schema().Mutation, schema().Subscription} {
		if root == nil {
			continue
		}
		for _, f := range root.Fields {
			guarded := slices.ContainsFunc(f.Directives, func(d *ast.Directive) bool { return slices.Contains(guards, d.Name) })
			if !guarded && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has none of @%s", root.Name, f.Name, strings.Join(guards, ", @"))
			}
		}
	}
}

// rootTypes speak for themselves: they are described field by field.
var rootTypes = []string{"Query", "Mutation", "Subscription"}

func TestEverythingIsDescribed(t *testing.T) {
	for name, d := range schema().Types {
		if d.BuiltIn || strings.HasPrefix(name, "__") {
			continue
		}
		if d.Description == "" && !slices.Contains(rootTypes, name) {
			t.Errorf("%s has no description", name)
		}
		for _, f := range d.Fields {
			if f.Description == "" && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has no description", name, f.Name)
			}
		}
		for _, v := range d.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s has no description", name, v.Name)
			}
		}
	}
}
