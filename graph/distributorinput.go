package graph

import (
	"channelbook/distributors"
	"channelbook/ent/distributor"
	"channelbook/ent/values"
	"channelbook/graph/model"
)

func newDistributor(in model.CreateDistributorInput) distributors.Input {
	out := distributors.Input{
		CompanyName: in.CompanyName, INN: text(in.Inn), KPP: text(in.Kpp), OGRN: text(in.Ogrn),
		LegalAddress: text(in.LegalAddress), Email: text(in.Email), Phone: text(in.Phone), Website: text(in.Website),
		Description: text(in.Description), Region: text(in.Region),
		ContractNumber: text(in.ContractNumber), ContractSignedOn: in.ContractSignedOn,
	}
	if b := in.BankDetails; b != nil {
		out.BankDetails = distributors.BankDetails{
			BankName: text(b.BankName), Account: text(b.Account),
			CorrespondentAccount: text(b.CorrespondentAccount), BIK: text(b.Bik),
		}
	}
	return out
}

func distributorPatch(in model.UpdateDistributorInput) distributors.Patch {
	out := distributors.Patch{
		CompanyName: in.CompanyName, INN: in.Inn, KPP: in.Kpp, OGRN: in.Ogrn, LegalAddress: in.LegalAddress,
		Email: in.Email, Phone: in.Phone, Website: in.Website, Description: in.Description, Region: in.Region,
		ContractNumber: in.ContractNumber, ContractSignedOn: in.ContractSignedOn,
	}
	out.BankDetails = bankDetailsPatch(in.BankDetails)
	return out
}

func bankDetailsPatch(in *model.BankDetailsInput) distributors.BankDetailsPatch {
	if in == nil {
		return distributors.BankDetailsPatch{}
	}
	return distributors.BankDetailsPatch{
		BankName: in.BankName, Account: in.Account, CorrespondentAccount: in.CorrespondentAccount, BIK: in.Bik,
	}
}

func companyPatch(in model.UpdateCompanyInput) distributors.CompanyPatch {
	return distributors.CompanyPatch{
		Name: in.Name, INN: in.Inn, KPP: in.Kpp, OGRN: in.Ogrn, Address: in.Address, City: in.City,
		Signatory: in.Signatory, SignatoryPosition: in.SignatoryPosition, InformationSystem: in.InformationSystem,
		BankDetails: bankDetailsPatch(in.BankDetails),
	}
}

// distributorTerms reads terms; the fault is about a sum that is none.
func distributorTerms(in model.SetDistributorTermsInput) (distributors.Terms, error) {
	t := distributors.Terms{
		Payout: distributors.PayoutRule{
			Kind: distributor.PayoutRule(in.PayoutRule.Kind), Amount: in.PayoutRule.Amount, Percent: in.PayoutRule.Percent,
		},
		AcceptanceHours: in.AcceptanceHours,
		DailyLeadCap:    in.DailyLeadCap, MonthlyLeadCap: in.MonthlyLeadCap, OpenLeadCap: in.OpenLeadCap,
		Timezone: text(in.Timezone), WorkingHours: make([]values.WorkingHours, len(in.WorkingHours)),
	}
	if in.HoldingDays != nil {
		t.HoldingDays = *in.HoldingDays
	}
	for i, h := range in.WorkingHours {
		t.WorkingHours[i] = values.WorkingHours{Weekday: string(h.Weekday), From: h.OpensAt, To: h.ClosesAt}
	}
	minimum, wrong := model.Kopecks(in.MinimumPayout, "minimumPayout")
	if minimum != nil {
		t.MinimumPayout = *minimum
	}
	return t, wrong
}
