// Command live measures how soon people are told, and what a subscriber costs: many of them wait for notifications over
// WebSockets at one server, each as a person of its own, some of them without ever reading what comes.
//
//	go run ./bench/live
//	go run ./bench/live -subscribers 5000 -engine sqlite
//
// Messages go to everyone, one after another, then many to single persons; each delivery is timed from before the message is
// sent by HTTP to when the subscriber has it. The subscribers share the machine with the server and PostgreSQL. The base is one
// that the command makes for itself and drops again: on the PostgreSQL of TEST_DATABASE_URL or of the local default. It needs
// Linux. The table that it prints is that of docs/performance.md. It fails where something was lost or came twice, or where 2 000
// subscribers or fewer on PostgreSQL wait longer or take more than they may.
package main

import (
	"context"
	"errors"
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

// What 2 000 subscribers may take.
const (
	mostWait   = 200 * time.Millisecond // at p99, for a message to everyone
	mostMemory = 60                     // KB of each
)

type options struct {
	engine                   string
	subscribers, deaf        int
	broadcasts, singles, per int
}

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "postgres", "sqlite or postgres")
	flag.IntVar(&o.subscribers, "subscribers", 2000, "how many wait")
	flag.IntVar(&o.deaf, "deaf", 10, "how many more subscribe and never read")
	flag.IntVar(&o.broadcasts, "broadcasts", 30, "messages to everyone")
	flag.IntVar(&o.singles, "singles", 500, "messages to one person")
	flag.IntVar(&o.per, "per-second", 50, "of these in a second")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // what it has made is dropped all the same
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "channelbook-live")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	url, drop, err := base(ctx, o.engine, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	people, err := fill(ctx, url, o.subscribers+o.deaf)
	if err != nil {
		return fmt.Errorf("fill the base: %w", err)
	}
	binary, err := bed.Build(ctx, ".", folder)
	if err != nil {
		return err
	}
	server, err := bed.Start(ctx, binary, url, filepath.Join(folder, "files"), bed.NoRate, "RATE_PER_ADDRESS=off", "HTTP_MAX_CONNS=20000")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	f, err := measure(ctx, server, o, people)
	if err != nil {
		return err
	}
	fmt.Println(f.row(o))
	return f.judge(o)
}

func base(ctx context.Context, engine, folder string) (url string, drop func() error, err error) {
	if engine == "sqlite" {
		return "sqlite:" + filepath.Join(folder, "channelbook.db"), func() error { return nil }, nil
	}
	server, err := scratch.Server(ctx)
	if err != nil {
		return "", nil, err
	}
	return scratch.Create(ctx, server, "")
}
