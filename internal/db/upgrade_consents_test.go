package db_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"

	"channelbook/ent/values"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// TestLeadsOfTheFirstReleaseGetTheirBasis: what was let in keeps a basis; what was held back or turned away without a
// consent has none.
func TestLeadsOfTheFirstReleaseGetTheirBasis(t *testing.T) {
	const strict, lax = "01900000-0000-7000-8000-000000000004", "01900000-0000-7000-8000-000000000014"
	const agreed = `'{"purpose":"lead","textVersion":"2024","givenAt":"2026-01-02T03:00:00Z"}'`
	cases := []struct{ source, status, consent, want string }{
		{strict, "NEW", agreed, "CONSENT"},
		{strict, "DUPLICATE", agreed, "CONSENT"},
		{strict, "QUARANTINED", "NULL", ""},
		{strict, "DUPLICATE", "NULL", ""},
		{strict, "BLOCKED", "NULL", ""},
		{strict, "IN_PROGRESS", "NULL", "CONSENT"}, // released by an administrator
		{lax, "NEW", "NULL", "CONTRACT"},
		{lax, "DUPLICATE", "NULL", "CONTRACT"},
		{lax, "SALE", agreed, "CONSENT"},
	}
	id := func(i int) string { return fmt.Sprintf("01900000-0000-7000-8000-0000000001%02d", i) }
	for engine, base := range map[string]func() (driver, dsn, url string){
		"sqlite": func() (string, string, string) {
			path := filepath.Join(t.TempDir(), "base.db")
			return "sqlite", "file:" + path, "sqlite:" + path
		},
		"postgres": func() (string, string, string) { url := dbtest.EmptyPostgres(t); return "postgres", url, url },
	} {
		t.Run(engine, func(t *testing.T) {
			driver, dsn, url := base()
			atFirstRelease(t, driver, dsn)
			statements := []string{`INSERT INTO lead_sources (id, created_at, updated_at, name, key_hash, key_hint, duplicate_fields, require_consent)
				VALUES ('` + lax + `', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'Договор', 'y', 'x', '[]', FALSE)`}
			for i, c := range cases {
				statements = append(statements, fmt.Sprintf(`INSERT INTO leads (id, received_at, updated_at, status, outcome, body_hash, first_name, first_name_fold, decision_trace, source_id, consent)
					VALUES ('%s', '2026-01-02 03:04:05', '2026-01-02 03:04:05', '%s', 'ACCEPTED', 'x', 'Анна', 'анна', '[]', '%s', %s)`, id(i), c.status, c.source, c.consent))
			}
			execAll(t, driver, dsn, statements)
			d := dbtest.Open(t, url)
			if err := d.Migrate(system()); err != nil {
				t.Fatal(err)
			}
			for i, c := range cases {
				var lead gid.ID
				if err := lead.UnmarshalText([]byte(id(i))); err != nil {
					t.Fatal(err)
				}
				row := d.Lead.GetX(system(), lead)
				got := ""
				if row.LegalBasis != nil {
					got = row.LegalBasis.String()
				}
				if got != c.want || (row.BasisNote == "") != (got == "") || row.RestrictedAt != nil {
					t.Errorf("%s, consent %s: got the basis %q and the note %q, want %q", c.status, c.consent, got, row.BasisNote, c.want)
				}
			}
			for _, s := range d.LeadSource.Query().AllX(system()) {
				if s.PurposeID != values.LeadPurposeID || (s.LegalBasis == nil) != s.RequireConsent {
					t.Errorf("got the purpose %v and the basis %v, want the purpose lead and CONTRACT where no consent is required", s.PurposeID, s.LegalBasis)
				}
			}
		})
	}
}

func execAll(t *testing.T, driver, dsn string, statements []string) {
	t.Helper()
	old, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	for _, statement := range statements {
		if _, err := old.Exec(statement); err != nil {
			t.Fatalf("%.40s: %v", statement, err)
		}
	}
}
