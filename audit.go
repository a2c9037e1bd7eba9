package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/metrics"
	"channelbook/personaldata/audit"
)

// auditCommand verifies or exports the audit, whether or not a server is at work on the base.
func auditCommand(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, stdout io.Writer) (err error) {
	act, err := parseAudit(args, stdout)
	if err != nil {
		return err
	}
	if path, ok := db.SQLitePath(string(cfg.DatabaseURL)); ok {
		if there, err := exists(path); err != nil || !there {
			return errors.Join(fmt.Errorf("there is no base at %s: DATABASE_URL names it", path), err)
		}
	}
	d, err := db.Open(ctx, db.Options{URL: string(cfg.DatabaseURL), MaxOpenConns: cfg.DatabaseMaxConns, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Ready(ctx); err != nil { // a base that may have been tampered with is looked at as it is
		return fmt.Errorf("%w: channelbook migrate brings the base up to date", err)
	}
	s := newServices(cfg, ground{db: d, metrics: &metrics.Metrics{}, log: log, now: now})
	return act(auth.AsSystem(ctx, "audit "+args[0]), s.audit)
}

// parseAudit reads the arguments of the command, before any base is opened.
func parseAudit(args []string, stdout io.Writer) (act func(context.Context, *audit.Log) error, err error) {
	if len(args) == 0 || args[0] != "verify" && args[0] != "export" {
		return nil, errors.New("audit wants verify or export: see channelbook -help")
	}
	flags := flag.NewFlagSet("audit "+args[0], flag.ContinueOnError)
	flags.SetOutput(stdout)
	var known *audit.Head
	var filter audit.Filter
	if args[0] == "verify" {
		flags.Func("head", "COUNT:HASH out of the server's log, which the chain must have passed through", func(s string) error {
			head, err := audit.ParseHead(s)
			known = &head
			return err
		})
	} else {
		flags.Func("from", "the first day, or an instant: inclusive", timeInto(&filter.From))
		flags.Func("to", "a day, or an instant: exclusive", timeInto(&filter.To))
	}
	if err := flags.Parse(args[1:]); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("audit %s knows no %q: see channelbook -help", args[0], flags.Arg(0))
	}
	if args[0] == "verify" {
		return func(ctx context.Context, l *audit.Log) error { return verifyAudit(ctx, l, known, stdout) }, nil
	}
	return func(ctx context.Context, l *audit.Log) error { return l.Export(ctx, stdout, filter) }, nil
}

func timeInto(into **time.Time) func(string) error {
	return func(s string) error {
		at, err := audit.ParseTime(s)
		*into = &at
		return err
	}
}

// verifyAudit prints what it found, and writes nothing. A chain that is broken is an error.
func verifyAudit(ctx context.Context, l *audit.Log, known *audit.Head, stdout io.Writer) error {
	v, err := l.Verify(ctx, known)
	if err != nil {
		return err
	}
	if known != nil && known.Count < v.Begins {
		fmt.Fprintf(stdout, "The head that was given stands before the beginning of the chain, and says nothing of it any more.\n")
	}
	if v.Begins > 0 {
		fmt.Fprintf(stdout, "The chain begins behind place %d: what stood before was past its term.\n", v.Begins)
	}
	fmt.Fprintf(stdout, "%d records hold. The chain's head is %s.\n", v.Checked, v.Head)
	if v.UnsealedSince != nil {
		fmt.Fprintf(stdout, "%d records have no place yet, the first of them from %s.\n", v.Unsealed, v.UnsealedSince.UTC().Format(time.RFC3339))
	}
	if v.Break != nil {
		return fmt.Errorf("the audit breaks at place %d: %s (%s)", v.Break.Place, v.Break.Message, v.Break.Kind)
	}
	return nil
}
