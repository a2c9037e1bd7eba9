package email

import (
	"context"
	"crypto/hmac"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
)

// Callbacks are what Elastic Email tells of messages after it has taken them. Its calls are not signed, so they are hints: each has
// the API asked, and what the API says is taken in. All fields are required.
type Callbacks struct {
	DB      *db.DB
	Elastic *Elastic
	Token   seal.Secret // the secret part of the address that is called
	// Report takes in what is told.
	Report func(ctx context.Context, reports ...channel.Report) error
}

// Genuine tells whether somebody knows the secret part of the address.
func (c *Callbacks) Genuine(token string) bool {
	return c.Token != "" && hmac.Equal([]byte(token), []byte(c.Token))
}

// Confirm is the job that asks the API what became of a message, after a hint. It holds ids and no address.
type Confirm struct {
	Delivery    gid.ID `json:"delivery"`
	Transaction string `json:"transaction"`
	Message     string `json:"message"`
	Status      string `json:"status"` // that the hint told of
	Time        int    `json:"time"`   // how often it was asked in vain
}

// Kind is the job's name.
func (Confirm) Kind() string { return "email_confirm" }

// statuses are those of a hint, each with the event types by which the API shows it.
var statuses = map[string][]string{
	"Sent": {"Sent"}, "Opened": {"Open"}, "Clicked": {"Click"}, "Error": {"Bounce", "FailedAttempt"}, "AbuseReport": {"Complaint"}, "Unsubscribed": {"Unsubscribe"},
}

// longestID is how long an id of the provider may be.
const longestID = 100

// ReadHint reads the parameters of a call. It is false for one that tells nothing of a message of ours, as a check of the address
// does.
func ReadHint(v url.Values) (Confirm, bool) {
	delivery, err := gid.Delivery.Parse(v.Get("postback"))
	c := Confirm{Delivery: delivery, Transaction: v.Get("transaction"), Message: v.Get("messageid"), Status: v.Get("status")}
	return c, err == nil && statuses[c.Status] != nil && isID(c.Transaction) && (c.Message == "" || isID(c.Message))
}

// isID tells whether a text can be an id of the provider: it becomes a part of an address, and is kept.
func isID(s string) bool {
	return s != "" && len(s) <= longestID && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && !slices.Contains([]rune("-_"), r)
	})
}

// Take has the API asked about what a hint is about.
func (c *Callbacks) Take(ctx context.Context, hint Confirm) error {
	return c.enqueue(ctx, jobs.Job{Args: hint})
}

func (c *Callbacks) enqueue(ctx context.Context, j jobs.Job) error {
	err := db.WithTx(ctx, c.DB, func(tx *db.Tx) error { return jobs.Enqueue(ctx, tx, j) })
	if err != nil {
		return fmt.Errorf("enqueue the question what became of an e-mail: %w", err)
	}
	return nil
}

// Work has a queue do what this package enqueues.
func (c *Callbacks) Work(q *jobs.Queue) { jobs.Work(q, c.confirm) }

// again is how long to wait before the API is asked once more that does not show yet what a hint was about, by how often it was.
var again = []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour}
