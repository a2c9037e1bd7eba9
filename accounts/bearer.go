package accounts

import (
	"strings"

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
	scheme, token, _ := strings.Cut(strings.TrimSpace(header), " ")
	switch {
	case scheme == "" || strings.EqualFold(scheme, "Bearer") && strings.TrimSpace(token) == "":
		return auth.Viewer{}, false, nil
	case !strings.EqualFold(scheme, "Bearer"):
		return auth.Viewer{}, false, fault.New(fault.Unauthenticated, "", "Authorization wants Bearer and an access token.")
	}
	viewer, err = b.Tokens.Parse(strings.TrimSpace(token))
	if err == nil && b.Revocations.Revoked(viewer.SessionID) {
		err = fault.New(fault.Unauthenticated, "", "This session has ended. Sign in again.")
	}
	return viewer, err == nil, err
}
