package distributors

import "channelbook/internal/calendar"

// Input describes a new company. An empty text is absent; CompanyName is required.
type Input struct {
	CompanyName      string
	INN              string // 10 digits, or 12 of a sole proprietor
	KPP              string // 9 digits
	OGRN             string // 13 digits, or 15 of a sole proprietor
	LegalAddress     string
	Email            string
	Phone            string
	Website          string // an http or https URL
	Description      string // may have several lines
	Region           string
	ContractNumber   string
	ContractSignedOn *calendar.Date
	BankDetails      BankDetails
}

// BankDetails say where a company is paid.
type BankDetails struct {
	BankName             string
	Account              string // 20 digits
	CorrespondentAccount string // 20 digits
	BIK                  string // 9 digits
}

// Patch says what to change of a company: nil leaves a field as it is; an empty text, or the zero day, takes away what
// was there. A company does not lose its name.
type Patch struct {
	CompanyName      *string
	INN              *string
	KPP              *string
	OGRN             *string
	LegalAddress     *string
	Email            *string
	Phone            *string
	Website          *string
	Description      *string
	Region           *string
	ContractNumber   *string
	ContractSignedOn *calendar.Date
	BankDetails      BankDetailsPatch
}

// BankDetailsPatch says what to change of the bank details, by the rules of Patch.
type BankDetailsPatch struct {
	BankName             *string
	Account              *string
	CorrespondentAccount *string
	BIK                  *string
}

// patch is the change from nothing to what in describes. The name is in it even where it is empty, so that its
// absence is found.
func (in Input) patch() Patch {
	return Patch{
		CompanyName:      &in.CompanyName,
		INN:              given(in.INN),
		KPP:              given(in.KPP),
		OGRN:             given(in.OGRN),
		LegalAddress:     given(in.LegalAddress),
		Email:            given(in.Email),
		Phone:            given(in.Phone),
		Website:          given(in.Website),
		Description:      given(in.Description),
		Region:           given(in.Region),
		ContractNumber:   given(in.ContractNumber),
		ContractSignedOn: in.ContractSignedOn,
		BankDetails: BankDetailsPatch{
			BankName:             given(in.BankDetails.BankName),
			Account:              given(in.BankDetails.Account),
			CorrespondentAccount: given(in.BankDetails.CorrespondentAccount),
			BIK:                  given(in.BankDetails.BIK),
		},
	}
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
