package graph

import (
	"channelbook/distributors"
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
	if b := in.BankDetails; b != nil {
		out.BankDetails = distributors.BankDetailsPatch{
			BankName: b.BankName, Account: b.Account, CorrespondentAccount: b.CorrespondentAccount, BIK: b.Bik,
		}
	}
	return out
}
