// Package fault holds the errors that somebody outside can act on. Everything else is an ordinary wrapped
// error: it is logged once at the edge and shown to nobody.
package fault

import "time"

// Kind decides how an edge reports a fault.
type Kind string

// The kinds, with what GraphQL and REST make of each.
const (
	Invalid         Kind = "INVALID"         // userErrors, 422
	NotFound        Kind = "NOT_FOUND"       // userErrors, 404: an id in the input
	Conflict        Kind = "CONFLICT"        // userErrors, 409
	Stale           Kind = "STALE"           // userErrors, 409
	Limit           Kind = "LIMIT"           // userErrors, 429
	Unauthenticated Kind = "UNAUTHENTICATED" // top level, 401
	Forbidden       Kind = "FORBIDDEN"       // top level, 403
	RateLimited     Kind = "RATE_LIMITED"    // top level, 429
)

// Error is one fault.
type Error struct {
	Kind    Kind
	Code    string // for programs
	Field   string // a path into the input, such as "bankDetails.bik"; empty where no field is to blame
	Message string // a sentence for people
	// RetryAfter is how long to wait, for RateLimited.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// New is a fault whose code is its kind.
func New(kind Kind, field, message string) *Error {
	return Coded(kind, string(kind), field, message)
}

// Coded is a fault with a code of its own, for what a client could treat differently.
func Coded(kind Kind, code, field, message string) *Error {
	return &Error{Kind: kind, Code: code, Field: field, Message: message}
}

// Is tells whether err holds a fault of kind.
func Is(err error, kind Kind) bool {
	for _, f := range list(err) {
		if f.Kind == kind {
			return true
		}
	}
	return false
}

// HasCode tells whether err holds a fault with code.
func HasCode(err error, code string) bool {
	for _, f := range list(err) {
		if f.Code == code {
			return true
		}
	}
	return false
}

// All takes err apart into the faults joined in it. It answers false where anything in err is not a fault,
// so that a failure of ours never passes for somebody's input.
func All(err error) ([]*Error, bool) {
	switch e := err.(type) {
	case nil:
		return nil, false
	case *Error:
		return []*Error{e}, true
	case interface{ Unwrap() error }:
		return All(e.Unwrap())
	case interface{ Unwrap() []error }:
		var all []*Error
		for _, part := range e.Unwrap() {
			faults, ok := All(part)
			if !ok {
				return nil, false
			}
			all = append(all, faults...)
		}
		return all, len(all) > 0
	}
	return nil, false
}

func list(err error) []*Error {
	faults, _ := All(err)
	return faults
}
