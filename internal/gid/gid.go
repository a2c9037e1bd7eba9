// Package gid holds the ids of the system: UUIDv7 (RFC 9562) inside, the TypeID form
// (type prefix, underscore, 26 characters of Crockford's base32) outside. An id says when it was made
// and nothing about how many there are.
package gid

import (
	"crypto/sha256"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// Kind is the type prefix that an id is printed with.
type Kind string

// The kinds of objects that have an id outside the system.
const (
	Distributor    Kind = "distributor"
	User           Kind = "user"
	Session        Kind = "session"
	LeadSource     Kind = "source"
	IntakeAttempt  Kind = "attempt"
	Lead           Kind = "lead"
	LeadEvent      Kind = "event"
	BlacklistEntry Kind = "block"
	Absence        Kind = "absence"
	Picture        Kind = "picture"
	Purpose        Kind = "purpose" // of processing
	ConsentText    Kind = "consenttext"
	Consent        Kind = "consent"
	AuditRecord    Kind = "aud"
	Goal           Kind = "goal"
	GoalChange     Kind = "goalchange"
	LedgerEntry    Kind = "entry"
	Statement      Kind = "statement" // of payouts
	Notification   Kind = "notification"
	Delivery       Kind = "delivery" // of a message that leaves the house
	Template       Kind = "template" // of messages
	Suppression    Kind = "suppression"
	Webhook        Kind = "webhook"
	WebhookEvent   Kind = "hookevent" // that is sent to one webhook
	WebhookAttempt Kind = "hooktry"
	Report         Kind = "report"
	ReportSchedule Kind = "schedule" // of reports
	Import         Kind = "import"
	// Submission is the reference that a lead source is answered with. It carries the lead's UUID under a
	// prefix of its own, so that node(id:) does not take it for a lead.
	Submission Kind = "ref"
)

var kinds = map[Kind]bool{
	Distributor: true, User: true, Session: true, LeadSource: true, IntakeAttempt: true,
	Lead: true, LeadEvent: true, BlacklistEntry: true, Absence: true, Picture: true, AuditRecord: true, Submission: true,
	Purpose: true, ConsentText: true, Consent: true, Goal: true, GoalChange: true, LedgerEntry: true, Statement: true,
	Notification: true, Delivery: true, Template: true, Suppression: true, Webhook: true, WebhookEvent: true, WebhookAttempt: true,
	Report: true, ReportSchedule: true, Import: true,
}

// ErrMalformed says that a text is not an id of any kind.
var ErrMalformed = errors.New("not an id")

// ID is a UUIDv7. The zero ID is no id.
type ID [16]byte

// New returns a fresh id, later in order than the ones this process made before.
func New() ID { return ID(uuid.Must(uuid.NewV7())) }

// named is the space of ids that are derived from names.
var named = uuid.MustParse("8f0c2a51-6b7e-4d0e-9c64-1d3a5e0b7f92")

// Named is the id of what a name of several parts stands for, and always the same one: what is imported under it a second time is
// there already. It says nothing of its time.
func Named(parts ...string) ID {
	return ID(uuid.NewHash(sha256.New(), named, []byte(strings.Join(parts, "\x00")), 8))
}

// String is the UUID form, for logs and for the database.
func (id ID) String() string { return uuid.UUID(id).String() }

// IsZero tells whether id is no id.
func (id ID) IsZero() bool { return id == ID{} }

// Value stores an id as text; PostgreSQL reads it into its native uuid.
func (id ID) Value() (driver.Value, error) { return id.String(), nil }

// Scan reads an id from the database.
func (id *ID) Scan(src any) error { return (*uuid.UUID)(id).Scan(src) }

// MarshalText writes the UUID form.
func (id ID) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

// UnmarshalText reads the UUID form.
func (id *ID) UnmarshalText(b []byte) error { return (*uuid.UUID)(id).UnmarshalText(b) }

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// encodedLen is 128 bits in steps of five, the first character holding three.
const encodedLen = 26

// Format prints id the way it is shown outside: lead_01j….
func (k Kind) Format(id ID) string {
	var out [encodedLen]byte
	var acc uint32
	bits, pos := 0, encodedLen-1
	for i := len(id) - 1; i >= 0; i-- {
		acc |= uint32(id[i]) << bits
		for bits += 8; bits >= 5; bits -= 5 {
			out[pos] = alphabet[acc&31]
			acc >>= 5
			pos--
		}
	}
	out[0] = alphabet[acc&31]
	return string(k) + "_" + string(out[:])
}

// Parse reads an id of kind k. An id of another kind is refused by name.
func (k Kind) Parse(s string) (ID, error) {
	kind, id, err := Parse(s)
	if err != nil {
		return ID{}, err
	}
	if kind != k {
		return ID{}, fmt.Errorf("%q is the id of a %s, not of a %s: %w", s, kind, k, ErrMalformed)
	}
	return id, nil
}

// Parse reads an id of any kind.
func Parse(s string) (Kind, ID, error) {
	prefix, text, found := strings.Cut(s, "_")
	if !found || !kinds[Kind(prefix)] || len(text) != encodedLen || text[0] > '7' {
		return "", ID{}, ErrMalformed
	}
	var id ID
	var acc uint32
	bits, pos := 0, len(id)-1
	for i := encodedLen - 1; i >= 0; i-- {
		v := strings.IndexByte(alphabet, text[i])
		if v < 0 {
			return "", ID{}, ErrMalformed
		}
		acc |= uint32(v) << bits // #nosec G115 -- an index below 32
		for bits += 5; bits >= 8 && pos >= 0; bits -= 8 {
			id[pos] = byte(acc)
			acc >>= 8
			pos--
		}
	}
	return Kind(prefix), id, nil
}
