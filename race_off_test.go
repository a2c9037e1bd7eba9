//go:build !race

package main

import "time"

// promptly is how soon the other instances must know of a change.
const promptly = time.Second
