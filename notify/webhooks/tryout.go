package webhooks

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Tryout is a made-up event as a webhook gets it. Its body says that it is a test.
type Tryout struct {
	Method, Host string
	Headers      []Header
	Body         string
	Answer       *Answer // nil: it was not sent
}

// Test shows what a webhook gets of an event of a kind, made up and signed with its secret, and sends it at once where send says so:
// whether the webhook is on, stopped or off, as it is tried out by that. Nothing of it is kept but the record in the audit. By an
// administrator. Faults: NotFound on id, UNKNOWN_EVENT on kind.
func (s *Service) Test(ctx context.Context, id gid.ID, kind string, send bool) (*Tryout, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	var wrong error
	if !isEvent(kind) {
		wrong = fault.Coded(fault.Invalid, "UNKNOWN_EVENT", "kind", "Webhooks are not told of this.")
	}
	var hook *ent.Webhook
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
		hook, err = find(ctx, tx, id)
		if err := errors.Join(err, wrong); err != nil {
			return err
		}
		return s.recorded(ctx, tx, id, audit.WebhookTested, map[string]string{"kind": kind, "sent": strconv.FormatBool(send), "host": hostOf(hook.URL)})
	})
	if err != nil {
		return nil, err
	}
	return s.tryOut(ctx, hook, kind, send)
}

func (s *Service) tryOut(ctx context.Context, hook *ent.Webhook, kind string, send bool) (*Tryout, error) {
	now := s.Now()
	event := body{ID: gid.WebhookEvent.Format(gid.New()), Type: kind, CreatedAt: now, Test: true, Data: about{sampleObject(kind), printed(hook.DistributorID)}}
	text := event.String()
	headers, err := s.headers(hook, event.ID, now, text)
	if err != nil {
		return nil, err
	}
	out := &Tryout{Method: http.MethodPost, Host: hostOf(hook.URL), Headers: headers, Body: text}
	if !send {
		return out, nil
	}
	answer, err := s.call(ctx, hook, headers, text)
	if err != nil {
		return nil, err
	}
	out.Answer = &answer
	return out, nil
}

// sampleObject is the id of nothing, of the kind that an event is about.
func sampleObject(kind string) *string {
	about := gid.Lead
	switch {
	case strings.HasPrefix(kind, "PERIOD_"):
		return nil
	case strings.HasPrefix(kind, "GOAL_"):
		about = gid.Goal
	case strings.HasPrefix(kind, "STATEMENT_"):
		about = gid.Statement
	}
	text := about.Format(gid.New())
	return &text
}
