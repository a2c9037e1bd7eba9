package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strconv"
	"time"
)

// Links are addresses that open one path without a sign-in until they expire: for what a page or a mail shows, which
// send no header. Whoever has the link has what it opens. They are signed under keys derived from those of tokens.
type Links struct {
	Keys Keys
	Now  func() time.Time
}

// The parameters of a link.
const (
	expiresParam   = "expires"
	signatureParam = "signature"
)

// Sign is the query with which path opens until an instant, to the second.
func (l *Links) Sign(path string, until time.Time) string {
	expires := strconv.FormatInt(until.Unix(), 10)
	return expiresParam + "=" + expires + "&" + signatureParam + "=" + l.Keys.sign(l.Keys.signer, path, expires)
}

// SignForADay is Sign for 12 to 24 hours. In each half of a day it is the same query, so that whoever has fetched what it
// opens can keep it under its address.
func (l *Links) SignForADay(path string) string {
	const half = 12 * time.Hour
	return l.Sign(path, l.Now().Truncate(half).Add(2*half))
}

// IsLink tells whether a query means to be one of a link.
func IsLink(query url.Values) bool { return query.Has(signatureParam) }

// Opens tells whether a query opens path now.
func (l *Links) Opens(path string, query url.Values) bool {
	expires, signature := query.Get(expiresParam), query.Get(signatureParam)
	at, err := strconv.ParseInt(expires, 10, 64)
	if err != nil || !l.Now().Before(time.Unix(at, 0)) {
		return false
	}
	for id := range l.Keys.secrets {
		if hmac.Equal([]byte(l.Keys.sign(id, path, expires)), []byte(signature)) {
			return true
		}
	}
	return false
}

func (k Keys) sign(id, path, expires string) string {
	derived, err := hkdf.Key(sha256.New, k.secrets[id], nil, "channelbook link", sha256.Size)
	if err != nil {
		panic(err) // only for a length beyond 255 hashes, and ours is one
	}
	mac := hmac.New(sha256.New, derived)
	mac.Write([]byte(path + "\n" + expires))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
