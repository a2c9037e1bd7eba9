package imports

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"channelbook/distributors"
	"channelbook/ent/distributor"
	"channelbook/internal/db"
	"channelbook/internal/fault"
)

var distributorsRequire = [][]string{{"companyName"}, {"inn"}}

// company is what a line says of a distributor in its normal form, or all that is wrong with it.
func company(l line, from1904 bool) (distributors.Input, error) {
	in := distributors.Input{
		CompanyName: l.pick("companyName"), INN: innWithZero(l.pick("inn")), KPP: withZeros(l.pick("kpp"), 9), OGRN: l.pick("ogrn"),
		LegalAddress: l.pick("legalAddress"), Email: l.pick("email"), Phone: l.pick("phone"), Website: l.pick("website"),
		Description: l.pick("description"), Region: l.pick("region"), ContractNumber: l.pick("contractNumber"),
		BankDetails: distributors.BankDetails{
			BankName: l.pick("bankDetails.bankName"), Account: l.pick("bankDetails.account"),
			CorrespondentAccount: l.pick("bankDetails.correspondentAccount"), BIK: withZeros(l.pick("bankDetails.bik"), 9),
		},
	}
	faults := l.faults
	if cell := l.pick("contractSignedOn"); cell != "" {
		signed, ok := day(cell, from1904)
		if !ok {
			faults = append(faults, fault.Coded(fault.Invalid, "INVALID_DATE", "contractSignedOn", "This is not a day such as 23.11.2026 or 2026-11-23."))
		}
		in.ContractSignedOn = signed
	}
	in, err := distributors.CheckImported(in)
	return in, errors.Join(append(faults, err)...)
}

// thereAlready tells which of these INNs a distributor has.
func thereAlready(ctx context.Context, d *db.DB, inns []string) (map[string]bool, error) {
	there := map[string]bool{}
	for some := range slices.Chunk(inns, 500) {
		found, err := d.Distributor.Query().Where(distributor.InnIn(some...)).Select(distributor.FieldInn).Strings(ctx)
		if err != nil {
			return nil, fmt.Errorf("look for INNs: %w", err)
		}
		for _, inn := range found {
			there[inn] = true
		}
	}
	return there, nil
}
