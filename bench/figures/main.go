// Command figures measures what the figures of a year cost over 500 000 leads of 50 distributors, by every grouping, for an
// administrator and for a distributor's user, beside the same counted from the leads, on a base that it makes for itself and
// drops again:
//
//	go run ./bench/figures
//	go run ./bench/figures -engine sqlite -leads 100000 -runs 10
//
// PostgreSQL is that of TEST_DATABASE_URL or of the local default. One question is asked after another. The table that it
// prints is that of docs/performance.md. It fails where figures kept on PostgreSQL take longer than they may.
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
	"path/filepath"
	"syscall"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest/scratch"
	"channelbook/leads/figures"
)

// most is how long a year's figures may take on PostgreSQL.
const most = 150 * time.Millisecond

type options struct {
	engine             string
	leads, runs, plain int
}

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "postgres", "sqlite or postgres")
	flag.IntVar(&o.leads, "leads", 500_000, "how many leads")
	flag.IntVar(&o.runs, "runs", 30, "how often each question is asked")
	flag.IntVar(&o.plain, "plain", 2, "how often the leads are counted for each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // what it has made is dropped all the same
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	url, drop, err := base(ctx, o.engine)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	begun := time.Now()
	f, err := fill(ctx, db.Options{URL: url, Log: quiet, Unsafe: true}, o.leads)
	if err != nil {
		return fmt.Errorf("fill the base: %w", err)
	}
	filled := time.Since(begun)
	d, err := db.Open(ctx, db.Options{URL: url, Log: quiet})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := f.count(d, quiet); err != nil {
		return err
	}
	begun = time.Now()
	if err := f.figures.RollUp(ctx); err != nil {
		return err
	}
	made := time.Since(begun)
	if err := f.settle(ctx); err != nil {
		return err
	}
	if err := f.change(ctx); err != nil {
		return fmt.Errorf("change leads: %w", err)
	}
	fmt.Printf("%s: %d leads of %d distributors, filled in %.0f s; the figures of a year made in %.1f s; %d leads changed since.\n\n",
		d.Dialect(), o.leads, len(f.distributors), filled.Seconds(), made.Seconds(), changed)
	return f.measure(ctx, o)
}

func base(ctx context.Context, engine string) (url string, drop func() error, err error) {
	if engine == "sqlite" {
		folder, err := os.MkdirTemp("", "channelbook-figures")
		return "sqlite:" + filepath.Join(folder, "channelbook.db"), func() error { return os.RemoveAll(folder) }, err
	}
	server, err := scratch.Server(ctx)
	if err != nil {
		return "", nil, err
	}
	return scratch.Create(ctx, server, "")
}

// measure prints a line for each grouping and viewer.
func (f *filling) measure(ctx context.Context, o options) error {
	from, to := f.now.AddDate(-1, 0, 0), f.now.Add(time.Hour)
	day := func(at time.Time) *time.Time {
		y, m, d := at.In(f.zone).Date()
		at = time.Date(y, m, d, 0, 0, 0, 0, f.zone)
		return &at
	}
	viewers := []struct {
		name string
		auth.Viewer
	}{{"an administrator", auth.Viewer{Role: auth.Admin}}, {"a distributor", auth.Viewer{Role: auth.Distributor, Distributor: f.distributors[0]}}}
	fmt.Println("| a year by | for | rows | kept, p50, ms | kept, p99, ms | counted, p50, ms | counted, p99, ms |\n|---|---|---:|---:|---:|---:|---:|")
	var slow []error
	for _, group := range figures.Groups {
		for _, v := range viewers {
			if group == figures.BySource && v.Role == auth.Distributor {
				continue
			}
			q := figures.Question{Group: group, From: day(from), To: day(to.AddDate(0, 0, 1))}
			as := auth.With(ctx, v.Viewer)
			kept, rows, err := f.times(as, f.figures, q, o.runs)
			if err != nil {
				return err
			}
			counted, same, err := f.times(as, f.plain, q, o.plain)
			if err != nil {
				return err
			}
			fmt.Printf("| %s | %s | %d | %s | %s | %s | %s |\n", group, v.name, len(rows), kept.at(50), kept.at(99), counted.at(50), counted.at(99))
			if err := equal(rows, same); err != nil {
				return fmt.Errorf("%s for %s: %w", group, v.name, err)
			}
			if worst := kept[len(kept)*99/100]; o.engine != "sqlite" && worst > most {
				slow = append(slow, fmt.Errorf("%s for %s takes %v", group, v.name, worst))
			}
		}
	}
	return errors.Join(slow...)
}
