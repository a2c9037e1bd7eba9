// Command start measures how long the server takes from its start to ready on an existing base, and what memory it
// holds when it then has nothing to do: go run ./bench/start, on SQLite, and on PostgreSQL where DATABASE_URL names a
// base of it.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"channelbook/bench/bed"
)

const (
	runs = 5
	// idle is how long the server has nothing to do before its memory is read.
	idle = 5 * time.Second
)

func main() {
	if err := measureAll(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func measureAll(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "channelbook-start")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := bed.Build(ctx, ".", dir)
	if err != nil {
		return err
	}
	bases := []string{"sqlite:" + filepath.Join(dir, "channelbook.db")}
	if url := os.Getenv("DATABASE_URL"); strings.HasPrefix(url, "postgres") {
		bases = append(bases, url)
	}
	for _, base := range bases {
		engine, _, _ := strings.Cut(base, ":")
		var ready []time.Duration
		var memory []int
		for run := range runs + 1 {
			took, kilobytes, err := measure(ctx, binary, base, filepath.Join(dir, "files"))
			if err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
			if run > 0 { // the first one makes the base
				ready, memory = append(ready, took), append(memory, kilobytes)
			}
		}
		slices.Sort(ready)
		slices.Sort(memory)
		fmt.Printf("%-8s start to ready %v (%v to %v), idle memory %d MB (%d to %d), %d runs\n", engine,
			ready[runs/2].Round(time.Millisecond), ready[0].Round(time.Millisecond), ready[runs-1].Round(time.Millisecond),
			memory[runs/2]>>10, memory[0]>>10, memory[runs-1]>>10, runs)
	}
	return nil
}

// measure starts the server once and stops it.
func measure(ctx context.Context, binary, base, files string) (ready time.Duration, kilobytes int, err error) {
	server, err := bed.Start(ctx, binary, base, files)
	if err != nil {
		return 0, 0, err
	}
	time.Sleep(idle)
	kilobytes, err = server.Resident()
	if stopped := server.Stop(); err == nil {
		err = stopped
	}
	return server.Ready, kilobytes, err
}
