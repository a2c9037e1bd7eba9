package leads

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// sourceKey is what a source proves itself with: cb_ and 32 random bytes in base64url. So much chance needs no slow
// hash; a plain one finds the source in one look.
type sourceKey string

const (
	sourceKeyPrefix = "cb_"
	sourceKeyBytes  = 32
	sourceKeyHint   = 4 // characters shown of a key
)

func newSourceKey() sourceKey {
	var secret [sourceKeyBytes]byte
	rand.Read(secret[:]) // never fails
	return sourceKey(sourceKeyPrefix + base64.RawURLEncoding.EncodeToString(secret[:]))
}

// plausible spares the base a look for what is no key.
func (k sourceKey) plausible() bool {
	return strings.HasPrefix(string(k), sourceKeyPrefix) &&
		len(k) == len(sourceKeyPrefix)+base64.RawURLEncoding.EncodedLen(sourceKeyBytes)
}

func (k sourceKey) hash() []byte {
	sum := sha256.Sum256([]byte(k))
	return sum[:]
}

func (k sourceKey) hint() string { return string(k[len(k)-sourceKeyHint:]) }

// RotateSourceKey gives a source a new key and returns it, the only time that it is seen. The old one ends at once.
// Administrators only; a source that is not there is a fault of kind NotFound.
func (s *Service) RotateSourceKey(ctx context.Context, id gid.ID) (row *ent.LeadSource, key string, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, "", err
	}
	made := newSourceKey()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		source, err := findSource(ctx, tx, id)
		if err != nil {
			return err
		}
		row, err = tx.LeadSource.UpdateOne(source).
			SetKeyHash(made.hash()).SetKeyHint(made.hint()).SetUpdatedAt(s.Now()).Save(ctx)
		if err != nil {
			return fmt.Errorf("rotate the key of a lead source: %w", err)
		}
		return s.recordSource(ctx, tx, id, audit.SourceKeyRotated, nil)
	})
	if err != nil {
		return nil, "", err
	}
	return row.Unwrap(), string(made), nil
}

// AuthenticateSource is the source that has a key, found in one statement. A key that nobody has is a fault of kind
// Unauthenticated; a stopped source is returned together with SOURCE_STOPPED, of kind Forbidden.
func (s *Service) AuthenticateSource(ctx context.Context, key string) (*ent.LeadSource, error) {
	unknown := fault.New(fault.Unauthenticated, "", "This is not the key of a lead source.")
	k := sourceKey(key)
	if !k.plausible() {
		return nil, unknown
	}
	row, err := s.DB.LeadSource.Query().Where(leadsource.KeyHash(k.hash())).
		First(auth.AsSystem(ctx, "source authentication"))
	switch {
	case ent.IsNotFound(err):
		return nil, unknown
	case err != nil:
		return nil, fmt.Errorf("look for the key of a lead source: %w", err)
	case row.Status != leadsource.StatusACTIVE:
		return row, fault.Coded(fault.Forbidden, "SOURCE_STOPPED", "", "This lead source has been stopped.")
	}
	s.rates.set(row)
	return row, nil
}
