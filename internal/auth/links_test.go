package auth_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"channelbook/internal/auth"
)

func TestLinks(t *testing.T) {
	const first, second = "a:0123456789abcdef0123456789abcdef", "b:fedcba9876543210fedcba9876543210"
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	links := func(keys string) *auth.Links {
		k, err := auth.ParseKeys(keys)
		if err != nil {
			t.Fatal(err)
		}
		return &auth.Links{Keys: k, Now: func() time.Time { return now }}
	}
	const path = "/files/picture_1"
	signed := links(first).Sign(path, now.Add(time.Minute))
	for name, c := range map[string]struct {
		keys, path, query string
		after             time.Duration
		want              bool
	}{
		"opens":                            {first, path, signed, 0, true},
		"opens until it expires":           {first, path, signed, time.Minute - time.Nanosecond, true},
		"has expired":                      {first, path, signed, time.Minute, false},
		"opens after a rotation":           {second + "," + first, path, signed, 0, true},
		"is closed when its key is gone":   {second, path, signed, 0, false},
		"opens nothing else":               {first, "/files/picture_2", signed, 0, false},
		"cannot be prolonged":              {first, path, strings.Replace(signed, "expires=17", "expires=27", 1), 0, false},
		"has a signature":                  {first, path, strings.Split(signed, "&")[0], 0, false},
		"has an instant":                   {first, path, "expires=x&signature=y", 0, false},
		"has the signature that was given": {first, path, signed + "x", 0, false},
		"is nothing without parameters":    {first, path, "", 0, false},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		l := links(c.keys)
		l.Now = func() time.Time { return now.Add(c.after) }
		if got := l.Opens(c.path, query); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
	t.Run("one for a day lasts half of one at least, and is the same for half a day", func(t *testing.T) {
		l := links(first)
		at := now.Truncate(12 * time.Hour)
		l.Now = func() time.Time { return at }
		early := l.SignForADay(path)
		at = at.Add(12*time.Hour - time.Nanosecond)
		if late := l.SignForADay(path); late != early {
			t.Errorf("got %s, then %s, want the same", early, late)
		}
		at = at.Add(12 * time.Hour)
		query, _ := url.ParseQuery(early)
		if !l.Opens(path, query) {
			t.Error("it has expired within twelve hours of its last use")
		}
		at = at.Add(time.Second)
		if l.Opens(path, query) {
			t.Error("it opens after a day")
		}
	})
}
