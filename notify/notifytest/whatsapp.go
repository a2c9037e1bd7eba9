package notifytest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"channelbook/notify/channel"
)

// What the double of WhatsApp knows: the token, others get 401 with code 190; and the id of the number, others 400 with 33.
const (
	WhatsAppToken  = "double-of-whatsapp"
	WhatsAppNumber = "106540352242922"
)

// WhatsApp is a double of the Cloud API: POST /v23.0/{number}/messages.
type WhatsApp struct{ *Provider }

// NewWhatsApp starts one that ends with the test.
func NewWhatsApp(t testing.TB) *WhatsApp {
	t.Helper()
	w := &WhatsApp{newProvider(t)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v23.0/{number}/messages", w.send)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	w.URL = server.URL + "/v23.0"
	return w
}

type whatsAppCall struct {
	Product  string `json:"messaging_product"`
	Kind     string `json:"recipient_type"`
	To       string `json:"to"`
	Type     string `json:"type"`
	Template struct {
		Name     string `json:"name"`
		Language struct {
			Code string `json:"code"`
		} `json:"language"`
		Components []struct {
			Type       string `json:"type"`
			Parameters []struct {
				Type string `json:"type"`
				Text string `json:"text"`
			} `json:"parameters"`
		} `json:"components"`
	} `json:"template"`
	Delivery string `json:"biz_opaque_callback_data"`
}

func (p *WhatsApp) send(w http.ResponseWriter, r *http.Request) {
	a, drawn, end := p.begin()
	defer end()
	if a.Cut {
		panic(http.ErrAbortHandler)
	}
	raw, _ := io.ReadAll(r.Body)
	var call whatsAppCall
	err := json.Unmarshal(raw, &call)
	s := call.sent(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), string(raw))
	if !drawn {
		a = p.judge(s)
	}
	switch {
	case !hmac.Equal([]byte(s.Key), []byte(WhatsAppToken)):
		a = Answer{Status: http.StatusUnauthorized, Code: 190, Text: "Invalid OAuth access token"}
	case r.PathValue("number") != WhatsAppNumber:
		a = Answer{Code: 33, Text: "Object with this ID does not exist"}
	case err != nil || call.Product != "whatsapp" || call.Kind != "individual" || call.Type != "template" || call.Template.Name == "":
		a = Answer{Code: 100, Text: "Invalid parameter"}
	}
	p.note(&s, a.taken(), func(n int, s *Sent) { s.ID = fmt.Sprintf("wamid.double%d", n) })
	p.answer(w, r, a,
		text(map[string]any{
			"messaging_product": "whatsapp", "contacts": []any{map[string]string{"input": s.To, "wa_id": s.To}}, "messages": []any{map[string]string{"id": s.ID}},
		}),
		text(map[string]any{"error": map[string]any{
			"message": fmt.Sprintf("(#%d) %s", a.Code, a.Text), "type": "OAuthException", "code": a.Code,
			"error_data": map[string]string{"messaging_product": "whatsapp", "details": a.Text}, "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
		}}))
}

func (c whatsAppCall) sent(key, raw string) Sent {
	s := Sent{Delivery: c.Delivery, To: c.To, Template: c.Template.Name, Language: c.Template.Language.Code, Key: key, Raw: raw, At: time.Now()}
	for _, component := range c.Template.Components {
		for _, p := range component.Parameters {
			s.Parameters = append(s.Parameters, channel.Parameter{Value: p.Text})
		}
	}
	return s
}

// Status is what WhatsApp tells of a message: sent, delivered, read or failed with a code.
type Status struct {
	Of     Sent
	Status string
	Code   int
	At     time.Time // now where it is zero
}

// StatusCall is a body as Meta sends it to /hooks/whatsapp, with all of the statuses.
func StatusCall(statuses ...Status) []byte {
	list := make([]any, len(statuses))
	for i, s := range statuses {
		at := s.At
		if at.IsZero() {
			at = time.Now()
		}
		of := map[string]any{
			"id": s.Of.ID, "status": s.Status, "timestamp": strconv.FormatInt(at.Unix(), 10), "recipient_id": s.Of.To, "biz_opaque_callback_data": s.Of.Delivery,
			"conversation": map[string]any{"id": "f3a0", "origin": map[string]string{"type": "utility"}}, "pricing": map[string]any{"billable": true, "category": "utility"},
		}
		if s.Code != 0 {
			of["errors"] = []any{map[string]any{"code": s.Code, "title": "Failed", "message": "Failed to " + s.Of.To, "error_data": map[string]string{"details": "not to " + s.Of.To}}}
		}
		list[i] = of
	}
	return []byte(text(map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{
		"id": "102290129340398", "changes": []any{map[string]any{"field": "messages", "value": map[string]any{
			"messaging_product": "whatsapp", "metadata": map[string]string{"display_phone_number": "15550783881", "phone_number_id": WhatsAppNumber}, "statuses": list,
		}}},
	}}}))
}

// Sign is the header X-Hub-Signature-256 of a body.
func Sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}
