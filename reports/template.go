package reports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/documenttemplate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
	"channelbook/reports/order"
	"channelbook/reports/paperwork"
)

// MaxTemplate is the most bytes a template has.
const MaxTemplate = 4 << 20

// Template is what documents of a kind are made from.
type Template struct {
	Kind string
	Own  *ent.DocumentTemplate // without its content; nil where the built-in one holds
}

// Templates are those of all documents. By an administrator.
func (s *Service) Templates(ctx context.Context) ([]Template, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	rows, err := s.DB.DocumentTemplate.Query().
		Select(documenttemplate.FieldKind, documenttemplate.FieldSize, documenttemplate.FieldUploadedByID, documenttemplate.FieldUploadedAt).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	of := map[string]*ent.DocumentTemplate{}
	for _, row := range rows {
		of[row.Kind.String()] = row
	}
	all := make([]Template, len(paperwork.Kinds))
	for i, kind := range paperwork.Kinds {
		all[i] = Template{string(kind), of[string(kind)]}
	}
	return all, nil
}

// Template is the file that holds of a kind. By an administrator. NotFound where there are no such documents.
func (s *Service) Template(ctx context.Context, kind string) ([]byte, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := checkKind(kind); err != nil {
		return nil, err
	}
	row, err := s.DB.DocumentTemplate.Query().Where(documenttemplate.KindEQ(documenttemplate.Kind(kind))).Only(ctx)
	if ent.IsNotFound(err) {
		return paperwork.BuiltIn(paperwork.Kind(kind))
	}
	if err != nil {
		return nil, fmt.Errorf("read a template: %w", err)
	}
	return row.Content, nil
}

// SetTemplate has documents of a kind made from a file from now on. By an administrator. What the file may not hold is told all at
// once, with its places: the faults of paperwork.Check. NotFound where there are no such documents.
func (s *Service) SetTemplate(ctx context.Context, kind string, content []byte) error {
	v, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return err
	}
	if err := checkKind(kind); err != nil {
		return err
	}
	if err := paperwork.Check(content); err != nil {
		return err
	}
	now := s.Now()
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		err := tx.DocumentTemplate.Create().SetKind(documenttemplate.Kind(kind)).SetContent(content).SetSize(len(content)).SetUploadedByID(v.UserID).SetUploadedAt(now).
			OnConflictColumns(documenttemplate.FieldKind).Update(func(u *ent.DocumentTemplateUpsert) {
			u.UpdateContent().UpdateSize().UpdateUploadedByID().UpdateUploadedAt()
		}).Exec(ctx)
		if err != nil {
			return fmt.Errorf("keep a template: %w", err)
		}
		return s.recordTemplate(ctx, tx, audit.DocumentTemplateSet, kind)
	})
}

// RemoveTemplate has the built-in one hold again. By an administrator. NotFound where there is no other, or no such documents.
func (s *Service) RemoveTemplate(ctx context.Context, kind string) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	if err := checkKind(kind); err != nil {
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		n, err := tx.DocumentTemplate.Delete().Where(documenttemplate.KindEQ(documenttemplate.Kind(kind))).Exec(ctx)
		if err != nil {
			return fmt.Errorf("remove a template: %w", err)
		}
		if n == 0 {
			return fault.New(fault.NotFound, "", "The built-in template holds.")
		}
		return s.recordTemplate(ctx, tx, audit.DocumentTemplateRemoved, kind)
	})
}

func (s *Service) recordTemplate(ctx context.Context, tx *db.Tx, action audit.Action, kind string) error {
	return audit.Record(ctx, tx, s.Now(), audit.Act{Action: action, Object: audit.Object{Kind: gid.Report}, Details: map[string]string{"kind": kind}})
}

// Preview is a document of made-up companies, made from a file, or from the template that holds where content is empty. By an administrator.
// Faults are those of SetTemplate, UNSUPPORTED_FORMAT and those of a PDF on format.
func (s *Service) Preview(ctx context.Context, kind, format string, content []byte) ([]byte, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	if err := checkKind(kind); err != nil {
		return nil, err
	}
	var wrong error
	if len(content) > 0 {
		wrong = paperwork.Check(content)
	}
	if err := errors.Join(wrong, s.checkFormat(forms[kind], format)); err != nil {
		return nil, err
	}
	if len(content) == 0 {
		var err error
		if content, err = s.Template(ctx, kind); err != nil {
			return nil, err
		}
	}
	made, err := paperwork.Fill(paperwork.Kind(kind), content, paperwork.Sample(), s.Now().In(time.UTC))
	if err != nil || format == order.DOCX {
		return made, err
	}
	return s.PDF.Convert(ctx, made, ".docx")
}

func checkKind(kind string) error {
	if !slices.Contains(paperwork.Kinds, paperwork.Kind(kind)) {
		return fault.New(fault.NotFound, "", "There are no such documents: AGENT_REPORT and ACT_OF_SERVICES are made from templates.")
	}
	return nil
}
