package leads

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/contactlock"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// lockPurpose keeps the hashes of locks apart from all others.
const lockPurpose = "intake-lock"

// The contacts that a duplicate policy can name.
const (
	fieldPhone = "PHONE"
	fieldEmail = "EMAIL"
	fieldIP    = "IP"
)

// lockRows locks one row per name to the end of the transaction, making those that are not there yet. Whoever takes
// locks takes them in this order, all in one statement and before any other row that intakes share (source_days,
// hand_outs, distributors), so that no two wait for each other in a ring. What is read after it shows what earlier holders
// committed.
func lockRows(ctx context.Context, tx *db.Tx, now time.Time, names []string) error {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	if len(names) == 0 {
		return nil
	}
	args := make([]any, len(names), len(names)+1)
	places := make([]string, len(names))
	for i, name := range names {
		args[i], places[i] = name, fmt.Sprintf("($%d, $%d)", i+1, len(names)+1)
	}
	args = append(args, now)
	// A conflict locks the row even where the condition keeps the update from being made.
	_, err := tx.ExecContext(ctx, "INSERT INTO contact_locks (id, made_at) VALUES "+strings.Join(places, ", ")+
		" ON CONFLICT (id) DO UPDATE SET id = excluded.id WHERE FALSE", args...)
	if err != nil {
		return fmt.Errorf("lock contacts: %w", err)
	}
	return nil
}

// DropLocks takes the rows away that were made before an instant, and tells how many there were. A row that is held
// is waited for, and whoever needs one that is gone makes it anew: it may be run at any time.
func (s *Service) DropLocks(ctx context.Context, olderThan time.Time) (int, error) {
	n, err := s.DB.ContactLock.Delete().Where(contactlock.MadeAtLT(olderThan)).Exec(auth.AsSystem(ctx, "lock retention"))
	if err != nil {
		return 0, fmt.Errorf("drop locks: %w", err)
	}
	return n, nil
}

// contactLocks names the locks of a lead's contacts. Phone and e-mail are locked whatever the source's policy is,
// since another source's may look for them; an address only where the policy looks for it: whole offices share one.
// Real and test leads never wait for each other.
func (s *Service) contactLocks(c Contacts, test bool, source *ent.LeadSource) []string {
	prefix := ""
	if test {
		prefix = "test "
	}
	var names []string
	add := func(field, value string) {
		if value != "" {
			names = append(names, s.lockNames(prefix+field, value)...)
		}
	}
	add(fieldPhone, c.Phone)
	add(fieldEmail, c.Email)
	if slices.Contains(source.DuplicateFields, fieldIP) {
		add(fieldIP, c.IP)
	}
	return names
}

// keyLocks names the locks of what makes a submission a repeat within its source.
func (s *Service) keyLocks(c *candidate, source gid.ID) []string {
	var names []string
	if c.IdempotencyKey != "" {
		names = append(names, s.lockNames("key "+source.String(), c.IdempotencyKey)...)
	}
	if c.ExternalID != "" {
		names = append(names, s.lockNames("external "+source.String(), c.ExternalID)...)
	}
	return names
}

// capLocks names the lock of a capped source. The row that counts its leads is locked late, when a batch may hold the
// hand-out's turn already: taken here, before everything else, the order is the same for all.
func (s *Service) capLocks(source *ent.LeadSource) []string {
	if source.DailyCap == nil {
		return nil
	}
	return s.lockNames("cap", source.ID.String())
}

// lockNames names the locks of one value: one under each key, so that instances keep each other apart while keys rotate.
func (s *Service) lockNames(kind, value string) []string {
	var names []string
	for _, index := range s.Keys.Indexes(lockPurpose, kind+":"+value) {
		names = append(names, hex.EncodeToString(index))
	}
	return names
}
