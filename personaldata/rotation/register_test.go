package rotation_test

import (
	"strings"
	"testing"

	"channelbook/ent/sealingkey"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/seal"
	"channelbook/personaldata/rotation"
)

func service(t *testing.T, d *db.DB, keys string, at string) *rotation.Service {
	t.Helper()
	parsed, err := seal.ParseKeys(keys)
	if err != nil {
		t.Fatal(err)
	}
	return &rotation.Service{DB: d, Keys: parsed, Now: dbtest.Clock(at), Log: dbtest.Log(t)}
}

var (
	a, otherA = "a:" + strings.Repeat("1a", 32), "a:" + strings.Repeat("3c", 32)
	b         = "b:" + strings.Repeat("2b", 32)
)

func TestABaseIsServedOnlyWithItsKeys(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		at := "2026-03-01T09:00:00Z"
		if err := service(t, d, a, at).Register(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct{ keys, want string }{
			"its key":                   {a, ""},
			"its key, and another":      {a + "," + b, ""},
			"another key":               {b, `the base holds what is sealed under the key "a", which is not among them`},
			"another key under that id": {otherA, `the key "a" is another one than that under which the base was sealed`},
		} {
			err := service(t, d, c.keys, at).Register(t.Context())
			switch {
			case c.want == "" && err != nil:
				t.Errorf("%s: got %v, want it taken", name, err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("%s: got %v, want %q", name, err, c.want)
			}
		}
	})
}

func TestAKeyIsRetiredWhenNoServerUsesItAnyMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		run := func(keys, at string) {
			t.Helper()
			if err := service(t, d, keys, at).Rotate(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		retired := func() (ids []string) {
			return d.SealingKey.Query().Where(sealingkey.RetiredAtNotNil()).Select(sealingkey.FieldID).StringsX(auth.AsSystem(t.Context(), "test"))
		}
		run(a, "2026-03-01T09:00:00Z")
		run(b+","+a, "2026-03-01T10:00:00Z")
		run(a+","+b, "2026-03-01T10:30:00Z") // a server that was started before
		run(b+","+a, "2026-03-01T12:00:00Z")
		if got := retired(); len(got) != 0 {
			t.Errorf("%q are retired, want none: a server used the earlier key 90 minutes ago", got)
		}
		run(b+","+a, "2026-03-01T13:00:00Z")
		if got := strings.Join(retired(), " "); got != "a" {
			t.Errorf("%q are retired, want a", got)
		}
		if err := service(t, d, b, "2026-03-01T14:00:00Z").Register(t.Context()); err != nil {
			t.Errorf("without the retired key: %v", err)
		}
		run(a+","+b, "2026-03-01T15:00:00Z")
		if got := retired(); len(got) != 0 {
			t.Errorf("%q are retired, want none: the earlier key is in use again", got)
		}
		// Back to the earlier key for good: it is rotated to once nobody uses the later one any more.
		run(a+","+b, "2026-03-01T16:00:00Z")
		if got := retired(); len(got) != 0 {
			t.Errorf("%q are retired, want none: a server used the later key three hours ago", got)
		}
		run(a+","+b, "2026-03-01T18:00:00Z")
		if got := strings.Join(retired(), " "); got != "b" {
			t.Errorf("%q are retired, want b", got)
		}
		if n := d.SealingKey.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 2 {
			t.Errorf("the base knows %d keys, want 2", n)
		}
	})
}
