package web

import (
	"crypto/rand"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"unicode"

	"channelbook/internal/reqctx"
)

const requestIDHeader = "X-Request-Id"

// userAgentLimit is in bytes: longer ones are cut.
const userAgentLimit = 300

var saneRequestID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// identified puts the request's id, its client's address and its user agent into the context, and the id into the
// answer. What proxies say of a request is believed from trusted ones only.
func identified(trusted []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer := peerAddress(r.RemoteAddr)
		id := r.Header.Get(requestIDHeader)
		if !within(trusted, peer) || !saneRequestID.MatchString(id) {
			id = rand.Text()
		}
		w.Header().Set(requestIDHeader, id)
		next.ServeHTTP(w, r.WithContext(reqctx.With(r.Context(), reqctx.Request{
			ID:         id,
			RemoteAddr: printed(clientAddress(trusted, peer, r.Header.Values("X-Forwarded-For"))),
			UserAgent:  storable(r.UserAgent(), userAgentLimit),
		})))
	})
}

// clientAddress is the rightmost address on the way of a request that is not a trusted proxy: what stands left of
// it anybody could have written. An entry that is not an address ends the way at the proxy that added it.
func clientAddress(trusted []netip.Prefix, peer netip.Addr, forwardedFor []string) netip.Addr {
	client := peer
	way := strings.Split(strings.Join(forwardedFor, ","), ",")
	for i := len(way) - 1; i >= 0 && within(trusted, client); i-- {
		hop := peerAddress(strings.TrimSpace(way[i]))
		if !hop.IsValid() {
			break
		}
		client = hop
	}
	return client
}

// peerAddress reads an address with or without a port; the zero address where there is none, as on a Unix socket.
func peerAddress(s string) netip.Addr {
	if both, err := netip.ParseAddrPort(s); err == nil {
		return both.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func within(networks []netip.Prefix, a netip.Addr) bool {
	for _, network := range networks {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

func printed(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// storable is s without what a base refuses or a log should not hold: broken UTF-8 and control characters.
func storable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}
