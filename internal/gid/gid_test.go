package gid_test

import (
	"errors"
	"strings"
	"testing"

	"channelbook/internal/gid"
)

func TestFormatAndParse(t *testing.T) {
	for range 1000 {
		id := gid.New()
		got, err := gid.Lead.Parse(gid.Lead.Format(id))
		if err != nil || got != id {
			t.Fatalf("got %v, %v, want %v", got, err, id)
		}
	}
}

// The vectors are those of the TypeID specification (valid.yml), with a prefix of ours.
func TestFormatFollowsTypeID(t *testing.T) {
	for uuidText, want := range map[string]string{
		"00000000-0000-0000-0000-000000000000": "lead_00000000000000000000000000",
		"00000000-0000-0000-0000-000000000020": "lead_00000000000000000000000010",
		"ffffffff-ffff-ffff-ffff-ffffffffffff": "lead_7zzzzzzzzzzzzzzzzzzzzzzzzz",
		"01890a5d-ac96-774b-bcce-b302099a8057": "lead_01h455vb4pex5vsknk084sn02q",
	} {
		var id gid.ID
		if err := id.UnmarshalText([]byte(uuidText)); err != nil {
			t.Fatal(err)
		}
		if got := gid.Lead.Format(id); got != want {
			t.Errorf("%s: got %s, want %s", uuidText, got, want)
		}
	}
}

func TestOtherKindIsRefusedByName(t *testing.T) {
	_, err := gid.Lead.Parse(gid.User.Format(gid.New()))
	if !errors.Is(err, gid.ErrMalformed) || !strings.Contains(err.Error(), "user") {
		t.Errorf("got %v, want an error that names the kind", err)
	}
}

func TestMalformed(t *testing.T) {
	for _, s := range []string{"", "lead", "lead_", "lead_01h455vb4pex5vsknk084sn02", "lead_81h455vb4pex5vsknk084sn02q",
		"lead_01h455vb4pex5vsknk084sn0iq", "LEAD_01h455vb4pex5vsknk084sn02q", "nope_01h455vb4pex5vsknk084sn02q"} {
		if _, _, err := gid.Parse(s); !errors.Is(err, gid.ErrMalformed) {
			t.Errorf("%q: got %v, want ErrMalformed", s, err)
		}
	}
}

func TestIDsGrow(t *testing.T) {
	last := gid.New()
	for range 10000 {
		next := gid.New()
		if next.String() <= last.String() {
			t.Fatalf("got %s after %s, want a later one", next, last)
		}
		last = next
	}
}

func TestANameHasOneID(t *testing.T) {
	one := gid.Named("leads", "17")
	if again := gid.Named("leads", "17"); again != one {
		t.Errorf("got %v and %v, want one id", one, again)
	}
	for _, other := range [][]string{{"leads", "18"}, {"users", "17"}, {"leads17"}, {"leads1", "7"}, {"leads", "17", ""}} {
		if gid.Named(other...) == one {
			t.Errorf("%q has the id of another name", other)
		}
	}
	if got, want := one.String()[14], byte('8'); got != want {
		t.Errorf("got version %c, want %c", got, want)
	}
}
