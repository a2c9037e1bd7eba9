// Package seal keeps personal data and secrets out of where they do not belong: Keys encrypt a value (cipher.go), or
// turn it into a keyed hash that can be compared and indexed without the value (keys.go), and the mask types show in logs
// that a value was there, not what it was (mask.go).
package seal

import (
	"crypto/hmac"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"regexp"
	"strings"
)

// keySize is the length of a key, in bytes.
const keySize = 32

// Keys are the personal data keys, the current one first; earlier ones stay until nothing is sealed or hashed under
// them. They come from ParseKeys: the zero Keys have no key to work with, and Seal and Index panic on them.
type Keys struct {
	keys []key
}

type key struct {
	id       string
	secret   []byte
	purposes *purposes // what was derived of it
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,32}$`)

// ParseKeys reads "kid:hex,kid:hex…", each key 32 bytes in hex, the first the current one. The error names every
// key that is wrong by its place and id, and never holds a part of a key.
func ParseKeys(s string) (Keys, error) {
	var parsed Keys
	var wrong []error
	seen := map[string]bool{}
	for i, part := range strings.Split(s, ",") {
		k, err := parseKey(strings.TrimSpace(part))
		if err == nil && seen[k.id] {
			err = fmt.Errorf("its id %q stands there twice", k.id)
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("key %d: %w", i+1, err))
			continue
		}
		seen[k.id] = true
		parsed.keys = append(parsed.keys, k)
	}
	if err := errors.Join(wrong...); err != nil {
		return Keys{}, err
	}
	return parsed, nil
}

func parseKey(s string) (key, error) {
	id, digits, found := strings.Cut(s, ":")
	if !found {
		return key{}, errors.New("it is not written as kid:hex")
	}
	if !keyID.MatchString(id) {
		return key{}, errors.New("its id is not 1 to 32 letters, digits, dots, dashes or underscores")
	}
	secret, err := hex.DecodeString(digits)
	if err != nil || len(secret) != keySize {
		return key{}, fmt.Errorf("%q is not %d bytes in hex (%d digits)", id, keySize, 2*keySize)
	}
	return key{id: id, secret: secret, purposes: new(purposes)}, nil
}

// Index is the keyed hash of value for one purpose, under the current key: 32 bytes, the same for the same value on
// every instance. Hashes of different purposes cannot be compared, so that one table's do not open another's.
func (k Keys) Index(purpose, value string) []byte {
	return k.keys[0].index(purpose, value)
}

// Matches tells whether index was made by Index from value for purpose, under the current key or one that was
// current earlier: what was stored before a rotation is still recognised.
func (k Keys) Matches(purpose, value string, index []byte) bool {
	for _, one := range k.keys {
		if hmac.Equal(one.index(purpose, value), index) {
			return true
		}
	}
	return false
}

func (k key) index(purpose, value string) []byte {
	macs := &k.derived(purpose).macs
	mac := macs.Get().(hash.Hash)
	defer macs.Put(mac)
	mac.Reset()
	mac.Write([]byte(value))
	return mac.Sum(nil)
}

// None tells the zero Keys.
func (k Keys) None() bool { return len(k.keys) == 0 }

// IDs are the keys' ids, the current one first.
func (k Keys) IDs() []string {
	ids := make([]string, len(k.keys))
	for i, one := range k.keys {
		ids[i] = one.id
	}
	return ids
}

// Fingerprints tell each key from another one of the same id, by id. They give nothing away of the key.
func (k Keys) Fingerprints() map[string][]byte {
	prints := map[string][]byte{}
	for _, one := range k.keys {
		prints[one.id] = one.index("fingerprint", one.id)
	}
	return prints
}

// String names the keys by their ids.
func (k Keys) String() string {
	return "keys " + strings.Join(k.IDs(), ", ")
}

// GoString keeps the keys out of %#v.
func (k Keys) GoString() string { return k.String() }

// LogValue is the ids.
func (k Keys) LogValue() slog.Value { return slog.StringValue(k.String()) }
