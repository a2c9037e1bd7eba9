package preferences

import (
	"context"
	"time"

	"channelbook/ent"
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

// Read reads the settings of persons, by the system; those who have said nothing have the defaults.
func (s *Service) Read(ctx context.Context, from *ent.Client, users ...gid.ID) (map[gid.ID]Settings, error) {
	return nil, nil
}

// QuietUntil is the end of the quiet hours that a moment falls into; false where it falls into none.
func (s Settings) QuietUntil(at time.Time) (time.Time, bool) { return time.Time{}, false }
