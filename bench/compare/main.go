// Command compare measures what a change costs: it serves the release before it and the release as it is here, each on a
// base of its own with the same leads, and sends both the same requests over HTTP by turns, in one run:
//
//	go run ./bench/compare -against 8732d85
//
// It prints the tables of docs/performance.md that say "before" and "after". The leads come in by the API, so that any
// two releases can be compared that know the requests of scenarios.go. It needs Linux and git.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"channelbook/bench/bed"
	"channelbook/internal/dbtest/scratch"
)

type options struct {
	against                string
	engine                 string
	leads, clients, rounds int
	each                   time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.against, "against", "", "the commit before the change")
	flag.StringVar(&o.engine, "engine", "both", "sqlite, postgres or both")
	flag.IntVar(&o.leads, "leads", 20_000, "how many leads are there")
	flag.IntVar(&o.clients, "clients", 8, "how many clients send at once")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each release has its turn")
	seconds := flag.Float64("seconds", 4, "how long a turn lasts")
	flag.Parse()
	o.each = time.Duration(*seconds * float64(time.Second))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "channelbook-compare")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	binaries, err := build(ctx, o.against, folder)
	if err != nil {
		return err
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		if o.engine != "both" && o.engine != engine {
			continue
		}
		if err := compare(ctx, o, engine, binaries, folder); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
	}
	return nil
}

// build makes the binaries of the release before and of the one here.
func build(ctx context.Context, against, folder string) (binaries [2]string, err error) {
	sources := filepath.Join(folder, "sources")
	if out, err := exec.CommandContext(ctx, "git", "worktree", "add", "--detach", sources, against).CombinedOutput(); err != nil { // #nosec G204 -- git, on the commit that the developer names
		return binaries, fmt.Errorf("check out %q: %w\n%s", against, err, out)
	}
	defer func() {
		out, removed := exec.CommandContext(context.WithoutCancel(ctx), "git", "worktree", "remove", "--force", sources).CombinedOutput() // #nosec G204 -- git, on a folder of our own
		if removed != nil {
			err = errors.Join(err, fmt.Errorf("take the sources away: %w\n%s", removed, out))
		}
	}()
	for i, from := range []string{sources, "."} {
		to := filepath.Join(folder, []string{"before", "after"}[i])
		if err := os.Mkdir(to, 0o700); err != nil {
			return binaries, err
		}
		if binaries[i], err = bed.Build(ctx, from, to); err != nil {
			return binaries, err
		}
	}
	return binaries, nil
}

// compare serves both releases and gives each its turns.
func compare(ctx context.Context, o options, engine string, binaries [2]string, folder string) (err error) {
	var sides [2]*side
	for i, binary := range binaries {
		base, drop, err := newBase(ctx, engine, filepath.Join(folder, []string{"before", "after"}[i]))
		if err != nil {
			return err
		}
		defer drop()
		server, err := bed.Start(ctx, binary, base, filepath.Join(folder, "files"), bed.NoRate)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		if sides[i], err = enter(ctx, server, o.leads); err != nil {
			return err
		}
	}
	fmt.Printf("## %s\n\n%d leads, %d clients, the median of %d turns of %v each.\n\n", engine, o.leads, o.clients, o.rounds, o.each)
	fmt.Println("| | | requests/s | p50, ms | p99, ms | server, ms CPU | PostgreSQL, ms CPU | statements | allocations |")
	fmt.Println("|---|---|---:|---:|---:|---:|---:|---:|---:|")
	for at := range sides[0].scenarios() {
		var figures [2][]bed.Figures
		name := ""
		for range o.rounds {
			for i, s := range sides {
				scenario := s.scenarios()[at]
				f, next, err := bed.Load(ctx, s.server, scenario, o.clients, o.each, s.next)
				if err != nil {
					return fmt.Errorf("%s: %w", scenario.Name, err)
				}
				s.next, name = next, scenario.Name
				figures[i] = append(figures[i], f)
			}
		}
		before, after := median(figures[0]), median(figures[1])
		fmt.Println(before.Row(name + " | before"))
		fmt.Println(after.Row(" | after"))
		cost := func(f bed.Figures) float64 { return (f.Server + f.Postgres).Seconds() }
		fmt.Printf("| | | %+.0f %% | | | %+.0f %% in all | | | |\n", (after.PerSecond/before.PerSecond-1)*100, (cost(after)/cost(before)-1)*100)
	}
	fmt.Println()
	return nil
}

// median of each figure.
func median(all []bed.Figures) (m bed.Figures) {
	of := func(value func(bed.Figures) float64) float64 {
		values := make([]float64, len(all))
		for i, f := range all {
			values[i] = value(f)
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	duration := func(value func(bed.Figures) time.Duration) time.Duration {
		return time.Duration(of(func(f bed.Figures) float64 { return float64(value(f)) }))
	}
	return bed.Figures{
		PerSecond: of(func(f bed.Figures) float64 { return f.PerSecond }),
		P50:       duration(func(f bed.Figures) time.Duration { return f.P50 }), P99: duration(func(f bed.Figures) time.Duration { return f.P99 }),
		Server: duration(func(f bed.Figures) time.Duration { return f.Server }), Postgres: duration(func(f bed.Figures) time.Duration { return f.Postgres }),
		Statements: of(func(f bed.Figures) float64 { return f.Statements }), Allocations: of(func(f bed.Figures) float64 { return f.Allocations }),
	}
}

// newBase is an empty base.
func newBase(ctx context.Context, engine, folder string) (base string, drop func(), err error) {
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(folder, "channelbook.db"), func() {}, nil
	}
	server, err := scratch.Server(ctx)
	if err != nil {
		return "", nil, err
	}
	base, remove, err := scratch.Create(ctx, server, "")
	return base, func() { _ = remove() }, err
}
