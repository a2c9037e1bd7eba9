// Package bed is what benchmarks of the whole server stand on: it builds the server, starts it as a process of its own, as
// an operator would, and tells what the process takes. On Linux only.
package bed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Password is that of the user admin on an empty base.
const Password = "a password for a benchmark"

// tooLong is when a start counts as failed.
const tooLong = 60 * time.Second

// Build makes the server's binary in a folder, of the sources at another: the top of a repository.
func Build(ctx context.Context, sources, folder string) (binary string, err error) {
	binary = filepath.Join(folder, "channelbook")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".") // #nosec G204 -- go build, into a folder of our own
	build.Dir = sources
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return binary, nil
}

// PersonalDataKeys are those of a server's base.
var PersonalDataKeys = "bench:" + strings.Repeat("0", 64)

// NoRate is the setting without which a user may not send as fast as a benchmark does.
const NoRate = "RATE_PER_USER=off"

// Server is a server that runs.
type Server struct {
	URL     string        // where it serves
	Metrics string        // where its metrics are
	Ready   time.Duration // from the start of the process to 200 at /readyz
	command *exec.Cmd
}

// Start starts the server on a base, with more settings as NAME=value, and waits until it is ready.
func Start(ctx context.Context, binary, base, files string, settings ...string) (s *Server, err error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	metrics, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	s = &Server{URL: "http://" + address, Metrics: "http://" + metrics + "/metrics", command: exec.CommandContext(ctx, binary)}
	s.command.Env = append(os.Environ(), "HTTP_ADDR="+address, "METRICS_ADDR="+metrics, "DATABASE_URL="+base, "FILES_DIR="+files, "LOG_LEVEL=error",
		"ADMIN_PASSWORD="+Password, "JWT_KEYS=bench:"+strings.Repeat("0", 32), "PERSONAL_DATA_KEYS="+PersonalDataKeys)
	s.command.Env = append(s.command.Env, settings...)
	s.command.Stderr = os.Stderr
	began := time.Now()
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	if err := s.untilReady(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	s.Ready = time.Since(began)
	return s, nil
}

// Stop stops the server as an operator would.
func (s *Server) Stop() error {
	return errors.Join(s.command.Process.Signal(syscall.SIGTERM), s.command.Wait())
}

// Resident is the memory that the kernel counts for the process now, in kB.
func (s *Server) Resident() (kilobytes int, err error) { return s.memory("VmRSS:") }

// Peak is the most memory that the kernel has counted for the process, in kB.
func (s *Server) Peak() (kilobytes int, err error) { return s.memory("VmHWM:") }

func (s *Server) memory(line string) (kilobytes int, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.command.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("read the memory of the server: %w", err)
	}
	_, rest, _ := strings.Cut(string(status), line)
	_, err = fmt.Sscan(rest, &kilobytes)
	return kilobytes, err
}

func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (s *Server) untilReady(ctx context.Context) error {
	for deadline := time.Now().Add(tooLong); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/readyz", nil)
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
