package accounts

import (
	"strings"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
)

// Bearer tells who sends a request, by its header Authorization: for every edge that people sign in at.
type Bearer struct {
	Tokens      *auth.Tokens
	Revocations *Revocations
}

// Viewer is who the header names; named is false where it names nobody, because nothing was sent or, with a fault of
// kind Unauthenticated, because what was sent does not hold.
func (b Bearer) Viewer(header string) (viewer auth.Viewer, named bool, err error) {
	viewer, until, err := b.ViewerUntil(header)
	return viewer, !until.IsZero(), err
}

// ViewerUntil is Viewer for who stays longer than a request: until when the token is good, the zero time where the header
// names nobody.
func (b Bearer) ViewerUntil(header string) (viewer auth.Viewer, until time.Time, err error) {
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	switch {
	case scheme == "" || strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) == "":
		return auth.Viewer{}, time.Time{}, nil
	case !strings.EqualFold(scheme, "Bearer"):
		return auth.Viewer{}, time.Time{}, fault.New(fault.Unauthenticated, "", "Authorization wants Bearer and an access token.")
	}
	viewer, until, err = b.Tokens.ParseUntil(strings.TrimSpace(token))
	if err == nil && b.Revocations.Revoked(viewer.SessionID) {
		err = ErrSessionEnded()
	}
	if err != nil {
		return auth.Viewer{}, time.Time{}, err
	}
	return viewer, until, nil
}

// ErrSessionEnded is the fault of a token that is good and whose session is not.
func ErrSessionEnded() error {
	return fault.New(fault.Unauthenticated, "", "This session has ended. Sign in again.")
}
