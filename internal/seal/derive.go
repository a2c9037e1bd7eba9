package seal

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"sync"
)

// derivedKeys are what one key gives to one purpose.
type derivedKeys struct {
	macs sync.Pool   // of indexes: each hash.Hash is keyed already
	aead cipher.AEAD // of sealed values
}

// derived is the key's part for a purpose, made once: purposes are a handful of names in the code.
func (k key) derived(purpose string) *derivedKeys {
	if d, ok := k.purposes.Load(purpose); ok {
		return d.(*derivedKeys)
	}
	secret := k.expand("channelbook index " + purpose)
	made := &derivedKeys{aead: newAEAD(k.expand("channelbook seal " + purpose))}
	made.macs.New = func() any { return hmac.New(sha256.New, secret) }
	d, _ := k.purposes.LoadOrStore(purpose, made)
	return d.(*derivedKeys)
}

// expand is HKDF (RFC 5869) with the key, which is random already, as its pseudorandom key.
func (k key) expand(info string) []byte {
	secret, err := hkdf.Expand(sha256.New, k.secret, info, keySize)
	if err != nil {
		panic(err) // only for a length beyond 255 hashes, and ours is one
	}
	return secret
}

// purposes is derived's memory.
type purposes = sync.Map
