package graph

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/accounts"
	"channelbook/graph/generated"
	"channelbook/internal/auth"
)

// What one request may ask for.
const (
	maxBody       = 1 << 20 // bytes; 500 leads by submitLeads fit
	maxTokens     = 1500
	maxDepth      = 12
	maxComplexity = 50_000
	maxTime       = 30 * time.Second
	maxErrors     = 20
	cachedQueries = 500
)

// complexityCode is gqlgen's own; errors.go renames it.
const complexityCode = "COMPLEXITY_LIMIT_EXCEEDED"

func init() {
	errcode.RegisterErrorType(complexityCode, errcode.KindProtocol)
}

// Edge is what the handler needs.
type Edge struct {
	Resolver    *Resolver
	Tokens      *auth.Tokens
	Revocations *accounts.Revocations
	Log         *slog.Logger
}

// Handler serves GraphQL over HTTP: POST, and GET for queries.
func (e Edge) Handler() http.Handler {
	srv := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers: e.Resolver, Directives: e.Resolver.directives(), Complexity: complexity(),
	}))
	srv.AddTransport(transport.Options{})
	srv.AddTransport(transport.GET{})
	srv.AddTransport(transport.POST{})
	srv.SetQueryCache(lru.New[*ast.QueryDocument](cachedQueries))
	srv.SetParserTokenLimit(maxTokens)
	srv.SetDisableSuggestion(true)
	srv.Use(extension.Introspection{})
	srv.Use(depthLimit(maxDepth))
	srv.Use(extension.FixedComplexityLimit(maxComplexity))
	srv.AroundOperations(withDeadline)
	srv.AroundResponses(fewErrors)
	srv.SetErrorPresenter(presenter(e.Log))
	srv.SetRecoverFunc(func(ctx context.Context, p any) error {
		return fmt.Errorf("panic: %v\n%s", p, debug.Stack())
	})
	return checked(e.identified(srv))
}

// withDeadline ends an operation that takes too long, also after its client has left.
func withDeadline(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	answer := next(ctx)
	return func(ctx context.Context) *graphql.Response {
		defer cancel()
		return answer(ctx)
	}
}

func fewErrors(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response != nil && len(response.Errors) > maxErrors {
		response.Errors = response.Errors[:maxErrors]
	}
	return response
}

// depthLimit refuses a document that goes deeper. It walks each fragment once, so that it costs no more than reading
// the document did, and stands before the complexity limit, which does not.
type depthLimit int

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = depthLimit(0)

// ExtensionName for gqlgen.
func (depthLimit) ExtensionName() string { return "DepthLimit" }

// Validate for gqlgen.
func (depthLimit) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses what is too deep.
func (limit depthLimit) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	depths := map[string]int{}
	var depth func(ast.SelectionSet) int
	depth = func(set ast.SelectionSet) (deepest int) {
		for _, s := range set {
			d := 0
			switch s := s.(type) {
			case *ast.Field:
				d = 1 + depth(s.SelectionSet)
			case *ast.InlineFragment:
				d = depth(s.SelectionSet)
			case *ast.FragmentSpread:
				known, ok := depths[s.Name]
				if !ok {
					known = depth(s.Definition.SelectionSet)
					depths[s.Name] = known
				}
				d = known
			}
			deepest = max(deepest, d)
		}
		return deepest
	}
	if op.Operation != nil && !isIntrospection(op.Operation) && depth(op.Operation.SelectionSet) > int(limit) {
		err := gqlerror.Errorf("A query goes at most %d levels deep.", int(limit))
		errcode.Set(err, complexityCode)
		return err
	}
	return nil
}

// isIntrospection tells a query of the schema alone: its own depth is bounded by the tokens, and tools ask 13 levels.
func isIntrospection(op *ast.OperationDefinition) bool {
	for _, s := range op.SelectionSet {
		if f, ok := s.(*ast.Field); !ok || (f.Name != "__schema" && f.Name != "__type" && f.Name != "__typename") {
			return false
		}
	}
	return true
}
