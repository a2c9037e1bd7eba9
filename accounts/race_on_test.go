//go:build race

package accounts_test

import "time"

// promptly is how soon the other instances must know of a change: a second, which the race detector on a machine with
// much to do may stretch.
const promptly = 10 * time.Second

// hashForm is how a hash of a password begins: see cost_race_test.go.
const hashForm = "$argon2id$v=19$m=256,t=1,p=1$"
