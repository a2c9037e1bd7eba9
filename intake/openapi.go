package intake

import (
	_ "embed"
	"net/http"
)

// openAPI describes this edge for programs. A test holds it against what decode.go reads.
//
//go:embed openapi.json
var openAPI []byte

// describe answers the description. Whoever writes a source reads it before there is a key.
func (e Edge) describe(w http.ResponseWriter, r *http.Request) {
	if e.limited(w, r, e.Requests.Charge) {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI) // a client that has left needs no answer
}
