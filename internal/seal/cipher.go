package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// format is the first byte of what Seal makes. Behind it stand the length of the key's id, the id, the nonce and the
// ciphertext with its tag.
const format = 1

var (
	// ErrUnknownKey says that a value was sealed under a key that is not among the keys: it was taken away before all
	// was sealed anew.
	ErrUnknownKey = errors.New("sealed under a key that PERSONAL_DATA_KEYS does not name")
	// ErrBroken says that a value is not what Seal made for this purpose and row: it was changed, cut, or moved here from
	// another row or column.
	ErrBroken = errors.New("a sealed value is broken or belongs elsewhere")
)

// Seal encrypts a value with AES-256-GCM for one purpose, such as the column it stands in, under the current key. The
// key of each purpose is derived by HKDF, and the value is bound to its row: elsewhere it does not open. The same value
// is sealed differently each time.
func (k Keys) Seal(purpose string, row [16]byte, value string) []byte {
	current := k.keys[0]
	header := current.header()
	return append(header, current.derived(purpose).aead.Seal(nil, nil, []byte(value), bound(header, row))...) // #nosec G407 -- newAEAD draws a nonce itself
}

// Open decrypts what Seal made for the same purpose and row, under any of the keys. Errors: ErrUnknownKey, ErrBroken.
func (k Keys) Open(purpose string, row [16]byte, sealed []byte) (string, error) {
	id, header, err := sealedUnder(sealed)
	if err != nil {
		return "", err
	}
	for _, one := range k.keys {
		if one.id != id {
			continue
		}
		plain, err := one.derived(purpose).aead.Open(nil, nil, sealed[len(header):], bound(header, row))
		if err != nil {
			return "", ErrBroken
		}
		return string(plain), nil
	}
	return "", fmt.Errorf("key %q: %w", id, ErrUnknownKey)
}

// Prefix is what a value that is sealed under the current key begins with, and no other does.
func (k Keys) Prefix() []byte { return k.keys[0].header() }

// IsCurrent tells whether a value is sealed under the current key.
func (k Keys) IsCurrent(sealed []byte) bool {
	id, _, err := sealedUnder(sealed)
	return err == nil && id == k.keys[0].id
}

func sealedUnder(sealed []byte) (id string, header []byte, err error) {
	const before = 2
	if len(sealed) < before || sealed[0] != format {
		return "", nil, ErrBroken
	}
	end := before + int(sealed[1])
	if len(sealed) < end {
		return "", nil, ErrBroken
	}
	return string(sealed[before:end]), sealed[:end:end], nil
}

func (k key) header() []byte { return append([]byte{format, byte(len(k.id))}, k.id...) } // #nosec G115 -- ParseKeys takes ids of at most 32 bytes

// bound is the additional data of the encryption: the header cannot be changed, nor the value moved to another row.
func bound(header []byte, row [16]byte) []byte {
	return append(append(make([]byte, 0, len(header)+len(row)), header...), row[:]...)
}

// newAEAD draws a nonce of 96 bits for each value: 2³² values under one key and purpose are far off.
func newAEAD(secret []byte) cipher.AEAD {
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err) // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for a block of another size
	}
	return aead
}
