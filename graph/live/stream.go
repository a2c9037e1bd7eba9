package live

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/internal/fault"
)

// Stream is the transport by server-sent events, in the mode of distinct connections:
// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. One request is one operation.
type Stream struct {
	*Connections
	// Wanted tells that a request asks for events.
	Wanted func(r *http.Request) bool
	limits *limits // tests have others; nil: ordinary
}

// Supports tells a POST that asks for events.
func (s Stream) Supports(r *http.Request) bool { return r.Method == http.MethodPost && s.Wanted(r) }

// Do works the request's operation and sends what comes of it. What is wrong with the request itself is answered as to
// any other.
func (s Stream) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	ctx, leave, refused := s.admit(r.Context())
	if refused != nil {
		status := http.StatusTooManyRequests
		if errors.Is(refused, errFull) {
			status = http.StatusServiceUnavailable
		}
		s.Refuse(w, r, status, refused)
		return
	}
	defer leave()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has left
	}
	params, err := s.Parse(body)
	if faults, refused := fault.All(err); refused {
		s.Refuse(w, r, http.StatusBadRequest, faults[0])
		return
	}
	params.Headers = r.Header
	params.ReadTime.Start, params.ReadTime.End = graphql.Now(), graphql.Now()
	op, errs := exec.CreateOperationContext(ctx, &params)
	ctx = graphql.WithOperationContext(ctx, op)
	if errs != nil {
		answerErrors(w, exec.DispatchError(ctx, errs))
		return
	}
	if why, ok := context.Cause(ctx).(*fault.Error); ok {
		s.Refuse(w, r, http.StatusUnauthorized, why)
		return
	}
	if op.Operation.Operation == ast.Subscription {
		unsubscribe, ok := s.subscribes(ctx)
		if !ok {
			s.Refuse(w, r, http.StatusTooManyRequests, oneSubscriptionTooMany())
			return
		}
		defer unsubscribe()
	}
	of := s.limits
	if of == nil {
		of = &ordinary
	}
	ctx, cut := context.WithCancel(ctx)
	defer cut()
	begin(w, of, cut).send(ctx, exec, op)
}

var errFull = tooMany("Too many connections are open here. Try again later.")

// admit counts a stream. Its context ends when the guest may no longer stay.
func (s Stream) admit(ctx context.Context) (_ context.Context, leave func(), refused *fault.Error) {
	leaveAll, ok := s.enter()
	if !ok {
		return nil, nil, errFull
	}
	unname, ok := s.name(ctx)
	if !ok {
		leaveAll()
		return nil, nil, oneTooMany()
	}
	ctx, unstay := s.staying(ctx)
	return ctx, func() { unstay(); unname(); leaveAll() }, nil
}

// answerErrors answers a request whose operation does not begin. A client of events takes only another status than 200 for
// an error.
func answerErrors(w http.ResponseWriter, response *graphql.Response) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(struct { // a client that has left needs no answer
		Errors     gqlerror.List  `json:"errors"`
		Extensions map[string]any `json:"extensions,omitempty"`
	}{response.Errors, response.Extensions})
}

// stream is an answer that goes on.
type stream struct {
	*limits
	w          http.ResponseWriter
	controller *http.ResponseController
	heart      *time.Timer
	cut        context.CancelFunc // ends the operation: nobody reads it

	mu   sync.Mutex
	over bool // nothing may be written any more
}

// begin sends the headers, and a comment each time that nothing else was sent for a while.
func begin(w http.ResponseWriter, of *limits, cut context.CancelFunc) *stream {
	s := &stream{limits: of, w: w, controller: http.NewResponseController(w), cut: cut}
	_ = s.controller.SetReadDeadline(time.Time{}) // the server's own would end the request's context
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would wait for more
	s.heart = time.AfterFunc(time.Hour, s.beat)
	s.write(":\n\n")
	return s
}

func (s *stream) beat() { s.write(":\n\n") }

// write sends text at once. A client that does not read it in time is cut off.
func (s *stream) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return
	}
	_ = s.controller.SetWriteDeadline(time.Now().Add(s.writeWithin)) // where it cannot be set, the network's own holds
	_, err := io.WriteString(s.w, text)
	if err := errors.Join(err, s.controller.Flush()); err != nil {
		s.over = true
		s.cut()
		return
	}
	s.heart.Reset(s.pingEvery)
}

func (s *stream) event(response *graphql.Response) {
	data, err := json.Marshal(response)
	if err != nil {
		panic(fmt.Errorf("write a response: %w", err)) // the data is JSON already
	}
	s.write("event: next\ndata: " + string(data) + "\n\n")
}

// send works an operation to its end.
func (s *stream) send(ctx context.Context, exec graphql.GraphExecutor, op *graphql.OperationContext) {
	defer s.end()
	outer := ctx
	responses, ctx := exec.DispatchOperation(ctx, op)
	for response := responses(ctx); response != nil; response = responses(ctx) {
		s.event(response)
		if op.Operation.Operation != ast.Subscription {
			break
		}
	}
	if why, ok := context.Cause(outer).(*fault.Error); ok {
		s.event(exec.DispatchError(graphql.WithOperationContext(outer, op), gqlerror.List{gqlerror.Wrap(why)}))
	} else if outer.Err() != nil {
		return // the client has left, or the server stops: to a client that comes again, complete would be the end
	}
	s.write("event: complete\ndata:\n\n")
}

// end lets nothing more be written: the answer is over.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.heart.Stop()
	_ = s.controller.SetWriteDeadline(time.Time{})
}
