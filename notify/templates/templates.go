// Package templates is what messages look like when they leave the house: the built-in ones of the files beside, our own texts of a
// distributor, and the providers' templates that are named in their place.
package templates

import (
	"time"

	"channelbook/ent"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// Welcome is the kind of the message that a client gets; the others are the kinds of notices.
const Welcome = "WELCOME"

// Service keeps templates and fills them in. All fields are required.
type Service struct {
	DB        *db.DB
	Now       func() time.Time // UTC
	TimeZone  *time.Location   // the business's
	Keys      seal.Keys
	PublicURL string // without a slash at its end: links of messages begin with it
	// FileLink is an address that gives the file at a path without a sign-in, until a moment: an e-mail that tells of a report
	// links to it. Nil: it links to the report's page.
	FileLink func(path string, until time.Time) string
	// FileLinkLasts is how long such a link opens the file.
	FileLinkLasts time.Duration
}

// Letter is what a message is made of.
type Letter struct {
	Channel     string
	Kind        string        // Welcome, or a kind of notice; empty with Sample: the built-in test
	Notices     []*ent.Notice // that it tells of, oldest first; several make a digest
	Distributor gid.ID        // whose template it is made by, where it has one; zero: of all
	Template    gid.ID        // this one instead, in force or not, and of its kind; zero: the one that is in force
	Lead        *ent.Lead     // of a Welcome
	User        *ent.User     // the recipient of any other
	Sample      bool          // made-up values stand in the place of all of these
}
