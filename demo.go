package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"channelbook/demo"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/files"
	"channelbook/internal/metrics"
)

// demoURL is the base of serve -demo, unless DATABASE_URL names another one of SQLite.
const demoURL = "sqlite:data/demo.db"

// loadDemo reads the settings of serve -demo: its base, its files and its keys are apart from those of a server beside it.
func loadDemo(getenv func(string) string) (config.Config, error) {
	return config.LoadApart(demoSettings(getenv), "demo.")
}

func demoSettings(getenv func(string) string) func(string) string {
	return func(name string) string {
		value := getenv(name)
		switch {
		case value != "":
			return value
		case name == "DATABASE_URL":
			return demoURL
		case name == "FILES_DIR":
			return demoFiles(cmp.Or(getenv("DATABASE_URL"), demoURL))
		}
		return ""
	}
}

// demoFiles is where the pictures of a demo are, unless FILES_DIR says otherwise; they go with its base.
func demoFiles(url string) string {
	path, ok := db.SQLitePath(url)
	if !ok {
		return "" // and prepareDemo refuses the base
	}
	return path + ".files"
}

// prepareDemo makes the demo's base where there is none, with a story of so many months, and says how to sign in. A base
// that is there is not touched.
func prepareDemo(ctx context.Context, cfg config.Config, log *slog.Logger, stdout io.Writer, months int) error {
	path, ok := db.SQLitePath(string(cfg.DatabaseURL))
	if !ok {
		return errors.New("serve -demo wants an SQLite base: leave DATABASE_URL out")
	}
	if there, err := exists(path); there || err != nil {
		fmt.Fprintf(stdout, `
The base %s is there already, with the logins that were printed when it was made. Another password is set by

  DATABASE_URL=sqlite:%s channelbook user set-password -login admin

and the demo is made anew where that file is deleted.

`, path, path)
		return err
	}
	begun := time.Now()
	filled, err := makeDemo(ctx, cfg, log, path, months)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, `
The demo base %s was made in %.1f s: %d distributors, %d leads. This is shown once:

  administrator:       login %-10s password %s
  distributor's user:  login %-10s password %s

`, path, time.Since(begun).Seconds(), filled.Distributors, filled.Leads,
		filled.Admin.Login, filled.Admin.Password, filled.Distributor.Login, filled.Distributor.Password)
	return err
}

// makeDemo fills a base beside path and gives it that name once it is whole, so that a start that is broken off leaves no
// half of a story.
func makeDemo(ctx context.Context, cfg config.Config, log *slog.Logger, path string, months int) (filled demo.Filled, err error) {
	unfinished := path + ".filling"
	release, err := db.LockServing(unfinished)
	if err != nil {
		return filled, err
	}
	defer func() {
		err = errors.Join(err, removeSQLite(unfinished))
		release()
	}()
	if there, err := exists(path); there || err != nil {
		if there {
			err = db.ErrServed // another start has been faster
		}
		return filled, err
	}
	if err := errors.Join(removeSQLite(unfinished), removeOldFiles(cfg)); err != nil {
		return filled, err
	}
	log.InfoContext(ctx, "making the demo base, which takes some seconds", "base", path)
	if filled, err = fillDemo(ctx, cfg, unfinished, months); err != nil {
		return filled, err
	}
	if open, err := exists(unfinished + "-wal"); open || err != nil {
		return filled, errors.Join(errors.New("the demo base was not closed"), err)
	}
	if err := remove(path+"-wal", path+"-shm"); err != nil { // the journal of a base that was deleted would be read into this one
		return filled, err
	}
	return filled, db.Settle(unfinished, path)
}

// removeOldFiles deletes the pictures of a demo that was deleted, where they have a folder of their own.
func removeOldFiles(cfg config.Config) error {
	if folder := demoFiles(string(cfg.DatabaseURL)); string(cfg.FilesDir) == folder {
		return os.RemoveAll(folder)
	}
	return nil
}

// fillDemo makes a whole base at path. It need not survive a crash, and is the faster for it.
func fillDemo(ctx context.Context, cfg config.Config, path string, months int) (filled demo.Filled, err error) {
	quiet := slog.New(slog.DiscardHandler)
	d, err := db.Open(ctx, db.Options{URL: "sqlite:" + path, Log: quiet, Unsafe: true})
	if err != nil {
		return filled, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return filled, err
	}
	store, err := files.Open(ctx, string(cfg.FilesDir))
	if err != nil {
		return filled, fmt.Errorf("FILES_DIR: %w", err)
	}
	clock := &demo.Clock{}
	s := newServices(cfg, ground{db: d, store: store, metrics: &metrics.Metrics{}, log: quiet, now: clock.Now})
	if err := s.audit.Begin(ctx); err != nil {
		return filled, err
	}
	s.accounts.Revocations = nil // this process serves nobody yet
	return demo.Fill(ctx, demo.Services{
		Clock: clock, Accounts: s.accounts, Distributors: s.distributors, Leads: s.leads, Goals: s.goals, Payouts: s.payouts, Consents: s.consents, Notify: s.notify, TimeZone: cfg.BusinessTimezone,
	}, demo.Story{Now: now(), Months: months, AdminPassword: string(cfg.AdminPassword)})
}

func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// removeSQLite deletes a base with all that SQLite and we put beside it.
func removeSQLite(path string) error {
	return remove(path, path+"-wal", path+"-shm", path+".serving", path+".migrating")
}

// remove deletes files; one that is not there is no error.
func remove(paths ...string) error {
	var wrong []error
	for _, path := range paths {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(wrong...)
}
