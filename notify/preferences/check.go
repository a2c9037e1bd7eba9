package preferences

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"channelbook/internal/fault"
	"channelbook/notify/channel"
)

// check tells all that is wrong, but for the quiet hours.
func (c Change) check() error {
	var wrong []error
	if c.TimeZone != nil && *c.TimeZone != "" {
		if _, known := location(*c.TimeZone); !known {
			wrong = append(wrong, fault.Coded(fault.Invalid, "UNKNOWN_TIME_ZONE", "timeZone", "This is not a time zone such as Europe/Moscow."))
		}
	}
	wrong = append(wrong, within("digestMinutes", c.DigestMinutes, MaxDigest), within("fallbackMinutes", c.FallbackMinutes, MaxFallback))
	if c.Order != nil && !slices.Equal(slices.Sorted(slices.Values(c.Order)), slices.Sorted(slices.Values(Channels))) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_ORDER", "fallbackOrder", "Name each of the channels once."))
	}
	return errors.Join(append(wrong, checkWishes(c.Wishes))...)
}

func within(field string, minutes *int, most int) error {
	if minutes == nil || *minutes >= 0 && *minutes <= most {
		return nil
	}
	return fault.Coded(fault.Invalid, "OUT_OF_RANGE", field, fmt.Sprintf("From 0 to %d minutes.", most))
}

func checkWishes(wishes []Wish) error {
	kinds := Kinds()
	if most := len(kinds) * len(Channels); len(wishes) > most {
		return fault.Coded(fault.Invalid, "TOO_MANY", "preferences", fmt.Sprintf("At most %d, one for each kind and channel.", most))
	}
	var wrong []error
	seen := map[Wish]bool{}
	for i, w := range wishes {
		at, pair := fmt.Sprintf("preferences[%d]", i), Wish{Kind: w.Kind, Channel: w.Channel}
		known := slices.Contains(kinds, w.Kind) && slices.Contains(Channels, w.Channel)
		switch {
		case !known || !slices.Contains([]Mode{"", Always, Fallback, Never}, w.Mode):
			wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_VALUE", at, "There is no such kind, channel or mode."))
		case w.Channel == channel.Web && w.Mode == Fallback:
			wrong = append(wrong, fault.Coded(fault.Invalid, "FALLBACK_NOT_POSSIBLE", at, "What comes into the feed comes at once: it is ALWAYS or NEVER."))
		case seen[pair]:
			wrong = append(wrong, fault.Coded(fault.Invalid, "REPEATED", at, "This kind and channel is given before."))
		}
		seen[pair] = true
	}
	return errors.Join(wrong...)
}

// minutes are the quiet hours in minutes after midnight; nil where there are none, and where none are given.
func (q *Quiet) minutes() (from, to *int, wrong error) {
	if q == nil || *q == (Quiet{}) {
		return nil, nil, nil
	}
	from, wrongFrom := minuteOf("quietHours.from", q.From)
	to, wrongTo := minuteOf("quietHours.to", q.To)
	if wrong := errors.Join(wrongFrom, wrongTo); wrong != nil {
		return nil, nil, wrong
	}
	if *from == *to {
		return nil, nil, fault.Coded(fault.Invalid, "INVALID_PERIOD", "quietHours", "They begin and end at the same time: give none, or another end.")
	}
	return from, to, nil
}

func minuteOf(field, text string) (*int, error) {
	if text == "" {
		return nil, fault.Coded(fault.Invalid, "REQUIRED", field, "Give both ends, or none for no quiet hours.")
	}
	at, err := time.Parse("15:04", text)
	if err != nil || len(text) != len("15:04") {
		return nil, fault.Coded(fault.Invalid, "INVALID_TIME", field, "This is not a time such as 22:00.")
	}
	minute := at.Hour()*60 + at.Minute()
	return &minute, nil
}
