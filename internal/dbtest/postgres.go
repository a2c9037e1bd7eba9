package dbtest

import (
	"context"
	"sync"
	"testing"

	"entgo.io/ent/dialect"

	"channelbook/ent/migrate/migrations"
	"channelbook/internal/db"
	"channelbook/internal/dbtest/scratch"
)

// Postgres is a fresh, migrated base on PostgreSQL: a copy of a template that is migrated once for each state of the
// migrations, whatever the number of test processes. Where there is no PostgreSQL the test is skipped, in CI failed.
func Postgres(t testing.TB) *db.DB {
	t.Helper()
	address := server(t)
	template, err := postgresTemplate(address)
	if err != nil {
		t.Fatalf("migrate a template: %v", err)
	}
	return Open(t, create(t, address, template))
}

// EmptyPostgres is the address of a fresh base on PostgreSQL that is not migrated.
func EmptyPostgres(t testing.TB) string {
	t.Helper()
	return create(t, server(t), "")
}

func create(t testing.TB, address, template string) string {
	t.Helper()
	url, drop, err := scratch.Create(context.Background(), address, template)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("drop the scratch database: %v", err)
		}
	})
	return url
}

var template struct {
	once sync.Once
	name string
	err  error
}

func postgresTemplate(address string) (string, error) {
	template.once.Do(func() {
		key, err := migrations.Fingerprint(dialect.Postgres)
		if err != nil {
			template.err = err
			return
		}
		template.name, template.err = scratch.Template(context.Background(), address, key, migrated)
	})
	return template.name, template.err
}
