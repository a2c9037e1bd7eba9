package notify

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/notification"
	"channelbook/internal/gid"
)

const (
	// missedAtOnce is how many notifications that were missed are read by one statement.
	missedAtOnce = 100
	// readAgain is the wait after the base could not be read.
	readAgain = time.Second
)

// Follow hands the subscriber all that is in the feed behind where it began, in the order of the line, then what is new, each
// once, until ctx ends or hand fails. Where hand is slow, what comes meanwhile is read from the base when its turn comes.
func (sub *Subscription) Follow(ctx context.Context, hand func(*ent.Notification) error) error {
	for {
		var fresh *ent.Notification
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-sub.behind:
		case fresh = <-sub.fresh:
		}
		var err error
		switch {
		case fresh == nil || sub.rung(): // something has been left out, before fresh or behind it: all is read from the base
			err = sub.catchUp(ctx, hand)
		case fresh.Place > sub.at:
			err = sub.give(fresh, hand)
		}
		if err != nil {
			return err
		}
	}
}

// give hands out one notification.
func (sub *Subscription) give(n *ent.Notification, hand func(*ent.Notification) error) error {
	if err := hand(n); err != nil {
		return err
	}
	sub.at = n.Place
	return nil
}

// catchUp hands out what the base has behind the subscriber's place. Who subscribed before it reads gets the rest live.
func (sub *Subscription) catchUp(ctx context.Context, hand func(*ent.Notification) error) error {
	for {
		rows, more, err := sub.missed(ctx)
		if err != nil {
			if ctx.Err() == nil {
				sub.service.Log.ErrorContext(ctx, "a feed cannot be read; it is tried again", "error", err)
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(readAgain):
				continue
			}
		}
		for _, n := range rows {
			if err := sub.give(n, hand); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// missed are some notifications behind the subscriber's place, and whether there may be more. ctx names the viewer.
func (sub *Subscription) missed(ctx context.Context) (rows []*ent.Notification, more bool, err error) {
	if !sub.after.IsZero() {
		if sub.at, err = sub.service.placeOf(ctx, sub.after); err != nil {
			return nil, false, err
		}
		sub.after = gid.ID{}
	}
	rows, err = sub.service.DB.Notification.Query().Where(notification.UserID(sub.reader.user), notification.PlaceGT(sub.at)).
		Order(ent.Asc(notification.FieldPlace)).Limit(missedAtOnce).All(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("read a feed: %w", err)
	}
	more = len(rows) == missedAtOnce
	rows, err = sub.service.WithNotices(ctx, rows)
	return rows, more, err
}
