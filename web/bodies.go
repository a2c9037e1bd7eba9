package web

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// How much of large bodies may be on its way at once: in all, and from one address. Small bodies, which is what leads and queries
// are, pass by; for these the number of connections is the limit.
const (
	smallBody    = 64 << 10
	largestBody  = 2 << 20 // a larger one without a length counts as one
	bodiesAtOnce = 64 << 20
	bodiesOfOne  = 16 << 20
)

// bodies counts the large bodies that are on their way.
type bodies struct {
	mu     sync.Mutex
	all    int64
	ofEach map[string]int64
}

// boundedBodies answers 503 to a large body while there are too many: whoever sends slowly would fill the memory otherwise.
func boundedBodies(next http.Handler) http.Handler {
	b := &bodies{ofEach: map[string]int64{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := min(r.ContentLength, largestBody)
		if size < 0 {
			size = peeked(r)
		}
		if size > smallBody {
			from := ratelimit.Address(reqctx.RemoteAddr(r.Context()))
			if !b.take(from, size) {
				w.Header().Set("Retry-After", "5")
				problem.Problem{Status: http.StatusServiceUnavailable, Code: "BUSY", Detail: "Many large requests are on their way. Try again in a moment."}.Write(w, r)
				return
			}
			give := sync.OnceFunc(func() { b.give(from, size) })
			defer give()
			r.Body = &bounded{r.Body, give}
		}
		next.ServeHTTP(w, r)
	})
}

// bounded is a body that counts until it is closed, which a handler does early whose answer goes on.
type bounded struct {
	io.ReadCloser
	give func()
}

func (b *bounded) Close() error {
	b.give()
	return b.ReadCloser.Close()
}

// peeked is the size that a body without a length counts as: none where it ends within what is small, as leads do that are
// sent in chunks.
func peeked(r *http.Request) int64 {
	var head bytes.Buffer
	_, err := io.CopyN(&head, r.Body, smallBody+1)
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(&head, rest), rest}
	if err == nil {
		return largestBody
	}
	return 0
}

func (b *bodies) take(from string, size int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all+size > bodiesAtOnce || b.ofEach[from]+size > bodiesOfOne {
		return false
	}
	b.all += size
	b.ofEach[from] += size
	return true
}

func (b *bodies) give(from string, size int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all -= size
	if b.ofEach[from] -= size; b.ofEach[from] == 0 {
		delete(b.ofEach, from)
	}
}
