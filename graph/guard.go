package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/graph/generated"
	"channelbook/graph/model"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
)

// directives guard the root fields; a test finds a root field without one.
func directives() generated.DirectiveRoot {
	return generated.DirectiveRoot{
		HasRole: func(ctx context.Context, _ any, next graphql.Resolver, any []model.Role) (any, error) {
			viewer, err := viewerOf(ctx)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(any, model.Role(viewer.Role)) {
				return nil, fault.New(fault.Forbidden, "", "Your role does not allow this.")
			}
			return next(ctx)
		},
		LeadSource: func(ctx context.Context, _ any, next graphql.Resolver) (any, error) {
			viewer, err := viewerOf(ctx)
			if err != nil {
				return nil, err
			}
			if viewer.Role != auth.Source {
				return nil, fault.New(fault.Forbidden, "", "This is for lead sources: send the source's key as X-Api-Key.")
			}
			return next(ctx)
		},
		Public: func(ctx context.Context, _ any, next graphql.Resolver) (any, error) { return next(ctx) },
	}
}

// viewerOf is who asks, or why nobody does: no token, an expired one, a revoked one.
func viewerOf(ctx context.Context) (auth.Viewer, error) {
	if viewer, ok := auth.From(ctx); ok {
		return viewer, nil
	}
	if err := refusalFrom(ctx); err != nil {
		return auth.Viewer{}, err
	}
	return auth.Viewer{}, fault.New(fault.Unauthenticated, "", "Sign in first: send Authorization: Bearer and the access token.")
}
