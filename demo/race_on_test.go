//go:build race

package demo_test

// told is how many months of the story are told: the race detector makes SQLite many times slower.
const told = 2
