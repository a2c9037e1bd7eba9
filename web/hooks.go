package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"channelbook/internal/fault"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/notify/email"
	"channelbook/notify/whatsapp"
)

// Hooks are where the providers of e-mail and WhatsApp tell what became of messages. A call is kept as a job and answered; what it
// says is taken in afterwards.
type Hooks struct {
	Email    *email.Callbacks    // nil: there is no such address
	WhatsApp *whatsapp.Callbacks // likewise
	Requests ratelimit.Requests
	Log      *slog.Logger
}

// The largest calls, in bytes. Meta sends up to a thousand statuses at once.
const (
	maxHint     = 32 << 10
	maxStatuses = 2 << 20
)

// hookPatience is how long a call may take to be kept.
const hookPatience = 10 * time.Second

// Routes are the addresses that are set up; at the others nothing is served.
func (h Hooks) Routes() Routes {
	routes := Routes{}
	if h.Email != nil {
		routes["GET /hooks/elasticemail/{token}"] = h.guarded(h.hint)
		routes["POST /hooks/elasticemail/{token}"] = h.guarded(h.hint)
	}
	if h.WhatsApp != nil {
		routes["GET /hooks/whatsapp"] = h.guarded(h.greet)
		routes["POST /hooks/whatsapp"] = h.guarded(h.statuses)
	}
	return routes
}

// guarded refuses an address that has sent too much of what is nobody's. The work goes on where the provider no longer waits.
func (h Hooks) guarded(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if faults, limited := fault.All(h.Requests.Begin(r.Context())); limited {
			w.Header().Set("Retry-After", ratelimit.RetryAfter(faults[0]))
			problem.Problem{Status: http.StatusTooManyRequests, Code: faults[0].Code, Detail: faults[0].Message}.Write(w, r)
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), hookPatience)
		defer cancel()
		next(w, r.WithContext(ctx))
	})
}

// refuse counts what is nobody's, and answers it.
func (h Hooks) refuse(w http.ResponseWriter, r *http.Request, p problem.Problem) {
	_ = h.Requests.Charge(r.Context()) // the next ones are not let in, this one has been
	p.Write(w, r)
}

// hint takes a call of Elastic Email's. Its parameters stand in the address, or in a form.
func (h Hooks) hint(w http.ResponseWriter, r *http.Request) {
	if !h.Email.Genuine(r.PathValue("token")) {
		h.refuse(w, r, problem.Problem{Status: http.StatusNotFound, Code: "NOT_FOUND", Detail: "Nothing is served at this path."})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxHint)
	if len(r.URL.RawQuery) > maxHint || r.ParseForm() != nil { // the error would quote what was sent
		h.Log.WarnContext(r.Context(), "a call of Elastic Email's cannot be read")
		problem.Problem{Status: http.StatusBadRequest, Code: "MALFORMED", Detail: "The parameters cannot be read."}.Write(w, r)
		return
	}
	hint, ok := email.ReadHint(r.Form)
	if ok {
		if err := h.Email.Take(r.Context(), hint); err != nil {
			h.away(w, r, err)
			return
		}
	}
	thank(w, "")
}

// greet answers Meta when somebody enters the address there.
func (h Hooks) greet(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("hub.mode") != "subscribe" || !h.WhatsApp.Verifies(q.Get("hub.verify_token")) {
		h.refuse(w, r, problem.Problem{Status: http.StatusForbidden, Code: string(fault.Forbidden), Detail: "The token is another."})
		return
	}
	thank(w, q.Get("hub.challenge"))
}

// statuses takes a call of Meta's: its signature is checked before anything is read of it.
func (h Hooks) statuses(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxStatuses))
	if errors.As(err, new(*http.MaxBytesError)) {
		h.refuse(w, r, problem.Problem{Status: http.StatusRequestEntityTooLarge, Code: "TOO_LARGE", Detail: "The body is larger than a call may be."})
		return
	}
	if err != nil || !h.WhatsApp.Genuine(r.Header.Get("X-Hub-Signature-256"), body) {
		h.refuse(w, r, problem.Problem{Status: http.StatusUnauthorized, Code: string(fault.Unauthenticated), Detail: "The signature is not that of this body."})
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		h.Log.WarnContext(r.Context(), "a call of Meta's is of another type than JSON")
		problem.Problem{Status: http.StatusUnsupportedMediaType, Code: "UNSUPPORTED_TYPE", Detail: "Send application/json."}.Write(w, r)
		return
	}
	found, err := whatsapp.Read(body)
	if err != nil {
		h.Log.WarnContext(r.Context(), "a call of Meta's cannot be read", "error", err)
		problem.Problem{Status: http.StatusBadRequest, Code: "MALFORMED", Detail: "The body cannot be read."}.Write(w, r)
		return
	}
	if len(found) > 0 {
		if err := h.WhatsApp.Take(r.Context(), found); err != nil {
			h.away(w, r, err)
			return
		}
	}
	thank(w, "")
}

// away has the provider send the call again: it could not be kept.
func (h Hooks) away(w http.ResponseWriter, r *http.Request, err error) {
	h.Log.ErrorContext(r.Context(), "a provider's call could not be kept", "error", err)
	problem.Problem{Status: http.StatusServiceUnavailable, Code: "UNAVAILABLE", Detail: "The call cannot be kept now. Send it again."}.Write(w, r)
}

// thank answers 200 with a plain text.
func thank(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, text) // #nosec G705 -- plain text with nosniff, and its asker has shown the token; a provider that has left sends it again
}
