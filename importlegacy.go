package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"channelbook/ent/goal"
	"channelbook/ent/lead"
	"channelbook/imports/legacy"
	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/metrics"
)

// importLegacy brings over what the SQLite base of the system holds that this one replaces, whether or not a server is at work on ours; in
// a dry run it says what it would do.
func importLegacy(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, stdout io.Writer) (err error) {
	options, file, err := parseImportLegacy(args)
	if err != nil {
		return err
	}
	if path, ok := db.SQLitePath(string(cfg.DatabaseURL)); ok {
		if there, err := exists(path); err != nil || !there {
			return errors.Join(fmt.Errorf("there is no base at %s: DATABASE_URL names it, and serve makes one", path), err)
		}
		if err := apart(path, file); err != nil {
			return err
		}
	}
	from, err := db.ReadForeign(ctx, file)
	if errors.Is(err, db.ErrNotQuiet) {
		return fmt.Errorf("%w: stop the old system, or import a copy that its own backup has made", err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	d, err := db.Open(ctx, db.Options{URL: string(cfg.DatabaseURL), MaxOpenConns: cfg.DatabaseMaxConns, Keys: cfg.PersonalDataKeys, Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Ready(ctx); err != nil {
		return fmt.Errorf("%w: channelbook migrate brings the base up to date", err)
	}
	s := newServices(cfg, ground{db: d, metrics: &metrics.Metrics{}, log: log, now: now})
	s.accounts.Revocations = nil // this process serves nobody
	if options.Apply {
		if err := s.rotation.Register(ctx); err != nil {
			return err
		}
	}
	options.KeepNotifications = cfg.NotificationRetention
	report, err := legacy.Run(auth.AsSystem(ctx, "import-legacy"), from, legacy.Services{
		DB: d, Now: now, TimeZone: cfg.BusinessTimezone, Accounts: s.accounts, Distributors: s.distributors, Leads: s.leads, Goals: s.goals,
		Payouts: s.payouts, Notify: s.notify, Templates: s.templates,
	}, options)
	if err != nil {
		return fmt.Errorf("%w: what was written stays, and the next import goes on from there", err)
	}
	return errors.Join(report.Write(stdout), sayNext(stdout, options, report))
}

// sayNext says what is left for the operator.
func sayNext(stdout io.Writer, options legacy.Options, report *legacy.Report) error {
	var text strings.Builder
	if !options.Apply {
		text.WriteString("\nWith -apply before the file it is brought over. Copy the base of Channelbook first.\n")
	}
	if options.Apply && len(report.Logins) > 0 {
		text.WriteString("\nThese have no password yet. Give each one, by channelbook user set-password -login L, or as an administrator by resetPassword:\n\n")
		for _, login := range report.Logins {
			text.WriteString("  " + login + "\n")
		}
	}
	_, err := io.WriteString(stdout, text.String())
	return err
}

// apart refuses our own base in the place of the other.
func apart(ours, other string) error {
	a, err := os.Stat(ours)
	if err != nil {
		return err
	}
	b, err := os.Stat(other) // #nosec G703 -- the operator names the file
	if err != nil {
		return err
	}
	if os.SameFile(a, b) {
		return fmt.Errorf("%s is the base of DATABASE_URL: name that of the old system", other)
	}
	return nil
}

// parseImportLegacy reads the arguments of the command, before any base is opened.
func parseImportLegacy(args []string) (o legacy.Options, file string, err error) {
	flags := flag.NewFlagSet("import-legacy", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	dry := flags.Bool("dry-run", false, "write nothing, which is the default")
	flags.BoolVar(&o.Apply, "apply", false, "bring over")
	o.Statuses, o.Roles = map[string]lead.Status{}, map[string]auth.Role{}
	flags.Func("timezone", "the time zone of the other base's times", func(name string) (err error) {
		o.TimeZone, err = time.LoadLocation(name)
		return err
	})
	flags.Func("paid-through", "the last month that the other system has paid, as 03.2026", func(text string) error {
		month, err := legacy.ParseMonth(text)
		o.PaidThrough = &month
		return err
	})
	flags.Func("basis", "the legal basis of all leads", func(text string) error {
		o.LegalBasis = lead.LegalBasis(strings.ToUpper(text))
		return nil
	})
	flags.StringVar(&o.BasisNote, "basis-note", "", "why the legal basis holds")
	flags.Func("goal-metric", "what goals count that do not say it", func(text string) error {
		o.Metric = goal.Metric(strings.ToUpper(text))
		return goal.MetricValidator(o.Metric)
	})
	flags.Func("status", "THEIRS=OURS of leads", pair(func(theirs, ours string) error {
		o.Statuses[theirs] = lead.Status(ours)
		switch lead.Status(ours) {
		case lead.StatusNEW, lead.StatusIN_PROGRESS, lead.StatusSALE, lead.StatusREJECTED, lead.StatusDUPLICATE, lead.StatusBLOCKED:
			return nil
		}
		return fmt.Errorf("%s is none of NEW, IN_PROGRESS, SALE, REJECTED, DUPLICATE, BLOCKED", ours)
	}))
	flags.Func("role", "THEIRS=OURS of users", pair(func(theirs, ours string) error {
		o.Roles[theirs] = auth.Role(ours)
		if ours != string(auth.Admin) && ours != string(auth.Distributor) {
			return fmt.Errorf("%s is neither ADMIN nor DISTRIBUTOR", ours)
		}
		return nil
	}))
	if err := flags.Parse(args); err != nil {
		return o, "", err
	}
	switch {
	case flags.NArg() != 1:
		return o, "", errors.New("import-legacy wants one file, the SQLite base of the old system, behind its flags: see channelbook -help")
	case *dry && o.Apply:
		return o, "", errors.New("-dry-run and -apply do not go together")
	}
	return o, flags.Arg(0), o.Check()
}

// pair reads THEIRS=OURS.
func pair(take func(theirs, ours string) error) func(string) error {
	return func(text string) error {
		theirs, ours, both := strings.Cut(text, "=")
		if !both {
			return errors.New("write THEIRS=OURS")
		}
		return take(strings.ToLower(strings.TrimSpace(theirs)), strings.ToUpper(strings.TrimSpace(ours)))
	}
}
