//go:build !race

package payouts_test

// histories is how many are played.
const histories = 3
