package audit

import (
	"context"
	"fmt"
	"time"

	"channelbook/internal/auth"
	"channelbook/internal/db"
)

// sawPatience is how long a commit of reads may take before all of them fail.
const sawPatience = 12 * time.Second // a write on SQLite may wait 10 s for the one before

// sight is what one caller of Saw waits to have on the disk.
type sight struct {
	lines []line
	done  chan error
}

// Saw writes acts that change nothing, such as the read of a card or a refusal, before their answer is given: when it
// returns they are on the disk, and with its error there is to be no answer. Calls at the same time share a commit: the
// first of them writes for all that come while the one before is being written.
func (l *Log) Saw(ctx context.Context, acts ...Act) error {
	lines, err := linesOf(ctx, l.Now(), acts)
	if err != nil || len(lines) == 0 {
		return err
	}
	mine := &sight{lines: lines, done: make(chan error, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, mine)
	leads := !l.leading
	l.leading = true
	l.mu.Unlock()
	if leads {
		go l.lead()
	}
	select {
	case err := <-mine.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("wait for the audit: %w", ctx.Err())
	}
}

// lead writes for everybody who waits, one commit after another, until nobody does.
func (l *Log) lead() {
	for {
		batch := l.next()
		if batch == nil {
			return
		}
		err := l.writeAll(batch)
		for _, one := range batch {
			one.done <- err
		}
	}
}

// next takes as many of those who wait as one statement holds; nil where nobody does, and then nobody leads.
func (l *Log) next() []*sight {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		l.leading = false
		return nil
	}
	n, lines := 0, 0
	for n < len(l.waiting) && (n == 0 || lines+len(l.waiting[n].lines) <= maxLines) {
		lines += len(l.waiting[n].lines)
		n++
	}
	batch := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	return batch
}

// writeAll is one statement, which commits by itself. It hangs on no caller's context: one that leaves takes nobody along.
func (l *Log) writeAll(batch []*sight) error {
	ctx, cancel := context.WithTimeout(auth.AsSystem(context.Background(), "audit"), sawPatience)
	defer cancel()
	var lines []line
	for _, one := range batch {
		lines = append(lines, one.lines...)
	}
	l.commits.Add(1)
	return db.InsertRows(ctx, l.DB, rowsOf(lines))
}
