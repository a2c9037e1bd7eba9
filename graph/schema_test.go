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

// TestEveryRootFieldIsGuarded, by exactly one guard: of two, a reader would take the stricter one for what holds.
func TestEveryRootFieldIsGuarded(t *testing.T) {
	for _, root := range []*ast.Definition{schema().Query, schema().Mutation, schema().Subscription} {
		if root == nil {
			continue
		}
		for _, f := range root.Fields {
			held := 0
			for _, d := range f.Directives {
				if slices.Contains(guards, d.Name) {
					held++
				}
			}
			if held != 1 && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s has %d of @%s, want one", root.Name, f.Name, held, strings.Join(guards, ", @"))
			}
		}
	}
}

// TestGuardsStandOnFieldsAlone: one that may stand on inputs as well is lost on objects without a word, and on an object
// it would not reach what is read as an interface.
func TestGuardsStandOnFieldsAlone(t *testing.T) {
	standard := []string{"include", "skip", "deprecated", "specifiedBy", "defer", "oneOf", "goField", "goModel", "goTag", "goEnum", "goExtraField", "inlineArguments"}
	for name, d := range schema().Directives {
		if slices.Contains(standard, name) {
			continue
		}
		if !slices.Contains(guards, name) || !slices.Equal(d.Locations, []ast.DirectiveLocation{ast.LocationFieldDefinition}) {
			t.Errorf("@%s stands on %v, want guards alone, and on FIELD_DEFINITION alone", name, d.Locations)
		}
	}
	for _, name := range guards {
		if schema().Directives[name] == nil {
			t.Errorf("@%s is not declared", name)
		}
	}
	for _, d := range schema().Types {
		for _, directive := range d.Directives {
			if slices.Contains(guards, directive.Name) {
				t.Errorf("%s has @%s, which guards nothing there", d.Name, directive.Name)
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
