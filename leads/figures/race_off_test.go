//go:build !race

package figures_test

// histories is how many are played.
const histories = 2
