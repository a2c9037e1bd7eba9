package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/leads"
	"channelbook/reports/leadsheet"
	"channelbook/reports/order"
)

// one is a report: of the newest leads of a base.
type one struct {
	URL, Format, File string
	Leads             int
}

// taken is what a report took.
type taken struct {
	Seconds float64
	Peak    int   // MB of 1 000 000 bytes
	Bytes   int64 // of the file
}

// tell makes the report and prints what it took, as JSON.
func (r one) tell(ctx context.Context) (err error) {
	d, err := db.Open(ctx, db.Options{URL: r.URL, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	file, err := os.OpenFile(r.File, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	zone, err := time.LoadLocation(zoneName)
	if err != nil {
		return err
	}
	out := &counted{to: file}
	maker := leadsheet.Maker{Eyes: leads.Eyes{Keys: keys(), MaskUntilTaken: true}}
	from, written := received(-r.Leads), 0
	begun := time.Now()
	err = db.Snapshot(ctx, d, func(tx *db.Tx) error {
		return maker.Write(ctx, &order.Order{
			Parameters: order.Parameters{Filter: leads.Filter{ReceivedFrom: &from}}, Kind: "LEADS", Format: r.Format, Viewer: auth.Viewer{Role: auth.Admin},
			Tx: tx, AsOf: newest(), TimeZone: zone, Out: out, Wrote: func(rows int) error { written = rows; return nil }, Expect: func(int) {},
		})
	})
	if err != nil {
		return err
	}
	if written != r.Leads {
		return fmt.Errorf("%d leads were written, %d were wanted", written, r.Leads)
	}
	took := taken{Seconds: time.Since(begun).Seconds(), Bytes: out.n}
	if took.Peak, err = peak(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(took)
}

// counted counts what goes to a file.
type counted struct {
	to io.Writer
	n  int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	return n, err
}

// peak is the most memory that the kernel has counted for this process, in MB.
func peak() (int, error) {
	file, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			return kib * 1024 / 1_000_000, err
		}
	}
	return 0, errors.New("the kernel does not tell")
}
