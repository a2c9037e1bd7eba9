package graph_test

import (
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
	"channelbook/personaldata/processors"
)

// template sets an e-mail's template; the register has a row then, too.
func (h *house) template(of *gid.ID, kind, text string) *ent.MessageTemplate {
	h.t.Helper()
	if _, err := h.processors.Update(h.system(), processors.Entry{Channel: channel.Email, Enabled: true, Processor: "canary processor", Country: "RU"}); err != nil {
		h.t.Fatal(err)
	}
	d := templates.Draft{Distributor: of, Kind: kind, Channel: channel.Email, Enabled: true}
	if text != "" {
		d.Subject, d.Text = text+" subject", text+" {{notice.text}}"
	}
	row, err := h.templates.Set(h.system(), d)
	if err != nil {
		h.t.Fatal(err)
	}
	return row
}

// mailed gives somebody an e-mail address.
func (h *house) mailed(login string) {
	h.t.Helper()
	id := h.idOf(login)
	if err := h.db.User.Update().Where(user.ID(id)).SetEmailSealed(sealed.UserEmail.Seal(dbtest.Keys(), id, login+"@people.example")).Exec(h.system()); err != nil {
		h.t.Fatal(err)
	}
}

// wordings are templates of each side and of all.
func (w *world) wordings(sides ...*side) {
	w.t.Helper()
	for _, s := range sides {
		w.template(&s.id, "LEAD_ASSIGNED", s.mark+" wording")
	}
	w.template(nil, "LEAD_ASSIGNED", adminMark+" wording")
}

func strangersTemplateAttempts(id map[string]string) map[string]attempt {
	set := vars{"distributorId": id["distributor"], "kind": "MESSAGE", "channel": "EMAIL", "enabled": true}
	return map[string]attempt{
		"processors":            {`{ processors { channel processor country } }`, nil, "FORBIDDEN"},
		"updateProcessor":       {`mutation { updateProcessor(input: {channel: EMAIL, enabled: false}) { processor { processor } userErrors { code } } }`, nil, "FORBIDDEN"},
		"messageTemplates":      {`query($d: ID!) { messageTemplates(filter: {distributorIds: [$d]}) { totalCount edges { node { id text } } } }`, vars{"d": id["distributor"]}, "FORBIDDEN"},
		"templateVariables":     {`{ templateVariables(kind: WELCOME) { name } }`, nil, "FORBIDDEN"},
		"setMessageTemplate":    {`mutation($in: SetMessageTemplateInput!) { setMessageTemplate(input: $in) { template { id } userErrors { code } } }`, vars{"in": set}, "FORBIDDEN"},
		"removeMessageTemplate": {`mutation($in: RemoveMessageTemplateInput!) { removeMessageTemplate(input: $in) { userErrors { code } } }`, vars{"in": vars{"id": id["template"]}}, "FORBIDDEN"},
		"previewTemplate":       {`mutation($in: PreviewTemplateInput!) { previewTemplate(input: $in) { preview { text } userErrors { code } } }`, vars{"in": vars{"templateId": id["template"]}}, "FORBIDDEN"},
		"sendTestMessage":       {`mutation($in: SendTestMessageInput!) { sendTestMessage(input: $in) { deliveryId userErrors { code } } }`, vars{"in": vars{"channel": "EMAIL", "templateId": id["template"]}}, "FORBIDDEN"},
	}
}

const (
	setTemplate     = `mutation($in: SetMessageTemplateInput!) { setMessageTemplate(input: $in) { template { id kind channel enabled subject text providerTemplate language parameters distributor { companyName } } userErrors { code field message } } }`
	previewTemplate = `mutation($in: PreviewTemplateInput!) { previewTemplate(input: $in) { preview { subject text html providerTemplate parameters { name value } } userErrors { code field } } }`
)

func TestTemplatesAreSetPreviewedAndTested(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		h.mailed("boss")
		draft := vars{"distributorId": gid.Distributor.Format(company), "kind": "LEAD_ASSIGNED", "channel": "EMAIL", "enabled": true, "subject": "{{notice.title}} для вас", "text": "{{notice.text}}\n{{notice.link}}"}
		got := h.must(boss, previewTemplate, vars{"in": vars{"template": draft}})
		if got.at("previewTemplate", "preview", "subject") != "Новый лид для вас" || !strings.Contains(got.at("previewTemplate", "preview", "html").(string), "https://book.example/leads/lead_") {
			t.Errorf("got %s", got.raw)
		}
		if n := h.db.MessageTemplate.Query().CountX(h.system()); n != 0 {
			t.Errorf("a preview stored %d templates", n)
		}
		set := h.must(boss, setTemplate, vars{"in": draft})
		id := set.at("setMessageTemplate", "template", "id").(string)
		if set.at("setMessageTemplate", "template", "distributor", "companyName") != "Ромашка" || set.at("setMessageTemplate", "template", "providerTemplate") != nil {
			t.Errorf("got %s", set.raw)
		}
		draft["subject"] = "Иначе"
		if again := h.must(boss, setTemplate, vars{"in": draft}); again.at("setMessageTemplate", "template", "id") != id || again.at("setMessageTemplate", "template", "subject") != "Иначе" {
			t.Errorf("got %s, want the same template, changed", again.raw)
		}
		h.must(boss, setTemplate, vars{"in": vars{"kind": "MESSAGE", "channel": "WHATSAPP", "enabled": true, "providerTemplate": "news", "parameters": []string{"notice.title"}}})
		of := vars{"d": gid.Distributor.Format(company)}
		page := h.must(boss, `query($d: ID!) { messageTemplates(filter: {distributorIds: [$d], kinds: [LEAD_ASSIGNED], channels: [EMAIL], ofAll: false}) { totalCount edges { node { id text } } } rest: messageTemplates(first: 1, filter: {ofAll: true}) { totalCount pageInfo { hasNextPage } edges { node { kind parameters distributor { id } } } } }`, of)
		if page.at("messageTemplates", "totalCount") != 1.0 || page.at("messageTemplates", "edges", 0, "node", "id") != id || page.at("rest", "edges", 0, "node", "kind") != "MESSAGE" {
			t.Errorf("got %s", page.raw)
		}
		if got := h.must(boss, `query($id: ID!) { node(id: $id) { ... on MessageTemplate { subject } } }`, vars{"id": id}); got.at("node", "subject") != "Иначе" {
			t.Errorf("got %s", got.raw)
		}
		if got := h.must(boss, previewTemplate, vars{"in": vars{"templateId": id}}); got.at("previewTemplate", "preview", "subject") != "Иначе" {
			t.Errorf("got %s", got.raw)
		}
		sent := h.must(boss, `mutation($in: SendTestMessageInput!) { sendTestMessage(input: $in) { deliveryId userErrors { code field } } }`, vars{"in": vars{"channel": "EMAIL", "templateId": id}})
		if shown, _ := sent.at("sendTestMessage", "deliveryId").(string); !strings.HasPrefix(shown, "delivery_") || h.db.Delivery.Query().CountX(h.system()) != 1 {
			t.Errorf("got %s, want the id of the one delivery", sent.raw)
		}
		h.must(boss, `mutation($in: RemoveMessageTemplateInput!) { removeMessageTemplate(input: $in) { userErrors { code } } }`, vars{"in": vars{"id": id}})
		variables := h.must(boss, `{ templateVariables(kind: WELCOME) { name description sample personalData } }`, nil)
		if variables.at("templateVariables", 0, "name") != "client.firstName" || variables.at("templateVariables", 0, "personalData") != "CLIENT_NAME" {
			t.Errorf("got %s", variables.raw)
		}
	})
}

func TestWhatIsWrongWithATemplateIsToldAtItsField(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		wrong := vars{"kind": "MESSAGE", "channel": "EMAIL", "enabled": true, "subject": "x", "text": "{{x}} {{recipient.name}}"}
		got := h.ask(boss, setTemplate, vars{"in": wrong})
		if !strings.Contains(got.raw, `"code":"UNKNOWN_VARIABLE"`) || !strings.Contains(got.raw, `"code":"PERSONAL_DATA_NOT_ALLOWED"`) || got.at("setMessageTemplate", "template") != nil {
			t.Errorf("got %s", got.raw)
		}
		for name, c := range map[string]struct {
			in    vars
			field string
			code  string
		}{
			"a draft that is wrong":   {vars{"template": wrong}, "template.text", "UNKNOWN_VARIABLE"},
			"nothing":                 {vars{}, "template", "REQUIRED"},
			"both":                    {vars{"template": wrong, "templateId": gid.Template.Format(gid.New())}, "template", "CONFLICT"},
			"a template that is none": {vars{"templateId": gid.Lead.Format(gid.New())}, "templateId", "NOT_FOUND"},
		} {
			got := h.ask(boss, previewTemplate, vars{"in": c.in})
			if got.at("previewTemplate", "userErrors", 0, "field") != c.field || got.at("previewTemplate", "userErrors", 0, "code") != c.code {
				t.Errorf("%s: got %s, want %s on %s", name, got.raw, c.code, c.field)
			}
		}
	})
}

func TestTheRegisterOfProcessors(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		const update = `mutation($in: UpdateProcessorInput!) { updateProcessor(input: $in) { processor { channel setUp enabled processor country personalData } userErrors { code field } } }`
		if got := h.ask(boss, update, vars{"in": vars{"channel": "WHATSAPP", "enabled": true}}); !strings.Contains(got.raw, `"code":"REQUIRED","field":"processor"`) || got.at("updateProcessor", "processor") != nil {
			t.Errorf("got %s", got.raw)
		}
		got := h.must(boss, update, vars{"in": vars{"channel": "EMAIL", "enabled": true, "processor": "Почта", "country": "RU", "personalData": []string{"EMPLOYEE_NAME", "CLIENT_EMAIL"}}})
		if got.at("updateProcessor", "processor", "setUp") != true || got.at("updateProcessor", "processor", "personalData", 0) != "CLIENT_EMAIL" {
			t.Errorf("got %s", got.raw)
		}
		list := h.must(boss, `{ processors { channel setUp enabled processor } }`, nil)
		if list.at("processors", 0, "processor") != "Почта" || list.at("processors", 1, "channel") != "WHATSAPP" || list.at("processors", 1, "enabled") != false || list.at("processors", 1, "setUp") != false {
			t.Errorf("got %s", list.raw)
		}
	})
}
