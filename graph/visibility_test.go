package graph_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/accounts"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/ent/period"
	"channelbook/ent/report"
	"channelbook/ent/session"
	"channelbook/ent/user"
	"channelbook/ent/values"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// foreign is what one distributor's user tries on another distributor's things. refused says what must come back:
// null or nothing of the other's, or a refusal by this code or user error.
type attempt struct {
	query   string
	vars    vars
	refused string // a top-level code, a user error's code, or "" for null or an empty list
}

// TestAnotherDistributorsUserGetsNothing goes through every query and mutation. A root field without a case fails it.
func TestAnotherDistributorsUserGetsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		mine, theirs := h.distributor("Наши"), h.distributor("Чужие")
		stranger := h.worker("stranger", mine)
		h.worker("victim", theirs)
		h.admin("boss")
		source, _ := h.source(leads.SourceInput{Name: "Canary source"})
		secret := leads.Submission{FirstName: "Канарейка", LastName: "Секретная", Phone: "+79161234567", Email: "canary@example.ru", Consent: consentToLead(),
			ExternalID: "canary-external", Tracking: leads.Tracking{UTMSource: "canary-utm"}}
		leadID := gid.Lead.Format(h.lead(source, secret, theirs))
		other := theirsOf(t, h, theirs)
		other["lead"] = leadID
		secret.Phone, secret.Email, secret.ExternalID = "+79161234568", "canary2@example.ru", "canary-external-2"
		maps.Copy(other, h.owed(theirs, h.lead(source, secret, theirs)))
		maps.Copy(other, h.reported("boss", "victim"))
		h.db.Notice.Delete().Where(notice.KindNEQ(notice.KindMESSAGE)).ExecX(h.system()) // that a period is closed everybody may know

		for name, a := range strangersAttempts(other) {
			t.Run(name, func(t *testing.T) {
				h := *h
				h.t = t
				got := h.ask(stranger, a.query, a.vars)
				for _, canary := range []string{"Канарейка", "Секретная", "9161234567", "canary", "Чужие", "victim"} {
					if strings.Contains(got.raw, canary) {
						t.Errorf("got %s, which tells %q", got.raw, canary)
					}
				}
				for kind, id := range other {
					if asked, _ := json.Marshal(a.vars); strings.Contains(got.raw, id) && !strings.Contains(string(asked), id) {
						t.Errorf("got %s, which tells the id of a %s", got.raw, kind)
					}
				}
				a.check(t, got)
			})
		}
		h.unchanged(t, leadID)
	})
}

// theirsOf are the ids of things that belong to another distributor or to administrators alone.
func theirsOf(t *testing.T, h *house, distributor gid.ID) map[string]string {
	t.Helper()
	ctx := h.system()
	entry, err := h.leads.AddToBlacklist(ctx, leads.BlacklistInput{Kind: blacklistentry.KindEMAIL, Value: "bad@canary.example"})
	if err != nil {
		t.Fatal(err)
	}
	victims, err := h.accounts.SignIn(ctx, accounts.SignIn{Login: "victim", Password: "a long enough password", UserAgent: "canary-device"})
	if err != nil {
		t.Fatal(err)
	}
	hook, event := h.hooked("canary")
	return map[string]string{
		"session":     gid.Session.Format(victims.Viewer.SessionID),
		"distributor": gid.Distributor.Format(distributor),
		"user":        gid.User.Format(h.db.User.Query().Where(user.Login("victim")).OnlyIDX(ctx)),
		"source":      gid.LeadSource.Format(h.db.LeadSource.Query().FirstIDX(ctx)),
		"attempt":     gid.IntakeAttempt.Format(h.db.IntakeAttempt.Query().FirstIDX(ctx)),
		"event":       gid.LeadEvent.Format(h.db.LeadEvent.Query().FirstIDX(ctx)),
		"entry":       gid.BlacklistEntry.Format(entry.ID),
		"absence":     gid.Absence.Format(h.absence(distributor)),
		"consent":     gid.Consent.Format(h.db.Consent.Query().FirstIDX(ctx)),
		"purpose":     gid.Purpose.Format(values.LeadPurposeID),
		"text":        gid.ConsentText.Format(h.db.ConsentText.Query().FirstIDX(ctx)),
		"record":      gid.AuditRecord.Format(h.db.AuditRecord.Query().FirstIDX(ctx)),
		"goal":        gid.Goal.Format(h.goalsOfEveryKind(distributor)),
		"change":      gid.GoalChange.Format(h.db.GoalChange.Query().FirstIDX(ctx)),
		"template":    gid.Template.Format(h.template(&distributor, "MESSAGE", "canary").ID),

		"webhook": gid.Webhook.Format(hook), "hookEvent": gid.WebhookEvent.Format(event),
		"import": gid.Import.Format(h.imported("canary")),

		"notification": h.message(notify.To{Distributor: distributor}, "canary for the victim"),
		"delivery":     gid.Delivery.Format(h.sentTo(h.idOf("victim"), distributor)),
		"suppression":  gid.Suppression.Format(h.db.Suppression.Query().FirstIDX(ctx)),
	}
}

func strangersAttempts(id map[string]string) map[string]attempt {
	input := func(fields vars) vars { return vars{"in": fields} }
	onLead := input(vars{"leadId": id["lead"]})
	because := input(vars{"leadId": id["lead"], "reason": "Просто так"})
	november := vars{"kind": "MONTH", "startsOn": "2026-11-01"}
	attempts := map[string]attempt{
		"node":                 {`query($id: ID!) { node(id: $id) { id } }`, vars{"id": id["lead"]}, ""},
		"nodes":                {`query($ids: [ID!]!) { nodes(ids: $ids) { id } }`, vars{"ids": []string{id["lead"], id["distributor"], id["user"], id["session"], id["source"], id["attempt"], id["event"], id["entry"], id["absence"], id["record"], id["consent"], id["purpose"], id["text"], id["notification"], id["template"], id["delivery"], id["suppression"]}}, ""},
		"lead":                 {`query($id: ID!) { lead(id: $id) { id phone } }`, vars{"id": id["lead"]}, ""},
		"leads":                {`query($d: ID!) { leads(filter: {distributorIds: [$d]}) { totalCount edges { node { id phone } } } }`, vars{"d": id["distributor"]}, ""},
		"leads by contact":     {`{ leads(filter: {phone: "+79161234567"}) { totalCount edges { node { id } } } }`, nil, ""},
		"leads by last four":   {`{ leads(filter: {search: "4567"}) { totalCount edges { node { id } } } }`, nil, ""},
		"leads by name":        {`{ leads(filter: {search: "секр"}) { totalCount edges { node { id } } } }`, nil, ""},
		"leadStats":            {`query($d: ID!) { leadStats(filter: {distributorIds: [$d]}, groupBy: DISTRIBUTOR) { key label leadCount payout { amount } previous { leadCount } } }`, vars{"d": id["distributor"]}, ""},
		"leadStats, sources":   {`{ leadStats(groupBy: SOURCE) { key label leadCount } }`, nil, "FORBIDDEN"},
		"leadStatus":           {`query($d: ID!) { leadStatus(filter: {distributorIds: [$d]}) { percent } }`, vars{"d": id["distributor"]}, "own"},
		"distributor":          {`query($id: ID!) { distributor(id: $id) { id companyName } }`, vars{"id": id["distributor"]}, ""},
		"distributors":         {`{ distributors(filter: {search: "чуж"}) { totalCount edges { node { id leads { totalCount } users { totalCount } } } } }`, nil, ""},
		"users":                {`{ users { edges { node { id login } } } }`, nil, "FORBIDDEN"},
		"sessions":             {`query($u: ID) { sessions(userId: $u) { totalCount edges { node { id device address } } } }`, vars{"u": id["user"]}, ""},
		"sessions, one's own":  {`{ sessions { edges { node { device userAgent } } } }`, nil, "own"},
		"revokeSession":        {`mutation($in: RevokeSessionInput!) { revokeSession(input: $in) { userErrors { code message } } }`, input(vars{"id": id["session"]}), "NOT_FOUND"},
		"leadSources":          {`{ leadSources { edges { node { id name } } } }`, nil, "FORBIDDEN"},
		"intakeAttempts":       {`{ intakeAttempts { edges { node { id rawBody } } } }`, nil, "FORBIDDEN"},
		"auditLog":             {`{ auditLog { totalCount edges { node { id objectId } } } }`, nil, "FORBIDDEN"},
		"verifyAudit":          {`mutation { verifyAudit { ok head } }`, nil, "FORBIDDEN"},
		"jobs":                 {`{ jobs { totalCount edges { node { id arguments lastError } } } }`, nil, "FORBIDDEN"},
		"scheduledJobs":        {`{ scheduledJobs { name lastError } }`, nil, "FORBIDDEN"},
		"retryJob":             {`mutation { retryJob(input: {id: "job_1"}) { job { id } userErrors { code } } }`, nil, "FORBIDDEN"},
		"cancelJob":            {`mutation { cancelJob(input: {id: "job_1"}) { job { id } userErrors { code } } }`, nil, "FORBIDDEN"},
		"runScheduledJob":      {`mutation { runScheduledJob(input: {name: "sessions"}) { scheduledJob { name } userErrors { code } } }`, nil, "FORBIDDEN"},
		"blacklist":            {`{ blacklist { edges { node { id value } } } }`, nil, "FORBIDDEN"},
		"submittedLead":        {`query($r: String!) { submittedLead(reference: $r) { status } }`, vars{"r": strings.Replace(id["lead"], "lead_", "ref_", 1)}, "FORBIDDEN"},
		"viewer":               {`{ viewer { login distributor { users { edges { node { login } } } leads { totalCount } } } }`, nil, "own"},
		"takeLead":             {`mutation($in: TakeLeadInput!) { takeLead(input: $in) { lead { id } userErrors { code message } } }`, onLead, "NOT_FOUND"},
		"declineLead":          {`mutation($in: DeclineLeadInput!) { declineLead(input: $in) { lead { id } userErrors { code message } } }`, because, "NOT_FOUND"},
		"rejectLead":           {`mutation($in: RejectLeadInput!) { rejectLead(input: $in) { lead { id } userErrors { code message } } }`, because, "NOT_FOUND"},
		"addLeadNote":          {`mutation($in: AddLeadNoteInput!) { addLeadNote(input: $in) { lead { id } userErrors { code message } } }`, input(vars{"leadId": id["lead"], "text": "Был здесь"}), "NOT_FOUND"},
		"registerSale":         {`mutation($in: RegisterSaleInput!) { registerSale(input: $in) { lead { id } userErrors { code } } }`, input(vars{"leadId": id["lead"], "payout": "1"}), "FORBIDDEN"},
		"reverseSale":          {`mutation($in: ReverseSaleInput!) { reverseSale(input: $in) { lead { id } userErrors { code } } }`, because, "FORBIDDEN"},
		"reopenLead":           {`mutation($in: ReopenLeadInput!) { reopenLead(input: $in) { lead { id } userErrors { code } } }`, because, "FORBIDDEN"},
		"releaseLead":          {`mutation($in: ReleaseLeadInput!) { releaseLead(input: $in) { lead { id } userErrors { code } } }`, because, "FORBIDDEN"},
		"reassignLead":         {`mutation($in: ReassignLeadInput!) { reassignLead(input: $in) { lead { id } userErrors { code } } }`, because, "FORBIDDEN"},
		"submitLead":           {`mutation { submitLead(input: {firstName: "А", email: "a@example.ru"}) { outcome } }`, nil, "FORBIDDEN"},
		"submitLeads":          {`mutation { submitLeads(input: {leads: []}) { acceptedCount } }`, nil, "FORBIDDEN"},
		"signIn":               {`mutation { signIn(input: {login: "victim", password: "guess"}) { session { accessToken } userErrors { code } } }`, nil, "INVALID_CREDENTIALS"},
		"refreshSession":       {`mutation { refreshSession(input: {refreshToken: "guess"}) { session { accessToken } userErrors { code } } }`, nil, "INVALID_REFRESH_TOKEN"},
		"signOut":              {`mutation { signOut { userErrors { code } } }`, nil, "own"},
		"signOutEverywhere":    {`mutation { signOutEverywhere { userErrors { code } } }`, nil, "own"},
		"changePassword":       {`mutation { changePassword(input: {currentPassword: "guess", newPassword: "quite a new password"}) { userErrors { code } } }`, nil, "own"},
		"createUser":           {`mutation { createUser(input: {login: "mole", password: "long enough password", role: ADMIN}) { user { id } } }`, nil, "FORBIDDEN"},
		"createDistributor":    {`mutation { createDistributor(input: {companyName: "Моя"}) { distributor { id } } }`, nil, "FORBIDDEN"},
		"updateDistributor":    {`mutation($in: UpdateDistributorInput!) { updateDistributor(input: $in) { distributor { id } } }`, input(vars{"id": id["distributor"], "companyName": "Моя"}), "FORBIDDEN"},
		"createLeadSource":     {`mutation { createLeadSource(input: {name: "Моя"}) { apiKey } }`, nil, "FORBIDDEN"},
		"addToBlacklist":       {`mutation { addToBlacklist(input: {kind: DOMAIN, value: "example.ru"}) { entry { id } } }`, nil, "FORBIDDEN"},
		"updateUser":           {`mutation($in: UpdateUserInput!) { updateUser(input: $in) { user { id } } }`, input(vars{"id": id["user"], "role": "DISTRIBUTOR"}), "FORBIDDEN"},
		"updateLeadSource":     {`mutation($in: UpdateLeadSourceInput!) { updateLeadSource(input: $in) { leadSource { id } } }`, input(vars{"id": id["source"], "name": "Моя"}), "FORBIDDEN"},
		"absences":             {`{ distributors { edges { node { absences { edges { node { id reason } } } } } } }`, nil, "own"},
		"company":              {`{ company { name inn signatory } }`, nil, "FORBIDDEN"},
		"updateCompany":        {`mutation { updateCompany(input: {name: "Моя"}) { company { name } } }`, nil, "FORBIDDEN"},
		"setDistributorTerms":  {`mutation($in: SetDistributorTermsInput!) { setDistributorTerms(input: $in) { distributor { id } } }`, input(vars{"distributorId": id["distributor"], "payoutRule": vars{"kind": "MANUAL"}}), "FORBIDDEN"},
		"addAbsence":           {`mutation($in: AddAbsenceInput!) { addAbsence(input: $in) { absence { id } } }`, input(vars{"distributorId": id["distributor"], "startsOn": "2026-12-01", "endsOn": "2026-12-02"}), "FORBIDDEN"},
		"removeAbsence":        {`mutation($in: RemoveAbsenceInput!) { removeAbsence(input: $in) { userErrors { code } } }`, input(vars{"id": id["absence"]}), "FORBIDDEN"},
		"removeFromBlacklist":  {`mutation($in: RemoveFromBlacklistInput!) { removeFromBlacklist(input: $in) { userErrors { code } } }`, input(vars{"id": id["entry"]}), "FORBIDDEN"},
		"leadFacets":           {`{ leadFacets(first: 100) { values { value count todayCount } } }`, nil, "own"},
		"leadFacets of theirs": {`query($d: ID!) { leadFacets(filter: {distributorIds: [$d]}) { values { value count } } }`, vars{"d": id["distributor"]}, "own"},
		"responseTimes":        {`query($d: ID!) { responseTimes(filter: {distributorIds: [$d]}) { untilTaken { count medianSeconds } untilClosed { count p90Seconds } } }`, vars{"d": id["distributor"]}, ""},
		"sourceQuality":        {`query($s: ID!) { sourceQuality(sourceIds: [$s], from: "2026-11-01", to: "2026-12-01") { source { id name } acceptedCount } }`, vars{"s": id["source"]}, "FORBIDDEN"},
		"sourceCollisions":     {`{ sourceCollisions(from: "2026-11-01", to: "2026-12-01") { totalCount edges { node { reference } } } }`, nil, "FORBIDDEN"},
		"goals":                {`query($d: ID!) { goals(from: "2026-01-01", to: "2027-01-01", filter: {distributorIds: [$d]}) { totalCount edges { node { id target } } } }`, vars{"d": id["distributor"]}, ""},
		"periods":              {`{ periods(kind: MONTH, from: "2026-10-01", to: "2026-12-01") { startsOn status closedBy { login } reopenReason } }`, nil, "own"},
		"goalChanges":          {`{ goalChanges { totalCount edges { node { id reason } } } }`, nil, "FORBIDDEN"},
		"leaderboard":          {`{ leaderboard(period: {kind: MONTH, startsOn: "2026-11-01"}) { rank payout { amount } } }`, nil, "FORBIDDEN"},
		"setGoals": {`mutation($in: SetGoalsInput!) { setGoals(input: $in) { goals { id } userErrors { code } } }`,
			input(vars{"goals": []vars{{"distributorId": id["distributor"], "period": november, "metric": "PAYOUT", "target": "1"}}}), "FORBIDDEN"},
		"copyGoals":    {`mutation($in: CopyGoalsInput!) { copyGoals(input: $in) { copiedCount userErrors { code } } }`, input(vars{"from": november, "to": vars{"kind": "MONTH", "startsOn": "2026-12-01"}}), "FORBIDDEN"},
		"removeGoal":   {`mutation($in: RemoveGoalInput!) { removeGoal(input: $in) { userErrors { code } } }`, input(vars{"id": id["goal"]}), "FORBIDDEN"},
		"closePeriod":  {`mutation($in: ClosePeriodInput!) { closePeriod(input: $in) { period { startsOn } userErrors { code } } }`, input(vars{"period": vars{"kind": "MONTH", "startsOn": "2026-09-01"}}), "FORBIDDEN"},
		"reopenPeriod": {`mutation($in: ReopenPeriodInput!) { reopenPeriod(input: $in) { period { startsOn } userErrors { code } } }`, input(vars{"period": vars{"kind": "MONTH", "startsOn": "2026-10-01"}, "reason": "Просто так"}), "FORBIDDEN"},
	}
	maps.Copy(attempts, map[string]attempt{
		"notifications": {`{ notifications { totalCount unreadCount edges { cursor node { id title text object { id } } } } }`, nil, ""},
		"markNotificationsRead": {`mutation($in: MarkNotificationsReadInput!) { markNotificationsRead(input: $in) { unreadCount userErrors { code } } }`,
			input(vars{"ids": []string{id["notification"]}}), "NOT_FOUND"},
		"deliveries":           {`{ deliveries { totalCount edges { node { id } } } }`, nil, "FORBIDDEN"},
		"suppressions":         {`{ suppressions { totalCount edges { node { id } } } }`, nil, "FORBIDDEN"},
		"channelStates":        {`{ channelStates { channel code } }`, nil, "FORBIDDEN"},
		"retryDelivery":        {`mutation($in: RetryDeliveryInput!) { retryDelivery(input: $in) { userErrors { code } } }`, input(vars{"id": id["delivery"]}), "FORBIDDEN"},
		"settleDelivery":       {`mutation($in: SettleDeliveryInput!) { settleDelivery(input: $in) { userErrors { code } } }`, input(vars{"id": id["delivery"], "sent": true}), "FORBIDDEN"},
		"cancelDelivery":       {`mutation($in: CancelDeliveryInput!) { cancelDelivery(input: $in) { userErrors { code } } }`, input(vars{"id": id["delivery"]}), "FORBIDDEN"},
		"resumeChannel":        {`mutation($in: ResumeChannelInput!) { resumeChannel(input: $in) { userErrors { code } } }`, input(vars{"channel": "EMAIL"}), "FORBIDDEN"},
		"removeSuppression":    {`mutation($in: RemoveSuppressionInput!) { removeSuppression(input: $in) { userErrors { code } } }`, input(vars{"id": id["suppression"]}), "FORBIDDEN"},
		"notificationSettings": {`{ notificationSettings { timeZone preferences { kind mode } } }`, nil, "own"},
		"updateNotificationSettings": {`mutation($in: UpdateNotificationSettingsInput!) { updateNotificationSettings(input: $in) { userErrors { code } } }`,
			input(vars{"timeZone": "Mars/Olympus"}), "UNKNOWN_TIME_ZONE"},
		"sendNotification": {`mutation($in: SendNotificationInput!) { sendNotification(input: $in) { recipientCount userErrors { code } } }`,
			input(vars{"title": "Встреча", "text": "В пять", "userIds": []string{id["user"]}}), "FORBIDDEN"},
	})
	maps.Copy(attempts, strangersWebhookAttempts(id))
	maps.Copy(attempts, strangersImportAttempts(id))
	maps.Copy(attempts, strangersConsentAttempts(id))
	maps.Copy(attempts, strangersReportAttempts(id))
	maps.Copy(attempts, strangersTemplateAttempts(id))
	maps.Copy(attempts, strangersPayoutAttempts(id))
	maps.Copy(attempts, strangersSecondFactorAttempts(id))
	for field, what := range map[string]string{
		"disableUser": "user", "enableUser": "user", "resetPassword": "user", "suspendDistributor": "distributor",
		"activateDistributor": "distributor", "stopLeadSource": "source", "resumeLeadSource": "source", "rotateLeadSourceKey": "source",
	} {
		query := "mutation($in: " + strings.ToUpper(field[:1]) + field[1:] + "Input!) { " + field + "(input: $in) { userErrors { code } } }"
		attempts[field] = attempt{query, input(vars{"id": id[what]}), "FORBIDDEN"}
	}
	return attempts
}

func (a attempt) check(t *testing.T, got reply) {
	t.Helper()
	switch a.refused {
	case "own": // the answer is about the viewer's own things; the canaries have shown that it is about nothing else
		if got.Data == nil {
			t.Errorf("got %s, want an answer about one's own", got.raw)
		}
	case "":
		if got.code() != "" || tellsAnything(got.Data) {
			t.Errorf("got %s, want null or nothing", got.raw)
		}
	default:
		if got.code() != a.refused && !strings.Contains(got.raw, `"code":"`+a.refused+`"`) {
			t.Errorf("got %s, want %s", got.raw, a.refused)
		}
		for _, field := range got.Data {
			if payload, ok := field.(map[string]any); ok {
				delete(payload, "userErrors")
				if tellsAnything(payload) {
					t.Errorf("got %s, want nothing but the refusal", got.raw)
				}
			}
		}
	}
}

// tellsAnything finds a value other than null, zero, false or nothing.
func tellsAnything(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for _, inner := range v {
			if tellsAnything(inner) {
				return true
			}
		}
		return false
	case []any:
		for _, inner := range v {
			if tellsAnything(inner) {
				return true
			}
		}
		return false
	case nil:
		return false
	case float64:
		return v != 0
	case bool:
		return v
	}
	return true
}

// unchanged shows that nothing that the stranger tried came through.
func (h *house) unchanged(t *testing.T, leadID string) {
	t.Helper()
	id, err := gid.Lead.Parse(leadID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := h.system()
	lead := h.db.Lead.GetX(ctx, id)
	if lead.Status != "NEW" || !lead.UpdatedAt.Equal(lead.ReceivedAt) {
		t.Errorf("got a lead %s, updated at %s, want it as it came", lead.Status, lead.UpdatedAt)
	}
	for what, got := range map[string]int{
		"distributors": h.db.Distributor.Query().CountX(ctx) - 2, "users": h.db.User.Query().CountX(ctx) - 3,
		"sources": h.db.LeadSource.Query().CountX(ctx) - 1, "leads": h.db.Lead.Query().CountX(ctx) - 2,
		"absences": h.db.Absence.Query().CountX(ctx) - 1, "blacklist entries": h.db.BlacklistEntry.Query().CountX(ctx) - 1,
		"goals": h.db.Goal.Query().CountX(ctx) - 2, "changes of goals": h.db.GoalChange.Query().CountX(ctx) - 2, "periods": h.db.Period.Query().CountX(ctx) - 1,
		"open periods": h.db.Period.Query().Where(period.StatusEQ(period.StatusOPEN)).CountX(ctx),
		"consents":     h.db.Consent.Query().CountX(ctx) - 2, "purposes": h.db.ProcessingPurpose.Query().CountX(ctx) - 3, "texts": h.db.ConsentText.Query().CountX(ctx) - 2,
		"lines of the ledger": h.db.LedgerEntry.Query().CountX(ctx) - 1, "statements": h.db.PayoutStatement.Query().CountX(ctx) - 1,
		"reports": h.db.Report.Query().CountX(ctx) - 1, "schedules of reports": h.db.ReportSchedule.Query().CountX(ctx) - 1,
		"cancelled reports": h.db.Report.Query().Where(report.StatusEQ(report.StatusCANCELLED)).CountX(ctx), "templates of documents": h.db.DocumentTemplate.Query().CountX(ctx) - 1,
		"notices": h.db.Notice.Query().CountX(ctx) - 1, "notifications that are read": h.db.Notification.Query().Where(notification.ReadAtNotNil()).CountX(ctx),
		"ended sessions of the victim": h.db.Session.Query().Where(session.HasUserWith(user.Login("victim")), session.RevokedAtNotNil()).CountX(ctx),
	} {
		if got != 0 {
			t.Errorf("got %d %s more than before, want none", got, what)
		}
	}
}

func TestEveryRootFieldIsTriedByAStranger(t *testing.T) {
	tried := strangersAttempts(map[string]string{})
	for _, root := range []*ast.Definition{schema().Query, schema().Mutation} {
		for _, f := range root.Fields {
			if _, ok := tried[f.Name]; !ok && !strings.HasPrefix(f.Name, "__") {
				t.Errorf("%s.%s: add what a stranger tries to strangersAttempts", root.Name, f.Name)
			}
		}
	}
}

// TestNobodyGetsNothing: without a sign-in each guarded field is refused.
func TestNobodyGetsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for name, a := range strangersAttempts(map[string]string{"lead": gid.Lead.Format(gid.New())}) {
			switch name {
			case "signIn", "signIn with a code", "refreshSession":
				continue
			}
			if got := h.ask(caller{}, a.query, a.vars); got.code() != "UNAUTHENTICATED" {
				t.Errorf("%s: got %s, want UNAUTHENTICATED", name, got.raw)
			}
		}
	})
}
