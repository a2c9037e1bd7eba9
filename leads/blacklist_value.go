package leads

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"channelbook/ent/blacklistentry"
	"channelbook/internal/contact"
)

// blacklistKind is how values of a kind are written: normal brings one into the form in which it is stored and
// compared, and code and message are what the sender of another learns.
type blacklistKind struct {
	kind    blacklistentry.Kind
	normal  func(string) (string, error)
	code    string
	message string
}

var blacklistKinds = []blacklistKind{
	{blacklistentry.KindPHONE, contact.Phone, "INVALID_PHONE", "This is not a phone number in use."},
	{blacklistentry.KindEMAIL, contact.Email, "INVALID_EMAIL", "This is not an e-mail address."},
	{blacklistentry.KindIP, address, "INVALID_IP", "This is not an IPv4 or IPv6 address."},
	{blacklistentry.KindNETWORK, network, "INVALID_NETWORK", "This is not a network such as 203.0.113.0/24."},
	{blacklistentry.KindDOMAIN, contact.Domain, "INVALID_DOMAIN", "This is not a domain such as example.ru."},
}

func blacklistKindOf(kind blacklistentry.Kind) (blacklistKind, bool) {
	i := slices.IndexFunc(blacklistKinds, func(k blacklistKind) bool { return k.kind == kind })
	if i < 0 {
		return blacklistKind{}, false
	}
	return blacklistKinds[i], true
}

// BlacklistValues are the forms in which a text, in any usual writing, may stand in the blacklist: one for each kind
// that can read it. For a filter by value.
func BlacklistValues(text string) (values []string) {
	text = strings.TrimSpace(text)
	for _, k := range blacklistKinds {
		if value, err := k.normal(text); err == nil {
			values = append(values, value)
		}
	}
	return values
}

var (
	errNotNetwork = errors.New("not a network")
	errTooBroad   = errors.New("too broad a network")
)

// network is the canonical text of a network, its address cut to the prefix; one of IPv4 addresses inside IPv6 is
// IPv4. It returns errTooBroad for a prefix that the blacklist does not take.
func network(s string) (string, error) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return "", errNotNetwork
	}
	if ip := p.Addr(); ip.Is4In6() {
		const mapped = 96 // bits before the IPv4 address
		if p.Bits() < mapped {
			return "", errTooBroad
		}
		p = netip.PrefixFrom(ip.Unmap(), p.Bits()-mapped)
	}
	if p.Bits() < broadest(p.Addr()) {
		return "", errTooBroad
	}
	return p.Masked().String(), nil
}
