package web_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"channelbook/web"
)

// serving starts a server whose one handler reports that it runs and then waits for release.
func serving(t *testing.T, how web.Stop) (url string, running, release chan struct{}, stop func(), stopped chan error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	running, release, stopped = make(chan struct{}), make(chan struct{}), make(chan error, 1)
	log := slog.New(slog.DiscardHandler)
	srv := web.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(running)
		select {
		case <-release:
			_, _ = io.WriteString(w, "whole")
		case <-r.Context().Done():
		}
	}), log)
	ctx, stop := context.WithCancel(t.Context())
	go func() { stopped <- web.Serve(ctx, srv, ln, how, log) }()
	return "http://" + ln.Addr().String(), running, release, stop, stopped
}

type outcome struct {
	body string
	err  error
}

func fetch(url string) chan outcome {
	done := make(chan outcome, 1)
	go func() {
		response, err := http.Get(url)
		if err != nil {
			done <- outcome{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		done <- outcome{string(body), err}
	}()
	return done
}

// refuses waits until nobody answers at url: from then on the server is stopping.
func refuses(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		conn, err := net.Dial("tcp", url[len("http://"):])
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Fatal("new connections are still taken 10 s after the stop")
}

func TestARequestInFlightAtTheStopGetsItsAnswer(t *testing.T) {
	url, running, release, stop, stopped := serving(t, web.Stop{Grace: time.Minute})
	inFlight := fetch(url)
	<-running
	stop()
	refuses(t, url)
	close(release)
	if got := <-inFlight; got.err != nil || got.body != "whole" {
		t.Errorf("got %q, %v, want the whole answer", got.body, got.err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v, want nil after a stop that cut nothing", err)
	}
}

func TestRequestsAreServedThroughTheDelayOfAStop(t *testing.T) {
	const delay = 500 * time.Millisecond
	url, running, release, stop, stopped := serving(t, web.Stop{Delay: delay, Grace: time.Minute})
	asked := time.Now()
	stop()
	late := fetch(url)
	<-running
	close(release)
	if got := <-late; got.err != nil || got.body != "whole" {
		t.Errorf("got %q, %v, want a request that came after the stop answered", got.body, got.err)
	}
	refuses(t, url)
	if after := time.Since(asked); after < delay {
		t.Errorf("new connections are refused after %v, want them taken for %v", after, delay)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v, want nil after a stop that cut nothing", err)
	}
}

func TestARequestThatOutlastsTheGraceIsCutOff(t *testing.T) {
	url, running, _, stop, stopped := serving(t, web.Stop{Grace: time.Millisecond})
	inFlight := fetch(url)
	<-running
	stop()
	if err := <-stopped; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Serve: got %v, want it to say that requests were cut off", err)
	}
	if got := <-inFlight; got.err == nil && got.body == "whole" {
		t.Error("the request got its answer, want it cut off")
	}
}

func TestServeSaysWhenItCannotServe(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	log := slog.New(slog.DiscardHandler)
	if err := web.Serve(t.Context(), web.NewServer(http.NotFoundHandler(), log), ln, web.Stop{}, log); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want that the listener is closed", err)
	}
}
