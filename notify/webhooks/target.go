package webhooks

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"code.dny.dev/ssrf"

	"channelbook/internal/fault"
)

// errRefused says that an address is none that a webhook may reach.
var errRefused = errors.New("the address is not on the public Internet")

// guardian knows the networks that are not public: loopback, private, link-local with the metadata of clouds, shared by carriers,
// and what stands for them in IPv6.
var guardian = ssrf.New(ssrf.WithAnyPort())

// guard refuses a connection by the address that a name has resolved to: whoever owns a name can point it anywhere, and another
// way at each look.
func guard(network, address string, c syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil || !mayReach(target.Port()) || guardian.Safe(network, address, c) != nil {
		return errRefused
	}
	return nil
}

// mayReach tells whether a webhook may be at a port: of those of systems, only the two of the web.
func mayReach(port uint16) bool { return port == 80 || port == 443 || port > 1023 }

// maxURL is in characters.
const maxURL = 2000

// target reads the address of a webhook, and tells all that is wrong with it: INVALID_URL, TOO_LONG, TARGET_REFUSED. What a name
// resolves to is looked at when it is called.
func (s *Service) target(text string) (*url.URL, error) {
	var wrong []error
	if utf8.RuneCountInString(text) > maxURL {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_LONG", "url", fmt.Sprintf("At most %d characters are taken here.", maxURL)))
	}
	u, err := url.Parse(text)
	if err != nil || !s.proper(u, text) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_URL", "url", "This is no address with https://, without a name, a password and a fragment."))
	} else if !s.AllowPrivate && refused(u) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TARGET_REFUSED", "url", "Events are sent to addresses of the public Internet alone, to the ports 80, 443 and those from 1024."))
	}
	return u, errors.Join(wrong...)
}

func (s *Service) proper(u *url.URL, text string) bool {
	unseen := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) || r == '\\' }
	_, err := port(u)
	return (u.Scheme == "https" || u.Scheme == "http" && s.AllowPrivate) && u.Hostname() != "" && u.User == nil && err == nil &&
		!strings.ContainsRune(text, '#') && !strings.ContainsFunc(text, unseen)
}

func port(u *url.URL) (uint16, error) {
	if u.Port() == "" {
		return map[string]uint16{"http": 80, "https": 443}[u.Scheme], nil
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return uint16(n), err // #nosec G115 -- of 16 bits
}

// refused tells whether an address is refused as it is written: by its number, its port, or a name of this machine.
func refused(u *url.URL) bool {
	host, at := strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")), u.Port()
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	number, _ := port(u)
	if ip, err := netip.ParseAddr(host); err == nil {
		network := "tcp4"
		if ip.Is6() {
			network = "tcp6"
		}
		return guard(network, net.JoinHostPort(host, strconv.Itoa(int(number))), nil) != nil
	}
	return at != "" && !mayReach(number)
}

// hostOf is what may be said of a webhook's address: the rest may hold a token.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Host
}
