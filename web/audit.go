package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/ratelimit"
	"channelbook/personaldata/audit"
)

// Audit hands the audit out to administrators, as CSV.
type Audit struct {
	Audit  *audit.Log
	Bearer accounts.Bearer
	// Requests are how many each may send.
	Requests ratelimit.Requests
	Log      *slog.Logger
}

// Routes are the paths of the audit.
func (a Audit) Routes() Routes { return Routes{"GET /audit.csv": http.HandlerFunc(a.export)} }

// export streams the records of ?from=&to=. What goes wrong once the answer has begun cuts the connection, so that nobody
// takes a part for the whole.
func (a Audit) export(w http.ResponseWriter, r *http.Request) {
	r, err := admitted(r, a.Bearer, a.Requests)
	var filter audit.Filter
	if err == nil {
		filter, err = rangeOf(r)
	}
	answer := &begins{ResponseWriter: w}
	if err == nil {
		err = a.Audit.Export(r.Context(), answer, filter)
	}
	switch {
	case err == nil:
	case answer.begun:
		if r.Context().Err() == nil {
			a.Log.ErrorContext(r.Context(), "the export of the audit broke off", "error", err)
		}
		panic(http.ErrAbortHandler)
	default:
		a.refuse(w, r, err)
	}
}

// begins sets the headers of the answer with its first byte.
type begins struct {
	http.ResponseWriter
	begun bool
}

func (b *begins) Write(p []byte) (int, error) {
	if !b.begun {
		b.begun = true
		h := b.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Disposition", `attachment; filename="audit.csv"`)
		h.Set("Cache-Control", "no-store")
	}
	return b.ResponseWriter.Write(p)
}

var _ io.Writer = (*begins)(nil)

// rangeOf reads from and to: an instant, or the day at whose beginning in UTC it lies.
func rangeOf(r *http.Request) (f audit.Filter, err error) {
	for name, into := range map[string]**time.Time{"from": &f.From, "to": &f.To} {
		text := r.URL.Query().Get(name)
		if text == "" {
			continue
		}
		at, err := audit.ParseTime(text)
		if err != nil {
			return f, fault.Coded(fault.Invalid, "INVALID_TIME", name, "This is neither a day such as 2026-11-23 nor an instant such as 2026-11-23T10:11:12Z.")
		}
		*into = &at
	}
	return f, nil
}

func (a Audit) refuse(w http.ResponseWriter, r *http.Request, err error) {
	faultAnswer{a.Audit, a.Log, "the audit could not be exported", byKind}.write(w, r, err)
}

// recordRefusal writes into the audit that somebody who is known may not do what a route is for.
func recordRefusal(ctx context.Context, log *audit.Log, route string, f *fault.Error) error {
	if _, known := auth.From(ctx); !known || f.Kind != fault.Forbidden {
		return nil
	}
	return log.Saw(ctx, audit.Act{
		Action: audit.AccessRefused, Outcome: audit.Refused, Reason: f.Code, Details: map[string]string{"route": route},
	})
}
