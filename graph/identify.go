package graph

import (
	"context"
	"net/http"
	"strings"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
)

type refusalKey struct{}

// identified puts the viewer into the context: the person whose access token comes as Authorization: Bearer, or the
// lead source whose key comes as X-Api-Key. Who cannot be identified is nobody, and the reason is kept for the
// guards: signing in must work with an expired token in the header.
func (e Edge) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		viewer, named, err := e.identify(ctx, r.Header)
		switch {
		case err != nil:
			ctx = context.WithValue(ctx, refusalKey{}, err)
		case named:
			ctx = auth.With(ctx, viewer)
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (e Edge) identify(ctx context.Context, h http.Header) (viewer auth.Viewer, named bool, err error) {
	if header := h.Get("Authorization"); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return auth.Viewer{}, false, fault.New(fault.Unauthenticated, "", "Authorization wants Bearer and an access token.")
		}
		viewer, err = e.Tokens.Parse(strings.TrimSpace(token))
		if err == nil && e.Revocations.Revoked(viewer.SessionID) {
			err = fault.New(fault.Unauthenticated, "", "This session has ended. Sign in again.")
		}
		return viewer, err == nil, err
	}
	if key := h.Get("X-Api-Key"); key != "" {
		source, err := e.Resolver.Leads.AuthenticateSource(ctx, key)
		if err != nil {
			return auth.Viewer{}, false, err
		}
		return auth.Viewer{Role: auth.Source, SourceID: source.ID}, true, nil
	}
	return auth.Viewer{}, false, nil
}

func refusalFrom(ctx context.Context) error {
	err, _ := ctx.Value(refusalKey{}).(error)
	return err
}
