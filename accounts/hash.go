package accounts

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// cost is what Argon2id takes for one password.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// newCost is what new hashes are made with (OWASP's advice for Argon2id). A hash carries its own, so that this one can
// be raised.
var newCost = cost{memory: 19 * 1024, passes: 2, lanes: 1}

const (
	saltLen = 16
	keyLen  = 32
)

// slots bound the memory that hashing takes: two at once in a process, the others wait.
var slots = make(chan struct{}, 2)

// decoy is a hash that no password is known for. A sign-in without a user is checked against it, so that it takes as
// long as any other.
var decoy = phc(newCost, make([]byte, saltLen), make([]byte, keyLen))

// turn waits for a slot; done gives it back. It fails only where ctx ends before.
func turn(ctx context.Context) (done func(), err error) {
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a turn to hash a password: %w", ctx.Err())
	}
}

// hashPassword makes a PHC string of a password, in a turn of its own. It fails only where ctx ends before that comes.
func hashPassword(ctx context.Context, password string) (string, error) {
	done, err := turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	salt := make([]byte, saltLen)
	_, _ = rand.Read(salt) // never fails: the program stops instead
	return phc(newCost, salt, newCost.derive(password, salt, keyLen)), nil
}

// verifyPassword tells whether hash was made of password. Whoever calls it has the turn.
func verifyPassword(password, hash string) (bool, error) {
	c, salt, want, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(c.derive(password, salt, len(want)), want) == 1, nil
}

// derivations are counted for tests: what is refused takes none, and an unknown login as many as a known one.
var derivations atomic.Int64

// derive takes the password in composed form: keyboards differ in how they write й.
func (c cost) derive(password string, salt []byte, length int) []byte {
	derivations.Add(1)
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.passes, c.memory, c.lanes, uint32(length)) // #nosec G115 -- some 32 bytes
}

func phc(c cost, salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, c.memory, c.passes, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

func parsePHC(hash string) (c cost, salt, key []byte, err error) {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return cost{}, nil, nil, errNoHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || c.passes == 0 || c.lanes == 0 {
		return cost{}, nil, nil, errNoHash
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || len(key) == 0 {
		return cost{}, nil, nil, errNoHash
	}
	return c, salt, key, nil
}

var errNoHash = errors.New("a stored password hash is not an Argon2id PHC string")
