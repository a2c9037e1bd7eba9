package graph

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/ent/intakeattempt"
	"channelbook/graph/generated"
	"channelbook/graph/model"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/leads"
)

// directives guard the root fields; a test finds a root field without one.
func (r *Resolver) directives() generated.DirectiveRoot {
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
			if err == nil && viewer.Role != auth.Source {
				err = fault.New(fault.Forbidden, "", "This is for lead sources: send the source's key as X-Api-Key.")
			}
			if err != nil {
				return nil, r.logStranger(ctx, err)
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

// logStranger keeps a refused submission in the intake log, as the REST edge does, and returns why it was refused.
func (r *Resolver) logStranger(ctx context.Context, refused error) error {
	field := graphql.GetFieldContext(ctx)
	if field.Object != "Mutation" {
		return refused
	}
	status := http.StatusUnauthorized
	if fault.Is(refused, fault.Forbidden) {
		status = http.StatusForbidden
	}
	raw, _ := json.Marshal(field.Args) // inputs always marshal
	attempt := leads.Attempt{Outcome: intakeattempt.OutcomeUNAUTHENTICATED, HTTPStatus: status, Errors: refused, RawBody: raw}
	if err := r.Leads.LogStranger(ctx, attempt); err != nil {
		return err
	}
	return refused
}
