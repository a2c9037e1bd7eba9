package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
)

// minSecret is the length in bytes that HS256 wants of a secret (RFC 7518, 3.2).
const minSecret = 32

// Keys sign and verify access tokens. A rotation without a pause takes three settings, one after the other on every
// instance: old,new – new,old – new. Keys print as ***.
type Keys struct {
	signer  string // the id of the key that signs
	secrets map[string][]byte
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// ParseKeys reads "kid:secret,kid:secret…": the first signs, every one verifies. Its error is a sentence that says
// what is wrong and names no secret.
func ParseKeys(s string) (Keys, error) {
	keys := Keys{secrets: map[string][]byte{}}
	for i, part := range strings.Split(s, ",") {
		id, secret, found := strings.Cut(strings.TrimSpace(part), ":")
		switch {
		case !found || !keyID.MatchString(id):
			return Keys{}, fmt.Errorf("key %d is not written as kid:secret, with a kid of letters, digits, dots, dashes and underscores", i+1)
		case len(secret) < minSecret:
			return Keys{}, fmt.Errorf("the secret of key %q has %d bytes, and %d are needed at least", id, len(secret), minSecret)
		case keys.secrets[id] != nil:
			return Keys{}, fmt.Errorf("there are two keys %q", id)
		}
		keys.secrets[id] = []byte(secret)
		if i == 0 {
			keys.signer = id
		}
	}
	return keys, nil
}

var errNoKeys = errors.New("no keys to sign access tokens with")

// String hides the secrets.
func (Keys) String() string { return "***" }

// GoString hides the secrets.
func (Keys) GoString() string { return "***" }

// LogValue hides the secrets.
func (Keys) LogValue() slog.Value { return slog.StringValue("***") }
