package scratch_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"channelbook/internal/dbtest/scratch"
)

func TestAServerIsStartedFromInstalledBinaries(t *testing.T) {
	_, inPath := exec.LookPath("initdb")
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb"); len(found) == 0 && inPath != nil {
		t.Skip("no PostgreSQL is installed here")
	}
	server, err := scratch.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	address, drop, err := scratch.Create(context.Background(), server, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := rows(t, address, "SELECT 1"); n != 1 {
		t.Errorf("got %d rows, want 1", n)
	}
	if err := drop(); err != nil {
		t.Errorf("drop: got %v, want none", err)
	}
}

func TestATemplateIsFilledOnce(t *testing.T) {
	ctx := context.Background()
	server := serverOrSkip(t)
	key := fmt.Sprintf("test_%d", os.Getpid())
	var fills atomic.Int32
	var all sync.WaitGroup
	names := make([]string, 5)
	for i := range names {
		all.Go(func() {
			var err error
			names[i], err = scratch.Template(ctx, server, key, func(address string) error {
				fills.Add(1)
				return run(address, "CREATE TABLE filled (i int)")
			})
			if err != nil {
				t.Errorf("got %v, want none", err)
			}
		})
	}
	all.Wait()
	t.Cleanup(func() {
		if err := run(server, `DROP DATABASE IF EXISTS "`+names[0]+`"`); err != nil {
			t.Error(err)
		}
	})
	if fills.Load() != 1 {
		t.Errorf("filled %d times, want 1", fills.Load())
	}
	address, drop, err := scratch.Create(ctx, server, names[0])
	if err != nil {
		t.Fatal(err)
	}
	defer drop()
	if n := rows(t, address, "SELECT * FROM pg_tables WHERE tablename = 'filled'"); n != 1 {
		t.Errorf("the copy has %d of the template's tables, want 1", n)
	}
}

func TestATemplateThatFailsIsNotThere(t *testing.T) {
	server := serverOrSkip(t)
	failed := errors.New("failed")
	_, err := scratch.Template(context.Background(), server, "test_failing", func(string) error { return failed })
	if !errors.Is(err, failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
	if n := rows(t, server, "SELECT * FROM pg_database WHERE datname LIKE '%test_failing'"); n != 0 {
		t.Errorf("got %d databases, want none", n)
	}
}

func serverOrSkip(t *testing.T) string {
	t.Helper()
	server, err := scratch.Server(context.Background())
	if errors.Is(err, scratch.ErrNone) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func run(address, statement string) error {
	base, err := sql.Open("postgres", address)
	if err != nil {
		return err
	}
	defer base.Close()
	_, err = base.Exec(statement)
	return err
}

func rows(t *testing.T, address, query string) int {
	t.Helper()
	base, err := sql.Open("postgres", address)
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	found, err := base.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	n := 0
	for found.Next() {
		n++
	}
	return n
}
