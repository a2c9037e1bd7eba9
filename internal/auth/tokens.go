package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

const (
	issuer   = "channelbook"
	audience = "channelbook-api"
	access   = "access"
	// lifetime is how long an access token is good for.
	lifetime = 15 * time.Minute
	// leeway is what the clocks of two instances may differ by.
	leeway = 30 * time.Second
	// maxToken is several times what Issue makes, in bytes.
	maxToken = 4096
)

// TokenLife is the longest that a token may be accepted after it was issued.
const TokenLife = lifetime + leeway

// TokenExpired is the code of the fault for a token that was good once: refresh the session.
const TokenExpired = "TOKEN_EXPIRED"

// Tokens turn a person's viewer into an access token (a JWT, HS256) and back. Whether the session still stands is
// not theirs to know: see accounts.Revocations.
type Tokens struct {
	Keys Keys
	Now  func() time.Time
}

type claims struct {
	jwt.RegisteredClaims
	Session     gid.ID `json:"sid"`
	Role        Role   `json:"role"`
	Distributor gid.ID `json:"did,omitzero"`
	Type        string `json:"typ"`
}

// Issue makes a token for a person who has signed in. It refuses a viewer who is not a person.
func (t *Tokens) Issue(v Viewer) (token string, expiresAt time.Time, err error) {
	if !isPerson(v) {
		return "", time.Time{}, fmt.Errorf("issue a token: role %q is not a person's, or an id is missing", v.Role)
	}
	secret, ok := t.Keys.secrets[t.Keys.signer]
	if !ok {
		return "", time.Time{}, errNoKeys
	}
	now := t.Now().Truncate(time.Second)
	expiresAt = now.Add(lifetime)
	unsigned := jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{audience},
			Subject:   v.UserID.String(),
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(expiresAt),
		},
		Session: v.SessionID, Role: v.Role, Distributor: v.Distributor, Type: access,
	})
	unsigned.Header["kid"] = t.Keys.signer
	token, err = unsigned.SignedString(secret)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign a token: %w", err)
	}
	return token, expiresAt, nil
}

// Parse is the viewer that a token was issued for. A token of ours that has ended is a fault of kind Unauthenticated
// with code TokenExpired, anything else one with code UNAUTHENTICATED that does not say what was wrong.
func (t *Tokens) Parse(token string) (Viewer, error) {
	v, _, err := t.ParseUntil(token)
	return v, err
}

// ParseUntil is Parse, and the instant at which the token ends.
func (t *Tokens) ParseUntil(token string) (v Viewer, expiresAt time.Time, err error) {
	if len(token) > maxToken {
		return Viewer{}, time.Time{}, errUnauthenticated()
	}
	var c claims
	_, err = t.parser().ParseWithClaims(token, &c, t.Keys.verifying)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired) && c.isOurs():
		return Viewer{}, time.Time{}, ErrTokenExpired()
	case err != nil || c.Type != access:
		return Viewer{}, time.Time{}, errUnauthenticated()
	}
	v = Viewer{Role: c.Role, SessionID: c.Session, Distributor: c.Distributor}
	if v.UserID.UnmarshalText([]byte(c.Subject)) != nil || !isPerson(v) {
		return Viewer{}, time.Time{}, errUnauthenticated()
	}
	return v, c.ExpiresAt.Time, nil
}

// ErrTokenExpired is the fault of a token that was good until it ended.
func ErrTokenExpired() error {
	return fault.Coded(fault.Unauthenticated, TokenExpired, "", "The access token has expired.")
}

func (t *Tokens) parser() *jwt.Parser {
	return jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithLeeway(leeway),
		jwt.WithTimeFunc(t.Now),
		jwt.WithStrictDecoding(),
	)
}

// verifying finds the key that a token names. One that names no key is refused: ours all do.
func (k Keys) verifying(token *jwt.Token) (any, error) {
	id, _ := token.Header["kid"].(string)
	secret, ok := k.secrets[id]
	if !ok {
		return nil, jwt.ErrTokenUnverifiable
	}
	return secret, nil
}

// isOurs tells whether the claims are an access token's, whatever its time; the signature has been checked.
func (c *claims) isOurs() bool {
	return c.Issuer == issuer && c.Type == access && len(c.Audience) == 1 && c.Audience[0] == audience
}

// isPerson tells whether a viewer is one of the two kinds of people who sign in, with all that belongs to it.
func isPerson(v Viewer) bool {
	if v.UserID.IsZero() || v.SessionID.IsZero() {
		return false
	}
	return v.Role == Admin && v.Distributor.IsZero() || v.Role == Distributor && !v.Distributor.IsZero()
}

func errUnauthenticated() error {
	return fault.New(fault.Unauthenticated, "", "The access token is not valid. Sign in again.")
}
