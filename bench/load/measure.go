package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"channelbook/bench/bed"
)

// scenario is one kind of request, the n-th of which request makes.
type scenario struct {
	name    string
	request func(n int64) (*http.Request, error)
	// whole tells whether an answer is the one that was wanted: a refusal is fast, and no figure.
	whole func(status int, body []byte) bool
}

// figures are what a scenario came to; costs are those of one request.
type figures struct {
	perSecond               float64
	p50, p99                time.Duration
	server, postgres        time.Duration // of the processor
	statements, allocations float64
}

func (f figures) row(name string) string {
	ms := func(d time.Duration) string {
		return strconv.FormatFloat(d.Seconds()*1000, 'f', 2, 64)
	}
	return fmt.Sprintf("| %s | %.0f | %s | %s | %s | %s | %.1f | %.0f |", name, f.perSecond, ms(f.p50), ms(f.p99), ms(f.server), ms(f.postgres), f.statements, f.allocations)
}

// warmUp is how many requests come before those that count.
const warmUp = 20

// load runs a scenario: each client sends one request after another for a while.
func load(ctx context.Context, server *bed.Server, s scenario, clients int, each time.Duration) (f figures, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	var next counter
	for range warmUp {
		if _, err := send(client, s, next.take()); err != nil {
			return f, err
		}
	}
	before, err := read(ctx, server)
	if err != nil {
		return f, err
	}
	begun := time.Now()
	took, errs := make([][]time.Duration, clients), make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for time.Since(begun) < each && errs[i] == nil {
				var d time.Duration
				d, errs[i] = send(client, s, next.take())
				took[i] = append(took[i], d)
			}
		})
	}
	all.Wait()
	elapsed := time.Since(begun)
	after, err := read(ctx, server)
	if err := errors.Join(append(errs, err)...); err != nil {
		return f, err
	}
	return sum(slices.Concat(took...), elapsed, before, after), nil
}

func sum(took []time.Duration, elapsed time.Duration, before, after costs) figures {
	slices.Sort(took)
	n := len(took)
	share := func(before, after float64) float64 { return (after - before) / float64(n) }
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return figures{
		perSecond: float64(n) / elapsed.Seconds(), p50: took[n/2], p99: took[n*99/100],
		server:      seconds(share(before.server, after.server)),
		postgres:    seconds(share(before.postgres, after.postgres)),
		statements:  share(before.statements, after.statements),
		allocations: share(before.allocations, after.allocations),
	}
}

// counter numbers the requests of a scenario.
type counter struct {
	mu sync.Mutex
	n  int64
}

func (c *counter) take() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}

func send(client *http.Client, s scenario, n int64) (time.Duration, error) {
	request, err := s.request(n)
	if err != nil {
		return 0, err
	}
	begun := time.Now()
	answer, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	body, err := io.ReadAll(answer.Body)
	took := time.Since(begun)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return 0, err
	}
	if !s.whole(answer.StatusCode, body) {
		return 0, fmt.Errorf("got %d %.300s", answer.StatusCode, body)
	}
	return took, nil
}

// costs are what has been spent since the start: seconds of the processor, statements and allocations.
type costs struct{ server, postgres, statements, allocations float64 }

func read(ctx context.Context, server *bed.Server) (c costs, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.Metrics, nil)
	if err != nil {
		return c, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return c, err
	}
	defer func() { _ = answer.Body.Close() }()
	found := map[string]*float64{
		"process_cpu_seconds_total": &c.server, "go_memstats_mallocs_total": &c.allocations, "channelbook_db_query_duration_seconds_count": &c.statements,
	}
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		name, _, _ = strings.Cut(name, "{")
		if into := found[name]; into != nil {
			v, err := strconv.ParseFloat(value, 64)
			if err != nil {
				return c, err
			}
			*into += v
		}
	}
	c.postgres, err = postgresSeconds()
	return c, errors.Join(err, lines.Err())
}

// ticks is how the kernel counts a second of the processor (USER_HZ).
const ticks = 100

// postgresSeconds is what all processes named postgres have taken, those that have ended besides.
func postgresSeconds() (seconds float64, err error) {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return 0, err
	}
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has just ended
		}
		open, closed := bytes.IndexByte(stat, '('), bytes.LastIndexByte(stat, ')')
		if open < 0 || string(stat[open+1:closed]) != "postgres" {
			continue
		}
		fields := strings.Fields(string(stat[closed+1:]))
		for _, at := range []int{11, 12, 13, 14} { // utime, stime, and those of children that have ended (proc(5))
			n, err := strconv.ParseFloat(fields[at], 64)
			if err != nil {
				return 0, err
			}
			seconds += n / ticks
		}
	}
	return seconds, nil
}
