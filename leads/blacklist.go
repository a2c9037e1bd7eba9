package leads

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"channelbook/ent"
	"channelbook/ent/blacklistentry"
	"channelbook/ent/sealed"
	"channelbook/internal/db"
)

// Contacts are what a lead can be reached by and came from, in the normal forms of the intake. An empty one is absent.
type Contacts struct{ Phone, Email, IP string }

// blacklisted finds the entry that keeps a lead with these contacts out, the oldest of several; nil where there is
// none. It is one statement over the index of values, and its caller sees the whole blacklist.
func (s *Service) blacklisted(ctx context.Context, tx *db.Tx, c Contacts) (*ent.BlacklistEntry, error) {
	values, err := c.blacklistValues()
	if err != nil || len(values) == 0 {
		return nil, err
	}
	hits, err := tx.BlacklistEntry.Query().Where(
		sealed.BlacklistIndex.Match(s.Keys, values...),
		blacklistentry.Or(blacklistentry.ExpiresAtIsNil(), blacklistentry.ExpiresAtGT(s.Now())),
	).All(ctx) // a handful at most; with ORDER BY and LIMIT an engine may walk the dates instead
	if err != nil {
		return nil, fmt.Errorf("look into the blacklist: %w", err)
	}
	if len(hits) == 0 {
		return nil, nil
	}
	return slices.MinFunc(hits, func(a, b *ent.BlacklistEntry) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID.String(), b.ID.String()))
	}), nil
}

// blacklistValues are the values of all entries that would keep these contacts out. No value means something in two
// kinds: a phone begins with +, an e-mail has an @, a network a /, and no domain is an address.
func (c Contacts) blacklistValues() ([]string, error) {
	var values []string
	if c.Phone != "" {
		values = append(values, c.Phone)
	}
	if c.Email != "" {
		values = append(values, c.Email)
		values = append(values, domains(c.Email)...)
	}
	if c.IP != "" {
		ip, err := netip.ParseAddr(c.IP)
		if err != nil {
			return nil, fmt.Errorf("the address of a lead is not in its normal form: %w", err)
		}
		values = append(values, ip.Unmap().String())
		values = append(values, networks(ip.Unmap())...)
	}
	return values, nil
}

// domains are the domain of an e-mail address and each one above it, down to two labels.
func domains(email string) (all []string) {
	domain := email[strings.LastIndexByte(email, '@')+1:]
	for strings.Contains(domain, ".") {
		all = append(all, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return all
}

// networks are all networks that hold an address and that the blacklist takes.
func networks(ip netip.Addr) (all []string) {
	for bits := broadest(ip); bits <= ip.BitLen(); bits++ {
		all = append(all, netip.PrefixFrom(ip, bits).Masked().String())
	}
	return all
}

// The shortest prefixes that the blacklist takes: a broader network would keep out a good part of the world.
const (
	broadestV4 = 8
	broadestV6 = 16
)

func broadest(ip netip.Addr) int {
	if ip.Is4() {
		return broadestV4
	}
	return broadestV6
}
