package demo

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/shopspring/decimal"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent/distributor"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/requisites"
)

func (f *filler) ourCompany() error {
	n := f.requisites("77", false)
	_, err := f.Distributors.UpdateCompany(f.ctx, distributors.CompanyPatch{
		Name: new("ООО «Лиды и партнёры»"), INN: &n.INN, KPP: &n.KPP, OGRN: &n.OGRN,
		Address: new("125009, Москва, Примерный переулок, д. 7, офис 12"), City: new("Москва"),
		Signatory: new("Орлова Наталья Викторовна"), SignatoryPosition: new("Генеральный директор"),
		InformationSystem: new("ИС «Книга каналов»"),
		BankDetails: distributors.BankDetailsPatch{
			BankName: &n.BankDetails.BankName, Account: &n.BankDetails.Account,
			CorrespondentAccount: &n.BankDetails.CorrespondentAccount, BIK: &n.BankDetails.BIK,
		},
	})
	return err
}

func (f *filler) administrators() error {
	if f.filled.Admin.Password == "" {
		f.filled.Admin.Password = accounts.GeneratePassword()
	}
	u, err := f.Accounts.CreateUser(f.ctx, accounts.NewUser{
		Login: f.filled.Admin.Login, Password: f.filled.Admin.Password, Role: auth.Admin,
		Name: "Орлова Наталья Викторовна", Email: "orlova@leads.example", Phone: f.phone(),
	})
	if err != nil {
		return err
	}
	f.admin = asUser(f.ctx, u)
	manager, err := f.Accounts.CreateUser(f.ctx, accounts.NewUser{
		Login: "manager", Password: accounts.GeneratePassword(), Role: auth.Admin,
		Name: "Белов Кирилл Андреевич", Email: "belov@leads.example", Phone: f.phone(),
	})
	if err != nil {
		return err
	}
	f.manager = asUser(f.ctx, manager)
	return nil
}

func (f *filler) distributors() error {
	for i, p := range partners {
		f.Clock.set(f.daysAgo(f.days + 30 - 2*i))
		if err := f.distributor(i, p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	f.filled.Distributors = len(f.companies)
	return nil
}

func (f *filler) distributor(i int, p partner) error {
	in := f.requisites(p.code, p.proprietor)
	signed := calendar.DateOf(f.Clock.Now(), f.TimeZone)
	in.CompanyName, in.LegalAddress, in.Region = p.name, p.address, p.region
	in.Phone, in.Email, in.Website = f.phone(), "info@"+p.login+".example", "https://"+p.login+".example"
	in.ContractNumber, in.ContractSignedOn = fmt.Sprintf("АГ-%02d/%s", i+1, signed.String()[2:4]), &signed
	row, err := f.Distributors.Create(f.admin, in)
	if err != nil {
		return err
	}
	if row, err = f.Distributors.SetTerms(f.admin, row.ID, f.terms(i, p)); err != nil {
		return err
	}
	if _, err := f.Distributors.SetLogo(f.admin, row.ID, logo(i)); err != nil {
		return err
	}
	password := accounts.GeneratePassword()
	u, err := f.Accounts.CreateUser(f.admin, accounts.NewUser{
		Login: p.login, Password: password, Role: auth.Distributor, DistributorID: &row.ID,
		Name: p.person, Email: p.login + "@" + p.login + ".example", Phone: f.phone(),
	})
	if err != nil {
		return err
	}
	if i == 0 {
		f.filled.Distributor = Login{p.login, password}
	}
	f.companies = append(f.companies, company{row, asUser(f.ctx, u), 0.12 + 0.25*f.random.Float64()})
	return nil
}

// terms differ between distributors, and all kinds of them are there.
func (f *filler) terms(i int, p partner) distributors.Terms {
	t := distributors.Terms{HoldingDays: 7 * (i % 3), MinimumPayout: int64(i%4) * 2_500_00, Timezone: p.timezone, AcceptanceHours: new(4 + 4*(i%3))}
	switch i % 3 {
	case 0:
		t.Payout = distributors.PayoutRule{Kind: distributor.PayoutRuleFIXED, Amount: new(decimal.New(int64(1500+250*i), 0))}
	case 1:
		t.Payout = distributors.PayoutRule{Kind: distributor.PayoutRulePERCENT, Percent: new(decimal.New(int64(80+5*i), -1))}
	}
	if i%4 == 1 {
		t.DailyLeadCap, t.OpenLeadCap = new(30), new(80)
	}
	if i%5 == 2 {
		for _, day := range distributors.Weekdays[:6] {
			t.WorkingHours = append(t.WorkingHours, values.WorkingHours{Weekday: day, From: "10:00", To: "20:00"})
		}
	}
	return t
}

// requisites are numbers with valid check digits of a company, or of a sole proprietor, in a region.
func (f *filler) requisites(region string, proprietor bool) (in distributors.Input) {
	year := fmt.Sprintf("%02d", 5+f.random.IntN(18))
	account := "40702810"
	if proprietor {
		in.INN = requisites.WithINNCheck(region + f.digits(8))
		in.OGRN = requisites.WithOGRNCheck("3" + year + region + f.digits(9))
		account = "40802810"
	} else {
		in.INN = requisites.WithINNCheck(region + f.digits(7))
		in.KPP = region + "0" + string('1'+rune(f.random.IntN(9))) + "01001" // #nosec G115 -- a digit
		in.OGRN = requisites.WithOGRNCheck("1" + year + region + f.digits(7))
	}
	bank := fmt.Sprint(100 + f.random.IntN(900))
	bik := "0445" + "25" + bank
	in.BankDetails = distributors.BankDetails{
		BankName: "АО «Примерный банк»", BIK: bik,
		Account:              requisites.WithKey(account+"0000"+f.digits(8), bik),
		CorrespondentAccount: requisites.WithCorrespondentKey("30101810000000000"+bank, bik),
	}
	return in
}

// phone is a mobile number that nobody else in the story has: 000 stands in its middle.
func (f *filler) phone() string {
	f.people++
	return fmt.Sprintf("+79%02d000%04d", 10+f.people%70, f.people)
}

// logo is a mark of a colour and a shape of its own.
func logo(i int) []byte {
	const side = 256
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	mark := color.NRGBA{uint8(40 + 53*i%180), uint8(60 + 97*i%160), uint8(90 + 151*i%150), 255} // #nosec G115 -- below 256 each
	for y := range side {
		for x := range side {
			dx, dy := x-side/2, y-side/2
			switch d := dx*dx + dy*dy; {
			case d < 40*40 && (dx*(i%3+1)+dy*(i%2+1))%24 < 12:
				img.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
			case d < 120*120:
				img.SetNRGBA(x, y, mark)
			}
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // a buffer takes everything
	return b.Bytes()
}
