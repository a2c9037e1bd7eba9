package graph

import (
	"context"
	"net/http"
	"sync"

	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// asking is what is known of a request whose sender could not be identified.
type asking struct {
	refused error     // why; nil where nothing was sent to be identified by
	source  gid.ID    // the source that is known and stopped
	logged  sync.Once // the intake log keeps one line of a request, however many submissions it holds
}

type askingKey struct{}

// identified puts the viewer into the context: the person whose access token comes as Authorization: Bearer, or the
// lead source whose key comes as X-Api-Key. Who cannot be identified is nobody, and the reason is kept for the
// guards: signing in must work with an expired token in the header.
func (e Edge) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := context.WithValue(r.Context(), refusalsKey{}, &refusals{})
		viewer, named, err := e.identify(ctx, r.Header)
		if named {
			ctx = auth.With(ctx, viewer)
		} else {
			ctx = context.WithValue(ctx, askingKey{}, &asking{refused: err, source: viewer.SourceID})
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

func (e Edge) identify(ctx context.Context, h http.Header) (viewer auth.Viewer, named bool, err error) {
	viewer, named, err = e.Bearer.Viewer(h.Get("Authorization"))
	if named || err != nil {
		return viewer, named, err
	}
	if key := h.Get("X-Api-Key"); key != "" {
		source, err := e.Resolver.Leads.AuthenticateSource(ctx, key)
		if source != nil {
			viewer = auth.Viewer{Role: auth.Source, SourceID: source.ID}
		}
		return viewer, err == nil, err
	}
	return auth.Viewer{}, false, nil
}

func askingFrom(ctx context.Context) *asking {
	if a, ok := ctx.Value(askingKey{}).(*asking); ok {
		return a
	}
	return &asking{}
}
