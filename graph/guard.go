package graph

import (
	"context"
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
			const forSources = "This is for lead sources: send the source's key as X-Api-Key."
			viewer, err := viewerOf(ctx)
			switch {
			case err != nil && askingFrom(ctx).refused == nil:
				err = fault.New(fault.Unauthenticated, "", forSources)
			case err == nil && viewer.Role != auth.Source:
				err = fault.New(fault.Forbidden, "", forSources)
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
	if err := askingFrom(ctx).refused; err != nil {
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
	err, asking := refused, askingFrom(ctx)
	asking.logged.Do(func() {
		attempt := leads.Attempt{SourceID: asking.source, Outcome: intakeattempt.OutcomeUNAUTHENTICATED, HTTPStatus: status, Errors: refused, RawBody: bodyFrom(ctx)}
		logged := r.Leads.LogStranger
		if !asking.source.IsZero() {
			logged = r.Leads.LogAttempt
		}
		if failed := logged(ctx, attempt); failed != nil {
			err = failed
		}
	})
	return err
}

// keepRefused puts what a source sent into the intake log where it was not begun, such as a submission with a field that
// is not known: no resolver sees it. A hash whose query is not known is asked for again with the query.
func (r *Resolver) keepRefused(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	viewer, _ := auth.From(ctx)
	if viewer.Role != auth.Source || response == nil || len(response.Errors) == 0 || response.Data != nil ||
		response.Errors[0].Extensions["code"] == codeNotPersisted {
		return response
	}
	raw := bodyFrom(ctx)
	err := r.Leads.LogAttempt(ctx, leads.Attempt{
		SourceID: viewer.SourceID, Outcome: intakeattempt.OutcomeMALFORMED, HTTPStatus: http.StatusUnprocessableEntity,
		RawBody: raw[:min(len(raw), leads.MaxBody)],
	})
	if err != nil {
		r.Log.ErrorContext(ctx, "write the intake log", "error", err)
	}
	return response
}
