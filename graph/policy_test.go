package graph_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"channelbook/ent/blacklistentry"
	"channelbook/ent/migrate"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// entTypes are the clients of all Ent types, by the names of their fields in ent.Client.
func (h *house) entTypes() map[string]reflect.Value {
	out := map[string]reflect.Value{}
	client := reflect.ValueOf(h.db.Client).Elem()
	for i := range client.NumField() {
		field := client.Type().Field(i)
		if field.IsExported() && strings.HasSuffix(field.Type.String(), field.Name+"Client") {
			out[field.Name] = client.Field(i)
		}
	}
	return out
}

// callOn calls methods in turn, the last one with ctx, and returns its number and error.
func callOn(v reflect.Value, ctx context.Context, builder, last string) (n int, err error) {
	out := v.MethodByName(builder).Call(nil)[0].MethodByName(last).Call([]reflect.Value{reflect.ValueOf(ctx)})
	if e, _ := out[len(out)-1].Interface().(error); e != nil {
		err = e
	}
	if len(out) == 2 {
		n = int(out[0].Int())
	}
	return n, err
}

// everybodys are the types that a user of any distributor sees: which periods are closed is nobody's secret.
var everybodys = map[string]bool{"Period": true}

// TestEveryTypeIsClosedByDefault walks the Ent types, each with rows in it: nobody, a user of a distributor that has
// nothing, and a lead source see and delete none of them.
func TestEveryTypeIsClosedByDefault(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		h.enabled(h.worker("vera", company))
		h.worker("roma", company)
		limit := 5
		source, _ := h.source(leads.SourceInput{Name: "Capped", DailyCap: &limit, Duplicates: leads.DuplicatePolicy{Fields: []string{"PHONE"}}})
		h.owed(company, h.lead(source, leads.Submission{Phone: "+79161234567", Consent: consentToLead()}, company))
		h.must(caller{}, `mutation { signIn(input: {login: "roma", password: "a long enough password"}) { session { accessToken } userErrors { code } } }`, nil)
		if _, err := h.leads.AddToBlacklist(h.system(), leads.BlacklistInput{Kind: blacklistentry.KindDOMAIN, Value: "spam.example"}); err != nil {
			t.Fatal(err)
		}
		h.absence(company)
		h.picture()
		h.db.SealingKey.Create().SetID("test").SetFingerprint([]byte{1}).SetFirstUsedAt(h.now()).SetLastUsedAt(h.now()).ExecX(h.system())
		h.pastFigures()
		h.goalsOfEveryKind(company)
		h.message(notify.To{Everyone: true}, "Добрый день")
		h.db.LeadChange.Create().SetAt(h.now()).SetLeadID(h.db.Lead.Query().FirstIDX(h.system())).SetDistributorID(company).ExecX(h.system())
		h.template(&company, "MESSAGE", "")
		h.sentTo(h.idOf("roma"), company)
		h.hooked("ERP")
		h.imported("Файл")
		h.db.RegularRun.Create().SetName("sessions").SetEverySeconds(3600).SetBegunAt(h.now()).ExecX(h.system())
		h.must(h.worker("anna", company), setSettings, vars{"in": vars{"preferences": []vars{{"kind": "MESSAGE", "channel": "EMAIL", "mode": "NEVER"}}}})
		h.admin("boss")
		h.reportOf("roma", report.StatusREADY)
		h.scheduled("boss", "Сводка", "roma")
		h.ownTemplate("boss")
		h.pastAudit()
		viewers := map[string]context.Context{
			"nobody":                      t.Context(),
			"a stranger":                  auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()}),
			"a distributor without an id": auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New()}),
			"another source":              auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: gid.New()}),
			"an unknown role":             auth.With(t.Context(), auth.Viewer{Role: "GUEST"}),
		}
		types := h.entTypes()
		if len(types) != len(migrate.Tables) {
			t.Fatalf("got %d Ent types, want %d, one for each table", len(types), len(migrate.Tables))
		}
		for name, client := range types {
			if n, err := callOn(client, h.system(), "Query", "Count"); err != nil || n == 0 {
				t.Errorf("%s: got %d rows, %v: the test wants at least one", name, n, err)
			}
			for who, ctx := range viewers {
				if n, err := callOn(client, ctx, "Query", "Count"); err != nil || n != 0 && !(everybodys[name] && who == "a stranger") {
					t.Errorf("%s sees %d rows of %s, %v, want none", who, n, name, err)
				}
				if n, err := callOn(client, ctx, "Delete", "Exec"); err == nil {
					t.Errorf("%s deleted %d rows of %s, want a refusal", who, n, name)
				}
				if _, err := callOn(client, ctx, "Create", "Exec"); err == nil || !strings.Contains(err.Error(), "may not write") {
					t.Errorf("%s creates a row of %s: got %v, want a refusal", who, name, err)
				}
			}
		}
	})
}

// pastFigures makes the figures of a day that is over and has a lead change on it afterwards.
func (h *house) pastFigures() {
	h.t.Helper()
	source, _ := h.source(leads.SourceInput{Name: "Yesterday"})
	id := h.lead(source, leads.Submission{})
	today := h.now
	h.now = func() time.Time { return today().Add(48 * time.Hour) }
	defer func() { h.now = today }()
	err := h.figures.RollUp(h.system())
	_, changed := h.leads.Reject(h.system(), leads.Rejection{LeadID: id, Reason: "нет"})
	if err := errors.Join(err, changed); err != nil {
		h.t.Fatal(err)
	}
}

// pastAudit seals what there is, lets all of it go, and seals the record of that.
func (h *house) pastAudit() {
	h.t.Helper()
	_, err1 := h.audit.Seal(h.system())
	_, err2 := h.audit.DropPast(h.system(), h.now().Add(time.Hour))
	_, err3 := h.audit.Seal(h.system())
	if err := errors.Join(err1, err2, err3); err != nil {
		h.t.Fatal(err)
	}
}

// storedTypes are the GraphQL types that are rows of an Ent type, with the fields that are computed of others.
var storedTypes = map[string]struct {
	table    string
	computed string
}{
	"Lead":           {"leads", "id saleAmount payout distributor source duplicateOf events decisionTrace phone email consents sentConsent processingRestricted"},
	"LeadEvent":      {"lead_events", "id actor"},
	"Distributor":    {"distributors", "id bankDetails logoUrl terms absences leads users email phone goals payoutBalance"},
	"User":           {"users", "id status distributor avatarUrl email phone secondFactorEnabled recoveryCodesLeft unreadNotificationCount"},
	"DeviceSession":  {"sessions", "id device address lastSeenAt current"},
	"LeadSource":     {"lead_sources", "id distributor allowedDistributors duplicates purpose formConsentText"},
	"IntakeAttempt":  {"intake_attempts", "id source lead rawBody"},
	"BlacklistEntry": {"blacklist_entries", "id author value"},
	"Absence":        {"absences", "id distributor"},
	"Company":        {"companies", "bankDetails"},

	"ProcessingPurpose": {"processing_purposes", "id texts"},
	"ConsentText":       {"consent_texts", "id purpose author"},
	"Consent":           {"consents", "id purpose text source recordedBy withdrawnBy"},
	"AuditRecord":       {"audit_records", "id"},

	"Goal":            {"goals", "id period distributor progress changes"},
	"GoalChange":      {"goal_changes", "id actor period distributor goal"},
	"LedgerEntry":     {"ledger_entries", "id distributor lead reverses statement actor"},
	"Notification":    {"notices", "id object objectId createdAt readAt deliveries"},
	"MessageTemplate": {"message_templates", "id distributor"},
	"Delivery":        {"deliveries", "id user lead distributor"},
	"Suppression":     {"suppressions", "id user lead"},
	"Webhook":         {"webhooks", "id distributor stoppedAt failuresInARow succeededAt formerSecretUntil"},
	"WebhookEvent":    {"webhook_deliveries", "id webhook attemptCount attempts"},
	"WebhookAttempt":  {"webhook_attempts", "id"},
	"Import":          {"file_imports", "id user source rowCount"},

	"Report":         {"reports", "id rowCount expectedRowCount sizeBytes downloadUrl distributor from to period schedule"},
	"ReportSchedule": {"report_schedules", "id distributor recipients createdBy"},
	"ReportTemplate": {"document_templates", "builtIn sizeBytes uploadedBy placeholders"},

	"PayoutStatement": {"payout_statements", "id distributor period entries drawnUpBy approvedBy paidBy"},
}

// TestEveryFieldIsAColumnOrComputed: a field that names no column would fail in the base, not here.
func TestEveryFieldIsAColumnOrComputed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for name, stored := range storedTypes {
			columns := h.columns(t, stored.table)
			for _, f := range schema().Types[name].Fields {
				computed := strings.Contains(" "+stored.computed+" ", " "+f.Name+" ")
				if !columns[snake(f.Name)] && !computed {
					t.Errorf("%s.%s is neither a column of %s nor listed as computed", name, f.Name, stored.table)
				}
			}
		}
		for _, d := range schema().Types {
			for _, of := range d.Interfaces {
				if _, known := storedTypes[d.Name]; of == "Node" && !known {
					t.Errorf("%s is a Node and not among the stored types of this test", d.Name)
				}
			}
		}
	})
}

func (h *house) columns(t *testing.T, table string) map[string]bool {
	t.Helper()
	rows, err := h.db.QueryContext(h.system(), "SELECT * FROM "+table+" WHERE 1 = 0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	return distinct(names)
}

func snake(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
