package graph

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/internal/auth"
)

// persisted lets a client send the SHA-256 of a query in its place once the server has seen it (Apollo's automatic
// persisted queries). A query is kept only once it has been validated and is within all limits, and those of strangers
// are kept apart: whoever has not signed in cannot push out what clients ask for.
type persisted struct {
	ofKnown, ofStrangers *cache[string]
	allowed              *Operations // kept for good; nil where any operation is allowed
}

func newPersisted(allowed *Operations) persisted {
	size := func(hash, query string) int { return len(hash) + len(query) }
	return persisted{
		ofKnown:     newCache(persistedQueries, persistedBytes, size),
		ofStrangers: newCache(persistedQueries/10, persistedBytes/10, size),
		allowed:     allowed,
	}
}

const persistedKey = "PersistedHash"

var _ interface {
	graphql.OperationParameterMutator
	graphql.HandlerExtension
} = persisted{}

// ExtensionName for gqlgen.
func (persisted) ExtensionName() string { return "PersistedQueries" }

// Validate for gqlgen.
func (persisted) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters puts the query of a hash into the request.
func (p persisted) MutateOperationParameters(ctx context.Context, params *graphql.RawParams) *gqlerror.Error {
	sent := params.Extensions["persistedQuery"]
	if sent == nil {
		return nil
	}
	hash, ok := hashIn(sent)
	if !ok {
		return badOperation("extensions.persistedQuery is {\"version\": 1, \"sha256Hash\": \"…\"}, 64 digits in hex.")
	}
	if params.Query == "" {
		if params.Query, ok = p.query(ctx, hash); !ok {
			err := gqlerror.Errorf("PersistedQueryNotFound") // what clients compare with
			errcode.Set(err, codeNotPersisted)
			return err
		}
	} else if sum := sha256.Sum256([]byte(params.Query)); hex.EncodeToString(sum[:]) != hash {
		return badOperation("extensions.persistedQuery.sha256Hash is not the SHA-256 of the query.")
	}
	graphql.GetOperationContext(ctx).Stats.SetExtension(persistedKey, hash)
	return nil
}

// persistedLast keeps what has passed all other limits: it is the last of them.
type persistedLast struct{ queries persisted }

var _ interface {
	graphql.OperationContextMutator
	graphql.HandlerExtension
} = persistedLast{}

// ExtensionName for gqlgen.
func (persistedLast) ExtensionName() string { return "PersistedQueriesKept" }

// Validate for gqlgen.
func (persistedLast) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext keeps a query that came with its hash.
func (p persistedLast) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if hash, ok := op.Stats.GetExtension(persistedKey).(string); ok {
		p.queries.keptFor(ctx).Add(ctx, hash, op.RawQuery)
	}
	return nil
}

func (p persisted) query(ctx context.Context, hash string) (query string, ok bool) {
	if p.allowed != nil {
		if query, ok = p.allowed.byHash[hash]; ok {
			return query, true
		}
	}
	if query, ok = p.ofKnown.Get(ctx, hash); ok {
		return query, true
	}
	return p.ofStrangers.Get(ctx, hash)
}

func (p persisted) keptFor(ctx context.Context) *cache[string] {
	if _, known := auth.From(ctx); known {
		return p.ofKnown
	}
	return p.ofStrangers
}

func hashIn(sent any) (hash string, ok bool) {
	members, _ := sent.(map[string]any)
	version, _ := members["version"].(json.Number)
	hash, _ = members["sha256Hash"].(string)
	sum, err := hex.DecodeString(hash)
	return hex.EncodeToString(sum), version == "1" && err == nil && len(sum) == sha256.Size
}

func badOperation(message string) *gqlerror.Error {
	err := gqlerror.Errorf("%s", message)
	errcode.Set(err, codeBadRequest)
	return err
}
