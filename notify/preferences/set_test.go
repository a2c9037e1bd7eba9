package preferences_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent/migrate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/preferences"
)

func service(t *testing.T, d *db.DB) *preferences.Service {
	t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	return &preferences.Service{DB: d, Now: dbtest.Clock("2026-11-26T09:00:00Z"), TimeZone: moscow}
}

func as(t *testing.T, user gid.ID) context.Context {
	return auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: user, Distributor: gid.New(), SessionID: gid.New()})
}

func TestEveryKindHasADefault(t *testing.T) {
	if got := migrate.NotificationPreferencesTable.Columns[2]; got.Name != "kind" || !sameSet(got.Enums, preferences.Kinds()) {
		t.Errorf("the base has the kinds %v, the catalogue %v", got.Enums, preferences.Kinds())
	}
	for kind, want := range map[string]string{"LEAD_ASSIGNED": "ALWAYS FALLBACK FALLBACK", "LEAD_TAKEN": "ALWAYS NEVER NEVER", "NONE": "ALWAYS NEVER NEVER"} {
		got := fmt.Sprint(preferences.Default(kind, "WEB"), " ", preferences.Default(kind, "EMAIL"), " ", preferences.Default(kind, "WHATSAPP"))
		if got != want {
			t.Errorf("%s: got %s, want %s", kind, got, want)
		}
	}
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestSet(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, anna, vera := service(t, d), gid.New(), gid.New()
		own := func(user gid.ID) preferences.Settings {
			t.Helper()
			of, err := s.Own(as(t, user))
			if err != nil {
				t.Fatal(err)
			}
			return of
		}
		set := func(c preferences.Change) {
			t.Helper()
			if err := s.Set(as(t, anna), c); err != nil {
				t.Fatal(err)
			}
		}
		fresh := own(anna)
		if fresh.TimeZone != s.TimeZone || fresh.QuietFrom != nil || fresh.Digest != 15*time.Minute || fresh.FallbackAfter != 30*time.Minute ||
			!slices.Equal(fresh.Order, []string{"WEB", "EMAIL", "WHATSAPP"}) || fresh.Mode("MESSAGE", "EMAIL") != preferences.Fallback {
			t.Errorf("who has said nothing has %+v", fresh)
		}
		set(preferences.Change{Wishes: []preferences.Wish{{"MESSAGE", "EMAIL", preferences.Always}, {"LEAD_TAKEN", "WEB", preferences.Never}}})
		set(preferences.Change{TimeZone: new("Asia/Yekaterinburg"), Quiet: &preferences.Quiet{From: "22:00", To: "08:15"}, DigestMinutes: new(0)})
		set(preferences.Change{FallbackMinutes: new(5), Order: []string{"EMAIL", "WEB", "WHATSAPP"}, Wishes: []preferences.Wish{{"MESSAGE", "EMAIL", preferences.Never}, {"GOAL_SET", "EMAIL", ""}}})
		got := own(anna)
		if got.TimeZone.String() != "Asia/Yekaterinburg" || *got.QuietFrom != 22*60 || *got.QuietTo != 8*60+15 || got.Digest != 0 || got.FallbackAfter != 5*time.Minute ||
			!slices.Equal(got.Order, []string{"EMAIL", "WEB", "WHATSAPP"}) {
			t.Errorf("after each part by itself: got %+v", got)
		}
		if got.Mode("MESSAGE", "EMAIL") != preferences.Never || got.Mode("LEAD_TAKEN", "WEB") != preferences.Never || got.Mode("GOAL_SET", "EMAIL") != preferences.Fallback {
			t.Errorf("got the wishes %v", got.Modes)
		}
		set(preferences.Change{TimeZone: new(""), Quiet: &preferences.Quiet{}, Wishes: []preferences.Wish{{"MESSAGE", "EMAIL", ""}}})
		got = own(anna)
		if _, said := got.Said("MESSAGE", "EMAIL"); said || got.TimeZone != s.TimeZone || got.QuietFrom != nil || got.QuietTo != nil || got.FallbackAfter != 5*time.Minute {
			t.Errorf("after taking back: got %+v", got)
		}
		if other := own(vera); !reflect.DeepEqual(other, fresh) {
			t.Errorf("another person has %+v", other)
		}
	})
}

func TestAllFaultsOfSettingsAreToldAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, anna := service(t, d), gid.New()
		always := preferences.Wish{Kind: "MESSAGE", Channel: "EMAIL", Mode: preferences.Always}
		for name, c := range map[string]struct {
			in   preferences.Change
			want string
		}{
			"everything": {preferences.Change{
				TimeZone: new("Mars/Olympus"), Quiet: &preferences.Quiet{From: "24:00", To: ""}, DigestMinutes: new(-1), FallbackMinutes: new(1441), Order: []string{"WEB", "EMAIL", "EMAIL"},
				Wishes: []preferences.Wish{always, always, {"MESSAGE", "WEB", preferences.Fallback}, {"NONE", "EMAIL", preferences.Always}, {"MESSAGE", "SMS", preferences.Always}, {"MESSAGE", "WHATSAPP", "SOMETIMES"}},
			}, "UNKNOWN_TIME_ZONE timeZone OUT_OF_RANGE digestMinutes OUT_OF_RANGE fallbackMinutes INVALID_ORDER fallbackOrder REPEATED preferences[1] FALLBACK_NOT_POSSIBLE preferences[2] " +
				"INVALID_VALUE preferences[3] INVALID_VALUE preferences[4] INVALID_VALUE preferences[5] INVALID_TIME quietHours.from REQUIRED quietHours.to"},
			"the machine's time zone":    {preferences.Change{TimeZone: new("Local")}, "UNKNOWN_TIME_ZONE timeZone"},
			"a path":                     {preferences.Change{TimeZone: new("../etc/passwd")}, "UNKNOWN_TIME_ZONE timeZone"},
			"no order":                   {preferences.Change{Order: []string{}}, "INVALID_ORDER fallbackOrder"},
			"quiet hours of a whole day": {preferences.Change{Quiet: &preferences.Quiet{From: "08:00", To: "08:00"}}, "INVALID_PERIOD quietHours"},
			"a short time":               {preferences.Change{Quiet: &preferences.Quiet{From: "8:00", To: "09:00"}}, "INVALID_TIME quietHours.from"},
			"too many":                   {preferences.Change{Wishes: slices.Repeat([]preferences.Wish{always}, 22*3+1)}, "TOO_MANY preferences"},
		} {
			faults, _ := fault.All(s.Set(as(t, anna), c.in))
			var got []string
			for _, f := range faults {
				got = append(got, f.Code+" "+f.Field)
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%s: got %v, want %s", name, got, c.want)
			}
		}
		if n := d.NotificationSettings.Query().CountX(auth.AsSystem(t.Context(), "test")); n > 0 {
			t.Error("something was written")
		}
		if err := s.Set(t.Context(), preferences.Change{}); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("nobody: got %v", err)
		}
		if _, err := s.Own(auth.With(t.Context(), auth.Viewer{Role: auth.Source, SourceID: gid.New()})); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a source: got %v", err)
		}
	})
}

// TestChangesAtOnceAllHold: each of many at the same time changes something else of one person who had said nothing.
func TestChangesAtOnceAllHold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s, anna := service(t, d), gid.New()
		changes := []preferences.Change{{TimeZone: new("UTC")}, {DigestMinutes: new(1)}, {FallbackMinutes: new(2)}, {Quiet: &preferences.Quiet{From: "22:00", To: "07:00"}}, {Order: []string{"EMAIL", "WHATSAPP", "WEB"}}}
		for _, kind := range preferences.Kinds() {
			changes = append(changes, preferences.Change{Wishes: []preferences.Wish{{kind, "WHATSAPP", preferences.Always}, {kind, "EMAIL", preferences.Never}}})
		}
		var all sync.WaitGroup
		for _, c := range changes {
			all.Go(func() {
				if err := s.Set(as(t, anna), c); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		got, err := s.Own(as(t, anna))
		if err != nil || got.TimeZone.String() != "UTC" || got.Digest != time.Minute || got.FallbackAfter != 2*time.Minute || got.QuietFrom == nil || got.Order[0] != "EMAIL" || len(got.Modes) != len(preferences.Kinds()) {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}
