package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/internal/files"
)

func newFolder(t *testing.T) place {
	dir := filepath.Join(t.TempDir(), "data", "files")
	return place{location: dir, names: func() []string { return within(t, dir) }}
}

// within is the names of all that is in a folder, but not of the folders in it.
func within(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such modes on Windows")
	}
	dir := filepath.Join(t.TempDir(), "data", "files")
	put(t, open(t, dir), "pictures/a.png", "picture")
	for path, want := range map[string]fs.FileMode{
		filepath.Dir(dir): 0o700, dir: 0o700, filepath.Join(dir, "pictures"): 0o700, filepath.Join(dir, "pictures", "a.png"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s: got the mode %v, want %v", path, got, want)
		}
	}
}

func TestNoLinkLeadsOutOfTheFolder(t *testing.T) {
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, target := range map[string]string{"file": secret, "folder": outside, "up": "..", "loop": "loop"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skipf("no links here: %v", err)
		}
	}
	s := open(t, dir)
	for _, name := range []string{"file", "folder", "folder/secret", "up", "up/" + filepath.Base(outside), "loop", "loop/x"} {
		if got, err := read(t.Context(), s, name); err == nil {
			t.Errorf("read %s: got %q, want an error", name, got)
		}
		_ = s.Delete(t.Context(), name)
		_ = s.Put(t.Context(), name, "", strings.NewReader("changed"), 7)
	}
	if got, err := os.ReadFile(secret); string(got) != "secret" || err != nil {
		t.Errorf("outside: got %q, %v, want it as it was", got, err)
	}
	if got := within(t, outside); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("outside there are %q, want the secret alone", got)
	}
}

func TestAStartRemovesWhatACrashLeftADayAgo(t *testing.T) {
	dir := t.TempDir()
	for name, age := range map[string]time.Duration{".new-OLD": 25 * time.Hour, ".new-YOUNG": 23 * time.Hour, "kept": 1000 * time.Hour} {
		path := filepath.Join(dir, name)
		at := time.Now().Add(-age)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
	if got := within(t, dir); !slices.Equal(got, []string{".new-YOUNG", "kept"}) {
		t.Errorf("there are %q, want .new-YOUNG and kept", got)
	}
}

func TestAFolderThatCannotBeWrittenIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "files")} {
		if _, err := files.Open(t.Context(), dir); err == nil || !strings.HasPrefix(err.Error(), "the folder "+dir+" cannot be ") {
			t.Errorf("open %s: got %v, want a sentence", dir, err)
		}
	}
	dir := filepath.Join(t.TempDir(), "files")
	s := open(t, dir)
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("ready: got %v, want none", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Skipf("an open folder stays here: %v", err)
	}
	if err := s.Ready(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "the folder "+dir+" cannot be written: ") {
		t.Errorf("ready without the folder: got %v, want a sentence", err)
	}
}
