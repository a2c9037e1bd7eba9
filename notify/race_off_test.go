//go:build !race

package notify_test

// stormy is how many notices a storm has.
const stormy = 10_000
