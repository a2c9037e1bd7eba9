package graph

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/accounts"
	"channelbook/graph/generated"
	"channelbook/graph/live"
	"channelbook/graph/model"
	"channelbook/internal/metrics"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// What one request may ask for. docs/security.md has the attacks that each of these is for.
const (
	maxBody    = 1 << 20  // bytes; 500 leads by submitLeads fit
	maxAddress = 8 << 10  // bytes of the parameters in an address
	maxQuery   = 32 << 10 // bytes of the query itself; what is long goes into variables

	maxTokens      = 1500
	maxDefinitions = 50  // operations and fragments of a document
	maxVariables   = 100 // of a document, as the following
	maxAliases     = 100
	maxDirectives  = 100
	maxVisits      = 20_000 // of fields by operations and fragments, each of which may spread every field there is
	maxPairs       = 20_000 // of fields with one name: 200 times id in an operation are

	maxDepth              = 12
	maxFields             = 2_000 // with each fragment counted wherever it is spread
	maxMutations          = 10    // in one request
	maxCost               = 50_000
	maxEventCost          = 5_000 // of a subscription, for each event
	introspectionDiscount = 5     // how often a field of introspection goes into one of the base: it is read from memory
	aliasedIntrospection  = 25    // and how often one under an alias goes over that: no tool asks for the same twice

	maxTime   = 15 * time.Second // less than the server gives requests at its stop
	maxErrors = 20
)

// What is kept of queries.
const (
	cachedQueries    = 1_000 // documents
	cachedQueryBytes = 16 << 20
	bytesOfField     = 1_000 // what a field of a document takes in memory, with its arguments
	persistedQueries = 1_000 // texts; a tenth of them for strangers
	persistedBytes   = 4 << 20
)

// Edge is what the handler needs.
type Edge struct {
	Resolver *Resolver
	Bearer   accounts.Bearer
	Requests ratelimit.Requests // how many each may send
	Origins  []string           // whose pages may open a socket, besides the server's own
	Now      func() time.Time
	Log      *slog.Logger
	Metrics  *metrics.Live // counts what stays connected; nil: nobody does

	NoIntrospection bool
	Operations      *Operations   // those that are executed; nil: any
	MaxTime         time.Duration // of one operation; 0: maxTime
}

// Handler serves GraphQL over HTTP (http.go), over WebSocket and as server-sent events (live). end ends what stays
// connected, and waits for it.
func (e Edge) Handler() (h http.Handler, end func()) {
	srv := handler.New(generated.NewExecutableSchema(generated.Config{
		Resolvers: e.Resolver, Directives: e.Resolver.directives(), Complexity: complexity(),
	}))
	connections := &live.Connections{
		Identify: e.identify, Stay: e.stay, Parse: parse, Begin: begun, Charge: e.Requests.Charge, Refuse: refuseFault,
		Origins: e.Origins, Now: e.Now, Log: e.Log, Metrics: e.Metrics,
	}
	srv.AddTransport(live.Socket{Connections: connections})
	srv.AddTransport(live.Stream{Connections: connections, Wanted: wantsEvents})
	srv.AddTransport(overHTTP{}) // takes whatever the others leave
	e.limit(srv)
	srv.AroundOperations(e.withDeadline(cmp.Or(e.MaxTime, maxTime)))
	srv.AroundResponses(fewErrors)
	srv.AroundResponses(e.Resolver.keepRefused)
	srv.SetErrorPresenter(presenter(e.Log, e.Resolver.refused))
	srv.SetRecoverFunc(func(_ context.Context, p any) error {
		return panicked{fmt.Errorf("panic: %s\n%s", reqctx.Panic(p), debug.Stack())}
	})
	return e.identified(checked(srv)), connections.Close
}

// limit sets what bounds the work on a document, in the order in which it passes: what is cheap to tell comes first.
func (e Edge) limit(srv *handler.Server) {
	documents, queries := newDocumentCache(), newPersisted(e.Operations)
	srv.SetQueryCache(documents)
	srv.SetParserTokenLimit(maxTokens)
	srv.SetDisableSuggestion(true)
	srv.SetValidationRulesFn(validationRules)
	srv.Use(queries)
	srv.Use(documentLimit{documents})
	if e.Operations != nil {
		srv.Use(onlyAllowed{e.Operations})
	}
	srv.Use(introspection{off: e.NoIntrospection})
	srv.Use(&costLimit{})
	srv.Use(shapeLimit{})
	srv.Use(persistedLast{queries})
}

// withDeadline ends an operation that takes too long. A mutation is worked to its end although its client has left:
// not everybody asks twice.
func (e Edge) withDeadline(limit time.Duration) graphql.OperationMiddleware {
	return func(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
		switch op := graphql.GetOperationContext(ctx).Operation; {
		case op == nil:
		case op.Operation == ast.Subscription:
			return next(model.EachWithin(ctx, limit)) // it ends with its connection
		case op.Operation == ast.Mutation:
			ctx = context.WithoutCancel(ctx)
		}
		ctx, cancel := context.WithTimeout(ctx, limit)
		answer := next(ctx)
		return func(ctx context.Context) *graphql.Response {
			defer cancel()
			response := answer(ctx)
			if response == nil && ctx.Err() != nil { // gqlgen has nothing to say then, which would be the answer null
				return &graphql.Response{
					Errors:     gqlerror.List{presenter(e.Log, e.Resolver.refused)(ctx, ctx.Err())},
					Extensions: map[string]any{"cost": costOf(ctx)},
				}
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
