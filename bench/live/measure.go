package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"channelbook/bench/bed"
	"channelbook/internal/gid"
)

// patience is when a message that has not come counts as lost.
const patience = 10 * time.Second

// figures are what a run came to.
type figures struct {
	memory      float64 // KB of each subscriber, resident
	heap        float64 // KB of each that Go has in use, stacks too
	all, one    []time.Duration
	sends       []time.Duration // how long the sender of a message to everyone waits
	lost, twice int
	closed      int // of those who do not read
}

func (f figures) row(o options) string {
	ms := func(d []time.Duration, share int) string { return bed.Milliseconds(d[(len(d)-1)*share/100]) }
	return "| engine | subscribers | memory of each, KB | Go's part of it | sent after, p50, ms | to everyone: p50, ms | p99 | last | to one: p50, ms | p99 | lost | twice | deaf ones closed |\n" +
		"|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n" +
		fmt.Sprintf("| %s | %d | %.0f | %.0f | %s | %s | %s | %s | %s | %s | %d | %d | %d of %d |", o.engine, o.subscribers, f.memory, f.heap, ms(f.sends, 50),
			ms(f.all, 50), ms(f.all, 99), ms(f.all, 100), ms(f.one, 50), ms(f.one, 99), f.lost, f.twice, f.closed, o.deaf)
}

// judge tells what is worse than it may be.
func (f figures) judge(o options) error {
	var wrong []error
	if f.lost > 0 || f.twice > 0 {
		wrong = append(wrong, fmt.Errorf("%d notifications were lost and %d came twice", f.lost, f.twice))
	}
	if f.closed < o.deaf {
		wrong = append(wrong, fmt.Errorf("%d of those who do not read are still connected", o.deaf-f.closed))
	}
	if o.engine == "postgres" && o.subscribers <= 2000 {
		if p99 := f.all[(len(f.all)-1)*99/100]; p99 > mostWait {
			wrong = append(wrong, fmt.Errorf("a message to everyone took %v at p99, more than %v", p99, mostWait))
		}
		if f.memory > mostMemory {
			wrong = append(wrong, fmt.Errorf("a subscriber takes %.0f KB, more than %d", f.memory, mostMemory))
		}
	}
	return errors.Join(wrong...)
}

// run is a server with its subscribers.
type round struct {
	*bed.Server
	people   people
	arrivals chan arrival
	total    int
}

func measure(ctx context.Context, server *bed.Server, o options, p people) (f figures, err error) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	url := strings.Replace(server.URL, "http", "ws", 1) + "/query"
	r := round{server, p, make(chan arrival, 100_000), o.subscribers}
	if err := r.warm(ctx); err != nil {
		return f, err
	}
	idle, heap, err := r.memory(ctx)
	if err != nil {
		return f, err
	}
	all, err := subscribeAll(ctx, dialer(false), url, p.tokens[:o.subscribers])
	if err != nil {
		return f, fmt.Errorf("subscribe: %w", err)
	}
	var reading sync.WaitGroup
	defer reading.Wait()
	defer end()
	for i, s := range all {
		reading.Go(func() { s.read(ctx, i, r.arrivals) })
	}
	full, fullHeap, err := r.memory(ctx)
	if err != nil {
		return f, err
	}
	f.memory, f.heap = (full-idle)/float64(o.subscribers), (fullHeap-heap)/float64(o.subscribers)
	deaf, err := subscribeAll(ctx, dialer(true), url, p.tokens[o.subscribers:])
	if err != nil {
		return f, fmt.Errorf("subscribe without reading: %w", err)
	}
	if err := r.toEveryone(ctx, o, &f); err != nil {
		return f, err
	}
	if err := r.toOne(ctx, o, &f); err != nil {
		return f, err
	}
	f.closed, err = r.closed(ctx, o, deaf, &f)
	slices.Sort(f.all)
	slices.Sort(f.one)
	slices.Sort(f.sends)
	return f, err
}

// warm asks once for what is measured, so that it is compiled and connected.
func (r round) warm(ctx context.Context) error {
	for range 20 {
		if err := r.send(ctx, "warm", "text", map[string]any{"userIds": []string{gid.User.Format(r.people.ids[len(r.people.ids)-1])}}); err != nil {
			return err
		}
	}
	return nil
}

func (r round) send(ctx context.Context, title, text string, to map[string]any) error {
	in := map[string]any{"title": title, "text": text}
	for name, value := range to {
		in[name] = value
	}
	_, err := r.Ask(ctx, r.people.admin, `mutation($in: SendNotificationInput!) { sendNotification(input: $in) { recipientCount userErrors { code field } } }`, map[string]any{"in": in})
	return err
}

// memory is what the server takes once it has come to rest, in KB: as the kernel counts it, and what Go has in use.
func (r round) memory(ctx context.Context) (resident, heap float64, err error) {
	select {
	case <-ctx.Done():
		return 0, 0, ctx.Err()
	case <-time.After(8 * time.Second):
	}
	kilobytes, err := r.Resident()
	if err != nil {
		return 0, 0, err
	}
	for _, name := range []string{"go_memstats_heap_inuse_bytes", "go_memstats_stack_inuse_bytes"} {
		n, err := r.Metric(ctx, name)
		if err != nil {
			return 0, 0, err
		}
		heap += n / 1024
	}
	return float64(kilobytes), heap, nil
}

// toEveryone sends messages to all, each when the last one has come to all.
func (r round) toEveryone(ctx context.Context, o options, f *figures) error {
	for n := range o.broadcasts {
		title := fmt.Sprintf("round %d", n)
		begun := time.Now()
		if err := r.send(ctx, title, "Встреча дистрибьюторов в пятницу в 15:00, ссылка придёт отдельно.", map[string]any{"everyone": true}); err != nil {
			return err
		}
		f.sends = append(f.sends, time.Since(begun))
		took, err := r.await(ctx, title, begun, r.total, f)
		if err != nil {
			return err
		}
		f.all = append(f.all, took...)
		time.Sleep(200 * time.Millisecond)
	}
	return nil
}

// await gathers how long a message took to some subscribers.
func (r round) await(ctx context.Context, title string, begun time.Time, want int, f *figures) (took []time.Duration, err error) {
	late := time.After(patience)
	had := make(map[int]bool, want)
	for len(had) < want {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late:
			f.lost += want - len(had)
			return took, nil
		case a := <-r.arrivals:
			switch {
			case a.title != title:
				return nil, fmt.Errorf("subscriber %d was told %s while %s was awaited", a.subscriber, a.title, title)
			case had[a.subscriber]:
				f.twice++
			default:
				had[a.subscriber] = true
				took = append(took, a.at.Sub(begun))
			}
		}
	}
	return took, nil
}

// toOne sends messages to single persons at a steady pace.
func (r round) toOne(ctx context.Context, o options, f *figures) error {
	sent, errs := make([]time.Time, o.singles), make([]error, o.singles)
	to := make([]int, o.singles)
	var sending sync.WaitGroup
	tick := time.NewTicker(time.Second / time.Duration(o.per))
	defer tick.Stop()
	for n := range o.singles {
		<-tick.C
		to[n] = rand.N(r.total) // #nosec G404 -- whom a benchmark tells is no secret
		sending.Go(func() {
			sent[n] = time.Now()
			errs[n] = r.send(ctx, fmt.Sprintf("single %d", n), "text", map[string]any{"userIds": []string{gid.User.Format(r.people.ids[to[n]])}})
		})
	}
	sending.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	had, late := map[int]bool{}, time.After(patience)
	for len(had) < o.singles {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			f.lost += o.singles - len(had)
			return nil
		case a := <-r.arrivals:
			var n int
			if _, err := fmt.Sscanf(a.title, "single %d", &n); err != nil || to[n] != a.subscriber {
				return fmt.Errorf("subscriber %d was told %s", a.subscriber, a.title)
			}
			if had[n] {
				f.twice++
				continue
			}
			had[n] = true
			f.one = append(f.one, a.at.Sub(sent[n]))
		}
	}
	return nil
}

// closed sends long messages to those who do not read and to one who does, and tells how many of them the server has closed.
func (r round) closed(ctx context.Context, o options, deaf []*subscriber, f *figures) (n int, err error) {
	if len(deaf) == 0 {
		return 0, nil
	}
	ids := []string{gid.User.Format(r.people.ids[0])}
	for _, id := range r.people.ids[o.subscribers:] {
		ids = append(ids, gid.User.Format(id))
	}
	long := strings.Repeat("Ж", 4000)
	for i := range 300 {
		title := fmt.Sprintf("long %d", i)
		begun := time.Now()
		if err := r.send(ctx, title, long, map[string]any{"userIds": ids}); err != nil {
			return 0, err
		}
		if _, err := r.await(ctx, title, begun, 1, f); err != nil {
			return 0, err
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(30 * time.Second): // a ping after 15, an answer within 10
	}
	// It is the server that is asked: what it had sent before is the network's, which takes minutes to hand it out to these.
	open, err := r.Metric(ctx, "channelbook_live_connections")
	if err != nil {
		return 0, err
	}
	runtime.KeepAlive(deaf) // or the collector would close them
	return o.subscribers + len(deaf) - int(open), nil
}
