package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/ent/delivery"
	"channelbook/ent/goal"
	"channelbook/ent/report"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/ent/values"
	"channelbook/ent/webhookstate"
	"channelbook/internal/calendar"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/personaldata/audit"
)

// unrecorded are the mutations that leave no record where they go well, and why.
var unrecorded = map[string]string{
	"refreshSession":             "goes on with a session that was recorded when it began; a token that comes twice is recorded",
	"markNotificationsRead":      "a person's own marks on what the person was told",
	"previewTemplate":            "stores and sends nothing",
	"updateNotificationSettings": "how a person wants to be told, which concerns nobody else",
}

// scene is what mutations are tried on.
type scene struct {
	h           *house
	admin, roma caller
	company     gid.ID
	sources     *ent.LeadSource
	key         caller
}

// lead is a new lead of the company, brought into a state by mutations of an administrator or of its user.
func (s scene) lead(before ...string) string {
	s.h.t.Helper()
	id := gid.Lead.Format(s.h.lead(s.sources, leads.Submission{}, s.company))
	for _, name := range before {
		who := s.roma
		if name == "registerSale" || name == "reopenLead" {
			who = s.admin
		}
		s.call(who, name, vars{"leadId": id, "reason": "Просто так", "payout": "1"})
	}
	return id
}

// owing is a distributor to whom something is owed, where no period is closed.
func (s scene) owing() gid.ID {
	s.h.t.Helper()
	of := s.h.distributor("Владелец")
	s.h.sale(s.h.lead(s.sources, leads.Submission{}, of), 100)
	return of
}

// call sends a mutation with those of the fields that its input has.
func (s scene) call(who caller, name string, fields vars) {
	s.h.t.Helper()
	f := schema().Mutation.Fields.ForName(name)
	var in vars
	head, tail := "", ""
	if arg := f.Arguments.ForName("input"); arg != nil {
		in = vars{"in": vars{}}
		for field, value := range fields {
			if schema().Types[arg.Type.Name()].Fields.ForName(field) != nil {
				in["in"].(vars)[field] = value
			}
		}
		head, tail = "($in: "+arg.Type.String()+")", "(input: $in)"
	}
	what := "userErrors { code field }"
	if name == "verifyAudit" {
		what = "ok"
	}
	s.h.must(who, "mutation"+head+" { "+name+tail+" { "+what+" } }", in)
}

// onPaper is a consent to the processing of a lead.
func onPaper(lead string) vars {
	return vars{"leadId": lead, "textVersion": "2026-09", "givenAt": "2026-11-20T10:00:00Z", "how": "PAPER"}
}

// TestEveryMutationIsRecorded does each mutation and looks for the record of it, with who did it.
func TestEveryMutationIsRecorded(t *testing.T) {
	type act struct {
		who    func(s scene) caller
		fields func(s scene) vars
		want   audit.Action
	}
	admin := func(s scene) caller { return s.admin }
	roma := func(s scene) caller { return s.roma }
	key := func(s scene) caller { return s.key }
	var app phone // of who sets a second factor up, or has one
	phones := func(scene) caller { return app.who }
	nothing := func(scene) vars { return vars{} }
	onLead := func(before ...string) func(s scene) vars {
		return func(s scene) vars {
			return vars{"leadId": s.lead(before...), "reason": "Так надо", "text": "Звонил", "payout": "1"}
		}
	}
	onUser := func(before ...string) func(s scene) vars {
		return func(s scene) vars {
			login := "u" + strings.ToLower(gid.User.Format(gid.New())[10:])
			s.h.worker(login, s.company)
			u := s.h.idOf(login)
			for _, name := range before {
				s.call(s.admin, name, vars{"id": gid.User.Format(u)})
			}
			return vars{"id": gid.User.Format(u), "name": "Иван"}
		}
	}
	onCompany := func(before ...string) func(s scene) vars {
		return func(s scene) vars {
			id := gid.Distributor.Format(s.h.distributor("Ещё одни"))
			for _, name := range before {
				s.call(s.admin, name, vars{"id": id})
			}
			return vars{"id": id, "distributorId": id, "companyName": "Иначе", "payoutRule": vars{"kind": "MANUAL"}, "startsOn": "2026-12-01", "endsOn": "2026-12-02"}
		}
	}
	onSource := func(before ...string) func(s scene) vars {
		return func(s scene) vars {
			row, _ := s.h.source(leads.SourceInput{Name: "Ещё один"})
			for _, name := range before {
				s.call(s.admin, name, vars{"id": gid.LeadSource.Format(row.ID)})
			}
			return vars{"id": gid.LeadSource.Format(row.ID), "name": "Иначе"}
		}
	}
	onStatement := func(approved bool) func(s scene) vars {
		return func(s scene) vars {
			row := s.h.drawn(s.owing())
			id := gid.Statement.Format(row.ID)
			if approved {
				s.call(s.admin, "approveStatement", vars{"id": id})
			}
			return vars{"id": id}
		}
	}
	onDelivery := func(status delivery.Status) func(s scene) vars {
		return func(s scene) vars {
			id := s.h.sentTo(s.h.idOf("roma"), s.company)
			s.h.db.Delivery.UpdateOneID(id).SetStatus(status).ExecX(s.h.system())
			return vars{"id": gid.Delivery.Format(id), "sent": true}
		}
	}
	onHook := func(s scene) vars {
		hook, _ := s.h.hooked("Хук")
		return vars{"id": gid.Webhook.Format(hook), "kind": "LEAD_TAKEN", "send": false}
	}
	onHookEvent := func(before ...string) func(s scene) vars {
		return func(s scene) vars {
			_, event := s.h.hooked("Хук")
			id := gid.WebhookEvent.Format(event)
			for _, name := range before {
				s.call(s.admin, name, vars{"id": id})
			}
			return vars{"id": id}
		}
	}
	acts := map[string]act{
		"createWebhook": {admin, func(scene) vars {
			return vars{"name": "Хук", "url": "https://hooks.test/in", "events": []string{"LEAD_TAKEN"}}
		}, audit.WebhookCreated},
		"updateWebhook":       {admin, onHook, audit.WebhookUpdated},
		"rotateWebhookSecret": {admin, onHook, audit.WebhookSecretRotated},
		"resumeWebhook": {admin, func(s scene) vars {
			hook, _ := s.h.hooked("Хук")
			s.h.db.WebhookState.Update().Where(webhookstate.WebhookID(hook)).SetStoppedAt(s.h.now()).ExecX(s.h.system())
			return vars{"id": gid.Webhook.Format(hook)}
		}, audit.WebhookResumed},
		"removeWebhook":      {admin, onHook, audit.WebhookRemoved},
		"testWebhook":        {admin, onHook, audit.WebhookTested},
		"cancelWebhookEvent": {admin, onHookEvent(), audit.WebhookEventCancelled},
		"retryWebhookEvent":  {admin, onHookEvent("cancelWebhookEvent"), audit.WebhookEventRepeated},

		"startImport":  {admin, func(s scene) vars { return vars{"id": gid.Import.Format(s.h.imported("Файл"))} }, audit.ImportStarted},
		"cancelImport": {admin, func(s scene) vars { return vars{"id": gid.Import.Format(s.h.imported("Файл"))} }, audit.ImportCancelled},

		"takeLead":     {roma, onLead(), audit.LeadTaken},
		"declineLead":  {roma, onLead(), audit.LeadDeclined},
		"rejectLead":   {roma, onLead(), audit.LeadRejected},
		"addLeadNote":  {roma, onLead(), audit.LeadNoted},
		"registerSale": {admin, onLead("takeLead"), audit.SaleRegistered},
		"reverseSale":  {admin, onLead("registerSale"), audit.SaleReversed},
		"reopenLead":   {admin, onLead("rejectLead"), audit.LeadReopened},
		"reassignLead": {admin, onLead(), audit.LeadReassigned},
		"releaseLead": {admin, func(s scene) vars {
			return vars{"leadId": s.h.quarantined(), "reason": "Согласие есть", "basis": vars{"legalBasis": "CONTRACT", "note": "Договор"}}
		}, audit.LeadReleased},
		"submitLead":  {key, func(scene) vars { return vars{"firstName": "Анна", "email": "a@example.ru"} }, audit.LeadReceived},
		"submitLeads": {key, func(scene) vars { return vars{"leads": []vars{{"firstName": "Анна", "email": "b@example.ru"}}} }, audit.LeadReceived},
		"signIn":      {func(scene) caller { return caller{} }, func(scene) vars { return vars{"login": "roma", "password": "a long enough password"} }, audit.SignedIn},
		"signOut":     {func(s scene) caller { return s.h.signedIn("roma") }, nothing, audit.SignedOut},
		"revokeSession": {admin, func(s scene) vars {
			s.h.signedIn("roma")
			return vars{"id": gid.Session.Format(s.h.db.Session.Query().Where(session.RevokedAtIsNil()).Order(ent.Desc(session.FieldID)).FirstIDX(s.h.system()))}
		}, audit.SessionRevoked},
		"signOutEverywhere": {func(s scene) caller { return s.h.signedIn("roma") }, nothing, audit.SessionsEnded},
		"changePassword": {func(s scene) caller { s.h.worker("nina", s.company); return s.h.signedIn("nina") }, func(scene) vars {
			return vars{"currentPassword": "a long enough password", "newPassword": "quite a new password"}
		}, audit.PasswordChanged},
		"beginSecondFactor": {roma, func(scene) vars { return vars{"currentPassword": "a long enough password"} }, audit.SecondFactorBegun},
		"confirmSecondFactor": {phones, func(s scene) vars {
			app = s.h.begun(s.h.worker("olga", s.company))
			return vars{"code": app.code(0)}
		}, audit.SecondFactorEnabled},
		"removeSecondFactor": {phones, func(s scene) vars {
			app = s.h.enabled(s.h.worker("vera", s.company))
			return vars{"currentPassword": "a long enough password", "code": app.code(0)}
		}, audit.SecondFactorRemoved},
		"renewRecoveryCodes": {phones, func(s scene) vars {
			app = s.h.enabled(s.h.worker("inna", s.company))
			return vars{"code": app.code(0)}
		}, audit.RecoveryCodesNew},
		"resetSecondFactor": {admin, func(s scene) vars {
			s.h.enabled(s.h.worker("zoya", s.company))
			return vars{"id": gid.User.Format(s.h.idOf("zoya"))}
		}, audit.SecondFactorReset},
		"createUser":          {admin, func(scene) vars { return vars{"login": "mole", "password": "a long enough password", "role": "ADMIN"} }, audit.UserCreated},
		"updateUser":          {admin, onUser(), audit.UserUpdated},
		"disableUser":         {admin, onUser(), audit.UserDisabled},
		"enableUser":          {admin, onUser("disableUser"), audit.UserEnabled},
		"resetPassword":       {admin, onUser(), audit.PasswordReset},
		"createDistributor":   {admin, func(scene) vars { return vars{"companyName": "Новые"} }, audit.DistributorCreated},
		"updateDistributor":   {admin, onCompany(), audit.DistributorUpdated},
		"suspendDistributor":  {admin, onCompany(), audit.DistributorSuspended},
		"activateDistributor": {admin, onCompany("suspendDistributor"), audit.DistributorActivated},
		"setDistributorTerms": {admin, onCompany(), audit.TermsSet},
		"addAbsence":          {admin, onCompany(), audit.AbsenceAdded},
		"removeAbsence":       {admin, func(s scene) vars { return vars{"id": gid.Absence.Format(s.h.absence(s.company))} }, audit.AbsenceRemoved},
		"updateCompany":       {admin, func(scene) vars { return vars{"name": "Мы"} }, audit.CompanyUpdated},
		"createLeadSource":    {admin, func(scene) vars { return vars{"name": "Новый"} }, audit.SourceCreated},
		"updateLeadSource":    {admin, onSource(), audit.SourceUpdated},
		"stopLeadSource":      {admin, onSource(), audit.SourceStopped},
		"resumeLeadSource":    {admin, onSource("stopLeadSource"), audit.SourceResumed},
		"rotateLeadSourceKey": {admin, onSource(), audit.SourceKeyRotated},
		"addToBlacklist":      {admin, func(scene) vars { return vars{"kind": "DOMAIN", "value": "new.example"} }, audit.Blacklisted},
		"removeFromBlacklist": {admin, func(s scene) vars { return vars{"id": theirsOf(s.h.t.(*testing.T), s.h, s.company)["entry"]} }, audit.Unblacklisted},
		"createProcessingPurpose": {admin, func(scene) vars {
			return vars{"code": "survey", "name": "Опрос", "legalBasis": "CONSENT", "retentionDays": 30, "recipients": []string{}}
		}, audit.PurposeCreated},
		"updateProcessingPurpose": {admin, func(scene) vars { return vars{"id": gid.Purpose.Format(values.LeadPurposeID), "name": "Заявка"} }, audit.PurposeUpdated},
		"publishConsentText": {admin, func(scene) vars {
			return vars{"purposeId": gid.Purpose.Format(values.LeadPurposeID), "version": "2027-01", "text": "Согласен."}
		}, audit.TextPublished},
		"recordConsent": {admin, func(s scene) vars { return onPaper(s.lead()) }, audit.ConsentRecorded},
		"withdrawConsent": {admin, func(s scene) vars {
			id := s.lead()
			s.call(s.admin, "recordConsent", onPaper(id))
			return vars{"consentId": gid.Consent.Format(s.h.db.Consent.Query().Order(ent.Desc("id")).FirstIDX(s.h.system())), "channel": "PAPER"}
		}, audit.ConsentWithdrawn},
		"setGoals": {admin, func(s scene) vars {
			return vars{"goals": []vars{{"distributorId": gid.Distributor.Format(s.company), "period": vars{"kind": "MONTH", "startsOn": "2026-11-01"}, "metric": "PAYOUT", "target": "1"}}}
		}, audit.GoalsSet},
		"copyGoals": {admin, func(s scene) vars {
			s.h.goal(s.company, calendar.Month, "2026-03-01", goal.MetricPAYOUT, 1)
			return vars{"from": vars{"kind": "MONTH", "startsOn": "2026-03-01"}, "to": vars{"kind": "MONTH", "startsOn": "2026-04-01"}}
		}, audit.GoalsCopied},
		"removeGoal": {admin, func(s scene) vars {
			return vars{"id": gid.Goal.Format(s.h.goal(s.company, calendar.Month, "2026-05-01", goal.MetricPAYOUT, 1))}
		}, audit.GoalRemoved},
		"closePeriod": {admin, func(scene) vars { return vars{"period": vars{"kind": "QUARTER", "startsOn": "2026-01-01"}} }, audit.PeriodClosed},
		"reopenPeriod": {admin, func(s scene) vars {
			in := vars{"period": vars{"kind": "QUARTER", "startsOn": "2025-01-01"}, "reason": "Забыли"}
			s.call(s.admin, "closePeriod", in)
			return in
		}, audit.PeriodReopened},
		"verifyAudit":     {admin, nothing, audit.AuditVerified},
		"retryJob":        {admin, func(s scene) vars { return vars{"id": s.h.errand("retried")} }, audit.JobRetried},
		"cancelJob":       {admin, func(s scene) vars { return vars{"id": s.h.errand("cancelled")} }, audit.JobCancelled},
		"runScheduledJob": {admin, func(scene) vars { return vars{"name": "sessions"} }, audit.JobStarted},
		"sendNotification": {admin, func(s scene) vars {
			return vars{"title": "Встреча", "text": "В пять", "distributorIds": []string{gid.Distributor.Format(s.company)}}
		}, audit.MessageSent},

		"retryDelivery":  {admin, onDelivery(delivery.StatusDEAD), audit.DeliveryRetried},
		"settleDelivery": {admin, onDelivery(delivery.StatusUNKNOWN), audit.DeliverySettled},
		"cancelDelivery": {admin, onDelivery(delivery.StatusQUEUED), audit.DeliveryCancelled},
		"resumeChannel":  {admin, func(s scene) vars { onDelivery(delivery.StatusQUEUED)(s); return vars{"channel": "EMAIL"} }, audit.ChannelRetried},
		"removeSuppression": {admin, func(s scene) vars {
			onDelivery(delivery.StatusSUPPRESSED)(s)
			return vars{"id": gid.Suppression.Format(s.h.db.Suppression.Query().FirstIDX(s.h.system()))}
		}, audit.SuppressionRemoved},

		"requestReport": {roma, func(scene) vars { return vars{"kind": "LEADS", "format": "XLSX"} }, audit.ReportRequested},
		"cancelReport":  {roma, func(s scene) vars { return vars{"id": s.h.reportOf("roma", report.StatusQUEUED)} }, audit.ReportCancelled},
		"createReportSchedule": {admin, func(s scene) vars {
			return vars{"name": "Так надо", "kind": "LEADS", "format": "XLSX", "every": "WEEK", "recipientIds": []string{gid.User.Format(s.h.idOf("roma"))}}
		}, audit.ScheduleCreated},
		"updateReportSchedule": {admin, func(s scene) vars {
			return vars{"id": s.h.scheduled("boss", "Сводка", "roma"), "name": "Так надо"}
		}, audit.ScheduleUpdated},
		"removeReportSchedule": {admin, func(s scene) vars { return vars{"id": s.h.scheduled("boss", "Сводка", "roma")} }, audit.ScheduleRemoved},
		"drawUpStatement": {admin, func(s scene) vars {
			of := s.owing()
			s.h.shut()
			return vars{"distributorId": gid.Distributor.Format(of), "period": vars{"kind": "MONTH", "startsOn": s.h.thisMonth().StartsOn.String()}}
		}, audit.StatementDrawnUp},
		"updateProcessor": {admin, func(scene) vars { return vars{"channel": "EMAIL", "enabled": true, "country": "RU"} }, audit.ProcessorUpdated},
		"setMessageTemplate": {admin, func(scene) vars {
			return vars{"kind": "GOAL_SET", "channel": "EMAIL", "enabled": true, "subject": "{{notice.title}}", "text": "Звонил"}
		}, audit.TemplateSet},
		"removeMessageTemplate": {admin, func(s scene) vars {
			return vars{"id": gid.Template.Format(s.h.template(nil, "GOAL_REMOVED", "Звонил").ID)}
		}, audit.TemplateRemoved},
		"sendTestMessage": {admin, func(s scene) vars {
			s.h.mailed("boss")
			return vars{"channel": "EMAIL"}
		}, audit.TestMessageSent},
		"discardStatement":  {admin, onStatement(false), audit.StatementDiscarded},
		"approveStatement":  {admin, onStatement(false), audit.StatementApproved},
		"markStatementPaid": {admin, onStatement(true), audit.StatementMarkedPaid},
	}
	for _, f := range schema().Mutation.Fields {
		if _, there := acts[f.Name]; !there && unrecorded[f.Name] == "" {
			t.Errorf("%s: add it here with what it records, or to unrecorded with the reason", f.Name)
		}
	}
	each(t, func(t *testing.T, h *house) {
		s := scene{h: h, admin: h.admin("boss"), company: h.distributor("Ромашка")}
		s.roma = h.worker("roma", s.company)
		h.worker("victim", h.distributor("Другие"))
		s.sources, s.key = h.source(leads.SourceInput{Name: "Лендинг"})
		for _, name := range slices.Sorted(maps.Keys(acts)) {
			a := acts[name]
			t.Run(name, func(t *testing.T) {
				h.t = t
				h.nothingClosed()
				fields, who := a.fields(s), a.who(s)
				before := h.recorded(a.want)
				s.call(who, name, fields)
				after := h.recorded(a.want)
				if len(after) != len(before)+1 {
					t.Fatalf("got %d records of %s more, want 1", len(after)-len(before), a.want)
				}
				r := after[len(after)-1]
				kind := auditrecord.ActorKindUSER
				if name == "submitLead" || name == "submitLeads" {
					kind = auditrecord.ActorKindSOURCE
				}
				if r.ActorKind != kind || r.ActorID == nil || r.Outcome != auditrecord.OutcomeDONE {
					t.Errorf("got %s %v, %s, want who asked, a %s, and DONE", r.ActorKind, r.ActorID, r.Outcome, kind)
				}
			})
		}
		h.t = t
		h.tellsNobodysData(t)
	})
}

// recorded are the records of an action, oldest first.
func (h *house) recorded(a audit.Action) []*ent.AuditRecord {
	h.t.Helper()
	return h.db.AuditRecord.Query().Where(auditrecord.Action(string(a))).Order(ent.Asc(auditrecord.FieldID)).AllX(h.system())
}

// tellsNobodysData: what the mutations above were given stands in no record.
func (h *house) tellsNobodysData(t *testing.T) {
	t.Helper()
	for _, r := range h.db.AuditRecord.Query().AllX(h.system()) {
		for _, text := range []*string{r.Details, r.Reason} {
			for _, canary := range []string{"Иван", "Анна", "example", "Звонил", "надо", "так", "roma", "password"} {
				if text != nil && strings.Contains(*text, canary) {
					t.Errorf("%s: got %q, which tells %q", r.Action, *text, canary)
				}
			}
		}
	}
}

// quarantined is a lead that came without the consent that its source requires.
func (h *house) quarantined() string {
	h.t.Helper()
	yes := true
	source, _ := h.source(leads.SourceInput{Name: "Строгий", RequireConsent: &yes})
	return gid.Lead.Format(h.lead(source, leads.Submission{}))
}

// signedIn signs somebody in.
func (h *house) signedIn(login string) caller {
	h.t.Helper()
	r := h.must(caller{}, `mutation($l: String!) { signIn(input: {login: $l, password: "a long enough password"}) { session { accessToken } userErrors { code } } }`, vars{"l": login})
	token, _ := r.at("signIn", "session", "accessToken").(string)
	return caller{"Authorization", "Bearer " + token}
}

func TestAReadOfACardIsRecordedBeforeItIsShown(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mine, theirs := h.distributor("Наши"), h.distributor("Чужие")
		admin, worker := h.admin("boss"), h.worker("worker", mine)
		source, _ := h.source(leads.SourceInput{Name: "Лендинг"})
		own, foreign := gid.Lead.Format(h.lead(source, leads.Submission{}, mine)), gid.Lead.Format(h.lead(source, leads.Submission{}, theirs))
		nobodys := gid.Lead.Format(gid.New())
		const lead, node = `query($id: ID!) { lead(id: $id) { phone } }`, `query($id: ID!) { node(id: $id) { id } }`
		for name, c := range map[string]struct {
			who       caller
			query, id string
			want      string
		}{
			"by its user":               {worker, lead, own, "DONE"},
			"by an administrator":       {admin, lead, foreign, "DONE"},
			"by node":                   {worker, node, own, "DONE"},
			"another's":                 {worker, lead, foreign, "REFUSED"},
			"another's, by node":        {worker, node, foreign, "REFUSED"},
			"of a lead that is not":     {worker, lead, nobodys, "REFUSED"},
			"what is no lead":           {worker, lead, gid.Distributor.Format(mine), ""},
			"another object, by node":   {worker, node, gid.Distributor.Format(mine), ""},
			"what is no id at all":      {worker, lead, "lead", ""},
			"by nobody, who is refused": {caller{}, lead, own, ""},
		} {
			before := len(h.recorded(audit.LeadRead))
			h.ask(c.who, c.query, vars{"id": c.id})
			read := h.recorded(audit.LeadRead)[before:]
			switch {
			case c.want == "" && len(read) > 0, c.want != "" && len(read) != 1:
				t.Errorf("%s: got %d records, want one where a lead was asked for", name, len(read))
			case c.want != "" && (read[0].Outcome.String() != c.want || audit.ObjectID(read[0]) != c.id || read[0].ActorKind != "USER"):
				t.Errorf("%s: got %v, want %s of %s by a user", name, read[0], c.want, c.id)
			}
		}
		before := len(h.recorded(audit.LeadRead))
		h.must(admin, `query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": []string{own, foreign, nobodys}})
		if n := len(h.recorded(audit.LeadRead)) - before; n != 3 {
			t.Errorf("nodes: got %d records, want 3", n)
		}
		t.Run("where it cannot be recorded it is not shown", func(t *testing.T) {
			broken := *h
			broken.t = t
			if _, err := h.db.ExecContext(h.system(), "ALTER TABLE audit_records RENAME TO gone"); err != nil {
				t.Fatal(err)
			}
			for _, query := range []string{lead, node} {
				if got := broken.ask(worker, query, vars{"id": own}); got.code() != "INTERNAL" || tellsAnything(got.Data) {
					t.Errorf("got %s, want INTERNAL and nothing of the lead", got.raw)
				}
			}
			if _, err := h.db.ExecContext(h.system(), "ALTER TABLE gone RENAME TO audit_records"); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func TestRefusalsOfSomebodyKnownAreRecorded(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		worker := h.worker("worker", company)
		_, key := h.source(leads.SourceInput{Name: "Лендинг"})
		lead := gid.Lead.Format(gid.New())
		for name, c := range map[string]struct {
			who   caller
			query string
			field string
		}{
			"a user, by a guard":   {worker, `{ users { edges { node { id } } } }`, "Query.users"},
			"a user, in a rule":    {worker, `mutation { registerSale(input: {leadId: "` + lead + `", payout: "1"}) { userErrors { code } } }`, "Mutation.registerSale"},
			"a source":             {key, `{ leads { edges { node { id } } } }`, "Query.leads"},
			"a hundred at once":    {worker, `{` + aliases("users { edges { node { id } } }", 50) + `}`, "Query.users"},
			"nobody":               {caller{}, `{ users { edges { node { id } } } }`, ""},
			"somebody who may":     {worker, `{ viewer { login } }`, ""},
			"what is not there":    {worker, `{ distributor(id: "` + gid.Distributor.Format(gid.New()) + `") { id } }`, ""},
			"what is wrong itself": {worker, `{ distributor(id: 5.5) { id } }`, ""},
		} {
			before := len(h.recorded(audit.AccessRefused))
			h.ask(c.who, c.query, nil)
			refused := h.recorded(audit.AccessRefused)[before:]
			switch {
			case c.field == "" && len(refused) > 0, c.field != "" && len(refused) != 1:
				t.Errorf("%s: got %d records, want one where somebody known was refused", name, len(refused))
			case c.field != "" && (refused[0].Outcome != "REFUSED" || *refused[0].Details != `{"field":"`+c.field+`"}` || refused[0].ActorID == nil):
				t.Errorf("%s: got %v, want the refusal of %s", name, refused[0], c.field)
			}
		}
	})
}

func aliases(field string, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" a" + string(rune('a'+i%26)) + string(rune('a'+i/26)) + ": " + field)
	}
	return b.String()
}

func TestAuditLogFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		company := h.distributor("Ромашка")
		source, _ := h.source(leads.SourceInput{Name: "Лендинг"})
		first := h.lead(source, leads.Submission{}, company)
		h.now = dbtest.Clock("2026-11-23T10:00:00Z")
		second := h.lead(source, leads.Submission{}, company)
		h.ask(admin, `query($id: ID!) { lead(id: $id) { id } }`, vars{"id": gid.Lead.Format(second)})
		h.ask(admin, `query($id: ID!) { lead(id: $id) { id } }`, vars{"id": gid.Lead.Format(gid.New())})
		const query = `query($f: AuditFilter, $n: Int, $a: String) { auditLog(first: $n, after: $a, filter: $f) {
			totalCount pageInfo { hasNextPage endCursor } edges { node { id at action outcome actorKind actorId objectId details { name value } } } } }`
		for name, c := range map[string]struct {
			filter vars
			want   int
		}{
			"all":         {nil, h.db.AuditRecord.Query().CountX(h.system())},
			"by action":   {vars{"actions": []string{"LEAD_RECEIVED"}}, 2},
			"by actor":    {vars{"actorIds": []string{gid.LeadSource.Format(source.ID)}}, 2},
			"by object":   {vars{"objectId": gid.Lead.Format(first)}, 1},
			"of a kind":   {vars{"objectId": gid.User.Format(first)}, 0},
			"by outcome":  {vars{"outcomes": []string{"REFUSED", "FAILED"}}, 1},
			"from":        {vars{"from": "2026-11-23T10:00:00Z", "actions": []string{"LEAD_RECEIVED"}}, 1},
			"to":          {vars{"to": "2026-11-23T10:00:00Z", "actions": []string{"LEAD_RECEIVED"}}, 1},
			"all at once": {vars{"from": "2026-11-23T10:00:00Z", "actions": []string{"LEAD_READ"}, "outcomes": []string{"DONE"}, "objectId": gid.Lead.Format(second)}, 1},
		} {
			got := h.must(admin, query, vars{"f": c.filter, "n": 100})
			if n := got.at("auditLog", "totalCount"); n != float64(c.want) || len(got.nodes("auditLog")) != c.want {
				t.Errorf("%s: got %v and %d records, want %d", name, n, len(got.nodes("auditLog")), c.want)
			}
		}
		for name, filter := range map[string]vars{
			"no action": {"actions": []string{"LEAD_EATEN"}}, "no actor": {"actorIds": []string{gid.Lead.Format(first)}}, "no id": {"objectId": "x"},
		} {
			if got := h.ask(admin, query, vars{"f": filter}); got.code() != "BAD_REQUEST" {
				t.Errorf("%s: got %s, want BAD_REQUEST", name, got.raw)
			}
		}
		var seen []string
		var after any
		for {
			got := h.must(admin, query, vars{"n": 2, "a": after})
			for _, n := range got.nodes("auditLog") {
				seen = append(seen, n["id"].(string))
			}
			if got.at("auditLog", "pageInfo", "hasNextPage") != true {
				break
			}
			after = got.at("auditLog", "pageInfo", "endCursor")
		}
		if all := slices.Compact(slices.Sorted(slices.Values(seen))); len(all) != len(seen) || len(all) != h.db.AuditRecord.Query().CountX(h.system()) {
			t.Errorf("got %d records, %d of them different, want each once", len(seen), len(all))
		}
		node := h.must(admin, `query($id: ID!) { node(id: $id) { ... on AuditRecord { action remoteAddr objectId } } }`, vars{"id": seen[0]})
		if node.at("node", "action") == nil {
			t.Errorf("got %s, want the record", node.raw)
		}
	})
}

func TestVerifyAuditTellsWhereItBreaks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		h.distributor("Ромашка")
		if _, err := h.audit.Seal(h.system()); err != nil {
			t.Fatal(err)
		}
		const query = `mutation { verifyAudit { ok checkedCount unsealedCount unsealedSince head break { place kind recordId message } } }`
		if got := h.must(admin, query, nil); got.at("verifyAudit", "ok") != true || got.at("verifyAudit", "checkedCount") != 2.0 {
			t.Errorf("got %s, want 2 that hold", got.raw)
		}
		if _, err := h.audit.DropPast(h.system(), h.now().Add(-time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := h.db.ExecContext(h.system(), "UPDATE audit_heads SET count = 7"); err != nil {
			t.Fatal(err)
		}
		if got := h.must(admin, query, nil); got.at("verifyAudit", "ok") != false || got.at("verifyAudit", "break", "kind") != "HEAD_FORGED" {
			t.Errorf("got %s, want a forged head", got.raw)
		}
	})
}

// idOf is the id of the user with a login.
func (h *house) idOf(login string) gid.ID {
	h.t.Helper()
	return h.db.User.Query().Where(user.Login(login)).OnlyIDX(h.system())
}

func TestActsOnSomebodyElsesLeadAreRecordedAsRefused(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mine, theirs := h.distributor("Наши"), h.distributor("Чужие")
		stranger := h.worker("stranger", mine)
		source, _ := h.source(leads.SourceInput{Name: "Лендинг"})
		id := h.lead(source, leads.Submission{FirstName: "Анна"}, theirs)
		for name, input := range map[string]vars{
			"takeLead": {}, "declineLead": {"reason": "Так"}, "rejectLead": {"reason": "Так"}, "addLeadNote": {"text": "Здесь был"},
		} {
			input["leadId"] = gid.Lead.Format(id)
			before := len(h.recorded(audit.AccessRefused))
			arg := schema().Mutation.Fields.ForName(name).Arguments.ForName("input").Type.String()
			h.ask(stranger, "mutation($in: "+arg+") { "+name+"(input: $in) { userErrors { code } } }", vars{"in": input})
			after := h.recorded(audit.AccessRefused)
			if len(after) != before+1 || after[before].ObjectID == nil || *after[before].ObjectID != id || after[before].Outcome != auditrecord.OutcomeREFUSED {
				t.Errorf("%s: got %d records more, want one refusal with the lead", name, len(after)-before)
			}
		}
	})
}
