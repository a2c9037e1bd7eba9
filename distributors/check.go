package distributors

import (
	"slices"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/sealed"
	"channelbook/internal/contact"
	"channelbook/internal/requisites"
)

// form lists the texts of p. The values point into p.
func (p *Patch) form() form {
	return slices.Concat(form{
		{field: "companyName", column: distributor.FieldCompanyName, value: &p.CompanyName, limit: maxName, normal: name, code: "INVALID_NAME", message: "A name has at least one letter or digit.", needed: true},
	}, registered(&p.INN, &p.KPP, &p.OGRN), form{
		{field: "legalAddress", column: distributor.FieldLegalAddress, value: &p.LegalAddress, limit: maxAddress, normal: asItIs},
		{field: "email", column: distributor.FieldEmailSealed, sealed: &sealed.DistributorEmail, value: &p.Email, limit: maxLine, normal: contact.Email, code: "INVALID_EMAIL", message: "This is not an e-mail address."},
		{field: "phone", column: distributor.FieldPhoneSealed, sealed: &sealed.DistributorPhone, value: &p.Phone, limit: maxLine, normal: contact.Phone, code: "INVALID_PHONE", message: "This is not a phone number in use."},
		{field: "website", column: distributor.FieldWebsite, value: &p.Website, limit: maxURL, normal: website, code: "INVALID_WEBSITE", message: "This is not an address such as https://example.ru."},
		{field: "description", column: distributor.FieldDescription, value: &p.Description, limit: maxDescription, normal: asItIs, lines: true},
		{field: "region", column: distributor.FieldRegion, value: &p.Region, limit: maxLine, normal: asItIs},
		{field: "contractNumber", column: distributor.FieldContractNumber, value: &p.ContractNumber, limit: maxLine, normal: asItIs},
	}, p.BankDetails.form())
}

// registered lists the numbers by which the state knows a company. Their columns, and those of bank details, have the
// same names wherever they are kept.
func registered(inn, kpp, ogrn **string) form {
	return form{
		{field: requisites.FieldINN, column: distributor.FieldInn, value: inn, limit: maxLine, normal: number(requisites.INN), code: "INVALID_INN"},
		{field: requisites.FieldKPP, column: distributor.FieldKpp, value: kpp, limit: maxLine, normal: number(requisites.KPP), code: "INVALID_KPP"},
		{field: requisites.FieldOGRN, column: distributor.FieldOgrn, value: ogrn, limit: maxLine, normal: number(requisites.OGRN), code: "INVALID_OGRN"},
	}
}

// form lists the texts of bank details.
func (p *BankDetailsPatch) form() form {
	return form{
		{field: "bankDetails.bankName", column: distributor.FieldBankName, value: &p.BankName, limit: maxLine, normal: asItIs},
		{field: requisites.FieldAccount, column: distributor.FieldBankAccount, value: &p.Account, limit: maxLine, normal: number(requisites.Account), code: "INVALID_ACCOUNT"},
		{field: requisites.FieldCorrespondentAccount, column: distributor.FieldBankCorrespondentAccount, value: &p.CorrespondentAccount, limit: maxLine, normal: number(requisites.CorrespondentAccount), code: "INVALID_ACCOUNT"},
		{field: requisites.FieldBIK, column: distributor.FieldBankBik, value: &p.BIK, limit: maxLine, normal: number(requisites.BIK), code: "INVALID_BIK"},
	}
}

// numbersOf are what a distributor's requisites are now.
func numbersOf(row *ent.Distributor) requisites.Set {
	return numbers(row.Inn, row.Kpp, row.Ogrn, row.BankBik, row.BankAccount, row.BankCorrespondentAccount)
}

func numbers(inn, kpp, ogrn, bik, account, correspondent string) requisites.Set {
	return requisites.Set{
		requisites.FieldINN: inn, requisites.FieldKPP: kpp, requisites.FieldOGRN: ogrn,
		requisites.FieldBIK: bik, requisites.FieldAccount: account, requisites.FieldCorrespondentAccount: correspondent,
	}
}
