package reqctx_test

import (
	"errors"
	"testing"

	"channelbook/internal/reqctx"
)

func TestAPanicIsToldWithoutWhatItHolds(t *testing.T) {
	for name, c := range map[string]struct {
		fails func()
		want  string
	}{
		"the runtime's own": {func() { none := []int{}; _ = none[len(none)] }, "runtime error: index out of range [0] with length 0"},
		"a text":            {func() { panic("+79123456789 is taken") }, "string"},
		"an error":          {func() { panic(errors.New("anna@example.ru is taken")) }, "*errors.errorString"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if got := reqctx.Panic(recover()); got != c.want {
					t.Errorf("got %q, want %q", got, c.want)
				}
			}()
			c.fails()
		})
	}
}
