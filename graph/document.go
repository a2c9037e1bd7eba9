package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// documentLimit refuses a document before it is validated, as validating takes more than in proportion to what stands
// in it: fields of one name are compared in pairs, and each operation and fragment is walked with all that it spreads.
// It reads a document once, and those that have been validated before not at all.
type documentLimit struct {
	known graphql.Cache[*ast.QueryDocument]
}

var _ interface {
	graphql.OperationParameterMutator
	graphql.HandlerExtension
} = documentLimit{}

// ExtensionName for gqlgen.
func (documentLimit) ExtensionName() string { return "DocumentLimit" }

// Validate for gqlgen.
func (documentLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters refuses what is too large to be validated.
func (d documentLimit) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	if len(params.Query) > maxQuery {
		return tooComplex("A query has at most %d bytes; what is long goes into variables.", maxQuery)
	}
	if _, ok := d.known.Get(ctx, params.Query); ok {
		return nil
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: params.Query}, maxTokens)
	if err != nil {
		return nil // gqlgen finds the same fault, and reports it
	}
	return checkDocument(doc)
}

func checkDocument(doc *ast.QueryDocument) *gqlerror.Error {
	d := measured(doc)
	switch {
	case d.definitions > maxDefinitions:
		return tooComplex("A document has at most %d operations and fragments.", maxDefinitions)
	case d.variables > maxVariables:
		return tooComplex("A document has at most %d variables.", maxVariables)
	case d.aliases > maxAliases:
		return tooComplex("A document has at most %d aliases.", maxAliases)
	case d.directives > maxDirectives:
		return tooComplex("A document has at most %d directives.", maxDirectives)
	case d.definitions*d.fields > maxVisits:
		return tooComplex("A document has at most %d as its operations and fragments times its fields.", maxVisits)
	case d.pairs > maxPairs:
		return tooComplex("A document repeats names of fields too often: at most %d pairs of fields have one name.", maxPairs)
	}
	return nil
}

func tooComplex(format string, limit int) *gqlerror.Error {
	err := gqlerror.Errorf(format, limit)
	errcode.Set(err, codeTooComplex)
	return err
}

// measures are how much there is in a document, each fragment counted once.
type measures struct {
	definitions, variables, aliases, directives, fields int
	// pairs is how many pairs of fields of one name an operation has at most, over all operations: validating
	// compares them. Each operation is taken to spread each fragment.
	pairs int
}

func measured(doc *ast.QueryDocument) (d measures) {
	d.definitions = len(doc.Operations) + len(doc.Fragments)
	ofFragments := map[string]int{}
	for _, f := range doc.Fragments {
		d.directives += len(f.Directives)
		d.variables += len(f.VariableDefinition)
		d.walk(f.SelectionSet, ofFragments)
	}
	for _, op := range doc.Operations {
		d.directives += len(op.Directives)
		d.variables += len(op.VariableDefinitions)
		for _, v := range op.VariableDefinitions {
			d.directives += len(v.Directives)
		}
		own := map[string]int{}
		d.walk(op.SelectionSet, own)
		for name, n := range ofFragments {
			own[name] += n
		}
		for _, n := range own {
			d.pairs += n * (n - 1) / 2
		}
	}
	return d
}

// walk counts the fields of a selection by the names that they have in an answer.
func (d *measures) walk(set ast.SelectionSet, named map[string]int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			d.fields++
			d.directives += len(s.Directives)
			if s.Alias != s.Name {
				d.aliases++
			}
			named[s.Alias]++
			d.walk(s.SelectionSet, named)
		case *ast.InlineFragment:
			d.directives += len(s.Directives)
			d.walk(s.SelectionSet, named)
		case *ast.FragmentSpread:
			d.directives += len(s.Directives)
		}
	}
}
