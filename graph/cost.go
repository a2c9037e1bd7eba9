package graph

import (
	"context"
	"math"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// costLimit refuses an operation that asks for too much, and tells in extensions.cost what each one asks for.
//
// It prices as gqlgen's own limit does: a field costs one and what it asks of its own, a page as many times that as it
// has rows. But it prices each fragment once, where gqlgen's walk follows a fragment wherever it is spread, for ever
// where fragments are nested; and it prices introspection.
type costLimit struct {
	schema graphql.ExecutableSchema
	lists  map[string]float64 // how long the lists of introspection are, by "Type.field"
}

const costKey = "Cost"

// cost is what stands in extensions.cost.
type cost struct {
	Requested int `json:"requested"`
	Limit     int `json:"limit"`
}

var _ interface {
	graphql.OperationContextMutator
	graphql.ResponseInterceptor
	graphql.HandlerExtension
} = &costLimit{}

// ExtensionName for gqlgen.
func (*costLimit) ExtensionName() string { return "CostLimit" }

// Validate for gqlgen.
func (c *costLimit) Validate(schema graphql.ExecutableSchema) error {
	c.schema, c.lists = schema, introspectionLists(schema.Schema())
	return nil
}

// MutateOperationContext prices an operation. shapeLimit comes after it.
func (c *costLimit) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Operation == nil {
		return nil
	}
	p := pricing{costLimit: c, ctx: ctx, vars: op.Variables, fragments: map[string]int{}}
	asked := cost{p.of(op.Operation.SelectionSet), maxCost}
	if op.Operation.Operation == ast.Subscription {
		asked.Limit = maxEventCost
	}
	op.Stats.SetExtension(costKey, asked)
	if asked.Requested > asked.Limit {
		return tooComplex("The query costs more than %d: ask for fewer rows or fields.", asked.Limit)
	}
	return nil
}

// InterceptResponse puts the cost into an answer.
func (c *costLimit) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.GetExtension(ctx, "cost") == nil {
		graphql.RegisterExtension(ctx, "cost", costOf(ctx))
	}
	return next(ctx)
}

// costOf is the cost of the context's operation; nothing was requested by what is no operation.
func costOf(ctx context.Context) cost {
	if graphql.HasOperationContext(ctx) {
		if known, ok := graphql.GetOperationContext(ctx).Stats.GetExtension(costKey).(cost); ok {
			return known
		}
	}
	return cost{Limit: maxCost}
}

// pricing is the pricing of one operation.
type pricing struct {
	*costLimit
	ctx       context.Context
	vars      map[string]any
	fragments map[string]int
}

// priceless is more than any limit, and far from overflowing.
const priceless = 1_000_000_000

func (p pricing) of(set ast.SelectionSet) (sum int) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			sum += p.field(s)
		case *ast.InlineFragment:
			sum += p.of(s.SelectionSet)
		case *ast.FragmentSpread:
			known, ok := p.fragments[s.Name]
			if !ok {
				known = p.of(s.Definition.SelectionSet)
				p.fragments[s.Name] = known
			}
			sum += known
		}
		sum = min(sum, priceless)
	}
	return sum
}

func (p pricing) field(f *ast.Field) int {
	inner := p.of(f.SelectionSet)
	ofSchema := strings.HasPrefix(f.ObjectDefinition.Name, "__")
	if f.Alias != f.Name && (ofSchema || f.Name == "__schema") {
		inner *= aliasedIntrospection
	}
	switch {
	case ofSchema:
		return 1 + int(math.Ceil(float64(inner)*max(1, p.lists[f.ObjectDefinition.Name+"."+f.Name])))
	case f.Name == "__schema" || f.Name == "__type":
		return 1 + inner/introspectionDiscount
	}
	types := []*ast.Definition{f.ObjectDefinition}
	if f.ObjectDefinition.IsAbstractType() { // as dear as its dearest
		types = p.schema.Schema().GetPossibleTypes(f.ObjectDefinition)
	}
	dearest, args := 1+inner, f.ArgumentMap(p.vars)
	for _, t := range types {
		if own, ok := p.schema.Complexity(p.ctx, t.Name, f.Name, inner, args); ok {
			dearest = max(dearest, own)
		}
	}
	return dearest
}

// introspectionLists are the lengths of introspection's lists: that of all types, and of the others the mean over all types,
// at least one.
func introspectionLists(s *ast.Schema) map[string]float64 {
	var fields, inputs, enums, args, interfaces, possible int
	for _, t := range s.Types {
		enums, interfaces = enums+len(t.EnumValues), interfaces+len(t.Interfaces)
		switch {
		case t.Kind == ast.InputObject:
			inputs += len(t.Fields)
		case t.IsAbstractType():
			possible += len(s.GetPossibleTypes(t))
			fallthrough
		default:
			fields += len(t.Fields)
			for _, f := range t.Fields {
				args += len(f.Arguments)
			}
		}
	}
	mean := func(sum, of int) float64 { return float64(sum) / float64(max(of, 1)) }
	all := len(s.Types)
	return map[string]float64{
		"__Schema.types": float64(all), "__Schema.directives": float64(len(s.Directives)),
		"__Type.fields": mean(fields, all), "__Type.inputFields": mean(inputs, all), "__Type.enumValues": mean(enums, all),
		"__Type.interfaces": mean(interfaces, all), "__Type.possibleTypes": mean(possible, all),
		"__Field.args": mean(args, fields), "__Directive.args": 1, "__Directive.locations": 1,
	}
}
