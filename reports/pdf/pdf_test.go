//go:build unix

package pdf_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"channelbook/internal/fault"
	"channelbook/reports/pdf"
)

// office is a stand-in for LibreOffice: a script, which is told the file that it is to convert as $file.
func office(t *testing.T, script string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "soffice")
	script = "#!/bin/sh\nfor file; do :; done\nout=$(dirname \"$file\")/file.pdf\n" + script
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutLibreOfficeItIsAFault(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	c := pdf.Find()
	made, err := c.Convert(t.Context(), []byte("x"), ".docx")
	if c.Installed() || made != nil || !fault.HasCode(err, pdf.NotInstalled) {
		t.Errorf("got %v, %d bytes and %v, want a fault that it is not installed", c.Installed(), len(made), err)
	}
}

func TestAFileBecomesAPDF(t *testing.T) {
	c := pdf.With(office(t, `echo "PDF of $(basename "$file"): $(cat "$file")" > "$out"`), time.Minute)
	made, err := c.Convert(t.Context(), []byte("отчёт"), ".docx")
	if err != nil || string(made) != "PDF of file.docx: отчёт\n" {
		t.Errorf("got %q and %v, want what the command wrote", made, err)
	}
}

func TestTheCommandSeesNothingOfTheServer(t *testing.T) {
	t.Setenv("DATABASE_URL", "postgres://secret")
	c := pdf.With(office(t, `{ env; pwd; echo "$@"; ls "$(dirname "$file")/profile/user"; } > "$out"`), time.Minute)
	first, err := c.Convert(t.Context(), nil, ".docx")
	if err != nil {
		t.Fatal(err)
	}
	if said := string(first); strings.Contains(said, "secret") || !strings.Contains(said, "registrymodifications.xcu") || !strings.Contains(said, "-env:UserInstallation=file:///") {
		t.Errorf("got %s, want a profile of its own and no secret", said)
	}
	second, err := c.Convert(t.Context(), nil, ".docx")
	if err != nil {
		t.Fatal(err)
	}
	if home(first) == "" || home(first) == home(second) {
		t.Errorf("got %s and %s, want another folder each time", home(first), home(second))
	}
	if _, err := os.Stat(home(first)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want the folder gone", err)
	}
}

func home(env []byte) string {
	for line := range strings.Lines(string(env)) {
		if path, ok := strings.CutPrefix(line, "HOME="); ok {
			return strings.TrimSpace(path)
		}
	}
	return ""
}

func TestAFailureSaysWhatTheCommandSaid(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"an error":        {"echo source file could not be loaded >&2; exit 77", "source file could not be loaded"},
		"success without": {"exit 0", "has made none"},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := pdf.With(office(t, c.script), time.Minute).Convert(t.Context(), nil, ".docx")
			if made != nil || err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %q and %v, want an error that says %q", made, err, c.want)
			}
		})
	}
}

// TestWhatIsCancelledEndsWithItsChildren starts a command whose child would go on for a long time, and looks for the child when the
// conversion has ended.
func TestWhatIsCancelledEndsWithItsChildren(t *testing.T) {
	for name, c := range map[string]struct {
		timeout time.Duration
		cancel  bool
	}{
		"when its caller gives up": {time.Hour, true},
		"when it takes too long":   {3 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			told := filepath.Join(t.TempDir(), "pid")
			converter := pdf.With(office(t, `sh -c 'echo $$ > `+told+`.part; mv `+told+`.part `+told+`; sleep 1000' & wait`), c.timeout)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			ended := make(chan error)
			go func() {
				_, err := converter.Convert(ctx, nil, ".docx")
				ended <- err
			}()
			child := awaited(t, told)
			if c.cancel {
				cancel()
			}
			err := <-ended
			if c.cancel && !errors.Is(err, context.Canceled) || !c.cancel && (err == nil || !strings.Contains(err.Error(), "within")) {
				t.Errorf("got %v", err)
			}
			for deadline := time.Now().Add(20 * time.Second); alive(child); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("the child %d is still there", child)
				}
			}
		})
	}
}

func awaited(t *testing.T, path string) int {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if said, err := os.ReadFile(path); err == nil {
			pid, err := strconv.Atoi(strings.TrimSpace(string(said)))
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("the child has not started")
	return 0
}

// alive tells a process that runs from one that is gone or dead and not yet buried.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}

func TestTwoRunAtOnceAndTheOthersWait(t *testing.T) {
	folder := t.TempDir()
	// Each notes itself while it runs, and writes how many it has seen.
	c := pdf.With(office(t, `touch `+folder+`/$$; n=0; for i in 1 2 3 4 5; do m=$(ls `+folder+` | wc -l); [ $m -gt $n ] && n=$m; sleep 0.02; done; rm `+folder+`/$$; echo $n > "$out"`), time.Minute)
	seen := make([]string, 8)
	var all sync.WaitGroup
	for i := range seen {
		all.Go(func() {
			made, err := c.Convert(t.Context(), nil, ".docx")
			seen[i] = strings.TrimSpace(string(made))
			if err != nil {
				seen[i] = err.Error()
			}
		})
	}
	all.Wait()
	for _, n := range seen {
		if n != "1" && n != "2" {
			t.Errorf("got %s at once, want two at most", n)
		}
	}
}

func TestWhoGivesUpWaitingGetsItsError(t *testing.T) {
	folder := t.TempDir()
	c := pdf.With(office(t, "touch "+folder+"/$$; sleep 1000"), time.Hour)
	running, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { _, _ = c.Convert(running, nil, ".docx") })
	}
	for running := 0; running < 2; time.Sleep(5 * time.Millisecond) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		running = len(entries)
	}
	waiting, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Convert(waiting, nil, ".docx"); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "wait for a turn") {
		t.Errorf("got %v, want the end of waiting", err)
	}
	stop()
	all.Wait()
}
