//go:build race

package notify_test

// stormy is how many notices a storm has: fewer, for the race detector makes each some ten times as dear.
const stormy = 1_500
