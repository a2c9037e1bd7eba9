//go:build race

package accounts_test

import "time"

// promptly is how soon the other instances must know of a change: a second, which the race detector on a machine with
// much to do may stretch.
const promptly = 10 * time.Second
