package webhooks

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/internal/gid"
)

// Kinds are the events that webhooks are told of: the kinds of notices but for what concerns people alone.
var Kinds = []notice.Kind{
	notice.KindLEAD_ASSIGNED, notice.KindLEAD_WITHDRAWN, notice.KindLEAD_TAKEN, notice.KindLEAD_DECLINED, notice.KindLEAD_UNASSIGNED, notice.KindLEAD_RESTRICTED,
	notice.KindSALE_REGISTERED, notice.KindSALE_REVERSED,
	notice.KindGOAL_SET, notice.KindGOAL_REMOVED, notice.KindGOAL_MILESTONE, notice.KindPERIOD_CLOSED, notice.KindPERIOD_REOPENED,
	notice.KindSTATEMENT_DRAWN_UP, notice.KindSTATEMENT_APPROVED, notice.KindSTATEMENT_PAID,
}

func isEvent(kind string) bool { return slices.Contains(Kinds, notice.Kind(kind)) }

// keyOf names the event that a notice tells of. Several tell of one, in words for different people: they agree in kind, object and
// moment. Where there is no object, each notice is an event.
func keyOf(n *ent.Notice) string {
	if n.Object == "" {
		return n.ID.String()
	}
	return strings.Join([]string{string(n.Kind), n.Object, n.At.UTC().Format(time.RFC3339Nano)}, "|")
}

// body is what is sent: ids alone, so that whoever receives it asks for the rest by the API, as far as the asker may see it.
type body struct {
	ID        string    `json:"id"`
	Type      string    `json:"type"`
	CreatedAt time.Time `json:"createdAt"`
	Test      bool      `json:"test,omitempty"`
	Data      about     `json:"data"`
}

// about is what an event is about; null: nothing, and no distributor's.
type about struct {
	Object        *string `json:"object"`
	DistributorID *string `json:"distributorId"`
}

func bodyOf(id gid.ID, n *ent.Notice) string {
	b := body{ID: gid.WebhookEvent.Format(id), Type: string(n.Kind), CreatedAt: n.At.UTC()}
	if n.Object != "" {
		b.Data.Object = &n.Object
	}
	b.Data.DistributorID = printed(n.DistributorID)
	return b.String()
}

func printed(distributor *gid.ID) *string {
	if distributor == nil {
		return nil
	}
	text := gid.Distributor.Format(*distributor)
	return &text
}

// String is the JSON.
func (b body) String() string {
	text, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Errorf("write an event: %w", err)) // they are texts
	}
	return string(text)
}
