package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"channelbook/internal/auth"
	"channelbook/internal/config"
	"channelbook/internal/db"
	"channelbook/internal/metrics"
	"channelbook/leads/figures"
)

// figuresCommand makes all figures of past days anew, whether or not a server is at work on the base, and fails where some
// were not what the leads say.
func figuresCommand(ctx context.Context, cfg config.Config, log *slog.Logger, args []string, stdout io.Writer) (err error) {
	if err := parseFigures(args); err != nil {
		return err
	}
	if path, ok := db.SQLitePath(string(cfg.DatabaseURL)); ok {
		if there, err := exists(path); err != nil || !there {
			return errors.Join(fmt.Errorf("there is no base at %s: DATABASE_URL names it", path), err)
		}
	}
	d, err := open(ctx, cfg, log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	s := newServices(cfg, ground{db: d, metrics: &metrics.Metrics{}, log: log, now: now})
	return rebuildFigures(auth.AsSystem(ctx, "figures rebuild"), s.figures, stdout)
}

// parseFigures reads the arguments of the command, before any base is opened.
func parseFigures(args []string) error {
	if len(args) == 0 || args[0] != "rebuild" {
		return errors.New("figures wants rebuild: see channelbook -help")
	}
	flags := flag.NewFlagSet("figures rebuild", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("figures rebuild knows no %q: see channelbook -help", flags.Arg(0))
	}
	return nil
}

// rebuildFigures prints what it found. Figures that were wrong are an error, though they are right now.
func rebuildFigures(ctx context.Context, s *figures.Service, stdout io.Writer) error {
	report, err := s.Rebuild(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The figures of %d days were made anew.\n", report.Days)
	if len(report.Wrong) == 0 {
		return nil
	}
	days := make([]string, len(report.Wrong))
	for i, wrong := range report.Wrong {
		days[i] = wrong.Day.String()
		fmt.Fprintf(stdout, "%s: %d figures were wrong.\n", wrong.Day, wrong.Cells)
	}
	return fmt.Errorf("the figures of %s were not what the leads said; they are now", strings.Join(days, ", "))
}
