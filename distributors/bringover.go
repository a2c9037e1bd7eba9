package distributors

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Imported is a company of another system.
type Imported struct {
	ID gid.ID
	Input
	CreatedAt time.Time
	Suspended bool
}

// Checked is the company without what Create would refuse of it, and the faults of that. One without a name that holds cannot be
// imported; the fault is on companyName.
func (in Imported) Checked() (Imported, []*fault.Error) {
	var all []*fault.Error
	for {
		patch := in.patch()
		faults, _ := fault.All(patch.form().check(nil))
		dropped := false
		for _, f := range faults {
			all = append(all, f)
			dropped = in.drop(f.Field) || dropped
		}
		if !dropped { // what goes together is looked at anew without what was dropped
			return in, all
		}
	}
}

// drop empties the text that a fault names; false for one that is empty already, and for the name.
func (in *Imported) drop(field string) bool {
	text := map[string]*string{
		"inn": &in.INN, "kpp": &in.KPP, "ogrn": &in.OGRN, "legalAddress": &in.LegalAddress, "email": &in.Email, "phone": &in.Phone,
		"website": &in.Website, "description": &in.Description, "region": &in.Region, "contractNumber": &in.ContractNumber,
		"bankDetails.bankName": &in.BankDetails.BankName, "bankDetails.account": &in.BankDetails.Account,
		"bankDetails.correspondentAccount": &in.BankDetails.CorrespondentAccount, "bankDetails.bik": &in.BankDetails.BIK,
	}[field]
	if text == nil || *text == "" {
		return false
	}
	*text = ""
	return true
}

// BringOver stores a company that has been checked, in a transaction that records it; by the system alone.
func (s *Service) BringOver(ctx context.Context, tx *db.Tx, in Imported) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	patch := in.patch()
	if err := patch.form().check(nil); err != nil {
		return err
	}
	create := tx.Distributor.Create().SetID(in.ID).SetCreatedAt(in.CreatedAt).SetUpdatedAt(s.Now())
	if in.Suspended {
		create.SetStatus(distributor.StatusSUSPENDED)
	}
	if err := patch.write(create.Mutation(), in.ID, s.Keys); err != nil {
		return err
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("store a distributor: %w", err)
	}
	return s.record(ctx, tx, in.ID, audit.Act{Action: audit.LegacyImported})
}
