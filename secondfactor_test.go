package main

import (
	"encoding/base32"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"channelbook/internal/db"
)

const factorSignIn = `mutation($input: SignInInput!) { signIn(input: $input) { session { accessToken } recoveryCodes secondFactorSetup { secret } userErrors { code message } } }`

// shown is what somebody was shown once, and nobody sees again.
type shown struct {
	secret   string
	recovery []string
	token    string
}

// setUp signs the administrator in where administrators need a second factor, and sets it up.
func setUp(t *testing.T, url string) shown {
	t.Helper()
	in := vars{"login": "admin", "password": adminPassword}
	secret := ask(t, url, "", factorSignIn, in).text("signIn", "secondFactorSetup", "secret")
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, url, "", factorSignIn, in.with(vars{"code": code}))
	payload, _ := got.Data["signIn"].(map[string]any)
	codes, _ := payload["recoveryCodes"].([]any)
	s := shown{secret: secret, token: got.text("signIn", "session", "accessToken")}
	for _, code := range codes {
		s.recovery = append(s.recovery, code.(string))
	}
	if s.token == "" || len(s.recovery) != 10 {
		t.Fatalf("got %s, want a session and ten recovery codes", got.raw)
	}
	return s
}

// written are the ways in which something of it could stand somewhere.
func (s shown) written(t *testing.T) (all []string) {
	t.Helper()
	raw, err := base32.StdEncoding.DecodeString(s.secret)
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{s.secret, string(raw)}
	for _, code := range s.recovery {
		texts = append(texts, code, strings.ReplaceAll(code, "-", ""))
	}
	for _, text := range texts {
		all = append(all, text, hex.EncodeToString([]byte(text))) // a dump writes bytes in hex
	}
	return all
}

func (s shown) wantNowhereIn(t *testing.T, what, text string) {
	t.Helper()
	text = strings.ToLower(text)
	for _, written := range s.written(t) {
		if strings.Contains(text, strings.ToLower(written)) {
			t.Errorf("%s holds %q, which was shown once", what, written)
		}
	}
}

// TestWhatASecondFactorIsMadeOfStandsNowhereInClear looks for a secret and recovery codes in the base's files while it
// serves and afterwards, in a backup or a dump, in the log, the metrics and the audit.
func TestWhatASecondFactorIsMadeOfStandsNowhereInClear(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		v = v.with(vars{"ADMIN_PASSWORD": adminPassword, "METRICS_ADDR": "127.0.0.1:0", "SECOND_FACTOR": "administrators"})
		s := start(t, v)
		admin := setUp(t, s.url)
		in := vars{"login": "admin", "password": adminPassword}
		for _, code := range []string{admin.recovery[0], admin.recovery[0], admin.secret, ""} {
			admin.wantNowhereIn(t, "an answer", ask(t, s.url, "", factorSignIn, in.with(vars{"code": code})).raw)
		}
		admin.wantNowhereIn(t, "the audit", ask(t, s.url, admin.token, `{ auditLog(first: 100) { edges { node { action reason details { name value } } } } }`, nil).raw)
		_, metrics := get(t, s.metrics)
		admin.wantNowhereIn(t, "the metrics", metrics)
		kept := func() {
			copied := filepath.Join(t.TempDir(), "copy")
			folders := []string{filepath.Dir(copied)}
			if path, ok := db.SQLitePath(v["DATABASE_URL"]); ok {
				folders = append(folders, filepath.Dir(path))
				if _, err := do(t, v, "", "backup", copied); err != nil {
					t.Fatal(err)
				}
			} else {
				dump(t, v["DATABASE_URL"], copied)
			}
			for _, folder := range folders {
				admin.wantNowhereUnder(t, folder)
			}
		}
		kept()
		s.end(t)
		kept()
		admin.wantNowhereIn(t, "the log", s.log.all())
	})
}

func (s shown) wantNowhereUnder(t *testing.T, folder string) {
	t.Helper()
	read := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) || err == nil && d.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		read += len(text)
		s.wantNowhereIn(t, filepath.Base(path), string(text))
		return err
	})
	if err != nil || read == 0 {
		t.Fatalf("got %d bytes, %v, want files to look through", read, err)
	}
}

func TestTheOperatorLetsAnAdministratorInWhoLostThePhone(t *testing.T) {
	each(t, func(t *testing.T, v vars) {
		v = v.with(vars{"ADMIN_PASSWORD": adminPassword, "SECOND_FACTOR": "administrators"})
		s := start(t, v)
		admin := setUp(t, s.url)
		if signIn(t, s.url, "admin", adminPassword) != "" {
			t.Error("the password alone lets in")
		}
		out, err := do(t, v, "", "user", "reset-second-factor", "-login", "Admin")
		if err != nil || !strings.Contains(out, "The second factor of Admin is gone") {
			t.Fatalf("got %q, %v, want to be told that it is gone", out, err)
		}
		eventually(t, "the session from before has ended", patience, func() bool {
			return ask(t, s.url, admin.token, viewerQuery, nil).code() == "UNAUTHENTICATED"
		})
		if again := setUp(t, s.url); again.secret == admin.secret {
			t.Error("got the secret of the lost phone again")
		}
	})
}

func TestNoSecondFactorIsResetWhereThereIsNone(t *testing.T) {
	v := onSQLite(t)
	if _, err := do(t, v, "", "user", "reset-second-factor", "-login", "admin"); err == nil || !strings.Contains(err.Error(), "there is no base at") {
		t.Errorf("got %v, want to be told that there is no base", err)
	}
	if _, err := do(t, v, "", "user", "create", "-login", "anna", "-role", "admin"); err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string]string{"anna": "login: There is no second factor.", "nobody": "login: There is no such user."} {
		if _, err := do(t, v, "", "user", "reset-second-factor", "-login", login); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", login, err, want)
		}
	}
}
