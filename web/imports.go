package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"time"

	"golang.org/x/sync/semaphore"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/values"
	"channelbook/imports"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/personaldata/audit"
)

// How long a file for an import may take: to arrive, to wait its turn, and to be checked.
const (
	importArrives   = time.Minute
	importWaits     = 15 * time.Second
	importIsChecked = 4 * time.Minute
)

// Imports takes files for imports from administrators and answers what was found in them.
type Imports struct {
	Imports  *imports.Service
	Bearer   accounts.Bearer
	Audit    *audit.Log         // told of refusals
	Requests ratelimit.Requests // how many each may send
	Log      *slog.Logger

	checking *semaphore.Weighted // held by the file that is being checked: it stands in memory
}

// errBusy says that other files were being checked for too long.
var errBusy = errors.New("other files are being checked")

// Routes are the paths of imports.
func (i Imports) Routes() Routes {
	i.checking = semaphore.NewWeighted(1)
	return Routes{
		"POST /imports/leads": i.take(func(ctx context.Context, r *http.Request, f imports.File) (*ent.FileImport, error) {
			source, err := gid.LeadSource.Parse(r.URL.Query().Get("sourceId"))
			if err != nil {
				return nil, fault.Coded(fault.Invalid, "REQUIRED", "sourceId", "Say under which lead source the leads come in: ?sourceId=source_….")
			}
			return i.Imports.CheckLeads(ctx, source, f)
		}),
		"POST /imports/distributors": i.take(func(ctx context.Context, _ *http.Request, f imports.File) (*ent.FileImport, error) {
			return i.Imports.CheckDistributors(ctx, f)
		}),
	}
}

// take reads the body and answers what a check has found.
func (i Imports) take(check func(ctx context.Context, r *http.Request, f imports.File) (*ent.FileImport, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := admitted(r, i.Bearer, i.Requests)
		if err == nil { // before the body is read
			_, err = auth.Require(r.Context(), auth.Admin)
		}
		var found *ent.FileImport
		if err == nil {
			found, err = i.checked(w, r, check)
		}
		if err != nil {
			i.refuse(w, r, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusCreated)
		answer := json.NewEncoder(w)
		answer.SetEscapeHTML(false)
		_ = answer.Encode(answerOf(found)) // a client that has left needs no answer
	})
}

// checked takes the turn before it reads the body, so that one file at a time stands in memory.
func (i Imports) checked(w http.ResponseWriter, r *http.Request, check func(ctx context.Context, r *http.Request, f imports.File) (*ent.FileImport, error)) (*ent.FileImport, error) {
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType == "multipart/form-data" {
		return nil, fault.Coded(fault.Invalid, "NOT_A_TABLE", "", "Send the file itself as the body, not a form with it.")
	}
	waits, cancel := context.WithTimeout(r.Context(), importWaits)
	defer cancel()
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(importWaits + importArrives)) // where it cannot be set, the server's own holds
	if err := i.checking.Acquire(waits, 1); err != nil {
		return nil, errBusy
	}
	defer i.checking.Release(1)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, imports.MaxBytes))
	if err != nil {
		return nil, brokenOff{err}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it would end the work, which has a bound of its own
	query := r.URL.Query()
	ctx, done := context.WithTimeout(r.Context(), importIsChecked)
	defer done()
	return check(ctx, r, imports.File{
		Name: nameOfFile(r), Body: body, Encoding: query.Get("encoding"), Separator: query.Get("separator"), Sheet: query.Get("sheet"),
	})
}

// nameOfFile is what the sender calls the file, by ?fileName= or Content-Disposition.
func nameOfFile(r *http.Request) string {
	if name := r.URL.Query().Get("fileName"); name != "" {
		return name
	}
	_, said, _ := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	return said["filename"]
}

type importAnswer struct {
	ID         string                `json:"id"`
	Kind       string                `json:"kind"`
	Status     string                `json:"status"`
	FileName   string                `json:"fileName,omitempty"`
	Format     string                `json:"format"`
	Encoding   string                `json:"encoding,omitempty"`
	Separator  string                `json:"separator,omitempty"`
	Sheet      string                `json:"sheet,omitempty"`
	Columns    []values.ImportColumn `json:"columns"`
	Unknown    []string              `json:"unknownHeadings"`
	Rows       int                   `json:"rows"`
	Foreseen   map[string]int        `json:"foreseen"`
	FaultCount int                   `json:"faultCount"`
	Faults     []values.ImportFault  `json:"faults"`
	ExpiresAt  time.Time             `json:"expiresAt"`
}

func answerOf(row *ent.FileImport) importAnswer {
	a := importAnswer{
		ID: gid.Import.Format(row.ID), Kind: string(row.Kind), Status: string(row.Status), FileName: row.FileName,
		Format: string(row.Format), Encoding: row.Encoding, Separator: row.Separator, Sheet: row.Sheet,
		Columns: row.Columns, Unknown: []string{}, Rows: row.RowsTotal, Foreseen: row.Foreseen,
		FaultCount: row.FaultCount, Faults: row.Faults, ExpiresAt: row.ExpiresAt.UTC(),
	}
	for _, c := range row.Columns {
		if c.Field == "" && c.Heading != "" {
			a.Unknown = append(a.Unknown, c.Heading)
		}
	}
	return a
}

// refuse answers what went wrong as a problem: the sentences of faults, nothing of other errors.
func (i Imports) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "15")
		problem.Problem{Status: http.StatusServiceUnavailable, Code: "BUSY", Detail: "Another file is being checked. Try again in a moment."}.Write(w, r)
		return
	case errors.As(err, &tooLarge):
		problem.Problem{Status: http.StatusRequestEntityTooLarge, Code: "FILE_TOO_LARGE", Detail: fmt.Sprintf("A file has at most %d MB.", imports.MaxBytes>>20)}.Write(w, r)
		return
	case errors.As(err, new(brokenOff)), r.Context().Err() != nil:
		problem.Problem{Status: http.StatusBadRequest, Code: "BROKEN_OFF", Detail: "The file did not arrive whole, or too slowly."}.Write(w, r)
		return
	}
	faultAnswer{i.Audit, i.Log, "a file could not be checked", byKind}.write(w, r, err)
}
