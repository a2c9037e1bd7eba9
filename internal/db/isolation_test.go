package db_test

import (
	"testing"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

func TestTransactionsReadWhatIsCommittedWhateverTheDefaultOfTheBase(t *testing.T) {
	url := dbtest.EmptyPostgres(t)
	first := dbtest.Open(t, url)
	_, err := first.ExecContext(system(), `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''repeatable read''', current_database()); END $$`)
	if err != nil {
		t.Fatal(err)
	}
	d := dbtest.Open(t, url)
	err = db.WithTx(system(), d, func(tx *db.Tx) error {
		rows, err := tx.QueryContext(system(), "SHOW transaction_isolation")
		if err != nil {
			return err
		}
		defer rows.Close()
		var level string
		for rows.Next() {
			if err := rows.Scan(&level); err != nil {
				return err
			}
		}
		if level != "read committed" {
			t.Errorf("a transaction is %s, want read committed", level)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
