package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// introspection allows questions about the schema, or refuses them; __typename is none.
type introspection struct{ off bool }

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = introspection{}

// ExtensionName for gqlgen.
func (introspection) ExtensionName() string { return "IntrospectionSetting" }

// Validate for gqlgen.
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses or allows.
func (i introspection) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = i.off
	if !i.off || op.Operation == nil || !asksForSchema(op.Operation.SelectionSet, map[string]bool{}) {
		return nil
	}
	err := gqlerror.Errorf("Introspection is off on this server.")
	errcode.Set(err, codeForbidden)
	return err
}

// asksForSchema looks at the first level alone: the fields stand nowhere else.
func asksForSchema(set ast.SelectionSet, seen map[string]bool) bool {
	for _, s := range set {
		asks := false
		switch s := s.(type) {
		case *ast.Field:
			asks = s.Name == "__schema" || s.Name == "__type"
		case *ast.InlineFragment:
			asks = asksForSchema(s.SelectionSet, seen)
		case *ast.FragmentSpread:
			if !seen[s.Name] {
				seen[s.Name] = true
				asks = asksForSchema(s.Definition.SelectionSet, seen)
			}
		}
		if asks {
			return true
		}
	}
	return false
}
