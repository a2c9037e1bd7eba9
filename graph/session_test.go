package graph_test

import (
	"testing"
)

const (
	signInMutation  = `mutation($in: SignInInput!) { signIn(input: $in) { session { accessToken refreshToken } userErrors { code } } }`
	refreshMutation = `mutation($in: RefreshSessionInput!) { refreshSession(input: $in) { session { accessToken refreshToken } userErrors { code } } }`
)

// signIn starts a session as a client would.
func (h *house) signIn(login, password string) (who caller, refresh any) {
	h.t.Helper()
	got := h.must(caller{}, signInMutation, vars{"in": vars{"login": login, "password": password}})
	return bearer(got.at("signIn", "session", "accessToken")), got.at("signIn", "session", "refreshToken")
}

func bearer(token any) caller { return caller{"Authorization", "Bearer " + token.(string)} }

// in tells whether a session still opens the API.
func (h *house) in(who caller) bool {
	h.t.Helper()
	return h.ask(who, `{ viewer { login } }`, nil).at("viewer", "login") != nil
}

func TestASessionFromItsBeginningToItsEnd(t *testing.T) {
	const password = "a long enough password"
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		t.Run("signing out ends this session and no other", func(t *testing.T) {
			one, _ := h.signIn("boss", password)
			two, _ := h.signIn("boss", password)
			h.must(one, `mutation { signOut { userErrors { code } } }`, nil)
			if h.in(one) || !h.in(two) {
				t.Errorf("got in: %v and %v, want the second alone", h.in(one), h.in(two))
			}
		})
		t.Run("signing out everywhere ends all", func(t *testing.T) {
			one, _ := h.signIn("boss", password)
			two, _ := h.signIn("boss", password)
			h.must(one, `mutation { signOutEverywhere { userErrors { code } } }`, nil)
			if h.in(one) || h.in(two) {
				t.Errorf("got in: %v and %v, want nobody", h.in(one), h.in(two))
			}
		})
		t.Run("a refresh token is good once, and used twice it ends its session", func(t *testing.T) {
			_, refresh := h.signIn("boss", password)
			next := h.must(caller{}, refreshMutation, vars{"in": vars{"refreshToken": refresh}})
			who := bearer(next.at("refreshSession", "session", "accessToken"))
			if !h.in(who) {
				t.Fatalf("got %s, want a session that opens the API", next.raw)
			}
			again := h.ask(caller{}, refreshMutation, vars{"in": vars{"refreshToken": refresh}})
			if again.at("refreshSession", "userErrors", 0, "code") != "INVALID_REFRESH_TOKEN" || h.in(who) {
				t.Errorf("got %s, want INVALID_REFRESH_TOKEN and the session ended", again.raw)
			}
		})
		t.Run("a new password ends the other sessions", func(t *testing.T) {
			one, _ := h.signIn("boss", password)
			two, _ := h.signIn("boss", password)
			h.must(one, `mutation($in: ChangePasswordInput!) { changePassword(input: $in) { userErrors { code } } }`,
				vars{"in": vars{"currentPassword": password, "newPassword": "another long password"}})
			if !h.in(one) || h.in(two) {
				t.Errorf("got in: %v and %v, want the one that changed it alone", h.in(one), h.in(two))
			}
			if got := h.ask(caller{}, signInMutation, vars{"in": vars{"login": "boss", "password": password}}); got.at("signIn", "session") != nil {
				t.Errorf("got %s for the old password, want no session", got.raw)
			}
		})
	})
}

func TestAdministratorsKeepUsers(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss, company := h.admin("boss"), h.distributor("Ромашка")
		h.worker("roma", company)
		who, _ := h.signIn("roma", "a long enough password")
		id := h.must(who, `{ viewer { id } }`, nil).at("viewer", "id")
		input := func(fields vars) vars {
			fields["id"] = id
			return vars{"in": fields}
		}
		reset := h.must(boss, `mutation($in: ResetPasswordInput!) { resetPassword(input: $in) { password user { login } userErrors { code } } }`, input(vars{}))
		if h.in(who) {
			t.Error("got in with a session from before the password was reset")
		}
		who, _ = h.signIn("roma", reset.at("resetPassword", "password").(string))
		h.must(boss, `mutation($in: UpdateUserInput!) { updateUser(input: $in) { user { name } userErrors { code } } }`, input(vars{"name": "Роман"}))
		if !h.in(who) {
			t.Error("a new name ended the session")
		}
		h.must(boss, `mutation($in: UpdateUserInput!) { updateUser(input: $in) { user { role distributor { id } } userErrors { code } } }`, input(vars{"role": "ADMIN"}))
		if h.in(who) {
			t.Error("got in with a token of the role from before")
		}
		disabled := h.must(boss, `mutation($in: DisableUserInput!) { disableUser(input: $in) { user { status } userErrors { code } } }`, input(vars{}))
		if disabled.at("disableUser", "user", "status") != "DISABLED" {
			t.Errorf("got %s, want a disabled user", disabled.raw)
		}
		found := h.must(boss, `{ users(filter: {statuses: [DISABLED]}) { totalCount edges { node { login } } } }`, nil)
		if found.at("users", "totalCount") != 1.0 || found.at("users", "edges", 0, "node", "login") != "roma" {
			t.Errorf("got %s, want the disabled user alone", found.raw)
		}
		both := h.must(boss, `{ users(filter: {statuses: [DISABLED, ACTIVE]}) { totalCount } }`, nil)
		if both.at("users", "totalCount") != 2.0 {
			t.Errorf("got %s, want both users", both.raw)
		}
	})
}
