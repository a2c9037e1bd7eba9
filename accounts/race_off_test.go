//go:build !race

package accounts_test

import "time"

// promptly is how soon the other instances must know of a change.
const promptly = time.Second

// hashForm is how a hash of a password begins.
const hashForm = "$argon2id$v=19$m=19456,t=2,p=1$"
