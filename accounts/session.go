package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

const (
	refreshLife = 30 * 24 * time.Hour
	// refreshPrefix lets a scanner for leaked secrets, and a person, tell what a refresh token is.
	refreshPrefix = "cbr_"
	refreshBytes  = 32
)

// Session is what a client holds to be known by.
type Session struct {
	AccessToken           string
	AccessTokenExpiresAt  time.Time
	RefreshToken          string // good once; only its hash is stored
	RefreshTokenExpiresAt time.Time
}

// newRefreshToken makes a token and what is stored of it.
func newRefreshToken() (token string, hash []byte) {
	secret := make([]byte, refreshBytes)
	_, _ = rand.Read(secret) // never fails: the program stops instead
	token = refreshPrefix + base64.RawURLEncoding.EncodeToString(secret)
	return token, hashToken(token)
}

// hashToken needs no salt and no cost: the token is random.
func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

func looksLikeRefreshToken(s string) bool {
	text, ok := strings.CutPrefix(s, refreshPrefix)
	return ok && len(text) == base64.RawURLEncoding.EncodedLen(refreshBytes)
}

// storeRefreshToken adds the next token of a session.
func storeRefreshToken(ctx context.Context, tx *db.Tx, session gid.ID, hash []byte, expiresAt time.Time) error {
	err := tx.RefreshToken.Create().SetSessionID(session).SetHash(hash).SetExpiresAt(expiresAt).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store a refresh token: %w", err)
	}
	return nil
}

// hand adds an access token to a refresh token that is stored already.
func (s *Service) hand(u *ent.User, session gid.ID, refreshToken string, refreshExpiresAt time.Time) (Session, error) {
	access, expiresAt, err := s.Tokens.Issue(viewer(u, session))
	if err != nil {
		return Session{}, err
	}
	return Session{
		AccessToken: access, AccessTokenExpiresAt: expiresAt,
		RefreshToken: refreshToken, RefreshTokenExpiresAt: refreshExpiresAt,
	}, nil
}

// viewer is who a user is in a session.
func viewer(u *ent.User, session gid.ID) auth.Viewer {
	v := auth.Viewer{Role: auth.Role(u.Role), UserID: u.ID, SessionID: session}
	if u.DistributorID != nil {
		v.Distributor = *u.DistributorID
	}
	return v
}
