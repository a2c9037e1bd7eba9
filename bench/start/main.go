// Command start measures how long the server takes from its start to ready on an existing base, and what memory it
// holds when it then has nothing to do: go run ./bench/start, on SQLite, and on PostgreSQL where DATABASE_URL names a
// base of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	runs = 5
	// idle is how long the server has nothing to do before its memory is read.
	idle = 5 * time.Second
	// tooLong is when a start counts as failed.
	tooLong = 30 * time.Second
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
	binary := filepath.Join(dir, "channelbook")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
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
			took, kilobytes, err := measure(ctx, binary, base)
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

// measure starts the server once and stops it as an operator would.
func measure(ctx context.Context, binary, base string) (ready time.Duration, kilobytes int, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return 0, 0, err
	}
	server := exec.CommandContext(ctx, binary)
	server.Env = append(os.Environ(), "HTTP_ADDR="+address, "DATABASE_URL="+base, "LOG_LEVEL=error",
		"ADMIN_PASSWORD=a password for a benchmark",
		"JWT_KEYS=bench:"+strings.Repeat("0", 32), "PERSONAL_DATA_KEYS=bench:"+strings.Repeat("0", 64))
	server.Stderr = os.Stderr
	began := time.Now()
	if err := server.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		err = errors.Join(err, server.Process.Signal(syscall.SIGTERM), server.Wait())
	}()
	if err := untilReady(ctx, address); err != nil {
		return 0, 0, err
	}
	ready = time.Since(began)
	time.Sleep(idle)
	kilobytes, err = resident(server.Process.Pid)
	return ready, kilobytes, err
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func untilReady(ctx context.Context, address string) error {
	for deadline := time.Now().Add(tooLong); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			continue
		}
		if err := answer.Body.Close(); err != nil {
			return err
		}
		if answer.StatusCode == http.StatusOK {
			return nil
		}
	}
	return fmt.Errorf("not ready after %v", tooLong)
}

// resident is the memory that the kernel counts for a process, in kB.
func resident(pid int) (kilobytes int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of the server (on Linux only): %w", err)
	}
	_, line, _ := strings.Cut(string(status), "VmRSS:")
	_, err = fmt.Sscan(line, &kilobytes)
	return kilobytes, err
}
