// Command load measures what the whole server does under load, over HTTP, on a base of 200 distributors and 500 000
// leads of a year that it makes for itself and drops again:
//
//	go run ./bench/load              both engines, some 15 minutes
//	go run ./bench/load -engine sqlite -leads 20000 -seconds 1
//
// PostgreSQL is that of TEST_DATABASE_URL or of the local default; server, clients and PostgreSQL share the machine. Clients
// send one request after another over connections that are kept open. What a request costs the server is read from its
// metrics before and after; what it costs PostgreSQL from the kernel, which counts all of PostgreSQL's processes. It needs
// Linux. The tables that it prints are those of docs/performance.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"channelbook/bench/bed"
	"channelbook/internal/dbtest/scratch"
)

// options are what the command is called with.
type options struct {
	engine                       string
	distributors, leads, clients int
	each                         time.Duration // of a scenario
}

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "both", "sqlite, postgres or both")
	flag.IntVar(&o.distributors, "distributors", 200, "how many distributors")
	flag.IntVar(&o.leads, "leads", 500_000, "how many leads")
	flag.IntVar(&o.clients, "clients", 8, "how many clients send at once")
	seconds := flag.Int("seconds", 5, "how long each scenario runs")
	flag.Parse()
	o.each = time.Duration(*seconds) * time.Second
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // what it has made is dropped all the same
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	folder, err := os.MkdirTemp("", "channelbook-load")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	binary, err := bed.Build(ctx, ".", folder)
	if err != nil {
		return err
	}
	if o.engine != "postgres" {
		base := "sqlite:" + filepath.Join(folder, "channelbook.db")
		if err := measure(ctx, o, "SQLite", binary, base, folder); err != nil {
			return fmt.Errorf("sqlite: %w", err)
		}
	}
	if o.engine == "sqlite" {
		return nil
	}
	server, err := scratch.Server(ctx)
	if err != nil {
		return err
	}
	base, drop, err := scratch.Create(ctx, server, "")
	if err != nil {
		return err
	}
	defer func() { _ = drop() }()
	if err := measure(ctx, o, "PostgreSQL", binary, base, folder); err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return nil
}

// measure fills a base, serves it and runs the scenarios.
func measure(ctx context.Context, o options, engine, binary, base, folder string) (err error) {
	begun := time.Now()
	sample, err := fill(ctx, base, o.distributors, o.leads)
	if err != nil {
		return fmt.Errorf("fill the base: %w", err)
	}
	fmt.Printf("## %s\n\n%d distributors and %d leads, filled in %.0f s; %d clients, %v for each line.\n\n", engine, o.distributors, o.leads, time.Since(begun).Seconds(), o.clients, o.each)
	server, err := bed.Start(ctx, binary, base, filepath.Join(folder, "files"), bed.NoRate)
	if err != nil {
		return err
	}
	defer func() {
		if stopped := server.Stop(); err == nil {
			err = stopped
		}
	}()
	house, err := enter(ctx, server, sample)
	if err != nil {
		return err
	}
	fmt.Println("| | requests/s | p50, ms | p99, ms | server, ms CPU | PostgreSQL, ms CPU | statements | allocations |")
	fmt.Println("|---|---:|---:|---:|---:|---:|---:|---:|")
	for _, s := range house.scenarios() {
		f, _, err := bed.Load(ctx, server, s, o.clients, o.each, 0)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Name, err)
		}
		fmt.Println(f.Row(s.Name))
	}
	resident, err := server.Resident()
	if err != nil {
		return err
	}
	peak, err := server.Peak()
	if err != nil {
		return err
	}
	fmt.Printf("\nMemory of the server after all of it: %d MB, at its most %d MB.\n\n", resident>>10, peak>>10)
	return nil
}
