package rotation

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"slices"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/sealingkey"
	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// Register checks the keys against those that the base has met, and says that this server seals under the current one.
// The error has a sentence for each key that the base needs and the keys lack, and for each that is another one than
// that of the same id under which the base was sealed: with such keys, contacts could be neither read nor found.
func (s *Service) Register(ctx context.Context) error {
	ctx = auth.AsSystem(ctx, "register keys")
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		known, err := tx.SealingKey.Query().Order(sealingkey.ByID()).All(ctx)
		if err != nil {
			return fmt.Errorf("read the keys of the base: %w", err)
		}
		if err := s.check(known); err != nil {
			return err
		}
		return s.use(ctx, tx)
	})
}

func (s *Service) check(known []*ent.SealingKey) error {
	prints := s.Keys.Fingerprints()
	var wrong []error
	for _, k := range known {
		print, given := prints[k.ID]
		switch {
		case !given && k.RetiredAt == nil:
			wrong = append(wrong, fmt.Errorf("PERSONAL_DATA_KEYS: the base holds what is sealed under the key %q, which is not among them", k.ID))
		case given && !hmac.Equal(print, k.Fingerprint):
			wrong = append(wrong, fmt.Errorf("PERSONAL_DATA_KEYS: the key %q is another one than that under which the base was sealed", k.ID))
		}
	}
	return errors.Join(wrong...)
}

// use notes that the current key is in use; a retired one is in use again.
func (s *Service) use(ctx context.Context, tx *db.Tx) error {
	id, now := s.Keys.IDs()[0], s.Now()
	err := tx.SealingKey.Create().SetID(id).SetFingerprint(s.Keys.Fingerprints()[id]).SetFirstUsedAt(now).SetLastUsedAt(now).
		OnConflict(entsql.ConflictColumns(sealingkey.FieldID)).SetLastUsedAt(now).ClearRetiredAt().Exec(ctx)
	if err != nil {
		return fmt.Errorf("note the key in use: %w", err)
	}
	return nil
}

// outgoing are the keys that something may still be sealed under besides the current one. There are none as long as some
// server uses a later key than ours: it is for that one to rotate.
func (s *Service) outgoing(ctx context.Context) (others []*ent.SealingKey, err error) {
	all, err := s.DB.SealingKey.Query().Where(sealingkey.RetiredAtIsNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the keys of the base: %w", err)
	}
	current := slices.IndexFunc(all, func(k *ent.SealingKey) bool { return k.ID == s.Keys.IDs()[0] })
	if current < 0 {
		return nil, nil // it was retired this very moment
	}
	ours := all[current]
	for _, k := range slices.Delete(all, current, current+1) {
		if k.FirstUsedAt.After(ours.FirstUsedAt) && k.LastUsedAt.After(s.Now().Add(-quiet)) {
			return nil, nil
		}
		others = append(others, k)
	}
	return others, nil
}
