package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	entchannelstate "channelbook/ent/channelstate"
	"channelbook/ent/delivery"
	"channelbook/ent/notification"
	"channelbook/ent/suppression"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// sentTo is an e-mail to a person of a company that was taken and complained of: a row in each table that sending writes.
func (h *house) sentTo(user, company gid.ID) gid.ID {
	h.t.Helper()
	ctx := h.system()
	row := h.db.Delivery.Create().SetPurpose(delivery.PurposeNOTICE).SetChannel(delivery.ChannelEMAIL).SetKind(delivery.KindMESSAGE).SetUserID(user).SetDistributorID(company).
		SetStatus(delivery.StatusSENT).SetCreatedAt(h.now()).SetDueAt(h.now()).SetAttempts(1).SetBegunAt(h.now()).SetSentAt(h.now()).SetProviderID("theirs").
		SetErrorCode("Spam").SetError("some words").SaveX(ctx)
	for _, n := range h.db.Notification.Query().Where(notification.UserID(user)).AllX(ctx) {
		h.db.DeliveryItem.Create().SetDeliveryID(row.ID).SetNoticeID(n.NoticeID).SetUserID(user).ExecX(ctx)
	}
	if !h.db.DeliveryItem.Query().ExistX(ctx) {
		h.db.DeliveryItem.Create().SetDeliveryID(row.ID).SetNoticeID(gid.New()).SetUserID(user).ExecX(ctx)
	}
	h.db.DeliveryReport.Create().SetDeliveryID(row.ID).SetProviderID("theirs").SetStatus("SENT").SetAt(h.now()).SetCameAt(h.now()).ExecX(ctx)
	h.db.Suppression.Create().SetChannel(suppression.ChannelEMAIL).SetAddressIndex(row.ID[:]).SetReason("Spam").SetDeliveryID(row.ID).SetUserID(user).SetAt(h.now()).ExecX(ctx)
	h.db.Pace.Create().SetChannel("EMAIL").SetSubject(row.ID.String()).SetNotBefore(h.now()).ExecX(ctx)
	if !h.db.ChannelState.Query().ExistX(ctx) {
		h.db.ChannelState.Create().SetChannel(entchannelstate.ChannelEMAIL).SetState(entchannelstate.StateSTOPPED).SetStops(1).SetCode("503").SetSince(h.now()).SetRetryAt(h.now().Add(time.Minute)).ExecX(ctx)
	}
	return row.ID
}

func TestDeliveriesAreListedAndFiltered(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		h.worker("roma", company)
		h.worker("vera", company)
		roma, vera := h.idOf("roma"), h.idOf("vera")
		first, second := h.sentTo(roma, company), h.sentTo(vera, company)
		h.db.Delivery.UpdateOneID(second).SetStatus(delivery.StatusDEAD).ExecX(h.system())
		for filter, want := range map[string][]gid.ID{
			`{}`:                 {second, first},
			`{statuses: [DEAD]}`: {second}, `{statuses: [DEAD, SENT]}`: {second, first}, `{channels: [WHATSAPP]}`: nil, `{channels: [EMAIL]}`: {second, first},
			`{purposes: [NOTICE]}`: {second, first}, `{purposes: [WELCOME]}`: nil, `{kinds: [MESSAGE]}`: {second, first}, `{kinds: [GOAL_SET]}`: nil,
			`{userIds: ["` + gid.User.Format(roma) + `"]}`: {first}, `{distributorIds: ["` + gid.Distributor.Format(company) + `"], statuses: [SENT]}`: {first},
			`{leadIds: ["` + gid.Lead.Format(gid.New()) + `"]}`: nil, `{createdFrom: "2027-01-01T00:00:00Z"}`: nil, `{createdTo: "2027-01-01T00:00:00Z"}`: {second, first},
		} {
			r := h.must(boss, `{ deliveries(filter: `+filter+`) { totalCount edges { node { id } } } }`, nil)
			var ids []string
			for _, id := range want {
				ids = append(ids, fmt.Sprintf(`{"node":{"id":%q}}`, gid.Delivery.Format(id)))
			}
			if !strings.Contains(r.raw, `"edges":[`+strings.Join(ids, ",")+`]`) || r.at("deliveries", "totalCount") != float64(len(want)) {
				t.Errorf("%s: got %s, want %v", filter, r.raw, want)
			}
		}
		r := h.must(boss, `query($id: ID!) { node(id: $id) { ... on Delivery { id purpose channel kind status attempts round repeated fallback providerId errorCode error sentAt deliveredAt user { login } distributor { companyName } lead { id } } } }`,
			vars{"id": gid.Delivery.Format(first)})
		if r.at("node", "user", "login") != "roma" || r.at("node", "distributor", "companyName") != "Ромашка" || r.at("node", "errorCode") != "Spam" || r.at("node", "deliveredAt") != nil {
			t.Errorf("got %s", r.raw)
		}
		page := h.must(boss, `{ deliveries(first: 1) { pageInfo { endCursor hasNextPage } edges { node { user { login } } } } }`, nil)
		next := h.must(boss, `query($a: String) { deliveries(first: 1, after: $a) { pageInfo { hasNextPage } edges { node { user { login } } } } }`, vars{"a": page.at("deliveries", "pageInfo", "endCursor")})
		if page.at("deliveries", "edges", 0, "node", "user", "login") != "vera" || next.at("deliveries", "edges", 0, "node", "user", "login") != "roma" {
			t.Errorf("got %s and %s", page.raw, next.raw)
		}
	})
}

func TestAdministratorsSeeHowChannelsStand(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		h.worker("roma", company)
		id := h.sentTo(h.idOf("roma"), company)
		h.db.Delivery.UpdateOneID(id).SetStatus(delivery.StatusDEAD).ExecX(h.system())
		r := h.must(boss, `{ channelStates { channel setUp enabled state code waitingCount deadCount retryAt since } suppressions { totalCount edges { node { id channel reason user { login } lead { id } at } } } }`, nil)
		if r.at("channelStates", 0, "state") != "STOPPED" || r.at("channelStates", 0, "code") != "503" || r.at("channelStates", 0, "deadCount") != 1.0 ||
			r.at("channelStates", 1, "state") != "RUNNING" || r.at("channelStates", 1, "enabled") != false || r.at("suppressions", "edges", 0, "node", "user", "login") != "roma" {
			t.Errorf("got %s", r.raw)
		}
		got := h.must(boss, `mutation($id: ID!) { retryDelivery(input: {id: $id}) { delivery { status round attempts } userErrors { code } } }`, vars{"id": gid.Delivery.Format(id)})
		if got.at("retryDelivery", "delivery", "status") != "QUEUED" || got.at("retryDelivery", "delivery", "round") != 1.0 {
			t.Errorf("got %s", got.raw)
		}
		again := h.ask(boss, `mutation($id: ID!) { retryDelivery(input: {id: $id}) { delivery { status } userErrors { code field } } }`, vars{"id": gid.Delivery.Format(id)})
		if again.at("retryDelivery", "userErrors", 0, "code") != "DELIVERY_STATUS" {
			t.Errorf("got %s", again.raw)
		}
	})
}

// TestANotificationTellsHowFarItCameOutside: to its recipient alone, who sees nothing else of it.
func TestANotificationTellsHowFarItCameOutside(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		roma, vera := h.worker("roma", company), h.worker("vera", company)
		h.message(notify.To{Everyone: true}, "Первое")
		h.message(notify.To{Everyone: true}, "Второе")
		id := h.sentTo(h.idOf("roma"), company)
		const ask = `{ notifications { edges { node { title deliveries { channel status } } } } }`
		const web = `{"channel":"WEB","status":"DELIVERED"}`
		for who, want := range map[caller]string{roma: `[` + web + `,{"channel":"EMAIL","status":"SENT"}]`, vera: `[` + web + `]`, boss: `[` + web + `]`} {
			if r := h.must(who, ask, nil); strings.Count(r.raw, `"deliveries":`+want) != 2 {
				t.Errorf("got %s, want %s at both", r.raw, want)
			}
		}
		if r := h.must(roma, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": gid.Delivery.Format(id)}); r.at("node") != nil {
			t.Errorf("got %s: how it was sent is for administrators", r.raw)
		}
	})
}
