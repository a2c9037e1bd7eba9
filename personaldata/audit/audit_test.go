package audit_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
	"channelbook/internal/seal"
	"channelbook/personaldata/audit"
)

const (
	oldKey = "old:000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	newKey = "new:202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
)

// desk is an audit over a fresh base. Looking and doing damage are the system's.
type desk struct {
	*audit.Log
	t      testing.TB
	system context.Context
	person auth.Viewer
	said   *bytes.Buffer
	clock  time.Time
}

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	k := &desk{
		t: t, system: db.Unaudited(auth.AsSystem(context.Background(), "test"), "a test"), said: new(bytes.Buffer),
		person: auth.Viewer{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()}, clock: dbtest.Clock("2026-11-23T09:00:00Z")(),
	}
	k.Log = &audit.Log{DB: d, Keys: keys(t, oldKey), Now: func() time.Time { return k.clock }, Log: slog.New(slog.NewTextHandler(k.said, nil))}
	k.fine(k.Begin(k.system))
	return k
}

func keys(t testing.TB, s string) seal.Keys {
	t.Helper()
	k, err := seal.ParseKeys(s)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// with is the same audit under other keys, as after a restart.
func (k *desk) with(keys seal.Keys) *desk {
	other := *k
	other.Log = &audit.Log{DB: k.DB, Keys: keys, Now: k.Now, Log: k.Log.Log}
	return &other
}

// asPerson is a request of an administrator.
func (k *desk) asPerson() context.Context {
	return reqctx.With(auth.With(context.Background(), k.person), reqctx.Request{ID: "request-1", RemoteAddr: "192.0.2.1", UserAgent: "test/1"})
}

func (k *desk) fine(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// record writes acts, each in a transaction of its own.
func (k *desk) record(acts ...audit.Act) {
	k.t.Helper()
	for _, act := range acts {
		k.fine(db.WithTx(k.system, k.DB, func(tx *db.Tx) error { return audit.Record(k.asPerson(), tx, k.clock, act) }))
	}
}

// sealed records n acts and gives them their places.
func (k *desk) sealed(n int) {
	k.t.Helper()
	for i := range n {
		k.record(audit.Act{Action: audit.LeadTaken, Object: audit.On(gid.Lead, gid.New()), Details: map[string]string{"n": fmt.Sprint(i)}})
	}
	if got, err := k.Seal(k.system); got != n || err != nil {
		k.t.Fatalf("sealed %d, %v, want %d", got, err, n)
	}
}

func (k *desk) records() []*ent.AuditRecord {
	k.t.Helper()
	rows, err := k.DB.AuditRecord.Query().Order(ent.Asc(auditrecord.FieldID)).All(k.system)
	k.fine(err)
	return rows
}

func (k *desk) verify() audit.Verdict {
	k.t.Helper()
	v, err := k.Verify(k.system, nil)
	k.fine(err)
	return v
}

// sql runs a statement as somebody would who has come to the base past the server.
func (k *desk) sql(statement string, args ...any) error {
	_, err := k.DB.ExecContext(k.system, statement, args...)
	return err
}

// open takes the triggers away.
func (k *desk) open() {
	k.t.Helper()
	if k.DB.Dialect() == dialect.Postgres {
		for _, table := range []string{"audit_records", "audit_links", "audit_heads", "audit_checkpoints"} {
			k.fine(k.sql("ALTER TABLE " + table + " DISABLE TRIGGER USER"))
		}
		return
	}
	rows, err := k.DB.QueryContext(k.system, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	k.fine(err)
	var names []string
	for rows.Next() {
		var name string
		k.fine(rows.Scan(&name))
		names = append(names, name)
	}
	k.fine(rows.Close())
	for _, name := range names {
		k.fine(k.sql("DROP TRIGGER " + name))
	}
}

func wantBreak(t *testing.T, v audit.Verdict, place int64, kind audit.Kind) {
	t.Helper()
	if v.Break == nil || v.Break.Place != place || v.Break.Kind != kind {
		t.Errorf("got %+v, want %s at %d", v.Break, kind, place)
	}
}

// TestTheActionsAreDescribed: whoever filters by them finds their names.
func TestTheActionsAreDescribed(t *testing.T) {
	text, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range audit.Catalogue {
		if !strings.Contains(string(text), "`"+string(a)+"`") {
			t.Errorf("docs/operating.md does not name %s", a)
		}
	}
}

func TestTheCatalogueNamesEachActionOnce(t *testing.T) {
	seen := map[audit.Action]bool{}
	for _, a := range audit.Catalogue {
		if seen[a] || a == "" || string(a) != strings.ToUpper(string(a)) {
			t.Errorf("%q stands there twice or is no code", a)
		}
		seen[a] = true
	}
}
