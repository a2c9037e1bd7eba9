package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// shapeLimit refuses a document that goes too deep, asks for too many fields or for too many mutations at once. It
// walks each fragment once, so that it costs no more than reading the document did.
type shapeLimit struct{}

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = shapeLimit{}

// ExtensionName for gqlgen.
func (shapeLimit) ExtensionName() string { return "ShapeLimit" }

// Validate for gqlgen.
func (shapeLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses what is out of shape.
func (shapeLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation == nil {
		return nil
	}
	whole := walk{}.of(op.Operation.SelectionSet)
	switch {
	case whole.fields > maxFields:
		return tooComplex("A query asks for at most %d fields, those of fragments counted wherever they are spread.", maxFields)
	case op.Operation.Operation == ast.Subscription && !isOneStream(op.Operation.SelectionSet):
		err := gqlerror.Errorf("A subscription has one root field, which nothing skips or includes.")
		errcode.Set(err, errcode.ValidationFailed)
		return err
	case whole.depth > maxDepth && !isIntrospection(op.Operation):
		return tooComplex("A query goes at most %d levels deep.", maxDepth)
	case op.Operation.Operation == ast.Mutation && whole.top > maxMutations:
		return tooComplex("A request has at most %d mutations.", maxMutations)
	}
	return nil
}

// isOneStream tells whether a subscription has one root field whatever its variables are (GraphQL specification, 5.2.4.1),
// which gqlgen finds out only as it begins, as a failure of ours. It walks what has been counted.
func isOneStream(root ast.SelectionSet) bool {
	keys := map[string]bool{}
	var collect func(set ast.SelectionSet) bool
	collect = func(set ast.SelectionSet) bool {
		for _, s := range set {
			ok := false
			switch s := s.(type) {
			case *ast.Field:
				keys[s.Alias] = true
				ok = len(s.Directives) == 0
			case *ast.InlineFragment:
				ok = len(s.Directives) == 0 && collect(s.SelectionSet)
			case *ast.FragmentSpread:
				ok = len(s.Directives) == 0 && collect(s.Definition.SelectionSet)
			}
			if !ok {
				return false
			}
		}
		return true
	}
	return collect(root) && len(keys) == 1
}

// shape is how large a selection is: fields in all, on its first level, and levels.
type shape struct{ fields, top, depth int }

// walk remembers the shapes of fragments.
type walk map[string]shape

func (w walk) of(set ast.SelectionSet) (whole shape) {
	for _, s := range set {
		var part shape
		switch s := s.(type) {
		case *ast.Field:
			inner := w.of(s.SelectionSet)
			part = shape{fields: 1 + inner.fields, top: 1, depth: 1 + inner.depth}
		case *ast.InlineFragment:
			part = w.of(s.SelectionSet)
		case *ast.FragmentSpread:
			part = w.fragment(s)
		}
		whole.fields = min(whole.fields+part.fields, maxFields+1) // enough to be too many, far from overflowing
		whole.top = min(whole.top+part.top, maxFields+1)
		whole.depth = max(whole.depth, part.depth)
	}
	return whole
}

func (w walk) fragment(s *ast.FragmentSpread) shape {
	known, ok := w[s.Name]
	if !ok {
		known = w.of(s.Definition.SelectionSet)
		known.fields++ // a spread costs something even where it spreads nothing
		w[s.Name] = known
	}
	return known
}

// isIntrospection tells a query of the schema alone: tools ask for 13 levels of it.
func isIntrospection(op *ast.OperationDefinition) bool {
	for _, s := range op.SelectionSet {
		if f, ok := s.(*ast.Field); !ok || (f.Name != "__schema" && f.Name != "__type" && f.Name != "__typename") {
			return false
		}
	}
	return true
}
