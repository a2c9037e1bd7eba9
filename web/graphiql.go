package web

import (
	"bytes"
	"embed"
	"io/fs"
	"net/http"

	"channelbook/internal/problem"
)

//go:embed graphiql/*.html graphiql/*.css graphiql/*.js graphiql/lib/*.js graphiql/lib/*.css
var embedded embed.FS

// graphiqlPolicy allows what GraphiQL was seen to need: its editor writes style elements, its fonts are in its CSS.
const graphiqlPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// graphiql is the page at / and its files. The files' path names what they hold, so that a browser keeps them for
// good and still has the new ones after a release.
type graphiql struct {
	files fs.FS
	page  []byte
	path  string
}

func newGraphiql() (graphiql, error) {
	files, err := fs.Sub(embedded, "graphiql")
	if err != nil {
		return graphiql{}, err
	}
	version, err := digestAll(files)
	if err != nil {
		return graphiql{}, err
	}
	page, err := fs.ReadFile(files, "index.html")
	if err != nil {
		return graphiql{}, err
	}
	path := "graphiql/" + version
	return graphiql{files, bytes.ReplaceAll(page, []byte("{{assets}}"), []byte(path)), "/" + path + "/"}, nil
}

func (g graphiql) servePage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", graphiqlPolicy)
	serveBytes(w, r, "text/html; charset=utf-8", "no-cache", g.page)
}

func (g graphiql) serveFile(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if info, err := fs.Stat(g.files, name); err != nil || info.IsDir() {
		problem.Problem{Status: http.StatusNotFound, Code: "NOT_FOUND", Detail: "GraphiQL has no such file."}.Write(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeFileFS(w, r, g.files, name) // #nosec G703 -- a name that fs.Stat has found in what is embedded
}
