package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"time"
)

// serveBytes serves content that is the same until the next release: a client asks again with the tag of what it
// has, and ranges and HEAD work.
func serveBytes(w http.ResponseWriter, r *http.Request, contentType, cache string, content []byte) {
	sum := sha256.Sum256(content)
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cache)
	h.Set("ETag", `"`+short(sum[:])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// digestAll names a tree of files by all they hold.
func digestAll(files fs.FS) (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, path)
		sum.Write([]byte(path))
		sum.Write(content)
		return err
	})
	return short(sum.Sum(nil)), err
}

func short(sum []byte) string { return hex.EncodeToString(sum[:8]) }

// schema serves the SDL.
func (e Edge) schema(w http.ResponseWriter, r *http.Request) {
	serveBytes(w, r, "text/plain; charset=utf-8", "no-cache", e.Schema)
}
