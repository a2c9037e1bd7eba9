package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
	"channelbook/notify"
)

const (
	settingsFields = `timeZone quietHours { from to } digestMinutes fallbackMinutes fallbackOrder preferences { kind channel mode isDefault }`
	setSettings    = `mutation($in: UpdateNotificationSettingsInput!) { updateNotificationSettings(input: $in) { settings { ` + settingsFields + ` } userErrors { code field } } }`
)

func TestNotificationSettings(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		anna, boss := h.worker("anna", h.distributor("Север")), h.admin("boss")
		read := func(c caller) reply {
			t.Helper()
			return h.must(c, `{ notificationSettings { `+settingsFields+` } }`, nil)
		}
		fresh := read(anna)
		if want := `"timeZone":"UTC","quietHours":null,"digestMinutes":15,"fallbackMinutes":30,"fallbackOrder":["WEB","EMAIL","WHATSAPP"],"preferences":[` +
			`{"kind":"LEAD_ASSIGNED","channel":"WEB","mode":"ALWAYS","isDefault":true},{"kind":"LEAD_ASSIGNED","channel":"EMAIL","mode":"FALLBACK","isDefault":true}`; !strings.Contains(fresh.raw, want) {
			t.Errorf("who has said nothing: got %s, want %s", fresh.raw, want)
		}
		if n := strings.Count(fresh.raw, `"kind"`); n != 22*3 {
			t.Errorf("got %d kinds by channels", n)
		}
		got := h.must(anna, setSettings, vars{"in": vars{
			"timeZone": "Asia/Yekaterinburg", "quietHours": vars{"from": "22:30", "to": "07:05"}, "digestMinutes": 0, "fallbackMinutes": 5, "fallbackOrder": []string{"EMAIL", "WEB", "WHATSAPP"},
			"preferences": []vars{{"kind": "MESSAGE", "channel": "EMAIL", "mode": "ALWAYS"}, {"kind": "LEAD_TAKEN", "channel": "WEB", "mode": "NEVER"}},
		}})
		for _, want := range []string{`"timeZone":"Asia/Yekaterinburg","quietHours":{"from":"22:30","to":"07:05"},"digestMinutes":0,"fallbackMinutes":5,"fallbackOrder":["EMAIL","WEB","WHATSAPP"]`,
			`{"kind":"MESSAGE","channel":"EMAIL","mode":"ALWAYS","isDefault":false}`, `{"kind":"LEAD_TAKEN","channel":"WEB","mode":"NEVER","isDefault":false}`, `"userErrors":[]`} {
			if !strings.Contains(got.raw, want) {
				t.Errorf("got %s, want %s", got.raw, want)
			}
		}
		got = h.must(anna, setSettings, vars{"in": vars{"timeZone": "", "quietHours": vars{}, "digestMinutes": 15, "fallbackMinutes": 30, "fallbackOrder": []string{"WEB", "EMAIL", "WHATSAPP"},
			"preferences": []vars{{"kind": "MESSAGE", "channel": "EMAIL"}, {"kind": "LEAD_TAKEN", "channel": "WEB", "mode": nil}}}})
		if got = read(anna); got.raw != fresh.raw {
			t.Errorf("after all was taken back: got %s, want %s", got.raw, fresh.raw)
		}
		got = h.ask(boss, setSettings, vars{"in": vars{"timeZone": "Local", "digestMinutes": 1441, "fallbackOrder": []string{}, "quietHours": vars{"from": "25:00"},
			"preferences": []vars{{"kind": "MESSAGE", "channel": "WEB", "mode": "FALLBACK"}}}})
		if want := `"settings":null,"userErrors":[{"code":"UNKNOWN_TIME_ZONE","field":"timeZone"},{"code":"OUT_OF_RANGE","field":"digestMinutes"},{"code":"INVALID_ORDER","field":"fallbackOrder"},` +
			`{"code":"FALLBACK_NOT_POSSIBLE","field":"preferences[0]"},{"code":"INVALID_TIME","field":"quietHours.from"},{"code":"REQUIRED","field":"quietHours.to"}]`; !strings.Contains(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		for _, ask := range []string{`{ notificationSettings { timeZone } }`, `mutation { updateNotificationSettings(input: {}) { userErrors { code } } }`} {
			if got := h.ask(caller{}, ask, nil); got.code() != "UNAUTHENTICATED" {
				t.Errorf("nobody: got %s", got.raw)
			}
		}
	})
}

// TestWhatIsMutedIsNotInTheFeed of who wants it no more; it is in those of others.
func TestWhatIsMutedIsNotInTheFeed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		anna, boss := h.worker("anna", h.distributor("Север")), h.admin("boss")
		h.must(anna, setSettings, vars{"in": vars{"preferences": []vars{{"kind": "MESSAGE", "channel": "WEB", "mode": "NEVER"}}}})
		h.message(notify.To{Everyone: true}, "a")
		h.tell(aboutLead(gid.New(), "lead", notify.To{Everyone: true}))
		h.must(anna, setSettings, vars{"in": vars{"preferences": []vars{{"kind": "MESSAGE", "channel": "WEB"}}}})
		if got := strings.Join(h.must(anna, feedPage, nil).titles(), " "); got != "lead" {
			t.Errorf("anna reads %s, want lead", got)
		}
		h.message(notify.To{Everyone: true}, "b")
		if got := strings.Join(h.must(anna, feedPage, nil).titles(), " "); got != "b lead" {
			t.Errorf("anna reads %s, want b and lead", got)
		}
		if got := strings.Join(h.must(boss, feedPage, nil).titles(), " "); got != "b lead a" {
			t.Errorf("boss reads %s, want all", got)
		}
	})
}

// TestAMessageByNamedChannels goes by those that are set up and on, and takes no contacts along that these may not carry.
func TestAMessageByNamedChannels(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		h.notify.Channels = []string{"EMAIL", "WHATSAPP"}
		phone, email := "Анна, 8 (912) 345-67-89", "anna@example.ru"
		send := func(name, title, text, want string, channels ...string) {
			t.Helper()
			in := vars{"title": title, "text": text, "everyone": true}
			if channels != nil {
				in["channels"] = channels
			}
			got := h.ask(boss, `mutation($in: SendNotificationInput!) { sendNotification(input: $in) { recipientCount userErrors { code field } } }`, vars{"in": in})
			if !strings.Contains(got.raw, want) {
				t.Errorf("%s: got %s, want %s", name, got.raw, want)
			}
		}
		const well = `"recipientCount":1,"userErrors":[]`
		send("by e-mail alone", "a", "b", well, "EMAIL")
		if got := h.must(boss, feedPage, nil).titles(); len(got) > 0 {
			t.Errorf("it is in the feed: %v", got)
		}
		send("by the feed too, twice", "a", "b", well, "WEB", "EMAIL", "EMAIL")
		send("by what is off", "a", phone, `[{"code":"CHANNEL_OFF","field":"channels[1]"}]`, "WEB", "WHATSAPP")
		send("by e-mail, with contacts", email, phone, `[{"code":"PERSONAL_DATA","field":"title"},{"code":"PERSONAL_DATA","field":"text"}]`, "EMAIL")
		for link, want := range map[string]string{"https://crm.example/?of=anna%40example.ru": `[{"code":"PERSONAL_DATA","field":"url"}]`, "https://example.ru/news": well} {
			got := h.ask(boss, `mutation($in: SendNotificationInput!) { sendNotification(input: $in) { recipientCount userErrors { code field } } }`,
				vars{"in": vars{"title": "a", "text": "b", "url": link, "everyone": true, "channels": []string{"EMAIL"}}})
			if !strings.Contains(got.raw, want) {
				t.Errorf("by e-mail, with the link %s: got %s, want %s", link, got.raw, want)
			}
		}
		send("into the feed, with contacts", email, phone, well, "WEB")
		send("as each wants, with contacts", email, phone, well)
		h.db.Channel.Create().SetChannel("EMAIL").SetEnabled(true).SetProcessor("Elastic").SetCountry("US").SetPersonalData([]string{"CLIENT_PHONE"}).SetUpdatedAt(h.now()).ExecX(h.system())
		send("by e-mail that may carry phones", "a", phone, well, "EMAIL")
		send("by e-mail that may carry phones alone", "a", phone+", "+email, `[{"code":"PERSONAL_DATA","field":"text"}]`, "EMAIL")
		h.notify.Channels = nil
		send("by what is not set up", "a", "b", `[{"code":"CHANNEL_NOT_SET_UP","field":"channels[0]"}]`, "EMAIL")
	})
}
