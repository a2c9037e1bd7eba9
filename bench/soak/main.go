// Command soak shows that a server under attack goes on serving the others: honest load, as people and sources bring it, with
// hostile requests of every kind beside it from other addresses:
//
//	go run ./bench/soak -for 10m -hostile 50
//
// It prints a table of docs/security.md: how long the honest ones waited with the attack and without, what the hostile ones were
// answered, and the server's memory before, at the end, and after a minute more of the honest load alone. It exits with 1 where an honest request failed, a
// hostile one was let in, or the memory stayed above one and a half times that before. The server is a process of its own on a base
// of its own; nothing goes to any address but 127.0.0.0/8. It needs Linux. PostgreSQL is found as the tests find it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"channelbook/bench/bed"
	"channelbook/bench/hostile"
	"channelbook/internal/dbtest/scratch"
)

type options struct {
	engine         string
	lasts, without time.Duration
	honest         float64
	hostile        int
}

// recovers is how long the server has for its memory; atMost, what may be left of it then.
const (
	recovers = time.Minute
	atMost   = 1.5
)

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "both", "sqlite, postgres or both")
	flag.DurationVar(&o.lasts, "for", 10*time.Minute, "how long the attack lasts, at most 12 minutes: tokens last 15")
	flag.DurationVar(&o.without, "without", time.Minute, "how long honest load goes alone before, at most a minute")
	flag.Float64Var(&o.honest, "honest", 15, "honest requests a second")
	flag.IntVar(&o.hostile, "hostile", 50, "hostile requests a second")
	flag.Parse()
	o.without = min(o.without, time.Minute)
	o.lasts = min(o.lasts, 12*time.Minute)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "channelbook-soak")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	binary, err := bed.Build(ctx, ".", folder)
	if err != nil {
		return err
	}
	var failed error
	if o.engine != "postgres" {
		failed = soak(ctx, o, "SQLite", binary, "sqlite:"+filepath.Join(folder, "channelbook.db"), folder)
	}
	if o.engine == "sqlite" || ctx.Err() != nil {
		return failed
	}
	server, err := scratch.Server(ctx)
	if err != nil {
		return errors.Join(failed, err)
	}
	base, drop, err := scratch.Create(ctx, server, "")
	if err != nil {
		return errors.Join(failed, err)
	}
	defer func() { err = errors.Join(err, drop()) }()
	return errors.Join(failed, soak(ctx, o, "PostgreSQL", binary, base, folder))
}

// soak attacks a server on a base.
func soak(ctx context.Context, o options, engine, binary, base, folder string) (err error) {
	server, err := bed.Start(ctx, binary, base, filepath.Join(folder, "files"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	people, err := settle(ctx, server)
	if err != nil {
		return fmt.Errorf("%s: %w", engine, err)
	}
	site, err := hostile.Prepare(ctx, server)
	if err != nil {
		return fmt.Errorf("%s: %w", engine, err)
	}
	alone := people.load(ctx, o.honest, o.without)
	before, err := memory(ctx, server)
	if err != nil {
		return err
	}
	ended := make(chan tally, 1)
	go func() { ended <- attack(ctx, site.Attacks(), o.hostile, o.lasts) }()
	beside := people.load(ctx, o.honest, o.lasts)
	atEnd, err := memory(ctx, server)
	if err != nil {
		return err
	}
	later := people.load(ctx, o.honest, recovers)
	answers := <-ended // the last of them were held for as long as they may be
	after, err := memory(ctx, server)
	if err != nil {
		return err
	}
	fmt.Printf("## %s: %v, %g honest and %d hostile requests a second\n\n", engine, o.lasts, o.honest, o.hostile)
	printHonest(alone, beside)
	answers.print()
	fmt.Printf("\n| memory of the server | before | at the end | %v later | ratio |\n|---|---:|---:|---:|---:|\n| resident, MB | %d | %d | %d | %.2f |\n| goroutines | %.0f | %.0f | %.0f | |\n\n",
		recovers, before.resident>>10, atEnd.resident>>10, after.resident>>10, ratio(before, after), before.goroutines, atEnd.goroutines, after.goroutines)
	return errors.Join(alone.failed, beside.failed, later.failed, answers.letIn(), grown(before, after))
}

// taken is what a server takes at a moment.
type taken struct {
	resident   int // kB
	goroutines float64
}

func memory(ctx context.Context, server *bed.Server) (t taken, err error) {
	if t.resident, err = server.Resident(); err != nil {
		return t, err
	}
	t.goroutines, err = server.Metric(ctx, "go_goroutines")
	return t, err
}

func ratio(before, after taken) float64 { return float64(after.resident) / float64(before.resident) }

func grown(before, after taken) error {
	if r := ratio(before, after); r > atMost {
		return fmt.Errorf("the server takes %.2f times what it took before, and %.1f is the most", r, atMost)
	}
	return nil
}

func printHonest(alone, beside waits) {
	fmt.Println("| honest requests | alone: p50, ms | p99, ms | under attack: p50, ms | p99, ms | requests | failed |\n|---|---:|---:|---:|---:|---:|---:|")
	row := func(name string) {
		a, b := alone.took[name], beside.took[name]
		fmt.Printf("| %s | %s | %s | %s | %s | %d | %d |\n", name, percentile(a, 50), percentile(a, 99), percentile(b, 50), percentile(b, 99), len(a)+len(b), alone.failures[name]+beside.failures[name])
	}
	row(all)
	for _, name := range slices.Sorted(maps.Keys(beside.took)) {
		if name != all {
			row(name)
		}
	}
}

func percentile(took []time.Duration, p int) string {
	if len(took) == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", took[len(took)*p/100].Seconds()*1000)
}
