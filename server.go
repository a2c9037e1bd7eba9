// Channelbook is the book of record between a company and its distributors. This is its server: commands and wiring.
// The rules live in the packages that README's map names.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"channelbook/demo"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/metrics"
)

//go:generate go tool gqlgen generate

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	err := command(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "channelbook:", err)
		stop()
		os.Exit(1)
	}
}

const usage = `Channelbook keeps what passes between a company and its distributors.

  channelbook [serve]                                serve the API, the intake and GraphiQL
  channelbook serve -demo                            the same on data/demo.db, filled with a made-up company
  channelbook migrate                                bring the base up to date and stop
  channelbook user create -login L -role admin       make a user, or with -role distributor -distributor ID that of a distributor;
                                                     the password is asked or generated
  channelbook user set-password -login L             give a user another password
  channelbook user reset-second-factor -login L      take the second factor of somebody who has lost the phone away
  channelbook backup FILE                            copy the SQLite base into a new file, also while it is served
  channelbook audit verify [-head COUNT:HASH]        walk the chain of the audit; fails where it breaks, and says at which place
  channelbook audit export [-from DAY] [-to DAY]     write the audit to the standard output, as CSV
  channelbook figures rebuild                        make the figures of past days anew from the leads; fails where some were wrong,
                                                     and says of which days
  channelbook import-legacy [-apply] FILE            bring over the SQLite base of the system that this one replaces; without -apply a dry
                                                     run, which writes nothing and says what does not fit. docs/import-legacy.md has its flags:
                                                     -timezone, -paid-through, -basis, -basis-note, -goal-metric, -status, -role

Settings are environment variables:

`

// command runs the command that the arguments name.
func command(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	name := "serve"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		name, args = args[0], args[1:]
	}
	if asksForHelp(args) || name == "help" {
		fmt.Fprint(stdout, usage)
		return config.Usage(stdout)
	}
	if err := known(name, args); err != nil {
		return err
	}
	asDemo := name == "serve" && isDemo(args)
	cfg, err := settings(name, asDemo, getenv)
	if err != nil {
		return err
	}
	log := cfg.Logger(stderr)
	switch name {
	case "migrate":
		return migrate(ctx, cfg, log)
	case "user":
		return userCommand(ctx, cfg, log, args, stdin, stdout)
	case "backup":
		return backup(ctx, cfg, args[0], stdout)
	case "audit":
		return auditCommand(ctx, cfg, log, args, stdout)
	case "figures":
		return figuresCommand(ctx, cfg, log, args, stdout)
	case "import-legacy":
		return importLegacy(ctx, cfg, log, args, stdout)
	}
	if asDemo {
		if err := prepareDemo(ctx, cfg, log, stdout, demo.Year); err != nil {
			return err
		}
	}
	return run(ctx, cfg, log, stdout, nil)
}

// settings are what a command runs by. Only a server makes keys; the audit is read with them, and what is imported is sealed.
func settings(name string, asDemo bool, getenv func(string) string) (config.Config, error) {
	switch {
	case asDemo:
		return loadDemo(getenv)
	case name == "serve":
		return config.Load(getenv)
	case name == "audit" || name == "import-legacy":
		return config.LoadKept(getenv)
	}
	return config.LoadWithoutKeys(getenv)
}

// known refuses what is no command, before anything is made for it.
func known(name string, args []string) error {
	switch {
	case !slices.Contains([]string{"serve", "migrate", "user", "backup", "audit", "figures", "import-legacy"}, name):
		return fmt.Errorf("there is no command %q: see channelbook -help", name)
	case name == "backup" && len(args) != 1:
		return errors.New("backup wants one argument, the file to copy the base to")
	case name == "audit":
		_, err := parseAudit(args, io.Discard)
		return err
	case name == "figures":
		return parseFigures(args)
	case name == "import-legacy":
		_, _, err := parseImportLegacy(args)
		return err
	case name == "user" || name == "backup" || name == "serve" && isDemo(args):
		return nil
	case len(args) > 0:
		return fmt.Errorf("%s takes no arguments, but %q was given: see channelbook -help", name, args[0])
	}
	return nil
}

func isDemo(args []string) bool {
	return len(args) == 1 && (args[0] == "-demo" || args[0] == "--demo")
}

func asksForHelp(args []string) bool {
	for _, a := range args {
		if a == "-h" || a == "-help" || a == "--help" {
			return true
		}
	}
	return false
}

// open opens the base and brings it up to date. m may be nil.
func open(ctx context.Context, cfg config.Config, log *slog.Logger, m *metrics.DB) (*db.DB, error) {
	d, err := db.Open(ctx, db.Options{URL: string(cfg.DatabaseURL), MaxOpenConns: cfg.DatabaseMaxConns, Keys: cfg.PersonalDataKeys, Log: log, Metrics: m})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func migrate(ctx context.Context, cfg config.Config, log *slog.Logger) error {
	d, err := open(ctx, cfg, log, nil)
	if err != nil {
		return err
	}
	log.InfoContext(ctx, "base is up to date", "engine", d.Dialect())
	return d.Close()
}
