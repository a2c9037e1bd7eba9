package scratch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// supervise makes a cluster in $dir and serves it for as long as its standard input is open: the pipe breaks however
// the process at its other end dies. An interrupt from the terminal is that process's affair.
const supervise = `
trap '' INT
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 || exit 1
"$bin/postgres" -D "$dir/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off >>"$dir/log" 2>&1 &
read -r _
kill -INT $!
wait
rm -rf "$dir"
`

// start serves a new PostgreSQL from installed binaries and returns its address. It ends with this process.
func start(ctx context.Context) (string, error) {
	bin, err := installed()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp("", "channelbook-postgres")
	if err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/sh", "-c", supervise)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "bin="+bin, "dir="+dir, fmt.Sprintf("port=%d", port))
	if err := asNobody(cmd, dir); err != nil {
		return "", err
	}
	if _, err := cmd.StdinPipe(); err != nil { // never written to: it holds the server up
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	exited := make(chan error, 1)
	go func() { exited <- cmd.Wait() }()
	return answering(ctx, fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port), dir, exited)
}

// answering waits until the server at url does.
func answering(ctx context.Context, url, dir string, exited <-chan error) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if ping(ctx, url) == nil {
			return url, nil
		}
		select {
		case <-exited:
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return "", fmt.Errorf("PostgreSQL did not start: %s", log)
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// installed is the folder of the newest PostgreSQL server on this machine.
func installed() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New("no initdb in PATH or /usr/lib/postgresql")
	}
	newest := slices.MaxFunc(found, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) // 9.6 before 15
	})
	return filepath.Dir(newest), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
