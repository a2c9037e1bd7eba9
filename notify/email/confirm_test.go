package email_test

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"channelbook/ent/delivery"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
	"channelbook/notify/email"
	"channelbook/notify/notifytest"
)

// told keeps what is reported.
type told struct {
	mu  sync.Mutex
	all []channel.Report
}

func (k *told) report(_ context.Context, r ...channel.Report) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.all = append(k.all, r...)
	return nil
}

// sent is a message that the provider has taken, with its delivery's row; without is one whose sending ended unclear.
func sent(t *testing.T, d *db.DB, double *notifytest.Elastic, without bool) notifytest.Sent {
	t.Helper()
	m, now := message(), time.Now().UTC().Truncate(time.Microsecond)
	got, err := elastic(double.URL).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	if without {
		got = channel.Receipt{}
	}
	err = d.Delivery.Create().SetID(m.Delivery).SetPurpose(delivery.PurposeTEST).SetChannel(delivery.ChannelEMAIL).SetStatus(delivery.StatusSENT).SetCreatedAt(now).SetDueAt(now).
		SetProviderID(got.ID).SetTransactionID(got.Transaction).Exec(auth.AsSystem(t.Context(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	taken := double.Taken()
	return taken[len(taken)-1]
}

// hear has hints taken and worked until the last transaction's events have been asked for so often, and returns what was reported.
func hear(t *testing.T, d *db.DB, double *notifytest.Elastic, until func() bool, hints ...url.Values) []channel.Report {
	t.Helper()
	k := &told{}
	c := &email.Callbacks{DB: d, Elastic: elastic(double.URL), Token: "0123456789abcdef", Report: k.report}
	q := &jobs.Queue{DB: d, Log: dbtest.Log(t), Poll: 5 * time.Millisecond}
	c.Work(q)
	for _, h := range hints {
		hint, ok := email.ReadHint(h)
		if !ok {
			t.Fatalf("%v is no hint", h)
		}
		if err := c.Take(t.Context(), hint); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { q.Run(ctx); close(done) }()
	for late := time.Now().Add(20 * time.Second); !until(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatal("what was awaited did not come about")
		}
	}
	stop()
	<-done
	return k.all
}

func TestWhatTheAPIShowsIsReported(t *testing.T) {
	for name, c := range map[string]struct {
		kind, category, status string
		want                   []channel.Status
		class                  channel.Class
	}{
		"taken":                       {"Submission", "", "Sent", []channel.Status{channel.Sent}, -1},
		"sent":                        {"Sent", "Unknown", "Sent", []channel.Status{channel.Sent}, -1},
		"opened":                      {"Open", "", "Opened", []channel.Status{channel.Delivered, channel.Read}, -1},
		"clicked":                     {"Click", "", "Clicked", []channel.Status{channel.Delivered, channel.Read}, -1},
		"no mailbox":                  {"Bounce", "NoMailbox", "Error", []channel.Status{channel.Failed}, channel.Unwanted},
		"spam":                        {"Bounce", "Spam", "Error", []channel.Status{channel.Failed}, channel.Unwanted},
		"blacklisted":                 {"Bounce", "BlackListed", "Error", []channel.Status{channel.Failed}, channel.Unwanted},
		"an attempt without mailbox":  {"FailedAttempt", "NoMailbox", "Error", []channel.Status{channel.Failed}, channel.Unwanted},
		"a complaint":                 {"Complaint", "", "AbuseReport", []channel.Status{channel.Delivered}, channel.Unwanted},
		"an unsubscription":           {"Unsubscribe", "", "Unsubscribed", []channel.Status{channel.Delivered}, channel.Unwanted},
		"a mailbox that is full":      {"Bounce", "AccountProblem", "Error", []channel.Status{channel.Failed}, channel.Unreachable},
		"a category that is new":      {"Bounce", "Moonlight", "Error", []channel.Status{channel.Failed}, channel.Unreachable},
		"our domain's SPF":            {"Bounce", "SPFProblem", "Error", []channel.Status{channel.Failed}, channel.Refused},
		"a wrong merge tag":           {"Bounce", "CodeError", "Error", []channel.Status{channel.Failed}, channel.Unfit},
		"greylisted":                  {"Bounce", "GreyListed", "Error", nil, -1},
		"throttled":                   {"FailedAttempt", "Throttled", "Error", nil, -1},
		"a time-out":                  {"FailedAttempt", "Timeout", "Error", nil, -1},
		"no connection":               {"Bounce", "ConnectionProblem", "Error", nil, -1},
		"no DNS":                      {"Bounce", "DNSProblem", "Error", nil, -1},
		"an attempt that failed once": {"FailedAttempt", "AccountProblem", "Error", nil, -1},
		"a kind that is new":          {"Moonrise", "", "Sent", nil, -1},
	} {
		t.Run(name, func(t *testing.T) {
			d := dbtest.SQLite(t)
			double := notifytest.NewElastic(t)
			s := sent(t, d, double, false)
			double.Tell(s, c.kind, c.category)
			got := hear(t, d, double, func() bool { return double.Asked(s.Transaction) > 0 }, double.Hint(s, c.status, c.category))
			var statuses []channel.Status
			for _, r := range got {
				statuses = append(statuses, r.Status)
				if gid.Delivery.Format(r.Delivery) != s.Delivery || r.ID != s.ID || r.Channel != channel.Email || time.Since(r.At) > time.Minute {
					t.Errorf("got %+v of %+v", r, s)
				}
				if r.Failure == nil != (c.class < 0) || r.Failure != nil && (r.Failure.Class != c.class || dbtest.Personal(r.Failure.Text) != "") {
					t.Errorf("got the failure %+v, want class %d", r.Failure, c.class)
				}
			}
			if !slices.Equal(statuses, c.want) {
				t.Errorf("got %v, want %v", statuses, c.want)
			}
		})
	}
}

// TestAForgedHintChangesNothing: whoever knows the address says what is not so, of messages that are there and of others.
func TestAForgedHintChangesNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		double := notifytest.NewElastic(t)
		mine, bounced, unclear := sent(t, d, double, false), sent(t, d, double, false), sent(t, d, double, true)
		double.Tell(mine, "Sent", "")
		double.Tell(bounced, "Bounce", "NoMailbox")
		complaint, another, stolen, stranger := double.Hint(mine, "AbuseReport", ""), double.Hint(mine, "Error", "NoMailbox"), double.Hint(unclear, "Error", ""), double.Hint(mine, "Error", "")
		another.Set("transaction", bounced.Transaction)
		stolen.Set("transaction", bounced.Transaction)
		stranger.Set("postback", gid.Delivery.Format(gid.New()))
		got := hear(t, d, double, func() bool { return double.Asked(mine.Transaction) >= 2 && waiting(t, d, 0) }, stranger, stolen, complaint, another)
		for _, r := range got {
			if gid.Delivery.Format(r.Delivery) != mine.Delivery || r.Status != channel.Sent || r.Failure != nil {
				t.Errorf("got %+v, want what the API says of that message", r)
			}
		}
		if len(got) != 2 || double.Asked(bounced.Transaction) > 0 {
			t.Errorf("got %d reports, and the other's transaction was asked for %d times", len(got), double.Asked(bounced.Transaction))
		}
	})
}

// waiting tells whether so many jobs are due or run.
func waiting(t *testing.T, d *db.DB, n int) bool {
	t.Helper()
	var found int
	err := db.WithTx(t.Context(), d, func(tx *db.Tx) error {
		return tx.SQL().QueryRowContext(t.Context(), `SELECT count(*) FROM river_job WHERE state IN ('available', 'running', 'retryable')`).Scan(&found)
	})
	if err != nil {
		t.Fatal(err)
	}
	return found == n
}

// TestAHintTellsOfWhatEndedUnclear: nobody knew whether that message had gone.
func TestAHintTellsOfWhatEndedUnclear(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		double := notifytest.NewElastic(t)
		s := sent(t, d, double, true)
		double.Tell(s, "Sent", "")
		got := hear(t, d, double, func() bool { return double.Asked(s.Transaction) > 0 }, double.Hint(s, "Sent", ""), double.Hint(s, "Sent", ""))
		if len(got) != 1 || got[0].Status != channel.Sent || double.Asked(s.Transaction) != 1 {
			t.Errorf("got %+v after %d questions, want one of each", got, double.Asked(s.Transaction))
		}
	})
}

// TestTheAPIIsAskedAgain: it is away at first.
func TestTheAPIIsAskedAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		double := notifytest.NewElastic(t)
		s := sent(t, d, double, false)
		double.Tell(s, "Open", "")
		double.RefuseEvents(503)
		got := hear(t, d, double, func() bool {
			switch double.Asked(s.Transaction) {
			case 0:
				return false
			case 1:
				double.RefuseEvents(0)
				return false
			}
			return true
		}, double.Hint(s, "Opened", ""))
		if len(got) != 2 {
			t.Errorf("got %+v, want it delivered and read", got)
		}
	})
}

func TestWhatIsNoHint(t *testing.T) {
	double := &notifytest.Elastic{}
	s := notifytest.Sent{Delivery: gid.Delivery.Format(gid.New()), ID: "message-1", Transaction: "0a1b-2c", To: "maria@example.ru"}
	if _, ok := email.ReadHint(double.Hint(s, "Sent", "")); !ok {
		t.Error("a hint is none")
	}
	for name, change := range map[string]func(url.Values){
		"nothing at all":         func(v url.Values) { clear(v) },
		"another's postback":     func(v url.Values) { v.Set("postback", "campaign 5") },
		"an id of another kind":  func(v url.Values) { v.Set("postback", gid.Lead.Format(gid.New())) },
		"no transaction":         func(v url.Values) { v.Del("transaction") },
		"a path as transaction":  func(v url.Values) { v.Set("transaction", "../suppressions") },
		"an address as message":  func(v url.Values) { v.Set("messageid", "maria@example.ru") },
		"a transaction too long": func(v url.Values) { v.Set("transaction", string(make([]byte, 200))) },
		"a status that is new":   func(v url.Values) { v.Set("status", "Pondered") },
	} {
		v := double.Hint(s, "Sent", "")
		change(v)
		if got, ok := email.ReadHint(v); ok {
			t.Errorf("%s: got %+v, want none", name, got)
		}
	}
}
