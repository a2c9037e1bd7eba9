// Package plan compares the migrations of an engine with the Ent schema. The command ../diff writes what is missing,
// and a test beside this file fails where anything is.
package plan

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	tables "channelbook/ent/migrate"
)

// ErrInStep says that the migrations lead to the Ent schema and nothing is missing.
var ErrInStep = migrate.ErrNoPlan

// File is a migration that has yet to be written.
type File struct {
	Name string
	Text []byte
}

// Next replays the migrations on dev, an empty database of the engine, and returns the one that leads from there to
// the Ent schema, or ErrInStep. It leaves dev empty and the migrations as they are.
func Next(ctx context.Context, engine string, dev *sql.DB, migrations fs.FS, name string) (*File, error) {
	folder, err := os.MkdirTemp("", "migrations")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	dir, err := copyOf(migrations, folder)
	if err != nil {
		return nil, fmt.Errorf("copy the migrations: %w", err)
	}
	if err := diff(ctx, engine, dev, dir, name); err != nil {
		return nil, err
	}
	written, err := filepath.Glob(filepath.Join(folder, "*_"+name+".sql"))
	if err != nil || len(written) == 0 {
		return nil, fmt.Errorf("no file was written for %q: %w", name, err)
	}
	last := written[len(written)-1]
	text, err := os.ReadFile(last)
	return &File{Name: filepath.Base(last), Text: text}, err
}

// copyOf is a working copy of the migrations with the checksums that Atlas asks for.
func copyOf(migrations fs.FS, folder string) (*sqltool.GooseDir, error) {
	if err := os.CopyFS(folder, migrations); err != nil {
		return nil, err
	}
	dir, err := sqltool.NewGooseDir(folder)
	if err != nil {
		return nil, err
	}
	sum, err := dir.Checksum()
	if err != nil {
		return nil, err
	}
	return dir, migrate.WriteSumFile(dir, sum)
}

func diff(ctx context.Context, engine string, dev *sql.DB, dir migrate.Dir, name string) error {
	format, err := forwardOnly()
	if err != nil {
		return err
	}
	m, err := schema.NewMigrate(entsql.OpenDB(engine, dev),
		schema.WithDir(dir),
		schema.WithFormatter(format),
		schema.WithMigrationMode(schema.ModeReplay),
		schema.WithDropColumn(true),
		schema.WithDropIndex(true),
		schema.WithErrNoPlan(true),
	)
	if err != nil {
		return err
	}
	return m.NamedDiff(ctx, name, tables.Tables...)
}

// forwardOnly writes goose files without a way back.
func forwardOnly() (migrate.Formatter, error) {
	name := template.New("name").Funcs(template.FuncMap{
		"now": func() string { return time.Now().UTC().Format("20060102150405") },
	})
	if _, err := name.Parse("{{ now }}_{{ .Name }}.sql"); err != nil {
		return nil, err
	}
	text, err := template.New("text").Parse("-- +goose Up\n" +
		"{{ range .Changes }}{{ with .Comment }}-- {{ println . }}{{ end }}{{ printf \"%s;\\n\" .Cmd }}{{ end }}")
	if err != nil {
		return nil, err
	}
	return migrate.NewTemplateFormatter(name, text)
}
