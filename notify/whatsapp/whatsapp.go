// Package whatsapp sends template messages by the WhatsApp Business Cloud API (Sender), and reads what Meta tells of them afterwards
// (statuses.go). What a failure means stands in codes.go.
package whatsapp

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"channelbook/internal/gid"
	"channelbook/internal/seal"
	"channelbook/notify/channel"
)

// How a number sends. Meta takes 80 messages a second from it: perSecond and the burst together stay below that in any second.
const (
	patience  = 20 * time.Second
	perSecond = 60
	burst     = 15
)

// Sender sends from a number. It may be used by several at once.
type Sender struct {
	URL    string // such as https://graph.facebook.com/v23.0
	Number string // its id
	Token  seal.Secret
	Within time.Duration // how long a call may take

	client *http.Client
	pace   *rate.Limiter
}

// New is a sender from a number.
func New(url, number string, token seal.Secret) *Sender {
	return &Sender{URL: url, Number: number, Token: token, Within: patience, client: channel.NewClient(), pace: rate.NewLimiter(perSecond, burst)}
}

// call is the body of POST /{number}/messages.
type call struct {
	Product  string   `json:"messaging_product"`
	Kind     string   `json:"recipient_type"`
	To       string   `json:"to"`
	Type     string   `json:"type"`
	Template template `json:"template"`
	Delivery string   `json:"biz_opaque_callback_data"`
}

type template struct {
	Name       string      `json:"name"`
	Language   language    `json:"language"`
	Components []component `json:"components,omitempty"`
}

type language struct {
	Code string `json:"code"`
}

type component struct {
	Type       string      `json:"type"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// Send hands a template message over. One without a template is Unfit: outside of a conversation that the recipient has begun Meta
// takes nothing else.
func (s *Sender) Send(ctx context.Context, m channel.Message) (channel.Receipt, error) {
	if m.Template == "" {
		return channel.Receipt{}, &channel.Failure{Class: channel.Unfit, Code: "NO_TEMPLATE", Text: "a message by WhatsApp needs a template"}
	}
	to := strings.TrimPrefix(m.To, "+")
	if to == "" || len(to) > 15 || strings.Trim(to, "0123456789") != "" {
		return channel.Receipt{}, &channel.Failure{Class: channel.Unreachable, Code: "INVALID_PHONE", Text: "the recipient's phone is none"}
	}
	written, err := json.Marshal(call{
		Product: "whatsapp", Kind: "individual", To: to, Type: "template", Delivery: gid.Delivery.Format(m.Delivery),
		Template: template{Name: m.Template, Language: language{cmp.Or(m.Language, "ru")}, Components: components(m.Parameters)},
	})
	if err != nil {
		return channel.Receipt{}, fmt.Errorf("write the call: %w", err)
	}
	if err := s.pace.Wait(ctx); err != nil {
		if ctx.Err() != nil {
			return channel.Receipt{}, fmt.Errorf("wait for the number's turn: %w", ctx.Err())
		}
		return channel.Receipt{}, &channel.Failure{Class: channel.Passing, Code: "PACE", Text: "too many messages wait for the number"}
	}
	return s.send(ctx, m, written)
}

func (s *Sender) send(ctx context.Context, m channel.Message, written []byte) (channel.Receipt, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/"+s.Number+"/messages", bytes.NewReader(written))
	if err != nil {
		return channel.Receipt{}, fmt.Errorf("make the call: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+string(s.Token))
	r.Header.Set("Content-Type", "application/json")
	answer, err := channel.Call(ctx, s.client, r, s.Within)
	if err != nil {
		return channel.Receipt{}, err
	}
	return receipt(answer, m)
}

// components are the values of the template's body. Meta refuses line breaks, tabs and runs of spaces in one, and empty ones.
func components(of []channel.Parameter) []component {
	if len(of) == 0 {
		return nil
	}
	body := component{Type: "body"}
	for _, p := range of {
		body.Parameters = append(body.Parameters, parameter{"text", cmp.Or(strings.Join(strings.Fields(p.Value), " "), "—")})
	}
	return []component{body}
}

// answered is what Meta answers.
type answered struct {
	Messages []struct {
		ID string `json:"id"`
	} `json:"messages"`
	Error *struct {
		Code    *int   `json:"code"`
		Message string `json:"message"`
		Data    struct {
			Details string `json:"details"`
		} `json:"error_data"`
	} `json:"error"`
}

// receipt reads an answer: an error by its code, whatever its status.
func receipt(a channel.Answer, m channel.Message) (channel.Receipt, error) {
	var said answered
	broken := json.Unmarshal(a.Body, &said) != nil
	switch {
	case !broken && said.Error != nil && said.Error.Code != nil:
		return channel.Receipt{}, refusal(a, *said.Error.Code, said.Error.Message+" "+said.Error.Data.Details, m)
	case a.Status/100 != 2:
		return channel.Receipt{}, withAfter(&channel.Failure{Class: ofStatus(a.Status), Code: "HTTP_" + strconv.Itoa(a.Status), Text: "the answer has no code"}, a)
	case broken || len(said.Messages) == 0 || said.Messages[0].ID == "":
		return channel.Receipt{}, &channel.Failure{Class: channel.Unclear, Code: "BROKEN_ANSWER", Text: "the answer does not say which message it is about"}
	}
	return channel.Receipt{ID: said.Messages[0].ID}, nil
}

func refusal(a channel.Answer, code int, said string, m channel.Message) *channel.Failure {
	f := failureOf(code)
	if _, known := ofCode(code); !known {
		f.Class = ofStatus(a.Status)
	}
	f.Text = cmp.Or(channel.Words(said, m), f.Text)
	return withAfter(f, a)
}

// withAfter heeds Retry-After where waiting helps.
func withAfter(f *channel.Failure, a channel.Answer) *channel.Failure {
	if f.Class == channel.Passing || f.Class == channel.Crowded {
		f.After = max(f.After, a.After)
	}
	return f
}
