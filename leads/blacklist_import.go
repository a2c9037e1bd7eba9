package leads

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// ImportedEntry is an entry of another system's blacklist.
type ImportedEntry struct {
	ID gid.ID
	BlacklistInput
	CreatedAt time.Time
}

// Checked is the entry in its normal form, or the faults that keep it out. A reason that is refused is left out and is among them too.
func (in ImportedEntry) Checked() (ImportedEntry, []*fault.Error) {
	checked, err := in.checked(in.CreatedAt)
	all, _ := fault.All(err)
	for _, f := range all {
		if f.Field == "reason" {
			checked.Reason = ""
		}
	}
	in.BlacklistInput = checked
	return in, all
}

// ImportEntry adds an entry that has been checked, in a transaction that records it, and tells whether it has: one that stands there
// stays as it is. By the system alone.
func (s *Service) ImportEntry(ctx context.Context, tx *db.Tx, in ImportedEntry) (added bool, err error) {
	if _, err := auth.Require(ctx); err != nil {
		return false, err
	}
	if err := s.adopt(ctx, tx, in.BlacklistInput); err != nil {
		return false, err
	}
	there, err := s.HasEntry(ctx, tx.BlacklistEntry, in)
	if err != nil || there {
		return false, err
	}
	create := tx.BlacklistEntry.Create().SetID(in.ID).SetKind(in.Kind).SetOrigin(blacklistentry.OriginIMPORT).
		SetValueSealed(sealed.BlacklistValue.Seal(s.Keys, in.ID, in.Value)).SetValueIndex(sealed.BlacklistIndex.Of(s.Keys, in.Value)).
		SetCreatedAt(in.CreatedAt)
	if in.Reason != "" {
		create.SetReason(in.Reason)
	}
	if err := create.Exec(ctx); err != nil {
		return false, fmt.Errorf("add to the blacklist: %w", err)
	}
	return true, audit.Record(ctx, tx, s.Now(), audit.Act{
		Action: audit.LegacyImported, Object: audit.On(gid.BlacklistEntry, in.ID), Details: map[string]string{"kind": in.Kind.String()},
	})
}

// HasEntry tells whether the value of an entry that has been checked stands in the blacklist already, expired or not.
func (s *Service) HasEntry(ctx context.Context, in *ent.BlacklistEntryClient, e ImportedEntry) (bool, error) {
	there, err := in.Query().Where(blacklistentry.KindEQ(e.Kind), sealed.BlacklistIndex.Match(s.Keys, e.Value)).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("look into the blacklist: %w", err)
	}
	return there, nil
}
