package graph_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent/notice"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
)

// live is the subscription to a feed, with its argument where there is one.
func live(after string) string {
	return `subscription { notificationAdded` + after + ` { id kind title text url createdAt readAt object { id } deliveries { status } } }`
}

func behind(id string) string { return fmt.Sprintf("(after: %q)", id) }

// feedOver subscribes to a feed by a transport; next is the title of the next event.
type feedOver func(t *testing.T, url string, in accounts.SignedIn, query string) (next func() string)

var transports = map[string]feedOver{
	"a socket": func(t *testing.T, url string, in accounts.SignedIn, query string) func() string {
		l := call(t, url, `{"Authorization":"Bearer `+in.Session.AccessToken+`"}`)
		l.expect("connection_ack")
		l.ask("feed", query)
		return func() string { t.Helper(); return titleIn(t, l.expect(`"type":"next"`)) }
	},
	"a stream": func(t *testing.T, url string, in accounts.SignedIn, query string) func() string {
		lines := bufio.NewScanner(follow(t, url, in.Session.AccessToken, query))
		lines.Buffer(nil, 1<<20)
		return func() string {
			t.Helper()
			for lines.Scan() {
				if data, found := strings.CutPrefix(lines.Text(), "data: {"); found {
					return titleIn(t, `{"payload":{`+data+`}`)
				}
			}
			t.Fatalf("the stream ended with %v", lines.Err())
			return ""
		}
	},
}

func titleIn(t *testing.T, event string) string {
	t.Helper()
	var of struct {
		Payload struct {
			Data   struct{ NotificationAdded struct{ Title string } }
			Errors []any
		}
	}
	if err := json.Unmarshal([]byte(event), &of); err != nil || len(of.Payload.Errors) > 0 {
		t.Fatalf("got %s, %v, want an event without errors", event, err)
	}
	return of.Payload.Data.NotificationAdded.Title
}

// lastTitle is that of what is told to who has heard all else.
const lastTitle = "последнее"

// hears holds what comes against titles, after which nothing else is to come.
func (h *house) hears(name string, next func() string, to notify.To, want ...string) {
	h.t.Helper()
	var got []string
	for range want {
		got = append(got, next())
	}
	h.message(to, lastTitle)
	if got = append(got, next()); !slices.Equal(got, append(want, lastTitle)) {
		h.t.Errorf("%s: heard %v, want %v and %s", name, got, want, lastTitle)
	}
}

// TestAFeedIsHeardFromWhereItWasLeft, first what was missed, in its order, then what is new, and nothing twice.
func TestAFeedIsHeardFromWhereItWasLeft(t *testing.T) {
	for transport, over := range transports {
		t.Run(transport, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				north, south := h.distributor("Север"), h.distributor("Юг")
				h.worker("anna", north)
				h.worker("vera", south)
				anna, _ := h.entered("anna")
				toNorth := notify.To{Distributor: north}
				first := h.message(toNorth, "1")
				foreign := h.message(notify.To{Distributor: south}, "чужое")
				second := h.message(toNorth, "2")
				last := h.message(toNorth, "3")
				url := h.served(t)
				for _, c := range []struct {
					name, after string
					want        []string
				}{
					{"behind the first", behind(first), []string{"2", "3"}},
					{"behind the last", behind(last), nil},
					{"from now", "", nil},
					{"from the beginning", behind(""), []string{"1", "2", "3"}},
					{"behind another person's", behind(foreign), []string{"1", "2", "3"}},
					{"behind what is not there any more", behind(gid.Notification.Format(gid.New())), []string{"1", "2", "3"}},
					{"once more behind the second", behind(second), []string{"3"}},
				} {
					next := over(t, url, anna, live(c.after))
					if c.after == "" { // it begins once the server has heard of it: whatever is told before is before
						h.untilHeard(next, toNorth)
					}
					h.hears(c.name, next, toNorth, c.want...)
					h.forget(lastTitle)
				}
			})
		})
	}
}

// untilHeard tells of something until it is heard, and leaves nothing of it.
func (h *house) untilHeard(next func() string, to notify.To) {
	h.t.Helper()
	heard := make(chan string, 1)
	go func() { heard <- next() }()
	told := 0
	for {
		told++
		h.message(to, fmt.Sprint("проба ", told))
		select {
		case title := <-heard:
			for title != fmt.Sprint("проба ", told) { // the others come as well
				title = next()
			}
			for i := range told {
				h.forget(fmt.Sprint("проба ", i+1))
			}
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// forget takes what was told out of all feeds.
func (h *house) forget(title string) {
	h.t.Helper()
	h.db.Notice.Delete().Where(notice.Title(title)).ExecX(h.system())
}

func TestAnIDThatIsNoneBeginsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		in, bearer := h.entered("boss")
		url := h.served(t)
		l := call(t, url, bearer)
		l.expect("connection_ack")
		for name, id := range map[string]string{"nonsense": "nonsense", "a lead's": gid.Lead.Format(gid.New()), "a blank": " "} {
			l.ask("a", live(behind(id)))
			if got := l.expect(`"code":"BAD_REQUEST"`); !strings.Contains(got, "This is not the id of a notification.") {
				t.Errorf("%s: got %s, want to be told what is wrong", name, got)
			}
			l.expect(`"type":"complete"`)
		}
		lines := bufio.NewScanner(follow(t, url, in.Session.AccessToken, live(behind("nonsense"))))
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") {
		}
		if !strings.Contains(lines.Text(), `"code":"BAD_REQUEST"`) {
			t.Errorf("the stream: got %s, want BAD_REQUEST", lines.Text())
		}
	})
}

// TestWhatIsToldComesToAllOfAPersonsConnections on every instance, whichever one it was told at.
func TestWhatIsToldComesToAllOfAPersonsConnections(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, other := open(t, d), open(t, dbtest.Second(t, d))
		north := h.distributor("Север")
		h.worker("anna", north)
		boss := h.admin("boss")
		anna, _ := h.entered("anna")
		here, there := h.served(t), other.served(t)
		begin := behind(h.message(notify.To{Distributor: north}, "раньше"))
		feeds := map[string]func() string{
			"a socket here": transports["a socket"](t, here, anna, live(begin)), "another socket here": transports["a socket"](t, here, anna, live(begin)),
			"a stream here": transports["a stream"](t, here, anna, live(begin)), "a socket there": transports["a socket"](t, there, anna, live(begin)),
			"a stream there": transports["a stream"](t, there, anna, live(begin)),
		}
		const send = `mutation($t: String!) { sendNotification(input: {title: $t, text: "Текст", everyone: true}) { recipientCount userErrors { code } } }`
		var want []string
		for i := range 6 {
			at := []*house{h, other}[i%2]
			want = append(want, fmt.Sprint(i))
			at.must(boss, send, vars{"t": fmt.Sprint(i)})
			for name, next := range feeds {
				if got := next(); got != fmt.Sprint(i) {
					t.Fatalf("%s: heard %s, want %v in this order", name, got, want)
				}
			}
		}
	})
}

// TestAMaskedLeadIsMaskedLive: an event tells of a lead what a query would.
func TestAMaskedLeadIsMaskedLive(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		h.worker("anna", north)
		_, bearer := h.entered("anna")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		lead := h.lead(source, leads.Submission{Phone: "+79161234567"}, north)
		l := call(t, h.served(t), bearer)
		l.expect("connection_ack")
		l.ask("feed", `subscription { notificationAdded(after: "") { object { id ... on Lead { phone source { name } } } } }`)
		h.tell(aboutLead(lead, "лид", notify.To{Distributor: north}))
		l.expect(`"phone":"+7916•••••67"`, gid.Lead.Format(lead), `"source":null`)
	})
}

// TestAFeedEndsWithTheAccess of who hears it, who is told why.
func TestAFeedEndsWithTheAccess(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(h *house, in accounts.SignedIn) error
		told string
		code int
	}{
		"the session was ended elsewhere": {func(h *house, in accounts.SignedIn) error {
			h.revoke(h.admin("boss"), gid.Session.Format(in.Viewer.SessionID))
			return nil
		}, "UNAUTHENTICATED", 4401},
		"the user was disabled": {func(h *house, in accounts.SignedIn) error {
			_, err := h.accounts.DisableUser(h.system(), in.Viewer.UserID)
			return err
		}, "UNAUTHENTICATED", 4401},
		"the password was reset": {func(h *house, in accounts.SignedIn) error {
			_, _, err := h.accounts.ResetPassword(h.system(), in.Viewer.UserID)
			return err
		}, "UNAUTHENTICATED", 4401},
		"the user is another distributor's": {func(h *house, in accounts.SignedIn) error {
			south := h.distributor("Юг")
			_, err := h.accounts.UpdateUser(h.system(), in.Viewer.UserID, accounts.UserPatch{DistributorID: &south})
			return err
		}, "UNAUTHENTICATED", 4401},
		"the user is an administrator": {func(h *house, in accounts.SignedIn) error {
			role := auth.Admin
			_, err := h.accounts.UpdateUser(h.system(), in.Viewer.UserID, accounts.UserPatch{Role: &role})
			return err
		}, "UNAUTHENTICATED", 4401},
		"the token has expired": {nil, auth.TokenExpired, 4403},
		"the server stops":      {nil, "", 1001},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, h *house) {
				handler, stop := h.edge.Handler()
				h.handler = handler
				t.Cleanup(stop)
				north := h.distributor("Север")
				h.worker("anna", north)
				in, bearer := h.entered("anna")
				if c.told == auth.TokenExpired {
					in, bearer = h.enteredFor("anna", in, 12*time.Second) // it has to be heard before
				}
				url := h.served(t)
				l := call(t, url, bearer)
				l.expect("connection_ack")
				l.ask("feed", live(behind("")))
				stream := bufio.NewScanner(follow(t, url, in.Session.AccessToken, live(behind(""))))
				h.message(notify.To{Distributor: north}, "пока можно")
				l.expect(`"title":"пока можно"`)
				for stream.Scan() && !strings.Contains(stream.Text(), "пока можно") {
				}
				switch {
				case c.end != nil:
					if err := c.end(h, in); err != nil {
						t.Fatal(err)
					}
				case c.told == "":
					stop()
				}
				if c.told != "" {
					l.expect(`"type":"error"`, `"id":"feed"`, `"code":"`+c.told+`"`)
				}
				if got, closed := l.hear(); int(closed.Code) != c.code {
					t.Errorf("got %s %v, want it closed with %d", got, closed, c.code)
				}
				h.message(notify.To{Users: []gid.ID{in.Viewer.UserID}}, "уже нельзя")
				var rest string
				for stream.Scan() {
					rest += stream.Text() + "\n"
				}
				if strings.Contains(rest, "уже нельзя") || !strings.Contains(rest, c.told) || strings.Contains(rest, "event: complete") != (c.told != "") {
					t.Errorf("the stream: got %s, want %q and no event more", rest, c.told)
				}
			})
		})
	}
}

// enteredFor signs somebody in with a token that ends soon.
func (h *house) enteredFor(login string, before accounts.SignedIn, left time.Duration) (accounts.SignedIn, string) {
	h.t.Helper()
	begun := h.now().Add(left - before.Session.AccessTokenExpiresAt.Sub(h.now()))
	h.tokens.Now = func() time.Time { return begun }
	defer func() { h.tokens.Now = h.now }()
	return h.entered(login)
}

// narrow is a listener whose connections hold little of what nobody reads, and which tells of those that end.
type narrow struct {
	net.Listener
	ended chan string // by the client's address
}

type narrowConn struct {
	net.Conn
	ended chan string
}

func (n narrow) Accept() (net.Conn, error) {
	c, err := n.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return narrowConn{c, n.ended}, c.(*net.TCPConn).SetWriteBuffer(4 << 10)
}

func (c narrowConn) Close() error {
	select {
	case c.ended <- c.RemoteAddr().String():
	default:
	}
	return c.Conn.Close()
}

// TestWhoeverDoesNotReadAFeedIsCutOff, and keeps nobody from hearing theirs meanwhile.
func TestWhoeverDoesNotReadAFeedIsCutOff(t *testing.T) {
	t.Parallel() // it waits for the socket's own time
	h := open(t, dbtest.SQLite(t))
	north := h.distributor("Север")
	h.worker("anna", north)
	in, bearer := h.entered("anna")
	h.learns(t)
	server := httptest.NewUnstartedServer(h.handler)
	ended := make(chan string, 100)
	server.Listener = narrow{server.Listener, ended}
	server.Start()
	t.Cleanup(server.Close)
	const many = 60
	aliased := `subscription { notificationAdded(after: "") { title ` + times(40, numbered("t%d: text ")) + `} }`
	deaf := call(t, server.URL, bearer)
	deaf.expect("connection_ack")
	deaf.ask("feed", aliased)
	next := transports["a socket"](t, server.URL, in, live(behind("")))
	for i := range many {
		h.tell(notify.Notice{Event: notify.Message(fmt.Sprint(i), strings.Repeat("ы", notify.MaxText), ""), To: notify.To{Distributor: north}})
		if got := next(); got != fmt.Sprint(i) {
			t.Fatalf("who reads heard %s, want %d", got, i)
		}
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Fatal("who does not read is still connected")
	}
	h.hears("who reads", next, notify.To{Distributor: north})
	if n := h.db.Notification.Query().CountX(h.system()); n != many+1 {
		t.Errorf("the feed has %d, want %d", n, many+1)
	}
}

func TestNotificationsComeLive(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		h.worker("anna", north)
		h.admin("boss")
		url := h.served(t)
		_, anna := h.entered("anna")
		_, boss := h.entered("boss")
		l := call(t, url, anna)
		l.expect("connection_ack")
		l.ask("feed", `subscription { notificationAdded { id kind title text url createdAt readAt object { id } } }`)
		l.ask("now", `{ viewer { unreadNotificationCount } }`)
		l.until(`"unreadNotificationCount":0`)
		admin := call(t, url, boss)
		admin.expect("connection_ack")
		admin.ask("send", `mutation { sendNotification(input: {title: "Встреча", text: "В пять", everyone: true}) { recipientCount userErrors { code field } } }`)
		admin.expect(`"recipientCount":2`)
		got := l.until(`"title":"Встреча"`, `"kind":"MESSAGE"`, `"readAt":null`)
		if strings.Contains(got, "errors") {
			t.Error(got)
		}
	})
}
