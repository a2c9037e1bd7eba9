// Command limits measures every limit of the edge for the table of docs/security.md: what is sent at the limit and one beyond
// it, what that is answered, how long the answer takes, and what it costs the server:
//
//	go run ./bench/limits
//
// A limit is a line in bench/hostile/limits.go. The server is a process of its own on an SQLite base of its own. It needs Linux.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"channelbook/bench/bed"
	"channelbook/bench/hostile"
)

func main() {
	times := flag.Int("times", 5, "how often each is tried; the slow ones are tried once")
	only := flag.String("only", "", "only limits whose name holds this")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *times, *only); err != nil {
		fmt.Fprintln(os.Stderr, "limits:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, times int, only string) (err error) {
	folder, err := os.MkdirTemp("", "channelbook-limits")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	binary, err := bed.Build(ctx, ".", folder)
	if err != nil {
		return err
	}
	server, err := bed.Start(ctx, binary, "sqlite:"+filepath.Join(folder, "channelbook.db"), filepath.Join(folder, "files"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	site, err := hostile.Prepare(ctx, server)
	if err != nil {
		return err
	}
	if err := site.Fill(ctx); err != nil {
		return err
	}
	fmt.Println("| limit | is | the attack | at the limit | ms | MB | one beyond | ms | MB |\n|---|---|---|---|---:|---:|---|---:|---:|")
	for _, l := range site.Limits() {
		if !strings.Contains(l.Name, only) || ctx.Err() != nil {
			continue
		}
		at, err := measure(ctx, server, l, l.At, times)
		if err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
		beyond, err := measure(ctx, server, l, l.Beyond, times)
		if err != nil {
			return fmt.Errorf("%s: %w", l.Name, err)
		}
		fmt.Printf("| %s | %s | %s | %s | %s |\n", l.Name, l.Is, l.Attack, at, beyond)
	}
	return ctx.Err()
}

// cost is what an attack came to.
type cost struct {
	answer    hostile.Answer
	took      time.Duration
	allocated float64 // bytes
}

func (c cost) String() string {
	if c.answer == "" {
		return "| |"
	}
	return fmt.Sprintf("%s | %.1f | %.1f", c.answer, c.took.Seconds()*1000, c.allocated/(1<<20))
}

// measure is the middle of several tries by time, with the least that any allocated: what else the server does adds to it.
func measure(ctx context.Context, server *bed.Server, l hostile.Limit, try func() hostile.Answer, times int) (c cost, err error) {
	if try == nil {
		return cost{}, nil
	}
	if l.Once {
		times = 1
	}
	var tries []cost
	for range times {
		one, err := once(ctx, server, try)
		if err != nil {
			return c, err
		}
		tries = append(tries, one)
	}
	least := slices.MinFunc(tries, func(a, b cost) int { return cmp.Compare(a.allocated, b.allocated) }).allocated
	slices.SortFunc(tries, func(a, b cost) int { return cmp.Compare(a.took, b.took) })
	c = tries[len(tries)/2]
	c.allocated = least
	return c, nil
}

const allocated = "go_memstats_alloc_bytes_total"

// once takes off what the reading of the metric itself allocates.
func once(ctx context.Context, server *bed.Server, try func() hostile.Answer) (c cost, err error) {
	first, err := server.Metric(ctx, allocated)
	if err != nil {
		return c, err
	}
	before, err := server.Metric(ctx, allocated)
	if err != nil {
		return c, err
	}
	begun := time.Now()
	c.answer = try()
	c.took = time.Since(begun)
	after, err := server.Metric(ctx, allocated)
	c.allocated = max(0, after-before-(before-first))
	return c, err
}
