package db_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"channelbook/ent/ledgerentry"
	"channelbook/internal/dbtest"
)

// TestSalesFromBeforeTheLedgerAreOwed: each sale of an older base has its accrual, held for the days agreed on; what is no
// sale, or a test, owes nothing.
func TestSalesFromBeforeTheLedgerAreOwed(t *testing.T) {
	const distributor, source = "01900000-0000-7000-8000-000000000001", "01900000-0000-7000-8000-000000000004"
	leads := []struct{ status, soldOn, payout, amount, test, want string }{
		{"SALE", "'2026-02-20'", "150000", "9900000", "FALSE", "2026-02-20 150000 9900000 2026-03-06"},
		{"SALE", "'2026-12-31'", "0", "NULL", "FALSE", "2026-12-31 0 none 2027-01-14"},
		{"SALE", "'2026-02-20'", "100", "NULL", "TRUE", ""},
		{"IN_PROGRESS", "NULL", "0", "NULL", "FALSE", ""},
	}
	id := func(i int) string { return fmt.Sprintf("01900000-0000-7000-8000-0000000002%02d", i) }
	for engine, base := range map[string]func() (driver, dsn, url string){
		"sqlite": func() (string, string, string) {
			path := filepath.Join(t.TempDir(), "base.db")
			return "sqlite", "file:" + path, "sqlite:" + path
		},
		"postgres": func() (string, string, string) { url := dbtest.EmptyPostgres(t); return "postgres", url, url },
	} {
		t.Run(engine, func(t *testing.T) {
			driver, dsn, url := base()
			beforeTheLedger(t, driver, dsn)
			statements := []string{`UPDATE distributors SET holding_days = 14`}
			for i, l := range leads {
				statements = append(statements, fmt.Sprintf(`INSERT INTO leads (id, received_at, updated_at, closed_at, status, outcome, body_hash, first_name, first_name_fold, decision_trace, distributor_id, source_id, sold_on, payout, sale_amount, is_test)
					VALUES ('%s', '2026-01-02 03:04:05', '2026-01-02 03:04:05', '2026-02-21 03:04:05', '%s', 'ACCEPTED', 'x', 'Анна', 'анна', '[]', '%s', '%s', %s, %s, %s, %s)`,
					id(i), l.status, distributor, source, l.soldOn, l.payout, l.amount, l.test))
			}
			execAll(t, driver, dsn, statements)
			d := dbtest.Open(t, url)
			if err := d.Migrate(system()); err != nil {
				t.Fatal(err)
			}
			got := map[string]string{}
			for _, e := range d.LedgerEntry.Query().Where(ledgerentry.KindEQ(ledgerentry.KindACCRUAL), ledgerentry.SaleNumber(1)).AllX(system()) {
				amount := "none"
				if e.SaleAmount != nil {
					amount = fmt.Sprint(*e.SaleAmount)
				}
				got[e.LeadID.String()] = fmt.Sprintf("%s %d %s %s", e.Day, e.Amount, amount, e.AvailableOn)
				if e.DistributorID.String() != distributor || e.Correction || e.CreatedAt.Format("2006-01-02 15:04:05") != "2026-02-21 03:04:05" {
					t.Errorf("got %v, want it for the lead's distributor, written when the lead was closed", e)
				}
			}
			for i, l := range leads {
				if got[id(i)] != l.want {
					t.Errorf("%+v: got %q, want %q", l, got[id(i)], l.want)
				}
			}
			if n := d.LedgerEntry.Query().CountX(system()); n != 2 {
				t.Errorf("got %d lines, want 2", n)
			}
		})
	}
}

// lastBeforeTheLedger is the version of the last migration, on either engine, that knew of no ledger.
const lastBeforeTheLedger = 20261126060001

// beforeTheLedger makes a base of the release before the ledger, with a distributor and a source.
func beforeTheLedger(t *testing.T, driver, dsn string) {
	t.Helper()
	atVersion(t, driver, dsn, lastBeforeTheLedger)
	execAll(t, driver, dsn, []string{
		`INSERT INTO distributors (id, created_at, updated_at, company_name, company_name_fold)
			VALUES ('01900000-0000-7000-8000-000000000001', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'Ромашка', 'ромашка')`,
		`INSERT INTO lead_sources (id, created_at, updated_at, name, key_hash, key_hint, duplicate_fields, purpose_id)
			VALUES ('01900000-0000-7000-8000-000000000004', '2026-01-02 03:04:05', '2026-01-02 03:04:05', 'Лендинг', 'x', 'x', '[]', (SELECT id FROM processing_purposes WHERE code = 'lead'))`,
	})
}
