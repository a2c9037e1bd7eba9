package graph_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	dbschema "entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"channelbook/ent/migrate"
	"channelbook/ent/sealed"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// row is a row of the base by its columns, whichever engine keeps it: texts, ids, JSON and days as strings, bytes in hex,
// numbers as int64, nil for NULL.
type row map[string]any

func (r row) text(column string) string {
	s, _ := r[column].(string)
	return s
}

// contents are all rows of the base by their tables, in the order of their keys.
type contents map[string][]row

// contents reads the whole base.
func (h *house) contents() contents {
	h.t.Helper()
	all := contents{}
	for _, table := range migrate.Tables {
		all[table.Name] = h.rows(h.system(), table)
	}
	return all
}

func (h *house) rows(ctx context.Context, table *dbschema.Table) (out []row) {
	h.t.Helper()
	rows, err := h.db.QueryContext(ctx, "SELECT * FROM "+table.Name+" ORDER BY "+table.PrimaryKey[0].Name)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		h.t.Fatal(err)
	}
	for rows.Next() {
		values, targets := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			h.t.Fatal(err)
		}
		r := row{}
		for i, name := range names {
			r[name] = plainValue(column(table, name).Type, values[i])
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return out
}

func column(table *dbschema.Table, name string) *dbschema.Column {
	i := slices.IndexFunc(table.Columns, func(c *dbschema.Column) bool { return c.Name == name })
	return table.Columns[i]
}

func tableOf(name string) *dbschema.Table {
	i := slices.IndexFunc(migrate.Tables, func(t *dbschema.Table) bool { return t.Name == name })
	return migrate.Tables[i]
}

// plainValue is what a driver gave, the same for both.
func plainValue(kind field.Type, v any) any {
	switch v := v.(type) {
	case []byte:
		if kind == field.TypeBytes {
			return hex.EncodeToString(v)
		}
		return string(v)
	case time.Time:
		if kind == field.TypeOther {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format(time.RFC3339Nano)
	case bool:
		if v {
			return int64(1)
		}
		return int64(0)
	}
	return v
}

// keyOf is what a row is known by in its table.
func keyOf(table string, r row) string { return fmt.Sprint(r[tableOf(table).PrimaryKey[0].Name]) }

// sight is what somebody may see: cells, by table, row and column. Whatever does not stand in it is hidden, and so is
// every table and column that is yet to come.
type sight map[string]map[string]map[string]bool

func (s sight) add(table string, r row, columns ...string) {
	if s[table] == nil {
		s[table] = map[string]map[string]bool{}
	}
	key := keyOf(table, r)
	if s[table][key] == nil {
		s[table][key] = map[string]bool{}
	}
	for _, c := range columns {
		s[table][key][c] = true
	}
}

func (s sight) sees(table string, r row) bool { return s[table][keyOf(table, r)] != nil }

func (s sight) shows(table string, r row, column string) bool {
	return s[table][keyOf(table, r)][column]
}

// merge adds another sight, such as that of a later moment.
func (s sight) merge(other sight) {
	for table, rows := range other {
		for key, columns := range rows {
			if s[table] == nil {
				s[table] = map[string]map[string]bool{}
			}
			if s[table][key] == nil {
				s[table][key] = map[string]bool{}
			}
			maps.Copy(s[table][key], columns)
		}
	}
}

// computed are the columns that fields of a GraphQL type are made of, other than by their names.
var computed = map[string]string{
	"Distributor": "id company_name_fold email_sealed phone_sealed logo_id bank_name bank_account bank_correspondent_account bank_bik " +
		"payout_rule payout_fixed payout_percent holding_days payout_minimum acceptance_hours daily_lead_cap monthly_lead_cap open_lead_cap timezone working_hours",
	"User":            "id distributor_id email_sealed phone_sealed avatar_id disabled_at",
	"Lead":            "id distributor_id restricted_at first_name_fold last_name_fold phone_sealed phone_index phone_last4_index email_sealed email_index",
	"LeadEvent":       "id lead_id distributor_id",
	"Absence":         "id distributor_id",
	"Goal":            "id distributor_id period_kind starts_on closed_at closed_actual",
	"LedgerEntry":     "id distributor_id reverses_id",
	"PayoutStatement": "id distributor_id period_kind starts_on",
	"Report":          "id user_id distributor_id rows rows_expected size parameters_sealed",
}

// contacts are the columns of a lead that are masked until it is worked.
var contacts = []string{"phone_sealed", "phone_index", "phone_last4_index", "email_sealed", "email_index", "ip"}

// shownOf are the columns that a GraphQL type shows to a distributor's user.
func shownOf(typeName string) []string {
	stored, columns := storedTypes[typeName], strings.Fields(computed[typeName])
	for _, f := range schema().Types[typeName].Fields {
		name := snake(f.Name)
		if slices.ContainsFunc(tableOf(stored.table).Columns, func(c *dbschema.Column) bool { return c.Name == name }) {
			columns = append(columns, name)
		}
	}
	return slices.DeleteFunc(columns, func(c string) bool { return c == "decision_trace" }) // null for a distributor
}

// isMasked tells whether a distributor's user sees a lead's contacts masked.
func isMasked(lead row) bool {
	status := lead.text("status")
	return lead["taken_at"] == nil && status != "IN_PROGRESS" && status != "SALE"
}

// sightOf is what a user of a distributor may see. It says again, in other words, what ent/schema/visibility.go says.
func (c contents) sightOf(distributor, user gid.ID) sight {
	s := sight{}
	own := func(table, typeName string) {
		columns := shownOf(typeName)
		for _, r := range c[table] {
			if r[ownerColumn(table)] == distributor.String() {
				s.add(table, r, columns...)
			}
		}
	}
	own("distributors", "Distributor")
	own("users", "User")
	own("absences", "Absence")
	c.addFigures(s, distributor)
	own("goals", "Goal")
	for _, r := range c["goal_milestones"] { // what the goal itself tells
		if r["distributor_id"] == distributor.String() {
			s.add("goal_milestones", r, "distributor_id", "target", "actual")
		}
	}
	for _, r := range c["periods"] { // but not by whom and why
		s.add("periods", r, "id", "kind", "starts_on", "status", "closed_at", "reopened_at")
	}
	c.addLeads(s, distributor)
	c.addMoney(s, distributor)
	c.addFeed(s, distributor, user)
	c.addReports(s, distributor, user)
	for _, table := range []string{"sessions", "second_factors", "recovery_codes"} {
		for _, r := range c[table] {
			if r["user_id"] == user.String() {
				s.add(table, r, slices.Collect(maps.Keys(r))...)
			}
		}
	}
	for _, r := range c["pictures"] {
		shown := func(table, column string) bool {
			return slices.ContainsFunc(c[table], func(by row) bool { return s.sees(table, by) && by[column] == r["id"] })
		}
		if shown("distributors", "logo_id") || shown("users", "avatar_id") {
			s.add("pictures", r, "id")
		}
	}
	return s
}

func ownerColumn(table string) string {
	if table == "distributors" {
		return "id"
	}
	return "distributor_id"
}

// addFigures adds what is kept of a distributor's own leads, but for whence they came.
func (c contents) addFigures(s sight, distributor gid.ID) {
	for _, table := range []string{"lead_days", "lead_deltas"} {
		for _, r := range c[table] {
			if r["distributor_id"] != distributor.String() || r["restricted"] == true || r["whole"] == true || r["dimension"] == "SOURCE" {
				continue
			}
			columns := slices.Collect(maps.Keys(r))
			s.add(table, r, slices.DeleteFunc(columns, func(c string) bool { return c == "source_id" })...)
		}
	}
}

// addLeads adds a distributor's leads and what happened to them while they were its own.
func (c contents) addLeads(s sight, distributor gid.ID) {
	shown := shownOf("Lead")
	for _, r := range c["leads"] {
		if r["distributor_id"] != distributor.String() || r["restricted_at"] != nil {
			continue
		}
		columns := shown
		if isMasked(r) {
			columns = slices.DeleteFunc(slices.Clone(shown), func(c string) bool { return slices.Contains(contacts, c) })
		}
		s.add("leads", r, columns...)
	}
	for _, r := range c["leads"] {
		if s.sees("leads", r) && s["leads"][r.text("duplicate_of_id")] != nil {
			s.add("leads", r, "duplicate_of_id")
		}
	}
	for _, r := range c["lead_events"] {
		if r["distributor_id"] != distributor.String() || s["leads"][r.text("lead_id")] == nil {
			continue
		}
		s.add("lead_events", r, shownOf("LeadEvent")...)
		if s["users"][r.text("actor_id")] != nil {
			s.add("lead_events", r, "actor_id")
		}
	}
}

// sightOfSource is what a lead source may know: how the leads that it submitted stand, and of itself everything.
func (c contents) sightOfSource(source gid.ID, disclosesPayouts bool) sight {
	s := sight{}
	for _, r := range c["lead_sources"] {
		if r["id"] == source.String() {
			s.add("lead_sources", r, slices.Collect(maps.Keys(r))...)
		}
	}
	for _, r := range c["leads"] {
		if r["source_id"] != source.String() {
			continue
		}
		s.add("leads", r, "id", "source_id", "outcome", "status", "updated_at")
		if disclosesPayouts {
			s.add("leads", r, "payout", "sold_on")
		}
	}
	return s
}

// kindOf are the tables whose rows have an id outside the system, with its prefix.
var kindOf = map[string]gid.Kind{
	"distributors": gid.Distributor, "users": gid.User, "sessions": gid.Session, "lead_sources": gid.LeadSource,
	"intake_attempts": gid.IntakeAttempt, "leads": gid.Lead, "lead_events": gid.LeadEvent, "blacklist_entries": gid.BlacklistEntry,
	"absences": gid.Absence, "pictures": gid.Picture, "processing_purposes": gid.Purpose, "consent_texts": gid.ConsentText,
	"consents": gid.Consent, "audit_records": gid.AuditRecord,
	"goals": gid.Goal, "goal_changes": gid.GoalChange,
	"ledger_entries": gid.LedgerEntry, "payout_statements": gid.Statement,
	"notices": gid.Notification, "message_templates": gid.Template, "deliveries": gid.Delivery, "suppressions": gid.Suppression, "webhooks": gid.Webhook, "webhook_deliveries": gid.WebhookEvent, "webhook_attempts": gid.WebhookAttempt,
	"file_imports": gid.Import,
	"reports":      gid.Report, "report_schedules": gid.ReportSchedule,
}

func parsedID(text string) (id gid.ID) {
	_ = id.UnmarshalText([]byte(text)) // the zero id for what is none
	return id
}

// idOf is a row's id as it is shown outside; empty for a row without one.
func idOf(table string, r row) string {
	kind, ok := kindOf[table]
	if !ok {
		return ""
	}
	return kind.Format(parsedID(r.text("id")))
}

// sealedColumns are the columns that are opened to be read, by table and name.
var sealedColumns = func() map[string]sealed.Column {
	m := map[string]sealed.Column{}
	for _, c := range sealed.Columns {
		m[c.Table+"."+c.Name] = c
	}
	return m
}()

// spelled are the ways in which an answer could tell the value of a cell.
func (h *house) spelled(table string, r row, c *dbschema.Column) []string {
	h.t.Helper()
	value := r[c.Name]
	if sealedColumn, ok := sealedColumns[table+"."+c.Name]; ok && value != nil {
		raw, _ := hex.DecodeString(r.text(c.Name))
		return []string{dbtest.Opened(h.t, sealedColumn, parsedID(r.text("id")), raw)}
	}
	switch v := value.(type) {
	case string:
		if c.Type == field.TypeJSON {
			return leavesOf(v)
		}
		return []string{v}
	case int64:
		return []string{fmt.Sprint(v), fmt.Sprintf("%d.%02d", v/100, v%100)}
	}
	return nil
}
