package scratch

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/lib/pq"
)

// prefix begins the name of every database made here; the hour it was made in follows, so that what a killed run
// has left behind is found.
const prefix = "channelbook_scratch_"

// leftover is how old a database must be to be nobody's.
const leftover = 2 * time.Hour

// Create makes a database on server, a copy of template where one is named, and returns its address and what
// drops it again.
func Create(ctx context.Context, server, template string) (address string, drop func() error, err error) {
	admin, err := sql.Open("postgres", server)
	if err != nil {
		return "", nil, err
	}
	defer admin.Close()
	name := newName(time.Now())
	statement := "CREATE DATABASE " + pq.QuoteIdentifier(name) // #nosec G202 -- it is quoted
	if template != "" {
		statement += " TEMPLATE " + pq.QuoteIdentifier(template)
	}
	if _, err := admin.ExecContext(ctx, statement); err != nil {
		return "", nil, fmt.Errorf("create a scratch database: %w", err)
	}
	address, err = named(server, name)
	return address, func() error { return dropDatabase(server, name) }, err
}

// Template is the name of a database on server that fill has filled, once for each key and not once for each
// process: whoever comes first makes it and the others wait.
func Template(ctx context.Context, server, key string, fill func(address string) error) (name string, err error) {
	admin, err := sql.Open("postgres", server)
	if err != nil {
		return "", err
	}
	defer admin.Close()
	conn, err := admin.Conn(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(hashtext($1))", prefix); err != nil {
		return "", err
	}
	defer func() {
		_, unlock := conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(hashtext($1))", prefix)
		err = errors.Join(err, unlock)
	}()
	sweep(ctx, conn, server)
	name = "channelbook_template_" + key
	var there bool
	if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil || there {
		return name, err
	}
	return name, build(ctx, conn, server, name, fill)
}

// build fills a database under another name and gives it its own at the end, so that a template is there whole or
// not at all.
func build(ctx context.Context, conn *sql.Conn, server, name string, fill func(address string) error) error {
	address, drop, err := Create(ctx, server, "")
	if err != nil {
		return err
	}
	if err := fill(address); err != nil {
		return errors.Join(err, drop())
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, fmt.Sprintf("ALTER DATABASE %s RENAME TO %s",
		pq.QuoteIdentifier(strings.TrimPrefix(parsed.Path, "/")), pq.QuoteIdentifier(name)))
	return err
}

// sweep drops what killed runs have left behind. Another run may be quicker: its errors mean nothing.
func sweep(ctx context.Context, conn *sql.Conn, server string) {
	rows, err := conn.QueryContext(ctx, "SELECT datname FROM pg_database WHERE datname LIKE $1", prefix+"%")
	if err != nil {
		return
	}
	defer rows.Close()
	var old []string
	for rows.Next() {
		var name string
		if rows.Scan(&name) == nil && name < newName(time.Now().Add(-leftover)) {
			old = append(old, name)
		}
	}
	for _, name := range old {
		_ = dropDatabase(server, name)
	}
}

func dropDatabase(server, name string) error {
	admin, err := sql.Open("postgres", server)
	if err != nil {
		return err
	}
	defer admin.Close()
	_, err = admin.Exec("DROP DATABASE IF EXISTS " + pq.QuoteIdentifier(name) + " WITH (FORCE)")
	return err
}

func newName(at time.Time) string {
	var random [6]byte
	_, _ = rand.Read(random[:])
	return prefix + at.UTC().Format("20060102150405") + "_" + hex.EncodeToString(random[:])
}

// named is the address of another database on the same server.
func named(server, name string) (string, error) {
	parsed, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("the address of the PostgreSQL for tests is not a URL: %w", err)
	}
	parsed.Path = "/" + name
	return parsed.String(), nil
}
