package seal_test

import (
	"bytes"
	"errors"
	"testing"

	"channelbook/internal/seal"
)

var row, otherRow = [16]byte{1}, [16]byte{2}

func TestWhatIsSealedOpensInItsPlaceAlone(t *testing.T) {
	k := keys(t, first)
	sealed := k.Seal("leads.phone", row, "+79123456789")
	if plain, err := k.Open("leads.phone", row, sealed); err != nil || plain != "+79123456789" {
		t.Fatalf("got %q, %v, want the value", plain, err)
	}
	if bytes.Contains(sealed, []byte("9123456")) {
		t.Errorf("%q shows the value", sealed)
	}
	if again := k.Seal("leads.phone", row, "+79123456789"); bytes.Equal(sealed, again) {
		t.Error("the same value is sealed in the same way twice: equal values show")
	}
	changed := func(at int) []byte {
		c := bytes.Clone(sealed)
		c[at] ^= 1
		return c
	}
	for name, c := range map[string]struct {
		purpose string
		row     [16]byte
		sealed  []byte
	}{
		"another row":            {"leads.phone", otherRow, sealed},
		"another column":         {"leads.email", row, sealed},
		"a changed last byte":    {"leads.phone", row, changed(len(sealed) - 1)},
		"a changed nonce":        {"leads.phone", row, changed(8)},
		"another format":         {"leads.phone", row, changed(0)},
		"a cut value":            {"leads.phone", row, sealed[:len(sealed)-1]},
		"the header alone":       {"leads.phone", row, sealed[:7]},
		"a cut header":           {"leads.phone", row, sealed[:3]},
		"nothing":                {"leads.phone", row, nil},
		"a value that is a text": {"leads.phone", row, []byte("+79123456789")},
	} {
		if plain, err := k.Open(c.purpose, c.row, c.sealed); !errors.Is(err, seal.ErrBroken) {
			t.Errorf("%s: got %q, %v, want ErrBroken", name, plain, err)
		}
	}
}

func TestSealingAcrossARotation(t *testing.T) {
	before, during, after := keys(t, second), keys(t, first+","+second), keys(t, first)
	old := before.Seal("leads.phone", row, "+79123456789")
	if plain, err := during.Open("leads.phone", row, old); err != nil || plain != "+79123456789" {
		t.Errorf("got %q, %v, want what the earlier key sealed", plain, err)
	}
	if during.IsCurrent(old) || bytes.HasPrefix(old, during.Prefix()) {
		t.Error("what the earlier key sealed counts as current")
	}
	if fresh := during.Seal("leads.phone", row, "x"); !during.IsCurrent(fresh) || !bytes.HasPrefix(fresh, during.Prefix()) {
		t.Error("what the first key sealed does not count as current")
	}
	if _, err := after.Open("leads.phone", row, old); !errors.Is(err, seal.ErrUnknownKey) {
		t.Errorf("got %v, want ErrUnknownKey where the key was taken away", err)
	}
}

func BenchmarkSeal(b *testing.B) {
	k, err := seal.ParseKeys(first)
	if err != nil {
		b.Fatal(err)
	}
	sealed := k.Seal("leads.phone", row, "+79123456789")
	b.Run("seal", func(b *testing.B) {
		for b.Loop() {
			k.Seal("leads.phone", row, "+79123456789")
		}
	})
	b.Run("open", func(b *testing.B) {
		for b.Loop() {
			_, _ = k.Open("leads.phone", row, sealed)
		}
	})
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			k.Index("leads.phone", "+79123456789")
		}
	})
}
