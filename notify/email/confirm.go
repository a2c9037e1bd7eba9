package email

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
)

// confirm asks what became of a message, and reports it. The transaction is the one by which the message was sent, where that is
// known: a hint names one only where nobody knows how its sending ended, and then none that another message has.
func (c *Callbacks) confirm(ctx context.Context, of Confirm) error {
	transaction, err := c.transaction(ctx, of)
	if err != nil || transaction == "" {
		return err
	}
	events, err := c.Elastic.events(ctx, transaction)
	if err != nil {
		return err
	}
	var told []channel.Report
	for _, e := range events {
		told = append(told, e.reports(of)...)
	}
	if len(told) > 0 {
		if err := c.Report(ctx, told...); err != nil {
			return fmt.Errorf("take in what became of an e-mail: %w", err)
		}
	}
	shown := slices.ContainsFunc(events, func(e event) bool { return slices.Contains(statuses[of.Status], e.EventType) })
	if shown || of.Time >= len(again) {
		return nil
	}
	at := time.Now().Add(again[of.Time])
	of.Time++
	return c.enqueue(ctx, jobs.Job{Args: of, At: at})
}

// transaction is the one to ask about; empty where the hint is about nothing of ours.
func (c *Callbacks) transaction(ctx context.Context, of Confirm) (string, error) {
	d, err := c.DB.Delivery.Query().Where(delivery.ID(of.Delivery), delivery.ChannelEQ(channel.Email)).Select(delivery.FieldTransactionID).Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read the delivery that a hint is about: %w", err)
	case d.TransactionID != "":
		return d.TransactionID, nil
	}
	anothers, err := c.DB.Delivery.Query().Where(delivery.TransactionID(of.Transaction)).Exist(ctx)
	if err != nil {
		return "", fmt.Errorf("read whose transaction a hint names: %w", err)
	}
	if anothers {
		return "", nil
	}
	return of.Transaction, nil
}

// event is what the API tells of a message.
type event struct{ MsgID, EventType, EventDate, MessageCategory, Message string }

// events are what the API knows of a transaction; none where it knows none by that id.
func (e *Elastic) events(ctx context.Context, transaction string) ([]event, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, e.URL+"/events/"+url.PathEscape(transaction)+"?limit=100", nil)
	if err != nil {
		return nil, fmt.Errorf("make the question: %w", err)
	}
	a, err := e.call(ctx, r)
	switch {
	case err != nil:
		return nil, fmt.Errorf("ask Elastic Email what became of a message: %w", err)
	case a.Status == http.StatusNotFound:
		return nil, nil
	case a.Status != http.StatusOK:
		return nil, fmt.Errorf("ask Elastic Email what became of a message: it answers %d", a.Status)
	}
	var events []event
	if json.Unmarshal(a.Body, &events) != nil { // the error would quote what it says
		return nil, errors.New("ask Elastic Email what became of a message: its answer cannot be read")
	}
	return events, nil
}

// at is when it came about: Elastic Email writes UTC without saying so.
func (e event) at() time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, e.EventDate); err == nil {
			return t.UTC().Truncate(time.Microsecond)
		}
	}
	return time.Now().UTC().Truncate(time.Microsecond)
}

// reports are what an event says in our words; none of what will be tried again, or is not known.
func (e event) reports(of Confirm) []channel.Report {
	told := func(s channel.Status, f *channel.Failure) channel.Report {
		return channel.Report{Channel: channel.Email, Delivery: of.Delivery, ID: e.MsgID, Status: s, At: e.at(), Failure: f}
	}
	switch e.EventType {
	case "Submission", "Sent":
		return []channel.Report{told(channel.Sent, nil)}
	case "Open", "Click":
		return []channel.Report{told(channel.Delivered, nil), told(channel.Read, nil)}
	case "Complaint", "Unsubscribe": // who does that has got it
		return []channel.Report{told(channel.Delivered, &channel.Failure{Class: channel.Unwanted, Code: e.EventType})}
	case "Bounce", "FailedAttempt":
		class, ends := ofCategory(e.MessageCategory)
		if !ends || e.EventType == "FailedAttempt" && class != channel.Unwanted {
			return nil
		}
		return []channel.Report{told(channel.Failed, &channel.Failure{Class: class, Code: e.MessageCategory, Text: channel.Words(e.Message, channel.Message{})})}
	}
	return nil
}

// categories are why a message did not arrive.
var categories = map[string]channel.Class{
	"NoMailbox": channel.Unwanted, "Spam": channel.Unwanted, "BlackListed": channel.Unwanted, "Complaint": channel.Unwanted, "Unsubscribe": channel.Unwanted,
	"GreyListed": channel.Passing, "Throttled": channel.Passing, "Timeout": channel.Passing, "ConnectionProblem": channel.Passing, "DNSProblem": channel.Passing,
	"ConnectionTerminated": channel.Passing,
	"SPFProblem":           channel.Refused, // our domain's
	"CodeError":            channel.Unfit, "ManualCancel": channel.Unfit, "NotDeliveredCancelled": channel.Unfit,
}

// ofCategory says what a category means for the recipient: one that is not known, or that a mailbox is full, has the next channel
// take over. ends is false where Elastic Email tries again.
func ofCategory(category string) (class channel.Class, ends bool) {
	class, known := categories[category]
	if !known {
		return channel.Unreachable, true
	}
	return class, class != channel.Passing
}
