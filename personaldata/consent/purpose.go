package consent

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/ent"
	"channelbook/ent/processingpurpose"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Purpose describes a new purpose of processing. Recipients may be none.
type Purpose struct {
	Code          string // what sources call it by: lower-case letters, digits and hyphens; never changes
	Name          string
	LegalBasis    processingpurpose.LegalBasis
	RetentionDays int
	Recipients    []string
}

// PurposePatch says what to change of a purpose: nil leaves a setting as it is.
type PurposePatch struct {
	Name          *string
	LegalBasis    *processingpurpose.LegalBasis
	RetentionDays *int
	Recipients    []string // empty, but not nil: none
	Active        *bool
}

var code = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// CreatePurpose adds a purpose, in use from now on. Administrators only. Faults: of kind Invalid, all at once;
// CODE_TAKEN, of kind Conflict.
func (s *Service) CreatePurpose(ctx context.Context, in Purpose) (*ent.ProcessingPurpose, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	var f form
	if in.Code = f.needed("code", in.Code, maxCode); in.Code != "" && !code.MatchString(in.Code) {
		f.add("INVALID_CODE", "code", "A code is of lower-case letters, digits and hyphens, such as lead.")
	}
	patch := f.purpose(PurposePatch{Name: &in.Name, LegalBasis: &in.LegalBasis, RetentionDays: &in.RetentionDays, Recipients: in.Recipients})
	if err := errors.Join(f.wrong...); err != nil {
		return nil, err
	}
	var row *ent.ProcessingPurpose
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		create := tx.ProcessingPurpose.Create().SetCode(in.Code).SetCreatedAt(s.Now()).SetUpdatedAt(s.Now())
		patch.write(create.Mutation())
		if row, err = create.Save(ctx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.PurposeCreated, Object: audit.On(gid.Purpose, row.ID)})
	})
	switch {
	case sqlgraph.IsUniqueConstraintError(err):
		return nil, fault.Coded(fault.Conflict, "CODE_TAKEN", "code", "There is a purpose with this code.")
	case err != nil:
		return nil, fmt.Errorf("create a purpose: %w", err)
	}
	return row.Unwrap(), nil
}

// UpdatePurpose changes what patch gives. What is taken in afterwards is judged by it; texts and records stay as they
// are. Leads for a purpose that is not active are held back. Administrators only. Faults: of kind Invalid, all at once;
// NotFound on "id".
func (s *Service) UpdatePurpose(ctx context.Context, id gid.ID, patch PurposePatch) (row *ent.ProcessingPurpose, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	var f form
	patch = f.purpose(patch)
	if err := errors.Join(f.wrong...); err != nil {
		return nil, err
	}
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		old, err := lockPurpose(ctx, tx, id)
		if err != nil {
			return err
		}
		update := tx.ProcessingPurpose.UpdateOne(old).SetUpdatedAt(s.Now())
		patch.write(update.Mutation())
		if row, err = update.Save(ctx); err != nil {
			return fmt.Errorf("update a purpose: %w", err)
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{
			Action: audit.PurposeUpdated, Object: audit.On(gid.Purpose, id), Details: audit.Fields(update.Mutation()),
		})
	})
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

// lockPurpose reads a purpose and keeps it as it is to the end of the transaction.
func lockPurpose(ctx context.Context, tx *db.Tx, id gid.ID) (*ent.ProcessingPurpose, error) {
	query := tx.ProcessingPurpose.Query().Where(processingpurpose.ID(id))
	if tx.Dialect() == dialect.Postgres {
		query.Unique(false).Modify(func(s *sql.Selector) { s.For(sql.LockNoKeyUpdate) })
	}
	row, err := query.Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, "id", "There is no such purpose.")
	case err != nil:
		return nil, fmt.Errorf("read a purpose: %w", err)
	}
	return row, nil
}

func (f *form) purpose(p PurposePatch) PurposePatch {
	if p.Name != nil {
		name := f.needed("name", *p.Name, maxName)
		p.Name = &name
	}
	if p.LegalBasis != nil && processingpurpose.LegalBasisValidator(*p.LegalBasis) != nil {
		f.add("INVALID_VALUE", "legalBasis", "This is none of CONSENT, LEGAL_OBLIGATION, CONTRACT, LEGITIMATE_INTEREST.")
	}
	if p.RetentionDays != nil {
		f.days("retentionDays", *p.RetentionDays)
	}
	if p.Recipients != nil {
		p.Recipients = f.recipients(p.Recipients)
	}
	return p
}

func (p PurposePatch) write(m *ent.ProcessingPurposeMutation) {
	if p.Name != nil {
		m.SetName(*p.Name)
	}
	if p.LegalBasis != nil {
		m.SetLegalBasis(*p.LegalBasis)
	}
	if p.RetentionDays != nil {
		m.SetRetentionDays(*p.RetentionDays)
	}
	if p.Recipients != nil {
		m.SetRecipients(p.Recipients)
	}
	if p.Active != nil {
		m.SetActive(*p.Active)
	}
}
