package bed

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
)

// Scenario is one kind of request, the n-th of which Request makes.
type Scenario struct {
	Name    string
	Request func(n int64) (*http.Request, error)
	// Whole tells whether an answer is the one that was wanted: a refusal is fast, and no figure.
	Whole func(status int, body []byte) bool
}

// Figures are what a scenario came to; costs are those of one request.
type Figures struct {
	PerSecond               float64
	P50, P99                time.Duration
	Server, Postgres        time.Duration // of the processor
	Statements, Allocations float64
}

// Milliseconds as they stand in tables.
func Milliseconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds()*1000, 'f', 2, 64) }

// Row of a table.
func (f Figures) Row(name string) string {
	return fmt.Sprintf("| %s | %.0f | %s | %s | %s | %s | %.1f | %.0f |", name, f.PerSecond, Milliseconds(f.P50), Milliseconds(f.P99), Milliseconds(f.Server), Milliseconds(f.Postgres), f.Statements, f.Allocations)
}

// warmUp is how many requests come before those that count.
const warmUp = 20

// Load runs a scenario from its n-th request on: each client sends one request after another for a while.
func Load(ctx context.Context, server *Server, s Scenario, clients int, each time.Duration, from int64) (f Figures, next int64, err error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	requests := counter{n: from}
	for range warmUp {
		if _, err := send(client, s, requests.take()); err != nil {
			return f, requests.n, err
		}
	}
	before, err := read(ctx, server)
	if err != nil {
		return f, requests.n, err
	}
	begun := time.Now()
	took, errs := make([][]time.Duration, clients), make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for time.Since(begun) < each && errs[i] == nil {
				var d time.Duration
				d, errs[i] = send(client, s, requests.take())
				took[i] = append(took[i], d)
			}
		})
	}
	all.Wait()
	elapsed := time.Since(begun)
	after, err := read(ctx, server)
	if err := errors.Join(append(errs, err)...); err != nil {
		return f, requests.n, err
	}
	return sum(slices.Concat(took...), elapsed, before, after), requests.n, nil
}

func sum(took []time.Duration, elapsed time.Duration, before, after costs) Figures {
	slices.Sort(took)
	n := len(took)
	share := func(before, after float64) float64 { return (after - before) / float64(n) }
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return Figures{
		PerSecond: float64(n) / elapsed.Seconds(), P50: took[n/2], P99: took[n*99/100],
		Server:      seconds(share(before.server, after.server)),
		Postgres:    seconds(share(before.postgres, after.postgres)),
		Statements:  share(before.statements, after.statements),
		Allocations: share(before.allocations, after.allocations),
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

func send(client *http.Client, s Scenario, n int64) (time.Duration, error) {
	request, err := s.Request(n)
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
	if !s.Whole(answer.StatusCode, body) {
		return 0, fmt.Errorf("got %d %.300s", answer.StatusCode, body)
	}
	return took, nil
}

// costs are what has been spent since the start: seconds of the processor, statements and allocations.
type costs struct{ server, postgres, statements, allocations float64 }

func read(ctx context.Context, server *Server) (c costs, err error) {
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
