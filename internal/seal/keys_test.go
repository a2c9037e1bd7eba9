package seal_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"channelbook/internal/seal"
)

var (
	first  = "2026a:" + strings.Repeat("a1", 32)
	second = "2025b:" + strings.Repeat("b2", 32)
)

func keys(t *testing.T, s string) seal.Keys {
	t.Helper()
	k, err := seal.ParseKeys(s)
	if err != nil {
		t.Fatalf("ParseKeys: %v", err)
	}
	return k
}

func TestIndex(t *testing.T) {
	k := keys(t, first)
	index := k.Index("phone", "+79123456789")

	t.Run("is the same for the same value", func(t *testing.T) {
		if again := keys(t, first).Index("phone", "+79123456789"); !bytes.Equal(index, again) {
			t.Errorf("got %x and %x, want the same", index, again)
		}
	})
	t.Run("is 32 bytes", func(t *testing.T) {
		if len(index) != 32 {
			t.Errorf("got %d bytes, want 32", len(index))
		}
	})
	t.Run("differs by value, purpose and key", func(t *testing.T) {
		for what, other := range map[string][]byte{
			"value":   k.Index("phone", "+79123456780"),
			"purpose": k.Index("email", "+79123456789"),
			"key":     keys(t, second).Index("phone", "+79123456789"),
		} {
			if bytes.Equal(index, other) {
				t.Errorf("another %s gave the same hash %x", what, other)
			}
		}
	})
	t.Run("is made under the first key", func(t *testing.T) {
		if got := keys(t, first+","+second).Index("phone", "+79123456789"); !bytes.Equal(index, got) {
			t.Errorf("got %x, want that of the first key %x", got, index)
		}
	})
}

func TestMatchesAcrossARotation(t *testing.T) {
	stored := keys(t, second).Index("phone", "+79123456789")
	rotated := keys(t, first+","+second)
	if !rotated.Matches("phone", "+79123456789", stored) {
		t.Error("a hash under the earlier key is not recognised")
	}
	if rotated.Matches("phone", "+79123456780", stored) {
		t.Error("another value matches")
	}
	if rotated.Matches("email", "+79123456789", stored) {
		t.Error("another purpose matches")
	}
	if keys(t, first).Matches("phone", "+79123456789", stored) {
		t.Error("a hash under a key that was taken away matches")
	}
}

func TestParseKeysSaysWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ keys, want string }{
		"nothing":        {"", "key 1: it is not written as kid:hex"},
		"no id":          {strings.Repeat("a1", 32), "key 1: it is not written as kid:hex"},
		"empty id":       {":" + strings.Repeat("a1", 32), "key 1: its id is not"},
		"too short":      {"2026a:a1b2", `key 1: "2026a" is not 32 bytes in hex`},
		"not hex":        {"2026a:" + strings.Repeat("zz", 32), `key 1: "2026a" is not 32 bytes in hex`},
		"the same twice": {first + "," + first, `key 2: its id "2026a" stands there twice`},
		"two are wrong":  {"a:1,b:2", "key 1: \"a\" is not 32 bytes in hex (64 digits)\nkey 2: \"b\" is not"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seal.ParseKeys(c.keys)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

func TestKeysPrintTheirIdsOnly(t *testing.T) {
	k := keys(t, first+","+second)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "keys 2026a, 2025b" {
			t.Errorf("%s: got %q, want the ids", verb, got)
		}
	}
}
