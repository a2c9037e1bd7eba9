package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent/consent"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/watch"
	consents "channelbook/personaldata/consent"
)

const changedLeads = `subscription { leadChanged { id status phone processingRestricted distributor { companyName } } }`

// audience is somebody who is told of leads as they change.
type audience struct {
	*line
	all []string // that was heard
}

// watching subscribes somebody, and returns once the subscription tells of a lead that is changed until then.
func (h *house) watching(t *testing.T, url, login, query string, warm gid.ID) *audience {
	t.Helper()
	_, bearer := h.entered(login)
	a := &audience{line: call(t, url, bearer)}
	a.expect("connection_ack")
	a.ask("leads", query)
	over := make(chan struct{})
	var noting sync.WaitGroup
	noting.Go(func() {
		for {
			if _, err := h.leads.AddNote(h.system(), warm, "сюда"); err != nil {
				t.Error(err)
			}
			select {
			case <-over:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	})
	a.until(gid.Lead.Format(warm))
	close(over)
	noting.Wait()
	return a
}

// told is the next that is told of a lead, and has all parts.
func (a *audience) told(of gid.ID, parts ...string) {
	a.t.Helper()
	for {
		got := a.expect()
		a.all = append(a.all, got)
		if !strings.Contains(got, gid.Lead.Format(of)) {
			continue
		}
		missing := ""
		for _, part := range parts {
			if !strings.Contains(got, part) {
				missing = part
			}
		}
		if missing == "" {
			return
		}
		a.t.Logf("got %s, without %s: an earlier change", got, missing)
	}
}

// heard is how often somebody was told of a lead.
func (a *audience) heard(of gid.ID) (n int) {
	for _, text := range a.all {
		if strings.Contains(text, gid.Lead.Format(of)) {
			n++
		}
	}
	return n
}

func (a *audience) tells(text string) bool { return strings.Contains(strings.Join(a.all, "\n"), text) }

// TestLeadsAreToldAsTheyChange: to a distributor's users its own, as far as they may see them, to administrators all, on every
// instance; what left somebody's sight is not told.
func TestLeadsAreToldAsTheyChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north, south := h.distributor("Север"), h.distributor("Юг")
		h.worker("nick", north)
		h.worker("sam", south)
		h.admin("boss")
		yes := true
		strict, _ := h.source(leads.SourceInput{Name: "Strict", RequireConsent: &yes})
		submit := func(to gid.ID) gid.ID {
			return h.lead(strict, leads.Submission{Phone: "+79123456789", Consent: consentToLead()}, to)
		}
		warmNorth, warmSouth := submit(north), submit(south)
		here := h.served(t)
		other := open(t, dbtest.Second(t, h.db))
		there := other.served(t)
		nick := h.watching(t, here, "nick", changedLeads, warmNorth)
		sam := h.watching(t, there, "sam", changedLeads, warmSouth)
		boss := h.watching(t, there, "boss", changedLeads, warmNorth)
		taking := auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: h.idOf("nick"), Distributor: north})

		id := submit(north)
		nick.told(id, `"NEW"`, `"+7912•••••89"`, `"Север"`)
		boss.told(id, `"NEW"`, `"+79123456789"`, `"Север"`)
		done(t)(h.leads.Take(taking, id))
		nick.told(id, `"IN_PROGRESS"`, `"+79123456789"`)
		boss.told(id, `"IN_PROGRESS"`)
		done(t)(h.leads.Reassign(h.system(), id, &south, ""))
		sam.told(id, `"NEW"`, `"+7912•••••89"`, `"Юг"`)
		boss.told(id, `"Юг"`)

		given, err := h.db.Consent.Query().Where(consent.LeadID(id)).Only(h.system())
		if err != nil {
			t.Fatal(err)
		}
		hourAgo := h.now().Add(-time.Hour)
		done(t)(h.consents.Withdraw(h.system(), consents.Withdrawal{ConsentID: given.ID, Channel: consent.WithdrawalChannelEMAIL, ReceivedAt: &hourAgo}))
		boss.told(id, `"processingRestricted":true`)
		restricted := submit(south)
		sam.told(restricted) // what was to be told before it has been told
		done(t)(h.consents.Record(h.system(), id, consents.Given{TextVersion: "2026-09", GivenAt: h.now(), How: consent.HowPAPER}))
		sam.told(id, `"processingRestricted":false`)

		last := submit(north)
		nick.told(last)
		if nick.tells("Юг") || nick.tells(gid.Lead.Format(restricted)) || nick.tells(gid.Lead.Format(warmSouth)) {
			t.Errorf("nick was told %q, want nothing of another distributor's", nick.all)
		}
		if sam.tells("Север") || sam.tells("+79123456789") || sam.tells(`"processingRestricted":true`) || sam.heard(last)+sam.heard(warmNorth) > 0 {
			t.Errorf("sam was told %q, want nothing of another distributor's, nor restricted, nor a contact before the lead is taken", sam.all)
		}
	})
}

// done fails the test where an act did.
func done(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestManyChangesAreReadTogether: in one statement for each hundred leads, however many changed how often.
func TestManyChangesAreReadTogether(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		north := h.distributor("Север")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		warm := h.lead(source, leads.Submission{}, north)
		ctx, counter := db.CountStatements(t.Context())
		served := h.handler
		h.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			served.ServeHTTP(w, r.WithContext(counting{r.Context(), ctx}))
		})
		boss := h.watching(t, h.served(t), "boss", `subscription { leadChanged { id distributor { companyName } } }`, warm)
		before := len(counter.List())
		batch := make([]leads.Submission, 250)
		for i := range batch {
			batch[i] = leads.Submission{FirstName: "Имя", Phone: fmt.Sprintf("+7916000%04d", i)}
		}
		results, err := h.leads.AcceptBatch(auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: source.ID}), batch)
		if err != nil {
			t.Fatal(err)
		}
		waits := map[string]bool{}
		for _, r := range results {
			waits[gid.Lead.Format(r.Accepted.LeadID)] = true
		}
		for len(waits) > 0 {
			var got struct {
				Payload struct {
					Data struct{ LeadChanged struct{ ID string } }
				}
			}
			if err := json.Unmarshal([]byte(boss.expect(`"Север"`)), &got); err != nil {
				t.Fatal(err)
			}
			delete(waits, got.Payload.Data.LeadChanged.ID)
		}
		read := map[string]int{}
		for _, statement := range counter.List()[before:] {
			for _, table := range []string{"leads", "distributors"} {
				if strings.Contains(statement, "FROM "+quoted(h.db, table)) {
					read[table]++
				}
			}
		}
		const most = 20 // four, and some for a machine that is so slow that what was read is read again
		if read["leads"] == 0 || read["leads"] > most || read["distributors"] > read["leads"] {
			t.Errorf("250 leads took %v statements, want at most %d, and as many for their distributors", read, most)
		}
	})
}

func quoted(d *db.DB, table string) string {
	if d.Dialect() == dialect.SQLite {
		return "`" + table + "`"
	}
	return `"` + table + `"`
}

// TestWhatCannotBeReadIsToldLater: nothing that changes while the base cannot be read is lost.
func TestWhatCannotBeReadIsToldLater(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		source, _ := h.source(leads.SourceInput{Name: "Landing"})
		warm, other := h.lead(source, leads.Submission{}), h.lead(source, leads.Submission{})
		failed := make(failures, 1)
		h.edge.Resolver.Log = slog.New(slog.NewTextHandler(failed, nil))
		boss := h.watching(t, h.served(t), "boss", changedLeads, warm)
		rename := func(from, to string) {
			t.Helper()
			if _, err := h.db.ExecContext(h.system(), "ALTER TABLE "+from+" RENAME TO "+to); err != nil {
				t.Fatal(err)
			}
		}
		rename("leads", "leads_away")
		err := db.WithTx(h.system(), h.db, func(tx *db.Tx) error {
			return tx.Insert(h.system(), watch.Rows(tx, h.now(), watch.Change{Lead: warm}, watch.Change{Lead: other}))
		})
		select {
		case <-failed:
		case <-time.After(20 * time.Second):
			t.Error("nothing failed: the test shows nothing")
		}
		rename("leads_away", "leads")
		if err != nil {
			t.Fatal(err)
		}
		boss.told(warm)
		boss.told(other)
	})
}

// failures is told of each line of a log.
type failures chan struct{}

func (f failures) Write(line []byte) (int, error) {
	if strings.Contains(string(line), "leads that have changed cannot be read") {
		select {
		case f <- struct{}{}:
		default:
		}
	}
	return len(line), nil
}

// counting is a request's context whose statements are counted with another's.
type counting struct {
	context.Context
	counter context.Context
}

func (c counting) Value(key any) any {
	if v := c.Context.Value(key); v != nil {
		return v
	}
	return c.counter.Value(key)
}
