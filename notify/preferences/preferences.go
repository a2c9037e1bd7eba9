// Package preferences is how people want to be told: by which channels of which kinds, not in their quiet hours, several as one
// message, and by the next channel where one does not reach them.
package preferences

import (
	"time"

	"channelbook/internal/db"
)

// Mode is what a person wants of one kind by one channel.
type Mode string

// The modes.
const (
	Always   Mode = "ALWAYS"
	Fallback Mode = "FALLBACK" // where no channel before it in the person's order has reached the person
	Never    Mode = "NEVER"
)

// Service keeps preferences. All fields are required.
type Service struct {
	DB       *db.DB
	Now      func() time.Time // UTC
	TimeZone *time.Location   // the business's
}
