package demo

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/lead"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

func (f *filler) sources() error {
	for _, c := range campaigns {
		in := leads.SourceInput{Name: c.name, DisclosePayouts: !c.consents}
		for _, d := range f.companies[:c.among] {
			in.AllowedDistributorIDs = append(in.AllowedDistributorIDs, d.ID)
		}
		if c.cap > 0 {
			in.DailyCap = &c.cap
		}
		source, _, err := f.Leads.CreateSource(f.admin, in)
		if err != nil {
			return err
		}
		as := auth.With(f.ctx, auth.Viewer{Role: auth.Source, SourceID: source.ID})
		f.channels = append(f.channels, channel{as, c.campaign, c.consents})
	}
	old, _, err := f.Leads.CreateSource(f.admin, leads.SourceInput{Name: "Старый сайт"})
	if err == nil {
		_, err = f.Leads.StopSource(f.admin, old.ID)
	}
	return err
}

func (f *filler) blacklist() error {
	for _, domain := range badDomains {
		if _, err := f.Leads.AddToBlacklist(f.admin, leads.BlacklistInput{Kind: blacklistentry.KindDOMAIN, Value: domain, Reason: "Одноразовые адреса"}); err != nil {
			return err
		}
	}
	for range 6 {
		if _, err := f.Leads.AddToBlacklist(f.admin, leads.BlacklistInput{Kind: blacklistentry.KindPHONE, Value: f.phone(), Reason: "Просили не звонить"}); err != nil {
			return err
		}
	}
	return nil
}

// year tells each day's leads and what became of them.
func (f *filler) year() error {
	for ago := f.days; ago >= 0; ago-- {
		for _, at := range f.arrivals(f.daysAgo(ago), ago) {
			if err := f.lead(at); err != nil {
				return err
			}
		}
	}
	return nil
}

// arrivals are the times of a day's leads, in order: more each month, fewer at weekends, most of them from noon to
// evening.
func (f *filler) arrivals(day time.Time, ago int) (times []time.Time) {
	usual := 4.2 + 4.4*float64(f.days-ago)/float64(f.days)
	if weekday := day.In(f.TimeZone).Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		usual *= 0.6
	}
	start := calendar.DateOf(day, f.TimeZone).Start(f.TimeZone)
	for range int(usual*(0.6+0.8*f.random.Float64()) + 0.5) {
		hour := 8 + (f.random.Float64()+f.random.Float64()+f.random.Float64())/3*15
		if at := start.Add(time.Duration(hour * float64(time.Hour))); at.Before(f.now) {
			times = append(times, at)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return times
}

// lead tells the story of one lead.
func (f *filler) lead(at time.Time) error {
	f.Clock.set(at)
	from := pick(f, f.channels)
	in := f.person(from, at)
	if f.chance(0.004) {
		in.Phone = "8 912" // a slip of the pen: the intake log shows it
	}
	accepted, err := f.Leads.Accept(from.source, in)
	if _, refused := fault.All(err); refused {
		return nil
	}
	if err != nil {
		return err
	}
	f.filled.Leads++
	if accepted.Outcome == string(lead.OutcomeQUARANTINED) && f.chance(0.5) {
		if !f.later(time.Hour, 24*time.Hour) {
			return nil
		}
		_, err = f.Leads.Release(f.admin, accepted.LeadID, "Согласие получено по телефону", f.byPhone())
		return errors.Join(err, f.work(accepted.LeadID))
	}
	if accepted.Outcome != string(lead.OutcomeACCEPTED) {
		return nil
	}
	return f.work(accepted.LeadID)
}

// person is who fills in a form: sometimes one who did so before, sometimes one who is on the blacklist.
func (f *filler) person(from channel, at time.Time) leads.Submission {
	first, surname, gender := pick(f, men), pick(f, surnames), "male"
	if f.chance(0.55) {
		first, surname, gender = pick(f, women), surname+"а", "female"
	}
	name := pick(f, from.campaign.names)
	in := leads.Submission{
		FirstName: first, LastName: surname, Phone: f.phone(), IP: "203.0.113." + strconv.Itoa(f.random.IntN(256)),
		ExternalID: fmt.Sprintf("%s-%06d", from.campaign.source, f.people), Funnel: pick(f, []string{"quiz", "form", "callback"}),
		Tracking: leads.Tracking{
			Subid: f.digits(12), UTMSource: from.campaign.source, UTMMedium: from.campaign.medium, UTMCampaign: "c" + f.digits(3),
			CampaignName: name, CampaignID: campaignID(name), BannerID: f.digits(8), Region: pick(f, regions), Gender: gender,
			Age: pick(f, ages), DeviceType: pick(f, devices), Placement: pick(f, from.campaign.placements),
			ImpressionWeekday: at.In(f.TimeZone).Weekday().String(), ImpressionHour: strconv.Itoa(at.In(f.TimeZone).Hour()),
		},
	}
	switch {
	case f.chance(0.01):
		in.Email = "lead" + f.digits(4) + "@" + pick(f, badDomains)
	case f.chance(0.6):
		in.Email = fmt.Sprintf("lead%d@pochta.example", f.people)
	}
	if f.chance(0.06) { // somebody asks again
		in.Phone = fmt.Sprintf("+79%02d000%04d", 10+(f.people-9)%70, f.people-9)
	}
	if from.consents || f.chance(0.85) {
		in.Consent = agreed(values.PurposeLead, at)
	}
	if in.Consent != nil && f.chance(0.3) {
		in.Advertising = agreed(values.PurposeAdvertising, at)
	}
	return in
}

// later moves the clock on by a time between two; false where that is still to come.
func (f *filler) later(least, most time.Duration) bool {
	at := f.Clock.Now().Add(least + time.Duration(f.random.Float64()*float64(most-least)))
	if !at.Before(f.now) {
		return false
	}
	f.Clock.set(at)
	return true
}

// work tells what a distributor makes of a lead that it has.
func (f *filler) work(id gid.ID) error {
	owner := f.ownerOf(id)
	if owner != nil && f.chance(0.03) && f.later(10*time.Minute, 5*time.Hour) {
		if _, err := f.Leads.Decline(owner.user, leads.Decline{LeadID: id, Reason: pick(f, declines)}); err != nil {
			return err
		}
		owner = f.ownerOf(id)
	}
	if owner == nil || f.chance(0.03) || !f.later(5*time.Minute, 9*time.Hour) {
		return nil // nobody has it, or it waits to be taken
	}
	fate := f.random.Float64()
	if fate > 0.8 { // not worth taking
		_, err := f.Leads.Reject(owner.user, leads.Rejection{LeadID: id, Reason: pick(f, refusals)})
		return err
	}
	if _, err := f.Leads.Take(owner.user, id); err != nil {
		return err
	}
	if f.chance(0.2) && f.later(time.Hour, 24*time.Hour) {
		if _, err := f.Leads.AddNote(owner.user, id, pick(f, notes)); err != nil {
			return err
		}
	}
	if !f.later(6*time.Hour, 12*24*time.Hour) {
		return nil
	}
	switch {
	case fate < owner.zeal:
		return f.sell(id)
	case fate < owner.zeal+0.3:
		_, err := f.Leads.Reject(owner.user, leads.Rejection{LeadID: id, Reason: pick(f, refusals)})
		return err
	}
	return nil
}

// sell registers a sale, by the distributor's rule or by hand, and now and then takes it back.
func (f *filler) sell(id gid.ID) error {
	amount := int64(20_000+f.random.IntN(130)*1000) * 100
	sale := leads.Sale{LeadID: id, SaleAmount: &amount}
	_, err := f.Payouts.RegisterSale(f.admin, sale)
	if fault.HasCode(err, "PAYOUT_REQUIRED") {
		payout := amount / 10
		sale.Payout = &payout
		_, err = f.Payouts.RegisterSale(f.admin, sale)
	}
	if err != nil {
		return err
	}
	if f.chance(0.03) && f.later(24*time.Hour, 5*24*time.Hour) {
		_, err = f.Payouts.ReverseSale(f.admin, id, pick(f, reversals))
	}
	return err
}

// ownerOf is the distributor that has a lead; nil where nobody has it.
func (f *filler) ownerOf(id gid.ID) *company {
	row, err := f.Leads.DB.Lead.Query().Where(lead.ID(id)).Select(lead.FieldDistributorID).Only(f.ctx)
	if err != nil || row.DistributorID == nil {
		return nil
	}
	i := slices.IndexFunc(f.companies, func(c company) bool { return c.ID == *row.DistributorID })
	if i < 0 {
		return nil
	}
	return &f.companies[i]
}

// present tells how things stand today.
func (f *filler) present() error {
	f.Clock.set(f.now)
	last := f.companies[len(f.companies)-1]
	today := calendar.DateOf(f.now, f.TimeZone)
	_, err := f.Distributors.Suspend(f.admin, last.ID)
	for i, days := range [][2]int{{-40, -27}, {3, 16}, {30, 36}} {
		if err == nil {
			err = f.absent(f.companies[i+1].Distributor, today.AddDays(days[0]), today.AddDays(days[1]))
		}
	}
	return err
}

func (f *filler) absent(d *ent.Distributor, from, to calendar.Date) error {
	_, err := f.Distributors.AddAbsence(f.admin, distributors.Absence{DistributorID: d.ID, StartsOn: from, EndsOn: to, Reason: "Отпуск"})
	return err
}
