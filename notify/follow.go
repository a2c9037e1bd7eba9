package notify

import (
	"context"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/internal/auth"
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
		rows, err := sub.missed(ctx)
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
			if n.Edges.Notice == nil { // dropped for its age between two statements
				continue
			}
			if err := sub.give(n, hand); err != nil {
				return err
			}
		}
		if len(rows) < missedAtOnce {
			return nil
		}
	}
}

// missed are some notifications behind the subscriber's place. ctx names the viewer, who sees their own. Their notices are
// read by id alone: under the viewer's visibility the base would look for each of them in the feed once more.
func (sub *Subscription) missed(ctx context.Context) ([]*ent.Notification, error) {
	d := sub.service.DB
	rows, err := d.Notification.Query().Where(notification.UserID(sub.reader.user), notification.PlaceGT(sub.at)).
		Order(ent.Asc(notification.FieldPlace)).Limit(missedAtOnce).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a feed: %w", err)
	}
	ids := make([]gid.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.NoticeID
	}
	notices, err := d.Notice.Query().Where(notice.IDIn(ids...)).All(auth.AsSystem(ctx, "notices of a feed"))
	if err != nil {
		return nil, fmt.Errorf("read the notices of a feed: %w", err)
	}
	attach(notices, rows)
	return rows, nil
}
