package graph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/internal/fault"
)

// request is a GraphQL request as it was sent over HTTP.
type request struct {
	graphql.RawParams
	answerAs string // the media type that was negotiated
	safe     bool   // sent by GET or HEAD: it may change nothing
	body     []byte
}

type requestKey struct{}

// requestFrom is the context's request; nil where there is none, as before a socket has sent one.
func requestFrom(ctx context.Context) *request {
	r, _ := ctx.Value(requestKey{}).(*request)
	return r
}

// bodyFrom is what was posted, for the intake log.
func bodyFrom(ctx context.Context) []byte {
	if r := requestFrom(ctx); r != nil {
		return r.body
	}
	return nil
}

// refusal is why something is no GraphQL request. Its message names no part of it.
type refusal struct {
	status  int
	message string
}

func (r *refusal) Error() string { return r.message }

func badRequest(why string) *refusal {
	return &refusal{http.StatusBadRequest, "This is not a GraphQL request: " + why + "."}
}

// read takes a request out of the body or, for GET, out of the address.
func (q *request) read(w http.ResponseWriter, r *http.Request) error {
	if q.safe {
		return q.readAddress(r.URL.RawQuery)
	}
	if err := checkContent(r.Header); err != nil {
		return err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &refusal{http.StatusRequestEntityTooLarge, fmt.Sprintf("A request has at most %d bytes.", maxBody)}
	case err != nil:
		return badRequest("it did not arrive whole")
	}
	members, err := decodeObject(body)
	if err != nil {
		return badRequest("{\"query\", \"operationName\", \"variables\"} is wanted as the body, and " + err.Error())
	}
	q.body = body
	r.Body = io.NopCloser(bytes.NewReader(body)) // for a transport that reads it itself
	return q.take(members)
}

// parse reads a request that came as body over what stays connected. Its error is a fault.
func parse(body []byte) (graphql.RawParams, error) {
	var q request
	members, err := decodeObject(body)
	if err != nil {
		err = badRequest(err.Error())
	} else {
		err = q.take(members)
	}
	var why *refusal
	if errors.As(err, &why) {
		return graphql.RawParams{}, fault.Coded(fault.Invalid, codeBadRequest, "", why.message)
	}
	return q.RawParams, err
}

// checkContent refuses what a page of another origin could send without asking, forms and plain text, and whatever
// else is not JSON as it is.
func checkContent(h http.Header) error {
	mediaType, params, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil || mediaType != typeJSON || len(h.Values("Content-Type")) > 1:
		return &refusal{http.StatusUnsupportedMediaType, "Send the request as application/json."}
	case !isUTF8(params):
		return &refusal{http.StatusUnsupportedMediaType, "Send the request in UTF-8."}
	case h.Get("Content-Encoding") != "" && !strings.EqualFold(h.Get("Content-Encoding"), "identity"):
		return &refusal{http.StatusUnsupportedMediaType, "Send the request without a content encoding."}
	}
	return nil
}

// readAddress takes the parameters of an address apart, in which variables and extensions are JSON.
func (q *request) readAddress(raw string) error {
	if len(raw) > maxAddress {
		return &refusal{http.StatusRequestURITooLong, fmt.Sprintf("The parameters have at most %d bytes. Send a longer query by POST.", maxAddress)}
	}
	params, err := url.ParseQuery(raw)
	if err != nil {
		return badRequest("its parameters cannot be read")
	}
	members := map[string]any{}
	for name, values := range params {
		if len(values) > 1 || !utf8.ValidString(values[0]) {
			return badRequest("a parameter comes twice, or is not in UTF-8")
		}
		switch {
		case values[0] == "":
		case name == "variables" || name == "extensions":
			if members[name], err = decodeObject([]byte(values[0])); err != nil {
				return badRequest("variables and extensions are wanted as JSON, and of one of them " + err.Error())
			}
		default:
			members[name] = values[0]
		}
	}
	return q.take(members)
}

// take fills in the members that GraphQL knows, each of its type; null is as good as none. Others are not looked at.
func (q *request) take(members map[string]any) error {
	var ok [4]bool
	q.Query, ok[0] = memberOf[string](members, "query")
	q.OperationName, ok[1] = memberOf[string](members, "operationName")
	q.Variables, ok[2] = memberOf[map[string]any](members, "variables")
	q.Extensions, ok[3] = memberOf[map[string]any](members, "extensions")
	switch {
	case ok != [4]bool{true, true, true, true}:
		return badRequest("query and operationName are strings, variables and extensions objects")
	case q.Query == "" && q.Extensions["persistedQuery"] == nil:
		return badRequest("it has no query")
	case len(q.Query) > maxQuery:
		return badRequest(fmt.Sprintf("a query has at most %d bytes; what is long goes into variables", maxQuery))
	}
	return nil
}

func memberOf[T any](members map[string]any, name string) (v T, ok bool) {
	if members[name] == nil {
		return v, true
	}
	v, ok = members[name].(T)
	return v, ok
}
