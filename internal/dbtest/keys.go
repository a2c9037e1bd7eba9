package dbtest

import (
	"strings"
	"testing"

	"channelbook/ent/sealed"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// PersonalDataKeys are the keys of tests, as PERSONAL_DATA_KEYS has them.
var PersonalDataKeys = "test:" + strings.Repeat("5a", 32)

// Keys are PersonalDataKeys.
func Keys() seal.Keys {
	keys, err := seal.ParseKeys(PersonalDataKeys)
	if err != nil {
		panic(err) // a constant
	}
	return keys
}

// Opened is the value that stands sealed in a row's column under Keys; the test fails where it does not open.
func Opened(t testing.TB, c sealed.Column, row gid.ID, value []byte) string {
	t.Helper()
	plain, err := c.Open(Keys(), row, value)
	if err != nil {
		t.Errorf("open %s.%s: %v", c.Table, c.Name, err)
	}
	return plain
}
