package model

import (
	"context"

	"channelbook/distributors"
	"channelbook/ent"
)

// Company is the row of companies.
type Company struct{ *ent.Company }

// OurCompany is our own company.
func (r *Reader) OurCompany(ctx context.Context) (*Company, error) {
	row, err := r.DB.Company.Get(ctx, distributors.OurCompany)
	if err != nil {
		return nil, err
	}
	return &Company{row}, nil
}

// Company is our company as a mutation has read it already; nil stays nil.
func (r *Reader) Company(row *ent.Company) *Company {
	if row == nil {
		return nil
	}
	return &Company{row}
}

// Name and the following are null where they are empty.
func (c *Company) Name() *string              { return text(c.Company.Name) }
func (c *Company) Inn() *string               { return text(c.Company.Inn) }
func (c *Company) Kpp() *string               { return text(c.Company.Kpp) }
func (c *Company) Ogrn() *string              { return text(c.Company.Ogrn) }
func (c *Company) Address() *string           { return text(c.Company.Address) }
func (c *Company) City() *string              { return text(c.Company.City) }
func (c *Company) Signatory() *string         { return text(c.Company.Signatory) }
func (c *Company) SignatoryPosition() *string { return text(c.Company.SignatoryPosition) }
func (c *Company) InformationSystem() *string { return text(c.Company.InformationSystem) }

// BankDetails is null where nothing of them is known.
func (c *Company) BankDetails() *BankDetails {
	return bankDetails(c.BankName, c.BankAccount, c.BankCorrespondentAccount, c.BankBik)
}
