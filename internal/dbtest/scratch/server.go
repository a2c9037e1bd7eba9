// Package scratch finds a PostgreSQL server for tests and tools, and makes short-lived databases on it.
package scratch

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	_ "github.com/lib/pq" // the driver "postgres"
)

// localDefault is where a PostgreSQL installed on this machine usually answers.
const localDefault = "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable"

// ErrNone says that there is no PostgreSQL to be had.
var ErrNone = errors.New("no PostgreSQL: TEST_DATABASE_URL is not set, none answers on 127.0.0.1:5432, and none could be started")

var server struct {
	once sync.Once
	url  string
	err  error
}

// Server is the address of a PostgreSQL whose user may create databases: the one TEST_DATABASE_URL names, else the
// one at the local default, else one started from installed binaries, which ends with this process. Where there is
// none the error is an ErrNone; a TEST_DATABASE_URL that does not answer is an error of its own.
func Server(ctx context.Context) (string, error) {
	server.once.Do(func() { server.url, server.err = find(ctx) })
	return server.url, server.err
}

func find(ctx context.Context) (string, error) {
	if named := os.Getenv("TEST_DATABASE_URL"); named != "" {
		if err := ping(ctx, named); err != nil {
			return "", fmt.Errorf("TEST_DATABASE_URL does not answer: %w", err)
		}
		return named, nil
	}
	if ping(ctx, localDefault) == nil {
		return localDefault, nil
	}
	started, err := start(ctx)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNone, err)
	}
	return started, nil
}

func ping(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	base, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	defer base.Close()
	return base.PingContext(ctx)
}
