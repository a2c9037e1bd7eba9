package web

import (
	"context"
	"errors"
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
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/personaldata/audit"
	"channelbook/reports"
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
		viewer, named, err := p.Bearer.Viewer(r.Header.Get("Authorization"))
		if named {
			r = r.WithContext(auth.With(r.Context(), viewer))
		} else if err == nil {
			err = fault.New(fault.Unauthenticated, "", "Sign in first: send Authorization: Bearer and the access token.")
		}
		if limited := p.Requests.Charge(r.Context()); limited != nil {
			err = limited
		}
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
	faults, isFault := fault.All(err)
	switch {
	case errors.As(err, &tooLarge):
		problem.Problem{Status: http.StatusRequestEntityTooLarge, Code: "TEMPLATE_TOO_LARGE", Detail: "A template has at most 4 MB."}.Write(w, r)
		return
	case errors.As(err, new(brokenOff)):
		faults, isFault = []*fault.Error{fault.Coded(fault.Invalid, "BROKEN_OFF", "", "The template did not arrive whole, or too slowly.")}, true
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil: // the client has left
		return
	case errors.Is(err, files.ErrNotFound):
		faults, isFault = []*fault.Error{fault.New(fault.NotFound, "", "There is no such file.")}, true
	}
	if isFault {
		if failed := recordRefusal(r.Context(), p.Audit, r.Pattern, faults[0]); failed != nil {
			err, isFault = failed, false
		}
	}
	if !isFault {
		p.Log.ErrorContext(r.Context(), "a template could not be served or kept", "error", err, "route", r.Pattern)
		problem.Problem{Status: http.StatusInternalServerError, Code: "INTERNAL", Detail: "Something went wrong on our side."}.Write(w, r)
		return
	}
	if faults[0].RetryAfter > 0 {
		w.Header().Set("Retry-After", ratelimit.RetryAfter(faults[0]))
	}
	if faults[0].Kind == fault.Unauthenticated {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	status := statusOf(faults[0])
	if faults[0].Code == pdf.NotInstalled {
		status = http.StatusNotImplemented
	}
	problem.Problem{Status: status, Code: faults[0].Code, Detail: faults[0].Message, Errors: problem.List(faults)}.Write(w, r)
}
