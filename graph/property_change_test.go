package graph_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	dbschema "entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"channelbook/ent/migrate"
	"channelbook/ent/sealed"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/seal"
)

// unchangeable are the columns that the base itself keeps as they were written, by its triggers; "*" is the whole table.
// Rows are added to these tables instead.
var unchangeable = map[string][]string{
	"audit_records": {"*"}, "audit_links": {"*"}, "audit_heads": {"*"}, "audit_checkpoints": {"*"}, "consent_texts": {"*"},
	"channels": {"channel"}, "message_templates": {"distributor_id", "kind", "channel"}, // unique
	"consents":       {"lead_id", "purpose_id", "is_basis", "text_id", "text_version", "text_hash", "given_at", "recorded_at", "source_id", "how", "recipients", "valid_until"},
	"goal_changes":   {"*"},
	"ledger_entries": {"*"}, "statement_lines": {"*"}, "payout_statements": {"*"},
	"lead_rollups":   {"*"},                                                         // says up to which day figures are kept, of everybody
	"period_facts":   {"period_id", "distributor_id"},                               // unique together
	"lines":          {"*"},                                                         // how far places were given, of everybody's
	"notices":        {"place"},                                                     // what has none would get it, and with it other recipients
	"notifications":  {"notice_id", "user_id"},                                      // unique together
	"webhook_states": {"webhook_id"}, "webhook_deliveries": {"webhook_id", "event"}, // unique
	"channel_states": {"channel"}, "delivery_items": {"delivery_id", "notice_id"}, "delivery_reports": {"delivery_id"}, "suppressions": {"address_index"}, "paces": {"subject"}, // unique, alone or together
	"sealing_keys":             {"*"},                          // of the server, not of anybody's
	"second_factors":           {"user_id"},                    // unique: whose they are is changed by what is lost and added
	"notification_settings":    {"user_id"},                    // unique
	"notification_preferences": {"user_id", "kind", "channel"}, // unique together
}

// counted are the columns by which leads count towards goals. Those whose processing is restricted count as well, though
// their distributor does not see them: a goal is about money and numbers.
var counted = []string{"distributor_id", "status", "is_test", "received_at", "restricted_at"}

// change makes another world that looks the same to somebody: whatever does not stand in the sight becomes something
// else, cell by cell.
type change struct {
	*house
	rnd     *rand.Rand
	was     contents
	sight   sight
	changed map[string]int // cells, by table and column
	next    int
	tx      *db.Tx
}

// turnOver changes everything that is hidden from a sight.
func (h *house) turnOver(seed uint64, s sight, was contents) *change {
	h.t.Helper()
	c := &change{house: h, rnd: rand.New(rand.NewPCG(seed, 1)), was: was, sight: s, changed: map[string]int{}}
	c.atOnce(func() {
		for _, table := range migrate.Tables {
			if slices.Contains(unchangeable[table.Name], "*") {
				continue
			}
			for _, r := range was[table.Name] {
				c.turn(table, r)
			}
		}
	})
	return c
}

// atOnce makes changes in one transaction: a commit for each row would take longer than all the rest.
func (c *change) atOnce(fn func()) {
	c.t.Helper()
	err := db.WithTx(c.system(), c.db, func(tx *db.Tx) error {
		c.tx = tx
		fn()
		return nil
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// turn writes a row anew.
func (c *change) turn(table *dbschema.Table, r row) {
	c.t.Helper()
	pk := table.PrimaryKey[0].Name
	update := sql.Dialect(c.db.Dialect()).Update(table.Name).Where(sql.EQ(pk, r[pk]))
	touched := false
	set := func(column string, value any) {
		if value == nil {
			update.SetNull(column)
		} else {
			update.Set(column, value)
		}
		touched = true
		c.changed[table.Name+"."+column]++
	}
	masked := table.Name == "leads" && c.sight.sees("leads", r) && isMasked(r) && c.sight.shows("leads", r, "first_name")
	for _, column := range table.Columns {
		switch {
		case table.Name == "leads" && r["restricted_at"] != nil && slices.Contains(counted, column.Name):
		case column.Name == pk, c.sight.shows(table.Name, r, column.Name), slices.Contains(unchangeable[table.Name], column.Name):
		case masked && slices.Contains(contacts, column.Name) && column.Name != "ip": // below
		default:
			if value, ok := c.other(table, r, column); ok {
				set(column.Name, value)
			}
		}
	}
	if masked {
		c.contacts(r, set)
	}
	if !touched {
		return
	}
	query, args := update.Query()
	if _, err := c.tx.ExecContext(c.system(), query, args...); err != nil {
		c.t.Fatalf("change a row of %s: %v", table.Name, err)
	}
}

// contacts gives a lead whose contacts are shown masked others that look the same.
func (c *change) contacts(r row, set func(string, any)) {
	id, keys := parsedID(r.text("id")), dbtest.Keys()
	if phone := c.spelled("leads", r, column(tableOf("leads"), "phone_sealed")); len(phone) > 0 {
		other := phone[0][:5] + fmt.Sprintf("%05d", c.rnd.IntN(100_000)) + phone[0][10:]
		if seal.Phone(other).String() != seal.Phone(phone[0]).String() {
			c.t.Fatalf("%s and another phone are not masked alike", seal.Phone(other))
		}
		set("phone_sealed", sealed.LeadPhone.Seal(keys, id, other))
		set("phone_index", sealed.LeadPhoneIndex.Of(keys, other))
		set("phone_last4_index", sealed.LeadPhoneLast4Index.Of(keys, other))
	}
	if email := c.spelled("leads", r, column(tableOf("leads"), "email_sealed")); len(email) > 0 {
		other := email[0][:1] + c.text() + email[0][strings.IndexByte(email[0], '@'):]
		set("email_sealed", sealed.LeadEmail.Seal(keys, id, other))
		set("email_index", sealed.LeadEmailIndex.Of(keys, other))
	}
}

func (c *change) text() string {
	c.next++
	return fmt.Sprintf("%c%d-other", 'a'+rune(c.rnd.IntN(26)), c.next)
}

// other is another value for a cell; false where there is none.
func (c *change) other(table *dbschema.Table, r row, column *dbschema.Column) (any, bool) {
	if target := references(table, column.Name); target != "" {
		return c.otherRow(target, r[column.Name], column.Nullable)
	}
	if column.Nullable && r[column.Name] != nil && c.rnd.IntN(4) == 0 {
		return nil, true
	}
	if column.Name == "place" { // there is one of each in a line
		c.next++
		return int64(1_000_000 + c.next), true
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(c.rnd.IntN(300*24*3600)) * time.Second)
	switch column.Type {
	case field.TypeString:
		return c.text(), true
	case field.TypeEnum:
		return c.otherWord(column, r.text(column.Name)), true
	case field.TypeTime:
		return at, true
	case field.TypeOther: // a day
		return at.AddDate(c.rnd.IntN(20), 0, 0).Format(time.DateOnly), true
	case field.TypeBool:
		return r[column.Name] != int64(1), true
	case field.TypeInt, field.TypeInt64:
		return c.rnd.IntN(1_000_000), true
	case field.TypeBytes:
		return fmt.Appendf(nil, "%032x", c.rnd.Uint64()), true
	case field.TypeUUID:
		return parsedID(fmt.Sprintf("0199aaaa-0000-7000-8000-%012x", c.rnd.Uint64()>>16)).String(), true
	case field.TypeJSON:
		return otherJSON(r.text(column.Name), column.Nullable)
	}
	c.t.Fatalf("%s.%s is of the type %s: say in change.other what else could stand there", table.Name, column.Name, column.Type)
	return nil, false
}

// otherJSON is a list without its members, or nothing in the place of an object.
func otherJSON(old string, nullable bool) (any, bool) {
	switch {
	case strings.HasPrefix(old, "[") && old != "[]":
		return "[]", true
	case nullable && old != "":
		return nil, true
	}
	return nil, false
}

func (c *change) otherWord(column *dbschema.Column, old string) string {
	words := slices.DeleteFunc(slices.Clone(column.Enums), func(w string) bool { return w == old })
	if len(words) == 0 {
		return old
	}
	return words[c.rnd.IntN(len(words))]
}

// references is the table that a column refers to; empty for none.
func references(table *dbschema.Table, column string) string {
	for _, fk := range table.ForeignKeys {
		if fk.Columns[0].Name == column {
			return fk.RefTable.Name
		}
	}
	return ""
}

// otherRow is another row to refer to, one that is hidden itself: so nothing comes into sight.
func (c *change) otherRow(table string, old any, nullable bool) (any, bool) {
	var keys []any
	for _, r := range c.was[table] {
		if key := r["id"]; !c.sight.sees(table, r) && key != old {
			keys = append(keys, key)
		}
	}
	if nullable && (len(keys) == 0 || c.rnd.IntN(4) == 0) {
		return nil, true
	}
	if len(keys) == 0 {
		return nil, false
	}
	return keys[c.rnd.IntN(len(keys))], true
}

// lost takes rows away that nothing refers to and nobody in question sees: each third of them.
func (c *change) lost() {
	c.t.Helper()
	c.atOnce(func() {
		for _, table := range []string{"lead_events", "blacklist_entries", "absences", "intake_attempts", "refresh_tokens"} {
			for i, r := range c.was[table] {
				if i%3 != 0 || c.sight.sees(table, r) {
					continue
				}
				query, args := sql.Dialect(c.db.Dialect()).Delete(table).Where(sql.EQ("id", r["id"])).Query()
				if _, err := c.tx.ExecContext(c.system(), query, args...); err != nil {
					c.t.Fatal(err)
				}
			}
		}
	})
}

// check shows that what is seen is as it was, and that all the rest is not: else a test that compares both worlds would
// show nothing.
func (c *change) check(now contents, sightNow sight) {
	c.t.Helper()
	for table, rows := range c.sight {
		after := map[string]row{}
		for _, r := range now[table] {
			after[keyOf(table, r)] = r
		}
		for _, r := range c.was[table] {
			for column := range rows[keyOf(table, r)] {
				if after[keyOf(table, r)][column] != r[column] || !sightNow.shows(table, r, column) {
					c.t.Fatalf("the change reached %s.%s, which is seen", table, column)
				}
			}
		}
		if len(sightNow[table]) != len(rows) {
			c.t.Fatalf("the change brought rows of %s into sight, or took some out of it", table)
		}
	}
	for _, table := range migrate.Tables {
		if slices.Contains(unchangeable[table.Name], "*") {
			continue
		}
		if len(c.was[table.Name]) == 0 {
			c.t.Errorf("%s is empty: put a row into the world", table.Name)
		}
	}
}
