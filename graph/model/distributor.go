package model

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/schema"
	"channelbook/ent/sealed"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Distributor is a row of distributors.
type Distributor struct {
	*ent.Distributor
	level *level[*Distributor]
}

var distributorMapping = mapping{
	"id": {},
	"bankDetails": {
		distributor.FieldBankName, distributor.FieldBankAccount,
		distributor.FieldBankCorrespondentAccount, distributor.FieldBankBik,
	},
	"terms": {
		distributor.FieldPayoutRule, distributor.FieldPayoutFixed, distributor.FieldPayoutPercent, distributor.FieldHoldingDays, distributor.FieldPayoutMinimum,
		distributor.FieldAcceptanceHours, distributor.FieldDailyLeadCap, distributor.FieldMonthlyLeadCap, distributor.FieldOpenLeadCap,
		distributor.FieldTimezone, distributor.FieldWorkingHours,
	},
	"logoUrl":  {distributor.FieldLogoID},
	"email":    {distributor.FieldEmailSealed},
	"phone":    {distributor.FieldPhoneSealed},
	"absences": {},
	"leads":    {},
	"users":    {},
	"goals":    {},

	"payoutBalance": {},
}

var distributorOrders = map[DistributorOrderField]page.Order{
	DistributorOrderFieldCompanyName: {Name: "distributors.COMPANY_NAME", Columns: []page.Column{{Name: distributor.FieldCompanyNameFold}, {Name: distributor.FieldID, Kind: page.ID}}},
	DistributorOrderFieldCreatedAt:   {Name: "distributors.CREATED_AT", Columns: []page.Column{{Name: distributor.FieldCreatedAt, Kind: page.Time}, {Name: distributor.FieldID, Kind: page.ID}}},
}

func (d *Distributor) key(o page.Order) []any {
	if o.Name == distributorOrders[DistributorOrderFieldCreatedAt].Name {
		return []any{d.CreatedAt, d.Distributor.ID}
	}
	return []any{d.CompanyNameFold, d.Distributor.ID}
}

func (r *Reader) distributorList() list[*ent.Distributor] {
	return list[*ent.Distributor]{table: distributor.Table, see: schema.Distributors, value: (*ent.Distributor).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.Distributor, error) {
		q := r.DB.Distributor.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Distributors is a page of the distributors that the viewer sees.
func (r *Reader) Distributors(ctx context.Context, first *int, after *string, filter *DistributorFilter, order *DistributorOrder) (*DistributorConnection, error) {
	by := distributorOrders[DistributorOrderFieldCompanyName]
	if order != nil {
		by = distributorOrders[order.Field]
		by.Desc = order.Direction != nil && *order.Direction == OrderDirectionDesc
	}
	w, err := newWindow(by, first, after)
	if err != nil {
		return nil, err
	}
	w.where = distributorWhere(filter)
	of, node := connection(ctx, "Distributor")
	w.total = of.has("totalCount")
	w.columns = with(distributorMapping.columns(node, distributor.FieldID), by.Columns[0].Name)
	rows, total, err := all(ctx, r.DB.Dialect(), r.distributorList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.distributors(rows), func(d *Distributor) []any { return d.key(by) },
		func(cursor string, d *Distributor) *DistributorEdge { return &DistributorEdge{Cursor: cursor, Node: d} })
	return &DistributorConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

func distributorWhere(f *DistributorFilter) func(*sql.Selector) {
	var all conditions
	if f == nil {
		return all.where
	}
	in(&all, distributor.FieldStatus, f.Statuses)
	equal(&all, distributor.FieldInn, f.Inn)
	if f.Search != nil && fold.Name(*f.Search) != "" {
		prefix := strings.ReplaceAll(fold.Name(*f.Search), "\x00", "\uFFFD") // in no name, as PostgreSQL takes no zero
		all.add(func(s *sql.Selector) { s.Where(db.Prefix(s.C(distributor.FieldCompanyNameFold), prefix)) })
	}
	return all.where
}

// Distributor is a whole distributor that a mutation has read already; nil stays nil.
func (r *Reader) Distributor(row *ent.Distributor) *Distributor {
	if row == nil {
		return nil
	}
	return r.distributors([]*ent.Distributor{row})[0]
}

func (r *Reader) distributors(rows []*ent.Distributor) []*Distributor {
	out := make([]*Distributor, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Distributor{row, lv}
	}
	return out
}

// distributorsByID finds what the current field asks of distributors.
func (r *Reader) distributorsByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*Distributor, error) {
	return r.distributorsAsked(ctx, selected(ctx, "Distributor", "Node"), ids)
}

func (r *Reader) distributorsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Distributor, error) {
	rows, err := r.DB.Distributor.Query().Where(distributor.IDIn(ids...)).
		Select(distributorMapping.columns(asked, distributor.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.distributors(rows), func(d *Distributor) gid.ID { return d.Distributor.ID }), nil
}

func (d *Distributor) uuid() *gid.ID { return &d.Distributor.ID }

// IsNode marks a type with an id of its own.
func (*Distributor) IsNode() {}

// ID as it is shown outside.
func (d *Distributor) ID() string { return gid.Distributor.Format(d.Distributor.ID) }

// Status of the distributor.
func (d *Distributor) Status() DistributorStatus { return DistributorStatus(d.Distributor.Status) }

// BankDetails is null where nothing of them is known.
func (d *Distributor) BankDetails() *BankDetails {
	return bankDetails(d.BankName, d.BankAccount, d.BankCorrespondentAccount, d.BankBik)
}

func bankDetails(bank, account, correspondent, bik string) *BankDetails {
	b := BankDetails{BankName: text(bank), Account: text(account), CorrespondentAccount: text(correspondent), Bik: text(bik)}
	if b == (BankDetails{}) {
		return nil
	}
	return &b
}

// LogoURL is a link to the logo.
func (d *Distributor) LogoURL() *string { return d.level.reader.pictureURL(d.LogoID) }

// Terms that are agreed on.
func (d *Distributor) Terms() *DistributorTerms { return terms(d.Distributor) }

// Absences of the distributor, for all distributors of the level at once.
func (d *Distributor) Absences(ctx context.Context, first *int, after *string, from *calendar.Date) (*AbsenceConnection, error) {
	pages, err := load(ctx, d.level, func(ctx context.Context) (map[gid.ID]*AbsenceConnection, error) {
		w, err := absenceWindow(ctx, first, after, from)
		if err != nil {
			return nil, err
		}
		return d.level.reader.absencesOf(ctx, distinct(d.level.rows, (*Distributor).uuid), w)
	})
	return pages[d.Distributor.ID], err
}

// Inn and the following are null where they are empty.
func (d *Distributor) Inn() *string            { return text(d.Distributor.Inn) }
func (d *Distributor) Kpp() *string            { return text(d.Distributor.Kpp) }
func (d *Distributor) Ogrn() *string           { return text(d.Distributor.Ogrn) }
func (d *Distributor) LegalAddress() *string   { return text(d.Distributor.LegalAddress) }
func (d *Distributor) Website() *string        { return text(d.Distributor.Website) }
func (d *Distributor) Description() *string    { return text(d.Distributor.Description) }
func (d *Distributor) Region() *string         { return text(d.Distributor.Region) }
func (d *Distributor) ContractNumber() *string { return text(d.Distributor.ContractNumber) }

// ContractSignedOn is the day of the contract.
func (d *Distributor) ContractSignedOn() *calendar.Date {
	return d.Distributor.ContractSignedOn.Known()
}

// Leads of the distributor, for all distributors of the level at once.
func (d *Distributor) Leads(ctx context.Context, first *int, after *string, filter *LeadFilter, orderBy *LeadOrder) (*LeadConnection, error) {
	pages, err := load(ctx, d.level, func(ctx context.Context) (map[gid.ID]*LeadConnection, error) {
		w, err := d.level.reader.leadWindow(ctx, first, after, filter, orderBy)
		if err != nil {
			return nil, err
		}
		return d.level.reader.leadsOf(ctx, distinct(d.level.rows, (*Distributor).uuid), w)
	})
	return pages[d.Distributor.ID], err
}

// Users of the distributor, for all distributors of the level at once.
func (d *Distributor) Users(ctx context.Context, first *int, after *string) (*UserConnection, error) {
	pages, err := load(ctx, d.level, func(ctx context.Context) (map[gid.ID]*UserConnection, error) {
		w, err := userWindow(ctx, first, after)
		if err != nil {
			return nil, err
		}
		return d.level.reader.usersOf(ctx, distinct(d.level.rows, (*Distributor).uuid), w)
	})
	return pages[d.Distributor.ID], err
}

// Email of the company.
func (d *Distributor) Email() (*string, error) {
	return d.level.reader.opened(sealed.DistributorEmail, d.Distributor.ID, d.EmailSealed)
}

// Phone of the company, in E.164.
func (d *Distributor) Phone() (*string, error) {
	return d.level.reader.opened(sealed.DistributorPhone, d.Distributor.ID, d.PhoneSealed)
}
