package whatsapp

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
)

// Callbacks are what Meta tells of messages. All fields are required.
type Callbacks struct {
	DB          *db.DB
	AppSecret   seal.Secret // what calls are signed by
	VerifyToken seal.Secret // what Meta shows when the address is entered
	// Report takes in what is told.
	Report func(ctx context.Context, reports ...channel.Report) error
}

// Genuine tells whether a body was signed by Meta, by the header X-Hub-Signature-256: asked before anything of it is read.
func (c *Callbacks) Genuine(header string, body []byte) bool {
	text, ok := strings.CutPrefix(header, "sha256=")
	signature, err := hex.DecodeString(text)
	if !ok || err != nil || c.AppSecret == "" {
		return false
	}
	mac := hmac.New(sha256.New, []byte(c.AppSecret))
	mac.Write(body)
	return hmac.Equal(signature, mac.Sum(nil))
}

// Verifies tells whether somebody who enters the address knows the token.
func (c *Callbacks) Verifies(token string) bool {
	return c.VerifyToken != "" && hmac.Equal([]byte(token), []byte(c.VerifyToken))
}

// Told is the job that takes in statuses. It holds ids, times and codes, and no phone.
type Told struct {
	Statuses []Status `json:"statuses"`
}

// Kind is the job's name.
func (Told) Kind() string { return "whatsapp_statuses" }

// Status is how far a message came, as Meta tells.
type Status struct {
	Delivery gid.ID         `json:"delivery"`
	ID       string         `json:"id"`
	Status   channel.Status `json:"status"`
	At       time.Time      `json:"at"`
	Codes    []int          `json:"codes,omitempty"` // of a failure
}

// told is a call of Meta's, as far as it matters.
type told struct {
	Entry []struct {
		Changes []struct {
			Value struct {
				Statuses []struct {
					ID        string  `json:"id"`
					Status    string  `json:"status"`
					Timestamp seconds `json:"timestamp"`
					Delivery  string  `json:"biz_opaque_callback_data"`
					Errors    []struct {
						Code int `json:"code"`
					} `json:"errors"`
				} `json:"statuses"`
			} `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

// seconds are those since 1970, which Meta writes as a string.
type seconds int64

// UnmarshalJSON reads them in either way, and 0 where there are none.
func (n *seconds) UnmarshalJSON(raw []byte) error {
	v, _ := strconv.ParseInt(string(bytes.Trim(raw, `"`)), 10, 64)
	*n = seconds(v)
	return nil
}

// time is now where there are none, or such as cannot be: a year of five digits could not be kept, and the call would come again for ever.
func (n seconds) time() time.Time {
	now := time.Now().UTC().Truncate(time.Microsecond)
	if n <= 0 || int64(n) > now.Add(24*time.Hour).Unix() {
		return now
	}
	return time.Unix(int64(n), 0).UTC()
}

var names = map[string]channel.Status{"sent": channel.Sent, "delivered": channel.Delivered, "read": channel.Read, "failed": channel.Failed}

// longestID is how long a wamid may be.
const longestID = 200

// Read reads the statuses of a call, in its order. What is not about a message of ours is left out: messages that people write,
// statuses that are not known, those of other systems that send from the number. The error says nothing of what was sent.
func Read(body []byte) ([]Status, error) {
	var all told
	if json.Unmarshal(body, &all) != nil {
		return nil, errors.New("the body is not a call of Meta's in JSON")
	}
	var found []Status
	for _, e := range all.Entry {
		for _, c := range e.Changes {
			for _, s := range c.Value.Statuses {
				delivery, err := gid.Delivery.Parse(s.Delivery)
				status, known := names[s.Status]
				if err != nil || !known || s.ID == "" || len(s.ID) > longestID {
					continue
				}
				of := Status{Delivery: delivery, ID: s.ID, Status: status, At: s.Timestamp.time()}
				for _, e := range s.Errors {
					of.Codes = append(of.Codes, e.Code)
				}
				found = append(found, of)
			}
		}
	}
	return found, nil
}

// atOnce is how many statuses a job has.
const atOnce = 100

// Take has statuses taken in once they are kept.
func (c *Callbacks) Take(ctx context.Context, statuses []Status) error {
	var all []jobs.Job
	for some := range slices.Chunk(statuses, atOnce) {
		all = append(all, jobs.Job{Args: Told{some}})
	}
	if err := db.WithTx(ctx, c.DB, func(tx *db.Tx) error { return jobs.Enqueue(ctx, tx, all...) }); err != nil {
		return fmt.Errorf("enqueue what WhatsApp tells: %w", err)
	}
	return nil
}

// Work has a queue do what this package enqueues.
func (c *Callbacks) Work(q *jobs.Queue) { jobs.Work(q, c.takeIn) }

func (c *Callbacks) takeIn(ctx context.Context, t Told) error {
	reports := make([]channel.Report, len(t.Statuses))
	for i, s := range t.Statuses {
		reports[i] = s.report()
	}
	if err := c.Report(ctx, reports...); err != nil {
		return fmt.Errorf("take in what WhatsApp tells: %w", err)
	}
	return nil
}

func (s Status) report() channel.Report {
	r := channel.Report{Channel: channel.WhatsApp, Delivery: s.Delivery, ID: s.ID, Status: s.Status, At: s.At}
	if s.Status != channel.Failed {
		return r
	}
	r.Failure = &channel.Failure{Class: channel.Unfit, Code: "NO_CODE", Text: "Meta does not say why"}
	if len(s.Codes) > 0 {
		r.Failure = failureOf(s.Codes[0])
	}
	return r
}
