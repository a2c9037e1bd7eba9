package preferences

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"channelbook/ent"
	"channelbook/ent/notificationpreference"
	"channelbook/ent/notificationsettings"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Settings are how one person wants to be told.
type Settings struct {
	TimeZone      *time.Location
	QuietFrom     *int // minutes after midnight in TimeZone; nil: no quiet hours
	QuietTo       *int // likewise; not later than QuietFrom: on the next day
	Digest        time.Duration
	FallbackAfter time.Duration
	Order         []string                   // of channels
	Modes         map[string]map[string]Mode // by kind and channel, what the person has said
}

// Mode is what holds of a kind by a channel: what the person has said, else the catalogue's default.
func (s Settings) Mode(kind, by string) Mode {
	if said, ok := s.Modes[kind][by]; ok {
		return said
	}
	return Default(kind, by)
}

// Said tells what the person has said of a kind by a channel; false where they have said nothing.
func (s Settings) Said(kind, by string) (Mode, bool) {
	said, ok := s.Modes[kind][by]
	return said, ok
}

// Of are the settings that a row holds, without what the person has said of kinds; nil: the defaults. A time zone that this
// server does not know is the business's.
func (s *Service) Of(row *ent.NotificationSettings) Settings {
	of := Settings{TimeZone: s.TimeZone, Digest: DefaultDigest, FallbackAfter: DefaultFallbackAfter, Order: slices.Clone(Channels)}
	if row == nil {
		return of
	}
	if zone, known := location(row.TimeZone); known {
		of.TimeZone = zone
	}
	of.QuietFrom, of.QuietTo = row.QuietFrom, row.QuietTo
	of.Digest, of.FallbackAfter = time.Duration(row.DigestMinutes)*time.Minute, time.Duration(row.FallbackMinutes)*time.Minute
	of.Order = row.FallbackOrder
	return of
}

// zones are the time zones that were read, by their names: each is read from a file.
var zones sync.Map

// location is the time zone of a name of the IANA's base. What depends on the machine, as Local does, is none.
func location(name string) (*time.Location, bool) {
	if zone, known := zones.Load(name); known {
		return zone.(*time.Location), true //nolint:forcetypeassert // it holds nothing else
	}
	if name == "" || name == "Local" {
		return nil, false
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, false
	}
	zones.Store(name, zone)
	return zone, true
}

// Read reads the settings of persons, by the system; those who have said nothing have the defaults.
func (s *Service) Read(ctx context.Context, from *ent.Client, users ...gid.ID) (map[gid.ID]Settings, error) {
	rows, err := from.NotificationSettings.Query().Where(notificationsettings.UserIDIn(users...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read how people want to be told: %w", err)
	}
	said, err := from.NotificationPreference.Query().Where(notificationpreference.UserIDIn(users...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what people want to be told of: %w", err)
	}
	all := make(map[gid.ID]Settings, len(users))
	for _, user := range users {
		all[user] = s.Of(nil)
	}
	for _, row := range rows {
		all[row.UserID] = s.Of(row)
	}
	for _, row := range said {
		of := all[row.UserID]
		of.Say(row.Kind.String(), row.Channel.String(), Mode(row.Mode))
		all[row.UserID] = of
	}
	return all, nil
}

// Say notes what the person has said of a kind by a channel.
func (s *Settings) Say(kind, by string, mode Mode) {
	if s.Modes == nil {
		s.Modes = map[string]map[string]Mode{}
	}
	if s.Modes[kind] == nil {
		s.Modes[kind] = map[string]Mode{}
	}
	s.Modes[kind][by] = mode
}

// Own are the settings of the one who asks, a person who is signed in.
func (s *Service) Own(ctx context.Context) (Settings, error) {
	user, err := person(ctx)
	if err != nil {
		return Settings{}, err
	}
	all, err := s.Read(auth.AsSystem(ctx, "one's own settings"), s.DB.Client, user)
	return all[user], err
}

// person is the one who asks.
func person(ctx context.Context) (gid.ID, error) {
	viewer, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return gid.ID{}, err
	}
	if viewer.UserID.IsZero() {
		return gid.ID{}, fault.New(fault.Forbidden, "", "Only people are told of something.")
	}
	return viewer.UserID, nil
}
