package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"channelbook/accounts"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/ratelimit"
	"channelbook/personaldata/audit"
	"channelbook/reports"
	"channelbook/reports/document"
	"channelbook/reports/order"
	"channelbook/reports/pdf"
)

// Reports serves the files of reports, and takes in and gives out the templates of documents.
type Reports struct {
	Reports  *reports.Service
	Bearer   accounts.Bearer
	Audit    *audit.Log // told of files that were fetched, and of refusals
	Requests ratelimit.Requests
	Log      *slog.Logger
}

// Routes are the paths of templates. Files are served at the path of all files.
func (p Reports) Routes() Routes {
	const template = "/report-templates/{kind}"
	return Routes{
		"GET " + template:               p.signedIn(p.template),
		"PUT " + template:               p.signedIn(p.setTemplate),
		"DELETE " + template:            p.signedIn(p.removeTemplate),
		"POST " + template + "/preview": p.signedIn(p.preview),
	}
}

// file writes a report's file to who is signed in, or holds a link.
func (p Reports) file(w http.ResponseWriter, r *http.Request, id gid.ID) error {
	f, err := p.Reports.Open(r.Context(), id)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if r.Method == http.MethodGet { // a part too: several make the whole
		if err := p.Audit.Saw(r.Context(), audit.Act{Action: audit.ReportFetched, Object: audit.On(gid.Report, id)}); err != nil {
			return err
		}
	}
	attachment(w, f.Report.FileName, f.MediaType)
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("ETag", strconv.Quote(f.Report.ID.String()))
	http.ServeContent(w, r, "", *f.Report.FinishedAt, f)
	return nil
}

// byLink is who a signed link of a report stands for: its reader, as long as that person sees it.
func (p Reports) byLink(r *http.Request, id gid.ID) (*http.Request, error) {
	v, err := p.Reports.Holder(r.Context(), id)
	return r.WithContext(auth.With(r.Context(), v)), err
}

// attachment has what is answered kept as a file of a name.
func attachment(w http.ResponseWriter, name, mediaType string) {
	h := w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

func (p Reports) template(w http.ResponseWriter, r *http.Request) error {
	kind := r.PathValue("kind")
	content, err := p.Reports.Template(r.Context(), kind)
	if err != nil {
		return err
	}
	return answerFile(w, strings.ToLower(kind)+".docx", reports.DocumentType, content)
}

func (p Reports) setTemplate(w http.ResponseWriter, r *http.Request) error {
	content, err := templateIn(w, r)
	if err != nil {
		return err
	}
	if err := p.Reports.SetTemplate(r.Context(), r.PathValue("kind"), content); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// templateArrives is how long a template may take to arrive, longer than other bodies may.
const templateArrives = 30 * time.Second

// templateIn reads the template that is the body of a request.
func templateIn(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(templateArrives)) // where it cannot be set, the server's own holds
	content, err := io.ReadAll(http.MaxBytesReader(w, r.Body, reports.MaxTemplate))
	if err != nil && !errors.As(err, new(*http.MaxBytesError)) {
		err = brokenOff{err}
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it would end the work
	return content, err
}

func (p Reports) removeTemplate(w http.ResponseWriter, r *http.Request) error {
	if err := p.Reports.RemoveTemplate(r.Context(), r.PathValue("kind")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// preview answers a document of made-up companies, made from the body or, without one, from the template that holds; as PDF where the query
// says format=pdf.
func (p Reports) preview(w http.ResponseWriter, r *http.Request) error {
	content, err := templateIn(w, r)
	if err != nil {
		return err
	}
	kind, format, mediaType := r.PathValue("kind"), order.DOCX, reports.DocumentType
	if asked := r.URL.Query().Get("format"); asked != "" {
		format = strings.ToUpper(asked)
	}
	if format == order.PDF {
		mediaType = "application/pdf"
	}
	made, err := p.Reports.Preview(r.Context(), kind, format, content)
	if err != nil {
		return err
	}
	return answerFile(w, strings.ToLower(kind)+"."+strings.ToLower(format), mediaType, made)
}

func answerFile(w http.ResponseWriter, name, mediaType string, content []byte) error {
	attachment(w, name, mediaType)
	w.Header().Set("Cache-Control", "private, no-store")
	_, _ = w.Write(content) // #nosec G705 -- of the type of a document, which no browser shows as a page; a client that has left needs no answer
	return nil
}

// signedIn finds out who sends a request. What do returns is answered as a problem, with all faults that there are.
func (p Reports) signedIn(do func(w http.ResponseWriter, r *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := admitted(r, p.Bearer, p.Requests)
		if err == nil {
			err = do(w, r)
		}
		if err != nil {
			p.refuse(w, r, err)
		}
	})
}

func (p Reports) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		err = fault.Coded(fault.Invalid, document.TooLarge, "file", fmt.Sprintf("A template has at most %d MB.", reports.MaxTemplate>>20))
	case errors.As(err, new(brokenOff)):
		err = fault.Coded(fault.Invalid, "BROKEN_OFF", "", "The template did not arrive whole, or too slowly.")
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil: // the client has left
		return
	}
	faultAnswer{p.Audit, p.Log, "a template could not be served or kept", templateStatus}.write(w, r, err)
}

func templateStatus(f *fault.Error) int {
	switch f.Code {
	case document.TooLarge:
		return http.StatusRequestEntityTooLarge
	case pdf.NotInstalled:
		return http.StatusNotImplemented
	}
	return statusOf(f)
}
