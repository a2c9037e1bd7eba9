package files_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"channelbook/internal/files"
)

// place is where a store keeps its files, seen from outside.
type place struct {
	location string
	names    func() []string // of all that is there
}

// each runs test over a folder and over a bucket, each of them empty.
func each(t *testing.T, test func(t *testing.T, p place)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) { test(t, newFolder(t)) })
	t.Run("s3", func(t *testing.T) { test(t, newBucket(t)) })
}

func open(t *testing.T, location string) files.Store {
	t.Helper()
	store, err := files.Open(t.Context(), location)
	if err != nil {
		t.Fatalf("open: got %v, want a store", err)
	}
	return store
}

func put(t *testing.T, s files.Store, name, content string) {
	t.Helper()
	if err := s.Put(t.Context(), name, "image/png", strings.NewReader(content), int64(len(content))); err != nil {
		t.Fatalf("put %s: got %v, want none", name, err)
	}
}

// read is what a file holds, or its error.
func read(ctx context.Context, s files.Store, name string) (string, error) {
	f, err := s.Open(ctx, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err == nil && f.Size != int64(len(content)) {
		err = fmt.Errorf("%d bytes of a file of %d", len(content), f.Size)
	}
	return string(content), err
}

func expect(t *testing.T, s files.Store, name, want string) {
	t.Helper()
	if got, err := read(t.Context(), s, name); got != want || err != nil {
		t.Errorf("read %s: got %.40q, %v, want %.40q", name, got, err, want)
	}
}

func TestAFileIsReadAsItWasPut(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		large := strings.Repeat("0123456789abcdef", 1<<14)
		for name, content := range map[string]string{
			"pictures/ab12.png": "picture", "report.2026-11.csv": "a;b\n", "a/b/c_d-e": "deep", "empty": "", "pictures/large.png": large,
			strings.Repeat("n", 200): "long",
		} {
			put(t, s, name, content)
			expect(t, s, name, content)
		}
		if n := len(p.names()); n != 6 {
			t.Errorf("there are %q, want the 6 files alone", p.names())
		}
	})
}

func TestAnotherContentTakesThePlaceOfTheFirst(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		put(t, s, "pictures/a.png", "a long first picture")
		put(t, s, "pictures/a.png", "second")
		expect(t, s, "pictures/a.png", "second")
	})
}

func TestAnotherStartFindsTheFiles(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		put(t, open(t, p.location), "pictures/a.png", "picture")
		expect(t, open(t, p.location), "pictures/a.png", "picture")
	})
}

func TestWhatIsNotThereIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		put(t, s, "pictures/a.png", "picture")
		for _, name := range []string{"pictures/b.png", "other/a.png", "pictures", "pictures/a.png/b"} {
			if _, err := s.Open(t.Context(), name); !errors.Is(err, files.ErrNotFound) || !strings.Contains(err.Error(), name) {
				t.Errorf("open %s: got %v, want ErrNotFound with the name", name, err)
			}
			if err := s.Delete(t.Context(), name); err != nil {
				t.Errorf("delete %s: got %v, want none", name, err)
			}
		}
		expect(t, s, "pictures/a.png", "picture")
	})
}

func TestADeletedFileIsGone(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		put(t, s, "pictures/a.png", "picture")
		for range 2 {
			if err := s.Delete(t.Context(), "pictures/a.png"); err != nil {
				t.Fatalf("delete: got %v, want none", err)
			}
		}
		if _, err := s.Open(t.Context(), "pictures/a.png"); !errors.Is(err, files.ErrNotFound) {
			t.Errorf("open: got %v, want ErrNotFound", err)
		}
	})
}

func TestAContentThatFailsLeavesWhatWasThere(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	broken := errors.New("the line broke")
	for name, c := range map[string]struct {
		ctx     context.Context
		content func() io.Reader
		size    int64
		want    string
	}{
		"half way":  {t.Context(), func() io.Reader { return io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)) }, 8, broken.Error()},
		"shorter":   {t.Context(), text("1234567"), 8, "the content ends after 7 bytes of 8"},
		"longer":    {t.Context(), func() io.Reader { return iotest.OneByteReader(strings.NewReader("123456789")) }, 8, "the content is longer than 8 bytes"},
		"endless":   {t.Context(), func() io.Reader { return endless{} }, 8, "the content is longer than 8 bytes"},
		"negative":  {t.Context(), text(""), -1, "a file has from 0 to 5368709120 bytes, not -1"},
		"too large": {t.Context(), text(""), files.MaxSize + 1, "a file has from 0 to 5368709120 bytes, not 5368709121"},
		"given up":  {ended, text("12345678"), 8, context.Canceled.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, p place) {
				s := open(t, p.location)
				put(t, s, "first", "as it was")
				for _, to := range []string{"first", "new"} {
					err := s.Put(c.ctx, to, "text/csv", c.content(), c.size)
					if err == nil || err.Error() != "put "+to+": "+c.want {
						t.Errorf("put %s: got %v, want %s", to, err, c.want)
					}
				}
				expect(t, s, "first", "as it was")
				if got := p.names(); !slices.Equal(got, []string{"first"}) {
					t.Errorf("there are %q, want the first file alone", got)
				}
			})
		})
	}
}

func text(s string) func() io.Reader { return func() io.Reader { return strings.NewReader(s) } }

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestAPartOfAFileIsReadWhereItStands(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		put(t, s, "digits", "0123456789")
		f, err := s.Open(t.Context(), "digits")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			offset int64
			whence int
			at     int64
			want   string
		}{
			{7, io.SeekStart, 7, "789"}, {-4, io.SeekEnd, 6, "678"}, {-3, io.SeekCurrent, 6, "678"}, {0, io.SeekCurrent, 9, "9"},
			{0, io.SeekStart, 0, "012"}, {0, io.SeekEnd, 10, ""}, {100, io.SeekStart, 100, ""}, {2, io.SeekStart, 2, "234"},
		} {
			at, err := f.Seek(c.offset, c.whence)
			got, _ := io.ReadAll(io.LimitReader(f, 3))
			if at != c.at || string(got) != c.want || err != nil {
				t.Errorf("seek %d, %d: got %d, %q, %v, want %d, %q", c.offset, c.whence, at, got, err, c.at, c.want)
			}
		}
		if _, err := f.Seek(-1, io.SeekStart); err == nil {
			t.Error("seek before the beginning: got none, want an error")
		}
		if err := f.Close(); err != nil {
			t.Errorf("close: got %v, want none", err)
		}
		if _, err := f.Read(make([]byte, 1)); err == nil || err == io.EOF {
			t.Errorf("read of a closed file: got %v, want an error", err)
		}
	})
}

func TestAFileIsServedWithRanges(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		put(t, s, "digits.txt", "0123456789")
		for wanted, want := range map[string]string{"": "200 0123456789", "bytes=2-4": "206 234", "bytes=-2": "206 89", "bytes=9-": "206 9"} {
			f, err := s.Open(t.Context(), "digits.txt")
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequest(http.MethodGet, "/digits.txt", nil)
			r.Header.Set("Range", wanted)
			w := httptest.NewRecorder()
			http.ServeContent(w, r, "digits.txt", f.ModTime, f)
			if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != want || w.Header().Get("Last-Modified") == "" {
				t.Errorf("range %q: got %s with %v, want %s and the time", wanted, got, w.Header(), want)
			}
			f.Close()
		}
	})
}

func TestAnOpenFileNeverMixesTwoContents(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		put(t, s, "a", "first!")
		f, err := s.Open(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		_, _ = f.Read(make([]byte, 2))
		put(t, s, "a", "second")
		_, _ = f.Seek(1, io.SeekStart)
		if got, err := io.ReadAll(f); string(got) != "irst!" && (err == nil || len(got) > 0) {
			t.Errorf("read: got %q, %v, want the first content or an error", got, err)
		}
	})
}

func TestManyAtOnceSeeWholeFiles(t *testing.T) {
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		content := func(i int) string { return strings.Repeat(string(rune('a'+i)), 50_000+i) }
		put(t, s, "pictures/a.png", content(0))
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				for range 5 {
					if err := s.Put(t.Context(), "pictures/a.png", "image/png", strings.NewReader(content(i)), int64(len(content(i)))); err != nil {
						t.Errorf("put: got %v, want none", err)
					}
				}
			})
			all.Go(func() {
				for range 10 {
					got, err := read(t.Context(), s, "pictures/a.png")
					if err != nil || got != content(int(got[0]-'a')) {
						t.Errorf("read: got %d bytes, %v, want a whole content", len(got), err)
					}
				}
			})
		}
		all.Wait()
		if got := p.names(); !slices.Equal(got, []string{"pictures/a.png"}) {
			t.Errorf("there are %q, want the file alone", got)
		}
	})
}

func TestAHostileNameIsRefused(t *testing.T) {
	names := []string{
		"", ".", "..", "../x", "a/../x", "a/..", "/", "/etc/passwd", "a//b", "a/", "a/./b", "A", "a/B", "é", "a b", "a\x00b", "a\nb", "a\n", `a\b`, `..\x`,
		"c:a", "c:/a", ".hidden", "a/.hidden", ".new-X", ".ready", "a.", "a..b", "%2e%2e/x", "a?b", "a*", "a\xff", strings.Repeat("a", 201), strings.Repeat("a/", 1<<16) + "a",
	}
	each(t, func(t *testing.T, p place) {
		s := open(t, p.location)
		for _, name := range names {
			_, opened := s.Open(t.Context(), name)
			put := s.Put(t.Context(), name, "image/png", bytes.NewReader([]byte("x")), 1)
			for act, err := range map[string]error{"open": opened, "put": put, "delete": s.Delete(t.Context(), name)} {
				if !errors.Is(err, files.ErrName) || len(err.Error()) > 300 {
					t.Errorf("%s %.40q: got %v, want ErrName in short", act, name, err)
				}
			}
		}
		if got := p.names(); len(got) > 0 {
			t.Errorf("there are %q, want none", got)
		}
	})
}
