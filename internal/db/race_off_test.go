//go:build !race

package db_test

import "time"

// promptly is how soon the other instances must know of a change.
const promptly = time.Second
