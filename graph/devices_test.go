package graph_test

import (
	"testing"

	"channelbook/ent/session"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
)

const sessionsQuery = `query($u: ID) { sessions(userId: $u) { totalCount edges { node { id device userAgent address createdAt lastSeenAt expiresAt current } } } }`

// signInFrom starts a session on a device.
func (h *house) signInFrom(login, address, userAgent string) caller {
	h.t.Helper()
	ctx := reqctx.With(h.t.Context(), reqctx.Request{RemoteAddr: address, UserAgent: userAgent})
	got := h.askIn(ctx, caller{}, signInMutation, vars{"in": vars{"login": login, "password": "a long enough password"}})
	return bearer(got.at("signIn", "session", "accessToken"))
}

func (h *house) revoke(who caller, id any) reply {
	h.t.Helper()
	return h.ask(who, `mutation($in: RevokeSessionInput!) { revokeSession(input: $in) { userErrors { code field } } }`, vars{"in": vars{"id": id}})
}

func TestSessionsShowWhereSomebodyIsSignedIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		h.worker("roma", h.distributor("Ромашка"))
		h.worker("vera", h.distributor("Василёк"))
		desk := h.signInFrom("roma", "203.0.113.7", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36")
		shell := h.signInFrom("roma", "2001:db8::1", "curl/8.5.0")
		vera := h.signInFrom("vera", "", "")
		roma := gid.User.Format(h.idOf("roma"))

		got := h.must(desk, sessionsQuery, nil)
		rows := got.nodes("sessions")
		if len(rows) != 2 || got.at("sessions", "totalCount") != 2.0 {
			t.Fatalf("got %s, want two sessions", got.raw)
		}
		for i, want := range []vars{
			{"device": "curl", "userAgent": "curl/8.5.0", "address": "2001:db8::1", "current": false},
			{"device": "Chrome on Windows", "address": "203.0.113.7", "current": true, "lastSeenAt": "2026-11-23T09:00:00Z", "expiresAt": "2026-12-23T09:00:00Z"},
		} {
			for field, value := range want {
				if rows[i][field] != value {
					t.Errorf("row %d: got %s %v, want %v", i, field, rows[i][field], value)
				}
			}
		}
		t.Run("an administrator names a user", func(t *testing.T) {
			if n := len(h.must(boss, sessionsQuery, vars{"u": roma}).nodes("sessions")); n != 2 {
				t.Errorf("got %d sessions of another's, want 2", n)
			}
			if got := h.ask(boss, sessionsQuery, vars{"u": "garbage"}); got.code() != "BAD_REQUEST" {
				t.Errorf("got %s for what is no id, want BAD_REQUEST", got.raw)
			}
		})
		t.Run("another's list is empty, and there is no session for them", func(t *testing.T) {
			if got := h.must(vera, sessionsQuery, vars{"u": roma}); got.at("sessions", "totalCount") != 0.0 || len(got.nodes("sessions")) != 0 {
				t.Errorf("got %s, want nothing", got.raw)
			}
			missing := h.revoke(vera, gid.Session.Format(gid.New()))
			if theirs := h.revoke(vera, rows[0]["id"]); theirs.raw != missing.raw || !h.in(shell) {
				t.Errorf("got %s for another's and %s for none, want the same and the session alive", theirs.raw, missing.raw)
			}
			if got := h.must(vera, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": rows[0]["id"]}); got.at("node") != nil {
				t.Errorf("got %s, want null", got.raw)
			}
		})
		t.Run("by its id too", func(t *testing.T) {
			got := h.must(desk, `query($id: ID!) { node(id: $id) { ... on DeviceSession { id device current } } }`, vars{"id": rows[1]["id"]})
			if got.at("node", "device") != "Chrome on Windows" || got.at("node", "current") != true {
				t.Errorf("got %s, want the session that asks", got.raw)
			}
		})
		t.Run("one that was revoked is ended and gone", func(t *testing.T) {
			if got := h.revoke(desk, rows[0]["id"]); got.at("revokeSession", "userErrors", 0) != nil || h.in(shell) || !h.in(desk) {
				t.Fatalf("got %s, want that session ended and no other", got.raw)
			}
			if n := len(h.must(desk, sessionsQuery, nil).nodes("sessions")); n != 1 {
				t.Errorf("got %d sessions, want the one that is left", n)
			}
			again := h.revoke(desk, rows[0]["id"])
			if again.at("revokeSession", "userErrors", 0, "code") != "NOT_FOUND" || again.at("revokeSession", "userErrors", 0, "field") != "id" {
				t.Errorf("a second time: got %s, want NOT_FOUND on id", again.raw)
			}
			if got := h.must(desk, `query($id: ID!) { node(id: $id) { id } }`, vars{"id": rows[0]["id"]}); got.at("node") != nil {
				t.Errorf("got %s, want null", got.raw)
			}
		})
		t.Run("an administrator ends anybody's", func(t *testing.T) {
			if got := h.revoke(boss, rows[1]["id"]); got.at("revokeSession", "userErrors", 0) != nil || h.in(desk) {
				t.Errorf("got %s, want the session ended", got.raw)
			}
		})
		t.Run("one that has run out is not shown", func(t *testing.T) {
			h.db.Session.Update().Where(session.UserID(h.idOf("vera"))).SetExpiresAt(h.now()).ExecX(h.system())
			if got := h.must(vera, sessionsQuery, nil); got.at("sessions", "totalCount") != 0.0 {
				t.Errorf("got %s, want none", got.raw)
			}
		})
	})
}

func TestTooManyWrongPasswordsAreATopLevelError(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		for _, login := range []string{"boss", "nobody"} {
			var got reply
			for range 6 {
				got = h.ask(caller{}, signInMutation, vars{"in": vars{"login": login, "password": "wrong horse"}})
			}
			if got.code() != "RATE_LIMITED" || len(got.Errors) != 1 || got.Errors[0].Extensions["retryAfterSeconds"] != 1.0 {
				t.Errorf("%s: got %s, want RATE_LIMITED with the time to wait", login, got.raw)
			}
		}
	})
}
