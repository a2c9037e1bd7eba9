package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent/distributor"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// person is a user there.
type person struct {
	lines
	accounts.Imported
	refused bool
}

// company is a distributor there. That of a user who has no row of distributors_info is made of the user.
type company struct {
	lines
	distributors.Imported
	byItself bool // it has a row of its own, which is counted
}

// roles are the roles of other systems, in lower case.
var roles = map[string]auth.Role{
	"admin": auth.Admin, "administrator": auth.Admin, "superuser": auth.Admin, "superadmin": auth.Admin, "root": auth.Admin, "админ": auth.Admin, "администратор": auth.Admin,
	"distributor": auth.Distributor, "partner": auth.Distributor, "dealer": auth.Distributor, "user": auth.Distributor, "дистрибьютор": auth.Distributor, "партнёр": auth.Distributor, "партнер": auth.Distributor,
}

// peopleAndCompanies brings over the companies and then their users, as each may name the other.
func (m *importer) peopleAndCompanies(ctx context.Context) error {
	byID := map[string]*person{}
	err := m.base.each(ctx, "users", m.report, func(r *row) error {
		p := m.person(r)
		m.people, byID[r.id] = append(m.people, p), p
		return nil
	})
	if err != nil {
		return err
	}
	var companies []*company
	err = m.base.each(ctx, "distributors_info", m.report, func(r *row) error {
		companies = append(companies, m.company(r, byID))
		return nil
	})
	if err != nil {
		return err
	}
	companies = append(companies, m.ofPeople()...)
	for some := range slices.Chunk(companies, atOnce) {
		if err := m.storeCompanies(ctx, some); err != nil {
			return err
		}
	}
	for some := range slices.Chunk(m.belonging(), atOnce) {
		if err := m.storePeople(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// person reads a user. Whose it is told later.
func (m *importer) person(r *row) *person {
	p := &person{lines: lines{row: r}}
	p.Imported = accounts.Imported{ID: gid.Named("users", r.id), Login: r.get("login"), Name: r.get("name"), Email: r.get("email"), Phone: r.get("phone"), CreatedAt: m.Now()}
	if p.Login == "" {
		p.Login = p.Email
	}
	if at := m.at(&p.lines, "created"); at != nil && !at.After(m.Now()) {
		p.CreatedAt = *at
	}
	if text := r.get("active"); text != "" {
		on, ok := truth(text)
		if !ok {
			p.left("active", shown(text)+" is neither yes nor no. The user is disabled until somebody enables it.")
		}
		p.Disabled = !on
	}
	m.role(p)
	checked, err := p.Checked()
	p.Imported = checked
	faults, _ := fault.All(err)
	for _, f := range faults {
		switch f.Field {
		case "role": // said already
		case "login":
			p.refuse("login", f.Message)
			p.refused = true
		default:
			p.left(f.Field, f.Message+" It is left out.")
		}
	}
	return p
}

// role reads what a user may do.
func (m *importer) role(p *person) {
	text := p.row.get("role")
	word := strings.ToLower(text)
	role, known := m.Roles[word]
	if !known {
		role, known = roles[word]
	}
	admin, said := truth(p.row.get("is_admin"))
	switch {
	case known:
		p.Role = role
	case text != "":
		p.refuse("role", shown(text)+" is no role that is known: say with -role what it is here.")
		p.refused = true
	case said && admin:
		p.Role = auth.Admin
	default:
		p.Role = auth.Distributor
	}
}

// company reads a distributor, and says whose it is.
func (m *importer) company(r *row, people map[string]*person) *company {
	c := &company{lines: lines{row: r}, byItself: true}
	c.Imported = distributors.Imported{ID: gid.Named("distributors_info", r.id), CreatedAt: m.Now(), Input: distributors.Input{
		CompanyName: r.get("company"), INN: r.get("inn"), KPP: r.get("kpp"), OGRN: r.get("ogrn"), LegalAddress: r.get("address"), Email: r.get("email"),
		Phone: r.get("phone"), Website: r.get("website"), Description: r.get("description"), Region: r.get("region"), ContractNumber: r.get("contract"),
		ContractSignedOn: m.dayAt(&c.lines, "contract_date"),
		BankDetails:      distributors.BankDetails{BankName: r.get("bank_name"), Account: r.get("bank_account"), CorrespondentAccount: r.get("correspondent_account"), BIK: r.get("bik")},
	}}
	if at := m.at(&c.lines, "created"); at != nil && !at.After(m.Now()) {
		c.CreatedAt = *at
	}
	if text := r.get("active"); text != "" {
		on, ok := truth(text)
		if !ok {
			c.left("active", shown(text)+" is neither yes nor no. The distributor is suspended until somebody activates it.")
		}
		c.Suspended = !on
	}
	m.companies[r.id] = c.ID
	switch owner := people[r.get("user")]; {
	case r.get("user") == "":
	case owner == nil:
		c.left("user", "There is no such user. The distributor comes without one.")
	default:
		if _, taken := m.companyOf[owner.row.id]; !taken {
			m.companyOf[owner.row.id] = c.ID
		}
	}
	c.checked("company", "Distributor "+r.id)
	return c
}

// companyFields are the fields of a row for the paths of faults that are called otherwise.
var companyFields = map[string]string{
	"companyName": "company", "legalAddress": "address", "contractNumber": "contract", "bankDetails.bankName": "bank_name", "bankDetails.account": "bank_account",
	"bankDetails.correspondentAccount": "correspondent_account", "bankDetails.bik": "bik",
}

// checked leaves out what does not hold, and gives a company without a name one.
func (c *company) checked(field, name string) {
	for range 2 {
		checked, faults := c.Checked()
		again := false
		for _, f := range faults {
			at := f.Field
			if known := companyFields[at]; known != "" {
				at = known
			}
			if f.Field == "companyName" {
				c.left(field, f.Message+fmt.Sprintf(" It is called %q here.", name))
				checked.CompanyName, again = name, true
				continue
			}
			c.left(at, f.Message+" It is left out.")
		}
		c.Imported = checked
		if !again {
			return
		}
	}
}

// ofPeople are companies for users who need one and have none.
func (m *importer) ofPeople() (all []*company) {
	for _, p := range m.people {
		if p.Role != auth.Distributor { // one whose login is refused has leads all the same
			continue
		}
		if _, has := m.companyOf[p.row.id]; has {
			continue
		}
		if key := p.row.get("distributor"); key != "" {
			if id, there := m.companies[key]; there {
				m.companyOf[p.row.id] = id
				continue
			}
			p.left("distributor", "There is no such distributor.")
		}
		c := &company{lines: lines{row: p.row}}
		c.Imported = distributors.Imported{ID: gid.Named("users", p.row.id, "distributor"), CreatedAt: p.CreatedAt, Suspended: p.Disabled, Input: distributors.Input{CompanyName: p.Name}}
		without := "Distributor of the user " + p.row.id
		if c.CompanyName == "" {
			c.CompanyName = p.Login
		}
		if strings.Contains(c.CompanyName, "@") { // an address does not stand in clear where nobody expects one
			c.CompanyName = without
		}
		m.companyOf[p.row.id] = c.ID
		p.left("", "The user belongs to no distributor there. One is made, called like the user.")
		c.checked("login", without)
		all = append(all, c)
	}
	return all
}

// belonging are the users, each with its distributor.
func (m *importer) belonging() []*person {
	for _, p := range m.people {
		if id, has := m.companyOf[p.row.id]; has && p.Role == auth.Distributor {
			p.DistributorID = &id
		}
	}
	return m.people
}

// storeCompanies stores those that are not there.
func (m *importer) storeCompanies(ctx context.Context, some []*company) error {
	ids := make([]gid.ID, len(some))
	for i, c := range some {
		ids[i] = c.ID
	}
	var there map[gid.ID]bool
	err := m.batch(ctx, func(tx *db.Tx) error {
		known, err := tx.Distributor.Query().Where(distributor.IDIn(ids...)).IDs(ctx)
		if err != nil {
			return err
		}
		if there = setOf(known); !m.Apply {
			return nil
		}
		for _, c := range some {
			if there[c.ID] {
				continue
			}
			if err := m.Distributors.BringOver(ctx, tx, c.Imported); err != nil {
				return err
			}
			if err := m.Services.Goals.NoRollOver(ctx, tx, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range some {
		switch {
		case !c.byItself:
		case there[c.ID]:
			m.report.settle(&c.lines, isThere)
		default:
			m.report.settle(&c.lines, isNew)
		}
	}
	return nil
}

// storePeople stores those that are not there and whose login nobody has.
func (m *importer) storePeople(ctx context.Context, some []*person) error {
	var fates []fate
	var why []string
	err := m.batch(ctx, func(tx *db.Tx) error {
		fates, why = make([]fate, len(some)), make([]string, len(some))
		there, taken, err := standing(ctx, tx, some)
		if err != nil {
			return err
		}
		for i, p := range some {
			switch {
			case there[p.ID]:
				fates[i] = isThere
				continue
			case p.refused:
				fates[i] = isRefused
				continue
			case taken[p.Login] || m.seen(p, some[:i], fates):
				fates[i], why[i] = isRefused, "Somebody else has this login, in lower case or not. Give the user another one in the old base, or make the account here by hand."
				continue
			}
			if m.Apply {
				if err := m.Accounts.Import(ctx, tx, p.Imported); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, p := range some {
		if why[i] != "" {
			p.refuse("login", why[i])
		}
		if fates[i] != isRefused {
			m.users[p.row.id] = p
		}
		m.report.settle(&p.lines, fates[i])
	}
	return nil
}

// seen tells whether somebody before has the login of a user: in this batch, or in one before, which in a dry run is not in the base.
func (m *importer) seen(p *person, before []*person, fates []fate) bool {
	for i, other := range before {
		if fates[i] != isRefused && other.Login == p.Login {
			return true
		}
	}
	for _, other := range m.users {
		if other.Login == p.Login {
			return true
		}
	}
	return false
}

// standing are those of the users who are here already, and those of their logins that others have.
func standing(ctx context.Context, tx *db.Tx, some []*person) (there map[gid.ID]bool, taken map[string]bool, err error) {
	ids, logins := make([]gid.ID, len(some)), make([]string, len(some))
	for i, p := range some {
		ids[i], logins[i] = p.ID, p.Login
	}
	rows, err := tx.User.Query().Where(user.Or(user.IDIn(ids...), user.LoginIn(logins...))).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("look for users: %w", err)
	}
	there, taken = map[gid.ID]bool{}, map[string]bool{}
	for _, u := range rows {
		there[u.ID], taken[u.Login] = true, true
	}
	return there, taken, nil
}

// readers are the persons here who had a message that names a user or a distributor there.
func (m *importer) readers(r *row) (all []*person, field string, named bool) {
	if key := r.get("user"); key != "" {
		if p := m.users[key]; p != nil {
			return []*person{p}, "user", true
		}
		return nil, "user", true
	}
	id, field, named := m.owner(r)
	if id == nil {
		return nil, field, named
	}
	for _, p := range m.people {
		if m.users[p.row.id] != nil && p.DistributorID != nil && *p.DistributorID == *id {
			all = append(all, p)
		}
	}
	return all, field, true
}

// past is a time that is not still to come.
func past(at *time.Time, now time.Time) bool { return at != nil && !at.After(now) }
