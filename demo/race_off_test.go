//go:build !race

package demo_test

import "channelbook/demo"

// told is how many months of the story are told.
const told = demo.Year
