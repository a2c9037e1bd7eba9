package graph

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"channelbook/graph/model"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// The codes of top-level errors, in extensions.code.
const (
	codeBadRequest   = "BAD_REQUEST"
	codeForbidden    = string(fault.Forbidden)
	codeTimeout      = "TIMEOUT"
	codeTooComplex   = "QUERY_TOO_COMPLEX"
	codeNotPersisted = "PERSISTED_QUERY_NOT_FOUND"
	codeInternal     = "INTERNAL"
)

// An operation that is refused with one of these is not begun: a WebSocket sends error in place of next.
func init() {
	for _, code := range []string{codeBadRequest, codeTooComplex, codeNotPersisted} {
		errcode.RegisterErrorType(code, errcode.KindProtocol)
	}
}

// userErrors takes a domain function's error apart: what the person can mend goes into the payload, everything else
// stays an error.
func userErrors(err error) ([]*model.UserError, error) {
	none := []*model.UserError{}
	if err == nil {
		return none, nil
	}
	faults, ok := fault.All(err)
	if !ok {
		return none, err
	}
	mendable := make([]*model.UserError, 0, len(faults))
	for _, f := range faults {
		switch f.Kind {
		case fault.Unauthenticated, fault.Forbidden, fault.RateLimited:
			return none, f
		}
		e := &model.UserError{Code: f.Code, Message: f.Message}
		if f.Field != "" {
			e.Field = &f.Field
		}
		mendable = append(mendable, e)
	}
	return mendable, nil
}

// presenter makes of any error what a client may see: faults keep their sentence, GraphQL's own errors theirs, and
// everything else is INTERNAL, with the details in the log under the request's id.
//
// A refusal of somebody who is known is recorded first, by refused.
func presenter(log *slog.Logger, refused func(context.Context, []*fault.Error) error) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		shown := graphql.DefaultErrorPresenter(ctx, err)
		if shown.Extensions == nil {
			shown.Extensions = map[string]any{}
		}
		shown.Extensions["requestId"] = reqctx.RequestID(ctx)
		var fromGraphQL *gqlerror.Error
		faults, isFault := fault.All(unwrapped(err))
		if isFault {
			if failed := refused(ctx, faults); failed != nil {
				err, isFault = failed, false
			}
		}
		switch {
		case isFault:
			shown.Message, shown.Extensions["code"] = presentFaults(faults)
			if faults[0].RetryAfter > 0 {
				shown.Extensions["retryAfterSeconds"] = ratelimit.Seconds(faults[0])
			}
		case errors.Is(err, context.DeadlineExceeded):
			shown.Message, shown.Extensions["code"] = "The operation took too long.", codeTimeout
		case errors.Is(err, context.Canceled):
			shown.Message, shown.Extensions["code"] = "The operation was cancelled.", codeTimeout
		case errors.As(err, &fromGraphQL) && fromGraphQL.Err == nil:
			presentGraphQL(shown)
		case isAboutArguments(ctx, err):
			shown.Message, shown.Extensions["code"] = "An argument is not of its type.", codeBadRequest
		default:
			log.ErrorContext(ctx, "operation failed", "error", err, "path", shown.Path.String(), "request", reqctx.RequestID(ctx))
			shown.Message, shown.Extensions["code"] = "Something went wrong on our side.", codeInternal
		}
		return shown
	}
}

// unwrapped takes off what gqlgen puts around an error of a resolver.
func unwrapped(err error) error {
	var wrapped *gqlerror.Error
	if errors.As(err, &wrapped) && wrapped.Err != nil {
		return wrapped.Err
	}
	return err
}

// presentFaults: a top-level code is one of the contract's, however finely the domain tells faults apart.
func presentFaults(faults []*fault.Error) (message, code string) {
	sentences := make([]string, len(faults))
	for i, f := range faults {
		sentences[i] = f.Message
	}
	switch f := faults[0]; {
	case f.Code == auth.TokenExpired:
		return f.Message, f.Code
	case f.Kind == fault.Unauthenticated, f.Kind == fault.Forbidden, f.Kind == fault.RateLimited:
		return f.Message, string(f.Kind)
	}
	return strings.Join(sentences, " "), codeBadRequest
}
