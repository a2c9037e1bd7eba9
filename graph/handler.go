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
	"channelbook/internal/reqctx"
)

// What one request may ask for.
const (
	maxBody       = 1 << 20 // bytes; 500 leads by submitLeads fit
	maxTokens     = 1500
	maxQuery      = 32 << 10 // bytes of the query itself; what is long goes into variables
	maxDepth      = 12
	maxFields     = 2_000 // with each fragment counted wherever it is spread
	maxMutations  = 10    // in one request
	maxComplexity = 50_000
	maxTime       = 15 * time.Second // less than the server gives requests at its stop
	maxErrors     = 20
	cachedQueries = 200
)

// complexityCode is gqlgen's own; errors.go renames it.
const complexityCode = "COMPLEXITY_LIMIT_EXCEEDED"

func init() {
	errcode.RegisterErrorType(complexityCode, errcode.KindProtocol)
}

// Edge is what the handler needs.
type Edge struct {
	Resolver *Resolver
	Bearer   accounts.Bearer
	Log      *slog.Logger
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
	srv.Use(shapeLimit{})
	srv.Use(extension.FixedComplexityLimit(maxComplexity))
	srv.AroundOperations(e.withDeadline(maxTime))
	srv.AroundResponses(fewErrors)
	srv.AroundResponses(e.Resolver.keepRefused)
	srv.SetErrorPresenter(presenter(e.Log, e.Resolver.refused))
	srv.SetRecoverFunc(func(ctx context.Context, p any) error {
		return fmt.Errorf("panic: %s\n%s", reqctx.Panic(p), debug.Stack())
	})
	return checked(e.identified(srv))
}

// withDeadline ends an operation that takes too long. A mutation is worked to its end although its client has left:
// not everybody asks twice.
func (e Edge) withDeadline(limit time.Duration) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		if op := graphql.GetOperationContext(ctx).Operation; op != nil && op.Operation == ast.Mutation {
			ctx = context.WithoutCancel(ctx)
		}
		ctx, cancel := context.WithTimeout(ctx, limit)
		answer := next(ctx)
		return func(ctx context.Context) *graphql.Response {
			defer cancel()
			response := answer(ctx)
			if response == nil && ctx.Err() != nil { // gqlgen has nothing to say then, which would be the answer null
				return &graphql.Response{Errors: gqlerror.List{presenter(e.Log, e.Resolver.refused)(ctx, ctx.Err())}}
			}
			return response
		}
	}
}

func fewErrors(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response != nil && len(response.Errors) > maxErrors {
		response.Errors = response.Errors[:maxErrors]
	}
	return response
}
