package deliveries

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
)

// recipient is one person whom one notice is for.
type recipient struct {
	notice, user gid.ID
	distributor  *gid.ID
	kind         string
	named        map[string]bool // the channels that the sender has named; nil: none
	has          map[string]bool // by which channels the person has an address
	wants        preferences.Settings
	begun        map[string]time.Time // the last attempt with a message of this kind, by channel
}

// recipients are those of notices, in the order of places, with all that tells how they are to be reached: by one statement. The
// last attempts stand in the order of an index.
func (s *Service) recipients(ctx context.Context, tx *db.Tx, after, upTo int64) (all []recipient, err error) {
	mode := func(by string) string {
		return "(SELECT p.mode FROM notification_preferences p WHERE p.user_id = r.user_id AND p.kind = r.kind AND p.channel = '" + by + "')"
	}
	begun := func(by string) string {
		return "(SELECT d.begun_at FROM deliveries d WHERE d.user_id = r.user_id AND d.channel = '" + by + "' AND d.kind = r.kind " +
			"AND d.begun_at IS NOT NULL AND d.purpose = 'NOTICE' ORDER BY d.begun_at DESC LIMIT 1)"
	}
	rows, err := tx.QueryContext(ctx, "SELECT r.notice_id, r.user_id, r.distributor_id, r.kind, n.channels, u.email_sealed IS NOT NULL, u.phone_sealed IS NOT NULL, "+
		"s.time_zone, s.quiet_from, s.quiet_to, s.digest_minutes, s.fallback_minutes, s.fallback_order, "+
		mode(channel.Web)+", "+mode(channel.Email)+", "+mode(channel.WhatsApp)+", "+begun(channel.Email)+", "+begun(channel.WhatsApp)+
		" FROM ("+notify.Recipients(tx.Dialect())+") AS r JOIN notices n ON n.id = r.notice_id JOIN users u ON u.id = r.user_id "+
		"LEFT JOIN notification_settings s ON s.user_id = r.user_id ORDER BY r.place, r.user_id", after, upTo)
	if err != nil {
		return nil, fmt.Errorf("read whom messages are for: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		r, err := s.readRecipient(rows)
		if err != nil {
			return nil, fmt.Errorf("read whom a message is for: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read whom messages are for: %w", err)
	}
	return all, nil
}

// readRecipient reads one row.
func (s *Service) readRecipient(rows *sql.Rows) (r recipient, err error) {
	var (
		named, zone, order          sql.NullString
		email, phone                bool
		quietFrom, quietTo          *int
		digest, fallback            *int
		web, byEmail, byWhatsApp    sql.NullString
		lastByEmail, lastByWhatsApp sql.NullTime
		settings                    *ent.NotificationSettings
	)
	if err := rows.Scan(&r.notice, &r.user, &r.distributor, &r.kind, &named, &email, &phone, &zone, &quietFrom, &quietTo, &digest, &fallback, &order,
		&web, &byEmail, &byWhatsApp, &lastByEmail, &lastByWhatsApp); err != nil {
		return r, err
	}
	if r.named, err = set(named); err != nil {
		return r, err
	}
	if digest != nil && fallback != nil {
		settings = &ent.NotificationSettings{TimeZone: zone.String, QuietFrom: quietFrom, QuietTo: quietTo, DigestMinutes: *digest, FallbackMinutes: *fallback}
		if err := json.Unmarshal([]byte(order.String), &settings.FallbackOrder); err != nil {
			return r, err
		}
	}
	r.has = map[string]bool{channel.Email: email, channel.WhatsApp: phone}
	r.begun = map[string]time.Time{channel.Email: lastByEmail.Time, channel.WhatsApp: lastByWhatsApp.Time}
	r.wants = s.Wishes.Of(settings)
	for by, said := range map[string]sql.NullString{channel.Web: web, channel.Email: byEmail, channel.WhatsApp: byWhatsApp} {
		if said.Valid {
			r.wants.Say(r.kind, by, preferences.Mode(said.String))
		}
	}
	return r, nil
}

// set are the names of a list in JSON; nil where there is none.
func set(list sql.NullString) (map[string]bool, error) {
	if !list.Valid {
		return nil, nil
	}
	var names []string
	if err := json.Unmarshal([]byte(list.String), &names); err != nil || names == nil {
		return nil, err
	}
	in := make(map[string]bool, len(names))
	for _, name := range names {
		in[name] = true
	}
	return in, nil
}
