package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
)

func TestTheGoalOfANotificationIsShownToWhoMaySeeIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north, south := h.distributor("Север"), h.distributor("Юг")
		admin, anna, vera := h.admin("boss"), h.worker("anna", north), h.worker("vera", south)
		const feed = `{ notifications { edges { node { kind title url object { id ... on Goal { metric } } } } unreadCount } }`
		got := h.must(admin, `mutation($in: SetGoalsInput!) { setGoals(input: $in) { goals { id } userErrors { code } } }`, vars{"in": vars{"goals": []vars{
			{"distributorId": gid.Distributor.Format(north), "period": vars{"kind": "MONTH", "startsOn": "2026-12-01"}, "metric": "LEAD_COUNT", "target": "5"},
		}}})
		goal, _ := got.at("setGoals", "goals", 0, "id").(string)
		want := `{"kind":"GOAL_SET","title":"Новая цель на декабрь 2026","url":"/goals","object":{"id":"` + goal + `","metric":"LEAD_COUNT"}}`
		if got := h.must(anna, feed, nil); goal == "" || !strings.Contains(got.raw, want) {
			t.Errorf("anna got %s, want %s", got.raw, want)
		}
		h.must(admin, `mutation($id: ID!) { removeGoal(input: {id: $id}) { userErrors { code } } }`, vars{"id": goal})
		got = h.must(anna, feed, nil)
		if !strings.Contains(got.raw, `"GOAL_REMOVED"`) || strings.Contains(got.raw, goal) || strings.Count(got.raw, `"object":null`) != 2 {
			t.Errorf("anna got %s, want both and no goal that is there no more", got.raw)
		}
		for _, who := range []caller{admin, vera} {
			if got := h.must(who, feed, nil); !strings.Contains(got.raw, `"edges":[],"unreadCount":0`) {
				t.Errorf("another one got %s, want nothing", got.raw)
			}
		}
	})
}
