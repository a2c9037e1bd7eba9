package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// folder keeps each file at its name in a folder. No link leads out of it: os.Root does not follow one that would.
type folder struct {
	path string
	root *os.Root
}

// A file is written under a name that no file can have, in the folder itself, where the next start finds it soon if a
// crash leaves it. Until it is a day old it may be another process that is still writing it.
const (
	unfinished     = ".new-"
	unfinishedLast = 24 * time.Hour
)

func openFolder(dir string) (*folder, error) {
	err := makeFolder(filepath.Clean(dir))
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be made: %w", dir, err)
	}
	f := &folder{path: dir}
	if f.root, err = os.OpenRoot(dir); err == nil {
		err = f.sweep()
	}
	if err != nil {
		return nil, fmt.Errorf("the folder %s cannot be used: %w", dir, err)
	}
	return f, nil
}

// makeFolder makes a folder for its owner alone and what is missing above it, all on the disk.
func makeFolder(dir string) error {
	parent := filepath.Dir(dir)
	if _, err := os.Stat(dir); err == nil || parent == dir {
		return err
	}
	if err := makeFolder(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(os.Open(parent))
}

// sweep removes what crashes have left.
func (f *folder) sweep() error {
	left, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, entry := range left {
		if !strings.HasPrefix(entry.Name(), unfinished) {
			continue
		}
		info, err := entry.Info()
		if err == nil && time.Since(info.ModTime()) > unfinishedLast {
			err = f.root.Remove(entry.Name())
		}
		if err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}

func (f *folder) Put(ctx context.Context, name, _ string, content io.Reader, size int64) error {
	if err := checkName(name); err != nil {
		return err
	}
	fresh := unfinished + rand.Text()
	defer f.root.Remove(fresh) // it is there only where the file has not come to its name
	err := f.write(ctx, fresh, content, size)
	if err == nil {
		err = f.place(fresh, name)
	}
	if err != nil {
		return fmt.Errorf("put %s: %w", name, err)
	}
	return nil
}

func (f *folder) write(ctx context.Context, fresh string, content io.Reader, size int64) error {
	w, err := f.root.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer w.Close() // for a content that panics; the second time it does nothing
	if err := transfer(ctx, w, content, size); err != nil {
		return err
	}
	return errors.Join(w.Sync(), w.Close())
}

func (f *folder) place(fresh, name string) error {
	dir := path.Dir(name)
	if err := f.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := f.root.Rename(fresh, name); err != nil {
		return err
	}
	for ; dir != "."; dir = path.Dir(dir) { // any of them may be new
		if err := syncFolder(f.root.Open(dir)); err != nil {
			return err
		}
	}
	return syncFolder(f.root.Open("."))
}

func (f *folder) Open(_ context.Context, name string) (*File, error) {
	if err := f.find(name); err != nil {
		return nil, err
	}
	r, err := f.root.Open(name)
	if isMissing(err) {
		return nil, notFound(name)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", name, err)
	}
	info, err := r.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", name, err), r.Close())
	}
	return &File{ReadSeekCloser: r, Size: info.Size(), ModTime: info.ModTime()}, nil
}

func (f *folder) Delete(_ context.Context, name string) error {
	err := f.find(name)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = f.root.Remove(name)
	if isMissing(err) {
		return nil
	}
	if err == nil {
		err = syncFolder(f.root.Open(path.Dir(name)))
	}
	if err != nil {
		return fmt.Errorf("delete %s: %w", name, err)
	}
	return nil
}

// find is ErrNotFound where nothing, a folder, a link or a device stands at name.
func (f *folder) find(name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	info, err := f.root.Lstat(name)
	if isMissing(err) || err == nil && !info.Mode().IsRegular() {
		return notFound(name)
	}
	return err
}

func (f *folder) Ready(ctx context.Context) error {
	fresh := unfinished + rand.Text()
	err := f.write(ctx, fresh, strings.NewReader("ready"), 5)
	if removed := f.root.Remove(fresh); err == nil {
		err = removed
	}
	if err != nil {
		return fmt.Errorf("%v cannot be written: %w", f, err)
	}
	return nil
}

func (f *folder) String() string { return "the folder " + f.path }

// isMissing tells whether err says that a path leads nowhere, or through a file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

func notFound(name string) error { return fmt.Errorf("%s: %w", name, ErrNotFound) }

// syncFolder brings a folder that was opened to the disk and closes it.
func syncFolder(dir *os.File, err error) error {
	if err != nil {
		return err
	}
	if runtime.GOOS != "windows" { // a folder cannot be synced there
		err = dir.Sync()
	}
	return errors.Join(err, dir.Close())
}
