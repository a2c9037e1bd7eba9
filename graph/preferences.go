package graph

import (
	"fmt"
	"time"

	"channelbook/graph/model"
	"channelbook/notify/preferences"
)

// notificationSettings are settings as clients see them, with what holds of every kind by every channel.
func notificationSettings(of preferences.Settings) *model.NotificationSettings {
	if of.TimeZone == nil { // none were read
		return nil
	}
	out := &model.NotificationSettings{
		TimeZone: of.TimeZone.String(), DigestMinutes: int(of.Digest / time.Minute), FallbackMinutes: int(of.FallbackAfter / time.Minute),
		FallbackOrder: make([]model.NotificationChannel, len(of.Order)),
	}
	if of.QuietFrom != nil && of.QuietTo != nil {
		out.QuietHours = &model.QuietHours{From: clock(*of.QuietFrom), To: clock(*of.QuietTo)}
	}
	for i, by := range of.Order {
		out.FallbackOrder[i] = model.NotificationChannel(by)
	}
	for _, kind := range preferences.Kinds() {
		for _, by := range preferences.Channels {
			_, said := of.Said(kind, by)
			out.Preferences = append(out.Preferences, &model.NotificationPreference{
				Kind: model.NotificationKind(kind), Channel: model.NotificationChannel(by), Mode: model.NotificationMode(of.Mode(kind, by)), IsDefault: !said,
			})
		}
	}
	return out
}

// clock writes minutes after midnight as 22:00.
func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// wanted is what a person wants from now on.
func wanted(in model.UpdateNotificationSettingsInput) preferences.Change {
	c := preferences.Change{TimeZone: in.TimeZone, DigestMinutes: in.DigestMinutes, FallbackMinutes: in.FallbackMinutes}
	if q := in.QuietHours; q != nil {
		c.Quiet = &preferences.Quiet{From: text(q.From), To: text(q.To)}
	}
	if in.FallbackOrder != nil {
		c.Order = []string{}
	}
	for _, by := range in.FallbackOrder {
		c.Order = append(c.Order, string(by))
	}
	for _, of := range in.Preferences {
		w := preferences.Wish{Kind: string(of.Kind), Channel: string(of.Channel)}
		if of.Mode != nil {
			w.Mode = preferences.Mode(*of.Mode)
		}
		c.Wishes = append(c.Wishes, w)
	}
	return c
}
