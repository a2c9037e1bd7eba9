package graph_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// sent sends messages, each by a transaction of its own, into the feeds of some, and tells the id of the last.
func (h *house) message(to notify.To, titles ...string) (last string) {
	h.t.Helper()
	for _, title := range titles {
		h.tell(notify.Notice{Event: notify.Message(title, "Текст", ""), To: to})
	}
	if _, err := h.notify.Settle(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	return gid.Notification.Format(h.db.Notice.Query().Order(ent.Desc(notice.FieldPlace)).FirstIDX(h.system()))
}

// tell tells of something, which is in nobody's feed yet.
func (h *house) tell(notices ...notify.Notice) {
	h.t.Helper()
	ctx := h.system()
	if err := db.WithTx(ctx, h.db, func(tx *db.Tx) error { return notify.Tell(ctx, tx, h.now(), notices...) }); err != nil {
		h.t.Fatal(err)
	}
}

// aboutLead is a notice about a lead.
func aboutLead(id gid.ID, title string, to notify.To) notify.Notice {
	object := gid.Lead.Format(id)
	return notify.Notice{Event: notify.Event{Kind: notice.KindLEAD_ASSIGNED, Title: title, Text: "Текст", URL: "/leads/" + object, Object: object}, To: to}
}

// titles are those of a page of notifications, in its order.
func (r reply) titles() (titles []string) {
	for _, n := range r.nodes("notifications") {
		titles = append(titles, n["title"].(string))
	}
	return titles
}

const feedPage = `query($first: Int, $after: String, $filter: NotificationFilter) { notifications(first: $first, after: $after, filter: $filter) {
	totalCount unreadCount pageInfo { hasNextPage endCursor } edges { cursor node { id kind title readAt deliveries { channel status } } } } }`

func TestAFeedIsPagedNewestFirst(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		anna := h.worker("anna", north)
		to := notify.To{Distributor: north}
		for i := range 7 {
			h.message(to, fmt.Sprintf("%d", i))
			h.tell(aboutLead(gid.New(), fmt.Sprintf("лид %d", i), to))
		}
		h.message(notify.To{Admins: true}, "не для неё")
		first := h.must(anna, feedPage, vars{"first": 2})
		if got := first.titles(); !slices.Equal(got, []string{"лид 6", "6"}) || first.at("notifications", "totalCount") != 14.0 || first.at("notifications", "unreadCount") != 14.0 {
			t.Fatalf("got %s, want the two newest of 14", first.raw)
		}
		id := first.nodes("notifications")[1]["id"]
		h.message(to, "новее") // what comes, and what is read, moves no cursor
		h.must(anna, `mutation($ids: [ID!]) { markNotificationsRead(input: {ids: $ids}) { unreadCount } }`, vars{"ids": []any{id}})
		for name, c := range map[string]struct {
			filter vars
			total  float64
			want   []string
		}{
			"all":                    {nil, 15, []string{"лид 5", "5", "лид 4", "4", "лид 3", "3", "лид 2", "2", "лид 1", "1", "лид 0", "0"}},
			"unread ones":            {vars{"unreadOnly": true}, 14, []string{"лид 5", "5", "лид 4", "4", "лид 3", "3", "лид 2", "2", "лид 1", "1", "лид 0", "0"}},
			"of a kind":              {vars{"kinds": []string{"LEAD_ASSIGNED"}}, 7, []string{"лид 5", "лид 4", "лид 3", "лид 2", "лид 1", "лид 0"}},
			"unread ones of a kind":  {vars{"kinds": []string{"MESSAGE", "MESSAGE"}, "unreadOnly": true}, 7, []string{"5", "4", "3", "2", "1", "0"}},
			"of nothing that is":     {vars{"kinds": []string{"PERIOD_CLOSED"}}, 0, nil},
			"of no kinds, and false": {vars{"kinds": []string{}, "unreadOnly": false}, 15, []string{"лид 5", "5", "лид 4", "4", "лид 3", "3", "лид 2", "2", "лид 1", "1", "лид 0", "0"}},
		} {
			after, got := first.at("notifications", "pageInfo", "endCursor"), []string(nil)
			for more := true; more; {
				r := h.must(anna, feedPage, vars{"first": 5, "after": after, "filter": c.filter})
				got = append(got, r.titles()...)
				if r.at("notifications", "totalCount") != c.total || r.at("notifications", "unreadCount") != 14.0 {
					t.Errorf("%s: got %s, want a count of %v and 14 unread", name, r.raw, c.total)
				}
				after, more = r.at("notifications", "pageInfo", "endCursor"), r.at("notifications", "pageInfo", "hasNextPage") == true
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v behind the first page, want %v", name, got, c.want)
			}
		}
	})
}

func TestAPageOfAHundredTellsWhatEachIsAbout(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		anna := h.worker("anna", north)
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		var all []notify.Notice
		for i := range 101 {
			all = append(all, aboutLead(h.lead(source, leads.Submission{}, north), fmt.Sprint(i), notify.To{Distributor: north}))
		}
		h.tell(all...)
		got := h.must(anna, `{ notifications(first: 100) { pageInfo { hasNextPage } edges { node { title object { id } } } } }`, nil)
		nodes := got.nodes("notifications")
		if len(nodes) != 100 || got.at("notifications", "pageInfo", "hasNextPage") != true {
			t.Fatalf("got %d and %v, want 100 and one more", len(nodes), got.at("notifications", "pageInfo"))
		}
		for _, n := range nodes {
			if n["object"] == nil {
				t.Errorf("%s is about nothing", n["title"])
			}
		}
	})
}

func TestStatementsOfAFeed(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		anna, boss := h.worker("anna", north), h.admin("boss")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		everyone := notify.To{Everyone: true}
		for i := range 6 {
			lead := h.lead(source, leads.Submission{}, north)
			h.tell(aboutLead(lead, fmt.Sprint(i), everyone))
			h.must(boss, `mutation($id: ID!) { addLeadNote(input: {leadId: $id, text: "Звонил"}) { userErrors { code } } }`, vars{"id": gid.Lead.Format(lead)})
		}
		goal := gid.Goal.Format(h.goalsOfEveryKind(north))
		h.tell(notify.Notice{Event: notify.Event{Kind: notice.KindGOAL_SET, Title: "План", Text: "Текст", Object: goal}, To: everyone})
		last := h.message(everyone, "сообщение")
		for name, c := range map[string]struct {
			who   caller
			query string
			most  int
		}{
			"marks and kinds":                      {anna, `{ notifications { edges { cursor node { id kind readAt } } } }`, 2},
			"with how far they came":               {anna, `{ notifications { edges { cursor node { id kind readAt deliveries { status } } } } }`, 3},
			"with the counts":                      {anna, `{ notifications { totalCount unreadCount edges { node { readAt } } } }`, 3},
			"with texts":                           {anna, `{ notifications { totalCount edges { node { title text url createdAt } } } }`, 3},
			"with what they are about":             {anna, `{ notifications { edges { node { title object { id ... on Lead { phone distributor { companyName } } ... on Goal { target } } } } } }`, 6},
			"nothing of them":                      {anna, `{ notifications { pageInfo { hasNextPage } } }`, 2},
			"one by its id":                        {anna, `{ node(id: "` + last + `") { ... on Notification { title } } }`, 2},
			"the viewer's count":                   {boss, `{ viewer { login unreadNotificationCount } }`, 2},
			"a list of users with their counts":    {boss, `{ users { edges { node { login unreadNotificationCount } } } }`, 2},
			"the viewer in many places of a level": {boss, `{ leads { edges { node { events { edges { node { actor { unreadNotificationCount } } } } } } } }`, 4},
		} {
			if _, got := h.statements(t, c.who, c.query, nil); len(got) > c.most {
				t.Errorf("%s: got %d statements, want at most %d:\n%s", name, len(got), c.most, strings.Join(got, "\n"))
			}
		}
	})
}

func TestTheCountIsTheViewersOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		h.admin("other")
		h.worker("anna", h.distributor("Север"))
		h.message(notify.To{Everyone: true}, "раз", "два")
		for _, n := range h.must(boss, `{ users { edges { node { login unreadNotificationCount } } } }`, nil).nodes("users") {
			if want := map[string]any{"boss": 2.0}[n["login"].(string)]; n["unreadNotificationCount"] != want {
				t.Errorf("%s: got %v, want %v", n["login"], n["unreadNotificationCount"], want)
			}
		}
		got := h.must(caller{}, `mutation { signIn(input: {login: "anna", password: "a long enough password"}) { viewer { unreadNotificationCount distributor { users { edges { node { unreadNotificationCount } } } } } } }`, nil)
		if got.at("signIn", "viewer", "unreadNotificationCount") != 2.0 {
			t.Errorf("got %s, want who signs in to be told of 2", got.raw)
		}
	})
}

// TestAFeedIsThatOfWhatThePersonIsNow: who has another distributor, or another role, sees nothing of the time before.
func TestAFeedIsThatOfWhatThePersonIsNow(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north, south, distributor := h.distributor("Север"), h.distributor("Юг"), auth.Distributor
		h.admin("boss")
		h.worker("anna", north)
		h.admin("root")
		secret := h.message(notify.To{Everyone: true}, "раньше")
		ids := map[string]gid.ID{"anna": h.idOf("anna"), "root": h.idOf("root")}
		move := func(login string, in accounts.UserPatch) caller {
			t.Helper()
			if _, err := h.accounts.UpdateUser(h.system(), ids[login], in); err != nil {
				t.Fatal(err)
			}
			return h.signedIn(login)
		}
		for name, who := range map[string]caller{
			"another distributor's": move("anna", accounts.UserPatch{DistributorID: &south}),
			"no administrator":      move("root", accounts.UserPatch{Role: &distributor, DistributorID: &south}),
		} {
			fresh := h.message(notify.To{Distributor: south}, "теперь")
			got := h.must(who, feedPage, nil)
			if titles := got.titles(); len(titles) == 0 || slices.Contains(titles, "раньше") {
				t.Errorf("%s: got %s, want nothing of before", name, got.raw)
			}
			if got := h.must(who, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": secret}); got.at("node") != nil {
				t.Errorf("%s: got %s, want null", name, got.raw)
			}
			const mark = `mutation($ids: [ID!]) { markNotificationsRead(input: {ids: $ids}) { unreadCount userErrors { code field } } }`
			if got := h.ask(who, mark, vars{"ids": []string{fresh, secret}}); !strings.Contains(got.raw, `{"code":"NOT_FOUND","field":"ids[1]"}`) || strings.Contains(got.raw, "ids[0]") {
				t.Errorf("%s: got %s, want NOT_FOUND on ids[1] alone", name, got.raw)
			}
			h.must(who, `mutation { markNotificationsRead(input: {all: true}) { unreadCount } }`, nil)
		}
		for login, id := range ids {
			old, err := gid.Notification.Parse(secret)
			if err != nil {
				t.Fatal(err)
			}
			row := h.db.Notification.Query().Where(notification.NoticeID(old), notification.UserID(id)).OnlyX(h.system())
			if row.ReadAt != nil {
				t.Errorf("%s has marked what is hidden", login)
			}
		}
	})
}

// TestWhatANotificationIsAbout is seen by whoever sees it, as it is seen elsewhere.
func TestWhatANotificationIsAbout(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north, south := h.distributor("Север"), h.distributor("Юг")
		anna, boss := h.worker("anna", north), h.admin("boss")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		kept := h.lead(source, leads.Submission{Phone: "+79161234567"}, north)
		gone := h.lead(source, leads.Submission{Phone: "+79161234568"}, north)
		for title, id := range map[string]gid.ID{"осталась": kept, "ушла": gone} {
			h.tell(aboutLead(id, title, notify.To{Everyone: true}))
		}
		h.message(notify.To{Everyone: true}, "ни о чём")
		if _, err := h.leads.Reassign(h.system(), gone, &south, "Так надо"); err != nil {
			t.Fatal(err)
		}
		const query = `{ notifications { edges { node { title url objectId object { id __typename ... on Lead { phone } } } } } }`
		ids := map[string]any{"осталась": gid.Lead.Format(kept), "ушла": gid.Lead.Format(gone), "ни о чём": nil}
		for who, want := range map[caller]map[string]any{
			anna: {"осталась": map[string]any{"id": gid.Lead.Format(kept), "__typename": "Lead", "phone": "+7916•••••67"}, "ушла": nil, "ни о чём": nil},
			boss: {
				"осталась": map[string]any{"id": gid.Lead.Format(kept), "__typename": "Lead", "phone": "+79161234567"},
				"ушла":     map[string]any{"id": gid.Lead.Format(gone), "__typename": "Lead", "phone": "+79161234568"}, "ни о чём": nil,
			},
		} {
			seen := 0
			for _, n := range h.must(who, query, nil).nodes("notifications") {
				object, known := want[n["title"].(string)]
				if !known {
					continue // what the leads themselves are told of
				}
				if seen++; fmt.Sprint(n["object"]) != fmt.Sprint(object) || n["objectId"] != ids[n["title"].(string)] {
					t.Errorf("%s: got %s, %s, want %v", n["title"], n["object"], n["objectId"], object)
				}
			}
			if seen != len(want) {
				t.Errorf("got %d of %d", seen, len(want))
			}
		}
	})
}

func TestAMarkIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		anna := h.worker("anna", h.distributor("Север"))
		to := notify.To{Users: []gid.ID{h.idOf("anna")}}
		one, two := h.message(to, "раз"), h.message(to, "два")
		const mark = `mutation($in: MarkNotificationsReadInput!) { markNotificationsRead(input: $in) { unreadCount userErrors { code field } } }`
		read := func() string {
			t.Helper()
			nodes := h.must(anna, feedPage, nil).nodes("notifications")
			return fmt.Sprint(nodes[0]["readAt"], nodes[0]["deliveries"], nodes[1]["readAt"], nodes[1]["deliveries"])
		}
		at := h.now()
		for _, c := range []struct {
			name  string
			in    vars
			left  float64
			wrong string
		}{
			{"neither is said", vars{}, 2, `[{"code":"REQUIRED","field":"ids"}]`},
			{"none, and not all", vars{"ids": []string{}, "all": false}, 2, `[{"code":"REQUIRED","field":"ids"}]`},
			{"both are said", vars{"ids": []string{one}, "all": true}, 2, `[{"code":"CONFLICT","field":"ids"}]`},
			{"too many", vars{"ids": slices.Repeat([]string{one}, 101)}, 2, `[{"code":"TOO_MANY","field":"ids"}]`},
			{"unknown, ill-formed and of another kind", vars{"ids": []string{gid.Notification.Format(gid.New()), one, "", "nonsense", gid.Lead.Format(gid.New())}}, 2,
				`[{"code":"NOT_FOUND","field":"ids[0]"},{"code":"NOT_FOUND","field":"ids[2]"},{"code":"NOT_FOUND","field":"ids[3]"},{"code":"NOT_FOUND","field":"ids[4]"}]`},
			{"one twice", vars{"ids": []string{one, one}}, 1, `[]`},
			{"one again, later, and the other", vars{"ids": []string{one, two}}, 0, `[]`},
			{"all, none of which is unread", vars{"all": true}, 0, `[]`},
		} {
			at = at.Add(time.Minute)
			h.now = func() time.Time { return at }
			got := h.ask(anna, mark, vars{"in": c.in})
			if got.at("markNotificationsRead", "unreadCount") != c.left || !strings.Contains(got.raw, `"userErrors":`+c.wrong) {
				t.Errorf("%s: got %s, want %v left and %s", c.name, got.raw, c.left, c.wrong)
			}
		}
		read1 := at.Add(-2 * time.Minute).Format(time.RFC3339)
		read2 := at.Add(-time.Minute).Format(time.RFC3339)
		if got, want := read(), fmt.Sprint(read2, " [map[channel:WEB status:READ]]", read1, " [map[channel:WEB status:READ]]"); strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("got %s, want %s: each at the time of its first mark", got, want)
		}
	})
}

func TestAllFaultsOfAMessageAreToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, north, empty := h.admin("boss"), h.distributor("Север"), h.distributor("Пусто")
		h.worker("anna", north)
		h.worker("gone", north)
		gone, anna := gid.User.Format(h.idOf("gone")), gid.User.Format(h.idOf("anna"))
		if _, err := h.accounts.DisableUser(h.system(), h.idOf("gone")); err != nil {
			t.Fatal(err)
		}
		company, nobody := gid.Distributor.Format(north), gid.Distributor.Format(empty)
		for name, c := range map[string]struct {
			in   vars
			want string // codes with their fields
			n    float64
		}{
			"nothing is said": {vars{"title": " ", "text": "\n"}, "REQUIRED title REQUIRED text REQUIRED userIds", 0},
			"everything is wrong": {vars{"title": "a\nb\x00" + strings.Repeat("ы", 200), "text": strings.Repeat("ы", 4001), "url": "javascript:alert(1)",
				"userIds": []string{anna, gone, "nonsense", company}, "distributorIds": []string{gid.Distributor.Format(gid.New()), company}, "channels": []string{"EMAIL", "WHATSAPP"}},
				"INVALID_CHARACTERS title TOO_LONG title TOO_LONG text INVALID_URL url CHANNEL_NOT_SET_UP channels[0] CHANNEL_NOT_SET_UP channels[1] " +
					"NOT_FOUND userIds[2] NOT_FOUND userIds[3] USER_DISABLED userIds[1] NOT_FOUND distributorIds[0]", 0},
			"too many persons, and no such distributor": {vars{"title": "a", "text": "b", "userIds": slices.Repeat([]string{anna}, 501), "distributorIds": []string{anna}},
				"TOO_MANY userIds NOT_FOUND distributorIds[0]", 0},
			"by no channel":                       {vars{"title": "a", "text": "b", "everyone": true, "channels": []string{}}, "REQUIRED channels", 0},
			"nobody of the distributor":           {vars{"title": "a", "text": "b", "distributorIds": []string{nobody}}, "NO_RECIPIENTS <nil>", 0},
			"everyone, and a person who is not":   {vars{"title": "a", "text": "b", "everyone": true, "userIds": []string{gone}}, "USER_DISABLED userIds[0]", 0},
			"the same person by each way":         {vars{"title": "a", "text": "b\n\tc", "userIds": []string{anna, anna}, "distributorIds": []string{company, company}, "channels": []string{"WEB", "WEB"}}, "", 1},
			"everyone":                            {vars{"title": "a", "text": "b", "everyone": true, "distributorIds": []string{company, nobody}}, "", 2},
			"an address":                          {vars{"title": "a", "text": "b", "everyone": true, "url": " https://example.ru/a?b#c "}, "", 2},
			"a path":                              {vars{"title": "a", "text": "b", "everyone": true, "url": "/leads"}, "", 2},
			"another host, which looks as a path": {vars{"title": "a", "text": "b", "everyone": true, "url": "//evil.example"}, "INVALID_URL url", 0},
			"a backslash":                         {vars{"title": "a", "text": "b", "everyone": true, "url": `/\evil.example`}, "INVALID_URL url", 0},
			"a port without a host":               {vars{"title": "a", "text": "b", "everyone": true, "url": "https://:443/"}, "INVALID_URL url", 0},
			"somebody at a host":                  {vars{"title": "a", "text": "b", "everyone": true, "url": "https://bank.ru@evil.example"}, "INVALID_URL url", 0},
			"an address that reads as another":    {vars{"title": "a", "text": "b", "everyone": true, "url": "https://example.ru/\u202ea"}, "INVALID_URL url", 0},
			"an address with a space":             {vars{"title": "a", "text": "b", "everyone": true, "url": "/leads and more"}, "INVALID_URL url", 0},
			"nothing that is seen":                {vars{"title": "\u200b\u2060", "text": "\u200b\n\u00ad", "everyone": true}, "REQUIRED title REQUIRED text", 0},
			"a title of two lines":                {vars{"title": "a\u2028b", "text": "a\u2028b", "everyone": true}, "INVALID_CHARACTERS title", 0},
			"what turns its direction":            {vars{"title": "a\u202eb", "text": "a\u2066b", "everyone": true}, "INVALID_CHARACTERS title INVALID_CHARACTERS text", 0},
			"a picture of several characters":     {vars{"title": "👩‍🔧", "text": "👩‍🔧", "everyone": true}, "", 2},
			"an address that is too long":         {vars{"title": "a", "text": "b", "everyone": true, "url": "/" + strings.Repeat("a", 2000)}, "TOO_LONG url", 0},
		} {
			before := h.db.Notice.Query().CountX(h.system())
			got := h.ask(boss, `mutation($in: SendNotificationInput!) { sendNotification(input: $in) { recipientCount userErrors { code field message } } }`, vars{"in": c.in})
			var wrong []string
			for _, e := range got.at("sendNotification", "userErrors").([]any) {
				wrong = append(wrong, fmt.Sprint(e.(map[string]any)["code"], " ", e.(map[string]any)["field"]))
			}
			if strings.Join(wrong, " ") != c.want || got.at("sendNotification", "recipientCount") != c.n {
				t.Errorf("%s: got %s, want %q for %v", name, got.raw, c.want, c.n)
			}
			if sent := h.db.Notice.Query().CountX(h.system()) - before; (sent == 1) != (c.want == "") {
				t.Errorf("%s: %d notices were written", name, sent)
			}
		}
	})
}

// TestWhatWaitsIsInTheList that is asked for right after the act, and an ill-formed question costs no look at all.
func TestWhatWaitsIsInTheList(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		anna := h.worker("anna", h.distributor("Север"))
		h.tell(notify.Notice{Event: notify.Message("только что", "Текст", ""), To: notify.To{Everyone: true}})
		forged := base64.RawURLEncoding.EncodeToString([]byte(`{"o":"notifications.PLACE","d":true,"k":["x"]}`))
		for _, v := range []vars{{"first": 101}, {"first": -1}, {"after": "nonsense"}, {"after": forged}, {"filter": vars{"kinds": []string{"NONE"}}}} {
			if got := h.ask(anna, feedPage, v); got.code() != "BAD_REQUEST" && got.code() != "GRAPHQL_VALIDATION_FAILED" {
				t.Errorf("%v: got %s, want BAD_REQUEST", v, got.raw)
			}
		}
		if n := h.db.Notice.Query().Where(notice.PlaceIsNil()).CountX(h.system()); n != 1 {
			t.Errorf("%d notices wait after questions that are refused, want 1", n)
		}
		if got := h.must(anna, feedPage, vars{"first": 0}); got.at("notifications", "totalCount") != 1.0 || got.at("notifications", "pageInfo", "hasNextPage") != true {
			t.Errorf("got %s, want one that is not on the page", got.raw)
		}
		often := vars{"filter": vars{"kinds": slices.Repeat([]string{"MESSAGE"}, 1000)}}
		if got := h.must(anna, feedPage, often); got.at("notifications", "totalCount") != 1.0 {
			t.Errorf("a kind that is named often: got %.300s, want one", got.raw)
		}
	})
}
