// Package email sends e-mail: by the API of Elastic Email (elastic.go) or by SMTP (smtp.go). What Elastic Email tells afterwards comes
// as a hint that anybody could have written (hint.go), and is asked of its API (confirm.go).
package email

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"channelbook/internal/gid"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
)

// patience is how long the provider may take for one message. Its own limit of 600 s is far more than a job has.
const patience = 20 * time.Second

// Elastic sends by Elastic Email's API v4. It may be used by several at once.
type Elastic struct {
	URL    string // such as https://api.elasticemail.com/v4
	Key    seal.Secret
	From   string        // an address, with a name or without
	Within time.Duration // how long a call may take

	client *http.Client
	slots  chan struct{} // one for each call that is under way
}

// NewElastic is a sender from an account that has so many calls under way at once, questions included. The account takes 20 from all
// who use it.
func NewElastic(url string, key seal.Secret, from string, atOnce int) *Elastic {
	return &Elastic{URL: url, Key: key, From: from, Within: patience, client: channel.NewClient(), slots: make(chan struct{}, atOnce)}
}

// transactional is the body of POST /emails/transactional.
type transactional struct {
	Recipients recipients
	Content    content
}

type recipients struct{ To []string }

type content struct {
	From         string
	Subject      string            `json:",omitempty"`
	Body         []body            `json:",omitempty"`
	TemplateName string            `json:",omitempty"`
	Merge        map[string]string `json:",omitempty"`
	Headers      map[string]string
	Postback     string
}

type body struct{ ContentType, Content, Charset string }

// DeliveryHeader holds our id of a message, the same at each attempt, so that a repeat can be recognised.
const DeliveryHeader = "X-Channelbook-Delivery"

// Send hands a message over, to one recipient: those of one call would see each other.
func (e *Elastic) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	if err := deliverable(m.To); err != nil {
		return channel.Receipt{}, err
	}
	written, err := json.Marshal(e.letter(m))
	if err != nil {
		return channel.Receipt{}, fmt.Errorf("write the call: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+"/emails/transactional", bytes.NewReader(written))
	if err != nil {
		return channel.Receipt{}, fmt.Errorf("make the call: %w", err)
	}
	answer, err := e.call(ctx, r)
	if err != nil {
		return channel.Receipt{}, err
	}
	return receipt(answer, m)
}

func (e *Elastic) call(ctx context.Context, r *http.Request) (channel.Answer, error) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return channel.Answer{}, fmt.Errorf("wait for a connection to Elastic Email: %w", ctx.Err())
	}
	r.Header.Set("X-ElasticEmail-ApiKey", string(e.Key))
	r.Header.Set("Content-Type", "application/json")
	return channel.Call(ctx, e.client, r, e.Within)
}

func (e *Elastic) letter(m channel.Message) transactional {
	id := gid.Delivery.Format(m.Delivery)
	c := content{From: e.From, Subject: oneLine(m.Subject), Postback: id, Headers: map[string]string{DeliveryHeader: id}}
	if m.Template == "" {
		c.Body = []body{{"HTML", m.HTML, "utf-8"}, {"PlainText", m.Text, "utf-8"}}
	} else {
		c.TemplateName, c.Merge = m.Template, make(map[string]string, len(m.Parameters))
		for _, p := range m.Parameters {
			c.Merge[p.Name] = noMarks.Replace(p.Value)
		}
	}
	return transactional{recipients{[]string{m.To}}, c}
}

// receipt reads an answer. 200 says that the message was taken and not that it has arrived.
func receipt(a channel.Answer, m channel.Message) (channel.Receipt, error) {
	if a.Status/100 != 2 {
		return channel.Receipt{}, refusal(a, m)
	}
	var taken struct{ TransactionID, MessageID string }
	if err := json.Unmarshal(a.Body, &taken); err != nil || taken.TransactionID == "" && taken.MessageID == "" {
		return channel.Receipt{}, &channel.Failure{Class: channel.Unclear, Code: "BROKEN_ANSWER", Text: "the answer does not say which message it is about"}
	}
	return channel.Receipt{ID: taken.MessageID, Transaction: taken.TransactionID}, nil
}

// refusal is the failure of an answer that is no success. What the body of an error looks like is not documented.
func refusal(a channel.Answer, m channel.Message) *channel.Failure {
	var said struct{ Error string }
	_ = json.Unmarshal(a.Body, &said) // it may be anything
	f := &channel.Failure{Class: classOf(a.Status, said.Error), Code: fmt.Sprintf("HTTP_%d", a.Status), Text: channel.Words(said.Error, m)}
	if f.Class == channel.Passing {
		f.After = a.After
	}
	return f
}

// classOf says what a status means. A 5xx is an answer of somebody who did not take the message, but 504 comes from one who has
// waited in vain for somebody who may have.
func classOf(status int, said string) channel.Class {
	switch {
	case status == http.StatusGatewayTimeout:
		return channel.Unclear
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return channel.Passing
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusPaymentRequired, status < 400:
		return channel.Refused
	}
	said = strings.ToLower(said)
	if strings.Contains(said, "quota") || strings.Contains(said, "not enough credit") {
		return channel.Refused
	}
	return channel.Unfit
}

// noMarks takes the marks of HTML out of a value: whether Elastic Email escapes what it puts into a template is not documented, and
// one value serves HTML and plain text.
var noMarks = strings.NewReplacer("<", "‹", ">", "›")
