//go:build race

package graph_test

// raceDetected tells whether the race detector watches.
const raceDetected = true
