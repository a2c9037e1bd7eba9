package graph

import (
	"context"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

// cache keeps what was asked for last, within a number of entries and a number of bytes.
type cache[V any] struct {
	mu       sync.Mutex
	entries  *simplelru.LRU[string, V]
	sizeOf   func(key string, v V) int
	bytes    int
	maxBytes int
}

func newCache[V any](maxEntries, maxBytes int, sizeOf func(key string, v V) int) *cache[V] {
	c := &cache[V]{sizeOf: sizeOf, maxBytes: maxBytes}
	entries, err := simplelru.NewLRU(maxEntries, func(key string, v V) { c.bytes -= sizeOf(key, v) })
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	c.entries = entries
	return c
}

// Get is the value of a key, if it is there.
func (c *cache[V]) Get(_ context.Context, key string) (V, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries.Get(key)
}

// Add keeps a value, and drops those that were asked for longest ago where there is no room.
func (c *cache[V]) Add(_ context.Context, key string, v V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries.Contains(key) {
		return // under one key there is ever one value
	}
	c.bytes += c.sizeOf(key, v)
	c.entries.Add(key, v)
	for c.bytes > c.maxBytes && c.entries.Len() > 1 {
		c.entries.RemoveOldest()
	}
}

// newDocumentCache keeps validated documents.
func newDocumentCache() *cache[*ast.QueryDocument] {
	return newCache(cachedQueries, cachedQueryBytes, func(query string, doc *ast.QueryDocument) int {
		return len(query) + bytesOfField*measured(doc).fields
	})
}
