package graph

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/graph/model"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
	"channelbook/notify"
)

func post(in model.SendNotificationInput) notify.Post {
	p := notify.Post{
		Title: in.Title, Text: in.Text, URL: text(in.URL), Everyone: flag(in.Everyone),
		Users: referredIDs(gid.User, in.UserIds), Distributors: referredIDs(gid.Distributor, in.DistributorIds),
	}
	if in.Channels != nil {
		p.Channels = []string{}
	}
	for _, channel := range in.Channels {
		p.Channels = append(p.Channels, string(channel))
	}
	return p
}

// referredIDs reads ids of things that an act refers to, as referredID does.
func referredIDs(kind gid.Kind, texts []string) []gid.ID {
	ids := make([]gid.ID, len(texts))
	for i, text := range texts {
		ids[i] = referredID(kind, text)
	}
	return ids
}

// placeIn reads the after of notificationAdded: nil for this moment, the zero id for the beginning.
func placeIn(after *string) (*gid.ID, error) {
	if after == nil || *after == "" {
		if after == nil {
			return nil, nil
		}
		return &gid.ID{}, nil
	}
	id, err := gid.Notification.Parse(*after)
	if err != nil {
		return nil, fault.Coded(fault.Invalid, "INVALID_ID", "after", "This is not the id of a notification.")
	}
	return &id, nil
}

// told brings what a feed hands out to a subscription, until ctx ends.
func (r *Resolver) told(ctx context.Context, feed *notify.Subscription) <-chan *model.Notification {
	out := make(chan *model.Notification)
	go func() {
		defer close(out)
		defer feed.Leave()
		defer func() {
			if p := recover(); p != nil { // nothing else would catch it, and the server would end
				r.Log.ErrorContext(ctx, "a subscription could not go on", "error", fmt.Errorf("%v", reqctx.Panic(p)))
			}
		}()
		_ = feed.Follow(ctx, func(n *ent.Notification) error { // it ends with ctx, whose cause the transport tells
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case out <- r.Read.Notification(n):
				return nil
			}
		})
	}()
	return out
}
