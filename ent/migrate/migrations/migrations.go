// Package migrations holds the goose files of both engines. They are written by
//
//	go run ./ent/migrate/diff NAME
//
// from the Ent schema and read once more by a person; rows that a table is born with are added by hand. A shipped
// file is not changed, and there is no way back: a mistake is mended by the next file.
package migrations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"entgo.io/ent/dialect"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// Of is the folder of an engine, by the name Ent has for it.
func Of(engine string) (fs.FS, error) {
	switch engine {
	case dialect.Postgres:
		return fs.Sub(files, "postgres")
	case dialect.SQLite:
		return fs.Sub(files, "sqlite")
	}
	return nil, fmt.Errorf("there are no migrations for the engine %q", engine)
}

// Fingerprint changes whenever a migration of the engine does. Tests name their template databases by it.
func Fingerprint(engine string) (string, error) {
	folder, err := Of(engine)
	if err != nil {
		return "", err
	}
	names, err := fs.Glob(folder, "*.sql")
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(folder, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8]), nil
}
