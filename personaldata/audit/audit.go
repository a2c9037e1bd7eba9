// Package audit keeps who did what, when, on whom, from where and why: 152-FZ art. 19 and measure РСБ.1 of FSTEC's order 21
// ask for it. Records are only added to, and each is given a place in a chain of hashes, so that one that was changed,
// taken out or moved is found.
//
// Read record.go first: how an act that changes something is recorded in its own transaction. saw.go does the same for what
// changes nothing, reads and refusals. seal.go makes the chain, verify.go walks it, retention.go shortens it.
package audit

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// Outcome is what an act came to.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "DONE"
	Refused Outcome = "REFUSED" // who asked may not, or there is no such object
	Failed  Outcome = "FAILED"  // who tried could not, as with a wrong password
)

// Object is what an act is about. Its kind is the prefix that ids of its type are printed with.
type Object struct {
	Kind gid.Kind
	ID   gid.ID // zero: of a kind that has no ids, or not known
}

// On is the object of a kind with an id.
func On(kind gid.Kind, id gid.ID) Object { return Object{kind, id} }

// Act is one thing that somebody did. Only Action is required. It holds no value of personal data: Reason is a code or the
// name of a basis, Details are names of fields, counts and ids.
type Act struct {
	Action  Action
	Object  Object
	Outcome Outcome // empty: Done
	Reason  string
	Details map[string]string
}

// Log is the audit of one base. The exported fields are required. It is not copied once it is in use.
type Log struct {
	DB   *db.DB
	Keys seal.Keys        // for the keyed hashes of head and checkpoints
	Now  func() time.Time // UTC, to the microsecond
	Log  *slog.Logger
	// Sealed is told of each pass of the sealer; nil: nobody is.
	Sealed func(begun time.Time, err error)

	mu      sync.Mutex
	waiting []*sight
	leading bool
	commits atomic.Int64 // of reads, for tests

	sealing sealing
}
