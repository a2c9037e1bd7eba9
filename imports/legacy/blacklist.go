package legacy

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"channelbook/ent/blacklistentry"
	"channelbook/internal/contact"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// barred is a row of the blacklist there: an entry for each contact that it names.
type barred struct {
	lines
	entries []leads.ImportedEntry
	again   bool // it names what a row before has named
}

// named is what there is one entry of.
type named struct {
	kind  blacklistentry.Kind
	value string
}

// entryKinds are the kinds of values there, in lower case.
var entryKinds = map[string]blacklistentry.Kind{
	"phone": blacklistentry.KindPHONE, "tel": blacklistentry.KindPHONE, "телефон": blacklistentry.KindPHONE, "email": blacklistentry.KindEMAIL, "e-mail": blacklistentry.KindEMAIL,
	"mail": blacklistentry.KindEMAIL, "почта": blacklistentry.KindEMAIL, "ip": blacklistentry.KindIP, "network": blacklistentry.KindNETWORK, "subnet": blacklistentry.KindNETWORK, "domain": blacklistentry.KindDOMAIN, "домен": blacklistentry.KindDOMAIN,
}

// blacklist brings over what keeps leads out.
func (m *importer) blacklist(ctx context.Context) error {
	var some []*barred
	seen := map[named]bool{}
	err := m.base.each(ctx, "leads_blacklist", m.report, func(r *row) error {
		some = append(some, m.barred(r, seen))
		return nil
	})
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(some, atOnce) {
		if err := m.storeBlacklist(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// barred reads the entries of a row.
func (m *importer) barred(r *row, seen map[named]bool) *barred {
	b := &barred{lines: lines{row: r}}
	at := m.Now()
	if when := m.at(&b.lines, "created"); past(when, at) {
		at = *when
	}
	add := func(field string, kind blacklistentry.Kind) {
		value := r.get(field)
		if value == "" {
			return
		}
		in := leads.ImportedEntry{ID: gid.Named("leads_blacklist", r.id, field), CreatedAt: at, BlacklistInput: leads.BlacklistInput{Kind: kind, Value: strings.TrimSuffix(value, ".0"), Reason: r.get("reason")}}
		checked, faults := in.Checked()
		keep := true
		for _, f := range faults {
			if f.Field == "reason" {
				b.left("reason", f.Message+" It is left out.")
				continue
			}
			keep = false
			b.left(field, f.Message+" It is left out.")
		}
		what := named{checked.Kind, checked.Value}
		if b.again = b.again || keep && seen[what]; keep && !seen[what] {
			seen[what] = true
			b.entries = append(b.entries, checked)
		}
	}
	add("phone", blacklistentry.KindPHONE)
	add("email", blacklistentry.KindEMAIL)
	add("ip", blacklistentry.KindIP)
	add("domain", blacklistentry.KindDOMAIN)
	if value := r.get("value"); value != "" {
		kind, known := entryKinds[strings.ToLower(r.get("kind"))]
		switch {
		case known:
			add("value", kind)
		case r.get("kind") != "":
			b.left("kind", shown(r.get("kind"))+" is none of phone, email, ip, network, domain. The entry is left out.")
		default:
			add("value", kindOf(value))
		}
	}
	return b
}

// kindOf is what a value without a kind looks like; a phone where it looks like nothing, so that the report says that it is none.
func kindOf(value string) blacklistentry.Kind {
	if strings.Contains(value, "@") {
		return blacklistentry.KindEMAIL
	}
	if _, err := netip.ParsePrefix(value); err == nil {
		return blacklistentry.KindNETWORK
	}
	if _, err := netip.ParseAddr(value); err == nil {
		return blacklistentry.KindIP
	}
	if _, err := contact.Domain(value); err == nil {
		return blacklistentry.KindDOMAIN
	}
	return blacklistentry.KindPHONE
}

// storeBlacklist adds the entries that are not there and have not been: one that somebody has taken off since stays off.
func (m *importer) storeBlacklist(ctx context.Context, some []*barred) error {
	var ids []gid.ID
	for _, b := range some {
		for _, e := range b.entries {
			ids = append(ids, e.ID)
		}
	}
	var fates []fate
	err := m.batch(ctx, func(tx *db.Tx) error {
		before, err := brought(ctx, tx, ids)
		if err != nil {
			return err
		}
		fates = make([]fate, len(some))
		for i, b := range some {
			if fates[i], err = m.storeEntries(ctx, tx, b, before); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, b := range some {
		if fates[i] == isRefused && len(b.all) == 0 {
			b.refuse("value", "It names no contact.")
		}
		m.report.settle(&b.lines, fates[i])
		if fates[i] == isThere && b.again { // what else it says may never have been told of
			m.report.Lines = append(m.report.Lines, b.all...)
		}
	}
	return nil
}

func (m *importer) storeEntries(ctx context.Context, tx *db.Tx, b *barred, before map[gid.ID]bool) (fate, error) {
	as := isRefused
	if b.again {
		as = isThere
	}
	for _, e := range b.entries {
		added := false
		var err error
		switch {
		case before[e.ID]:
		case m.Apply:
			added, err = m.Services.Leads.ImportEntry(ctx, tx, e)
		default:
			added, err = m.Services.Leads.HasEntry(ctx, tx.BlacklistEntry, e)
			added = !added
		}
		if err != nil {
			return as, err
		}
		if added {
			as = isNew
		} else if as == isRefused {
			as = isThere
		}
	}
	return as, nil
}
