package files_test

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"channelbook/internal/files"
)

const (
	accessKey = "AKIAEXAMPLE"
	secretKey = "hush/of+a%key"
)

// at is the location of a bucket at a service, with tls off.
func at(address, bucket string) string {
	host := strings.TrimPrefix(address, "http://")
	return "s3://" + accessKey + ":" + url.QueryEscape(secretKey) + "@" + host + "/" + bucket + "?tls=off"
}

// newBucket is a bucket of a service in memory, which believes every signature.
func newBucket(t *testing.T) place {
	t.Helper()
	address, names := newService(t, func(s3 http.Handler) http.Handler { return s3 })
	return place{location: at(address, "channelbook/files"), names: names}
}

// newService is such a service, behind what a test puts before it.
func newService(t *testing.T, before func(http.Handler) http.Handler) (address string, names func() []string) {
	t.Helper()
	memory := s3mem.New()
	if err := memory.CreateBucket("channelbook"); err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(before(gofakes3.New(memory).Server()))
	t.Cleanup(service.Close)
	return service.URL, func() (names []string) {
		list, err := memory.ListBucket("channelbook", &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
		if err != nil {
			t.Fatal(err)
		}
		for _, object := range list.Contents {
			names = append(names, strings.TrimPrefix(object.Key, "files/"))
		}
		return names
	}
}

// refusing is a service that answers every request with an error, and repeats in it what it knows of the key.
func refusing(t *testing.T, status int, code string) string {
	t.Helper()
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName                                             xml.Name `xml:"Error"`
			Code, Message, AWSAccessKeyId, StringToSign, HostId string
		}{Code: code, Message: "no " + r.Header.Get("Authorization") + secretKey, AWSAccessKeyId: accessKey, StringToSign: secretKey, HostId: accessKey})
	}))
	t.Cleanup(service.Close)
	return service.URL
}

// hides fails where anything that can be printed of v holds the key or the secret.
func hides(t *testing.T, v any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		printed := fmt.Sprintf(verb, v)
		for _, hidden := range []string{accessKey, secretKey, url.QueryEscape(secretKey), "hush"} {
			if strings.Contains(printed, hidden) {
				t.Errorf("%s shows %s: %s", verb, hidden, printed)
			}
		}
	}
}

func TestABucketThatCannotBeUsedIsSaid(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := silent.Addr().String()
	silent.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "<html>"+r.Header.Get("Authorization"), http.StatusTeapot)
	}))
	t.Cleanup(page.Close)
	service := newBucket(t)
	missing := strings.Replace(service.location, "channelbook", "elsewhere", 1)
	for name, c := range map[string]struct {
		location, want string
		later          bool // it may be in order later, and the store is there then
	}{
		"unknown key":         {at(refusing(t, 403, "InvalidAccessKeyId"), "channelbook"), "the service does not know the key", false},
		"wrong secret":        {at(refusing(t, 403, "SignatureDoesNotMatch"), "channelbook"), "the secret is not that of the key", false},
		"no right":            {at(refusing(t, 403, "AccessDenied"), "channelbook"), "the key has no right to do that in the bucket channelbook", false},
		"missing bucket":      {missing, "the bucket elsewhere does not exist or the key may not see it", false},
		"wrong clock":         {at(refusing(t, 403, "RequestTimeTooSkewed"), "channelbook"), "the clock of this machine differs from that of the service", false},
		"other region":        {at(refusing(t, 400, "AuthorizationHeaderMalformed"), "channelbook"), "the bucket channelbook is in another region, which ?region=… has to name", false},
		"out of order":        {at(refusing(t, 503, "SlowDown"), "channelbook"), "the service does not answer but SlowDown, with the status 503", true},
		"a code like a key":   {at(refusing(t, 400, accessKey+"/1"), "channelbook"), "the service answers with the status 400", false},
		"not a service of S3": {at(page.URL, "channelbook"), "the service answers with the status 418", false},
		"nobody there":        {at(closed, "channelbook"), "connection refused", true},
		"no TLS there":        {strings.TrimSuffix(service.location, "?tls=off"), "server gave HTTP response to HTTPS client", false},
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			s, err := files.Open(t.Context(), c.location)
			if c.later != errors.Is(err, files.ErrNoAnswer) || c.later != (s != nil) {
				t.Errorf("open: got %v, %v, want a store where it may answer later, and only then", s, err)
			}
			if err == nil || !strings.HasPrefix(err.Error(), "the bucket ") || !strings.HasSuffix(err.Error(), c.want) {
				t.Errorf("open: got %v, want %s", err, c.want)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("open: took %v, want a moment", took)
			}
			hides(t, err)
		})
	}
}

func TestAServiceThatIsSilentIsGivenUp(t *testing.T) {
	files.Hasten(t, 300*time.Millisecond)
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	location := at(silent.Addr().String(), "channelbook")
	if _, err := files.Open(t.Context(), location); err == nil || !strings.HasSuffix(err.Error(), "the service does not answer in time") {
		t.Errorf("open: got %v, want a sentence", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := files.Open(ctx, location); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("open under a shorter time: got %v, want its end", err)
	}
}

func TestAServiceThatStopsWithinAFileIsGivenUp(t *testing.T) {
	over := make(chan struct{})
	address, _ := newService(t, func(s3 http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				s3.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Length", "8")
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			<-over
		})
	})
	t.Cleanup(func() { close(over) })
	s := open(t, at(address, "channelbook"))
	files.Hasten(t, 300*time.Millisecond)
	got, err := read(t.Context(), s, "a")
	if got != "half" || err == nil || err.Error() != "the service does not answer in time" {
		t.Errorf("read: got %q, %v, want half of it and a sentence", got, err)
	}
}

func TestAFileIsSentAgainWhereTheServiceWasBusy(t *testing.T) {
	var requests atomic.Int32
	address, _ := newService(t, func(s3 http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && requests.Add(1) == 2 { // the first is that of Ready
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			s3.ServeHTTP(w, r)
		})
	})
	s := open(t, at(address, "channelbook"))
	put(t, s, "a", "content")
	expect(t, s, "a", "content")
	if n := requests.Load(); n != 3 {
		t.Errorf("got %d requests, want 3", n)
	}
}

func TestAFileReadFromItsBeginningCostsOneRequest(t *testing.T) {
	var requests atomic.Int32
	address, _ := newService(t, func(s3 http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			s3.ServeHTTP(w, r)
		})
	})
	s := open(t, at(address, "channelbook"))
	put(t, s, "a.png", "content")
	before := requests.Load()
	f, err := s.Open(t.Context(), "a.png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w := httptest.NewRecorder()
	http.ServeContent(w, httptest.NewRequest(http.MethodGet, "/a.png", nil), "a.png", f.ModTime, f)
	if n := requests.Load() - before; n != 1 || w.Body.String() != "content" {
		t.Errorf("got %q with %d requests, want content with 1", w.Body, n)
	}
}

func TestTheServiceKnowsTheMediaTypeUnderThePrefix(t *testing.T) {
	address, names := newService(t, func(s3 http.Handler) http.Handler { return s3 })
	put(t, open(t, at(address, "channelbook/files/2026")), "a.png", "picture")
	answer, err := http.Get(address + "/channelbook/files/2026/a.png")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "image/png" {
		t.Errorf("got %q, want image/png; there are %q", got, names())
	}
}

func TestAStoreShowsNoSecret(t *testing.T) {
	p := newBucket(t)
	s := open(t, p.location)
	hides(t, s)
	hides(t, struct{ Files files.Store }{s})
	hides(t, &struct{ files files.Store }{s})
	if got := fmt.Sprintf("%#v", s); got != s.String() || !strings.HasPrefix(got, "the bucket channelbook at 127.0.0.1:") {
		t.Errorf("got %s, want the bucket and the host", got)
	}
}

func TestALargeFileGoesIntoABucketWithoutStandingInMemory(t *testing.T) {
	s := open(t, newBucket(t).location)
	large, err := os.Create(filepath.Join(t.TempDir(), "large"))
	if err != nil {
		t.Fatal(err)
	}
	defer large.Close()
	const size = files.MaxInMemory + 1
	if err := large.Truncate(size); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "large", "text/csv", large, size); err != nil {
		t.Fatal(err)
	}
	f, err := s.Open(t.Context(), "large")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Size != size {
		t.Errorf("the bucket has %d bytes, want %d", f.Size, size)
	}
	if _, err := large.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	err = s.Put(t.Context(), "once", "text/csv", io.LimitReader(large, size), size)
	if want := "put once: a content that is read once has at most 67108864 bytes, not 67108865"; err == nil || err.Error() != want {
		t.Errorf("what is read once: got %v, want %s", err, want)
	}
}
