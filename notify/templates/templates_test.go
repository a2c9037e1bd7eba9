package templates_test

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/channel"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/notice"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	ways "channelbook/notify/channel"
	"channelbook/notify/templates"
	"channelbook/personaldata/processors"
)

var update = flag.Bool("update", false, "write the golden files anew")

// desk is the service over a fresh base, with a distributor and a user.
type desk struct {
	*templates.Service
	t           *testing.T
	system      context.Context
	distributor gid.ID
	user        *ent.User
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test"), Service: &templates.Service{
		DB: d, Now: dbtest.Clock("2026-11-26T09:00:00Z"), TimeZone: time.FixedZone("MSK", 3*60*60), Keys: dbtest.Keys(), PublicURL: "https://book.example",
	}}
	k.distributor = d.Distributor.Create().SetCompanyName("ООО «Север»").SetCompanyNameFold("ооо «север»").SetWebsite("https://north.example/").
		SetCreatedAt(k.Now()).SetUpdatedAt(k.Now()).SaveX(k.system).ID
	k.user = d.User.Create().SetLogin("olga").SetName("Ольга").SetPasswordHash("-").SetRole("DISTRIBUTOR").SetDistributorID(k.distributor).
		SetCreatedAt(k.Now()).SetUpdatedAt(k.Now()).SaveX(k.system)
	return k
}

func (k *desk) admin() context.Context {
	return auth.With(k.t.Context(), auth.Viewer{Role: auth.Admin, UserID: gid.New()})
}

// allow lets a channel carry these categories and no others.
func (k *desk) allow(name string, data ...processors.Data) {
	k.t.Helper()
	s := &processors.Service{DB: k.DB, Now: k.Now}
	if _, err := s.Update(k.admin(), processors.Entry{Channel: name, Enabled: true, Processor: "Кто-то", Country: "RU", Data: data}); err != nil {
		k.t.Fatal(err)
	}
}

func (k *desk) set(d templates.Draft) *ent.MessageTemplate {
	k.t.Helper()
	row, err := k.Set(k.admin(), d)
	if err != nil {
		k.t.Fatal(err)
	}
	return row
}

func (k *desk) notice(kind notice.Kind, title, text, url string) *ent.Notice {
	return &ent.Notice{ID: gid.New(), At: k.Now(), Kind: kind, Title: title, Text: text, URL: url}
}

func (k *desk) letter(notices ...*ent.Notice) templates.Letter {
	return templates.Letter{Channel: ways.Email, Kind: notices[0].Kind.String(), Notices: notices, Distributor: k.distributor, User: k.user}
}

func (k *desk) compose(l templates.Letter) ways.Message {
	k.t.Helper()
	m, err := k.Compose(k.t.Context(), l)
	if err != nil {
		k.t.Fatal(err)
	}
	return m
}

func TestBuiltInMessages(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.allow("EMAIL", processors.EmployeeName, processors.ClientName, processors.ClientEmail)
		assigned := k.notice(notice.KindLEAD_ASSIGNED, "Новый лид", "Лид от 26.11.2026, 12:00 теперь у вас.\nВозьмите его в работу & <b>свяжитесь</b> с клиентом.", "/leads/lead_1")
		second := k.notice(notice.KindLEAD_ASSIGNED, "Новый лид", "Лид от 26.11.2026, 12:05 теперь у вас.", "/leads/lead_2")
		third := k.notice(notice.KindLEAD_ASSIGNED, "Тестовый лид", "Тестовый лид от 26.11.2026, 12:07 теперь у вас.", "/leads/lead_3")
		second.At, third.At = second.At.Add(5*time.Minute), third.At.Add(7*time.Minute)
		k.set(templates.Draft{Distributor: &k.distributor, Kind: templates.Welcome, Channel: ways.Email, Enabled: true})
		k.set(templates.Draft{Kind: "GOAL_SET", Channel: ways.Email, Enabled: true, Subject: "{{company.name}}: {{notice.title}}",
			Text: "{{ recipient.name }}, у вас {{notice.title}}.\n\n{{notice.text}}\nПодробнее: {{notice.link}}."})
		for name, l := range map[string]templates.Letter{
			"notice":  k.letter(assigned),
			"digest":  k.letter(assigned, second, third),
			"own":     k.letter(k.notice(notice.KindGOAL_SET, "Новая цель", "Выплаты: 10 000,00 ₽ <script>", "https://site.example/?a=1&b=2")),
			"welcome": {Channel: ways.Email, Kind: templates.Welcome, Distributor: k.distributor, Lead: &ent.Lead{FirstName: "Мария"}},
			"test":    {Channel: ways.Email, Sample: true},
		} {
			m := k.compose(l)
			golden(t, name+".html", m.HTML)
			golden(t, name+".txt", m.Subject+"\n\n"+m.Text)
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s, %v: got\n%s\nwant\n%s", name, err, got, want)
	}
}

func TestWhichTemplateIsTaken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		n := k.notice(notice.KindLEAD_TAKEN, "Взят", "Текст", "/leads")
		subject := func() string { return k.compose(k.letter(n)).Subject }
		if got := subject(); got != "Взят" {
			t.Errorf("got %q, want the built-in one", got)
		}
		k.set(templates.Draft{Kind: "LEAD_TAKEN", Channel: ways.Email, Enabled: true, Subject: "Общий", Text: "x"})
		if got := subject(); got != "Общий" {
			t.Errorf("got %q, want that of all", got)
		}
		own := templates.Draft{Distributor: &k.distributor, Kind: "LEAD_TAKEN", Channel: ways.Email, Enabled: true, Subject: "Свой", Text: "x"}
		row := k.set(own)
		if got := subject(); got != "Свой" {
			t.Errorf("got %q, want the distributor's own", got)
		}
		own.Enabled = false
		if again := k.set(own); again.ID != row.ID {
			t.Errorf("got another row %s, want %s changed", again.ID, row.ID)
		}
		if got := subject(); got != "Общий" {
			t.Errorf("got %q, want that of all, as the other is off", got)
		}
		named := k.letter(n)
		named.Template = row.ID
		if got := k.compose(named).Subject; got != "Свой" {
			t.Errorf("got %q, want the one that is named, though it is off", got)
		}
		if err := k.Remove(k.admin(), row.ID); err != nil {
			t.Fatal(err)
		}
		if err := k.Remove(k.admin(), row.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v for one that is gone, want NOT_FOUND", err)
		}
	})
}

func TestWhatAChannelCannotCarry(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		n := k.notice(notice.KindMESSAGE, "Встреча", "Текст", "")
		whatsapp := k.letter(n)
		whatsapp.Channel = ways.WhatsApp
		k.fails(whatsapp, ways.Unreachable, "NO_TEMPLATE")
		k.fails(templates.Letter{Channel: ways.Email, Kind: templates.Welcome, Distributor: k.distributor, Lead: &ent.Lead{FirstName: "Мария"}}, ways.Unreachable, "NO_TEMPLATE")

		k.allow("EMAIL", processors.EmployeeName)
		k.set(templates.Draft{Kind: "MESSAGE", Channel: ways.Email, Enabled: true, Subject: "Для {{recipient.name}}", Text: "{{notice.text}}"})
		if got := k.compose(k.letter(n)).Subject; got != "Для Ольга" {
			t.Errorf("got %q", got)
		}
		k.allow("EMAIL") // and now it is not allowed any more
		k.fails(k.letter(n), ways.Unfit, "PERSONAL_DATA_NOT_ALLOWED")

		if m := k.compose(k.letter(k.notice(notice.KindGOAL_SET, "Цель", "Текст", ""))); strings.Contains(m.HTML+m.Text, "Ольга") {
			t.Errorf("got %s, which names the recipient", m.Text)
		}
	})
}

func (k *desk) fails(l templates.Letter, class ways.Class, code string) {
	k.t.Helper()
	_, err := k.Compose(k.t.Context(), l)
	if f, ok := errors.AsType[*ways.Failure](err); !ok || f.Class != class || f.Code != code {
		k.t.Errorf("got %v, want class %d, %s", err, class, code)
	}
}

// TestContactsThatSomebodyTyped do not leave the house where the register does not allow it, in whichever part they stand.
func TestContactsThatSomebodyTyped(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.set(templates.Draft{Kind: "MESSAGE", Channel: ways.WhatsApp, Enabled: true, ProviderTemplate: "message", Parameters: []string{"notice.title", "notice.text", "notice.link"}})
		secret := []string{"+79161234567", "anna@client.example", "916", "anna%40"}
		for name, n := range map[string]*ent.Notice{
			"a phone in the text":      k.notice(notice.KindMESSAGE, "Перезвоните", "Клиенту: 8 (916) 123-45-67", "/leads"),
			"an address in the title":  k.notice(notice.KindMESSAGE, "Для anna@client.example", "Текст", ""),
			"an address in the link":   k.notice(notice.KindMESSAGE, "Смотрите", "Текст", "https://crm.example/?of=anna%40client.example"),
			"a title of another kind":  k.notice(notice.KindWEBHOOK_STOPPED, "Вебхук +79161234567 остановлен", "Текст", ""),
			"a phone beside a newline": k.notice(notice.KindMESSAGE, "Телефон", "Вот:\n+79161234567\n", ""),
		} {
			for _, by := range ways.Outside {
				l := k.letter(n)
				l.Channel = by
				if by == ways.WhatsApp && n.Kind != notice.KindMESSAGE {
					continue
				}
				m := k.compose(l)
				said := m.Subject + m.Text + m.HTML
				for _, p := range m.Parameters {
					said += p.Value
				}
				for _, s := range secret {
					if strings.Contains(said, s) {
						t.Errorf("%s, %s: got %s, which tells %s", name, by, said, s)
					}
				}
				if !strings.Contains(said, "Вам пришло сообщение") || !strings.Contains(said, "https://book.example/notifications") {
					t.Errorf("%s, %s: got %s, want that there is something, and where", name, by, said)
				}
			}
		}
		k.allow("EMAIL", processors.ClientPhone)
		if m := k.compose(k.letter(k.notice(notice.KindMESSAGE, "Перезвоните", "Клиенту: +79161234567", ""))); !strings.Contains(m.Text, "+79161234567") {
			t.Errorf("got %s, want the phone where it is allowed", m.Text)
		}
		k.allow("EMAIL", processors.ClientName, processors.ClientEmail)
		k.set(templates.Draft{Distributor: &k.distributor, Kind: templates.Welcome, Channel: ways.Email, Enabled: true, Subject: "Здравствуйте", Text: "{{client.firstName}}!"})
		m := k.compose(templates.Letter{Channel: ways.Email, Kind: templates.Welcome, Distributor: k.distributor, Lead: &ent.Lead{FirstName: "Анна 8 916 123 45 67"}})
		if strings.Contains(m.Text+m.HTML, "123 45 67") {
			t.Errorf("got %s, which tells a phone that stood in the name", m.Text)
		}
		for name, sent := range map[string]bool{
			"Анна-Мария": true, "А. Б.": true, "д'Артаньян": true, "Жан Ж.Ж.": true, // of people
			"Вы выиграли: https://evil.example": false, "Деньги на evil.ru": false, "www.evil": false, "пиши в деньги.рф/приз": false, "<b>Анна</b>": false, "Анна {unsubscribe}": false,
		} {
			m := k.compose(templates.Letter{Channel: ways.Email, Kind: templates.Welcome, Distributor: k.distributor, Lead: &ent.Lead{FirstName: name}})
			if got := strings.HasPrefix(m.Text, name+"!"); got != sent || !sent && !strings.HasPrefix(m.Text, "клиент!") {
				t.Errorf("%q: got %q", name, m.Text)
			}
		}
	})
}

func TestProvidersTemplates(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.set(templates.Draft{Kind: "MESSAGE", Channel: ways.WhatsApp, Enabled: true, ProviderTemplate: "news", Parameters: []string{"notice.text", "notice.title", "notice.link"}})
		l := k.letter(k.notice(notice.KindMESSAGE, "Встреча", "Первая\r\nстрока\tи      ещё\n\n"+strings.Repeat("ж", 2000), "/leads"))
		l.Channel = ways.WhatsApp
		m := k.compose(l)
		if m.Template != "news" || m.Language != "ru" || m.Text != "" || len(m.Parameters) != 3 || m.Parameters[1] != (ways.Parameter{Name: "notice.title", Value: "Встреча"}) || m.Parameters[2].Value != "https://book.example/leads" {
			t.Fatalf("got %+v", m)
		}
		text := m.Parameters[0].Value
		if strings.ContainsAny(text, "\r\n\t") || strings.Contains(text, "  ") || !strings.HasPrefix(text, "Первая строка и ещё ж") || len([]rune(text)) != 600 || !strings.HasSuffix(text, "…") {
			t.Errorf("got %q", text)
		}
		l.Notices = []*ent.Notice{k.notice(notice.KindMESSAGE, "Встреча", " \n ", "")}
		if got := k.compose(l).Parameters[0].Value; got != "—" {
			t.Errorf("got %q for nothing, want something", got)
		}
	})
}

func TestASubjectIsOneLine(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		l := k.letter(k.notice(notice.KindMESSAGE, "Встреча\r\nBcc: somebody", "Текст", ""))
		if got := k.compose(l).Subject; got != "Встреча Bcc: somebody" {
			t.Errorf("got %q", got)
		}
		k.set(templates.Draft{Kind: "MESSAGE", Channel: ways.Email, Enabled: true, Subject: "{{notice.title}} {{notice.text}}", Text: "x"})
		l.Notices[0].Text = "a\nb {{notice.title}}"
		if got := k.compose(l).Subject; got != "Встреча Bcc: somebody a b {{notice.title}}" {
			t.Errorf("got %q, want one line, and a value that is not read for variables", got)
		}
	})
}

func TestWhatTemplatesMayNotBe(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		missing := gid.New()
		mail := func(change func(*templates.Draft)) templates.Draft {
			d := templates.Draft{Kind: "MESSAGE", Channel: ways.Email, Enabled: true, Subject: "Тема", Text: "Текст"}
			change(&d)
			return d
		}
		for name, c := range map[string]struct {
			draft templates.Draft
			want  []string
		}{
			"unknown variables":          {mail(func(d *templates.Draft) { d.Subject, d.Text = "{{x}}", "a\nбв {{ notice.titel }} {{}}" }), []string{"subject UNKNOWN_VARIABLE", "text UNKNOWN_VARIABLE", "text UNKNOWN_VARIABLE"}},
			"a client's in a notice":     {mail(func(d *templates.Draft) { d.Text = "{{client.firstName}}" }), []string{"text UNKNOWN_VARIABLE"}},
			"braces left open":           {mail(func(d *templates.Draft) { d.Text = "{{notice.text}} {{notice.title" }), []string{"text UNCLOSED"}},
			"too long":                   {mail(func(d *templates.Draft) { d.Subject, d.Text = strings.Repeat("ж", 201), strings.Repeat("ж", 4001) }), []string{"subject TOO_LONG", "text TOO_LONG"}},
			"a subject of two lines":     {mail(func(d *templates.Draft) { d.Subject = "a\nb" }), []string{"subject INVALID_CHARACTERS"}},
			"no subject":                 {mail(func(d *templates.Draft) { d.Subject = "" }), []string{"subject REQUIRED"}},
			"no text":                    {mail(func(d *templates.Draft) { d.Text = "" }), []string{"text REQUIRED"}},
			"both":                       {mail(func(d *templates.Draft) { d.ProviderTemplate = "x" }), []string{"text CONFLICT"}},
			"our text by WhatsApp":       {mail(func(d *templates.Draft) { d.Channel = ways.WhatsApp }), []string{"providerTemplate TEMPLATE_REQUIRED"}},
			"nothing by WhatsApp":        {templates.Draft{Kind: "MESSAGE", Channel: ways.WhatsApp}, []string{"providerTemplate TEMPLATE_REQUIRED"}},
			"parameters of nothing":      {mail(func(d *templates.Draft) { d.Parameters = []string{"notice.text", "x"} }), []string{"providerTemplate REQUIRED", "parameters[1] UNKNOWN_VARIABLE"}},
			"a language that is none":    {templates.Draft{Kind: "MESSAGE", Channel: ways.WhatsApp, ProviderTemplate: "x", Language: "по-русски"}, []string{"language INVALID_VALUE"}},
			"too many parameters":        {templates.Draft{Kind: "MESSAGE", Channel: ways.WhatsApp, ProviderTemplate: "x", Parameters: make([]string, 21)}, []string{"parameters TOO_MANY"}},
			"what the register forbids":  {mail(func(d *templates.Draft) { d.Subject, d.Text = "{{recipient.name}}", "{{recipient.name}}" }), []string{"subject PERSONAL_DATA_NOT_ALLOWED", "text PERSONAL_DATA_NOT_ALLOWED"}},
			"a welcome nobody may get":   {templates.Draft{Distributor: &k.distributor, Kind: templates.Welcome, Channel: ways.Email, Enabled: true}, []string{"enabled PERSONAL_DATA_NOT_ALLOWED"}},
			"a welcome of all":           {templates.Draft{Kind: templates.Welcome, Channel: ways.Email}, []string{"distributorId REQUIRED"}},
			"of nobody, of no kind, WEB": {templates.Draft{Distributor: &missing, Kind: "X", Channel: ways.Web}, []string{"kind INVALID_VALUE", "channel INVALID_VALUE", "distributorId NOT_FOUND"}},
		} {
			_, err := k.Set(k.admin(), c.draft)
			if got := faults(err); !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", name, err, c.want)
			}
			_, err = k.Preview(k.admin(), c.draft)
			if got := faults(err); !slices.Equal(got, c.want) {
				t.Errorf("preview of %s: got %v, want %v", name, err, c.want)
			}
		}
		if n := d.MessageTemplate.Query().CountX(k.system); n != 0 {
			t.Errorf("%d templates were stored", n)
		}
		_, err := k.Set(k.admin(), mail(func(d *templates.Draft) { d.Text = "a\nбв {{notice.titel}}" }))
		if err == nil || !strings.Contains(err.Error(), "Line 2, character 4: there is no variable {{notice.titel}} here.") {
			t.Errorf("got %v, want the place", err)
		}
		stranger := auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: k.distributor})
		for name, err := range map[string]error{
			"set": second(k.Set(stranger, mail(func(*templates.Draft) {}))), "preview": second(k.Preview(stranger, mail(func(*templates.Draft) {}))), "remove": k.Remove(stranger, missing),
		} {
			if !fault.Is(err, fault.Forbidden) {
				t.Errorf("%s: got %v, want a refusal for who is no administrator", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func faults(err error) (list []string) {
	all, _ := fault.All(err)
	for _, f := range all {
		list = append(list, f.Field+" "+f.Code)
	}
	return list
}

// TestEveryKindHasASample: each can be previewed by the built-in e-mail and by a text with all of its variables.
func TestEveryKindHasASample(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		k.allow("EMAIL", processors.ClientEmail, processors.ClientName, processors.EmployeeName)
		for _, kind := range kinds() {
			draft := templates.Draft{Distributor: &k.distributor, Kind: kind, Channel: ways.Email}
			m, err := k.Preview(k.admin(), draft)
			if err != nil || m.Subject == "" || m.HTML == "" || strings.Contains(m.Text, "Вам пришло сообщение") {
				t.Errorf("%s: got %+v, %v", kind, m, err)
			}
			draft.Subject, draft.Text = "Все", "Все:"
			for _, v := range k.Variables(kind) {
				if v.Sample == "" || v.Description == "" {
					t.Errorf("%s: %s has no sample or no description", kind, v.Name)
				}
				draft.Text += " {{" + v.Name + "}}"
			}
			if m, err = k.Preview(k.admin(), draft); err != nil || strings.Contains(m.Text, "{{") {
				t.Errorf("%s: got %s, %v", kind, m.Text, err)
			}
		}
		if n := d.MessageTemplate.Query().CountX(k.system); n != 0 {
			t.Errorf("previews stored %d templates", n)
		}
	})
}

func kinds() (all []string) {
	all = []string{templates.Welcome}
	for _, kind := range []notice.Kind{
		notice.KindLEAD_ASSIGNED, notice.KindLEAD_WITHDRAWN, notice.KindLEAD_TAKEN, notice.KindLEAD_DECLINED, notice.KindLEAD_UNASSIGNED, notice.KindLEAD_RESTRICTED,
		notice.KindSALE_REGISTERED, notice.KindSALE_REVERSED, notice.KindGOAL_SET, notice.KindGOAL_REMOVED, notice.KindGOAL_MILESTONE, notice.KindPERIOD_CLOSED,
		notice.KindPERIOD_REOPENED, notice.KindSTATEMENT_DRAWN_UP, notice.KindSTATEMENT_APPROVED, notice.KindSTATEMENT_PAID, notice.KindMESSAGE,
		notice.KindCHANNEL_STOPPED, notice.KindCHANNEL_RESUMED, notice.KindWEBHOOK_STOPPED,
	} {
		all = append(all, kind.String())
	}
	return all
}

func TestManySetTheSameTemplateAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		k := newDesk(t, d)
		for _, of := range []*gid.ID{nil, &k.distributor} {
			errs := make([]error, 16)
			var setting sync.WaitGroup
			for i := range errs {
				setting.Go(func() {
					_, errs[i] = k.Set(k.admin(), templates.Draft{Distributor: of, Kind: "MESSAGE", Channel: ways.Email, Enabled: true, Subject: "Тема", Text: "Текст"})
				})
			}
			setting.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Error(err)
			}
		}
		if n := d.MessageTemplate.Query().Where(messagetemplate.KindEQ("MESSAGE")).CountX(k.system); n != 2 {
			t.Errorf("got %d templates, want one of all and one of the distributor", n)
		}
		if n := d.Channel.Query().Where(channel.Enabled(true)).CountX(k.system); n != 0 {
			t.Error("the register was written")
		}
	})
}
