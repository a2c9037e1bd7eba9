package graph

import (
	"context"
	"net/http"
	"sync"
	"time"

	"channelbook/ent"
	"channelbook/graph/live"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
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
//
// Each request is counted, and refused where it is one too many of its person or address. Those of a socket are counted
// as they come over it.
func (e Edge) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, err := e.identify(context.WithValue(r.Context(), refusalsKey{}, &refusals{}), r.Header)
		if err == nil || !fault.Is(err, fault.RateLimited) {
			err = e.Requests.Charge(ctx)
		}
		if faults, ok := fault.All(err); ok && faults[0].Kind == fault.RateLimited {
			refuseFault(w, r, http.StatusTooManyRequests, faults[0])
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// begun is the context of an operation that came as body over what stays connected, and not by a request of its own.
func begun(ctx context.Context, body []byte) context.Context {
	return context.WithValue(context.WithValue(ctx, requestKey{}, &request{body: body}), refusalsKey{}, &refusals{})
}

type untilKey struct{}

// identify puts whom the headers name into the context, and until when. Why they name nobody is kept for the guards, and
// returned. Where nothing is sent to be identified by, there is no error either.
func (e Edge) identify(ctx context.Context, h http.Header) (context.Context, error) {
	viewer, until, err := e.Bearer.ViewerUntil(h.Get("Authorization"))
	if err == nil && !until.IsZero() {
		return context.WithValue(auth.With(ctx, viewer), untilKey{}, until), nil
	}
	if key := h.Get("X-Api-Key"); err == nil && key != "" {
		if err := e.Requests.Begin(ctx); err != nil {
			return ctx, err
		}
		var source *ent.LeadSource
		if source, err = e.Resolver.Leads.AuthenticateSource(ctx, key); source != nil {
			viewer = auth.Viewer{Role: auth.Source, SourceID: source.ID}
		}
		if err == nil {
			return auth.With(ctx, viewer), nil
		}
	}
	return context.WithValue(ctx, askingKey{}, &asking{refused: err, source: viewer.SourceID}), err
}

// stay tells how long the one whom identify has named may stay connected.
func (e Edge) stay(ctx context.Context) (s live.Stay) {
	viewer, named := auth.From(ctx)
	if !named || viewer.SessionID.IsZero() {
		return s
	}
	s.Until, _ = ctx.Value(untilKey{}).(time.Time)
	s.Session, s.Leave = e.Bearer.Revocations.Watch(viewer.SessionID)
	return s
}

func askingFrom(ctx context.Context) *asking {
	if a, ok := ctx.Value(askingKey{}).(*asking); ok {
		return a
	}
	return &asking{}
}
