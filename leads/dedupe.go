package leads

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/predicate"
	"channelbook/ent/sealed"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// likeness is what an earlier lead is looked for by.
type likeness struct {
	Contacts
	keys   seal.Keys
	test   bool
	source *ent.LeadSource // whose policy it is
	since  time.Time
	among  gid.ID // the distributor whose leads are looked through; zero: the whole base
	stray  bool   // only leads that are nobody's are looked through
}

// window is how long before an instant a lead still counts as an earlier one.
func window(source *ent.LeadSource, before time.Time) time.Time {
	return before.AddDate(0, 0, -source.DuplicateWindowDays)
}

// policy says in words what is compared, for the trace.
func (l likeness) policy() string {
	return fmt.Sprintf("%s of %s within %d days, scope %s", l.source.DuplicateMatch,
		strings.Join(l.source.DuplicateFields, ", "), l.source.DuplicateWindowDays, l.source.DuplicateScope)
}

// equals are the comparisons of the policy that this lead has a value for, and the fields it has none for.
func (l likeness) equals() (equal []predicate.Lead, missing []string) {
	for _, field := range l.source.DuplicateFields {
		switch {
		case field == fieldPhone && l.Phone != "":
			equal = append(equal, sealed.LeadPhoneIndex.Match(l.keys, l.Phone))
		case field == fieldEmail && l.Email != "":
			equal = append(equal, sealed.LeadEmailIndex.Match(l.keys, l.Email))
		case field == fieldIP && l.IP != "":
			equal = append(equal, lead.IP(l.IP))
		default:
			missing = append(missing, field)
		}
	}
	return equal, missing
}

// earliest finds the earliest live lead that this one is like; nil where there is none. A field that is missing never
// makes a lead like another. The caller holds the locks of the contacts.
func (l likeness) earliest(ctx context.Context, tx *db.Tx) (*ent.Lead, error) {
	equal, missing := l.equals()
	if l.source.DuplicateMatch == leadsource.DuplicateMatchALL {
		if len(missing) > 0 || len(equal) == 0 {
			return nil, nil
		}
		equal = []predicate.Lead{lead.And(equal...)}
	}
	// A statement for each field walks the field's own index; one with OR might walk the dates instead.
	var found *ent.Lead
	for _, p := range equal {
		one, err := l.first(ctx, tx, p)
		if err != nil {
			return nil, err
		}
		if one != nil && (found == nil || earlier(one, found)) {
			found = one
		}
	}
	return found, nil
}

// first is the earliest live lead with p, its id and time alone. One whose processing is restricted is not live: its
// subject may ask anew, with a new consent.
func (l likeness) first(ctx context.Context, tx *db.Tx, p predicate.Lead) (*ent.Lead, error) {
	q := tx.Lead.Query().Where(p, lead.ReceivedAtGTE(l.since), lead.IsTest(l.test), lead.RestrictedAtIsNil(),
		lead.StatusIn(lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED))
	switch {
	case l.stray:
		q.Where(lead.DistributorIDIsNil())
	case !l.among.IsZero():
		q.Where(lead.DistributorID(l.among))
	}
	found, err := q.Order(lead.ByReceivedAt(), lead.ByID()).Select(lead.FieldID, lead.FieldReceivedAt).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an earlier lead: %w", err)
	}
	return found, nil
}

func earlier(a, b *ent.Lead) bool {
	if !a.ReceivedAt.Equal(b.ReceivedAt) {
		return a.ReceivedAt.Before(b.ReceivedAt)
	}
	return bytes.Compare(a.ID[:], b.ID[:]) < 0
}
