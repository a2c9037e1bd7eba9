package graph_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/consent"
	"channelbook/ent/consenttext"
	"channelbook/ent/distributor"
	"channelbook/ent/goal"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/payoutstatement"
	"channelbook/ent/predicate"
	"channelbook/ent/sealed"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/requisites"
	"channelbook/leads"
	"channelbook/notify"
	consents "channelbook/personaldata/consent"
)

// world is a company with distributors whose every text bears their mark, and with things of which distributors know
// nothing.
type world struct {
	*house
	boss        gid.ID
	admin       caller
	alfa, beta  *side
	gamma       *side // a third one, so that what is hidden from one side can move
	shared      *ent.LeadSource
	sharedKey   caller
	lastMinutes int
	refilled    int
}

// side is a distributor with its people, its lead source and its leads.
type side struct {
	mark     string // in every text of the side
	number   int
	password string // of its users
	id       gid.ID
	user     gid.ID
	who      caller
	source   *ent.LeadSource
	key      caller
}

// adminMark is in every text that is for administrators alone.
const adminMark = "adminq"

// marks of all sides.
var marks = []string{"alfaq", "betaq", "gammaq", adminMark}

func build(h *house) *world {
	h.t.Helper()
	w := &world{house: h}
	w.admin = h.admin(adminMark + "-boss")
	w.boss = h.idOf(adminMark + "-boss")
	w.ours()
	w.shared, w.sharedKey = h.source(leads.SourceInput{Name: adminMark + " shared", DisclosePayouts: true})
	w.alfa = w.side("alfaq", 1)
	w.beta = w.side("betaq", 2)
	w.gamma = w.side("gammaq", 3)
	w.fill(w.alfa, 22)
	w.fill(w.beta, 31)
	w.fill(w.gamma, 4)
	w.handOn(w.beta, w.alfa)
	w.handOn(w.alfa, w.beta)
	w.money(w.alfa)
	w.money(w.beta)
	w.nobodys()
	w.plans(w.alfa, w.beta, w.gamma)
	w.keptFigures()
	w.feeds(w.alfa, w.beta, w.gamma)
	for _, s := range []*side{w.alfa, w.beta, w.gamma} {
		w.sentTo(s.user, s.id)
	}
	w.wordings(w.alfa, w.beta, w.gamma)
	w.hooked(adminMark + " hook")
	w.imported(adminMark + " file")
	w.reportsOf(w.alfa, w.beta, w.gamma)
	w.secondFactor(w.boss)
	for _, s := range []*side{w.beta, w.gamma} {
		w.secondFactor(w.idOf(s.mark + "-user0")) // a colleague of who asks
	}
	return w
}

// as is a context of somebody who has signed in.
func (w *world) as(s *side) context.Context {
	return auth.With(w.t.Context(), auth.Viewer{Role: auth.Distributor, UserID: s.user, Distributor: s.id})
}

func (w *world) asAdmin() context.Context {
	return auth.With(w.t.Context(), auth.Viewer{Role: auth.Admin, UserID: w.boss})
}

func (w *world) fine(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// later moves the clock on, by another step each time, so that hardly two things happen at the same instant.
func (w *world) later() {
	w.lastMinutes++
	at := time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC).Add(time.Duration(w.lastMinutes) * 61 * time.Second)
	w.now = func() time.Time { return at }
}

// ours is what administrators alone see: the company itself, purposes, texts, the blacklist.
func (w *world) ours() {
	w.t.Helper()
	name, inn, signatory := adminMark+" Компания", "7707083893", adminMark+" Подписант"
	_, err := w.distributors.UpdateCompany(w.system(), distributors.CompanyPatch{Name: &name, INN: &inn, Signatory: &signatory, Address: &name, City: &name, InformationSystem: &name})
	w.fine(err)
	purpose, err := w.consents.CreatePurpose(w.asAdmin(), consents.Purpose{Code: adminMark, Name: name, LegalBasis: "CONSENT", RetentionDays: 301, Recipients: []string{adminMark + " recipient"}})
	w.fine(err)
	_, err = w.consents.Publish(w.asAdmin(), consents.Text{PurposeID: purpose.ID, Version: adminMark + "-1", Text: adminMark + " text"})
	w.fine(err)
	w.fine(w.db.RegularRun.Create().SetName(adminMark + "-work").SetEverySeconds(901).SetBegunAt(w.now()).SetError(adminMark + " error").Exec(w.system()))
	for _, value := range []string{"bad.example", "worse.example"} {
		_, err = w.leads.AddToBlacklist(w.asAdmin(), leads.BlacklistInput{Kind: blacklistentry.KindDOMAIN, Value: adminMark + "." + value, Reason: adminMark + " reason"})
		w.fine(err)
	}
}

// side enters a distributor with all that can be said of one.
func (w *world) side(mark string, n int) *side {
	w.t.Helper()
	s := &side{mark: mark, number: n, password: mark + " and its password"}
	bik := fmt.Sprintf("04452522%d", n)
	signed := mustDay(w, fmt.Sprintf("2024-0%d-1%d", n, n))
	w.later()
	d, err := w.distributors.Create(w.system(), distributors.Input{
		CompanyName: mark + " Компания", INN: requisites.WithINNCheck(fmt.Sprintf("77011111%d", n)), KPP: fmt.Sprintf("77010100%d", n),
		OGRN: requisites.WithOGRNCheck(fmt.Sprintf("10277001321%d", n)), LegalAddress: mark + " address", Email: mark + "@company.example",
		Phone: fmt.Sprintf("+749555500%02d", n), Website: "https://" + mark + ".example/", Description: mark + " description", Region: mark + " region",
		ContractNumber: mark + " contract", ContractSignedOn: &signed, BankDetails: distributors.BankDetails{BankName: mark + " bank", BIK: bik,
			Account:              requisites.WithKey(fmt.Sprintf("4070281000000000012%d", n), bik),
			CorrespondentAccount: requisites.WithCorrespondentKey("30101810000000000"+bik[6:], bik)},
	})
	w.fine(err)
	s.id = d.ID
	w.terms(s)
	w.people(s)
	s.source, s.key = w.source(leads.SourceInput{Name: mark + " source", DistributorID: &s.id, AllowedDistributorIDs: []gid.ID{s.id}, DisclosePayouts: n == 2})
	return s
}

func (w *world) terms(s *side) {
	w.t.Helper()
	amount, number := decimal.New(int64(711_000+s.number), -2), func(n int) *int { n += s.number; return &n }
	rule := distributors.PayoutRule{Kind: distributor.PayoutRuleFIXED, Amount: &amount}
	if s.number == 2 {
		percent := decimal.New(4321, -2)
		rule = distributors.PayoutRule{Kind: distributor.PayoutRulePERCENT, Percent: &percent}
	}
	_, err := w.distributors.SetTerms(w.system(), s.id, distributors.Terms{
		Payout: rule, HoldingDays: 210 + s.number, MinimumPayout: 333_000 + int64(s.number), AcceptanceHours: number(620),
		DailyLeadCap: number(81_000), MonthlyLeadCap: number(82_000), OpenLeadCap: number(83_000), Timezone: [...]string{"", "Asia/Vladivostok", "Asia/Omsk", "Europe/Samara"}[s.number],
		WorkingHours: []values.WorkingHours{{Weekday: "MONDAY", From: fmt.Sprintf("07:1%d", s.number), To: fmt.Sprintf("19:4%d", s.number)}},
	})
	w.fine(err)
	for i := range 2 + s.number {
		first := mustDay(w, fmt.Sprintf("2027-0%d-0%d", i+1, s.number))
		_, err := w.distributors.AddAbsence(w.system(), distributors.Absence{DistributorID: s.id, StartsOn: first, EndsOn: first.AddDays(9), Reason: fmt.Sprintf("%s absence %d", s.mark, i)})
		w.fine(err)
	}
}

// people are two users, of whom one has signed in, with pictures.
func (w *world) people(s *side) {
	w.t.Helper()
	for i := range 2 {
		login := fmt.Sprintf("%s-user%d", s.mark, i)
		w.later()
		u, err := w.accounts.CreateUser(w.system(), accounts.NewUser{Login: login, Password: s.password, Role: auth.Distributor, DistributorID: &s.id,
			Name: s.mark + " Имя", Email: login + "@people.example", Phone: fmt.Sprintf("+7495555%d1%02d", s.number, i)})
		w.fine(err)
		w.fine(w.db.User.UpdateOneID(u.ID).SetAvatarID(w.picture()).Exec(w.system()))
		s.user = u.ID
	}
	w.fine(w.db.Distributor.UpdateOneID(s.id).SetLogoID(w.picture()).Exec(w.system()))
	s.who = w.session(s)
}

// secondFactor gives a user one that is in force, with a recovery code.
func (w *world) secondFactor(user gid.ID) {
	w.t.Helper()
	id := gid.New()
	w.fine(w.db.SecondFactor.Create().SetID(id).SetUserID(user).SetCreatedAt(w.now()).SetConfirmedAt(w.now()).
		SetSecretSealed(sealed.SecondFactorSecret.Seal(dbtest.Keys(), id, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")).Exec(w.system()))
	w.fine(w.db.RecoveryCode.Create().SetUserID(user).SetHash([]byte(id.String())).SetCreatedAt(w.now()).Exec(w.system()))
}

// session is a caller with a session that stands in the base.
func (w *world) session(s *side) caller {
	w.t.Helper()
	row, err := w.db.Session.Create().SetUserID(s.user).SetCreatedAt(w.now()).SetExpiresAt(w.now().Add(1000 * time.Hour)).
		SetUserAgent(s.mark + " browser").SetRemoteAddress(fmt.Sprintf("198.51.100.%d", s.number)).Save(w.system())
	w.fine(err)
	token, _, err := w.tokens.Issue(auth.Viewer{Role: auth.Distributor, UserID: s.user, Distributor: s.id, SessionID: row.ID})
	w.fine(err)
	return caller{"Authorization", "Bearer " + token}
}

// submission is the i-th lead of a side: every text bears its mark, and each third lead has the same.
func (s *side) submission(i int) leads.Submission {
	text := func(name string) string { return fmt.Sprintf("%s-%s-%d", s.mark, name, i%3) }
	return leads.Submission{
		ExternalID: fmt.Sprintf("%s-ext-%d", s.mark, i), IdempotencyKey: fmt.Sprintf("%s-key-%d", s.mark, i), RawBody: fmt.Appendf(nil, "%s body %d", s.mark, i),
		FirstName: text("Имя"), LastName: fmt.Sprintf("%s-Фамилия-%d", s.mark, i%5), Phone: fmt.Sprintf("+79%d1%d%02d%02d%02d", s.number, s.number, i, (i*37+11)%100, (i*53+7)%100),
		Email: fmt.Sprintf("%s-lead%d@mail%d.example", s.mark, i, i%2), IP: fmt.Sprintf("203.0.%d.%d", s.number, i+1), Funnel: text("funnel"),
		Consent: &values.Consent{Purpose: values.PurposeLead, TextVersion: "2026-09", GivenAt: fmt.Sprintf("2026-10-%02dT10:11:%02dZ", 1+i%28, s.number), UserAgent: text("consent")},
		Tracking: leads.Tracking{
			Subid: text("subid"), UTMSource: text("utmsource"), UTMMedium: text("utmmedium"), UTMCampaign: text("utmcampaign"), UTMTerm: text("utmterm"),
			CampaignID: text("campaignid"), CampaignName: text("campaign"), BannerID: text("banner"), AdvertiserID: text("advertiser"), Region: text("region"),
			Gender: text("gender"), Age: text("age"), Random: text("random"), ImpressionWeekday: text("weekday"), ImpressionHour: text("hour"),
			UserTimezone: text("zone"), Placement: text("placement"), DeviceType: text("device"), Position: text("position"), SubIDs: []string{text("sub1"), "", text("sub3")},
		},
	}
}

// fill gives a side leads in every state that its user can see, and one that is restricted.
func (w *world) fill(s *side, n int) {
	w.t.Helper()
	for i := range n {
		in := s.submission(i)
		in.Test = i%11 == 10
		w.live(s, i, w.submit(s, i, in))
	}
}

// submit sends a lead by the side's own source, or by the one that all share.
func (w *world) submit(s *side, i int, in leads.Submission) gid.ID {
	w.t.Helper()
	w.later()
	if i%4 == 3 {
		return w.lead(w.shared, in, s.id)
	}
	return w.lead(s.source, in, s.id)
}

// live brings a lead where the i-th is to stand.
func (w *world) live(s *side, i int, id gid.ID) {
	w.t.Helper()
	w.later()
	own, admin := w.as(s), w.asAdmin()
	do := func(_ any, err error) { w.t.Helper(); w.fine(err) }
	payout, amount := int64(1_234_500+1000*s.number+i), int64(98_765_400+1000*s.number+i)
	sale := leads.Sale{LeadID: id, Payout: &payout, SaleAmount: &amount}
	switch i % 9 {
	case 2, 3, 4:
		do(w.leads.Take(own, id))
		do(w.leads.AddNote(own, id, fmt.Sprintf("%s note %d", s.mark, i)))
		w.later()
		switch i % 9 {
		case 3:
			do(w.payouts.RegisterSale(admin, sale))
		case 4:
			do(w.leads.Reject(own, leads.Rejection{LeadID: id, Reason: s.mark + " reason", Comment: s.mark + " comment"}))
		}
	case 5:
		do(w.leads.Reject(own, leads.Rejection{LeadID: id, Reason: s.mark + " untaken"}))
	case 6:
		do(w.payouts.RegisterSale(admin, sale))
	case 7:
		do(w.payouts.RegisterSale(admin, sale))
		do(w.payouts.ReverseSale(admin, id, s.mark+" reversed"))
		do(w.leads.AddNote(admin, id, s.mark+" word of an administrator"))
	case 8:
		given, err := w.db.Consent.Query().Where(consent.LeadID(id)).First(w.system())
		w.fine(err)
		do(w.consents.Withdraw(admin, consents.Withdrawal{ConsentID: given.ID, Channel: consent.WithdrawalChannelEMAIL, Comment: s.mark + " withdrawal"}))
	}
}

// handOn has leads that one side has worked given to the other, which is not to learn of it.
func (w *world) handOn(from, to *side) {
	w.t.Helper()
	for i := 40; i < 42; i++ {
		w.later()
		id := w.lead(w.shared, to.submission(i), from.id) // the person bears the mark of the side that has it now
		_, err := w.leads.Take(w.as(from), id)
		w.fine(err)
		_, err = w.leads.AddNote(w.as(from), id, from.mark+" note before")
		w.fine(err)
		w.later()
		_, err = w.leads.Reassign(w.asAdmin(), id, &to.id, from.mark+" was slow")
		w.fine(err)
	}
	own, foreign := w.firstLead(to), w.firstLead(from)
	last := w.db.Lead.Query().Where(leadOf(to)).IDsX(w.system())
	w.fine(w.db.Lead.UpdateOneID(last[1]).SetDuplicateOfID(own).Exec(w.system()))
	w.fine(w.db.Lead.UpdateOneID(last[2]).SetDuplicateOfID(foreign).Exec(w.system()))
	w.fine(w.db.Lead.UpdateOneID(last[3]).SetDestroyBy(w.now().Add(90 * 24 * time.Hour)).Exec(w.system()))
}

// keptFigures makes the figures of the day on which all of this happened, and has a lead of each side change afterwards.
func (w *world) keptFigures() {
	w.t.Helper()
	now := w.now
	defer func() { w.now = now }()
	w.now = func() time.Time { return now().Add(48 * time.Hour) }
	w.fine(w.figures.RollUp(w.system()))
	for _, s := range []*side{w.alfa, w.beta, w.gamma} {
		id, err := w.db.Lead.Query().Where(leadOf(s), lead.StatusEQ(lead.StatusNEW)).FirstID(w.system())
		w.fine(err)
		_, err = w.leads.Take(w.as(s), id)
		w.fine(err)
	}
}

func (w *world) firstLead(s *side) gid.ID {
	w.t.Helper()
	id, err := w.db.Lead.Query().Where(leadOf(s)).FirstID(w.system())
	w.fine(err)
	return id
}

// plans gives each side goals, of months that are closed, were once, and are open.
func (w *world) plans(sides ...*side) {
	w.t.Helper()
	for _, s := range sides {
		for i, m := range []goal.Metric{goal.MetricPAYOUT, goal.MetricREVENUE, goal.MetricSALE_COUNT, goal.MetricLEAD_COUNT} {
			n := int64(100_000*s.number + i)
			w.goal(s.id, calendar.Month, "2026-09-01", m, 7_000_000+n)
			w.goal(s.id, calendar.Month, "2026-10-01", m, 7_100_000+n)
			w.goal(s.id, calendar.Month, "2026-11-01", m, int64(s.number+i))
			w.goal(s.id, calendar.Quarter, "2026-10-01", m, 7_200_000+n)
			w.goal(s.id, calendar.Year, "2026-01-01", m, 7_300_000+n)
		}
	}
	_, err := w.goals.RollOver(w.system())
	w.fine(err)
	_, err = w.goals.Milestones(w.system())
	w.fine(err)
	september := calendar.Period{Kind: calendar.Month, StartsOn: mustDay(w, "2026-09-01")}
	for _, p := range []calendar.Period{september, september.Next()} {
		_, err = w.goals.Close(w.asAdmin(), p)
		w.fine(err)
	}
	_, err = w.goals.Reopen(w.asAdmin(), september, adminMark+" reason")
	w.fine(err)
}

// nobodys are leads that no distributor got, attempts that came to nothing, and who signed in.
func (w *world) nobodys() {
	w.t.Helper()
	yes, one := true, 1
	for name, in := range map[string]leads.SourceInput{
		"quarantine": {RequireConsent: &yes}, "capped": {DailyCap: &one}, "repeats": {Duplicates: leads.DuplicatePolicy{Fields: []string{"PHONE"}}}, "blocked": {},
	} {
		in.Name, in.Kind = adminMark+" "+name, leadsource.KindGENERIC
		source, _ := w.source(in)
		lead := leads.Submission{FirstName: adminMark + " Имя", Phone: w.alfa.submission(0).Phone, Email: name + "@" + adminMark + ".example"}
		if name == "blocked" {
			lead.Email = "somebody@" + adminMark + ".bad.example"
		}
		w.later()
		w.lead(source, lead, w.gamma.id)
		lead.Phone = w.beta.submission(0).Phone
		w.lead(source, lead, w.gamma.id)
	}
	for _, s := range []*side{w.alfa, w.beta} {
		w.must(caller{}, `mutation($in: SignInInput!) { signIn(input: $in) { session { accessToken } userErrors { code } } }`,
			vars{"in": vars{"login": s.mark + "-user0", "password": s.password}})
	}
	w.ask(w.beta.key, `mutation { submitLead(input: {firstName: "betaq"}) { outcome } }`, nil)
	w.later()
	end := w.now()
	w.now = func() time.Time { return end }
}

// more gives everybody but one side more of everything, so that no count stays as it was.
func (w *world) more(but *side) {
	w.t.Helper()
	for _, s := range []*side{w.beta, w.gamma} {
		if s == but {
			continue
		}
		for i := range 9 {
			w.live(s, i, w.lead(s.source, s.submission(60+i), s.id))
		}
		w.goal(s.id, calendar.Month, "2026-12-01", goal.MetricPAYOUT, 7_400_000)
		w.tellSide(s, 9)
		w.statement(s, "2026-06-01", payoutstatement.StatusAPPROVED, w.unreversed(s)[0])
		first := mustDay(w, "2028-01-01")
		_, err := w.distributors.AddAbsence(w.system(), distributors.Absence{DistributorID: s.id, StartsOn: first, EndsOn: first, Reason: s.mark + " once more"})
		w.fine(err)
		w.fine(w.db.User.Create().SetLogin(s.mark + "-more").SetPasswordHash("none").SetRole("DISTRIBUTOR").SetDistributorID(s.id).
			SetCreatedAt(w.now()).SetUpdatedAt(w.now()).Exec(w.system()))
	}
	if but != nil { // what is to be paid to it, as long as that is a draft
		w.statement(but, "2026-07-01", payoutstatement.StatusDRAFT, w.unreversed(but)[0])
	}
	w.moreReports(but)
	_, err := w.distributors.Create(w.system(), distributors.Input{CompanyName: adminMark + " new"})
	w.fine(err)
	w.source(leads.SourceInput{Name: adminMark + " new"})
	w.hooked(adminMark + " new hook")
	w.imported(adminMark + " new file")
	_, err = w.leads.AddToBlacklist(w.system(), leads.BlacklistInput{Kind: blacklistentry.KindDOMAIN, Value: adminMark + ".new.example"})
	w.fine(err)
	purpose := w.db.ConsentText.Query().Where(consenttext.Version(adminMark + "-1")).OnlyX(w.system()).PurposeID
	_, err = w.consents.Publish(w.asAdmin(), consents.Text{PurposeID: purpose, Version: adminMark + "-2", Text: strings.Repeat(adminMark, 3)})
	w.fine(err)
	w.template(nil, "PERIOD_REOPENED", adminMark+" more")
	w.toldAt(notify.Notice{Event: notify.Message(adminMark+" more", adminMark+" more", ""), To: notify.To{Admins: true}})
	w.settled()
}

func mustDay(w *world, text string) calendar.Date {
	w.t.Helper()
	d, err := calendar.ParseDate(text)
	w.fine(err)
	return d
}

// leadOf are the leads that a side has now and sees.
func leadOf(s *side) predicate.Lead {
	return lead.And(lead.DistributorID(s.id), lead.RestrictedAtIsNil())
}
