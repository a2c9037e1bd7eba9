package consent

import (
	"context"
	"crypto/sha256"
	stdsql "database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/consenttext"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Text is a version of the text that people agree to for a purpose.
type Text struct {
	PurposeID  gid.ID
	Version    string // such as 2026-09
	Text       string
	Recipients []string // whom the text names; nil: those of the purpose as they are now
	ValidDays  *int     // how long a consent to it holds; nil: until it is withdrawn
}

// Hash is the proof of a text: its SHA-256, in hex.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Publish adds a version of a text, which never changes from then on. The same version with the same text once more,
// also at once, answers the one that is there; with another text, term or recipients it is a fault of kind Conflict.
// Administrators only. Faults besides: of kind Invalid, all at once; NotFound on "purposeId".
func (s *Service) Publish(ctx context.Context, in Text) (*ent.ConsentText, error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	var row *ent.ConsentText
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		create, err := s.newText(ctx, tx, in, viewer.UserID)
		if err != nil {
			return err
		}
		if row, err = tx.ConsentText.Query().Where(consenttext.PurposeID(in.PurposeID), consenttext.Version(in.Version)).Only(ctx); err == nil {
			return in.sameAs(row)
		}
		if !ent.IsNotFound(err) {
			return fmt.Errorf("read a published text: %w", err)
		}
		err = create.OnConflict(sql.ConflictColumns(consenttext.FieldPurposeID, consenttext.FieldVersion), sql.DoNothing()).Exec(ctx)
		there := errors.Is(err, stdsql.ErrNoRows)
		if err != nil && !there {
			return fmt.Errorf("publish a text: %w", err)
		}
		row, err = tx.ConsentText.Query().Where(consenttext.PurposeID(in.PurposeID), consenttext.Version(in.Version)).Only(ctx)
		if err != nil {
			return fmt.Errorf("read a published text: %w", err)
		}
		act := audit.Act{
			Action: audit.TextPublished, Object: audit.On(gid.Purpose, in.PurposeID), Details: map[string]string{"version": in.Version, "hash": row.Hash},
		}
		if there {
			act.Reason = "ALREADY_PUBLISHED"
			if err := in.sameAs(row); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, s.Now(), act)
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// check brings the text into its normal form, or returns all that is wrong with it.
func (t *Text) check() error {
	var f form
	t.Version = f.needed("version", t.Version, maxVersion)
	t.Text = f.needed("text", t.Text, maxText)
	if t.Recipients != nil {
		t.Recipients = f.recipients(t.Recipients)
	}
	if t.ValidDays != nil {
		f.days("validDays", *t.ValidDays)
	}
	return errors.Join(f.wrong...)
}

func (s *Service) newText(ctx context.Context, tx *db.Tx, in Text, author gid.ID) (*ent.ConsentTextCreate, error) {
	purpose, err := tx.ProcessingPurpose.Get(ctx, in.PurposeID)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, "purposeId", "There is no such purpose.")
	case err != nil:
		return nil, fmt.Errorf("read a purpose: %w", err)
	}
	recipients := in.Recipients
	if recipients == nil {
		recipients = purpose.Recipients
	}
	create := tx.ConsentText.Create().SetPurposeID(in.PurposeID).SetVersion(in.Version).SetText(in.Text).SetHash(Hash(in.Text)).
		SetRecipients(recipients).SetNillableValidDays(in.ValidDays).SetPublishedAt(s.Now())
	if !author.IsZero() {
		create.SetAuthorID(author)
	}
	return create, nil
}

// sameAs is the fault where a version that is there says something else. Recipients that were not given are not compared:
// those of the purpose may have changed since.
func (t Text) sameAs(row *ent.ConsentText) error {
	sameDays := t.ValidDays == nil && row.ValidDays == nil || t.ValidDays != nil && row.ValidDays != nil && *t.ValidDays == *row.ValidDays
	if row.Hash == Hash(t.Text) && sameDays && (t.Recipients == nil || slices.Equal(t.Recipients, row.Recipients)) {
		return nil
	}
	return fault.New(fault.Conflict, "version", "This version has been published with another text, term or recipients: publish a new version.")
}
