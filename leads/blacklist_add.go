package leads

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// maxBlacklistReason is the longest reason taken, in characters.
const maxBlacklistReason = 500

// BlacklistInput describes an entry of the blacklist. Kind and Value are required.
type BlacklistInput struct {
	Kind      blacklistentry.Kind
	Value     string // in any usual writing
	Reason    string
	ExpiresAt *time.Time // in the future; nil: never
}

// AddToBlacklist keeps leads with a contact, an address or a domain out from now on; administrators only. An entry
// that has expired is taken over, with its id. Faults: all that is wrong with the input at once, of kind Invalid; of
// any number of equal entries at once exactly one is added, and the others get ALREADY_BLACKLISTED, of kind Conflict.
func (s *Service) AddToBlacklist(ctx context.Context, in BlacklistInput) (*ent.BlacklistEntry, error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	in, err = in.checked(now)
	if err != nil {
		return nil, err
	}
	var row *ent.BlacklistEntry
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		if row, err = s.addToBlacklist(ctx, tx, in, viewer, now); err != nil {
			return err
		}
		return s.recordEntry(ctx, tx, row, audit.Blacklisted)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// recordEntry writes what is done to an entry into the audit, in the transaction that does it.
func (s *Service) recordEntry(ctx context.Context, tx *db.Tx, row *ent.BlacklistEntry, action audit.Action) error {
	return audit.Record(ctx, tx, s.Now(), audit.Act{
		Action: action, Object: audit.On(gid.BlacklistEntry, row.ID), Details: map[string]string{"kind": row.Kind.String()},
	})
}

func (s *Service) addToBlacklist(ctx context.Context, tx *db.Tx, in BlacklistInput, author auth.Viewer, now time.Time) (*ent.BlacklistEntry, error) {
	if err := s.adopt(ctx, tx, in); err != nil {
		return nil, err
	}
	fresh := gid.New()
	create := tx.BlacklistEntry.Create().SetID(fresh).SetKind(in.Kind).
		SetValueSealed(sealed.BlacklistValue.Seal(s.Keys, fresh, in.Value)).
		SetValueIndex(sealed.BlacklistIndex.Of(s.Keys, in.Value)).
		SetCreatedAt(now).SetNillableExpiresAt(in.ExpiresAt)
	if in.Reason != "" {
		create.SetReason(in.Reason)
	}
	if !author.UserID.IsZero() {
		create.SetAuthorID(author.UserID)
	}
	id, err := create.OnConflict(takeOverExpired(now)...).ID(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows): // a live entry stands there
		return nil, fault.Coded(fault.Conflict, "ALREADY_BLACKLISTED", "value", "This is on the blacklist already.")
	case err != nil:
		return nil, fmt.Errorf("add to the blacklist: %w", err)
	}
	row, err := tx.BlacklistEntry.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the blacklist: %w", err)
	}
	return row, nil
}

// adopt brings an entry that stands there under an earlier key under the current one, so that the unique index tells
// equal entries while the keys rotate.
func (s *Service) adopt(ctx context.Context, tx *db.Tx, in BlacklistInput) error {
	if len(s.Keys.IDs()) == 1 {
		return nil
	}
	if err := lockRows(ctx, tx, s.Now(), s.lockNames("blacklist "+in.Kind.String(), in.Value)); err != nil {
		return err
	}
	current := sealed.BlacklistIndex.Of(s.Keys, in.Value)
	there, err := tx.BlacklistEntry.Query().Where(blacklistentry.KindEQ(in.Kind),
		blacklistentry.ValueIndexNEQ(current), sealed.BlacklistIndex.Match(s.Keys, in.Value)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the entry under earlier keys: %w", err)
	}
	err = tx.BlacklistEntry.UpdateOne(there).SetValueIndex(current).
		SetValueSealed(sealed.BlacklistValue.Seal(s.Keys, there.ID, in.Value)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("seal the entry anew: %w", err)
	}
	return nil
}

// takeOverExpired makes a new entry out of the one with the same value, if that has expired.
func takeOverExpired(now time.Time) []entsql.ConflictOption {
	return []entsql.ConflictOption{
		entsql.ConflictColumns(blacklistentry.FieldKind, blacklistentry.FieldValueIndex),
		entsql.ResolveWith(func(u *entsql.UpdateSet) {
			u.SetExcluded(blacklistentry.FieldReason).SetExcluded(blacklistentry.FieldOrigin).
				SetExcluded(blacklistentry.FieldAuthorID).SetExcluded(blacklistentry.FieldCreatedAt).
				SetExcluded(blacklistentry.FieldExpiresAt)
		}),
		entsql.UpdateWhere(entsql.LTE(blacklistentry.FieldExpiresAt, now)),
	}
}

// checked is in with its value in the normal form of its kind, or all that is wrong with it at once.
func (in BlacklistInput) checked(now time.Time) (BlacklistInput, error) {
	var f faults
	f.blacklistValue(&in)
	f.verbatim("reason", &in.Reason, maxBlacklistReason)
	if in.ExpiresAt != nil {
		expires := in.ExpiresAt.UTC().Truncate(time.Microsecond)
		in.ExpiresAt = &expires
		if !expires.After(now) {
			f.add("IN_PAST", "expiresAt", "An entry expires in the future.")
		}
	}
	return in, errors.Join(f.list...)
}

func (f *faults) blacklistValue(in *BlacklistInput) {
	kind, known := blacklistKindOf(in.Kind)
	if !known {
		f.add("INVALID_VALUE", "kind", "This is not a kind of entry.")
	}
	if strings.TrimSpace(in.Value) == "" {
		f.add("REQUIRED", "value", "Say what to put on the blacklist.")
		return
	}
	if !known || !f.verbatim("value", &in.Value, maxContact) {
		return
	}
	value, err := kind.normal(in.Value)
	switch {
	case errors.Is(err, errTooBroad):
		f.add("NETWORK_TOO_BROAD", "value",
			fmt.Sprintf("A network is not broader than /%d of IPv4 and /%d of IPv6.", broadestV4, broadestV6))
	case err != nil:
		f.add(kind.code, "value", kind.message)
	default:
		in.Value = value
	}
}
