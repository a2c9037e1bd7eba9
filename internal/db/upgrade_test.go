package db_test

import (
	"context"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/pressly/goose/v3"

	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/migrate/migrations"
	"channelbook/ent/sealed"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/seal"
	"channelbook/personaldata/rotation"
)

// firstRelease is the version of the last migration that the first release had.
const firstRelease = 20261123142132

// rowsOfTheFirstRelease are one row of each table that a later migration rebuilds, and those that refer to it.
var rowsOfTheFirstRelease = []string{
	`INSERT INTO distributors (id, created_at, updated_at, company_name, company_name_fold, inn, contract_signed_on, last_turn)
		VALUES ('01900000-0000-7000-8000-000000000001', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'Ромашка', 'ромашка', '123', '2025-12-31', 7)`,
	`INSERT INTO users (id, created_at, updated_at, login, password_hash, role, distributor_id, phone, email)
		VALUES ('01900000-0000-7000-8000-000000000002', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'roma', 'x', 'DISTRIBUTOR', '01900000-0000-7000-8000-000000000001', '+79120000002', 'canary2@example.ru')`,
	`INSERT INTO sessions (id, created_at, expires_at, user_id)
		VALUES ('01900000-0000-7000-8000-000000000003', '2026-01-02 03:04:05', '2026-02-02 03:04:05', '01900000-0000-7000-8000-000000000002')`,
	`INSERT INTO lead_sources (id, created_at, updated_at, name, key_hash, key_hint, duplicate_fields, distributor_id)
		VALUES ('01900000-0000-7000-8000-000000000004', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'Лендинг', 'x', 'x', '[]', '01900000-0000-7000-8000-000000000001')`,
	`INSERT INTO leads (id, received_at, updated_at, status, outcome, body_hash, first_name, first_name_fold, decision_trace, distributor_id, source_id, phone, phone_last4, email)
		VALUES ('01900000-0000-7000-8000-000000000005', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'NEW', 'ACCEPTED', 'x', 'Анна', 'анна', '[]',
			'01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000004', '+79120000005', '0005', 'canary5@example.ru')`,
	`INSERT INTO intake_attempts (id, received_at, outcome, http_status, remote_address, request_id, raw_body)
		VALUES ('01900000-0000-7000-8000-000000000006', '2026-01-02 03:04:05', 'ACCEPTED', 201, '', '', '{"phone":"+79120000005","email":"canary6@example.ru"}')`,
	`INSERT INTO blacklist_entries (id, kind, value, created_at)
		VALUES ('01900000-0000-7000-8000-000000000007', 'PHONE', '+79120000007', '2026-01-02 03:04:05')`,
	`UPDATE distributors SET phone = '+79120000001', email = 'canary1@example.ru'`,
}

func TestABaseOfTheFirstReleaseKeepsItsRows(t *testing.T) {
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
			bare, err := db.Open(system(), db.Options{URL: url, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer bare.Close()
			if err := bare.Migrate(system()); err == nil || !strings.Contains(err.Error(), "set PERSONAL_DATA_KEYS") {
				t.Fatalf("without keys: got %v, want to be asked for them", err)
			}
			d := dbtest.Open(t, url)
			if err := d.Migrate(system()); err != nil {
				t.Fatal(err)
			}
			wantSealed(t, d)
			if path, ok := db.SQLitePath(url); ok {
				wantNoTrace(t, path)
			}
			row, err := d.Distributor.Query().Where(distributor.HasUsersWith(), distributor.HasLeads(), distributor.HasSources()).WithUsers().Only(system())
			if err != nil {
				t.Fatalf("got %v, want the distributor with all that belongs to it", err)
			}
			if row.CompanyName != "Ромашка" || row.Inn != "123" || row.ContractSignedOn.String() != "2025-12-31" || row.LastTurn != 7 || len(row.Edges.Users) != 1 {
				t.Errorf("got %v, want it as it was", row)
			}
			if row.PayoutRule != distributor.PayoutRuleMANUAL || row.HoldingDays != 0 || row.LogoID != nil {
				t.Errorf("got %v, want it without terms and logo", row)
			}
			if n := d.Session.Query().CountX(system()); n != 1 {
				t.Errorf("got %d sessions, want 1", n)
			}
			if err := d.Lead.Update().Where(lead.StatusEQ(lead.StatusNEW)).SetStatus(lead.StatusREJECTED).Exec(system()); err != nil {
				t.Errorf("a lead cannot be worked any more: %v", err)
			}
			if _, err := d.Company.Get(system(), 1); err != nil {
				t.Errorf("got %v, want the row of our company", err)
			}
		})
	}
}

// wantSealed checks that what stood in clear stands sealed, and is found by its index.
func wantSealed(t *testing.T, d *db.DB) {
	t.Helper()
	l := d.Lead.Query().Where(sealed.LeadPhoneIndex.Match(dbtest.Keys(), "+79120000005"), sealed.LeadEmailIndex.Match(dbtest.Keys(), "canary5@example.ru"),
		sealed.LeadPhoneLast4Index.Match(dbtest.Keys(), "0005")).OnlyX(system())
	u, c := d.User.Query().OnlyX(system()), d.Distributor.Query().OnlyX(system())
	a, b := d.IntakeAttempt.Query().OnlyX(system()), d.BlacklistEntry.Query().Where(sealed.BlacklistIndex.Match(dbtest.Keys(), "+79120000007")).OnlyX(system())
	got := []string{
		dbtest.Opened(t, sealed.LeadPhone, l.ID, l.PhoneSealed), dbtest.Opened(t, sealed.LeadEmail, l.ID, l.EmailSealed),
		dbtest.Opened(t, sealed.UserPhone, u.ID, u.PhoneSealed), dbtest.Opened(t, sealed.UserEmail, u.ID, u.EmailSealed),
		dbtest.Opened(t, sealed.DistributorPhone, c.ID, c.PhoneSealed), dbtest.Opened(t, sealed.DistributorEmail, c.ID, c.EmailSealed),
		dbtest.Opened(t, sealed.AttemptRawBody, a.ID, a.RawBodySealed), dbtest.Opened(t, sealed.BlacklistValue, b.ID, b.ValueSealed),
	}
	want := []string{"+79120000005", "canary5@example.ru", "+79120000002", "canary2@example.ru", "+79120000001", "canary1@example.ru",
		`{"phone":"+79120000005","email":"canary6@example.ru"}`, "+79120000007"}
	if !slices.Equal(got, want) {
		t.Errorf("sealed are\n%q, want\n%q", got, want)
	}
}

// wantNoTrace checks that the file and its WAL hold nothing of what they held in clear.
func wantNoTrace(t *testing.T, path string) {
	t.Helper()
	for _, file := range []string{path, path + "-wal"} {
		bytes, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		for _, trace := range []string{"+7912000000", "canary"} {
			if strings.Contains(string(bytes), trace) {
				t.Errorf("%s still holds %s…", filepath.Base(file), trace)
			}
		}
	}
}

// atFirstRelease makes a base as the first release left it.
func atFirstRelease(t *testing.T, driver, dsn string) {
	t.Helper()
	atVersion(t, driver, dsn, firstRelease)
	execAll(t, driver, dsn, rowsOfTheFirstRelease)
}

// sealContacts is the version of the migration that is no file. A base without rows has nothing to seal.
const sealContacts = 20261126014040

// atVersion migrates a base without rows up to a version.
func atVersion(t *testing.T, driver, dsn string, version int64) {
	t.Helper()
	old, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	engine, of := goose.DialectPostgres, dialect.Postgres
	if driver == "sqlite" {
		engine, of = goose.DialectSQLite3, dialect.SQLite
	}
	files, err := migrations.Of(of)
	if err != nil {
		t.Fatal(err)
	}
	nothing := goose.NewGoMigration(sealContacts, &goose.GoFunc{RunDB: func(context.Context, *sql.DB) error { return nil }}, nil)
	provider, err := goose.NewProvider(engine, old, files, goose.WithGoMigrations(nothing))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(context.Background(), version); err != nil {
		t.Fatal(err)
	}
}

// TestAnUpgradeThatBrokeOffLeavesNothingInClear fails behind the sealing, and goes on.
func TestAnUpgradeThatBrokeOffLeavesNothingInClear(t *testing.T) {
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
			execAll(t, driver, dsn, []string{"CREATE TABLE consents (id integer)"}) // in the way of a later migration
			d := dbtest.Open(t, url)
			if err := d.Migrate(system()); err == nil || !strings.Contains(err.Error(), "consents") {
				t.Fatalf("got %v, want the migrations to break off", err)
			}
			other, err := seal.ParseKeys("other:" + strings.Repeat("2b", 32))
			if err != nil {
				t.Fatal(err)
			}
			stranger, err := db.Open(system(), db.Options{URL: url, Keys: other, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer stranger.Close()
			execAll(t, driver, dsn, []string{"DROP TABLE consents"})
			if err := d.Migrate(system()); err != nil {
				t.Fatal(err)
			}
			wantSealed(t, d)
			if path, ok := db.SQLitePath(url); ok {
				wantNoTrace(t, path)
			}
			if _, err := d.QueryContext(system(), "SELECT * FROM contacts_in_clear_to_be_rewritten"); err == nil {
				t.Error("the files are still marked to be written anew")
			}
			foreign := rotation.Service{DB: stranger, Keys: other, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
			if err := foreign.Register(system()); err == nil || !strings.Contains(err.Error(), `sealed under the key "test"`) {
				t.Errorf("with another key: got %v, want a refusal", err)
			}
		})
	}
}

func TestABaseOfANewerReleaseIsNotServed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		if _, err := d.ExecContext(system(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (29991231000000, TRUE)"); err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(system()); err == nil || !strings.Contains(err.Error(), "newer release") {
			t.Errorf("got %v, want a refusal", err)
		}
		if err := d.Ready(system()); err != nil {
			t.Errorf("got %v, want an instance that serves already to stay ready", err)
		}
	})
}
