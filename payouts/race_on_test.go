//go:build race

package payouts_test

// histories is how many are played: under the race detector each takes many times longer.
const histories = 1
