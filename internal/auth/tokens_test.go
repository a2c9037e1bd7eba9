package auth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

const (
	secretA = "0123456789abcdef0123456789abcdef"
	secretB = "fedcba9876543210fedcba9876543210"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func tokens(t *testing.T, keys string, now time.Time) *auth.Tokens {
	t.Helper()
	parsed, err := auth.ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	return &auth.Tokens{Keys: parsed, Now: func() time.Time { return now }}
}

func TestATokenGivesItsViewerBack(t *testing.T) {
	tk := tokens(t, "a:"+secretA, noon)
	for _, want := range []auth.Viewer{
		{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()},
		{Role: auth.Distributor, UserID: gid.New(), SessionID: gid.New(), Distributor: gid.New()},
	} {
		token, expires, err := tk.Issue(want)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tk.Parse(token); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if d := expires.Sub(noon); d != 15*time.Minute {
			t.Errorf("expires after %v, want 15 minutes", d)
		}
	}
}

func TestOnlyPeopleGetTokens(t *testing.T) {
	tk := tokens(t, "a:"+secretA, noon)
	for _, v := range []auth.Viewer{
		{}, {Role: auth.Admin}, {Role: auth.Admin, UserID: gid.New()}, {Role: auth.System, UserID: gid.New(), SessionID: gid.New()},
		{Role: auth.Distributor, UserID: gid.New(), SessionID: gid.New()},
		{Role: auth.Source, SourceID: gid.New(), UserID: gid.New(), SessionID: gid.New()},
	} {
		if token, _, err := tk.Issue(v); err == nil || token != "" {
			t.Errorf("%+v: got a token, want an error", v)
		}
	}
	if _, _, err := (&auth.Tokens{Now: tk.Now}).Issue(auth.Viewer{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()}); err == nil {
		t.Error("without keys: got a token, want an error")
	}
}

func TestATokenEnds(t *testing.T) {
	token, _, err := tokens(t, "a:"+secretA, noon).Issue(auth.Viewer{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens(t, "a:"+secretA, noon.Add(auth.TokenLife-time.Second)).Parse(token); err != nil {
		t.Errorf("within the leeway: got %v, want a viewer", err)
	}
	_, err = tokens(t, "a:"+secretA, noon.Add(auth.TokenLife)).Parse(token)
	if !fault.Is(err, fault.Unauthenticated) || !fault.HasCode(err, "TOKEN_EXPIRED") {
		t.Errorf("got %v, want TOKEN_EXPIRED", err)
	}
}

func TestKeysRotateWithoutAPause(t *testing.T) {
	v := auth.Viewer{Role: auth.Admin, UserID: gid.New(), SessionID: gid.New()}
	settings := []string{"a:" + secretA, "a:" + secretA + ",b:" + secretB, "b:" + secretB + ",a:" + secretA, "b:" + secretB}
	for i := range len(settings) - 1 {
		before, after := tokens(t, settings[i], noon), tokens(t, settings[i+1], noon)
		for _, pair := range [][2]*auth.Tokens{{before, after}, {after, before}} {
			token, _, err := pair[0].Issue(v)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := pair[1].Parse(token); err != nil {
				t.Errorf("step %d: got %v, want the viewer", i, err)
			}
		}
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	tk := tokens(t, "a:"+secretA+",b:"+secretB, noon)
	genuine := func() jwt.MapClaims {
		return jwt.MapClaims{
			"iss": "channelbook", "aud": "channelbook-api", "typ": "access", "sub": gid.New().String(), "sid": gid.New().String(),
			"role": "ADMIN", "iat": noon.Unix(), "exp": noon.Add(15 * time.Minute).Unix(),
		}
	}
	sign := func(method jwt.SigningMethod, kid any, key any, change func(jwt.MapClaims)) string {
		c := genuine()
		change(c)
		token := jwt.NewWithClaims(method, c)
		if kid != nil {
			token.Header["kid"] = kid
		}
		text, err := token.SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	nothing := func(jwt.MapClaims) {}
	set := func(name string, value any) func(jwt.MapClaims) { return func(c jwt.MapClaims) { c[name] = value } }
	without := func(name string) func(jwt.MapClaims) { return func(c jwt.MapClaims) { delete(c, name) } }
	with := func(change func(jwt.MapClaims)) string {
		return sign(jwt.SigningMethodHS256, "a", []byte(secretA), change)
	}
	if _, err := tk.Parse(with(nothing)); err != nil {
		t.Fatalf("the token that the forgeries start from: got %v, want a viewer", err)
	}
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&private.PublicKey)})
	good := with(nothing)
	parts := strings.Split(good, ".")

	for name, token := range map[string]string{
		"alg none":                          sign(jwt.SigningMethodNone, "a", jwt.UnsafeAllowNoneSignatureType, nothing),
		"HS384":                             sign(jwt.SigningMethodHS384, "a", []byte(secretA), nothing),
		"RS256":                             sign(jwt.SigningMethodRS256, "a", private, nothing),
		"HS256 over an RSA public key":      sign(jwt.SigningMethodHS256, "a", public, nothing),
		"another key":                       sign(jwt.SigningMethodHS256, "a", []byte("another-secret-of-32-bytes-or-so"), nothing),
		"the key of another kid":            sign(jwt.SigningMethodHS256, "b", []byte(secretA), nothing),
		"an unknown kid":                    sign(jwt.SigningMethodHS256, "c", []byte(secretA), nothing),
		"an empty key under an unknown kid": sign(jwt.SigningMethodHS256, "c", []byte{}, nothing),
		"no kid":                            sign(jwt.SigningMethodHS256, nil, []byte(secretA), nothing),
		"a kid that is no text":             sign(jwt.SigningMethodHS256, 1, []byte(secretA), nothing),
		"another issuer":                    with(set("iss", "other")),
		"no issuer":                         with(without("iss")),
		"another audience":                  with(set("aud", "other")),
		"no audience":                       with(without("aud")),
		"another type":                      with(set("typ", "refresh")),
		"no type":                           with(without("typ")),
		"no expiry":                         with(without("exp")),
		"an expiry that is no number":       with(set("exp", "never")),
		"issued in the future":              with(set("iat", noon.Add(time.Hour).Unix())),
		"valid later":                       with(set("nbf", noon.Add(time.Hour).Unix())),
		"the role of the system":            with(set("role", "SYSTEM")),
		"the role of a source":              with(set("role", "SOURCE")),
		"no role":                           with(without("role")),
		"a distributor's user of none":      with(set("role", "DISTRIBUTOR")),
		"an administrator of a distributor": with(set("did", gid.New().String())),
		"no user":                           with(without("sub")),
		"a user that is no id":              with(set("sub", "admin")),
		"no session":                        with(without("sid")),
		"expired, of another issuer":        with(func(c jwt.MapClaims) { c["exp"] = noon.Add(-time.Hour).Unix(); c["iss"] = "other" }),
		"expired, of another key":           sign(jwt.SigningMethodHS256, "b", []byte(secretA), set("exp", noon.Add(-time.Hour).Unix())),
		"claims of another token":           parts[0] + "." + strings.Split(with(set("sub", gid.New().String())), ".")[1] + "." + parts[2],
		"no signature":                      parts[0] + "." + parts[1] + ".",
		"two parts":                         parts[0] + "." + parts[1],
		"garbage":                           "garbage",
		"nothing":                           "",
		"megabytes":                         strings.Repeat(good, 10_000),
	} {
		t.Run(name, func(t *testing.T) {
			v, err := tk.Parse(token)
			if !fault.Is(err, fault.Unauthenticated) || !fault.HasCode(err, "UNAUTHENTICATED") || v != (auth.Viewer{}) {
				t.Errorf("got %+v, %v, want UNAUTHENTICATED", v, err)
			}
		})
	}
}

func TestWrongKeysAreNamed(t *testing.T) {
	for setting, want := range map[string]string{
		"":                               "key 1",
		secretA:                          "key 1",
		":" + secretA:                    "key 1",
		"a b:" + secretA:                 "key 1",
		"a:" + secretA + ",":             "key 2",
		"a:horse":                        `"a" has 5 bytes`,
		"a:" + secretA + ",b:":           `"b" has 0 bytes`,
		"a:" + secretA + ",a:" + secretB: `two keys "a"`,
	} {
		_, err := auth.ParseKeys(setting)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %s", setting, err, want)
		} else if strings.Contains(err.Error(), secretA) || strings.Contains(err.Error(), "horse") {
			t.Errorf("%q: got %v, want no secret in it", setting, err)
		}
	}
}

func TestKeysPrintAsStars(t *testing.T) {
	keys, err := auth.ParseKeys("a:" + secretA)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{fmt.Sprint(keys), fmt.Sprintf("%+v", keys), fmt.Sprintf("%#v", keys), fmt.Sprintf("%+v", struct{ K auth.Keys }{keys}), keys.LogValue().String()} {
		if strings.Contains(got, "0123") || strings.Contains(got, "[48") {
			t.Errorf("got %s, want stars", got)
		}
	}
}
