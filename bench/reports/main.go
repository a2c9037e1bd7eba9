// Command reports measures what the report on leads takes, its time and its memory, for 10 000, 100 000 and 500 000 leads, each
// in a process of its own, on a base that it makes for itself and drops again:
//
//	go run ./bench/reports
//	go run ./bench/reports -engine postgres -sizes 10000 -formats XLSX -keep /tmp/reports
//
// PostgreSQL is that of TEST_DATABASE_URL or of the local default. The memory is the most that the kernel counted for the process
// (VmHWM in /proc/self/status: its own and what it has mapped), the base's own included on SQLite, which is read in the process.
// The table that it prints is that of docs/performance.md. It fails where a report takes more than it may. On Linux only.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest/scratch"
)

// most is how much memory a report may take, in MB.
const most = 150

type options struct {
	engine, sizes, formats, keep string
	one                          one
}

func main() {
	var o options
	flag.StringVar(&o.engine, "engine", "sqlite", "sqlite or postgres")
	flag.StringVar(&o.sizes, "sizes", "10000,100000,500000", "how many leads the reports have")
	flag.StringVar(&o.formats, "formats", "XLSX,CSV", "what they are written as")
	flag.StringVar(&o.keep, "keep", "", "a folder for the reports, which are thrown away otherwise")
	flag.StringVar(&o.one.URL, "url", "", "of the base: makes one report, in this process, and tells what it took")
	flag.StringVar(&o.one.Format, "format", "XLSX", "of the one report")
	flag.StringVar(&o.one.File, "file", os.DevNull, "of the one report")
	flag.IntVar(&o.one.Leads, "leads", 0, "of the one report")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM) // what it has made is dropped all the same
	defer stop()
	run := o.all
	if o.one.URL != "" {
		run = o.one.tell
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "reports:", err)
		os.Exit(1)
	}
}

// all fills a base and measures each report.
func (o options) all(ctx context.Context) (err error) {
	sizes, err := numbers(o.sizes)
	if err != nil {
		return err
	}
	url, drop, err := base(ctx, o.engine)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, drop()) }()
	begun := time.Now()
	if err := fill(ctx, db.Options{URL: url, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Unsafe: true}, slices.Max(sizes)); err != nil {
		return fmt.Errorf("fill the base: %w", err)
	}
	fmt.Printf("%s: %d leads of %d distributors, filled in %.0f s.\n\n| leads | format | time, s | leads a second | peak memory, MB | file, MB |\n|---:|---|---:|---:|---:|---:|\n",
		o.engine, slices.Max(sizes), distributors, time.Since(begun).Seconds())
	var tooMuch []error
	for _, format := range strings.Split(o.formats, ",") {
		for _, n := range sizes {
			took, err := o.apart(ctx, one{URL: url, Format: format, Leads: n, File: o.file(n, format)})
			if err != nil {
				return fmt.Errorf("%d leads as %s: %w", n, format, err)
			}
			fmt.Printf("| %d | %s | %.1f | %.0f | %d | %.1f |\n", n, format, took.Seconds, float64(n)/took.Seconds, took.Peak, float64(took.Bytes)/1e6)
			if took.Peak > most {
				tooMuch = append(tooMuch, fmt.Errorf("%d leads as %s take %d MB", n, format, took.Peak))
			}
		}
	}
	return errors.Join(tooMuch...)
}

func (o options) file(n int, format string) string {
	if o.keep == "" {
		return os.DevNull
	}
	return filepath.Join(o.keep, fmt.Sprintf("leads-%d.%s", n, strings.ToLower(format)))
}

// apart makes a report in a process of its own.
func (o options) apart(ctx context.Context, r one) (took taken, err error) {
	self, err := os.Executable()
	if err != nil {
		return took, err
	}
	command := exec.CommandContext(ctx, self, "-url", r.URL, "-format", r.Format, "-leads", strconv.Itoa(r.Leads), "-file", r.File) // #nosec G204 -- this program itself
	command.Stderr = os.Stderr
	said, err := command.Output()
	if err != nil {
		return took, err
	}
	return took, json.Unmarshal(said, &took)
}

func numbers(list string) (out []int, err error) {
	for _, text := range strings.Split(list, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

func base(ctx context.Context, engine string) (url string, drop func() error, err error) {
	if engine == "sqlite" {
		folder, err := os.MkdirTemp("", "channelbook-reports")
		return "sqlite:" + filepath.Join(folder, "channelbook.db"), func() error { return os.RemoveAll(folder) }, err
	}
	server, err := scratch.Server(ctx)
	if err != nil {
		return "", nil, err
	}
	return scratch.Create(ctx, server, "")
}
