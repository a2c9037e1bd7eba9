package leads

import (
	"context"
	"fmt"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/ent/leadsource"
	"channelbook/ent/sealed"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
	"channelbook/personaldata/audit"
)

// Imported is a lead of another system, with what became of it there. It keeps its owner, its status and its times: nobody judges
// it, hands it out or is told of it.
type Imported struct {
	ID          gid.ID
	Submission  // as Checked leaves it; of its keys the external id alone
	SourceID    gid.ID
	Distributor *gid.ID // whose it is; needed for a sale
	Status      lead.Status
	ReceivedAt  time.Time
	UpdatedAt   time.Time
	TakenAt     *time.Time
	ClosedAt    *time.Time     // of a sale or a rejection
	SoldOn      *calendar.Date // of a sale
	Payout      int64          // of a sale: kopecks
	SaleAmount  *int64         // likewise
	Rejected    string         // why; may be empty
	Note        string         // what people wrote about it; may be empty
	LegalBasis  lead.LegalBasis
	BasisNote   string
}

// outcomeOf is what the intake would have answered a lead that stands in a status.
var outcomeOf = map[lead.Status]lead.Outcome{
	lead.StatusNEW: lead.OutcomeACCEPTED, lead.StatusIN_PROGRESS: lead.OutcomeACCEPTED, lead.StatusSALE: lead.OutcomeACCEPTED, lead.StatusREJECTED: lead.OutcomeACCEPTED,
	lead.StatusDUPLICATE: lead.OutcomeDUPLICATE, lead.StatusBLOCKED: lead.OutcomeBLACKLISTED,
}

// textImported is the first line of the timeline of a lead that came from another system.
const textImported = "Лид перенесён из прежней системы."

// nobodysName stands for a first name that is not known.
const nobodysName = "Без имени"

// Checked is the lead in the normal form of the intake, without what the intake would refuse: the faults name it. One without any
// contact stays, as it counts among those of its time; one without a name gets a word in its place.
func (in Imported) Checked() (Imported, []*fault.Error) {
	c, err := validate(in.Submission)
	in.Submission = c.Submission
	all, _ := fault.All(err)
	for _, f := range all {
		in.empty(f.Field)
	}
	if in.FirstName == "" {
		in.FirstName = nobodysName
	}
	for _, text := range []struct {
		field string
		value *string
		limit int
	}{{"rejected", &in.Rejected, maxReason}, {"note", &in.Note, maxNote}} {
		if more, _ := fault.All(optional(text.field, text.value, text.limit)); len(more) > 0 {
			all = append(all, more...)
			*text.value = ""
		}
	}
	return in, all
}

// empty takes away what a fault is about.
func (in *Imported) empty(field string) {
	for _, f := range append(in.trackingFields(),
		trackingField{path: "firstName", value: &in.FirstName}, trackingField{path: "lastName", value: &in.LastName},
		trackingField{path: "phone", value: &in.Phone}, trackingField{path: "email", value: &in.Email}, trackingField{path: "ip", value: &in.IP}) {
		if f.path == field {
			*f.value = ""
		}
	}
	var i int
	if n, _ := fmt.Sscanf(field, "tracking.subIds[%d]", &i); n == 1 && i < len(in.Tracking.SubIDs) {
		in.Tracking.SubIDs[i] = ""
	}
	for n := len(in.Tracking.SubIDs); n > 0 && in.Tracking.SubIDs[n-1] == ""; n-- {
		in.Tracking.SubIDs = in.Tracking.SubIDs[:n-1]
	}
}

// BringOver stores leads that have been checked, with their timelines and what they make of the figures, in a transaction that records
// them; by the system alone. One that is there is an error of the base. What is owed for the sales among them is for payouts to write, in the
// same transaction.
func (s *Service) BringOver(ctx context.Context, tx *db.Tx, all []Imported) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	now := s.Now()
	rec := &record{at: now, zone: s.TimeZone}
	rows := make([]*ent.LeadCreate, len(all))
	var events db.Rows
	for i := range all {
		in := &all[i]
		rows[i] = s.imported(tx, in)
		at := in.timeline()
		at.Values = append(events.Values, at.Values...)
		events = at
		rec.acts = append(rec.acts, audit.Act{Action: audit.LegacyImported, Object: audit.On(gid.Lead, in.ID), Details: map[string]string{"table": "leads", "row": in.ExternalID}})
		changed := figures.Deltas(&ent.Lead{}, in.counted(), now, s.TimeZone)
		changed.Values = append(rec.deltas.Values, changed.Values...)
		rec.deltas = changed
	}
	if err := tx.Lead.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("store leads of another system: %w", err)
	}
	if err := tx.Insert(ctx, events); err != nil {
		return err
	}
	return rec.write(ctx, tx)
}

func (s *Service) imported(tx *db.Tx, in *Imported) *ent.LeadCreate {
	c := candidate{Submission: in.Submission}
	create := tx.Lead.Create().SetID(in.ID).SetReceivedAt(in.ReceivedAt).SetUpdatedAt(in.UpdatedAt).SetSourceID(in.SourceID).
		SetStatus(in.Status).SetOutcome(outcomeOf[in.Status]).SetBodyHash(s.Keys.Index(bodyPurpose, c.canonical())).
		SetExternalID(in.ExternalID).SetFirstName(in.FirstName).SetFirstNameFold(fold.Name(in.FirstName)).
		SetLastName(in.LastName).SetLastNameFold(fold.Name(in.LastName)).SetNillableIP(present(in.IP)).
		SetDecisionTrace([]values.Check{}).SetNillableTakenAt(in.TakenAt).SetNillableClosedAt(in.ClosedAt).
		SetNillableDistributorID(in.Distributor)
	if in.Distributor != nil {
		create.SetAssignedAt(in.ReceivedAt)
	}
	if in.Phone != "" {
		create.SetPhoneSealed(sealed.LeadPhone.Seal(s.Keys, in.ID, in.Phone)).SetPhoneIndex(sealed.LeadPhoneIndex.Of(s.Keys, in.Phone)).
			SetPhoneLast4Index(sealed.LeadPhoneLast4Index.Of(s.Keys, in.Phone))
	}
	if in.Email != "" {
		create.SetEmailSealed(sealed.LeadEmail.Seal(s.Keys, in.ID, in.Email)).SetEmailIndex(sealed.LeadEmailIndex.Of(s.Keys, in.Email))
	}
	if in.LegalBasis != "" {
		create.SetLegalBasis(in.LegalBasis).SetBasisNote(in.BasisNote)
	}
	if in.Status == lead.StatusSALE {
		create.SetSoldOn(in.SoldOn).SetPayout(in.Payout).SetNillableSaleAmount(in.SaleAmount)
	}
	setTracking(create, &in.Submission)
	return create
}

// counted is the lead as the figures count it.
func (in *Imported) counted() *ent.Lead {
	l := &ent.Lead{
		ReceivedAt: in.ReceivedAt, Status: in.Status, SourceID: in.SourceID, DistributorID: in.Distributor, Payout: in.Payout, SoldOn: in.SoldOn,
		UtmSource: in.Tracking.UTMSource, CampaignID: in.Tracking.CampaignID, CampaignName: in.Tracking.CampaignName, Region: in.Tracking.Region, Funnel: in.Funnel,
	}
	return l
}

// timeline is what the other system tells of the lead, at the times that it tells.
func (in *Imported) timeline() db.Rows {
	rows := db.Rows{Table: leadevent.Table, Columns: eventColumns}
	add := func(at time.Time, kind leadevent.Kind, text string) {
		var whose any
		if in.Distributor != nil {
			whose = *in.Distributor
		}
		rows.Values = append(rows.Values, []any{gid.New(), in.ID, at, string(kind), nil, whose, text})
	}
	add(in.ReceivedAt, leadevent.KindRECEIVED, textImported)
	if in.Distributor != nil {
		add(in.ReceivedAt, leadevent.KindASSIGNED, textAssigned)
	}
	if in.TakenAt != nil {
		add(*in.TakenAt, leadevent.KindTAKEN, textTaken)
	}
	if in.Note != "" {
		add(in.UpdatedAt, leadevent.KindNOTE, in.Note)
	}
	switch {
	case in.ClosedAt == nil:
	case in.Status == lead.StatusSALE:
		add(*in.ClosedAt, leadevent.KindSALE_REGISTERED, textSold(*in.SoldOn, in.Payout, in.SaleAmount))
	case in.Status == lead.StatusREJECTED:
		add(*in.ClosedAt, leadevent.KindREJECTED, strings.TrimSuffix(textRejected(in.Rejected, ""), ": "))
	}
	return rows
}

// CheckSums tells what is wrong with the sums of a sale; the fields are payout and saleAmount.
func (in Imported) CheckSums() []*fault.Error {
	all, _ := fault.All(Sale{Payout: &in.Payout, SaleAmount: in.SaleAmount, SoldOn: &calendar.Date{}}.validate(calendar.Date{}))
	return all
}

// ImportedSource is the name of the source of leads that came from another system.
const ImportedSource = "Прежняя система"

// ImportSource stores the source that imported leads have, in a transaction that records it; by the system alone. It is stopped, and
// nobody has its key.
func (s *Service) ImportSource(ctx context.Context, tx *db.Tx, id gid.ID) error {
	if _, err := auth.Require(ctx); err != nil {
		return err
	}
	key, now := newSourceKey(), s.Now()
	create := tx.LeadSource.Create().SetID(id).SetStatus(leadsource.StatusSTOPPED).SetKeyHash(key.hash()).SetKeyHint(key.hint()).SetCreatedAt(now).SetUpdatedAt(now)
	if err := (SourceInput{Name: ImportedSource}).patch().write(create.Mutation()); err != nil {
		return fmt.Errorf("describe the source of imported leads: %w", err)
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("store the source of imported leads: %w", err)
	}
	return s.recordSource(ctx, tx, id, audit.LegacyImported, nil)
}
