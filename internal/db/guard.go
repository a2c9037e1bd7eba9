package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// guarded are the tables that change only together with a record of the audit, which says who changed them. A table of the
// domain belongs here, with one line; closed by default is better than remembered.
var guarded = tables(
	"leads", "lead_sources", "users", "distributors", "companies", "absences", "blacklist_entries", "pictures",
	"consents", "consent_texts", "processing_purposes", "second_factors", "recovery_codes",
	"periods", "period_facts", "goals", "goal_changes", "ledger_entries", "payout_statements", "statement_lines",
	"channels", "message_templates", "webhooks", "report_schedules", "document_templates",
)

// auditTable holds the records.
const auditTable = "audit_records"

// ErrUnaudited says that a guarded table was about to change without a record in the audit. The transaction was rolled
// back, or the statement not sent.
var ErrUnaudited = errors.New("no change without a record in the audit")

func tables(names ...string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

type unauditedKey struct{}

// Unaudited lets statements under this context change guarded tables without a record. Each caller says why that is
// right, and a test keeps the list of them.
func Unaudited(ctx context.Context, why string) context.Context {
	return context.WithValue(ctx, unauditedKey{}, why)
}

func mayGoUnaudited(ctx context.Context) bool {
	_, ok := ctx.Value(unauditedKey{}).(string)
	return ok
}

// ledger notes what a transaction writes. It is for one goroutine, as a transaction is. On the ledger of statements
// outside a transaction nothing can be noted: there a guarded table does not change at all.
type ledger struct {
	outside bool
	changed string // the first guarded table that was written
	audited bool
}

// note judges a statement before it is sent.
func (l *ledger) note(ctx context.Context, query string) error {
	if strings.HasPrefix(query, "WITH ") && strings.Contains(query, "INSERT INTO "+auditTable+" (") { // as Tx.Insert writes it
		l.audited = true
	}
	table := written(query)
	switch {
	case table == "":
	case table == auditTable:
		l.audited = l.audited || strings.HasPrefix(query, "INSERT")
	case l.changed != "" && !l.outside, mayGoUnaudited(ctx):
	case l.outside:
		return fmt.Errorf("%s is written outside a transaction: %w", table, ErrUnaudited)
	default:
		l.changed = table
	}
	return nil
}

// settled tells at the commit whether what was written may stay.
func (l *ledger) settled() error {
	if l.changed == "" || l.audited {
		return nil
	}
	return fmt.Errorf("the transaction writes %s: %w", l.changed, ErrUnaudited)
}

// written is the guarded table, or that of the audit, which a statement writes; empty for any other statement. What is
// no plain INSERT, UPDATE or DELETE of one table is searched for the names of guarded tables as a whole.
func written(query string) string {
	if strings.HasPrefix(query, "SELECT ") || strings.HasPrefix(query, "SAVEPOINT ") {
		return ""
	}
	name := target(query)
	if name == "" {
		return anyWritten(query)
	}
	if name == auditTable || guarded[name] {
		return name
	}
	return ""
}

// target is the one table that a plain statement writes; empty where the statement is not plain.
func target(query string) string {
	for _, verb := range []string{"INSERT INTO ", "UPDATE ", "DELETE FROM "} {
		rest, ok := strings.CutPrefix(query, verb)
		if !ok {
			continue
		}
		rest = strings.TrimLeft(rest, "\"`")
		end := strings.IndexFunc(rest, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
		if end < 0 || !strings.ContainsRune("\"` (", rune(rest[end])) || strings.Contains(query, ";") || strings.HasPrefix(rest[end+1:], ".") {
			return "" // what is quoted before a dot is a schema
		}
		return rest[:end]
	}
	return ""
}

func isNameRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// writingVerbs are those of statements that write, wherever they stand: WITH … UPDATE, INSERT OR REPLACE, COPY.
var writingVerbs = tables("INSERT", "UPDATE", "DELETE", "REPLACE", "TRUNCATE", "MERGE", "COPY")

// anyWritten is the first guarded table that an unusual statement names, where it writes at all.
func anyWritten(query string) string {
	writes, name := false, ""
	for word := range strings.FieldsFuncSeq(query, func(r rune) bool { return !isNameRune(r) }) {
		writes = writes || writingVerbs[strings.ToUpper(word)]
		if lower := strings.ToLower(word); name == "" && guarded[lower] {
			name = lower
		}
	}
	if !writes {
		return ""
	}
	return name
}
