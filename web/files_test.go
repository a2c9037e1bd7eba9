package web_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/internal/album"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
	"channelbook/reports"
	"channelbook/reports/pdf"
	"channelbook/web"
)

// gallery is a system with two distributors and their people, whose pictures are put and fetched over HTTP.
type gallery struct {
	t       *testing.T
	db      *db.DB
	now     time.Time
	album   *album.Album
	links   *auth.Links
	tokens  *auth.Tokens
	reports *reports.Service
	handler http.Handler

	mine, theirs             gid.ID // distributors
	boss, worker, colleague  gid.ID // an administrator, and users of mine
	asBoss, asMine, asOthers string // access tokens; asOthers is of a user of theirs
	log                      bytes.Buffer
}

func newGallery(t *testing.T, d *db.DB) *gallery {
	t.Helper()
	keys, err := auth.ParseKeys("test:0123456789abcdef0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	store, err := files.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	g := &gallery{t: t, db: d, now: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return g.now }
	log := slog.New(slog.NewTextHandler(&g.log, nil))
	g.album = &album.Album{DB: d, Store: store, Now: now, Log: log}
	g.links = &auth.Links{Keys: keys, Now: now}
	still := dbtest.Clock("2026-03-01T09:00:00Z") // nobody's session ends while g.now goes on
	g.tokens = &auth.Tokens{Keys: keys, Now: still}
	revocations := &accounts.Revocations{DB: d, Now: still, Log: log}
	if err := revocations.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	people := &accounts.Service{DB: d, Now: now, Tokens: g.tokens, Log: log, Revocations: revocations, Album: g.album, Keys: dbtest.Keys()}
	companies := &distributors.Service{DB: d, Now: now, TimeZone: time.UTC, Album: g.album, Keys: dbtest.Keys()}
	g.reports = &reports.Service{DB: d, Now: now, Log: log, Keys: dbtest.Keys(), Store: store, TimeZone: time.UTC, Retention: time.Hour, PDF: pdf.With("", 0)}
	bearer, seen := accounts.Bearer{Tokens: g.tokens, Revocations: revocations}, &audit.Log{DB: g.db, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	reported := web.Reports{Reports: g.reports, Bearer: bearer, Audit: seen, Log: log}
	routes := web.Files{
		Audit: seen, Distributors: companies, Accounts: people, Album: g.album, Links: g.links, Log: log, Bearer: bearer, Reports: reported,
		Link: func(path string) string { return path + "?" + g.links.SignForADay(path) },
	}.Routes()
	maps.Copy(routes, reported.Routes())
	g.handler = handler(t, edge(&g.log), routes)

	system := db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")
	company := func(name string) gid.ID {
		row, err := companies.Create(system, distributors.Input{CompanyName: name})
		if err != nil {
			t.Fatal(err)
		}
		return row.ID
	}
	g.mine, g.theirs = company("Наши"), company("Чужие")
	user := func(login string, role auth.Role, of *gid.ID) (gid.ID, string) {
		u, err := people.CreateUser(system, accounts.NewUser{Login: login, Password: "a long enough password", Role: role, DistributorID: of})
		if err != nil {
			t.Fatal(err)
		}
		v := auth.Viewer{Role: role, UserID: u.ID, SessionID: gid.New()}
		if of != nil {
			v.Distributor = *of
		}
		token, _, err := g.tokens.Issue(v)
		if err != nil {
			t.Fatal(err)
		}
		return u.ID, token
	}
	g.boss, g.asBoss = user("boss", auth.Admin, nil)
	g.worker, g.asMine = user("worker", auth.Distributor, &g.mine)
	g.colleague, _ = user("colleague", auth.Distributor, &g.mine)
	_, g.asOthers = user("stranger", auth.Distributor, &g.theirs)
	return g
}

func eachGallery(t *testing.T, test func(t *testing.T, g *gallery)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newGallery(t, d)) })
}

func (g *gallery) send(method, path, token string, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return answer(g.handler, r)
}

// put puts a picture that is to be taken and returns its address.
func (g *gallery) put(path, token string, body []byte) string {
	g.t.Helper()
	w := g.send("PUT", path, token, body)
	var shown struct {
		URL                 string
		MediaType           string
		Width, Height, Size int
	}
	if err := json.Unmarshal(w.Body.Bytes(), &shown); w.Code != 200 || err != nil || shown.URL == "" || shown.Width == 0 || shown.Size == 0 {
		g.t.Fatalf("PUT %s: got %d %s, want a picture", path, w.Code, w.Body)
	}
	return shown.URL
}

// wantProblem holds an answer to a status, a code and a sentence.
func wantProblem(t *testing.T, what string, w *httptest.ResponseRecorder, status int, code string) {
	t.Helper()
	var p struct{ Code, Detail string }
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != status || p.Code != code || !strings.HasSuffix(p.Detail, ".") {
		t.Errorf("%s: got %d %s, want %d %s and a sentence", what, w.Code, w.Body, status, code)
	}
}

func drawn(t *testing.T, c color.Color) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (g *gallery) logo() string   { return "/distributors/" + gid.Distributor.Format(g.mine) + "/logo" }
func (g *gallery) avatar() string { return "/users/" + gid.User.Format(g.worker) + "/avatar" }

func plain(url string) string { path, _, _ := strings.Cut(url, "?"); return path }

func TestALogoIsShownToThoseWhoSeeTheCompany(t *testing.T) {
	red, blue := drawn(t, color.NRGBA{255, 0, 0, 255}), drawn(t, color.NRGBA{0, 0, 255, 255})
	eachGallery(t, func(t *testing.T, g *gallery) {
		url := g.put(g.logo(), g.asMine, red)
		t.Run("by its link, without a sign-in", func(t *testing.T) {
			w := g.send("GET", url, "", nil)
			img, err := png.Decode(bytes.NewReader(w.Body.Bytes()))
			if w.Code != 200 || err != nil || img.Bounds().Dx() != 8 {
				t.Fatalf("got %d, %v, want the picture", w.Code, err)
			}
			for name, want := range map[string]string{
				"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Content-Disposition": "inline",
				"Content-Security-Policy": "sandbox", "Cache-Control": "immutable", "Cross-Origin-Resource-Policy": "cross-origin",
			} {
				if got := w.Header().Get(name); !strings.Contains(got, want) {
					t.Errorf("%s: got %q, want %s", name, got, want)
				}
			}
			if again := g.send("GET", url, "", nil, "If-None-Match", w.Header().Get("ETag")); again.Code != 304 {
				t.Errorf("asked again with its tag: got %d, want 304", again.Code)
			}
			if part := g.send("GET", url, "", nil, "Range", "bytes=1-3"); part.Code != 206 || part.Body.String() != "PNG" {
				t.Errorf("a part: got %d %q, want PNG", part.Code, part.Body)
			}
			if head := g.send("HEAD", url, "", nil); head.Code != 200 || head.Header().Get("Content-Length") == "" {
				t.Errorf("HEAD: got %d, want 200 and a length", head.Code)
			}
		})
		t.Run("by a sign-in, to those who see the company", func(t *testing.T) {
			for who, token := range map[string]string{"an administrator": g.asBoss, "its own user": g.asMine} {
				if w := g.send("GET", plain(url), token, nil); w.Code != 200 {
					t.Errorf("%s: got %d, want 200", who, w.Code)
				}
			}
			wantProblem(t, "another company's user", g.send("GET", plain(url), g.asOthers, nil), 404, "NOT_FOUND")
			wantProblem(t, "nobody", g.send("GET", plain(url), "", nil), 401, "UNAUTHENTICATED")
			wantProblem(t, "a token of nobody's", g.send("GET", plain(url), "x.y.z", nil), 401, "UNAUTHENTICATED")
		})
		t.Run("not by a link that has expired or was written by somebody else", func(t *testing.T) {
			wantProblem(t, "changed", g.send("GET", url+"x", "", nil), 403, "LINK_EXPIRED")
			other := "/files/" + gid.Picture.Format(gid.New())
			wantProblem(t, "another file's", g.send("GET", strings.Replace(url, plain(url), other, 1), "", nil), 403, "LINK_EXPIRED")
			wantProblem(t, "of nothing", g.send("GET", other+"?"+g.links.SignForADay(other), "", nil), 404, "NOT_FOUND")
			g.now = g.now.Add(25 * time.Hour)
			wantProblem(t, "a day old", g.send("GET", url, "", nil), 403, "LINK_EXPIRED")
			g.now = g.now.Add(-25 * time.Hour)
		})
		t.Run("the same picture again is the same one, another one has another address", func(t *testing.T) {
			if again := g.put(g.logo(), g.asBoss, red); again != url {
				t.Errorf("got %s, want %s", again, url)
			}
			next := g.put(g.logo(), g.asBoss, blue)
			if plain(next) == plain(url) {
				t.Errorf("got %s for two pictures", next)
			}
			wantProblem(t, "the former logo", g.send("GET", plain(url), g.asMine, nil), 404, "NOT_FOUND")
		})
		t.Run("removed, it is shown no more", func(t *testing.T) {
			shown := g.put(g.logo(), g.asMine, blue)
			if w := g.send("DELETE", g.logo(), g.asMine, nil); w.Code != 204 {
				t.Fatalf("got %d %s, want 204", w.Code, w.Body)
			}
			wantProblem(t, "by its own user", g.send("GET", plain(shown), g.asMine, nil), 404, "NOT_FOUND")
			if w := g.send("DELETE", g.logo(), g.asMine, nil); w.Code != 204 {
				t.Errorf("removed again: got %d, want 204", w.Code)
			}
		})
	})
}

func TestWhoMayPutAPicture(t *testing.T) {
	body := drawn(t, color.White)
	eachGallery(t, func(t *testing.T, g *gallery) {
		colleagues := "/users/" + gid.User.Format(g.colleague) + "/avatar"
		for name, c := range map[string]struct {
			path, token string
			status      int
			code        string
		}{
			"a logo, by nobody":                        {g.logo(), "", 401, "UNAUTHENTICATED"},
			"a logo, by another company's user":        {g.logo(), g.asOthers, 404, "NOT_FOUND"},
			"a logo of no company":                     {"/distributors/" + gid.Distributor.Format(gid.New()) + "/logo", g.asBoss, 404, "NOT_FOUND"},
			"a logo of what is no company":             {"/distributors/" + gid.User.Format(g.worker) + "/logo", g.asBoss, 404, "NOT_FOUND"},
			"a picture of a person, by nobody":         {g.avatar(), "", 401, "UNAUTHENTICATED"},
			"a picture of a stranger":                  {g.avatar(), g.asOthers, 404, "NOT_FOUND"},
			"a picture of a colleague":                 {colleagues, g.asMine, 403, "FORBIDDEN"},
			"a picture of an administrator, by a user": {"/users/" + gid.User.Format(g.boss) + "/avatar", g.asMine, 404, "NOT_FOUND"},
		} {
			for _, method := range []string{"PUT", "DELETE"} {
				wantProblem(t, method+" "+name, g.send(method, c.path, c.token, body), c.status, c.code)
			}
		}
		if n := g.db.Picture.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 0 {
			t.Errorf("got %d pictures stored, want none", n)
		}
		g.put(g.avatar(), g.asMine, body)
		g.put(g.avatar(), g.asBoss, drawn(t, color.Black))
		own := g.put(colleagues, g.asBoss, body)
		if w := g.send("GET", plain(own), g.asMine, nil); w.Code != 200 {
			t.Errorf("a colleague's picture: got %d, want it seen", w.Code)
		}
		wantProblem(t, "it, by another company's user", g.send("GET", plain(own), g.asOthers, nil), 404, "NOT_FOUND")
	})
}

func TestWhatIsNoPictureIsRefusedAndChangesNothing(t *testing.T) {
	good := drawn(t, color.White)
	huge := bytes.Clone(good)
	copy(huge[16:24], []byte{0, 1, 0, 0, 0, 1, 0, 0}) // 65 536 × 65 536 pixels, by its header
	binary.BigEndian.PutUint32(huge[29:33], crc32.ChecksumIEEE(huge[12:29]))
	eachGallery(t, func(t *testing.T, g *gallery) {
		url := g.put(g.logo(), g.asMine, good)
		for name, c := range map[string]struct {
			body   []byte
			status int
			code   string
		}{
			"nothing":                      {nil, 415, "NOT_A_PICTURE"},
			"a page":                       {[]byte("<!doctype html><script>alert(1)</script>"), 415, "NOT_A_PICTURE"},
			"a drawing that is a program":  {[]byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 415, "NOT_A_PICTURE"},
			"a GIF":                        {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), 415, "NOT_A_PICTURE"},
			"more than two megabytes":      {append(bytes.Clone(good), make([]byte, 2<<20)...), 413, "PICTURE_TOO_LARGE"},
			"half a picture":               {good[:len(good)-20], 422, "PICTURE_BROKEN"},
			"a picture of four gigapixels": {huge, 422, "PICTURE_TOO_MANY_PIXELS"},
		} {
			w := g.send("PUT", g.logo(), g.asMine, c.body, "Content-Type", "image/png")
			wantProblem(t, name, w, c.status, c.code)
			if strings.Contains(w.Body.String(), "alert") {
				t.Errorf("%s: the answer tells what was sent: %s", name, w.Body)
			}
		}
		if again := g.put(g.logo(), g.asMine, good); again != url {
			t.Errorf("got %s, want the logo left as it was at %s", again, url)
		}
	})
}

func TestAPageBehindAPictureIsNotServed(t *testing.T) {
	eachGallery(t, func(t *testing.T, g *gallery) {
		url := g.put(g.logo(), g.asMine, append(drawn(t, color.White), "<html><script>alert(1)</script>"...))
		if w := g.send("GET", url, "", nil); w.Code != 200 || strings.Contains(w.Body.String(), "script") {
			t.Errorf("got %d, want the picture alone", w.Code)
		}
	})
}

func TestPicturesThatNobodyShowsAreSwept(t *testing.T) {
	eachGallery(t, func(t *testing.T, g *gallery) {
		system := db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")
		first, second := g.put(g.logo(), g.asMine, drawn(t, color.White)), g.put(g.logo(), g.asMine, drawn(t, color.Black))
		person := g.put(g.avatar(), g.asMine, drawn(t, color.White))
		sweep := func(want int) {
			t.Helper()
			if err := g.album.Sweep(system); err != nil {
				t.Fatal(err)
			}
			if n := g.db.Picture.Query().CountX(system); n != want {
				t.Errorf("got %d pictures, want %d", n, want)
			}
		}
		sweep(3) // what has come within the hour stays
		g.now = g.now.Add(61 * time.Minute)
		sweep(2)
		third := g.put(g.logo(), g.asMine, drawn(t, color.NRGBA{255, 0, 0, 255}))
		sweep(3) // what has been shown within the hour stays, however old it is
		g.now = g.now.Add(61 * time.Minute)
		sweep(2)
		for url, want := range map[string]int{first: 404, second: 404, third: 200, person: 200} {
			if w := g.send("GET", url, "", nil); w.Code != want {
				t.Errorf("got %d, want %d", w.Code, want)
			}
		}
		if err := g.album.Sweep(auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: g.boss})); err == nil {
			t.Error("an administrator swept, want the system alone")
		}
	})
}

// full is a store on a disk that is full.
type full struct{ files.Store }

func (full) Put(context.Context, string, string, io.Reader, int64) error {
	return errors.New("write /secret/place: no space left on device")
}

func TestAFullDiskIsOurFault(t *testing.T) {
	eachGallery(t, func(t *testing.T, g *gallery) {
		g.album.Store = full{g.album.Store}
		w := g.send("PUT", g.logo(), g.asMine, drawn(t, color.White))
		wantProblem(t, "put", w, 500, "INTERNAL")
		if strings.Contains(w.Body.String(), "space") || !strings.Contains(g.log.String(), "no space left") {
			t.Errorf("got %s, want the reason in the log alone", w.Body)
		}
		if row := g.db.Distributor.GetX(auth.AsSystem(t.Context(), "test"), g.mine); row.LogoID != nil {
			t.Error("a logo is shown that is not there")
		}
	})
}

// TestPicturesPutAtOnce: whatever comes at once, what is shown afterwards is there, and all else is swept.
func TestPicturesPutAtOnce(t *testing.T) {
	eachGallery(t, func(t *testing.T, g *gallery) {
		system := db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")
		var all sync.WaitGroup
		for i := range 24 {
			body := drawn(t, color.NRGBA{uint8(10 * i), 0, 0, 255})
			all.Go(func() {
				var w *httptest.ResponseRecorder
				switch {
				case i%8 == 7:
					w = g.send("DELETE", g.logo(), g.asBoss, nil)
				default:
					w = g.send("PUT", g.logo(), g.asMine, body)
				}
				if w.Code/100 != 2 {
					t.Errorf("got %d %s", w.Code, w.Body)
				}
				if err := g.album.Sweep(system); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		shown := g.put(g.logo(), g.asMine, drawn(t, color.White))
		g.now = g.now.Add(61 * time.Minute)
		if err := g.album.Sweep(system); err != nil {
			t.Fatal(err)
		}
		if n := g.db.Picture.Query().CountX(system); n != 1 {
			t.Errorf("got %d pictures, want the one that is shown", n)
		}
		if w := g.send("GET", shown, "", nil); w.Code != 200 {
			t.Errorf("the picture that is shown: got %d", w.Code)
		}
	})
}

func TestOnePersonSendsNoFlood(t *testing.T) {
	g := newGallery(t, dbtest.SQLite(t))
	body := []byte("no picture")
	for range 60 {
		wantProblem(t, "a picture", g.send("PUT", g.logo(), g.asMine, body), 415, "NOT_A_PICTURE")
	}
	w := g.send("PUT", g.logo(), g.asMine, body)
	wantProblem(t, "one too many", w, 429, "RATE_LIMITED")
	if w.Header().Get("Retry-After") == "" {
		t.Error("it is not said when the next may come")
	}
	wantProblem(t, "another person's", g.send("PUT", g.logo(), g.asBoss, body), 415, "NOT_A_PICTURE")
}

// halfBody ends before it is whole.
type halfBody struct{}

func (halfBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestABrokenUploadIsNoFailureOfOurs(t *testing.T) {
	g := newGallery(t, dbtest.SQLite(t))
	r := httptest.NewRequest("PUT", g.logo(), halfBody{})
	r.Header.Set("Authorization", "Bearer "+g.asMine)
	wantProblem(t, "half a body", answer(g.handler, r), 400, "BROKEN_OFF")

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r = httptest.NewRequest("PUT", g.logo(), bytes.NewReader(drawn(t, color.White))).WithContext(gone)
	r.Header.Set("Authorization", "Bearer "+g.asMine)
	wantProblem(t, "a client that has left", answer(g.handler, r), 400, "BROKEN_OFF")
	if strings.Contains(g.log.String(), "level=ERROR") {
		t.Errorf("got errors in the log: %s", g.log.String())
	}
}

// slow is a store that never answers.
type slow struct{ files.Store }

func (slow) Put(ctx context.Context, _, _ string, _ io.Reader, _ int64) error {
	return fmt.Errorf("put: %w", context.DeadlineExceeded)
}

func TestASlowStoreIsInTheLog(t *testing.T) {
	g := newGallery(t, dbtest.SQLite(t))
	g.album.Store = slow{g.album.Store}
	wantProblem(t, "put", g.send("PUT", g.logo(), g.asMine, drawn(t, color.White)), 500, "INTERNAL")
	if !strings.Contains(g.log.String(), "level=ERROR") {
		t.Error("the log does not say that files cannot be kept")
	}
}
