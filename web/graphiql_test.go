package web_test

import (
	"io"
	"regexp"
	"strings"
	"testing"
)

func TestGraphiQLIsWhole(t *testing.T) {
	h := handler(t, edge(io.Discard), nil)
	page := answer(h, get("/"))
	if page.Code != 200 || page.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("got %d %s, want a page", page.Code, page.Header().Get("Content-Type"))
	}
	links := regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(page.Body.String(), -1)
	assets := 0
	for _, link := range links {
		target := link[1]
		if target == "data:," || target == "schema.graphql" {
			continue
		}
		assets++
		w := answer(h, get("/"+target))
		if w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: got %d and %d bytes", target, w.Code, w.Body.Len())
		}
		if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
			t.Errorf("%s: got Cache-Control %q, want it kept for good", target, got)
		}
		want := "text/javascript"
		if strings.HasSuffix(target, ".css") {
			want = "text/css"
		}
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got the type %q, want %s", target, got, want)
		}
	}
	if assets != 6 {
		t.Errorf("got %d scripts and styles, want 6", assets)
	}
	if regexp.MustCompile(`<script>|<style|https?://`).MatchString(page.Body.String()) {
		t.Errorf("the page has inline code or needs the internet:\n%s", page.Body)
	}
}

func TestGraphiQLListsNoFolders(t *testing.T) {
	h := handler(t, edge(io.Discard), nil)
	assets := regexp.MustCompile(`graphiql/[0-9a-f]+/`).FindString(answer(h, get("/")).Body.String())
	for _, path := range []string{"", "lib", "lib/", "lib/nothing.js"} {
		if w := answer(h, get("/"+assets+path)); w.Code != 404 {
			t.Errorf("%q: got %d, want 404", path, w.Code)
		}
	}
}

func TestTheSchemaIsServed(t *testing.T) {
	h := handler(t, edge(io.Discard), nil)
	w := answer(h, get("/schema.graphql"))
	if w.Code != 200 || w.Body.String() != "type Query { a: Int }\n" {
		t.Errorf("got %d %s, want the SDL", w.Code, w.Body)
	}
	if again := answer(h, get("/schema.graphql", "If-None-Match", w.Header().Get("ETag"))); again.Code != 304 {
		t.Errorf("asked again with its tag: got %d, want 304", again.Code)
	}
}

func TestGraphiQLAndTheSchemaCanBeOff(t *testing.T) {
	e := edge(io.Discard)
	assets := regexp.MustCompile(`graphiql/[0-9a-f]+/page.js`).FindString(answer(handler(t, e, nil), get("/")).Body.String())
	e.NoGraphiQL, e.Schema = true, nil
	h := handler(t, e, nil)
	for _, path := range []string{"/", "/" + assets, "/schema.graphql"} {
		if w := answer(h, get(path)); w.Code != 404 {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
}
