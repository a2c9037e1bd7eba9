package ratelimit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/ratelimit"
	"channelbook/internal/reqctx"
)

// clock stands still until it is set on.
type clock struct{ now atomic.Int64 }

func (c *clock) Now() time.Time        { return time.Unix(0, c.now.Load()).UTC() }
func (c *clock) sleep(d time.Duration) { c.now.Add(int64(d)) }

func waitOf(t *testing.T, err error) time.Duration {
	t.Helper()
	faults, ok := fault.All(err)
	if !ok || faults[0].Kind != fault.RateLimited || faults[0].Message != "Slower." {
		t.Fatalf("got %v, want to be told to be slower", err)
	}
	return faults[0].RetryAfter
}

func TestEachKeyHasItsOwn(t *testing.T) {
	c := &clock{}
	l := ratelimit.New(2, 3, c.Now, "Slower.")
	for range 3 {
		if err := l.Take("a"); err != nil {
			t.Fatal(err)
		}
	}
	if wait := waitOf(t, l.Take("a")); wait != 500*time.Millisecond {
		t.Errorf("got a wait of %v, want 500ms", wait)
	}
	if wait := waitOf(t, l.Full("a")); wait != 500*time.Millisecond {
		t.Errorf("got a wait of %v without counting, want 500ms", wait)
	}
	if err := l.Take("b"); err != nil {
		t.Errorf("another key: %v", err)
	}
	c.sleep(500 * time.Millisecond)
	if err := l.Full("a"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	if err := l.Take("a"); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	waitOf(t, l.Take("a"))
}

func TestOfManyAtOnceSoManyPass(t *testing.T) {
	c := &clock{}
	l := ratelimit.New(1, 50, c.Now, "Slower.")
	var passed atomic.Int64
	var all sync.WaitGroup
	for range 200 {
		all.Go(func() {
			if l.Take("a") == nil {
				passed.Add(1)
			}
		})
	}
	all.Wait()
	if passed.Load() != 50 {
		t.Errorf("%d passed, want 50", passed.Load())
	}
}

// TestManyKeysTakeBoundedMemory: those that came longest ago are forgotten.
func TestManyKeysTakeBoundedMemory(t *testing.T) {
	c := &clock{}
	l := ratelimit.New(1, 1, c.Now, "Slower.")
	for i := range 20_000 {
		if err := l.Take(fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	waitOf(t, l.Take("19999"))
	if err := l.Take("0"); err != nil {
		t.Errorf("the first of 20 000 is remembered: %v", err)
	}
}

func TestNoRateIsNoLimit(t *testing.T) {
	none := ratelimit.NewRequests(0, 0, time.Now)
	for range 10_000 {
		if none.Charge(t.Context()) != nil || none.Begin(t.Context()) != nil {
			t.Fatal("refused, want no limit")
		}
	}
	var zero ratelimit.Requests
	if zero.Charge(t.Context()) != nil {
		t.Error("the zero value refused")
	}
}

func TestAnAddressIsWhatOneSubscriberHas(t *testing.T) {
	for in, want := range map[string]string{
		"203.0.113.7": "203.0.113.7", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "2001:db8:1:2::": "2001:db8:1:2::/64", "2001:db8:1:3::4": "2001:db8:1:3::/64", "": "",
		"::ffff:203.0.113.7": "203.0.113.7", "fe80::1%eth0": "fe80::/64", "@": "@",
	} {
		if got := ratelimit.Address(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func from(ctx context.Context, address string) context.Context {
	return reqctx.With(ctx, reqctx.Request{RemoteAddr: address})
}

func TestRequestsAreCountedForWhoSendsThem(t *testing.T) {
	c := &clock{}
	r := ratelimit.NewRequests(1, 1, c.Now) // 30 and 20 at once
	count := func(ctx context.Context) (passed int) {
		for r.Charge(ctx) == nil {
			passed++
		}
		return passed
	}
	here := from(t.Context(), "203.0.113.7")
	person := auth.With(here, auth.Viewer{Role: auth.Admin, UserID: gid.New()})
	source := auth.With(here, auth.Viewer{Role: auth.Source, SourceID: gid.New()})
	for _, step := range []struct {
		who  string
		ctx  context.Context
		want int
	}{
		{"nobody", here, 20}, {"a person there", person, 30}, {"a source there", source, 30},
		{"another person", auth.With(here, auth.Viewer{Role: auth.Admin, UserID: gid.New()}), 30},
		{"nobody elsewhere", from(t.Context(), "203.0.113.8"), 20}, {"nobody, again", here, 0},
	} {
		if got := count(step.ctx); got != step.want {
			t.Errorf("%s: %d requests passed, want %d", step.who, got, step.want)
		}
	}
	if err := r.Begin(here); !fault.Is(err, fault.RateLimited) {
		t.Errorf("got %v for an address that has nothing left, want it refused at the door", err)
	}
}

func TestAWaitIsWholeSeconds(t *testing.T) {
	for wait, want := range map[time.Duration]string{time.Nanosecond: "1", time.Second: "1", 1500 * time.Millisecond: "2"} {
		if got := ratelimit.RetryAfter(&fault.Error{RetryAfter: wait}); got != want {
			t.Errorf("%v: got %s, want %s", wait, got, want)
		}
	}
}
