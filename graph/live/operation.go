package live

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/internal/fault"
	"channelbook/internal/reqctx"
)

// operation is one that a socket runs.
type operation struct {
	id   string
	stop context.CancelFunc
	over bool // nothing more is sent of it
}

// subscribe begins an operation, which may be of any kind.
func (s *socket) subscribe(ctx context.Context, m message) error {
	if m.ID == "" || len(m.Payload) == 0 || m.Payload[0] != '{' {
		return closing{closeInvalid, "Invalid message"}
	}
	params, refused := s.Parse(m.Payload)
	ctx, stop := context.WithCancel(s.Begin(ctx, m.Payload))
	o := &operation{id: m.ID, stop: stop}
	s.mu.Lock()
	_, there := s.running[m.ID]
	full := s.working >= s.limits.operations
	if !there && !full {
		s.running[m.ID] = o
		s.working++
	}
	s.mu.Unlock()
	switch {
	case there:
		stop()
		return closing{closeDuplicateID, "Subscriber already exists"} // the id is the client's, and a reason has 123 bytes
	case refused != nil && !full:
		s.fail(ctx, o, refused)
		s.forget(o)
		return nil
	case full:
		defer stop()
		s.fail(ctx, o, tooMany(fmt.Sprintf("A socket runs at most %d operations at once.", s.limits.operations)))
		return nil
	}
	s.operations.Go(func() {
		defer s.forget(o)
		s.run(ctx, o, &params)
	})
	return nil
}

// run works an operation to its end.
func (s *socket) run(ctx context.Context, o *operation, params *graphql.RawParams) {
	defer func() {
		if p := recover(); p != nil {
			s.fail(ctx, o, fmt.Errorf("panic: %s\n%s", reqctx.Panic(p), debug.Stack()))
		}
	}()
	if err := s.Charge(ctx); err != nil {
		s.fail(ctx, o, err)
		return
	}
	ctx = graphql.StartOperationTrace(ctx)
	params.ReadTime.Start, params.ReadTime.End = graphql.Now(), graphql.Now()
	op, errs := s.exec.CreateOperationContext(ctx, params)
	if errs != nil {
		s.refuse(graphql.WithOperationContext(ctx, op), o, errs)
		return
	}
	if op.Operation.Operation == ast.Subscription {
		leave, ok := s.subscribes(ctx)
		if !ok {
			s.fail(ctx, o, oneSubscriptionTooMany())
			return
		}
		defer leave()
	}
	if why := context.Cause(ctx); why != nil { // a mutation would go on without its context
		s.fail(ctx, o, why)
		return
	}
	responses, ctx := s.exec.DispatchOperation(ctx, op)
	for response := responses(ctx); response != nil; response = responses(ctx) {
		payload, err := json.Marshal(response)
		if err != nil {
			s.fail(ctx, o, fmt.Errorf("write a response: %w", err))
			return
		}
		s.sendOf(o, message{Type: "next", ID: o.id, Payload: payload}, false)
		if op.Operation.Operation != ast.Subscription {
			break
		}
	}
	if why := context.Cause(ctx); why == nil || op.Operation.Operation != ast.Subscription {
		s.sendOf(o, message{Type: "complete", ID: o.id}, true)
	} else if _, told := fault.All(why); told {
		s.fail(ctx, o, why)
	}
}

// fail ends an operation with one error.
func (s *socket) fail(ctx context.Context, o *operation, err error) {
	s.refuse(graphql.WithOperationContext(ctx, &graphql.OperationContext{}), o, gqlerror.List{gqlerror.Wrap(err)})
}

// refuse ends an operation with errors, as they are presented.
func (s *socket) refuse(ctx context.Context, o *operation, errs gqlerror.List) {
	payload, err := json.Marshal(s.exec.DispatchError(ctx, errs).Errors)
	if err != nil {
		s.Log.ErrorContext(ctx, "write errors to a socket", "error", err)
		return
	}
	s.sendOf(o, message{Type: "error", ID: o.id, Payload: payload}, true)
}

// sendOf sends what is of an operation, unless that is over; last says that nothing follows, and that the id is free.
func (s *socket) sendOf(o *operation, m message, last bool) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if o.over {
		return
	}
	if o.over = last; last {
		s.free(o)
	}
	if s.write(m) != nil { // the socket is cut, and whoever reads it ends
		o.over = true
	}
}

// completed ends an operation that the client wants no more of. Its id may be used again at once.
func (s *socket) completed(id string) {
	s.mu.Lock()
	o := s.running[id]
	delete(s.running, id)
	s.mu.Unlock()
	if o == nil {
		return
	}
	o.stop()
	s.writing.Lock()
	o.over = true
	s.writing.Unlock()
}

func (s *socket) free(o *operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[o.id] == o {
		delete(s.running, o.id)
	}
}

func (s *socket) forget(o *operation) {
	o.stop()
	s.free(o)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.working--
}
