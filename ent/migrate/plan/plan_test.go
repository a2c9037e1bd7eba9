package plan_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"entgo.io/ent/dialect"

	"channelbook/ent/migrate/migrations"
	"channelbook/ent/migrate/plan"
	"channelbook/internal/dbtest"
)

func TestMigrationsLeadToTheSchema(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "dev.db")
		inStep(t, dialect.SQLite, "sqlite", "file:"+file+"?_pragma=foreign_keys(1)")
	})
	t.Run("postgres", func(t *testing.T) {
		inStep(t, dialect.Postgres, "postgres", dbtest.EmptyPostgres(t))
	})
}

func inStep(t *testing.T, engine, driver, dsn string) {
	t.Helper()
	dev, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	files, err := migrations.Of(engine)
	if err != nil {
		t.Fatal(err)
	}
	next, err := plan.Next(context.Background(), engine, dev, files, "missing")
	if err == nil {
		t.Fatalf("the migrations are behind the schema; `go run ./ent/migrate/diff NAME` writes this:\n%s", next.Text)
	}
	if !errors.Is(err, plan.ErrInStep) {
		t.Fatalf("got %v, want %v", err, plan.ErrInStep)
	}
}
