// Package rotation keeps the personal data keys of a base in order: it refuses to serve with keys that do not open
// what stands there (register.go), and seals everything anew once another key comes first (rotate.go), so that an
// earlier one can be taken away without a pause.
//
// An operator rotates in three steps, each on all instances before the next: the new key is added behind the old one;
// it is put first; the old one is taken away, after it has been retired here. Meanwhile look-ups try both.
package rotation

import (
	"log/slog"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/seal"
)

// Service holds what the acts need. All fields are required.
type Service struct {
	DB   *db.DB
	Keys seal.Keys
	Now  func() time.Time // UTC, to the microsecond
	Log  *slog.Logger
}
