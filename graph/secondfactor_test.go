package graph_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"channelbook/internal/gid"
)

const (
	beginMutation   = `mutation($in: BeginSecondFactorInput!) { beginSecondFactor(input: $in) { secret uri userErrors { code field } } }`
	confirmMutation = `mutation($in: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $in) { recoveryCodes userErrors { code field } } }`
	removeMutation  = `mutation($in: RemoveSecondFactorInput!) { removeSecondFactor(input: $in) { userErrors { code field } } }`
	renewMutation   = `mutation($in: RenewRecoveryCodesInput!) { renewRecoveryCodes(input: $in) { recoveryCodes userErrors { code field } } }`
	resetMutation   = `mutation($in: ResetSecondFactorInput!) { resetSecondFactor(input: $in) { user { id secondFactorEnabled } userErrors { code field } } }`
	factorSignIn    = `mutation($in: SignInInput!) { signIn(input: $in) {
		session { accessToken refreshToken } viewer { login secondFactorEnabled recoveryCodesLeft } secondFactorSetup { secret uri } recoveryCodes userErrors { code field } } }`
)

// phone is an authenticator app, and whose it is.
type phone struct {
	h        *house
	who      caller
	secret   string
	recovery []any
}

// code is what the app shows so many steps from now: the house's clock stands still, and a code is good once.
func (p phone) code(step int) string {
	p.h.t.Helper()
	digits, err := totp.GenerateCode(p.secret, p.h.now().Add(time.Duration(step)*30*time.Second))
	if err != nil {
		p.h.t.Fatal(err)
	}
	return digits
}

// begun is somebody's app with a secret that waits for its first code.
func (h *house) begun(who caller) phone {
	h.t.Helper()
	got := h.must(who, beginMutation, vars{"in": vars{"currentPassword": "a long enough password"}})
	return phone{h: h, who: who, secret: got.at("beginSecondFactor", "secret").(string)}
}

// enabled is somebody's app with a secret in force; the code of the step before was its first.
func (h *house) enabled(who caller) phone {
	h.t.Helper()
	p := h.begun(who)
	got := h.must(who, confirmMutation, vars{"in": vars{"code": p.code(-1)}})
	p.recovery, _ = got.at("confirmSecondFactor", "recoveryCodes").([]any)
	return p
}

func TestAClientSignsInWithASecondFactor(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		boss, roma, nina := h.admin("boss"), h.worker("roma", company), h.worker("nina", company)
		p := h.enabled(roma)
		signIn := func(in vars) reply {
			in["login"] = "roma"
			if in["password"] == nil {
				in["password"] = "a long enough password"
			}
			return h.ask(caller{}, factorSignIn, vars{"in": in})
		}

		t.Run("is told what to mend", func(t *testing.T) {
			for want, in := range map[string]vars{
				`{"code":"SECOND_FACTOR_REQUIRED","field":"code"}`: {},
				`{"code":"INVALID_SECOND_FACTOR","field":"code"}`:  {"code": p.code(-1)},
				`{"code":"INVALID_CREDENTIALS","field":null}`:      {"code": p.code(0), "password": "guess"},
			} {
				if got := signIn(in); !strings.Contains(got.raw, `"session":null,"viewer":null,"secondFactorSetup":null,"recoveryCodes":null,"userErrors":[`+want+`]`) {
					t.Errorf("got %s, want %s and nothing else", got.raw, want)
				}
			}
		})
		t.Run("gets in with six digits, or a recovery code", func(t *testing.T) {
			for _, code := range []any{p.code(0), p.recovery[0]} {
				got := signIn(vars{"code": code})
				if got.at("signIn", "session", "accessToken") == nil || got.at("signIn", "viewer", "secondFactorEnabled") != true || got.at("signIn", "recoveryCodes") != nil {
					t.Errorf("got %s, want a session", got.raw)
				}
			}
		})
		t.Run("which the user and administrators see, and nobody else", func(t *testing.T) {
			const query = `query($id: ID!) { node(id: $id) { ... on User { secondFactorEnabled recoveryCodesLeft } } }`
			for who, c := range map[string]struct {
				caller
				want string
			}{
				"the user":         {roma, `{"secondFactorEnabled":true,"recoveryCodesLeft":9}`},
				"an administrator": {boss, `{"secondFactorEnabled":true,"recoveryCodesLeft":null}`},
				"a colleague":      {nina, `{"secondFactorEnabled":null,"recoveryCodesLeft":null}`},
			} {
				if got := h.must(c.caller, query, vars{"id": gid.User.Format(h.idOf("roma"))}); !strings.Contains(got.raw, c.want) {
					t.Errorf("%s: got %s, want %s", who, got.raw, c.want)
				}
			}
			if got := h.must(nina, `{ viewer { secondFactorEnabled recoveryCodesLeft } }`, nil); !strings.Contains(got.raw, `{"secondFactorEnabled":false,"recoveryCodesLeft":0}`) {
				t.Errorf("got %s, want none", got.raw)
			}
		})
		t.Run("a list costs one statement for all", func(t *testing.T) {
			_, few := h.statements(t, boss, `{ users { edges { node { login } } } }`, nil)
			got, all := h.statements(t, boss, `{ users { edges { node { login secondFactorEnabled recoveryCodesLeft } } } }`, nil)
			if len(all) != len(few)+2 {
				t.Errorf("got %d statements for %s, want two more than %d", len(all), got.raw, len(few))
			}
		})
		t.Run("other recovery codes take the place of the old ones", func(t *testing.T) {
			renewed := h.must(roma, renewMutation, vars{"in": vars{"code": p.recovery[1]}})
			codes, _ := renewed.at("renewRecoveryCodes", "recoveryCodes").([]any)
			if len(codes) != 10 || signIn(vars{"code": p.recovery[2]}).at("signIn", "session") != nil || signIn(vars{"code": codes[0]}).at("signIn", "session") == nil {
				t.Errorf("got %s, want ten that are good, and the old ones no more", renewed.raw)
			}
			p.recovery = codes
		})
		t.Run("until the user removes it", func(t *testing.T) {
			h.must(roma, removeMutation, vars{"in": vars{"currentPassword": "a long enough password", "code": p.recovery[1]}})
			if got := signIn(vars{}); got.at("signIn", "session") == nil || got.at("signIn", "viewer", "secondFactorEnabled") != false {
				t.Errorf("got %s, want a session by the password", got.raw)
			}
		})
		t.Run("or an administrator resets it", func(t *testing.T) {
			h.enabled(nina)
			in, id := vars{"code": "guess"}, gid.User.Format(h.idOf("nina"))
			got := h.must(boss, resetMutation, vars{"in": vars{"id": id}})
			if got.at("resetSecondFactor", "user", "secondFactorEnabled") != false || got.at("resetSecondFactor", "user", "id") != id {
				t.Errorf("got %s, want the user without a second factor", got.raw)
			}
			in["login"], in["password"] = "nina", "a long enough password"
			if got := h.ask(caller{}, factorSignIn, vars{"in": in}); got.at("signIn", "session") == nil {
				t.Errorf("got %s, want a session: no code is asked for any more", got.raw)
			}
		})
	})
}

func TestAnAdministratorSetsTheSecondFactorUpAtTheSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.admin("boss")
		_, old := h.signIn("boss", "a long enough password")
		h.accounts.AdminsNeedTwoFactors = true
		in := vars{"login": "boss", "password": "a long enough password"}

		offered := h.ask(caller{}, factorSignIn, vars{"in": in})
		secret, _ := offered.at("signIn", "secondFactorSetup", "secret").(string)
		uri, _ := offered.at("signIn", "secondFactorSetup", "uri").(string)
		if offered.at("signIn", "session") != nil || offered.at("signIn", "viewer") != nil || !strings.Contains(offered.raw, `"userErrors":[{"code":"SECOND_FACTOR_SETUP_REQUIRED","field":"code"}]`) || !strings.HasSuffix(uri, secret) {
			t.Fatalf("got %s, want a secret and no session", offered.raw)
		}
		if got := h.ask(caller{}, refreshMutation, vars{"in": vars{"refreshToken": old}}); got.at("refreshSession", "userErrors", 0, "code") != "INVALID_REFRESH_TOKEN" {
			t.Errorf("got %s for a session from before, want it refused", got.raw)
		}
		in["code"] = phone{h: h, secret: secret}.code(0)
		got := h.must(caller{}, factorSignIn, vars{"in": in})
		if codes, _ := got.at("signIn", "recoveryCodes").([]any); len(codes) != 10 || got.at("signIn", "secondFactorSetup") != nil {
			t.Fatalf("got %s, want a session and ten recovery codes", got.raw)
		}
		who := bearer(got.at("signIn", "session", "accessToken"))
		if !h.in(who) {
			t.Error("got no session that opens the API")
		}
		removed := h.ask(who, removeMutation, vars{"in": vars{"currentPassword": "a long enough password", "code": got.at("signIn", "recoveryCodes", 0)}})
		if removed.at("removeSecondFactor", "userErrors", 0, "code") != "SECOND_FACTOR_REQUIRED_BY_POLICY" {
			t.Errorf("got %s, want SECOND_FACTOR_REQUIRED_BY_POLICY", removed.raw)
		}
		next := h.must(caller{}, refreshMutation, vars{"in": vars{"refreshToken": got.at("signIn", "session", "refreshToken")}})
		if !h.in(bearer(next.at("refreshSession", "session", "accessToken"))) {
			t.Error("got a session that cannot be prolonged")
		}
	})
}

// strangersSecondFactorAttempts are those on the second factor of somebody else.
func strangersSecondFactorAttempts(id map[string]string) map[string]attempt {
	return map[string]attempt{
		"beginSecondFactor":   {beginMutation, vars{"in": vars{"currentPassword": "guess"}}, "own"},
		"confirmSecondFactor": {confirmMutation, vars{"in": vars{"code": "123456"}}, "own"},
		"removeSecondFactor":  {removeMutation, vars{"in": vars{"currentPassword": "guess", "code": "123456"}}, "own"},
		"renewRecoveryCodes":  {renewMutation, vars{"in": vars{"code": "123456"}}, "own"},
		"resetSecondFactor":   {resetMutation, vars{"in": vars{"id": id["user"]}}, "FORBIDDEN"},
		"signIn with a code":  {`mutation { signIn(input: {login: "victim", password: "guess", code: "123456"}) { secondFactorSetup { secret } recoveryCodes userErrors { code } } }`, nil, "INVALID_CREDENTIALS"},
	}
}
