package distributors

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/company"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/personaldata/audit"
)

// OurCompany is the id of the one row of companies.
const OurCompany = 1

// CompanyPatch says what to change of our own company, by the rules of Patch. Acts, agent's reports and destruction acts
// print it. The name of the information system is that under which personal data is kept (Roskomnadzor's order 179 of
// 28.10.2022 asks for it in a destruction's act and log).
type CompanyPatch struct {
	Name              *string // once given it can be changed, not cleared
	INN               *string
	KPP               *string
	OGRN              *string
	Address           *string
	City              *string // where documents are signed
	Signatory         *string // who signs for the company: surname and initials, or the full name
	SignatoryPosition *string
	InformationSystem *string
	BankDetails       BankDetailsPatch
}

// form lists the texts of p. The values point into p.
func (p *CompanyPatch) form() form {
	return slices.Concat(form{
		{field: "name", column: company.FieldName, value: &p.Name, limit: maxName, normal: name, code: "INVALID_NAME", message: "A name has at least one letter or digit.", needed: true},
	}, registered(&p.INN, &p.KPP, &p.OGRN), form{
		{field: "address", column: company.FieldAddress, value: &p.Address, limit: maxAddress, normal: asItIs},
		{field: "city", column: company.FieldCity, value: &p.City, limit: maxLine, normal: asItIs},
		{field: "signatory", column: company.FieldSignatory, value: &p.Signatory, limit: maxLine, normal: name, code: "INVALID_NAME", message: "A name has at least one letter or digit."},
		{field: "signatoryPosition", column: company.FieldSignatoryPosition, value: &p.SignatoryPosition, limit: maxLine, normal: asItIs},
		{field: "informationSystem", column: company.FieldInformationSystem, value: &p.InformationSystem, limit: maxLine, normal: asItIs},
	}, p.BankDetails.form())
}

// UpdateCompany changes what patch gives of our own company and leaves the rest. All that is wrong with the patch is
// returned at once, as faults of kind Invalid.
func (s *Service) UpdateCompany(ctx context.Context, patch CompanyPatch) (*ent.Company, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		query := tx.Company.Query().Where(company.ID(OurCompany))
		if tx.Dialect() == dialect.Postgres {
			query.Unique(false).Modify(func(s *sql.Selector) { s.For(sql.LockNoKeyUpdate) })
		}
		old, err := query.Only(ctx)
		if err != nil {
			return fmt.Errorf("lock our company: %w", err)
		}
		if err := patch.form().check(numbers(old.Inn, old.Kpp, old.Ogrn, old.BankBik, old.BankAccount, old.BankCorrespondentAccount)); err != nil {
			return err
		}
		update := tx.Company.UpdateOneID(OurCompany).SetUpdatedAt(s.Now())
		if err := patch.form().write(row{mutation: update.Mutation()}); err != nil {
			return err
		}
		act := audit.Act{Action: audit.CompanyUpdated, Object: audit.Object{Kind: "company"}, Details: audit.Fields(update.Mutation())}
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("update our company: %w", err)
		}
		return audit.Record(ctx, tx, s.Now(), act)
	})
	if err != nil {
		return nil, err
	}
	changed, err := s.DB.Company.Get(ctx, OurCompany)
	if err != nil {
		return nil, fmt.Errorf("read our company: %w", err)
	}
	return changed, nil
}
