package consent

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"channelbook/ent"
	"channelbook/ent/consenttext"
	"channelbook/ent/predicate"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// text is what is kept of a published text. It never changes, so what was read once holds for good.
type text struct {
	id, purpose gid.ID
	version     string
	hash        string
	recipients  []string
	// recipientList is recipients as the column holds them; nil where there are none.
	recipientList any
	validDays     *int
}

// until is the end of a consent that was given then; nil where it has none.
func (t *text) until(given time.Time) *time.Time {
	if t.validDays == nil {
		return nil
	}
	end := given.Add(time.Duration(*t.validDays) * day)
	return &end
}

func (t *text) over(given, now time.Time) bool {
	end := t.until(given)
	return end != nil && !now.Before(*end)
}

type version struct {
	purpose gid.ID
	version string
}

// Texts are the published texts that some leads name.
type Texts struct {
	byVersion map[version]*text
	byID      map[gid.ID]*text
}

func newTexts() Texts { return Texts{map[version]*text{}, map[gid.ID]*text{}} }

func (t Texts) add(found *text) {
	t.byVersion[version{found.purpose, found.version}] = found
	t.byID[found.id] = found
}

// Gate remembers the published texts that leads have named, so that the intake reads each once. The zero Gate is ready.
// It keeps what is there and nothing else: a version that nobody has published is read each time that it is named, and
// takes no memory, however many are made up.
type Gate struct {
	mu    sync.RWMutex
	known Texts
}

// Texts are those that the leads of a source name, all of them read in one statement where any is not known yet.
func (g *Gate) Texts(ctx context.Context, tx *db.Tx, t Terms, proofs []Proof) (Texts, error) {
	found, missing := g.recall(t.asked(proofs))
	if len(missing) == 0 {
		return found, nil
	}
	rows, err := tx.ConsentText.Query().Where(consenttext.Or(missing...)).
		Select(consenttext.FieldID, consenttext.FieldPurposeID, consenttext.FieldVersion, consenttext.FieldHash,
			consenttext.FieldRecipients, consenttext.FieldValidDays).All(ctx)
	if err != nil {
		return Texts{}, fmt.Errorf("read consent texts: %w", err)
	}
	for _, row := range rows {
		found.add(textOf(row))
	}
	g.remember(found)
	return found, nil
}

func textOf(row *ent.ConsentText) *text {
	t := &text{id: row.ID, purpose: row.PurposeID, version: row.Version, hash: row.Hash, recipients: row.Recipients, validDays: row.ValidDays}
	if len(row.Recipients) > 0 {
		list, _ := json.Marshal(row.Recipients) // texts never fail
		t.recipientList = string(list)
	}
	return t
}

// asked are the texts that leads name, by version and by id.
func (t Terms) asked(proofs []Proof) (versions map[version]bool, id *gid.ID) {
	versions = map[version]bool{}
	for _, p := range proofs {
		if p.Consent != nil && p.Consent.Purpose == t.purpose {
			versions[version{t.source.PurposeID, p.Consent.TextVersion}] = true
		}
		if p.Advertising != nil && !t.advertising.IsZero() {
			versions[version{t.advertising, p.Advertising.TextVersion}] = true
		}
		if p.Consent == nil {
			id = t.source.FormConsentTextID
		}
	}
	return versions, id
}

// recall finds what is known, and what is to be read.
func (g *Gate) recall(versions map[version]bool, id *gid.ID) (found Texts, missing []predicate.ConsentText) {
	found = newTexts()
	g.mu.RLock()
	defer g.mu.RUnlock()
	if id != nil {
		if t := g.known.byID[*id]; t != nil {
			found.add(t)
		} else {
			missing = append(missing, consenttext.ID(*id))
		}
	}
	unread := map[gid.ID][]string{}
	for v := range versions {
		if t := g.known.byVersion[v]; t != nil {
			found.add(t)
		} else {
			unread[v.purpose] = append(unread[v.purpose], v.version)
		}
	}
	for purpose, names := range unread {
		missing = append(missing, consenttext.And(consenttext.PurposeID(purpose), consenttext.VersionIn(names...)))
	}
	return found, missing
}

func (g *Gate) remember(found Texts) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known.byID == nil {
		g.known = newTexts()
	}
	for _, t := range found.byID {
		g.known.add(t)
	}
}
