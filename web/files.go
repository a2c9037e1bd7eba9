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
	"strconv"
	"time"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/internal/album"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/picture"
	"channelbook/internal/problem"
	"channelbook/internal/ratelimit"
	"channelbook/personaldata/audit"
)

// How long a picture may take: to arrive, longer than other bodies may, and to wait its turn and be read.
const (
	pictureArrives = 30 * time.Second
	pictureIsRead  = 15 * time.Second
)

// Files puts pictures in their place and serves files to those who may see them.
type Files struct {
	Distributors *distributors.Service
	Accounts     *accounts.Service
	Album        *album.Album
	Bearer       accounts.Bearer
	Audit        *audit.Log // told of refusals
	Links        *auth.Links
	Link         func(path string) string // an address that opens a path without a sign-in
	Requests     ratelimit.Requests       // how many each may send
	Reports      Reports
	Log          *slog.Logger

	pictures *ratelimit.Limiter
}

// How many pictures one person may send: reading them takes memory and time, and each stands on the disk for a while.
const (
	picturesAtOnce    = 60
	picturesPerSecond = 0.2
)

// brokenOff is that a body did not arrive whole.
type brokenOff struct{ error }

func (b brokenOff) Unwrap() error { return b.error }

// Routes are the paths of pictures and files.
func (f Files) Routes() Routes {
	f.pictures = ratelimit.New(picturesPerSecond, picturesAtOnce, time.Now, "These are many pictures in a minute. Send the next one later.")
	const logo, avatar = "/distributors/{id}/logo", "/users/{id}/avatar"
	return Routes{
		"PUT " + logo:      f.put(gid.Distributor, f.Distributors.SetLogo),
		"DELETE " + logo:   f.delete(gid.Distributor, f.Distributors.RemoveLogo),
		"PUT " + avatar:    f.put(gid.User, f.Accounts.SetAvatar),
		"DELETE " + avatar: f.delete(gid.User, f.Accounts.RemoveAvatar),
		"GET /files/{id}":  http.HandlerFunc(f.get),
	}
}

// put takes a picture as the body and answers where it is shown.
func (f Files) put(kind gid.Kind, set func(ctx context.Context, id gid.ID, body []byte) (*ent.Picture, error)) http.Handler {
	return f.signedIn(kind, func(w http.ResponseWriter, r *http.Request, id gid.ID) error {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(pictureArrives)) // where it cannot be set, the server's own holds
		if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType == "multipart/form-data" {
			return fault.Coded(fault.Invalid, "NOT_A_PICTURE", "", "Send the picture itself as the body, not a form with it.")
		}
		viewer, _ := auth.From(r.Context())
		if err := f.pictures.Take(viewer.UserID.String()); err != nil {
			return err
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, picture.MaxBytes))
		if err != nil {
			return brokenOff{err}
		}
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{}) // it would end the work, which has a bound of its own
		ctx, cancel := context.WithTimeout(r.Context(), pictureIsRead)
		defer cancel()
		shown, err := set(ctx, id, body)
		if err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		answer := json.NewEncoder(w)
		answer.SetEscapeHTML(false)       // people copy the address out of it
		_ = answer.Encode(map[string]any{ // a client that has left needs no answer
			"url": f.Link("/files/" + gid.Picture.Format(shown.ID)), "mediaType": shown.MediaType,
			"width": shown.Width, "height": shown.Height, "size": shown.Size,
		})
		return nil
	})
}

func (f Files) delete(kind gid.Kind, remove func(ctx context.Context, id gid.ID) error) http.Handler {
	return f.signedIn(kind, func(w http.ResponseWriter, r *http.Request, id gid.ID) error {
		if err := remove(r.Context(), id); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// signedIn finds out who sends a request and what it is about. What do returns is answered as a problem.
func (f Files) signedIn(kind gid.Kind, do func(w http.ResponseWriter, r *http.Request, id gid.ID) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r, err := admitted(r, f.Bearer, f.Requests)
		if err == nil {
			var id gid.ID
			if id, err = kind.Parse(r.PathValue("id")); err != nil {
				err = fault.New(fault.NotFound, "id", "There is no such "+string(kind)+".")
			} else {
				err = do(w, r, id)
			}
		}
		if err != nil {
			f.refuse(w, r, err)
		}
	})
}

// get serves a file to who sees it: by a link, or by a sign-in.
func (f Files) get(w http.ResponseWriter, r *http.Request) {
	if query := r.URL.Query(); auth.IsLink(query) {
		if err := f.Requests.Charge(r.Context()); err != nil {
			f.refuse(w, r, err)
			return
		}
		if !f.Links.Opens(r.URL.Path, query) {
			f.refuse(w, r, fault.Coded(fault.Forbidden, "LINK_EXPIRED", "", "This link has expired, or it is none of ours. Ask for a new one."))
			return
		}
		if err := f.byLink(w, r); err != nil {
			f.refuse(w, r, err)
		}
		return
	}
	if kind, _, _ := gid.Parse(r.PathValue("id")); kind == gid.Report {
		f.signedIn(gid.Report, f.Reports.file).ServeHTTP(w, r)
		return
	}
	f.signedIn(gid.Picture, func(w http.ResponseWriter, r *http.Request, _ gid.ID) error { return f.serve(w, r) }).ServeHTTP(w, r)
}

// byLink serves what a signed link opens.
func (f Files) byLink(w http.ResponseWriter, r *http.Request) error {
	if kind, id, _ := gid.Parse(r.PathValue("id")); kind == gid.Report {
		as, err := f.Reports.byLink(r, id)
		if err != nil {
			return err
		}
		return f.Reports.file(w, as, id)
	}
	return f.serve(w, r.WithContext(auth.AsSystem(r.Context(), "signed link")))
}

// serve writes a picture. It never changes under its address, and it is nothing but a picture, whatever a browser would
// make of its bytes.
func (f Files) serve(w http.ResponseWriter, r *http.Request) error {
	id, err := gid.Picture.Parse(r.PathValue("id"))
	if err != nil {
		return files.ErrNotFound
	}
	row, file, err := f.Album.Open(r.Context(), id)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	h := w.Header()
	h.Set("Content-Type", row.MediaType)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Content-Disposition", "inline")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // pages of other origins show it
	h.Set("Cache-Control", "private, max-age=86400, immutable")
	h.Set("ETag", strconv.Quote(row.Digest))
	http.ServeContent(w, r, "", row.CreatedAt, file)
	return nil
}

// refuse answers what went wrong as a problem: the sentences of faults, nothing of other errors.
func (f Files) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		err = fault.Coded(fault.Invalid, "PICTURE_TOO_LARGE", "", fmt.Sprintf("A picture has at most %d MB.", picture.MaxBytes>>20))
	case errors.Is(err, files.ErrNotFound):
		err = fault.New(fault.NotFound, "", "There is no such file.")
	case errors.As(err, new(brokenOff)):
		err = fault.Coded(fault.Invalid, "BROKEN_OFF", "", "The picture did not arrive whole, or too slowly.")
	case errors.Is(err, picture.ErrBusy):
		w.Header().Set("Retry-After", "5")
		problem.Problem{Status: http.StatusServiceUnavailable, Code: "BUSY", Detail: "Other pictures are being read. Try again in a moment."}.Write(w, r)
		return
	case errors.Is(err, context.Canceled) && r.Context().Err() != nil: // the client has left
		err = fault.Coded(fault.Invalid, "BROKEN_OFF", "", "The request was broken off.")
	}
	faultAnswer{f.Audit, f.Log, "a file could not be kept or served", statusOf}.write(w, r, err)
}

func statusOf(f *fault.Error) int {
	switch f.Code {
	case "PICTURE_TOO_LARGE":
		return http.StatusRequestEntityTooLarge
	case "NOT_A_PICTURE":
		return http.StatusUnsupportedMediaType
	case "BROKEN_OFF":
		return http.StatusBadRequest
	}
	return problem.StatusOf(f.Kind)
}
