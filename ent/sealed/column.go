// Package sealed says which columns hold personal data under a key, and how a value goes in and out of them. The
// rules write and read through it, a migration and the rotation of keys walk its list.
package sealed

import (
	"entgo.io/ent/dialect/sql"

	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// Column holds a value that is sealed under the personal data keys, beside the columns by which it is looked for.
type Column struct {
	Table, Name string
	Indexes     []Index
}

// Index is a column with the keyed hash of a sealed value, or of a part of it: equal values have equal ones, and
// nothing else can be learned from them without the key.
type Index struct {
	Table, Name string
	part        func(string) string
}

// indexSize is the length of an index, in bytes: of 128 bits no two values share one by chance.
const indexSize = 16

// The columns.
var (
	LeadPhone      = Column{"leads", "phone_sealed", []Index{LeadPhoneIndex, LeadPhoneLast4Index}}
	LeadEmail      = Column{"leads", "email_sealed", []Index{LeadEmailIndex}}
	BlacklistValue = Column{"blacklist_entries", "value_sealed", []Index{BlacklistIndex}}

	UserEmail        = Column{"users", "email_sealed", nil}
	UserPhone        = Column{"users", "phone_sealed", nil}
	DistributorEmail = Column{"distributors", "email_sealed", nil}
	DistributorPhone = Column{"distributors", "phone_sealed", nil}
	AttemptRawBody   = Column{"intake_attempts", "raw_body_sealed", nil}

	SecondFactorSecret  = Column{"second_factors", "secret_sealed", nil}
	SecondFactorPending = Column{"second_factors", "pending_sealed", nil}

	WebhookSecret       = Column{"webhooks", "secret_sealed", nil}
	WebhookFormerSecret = Column{"webhooks", "former_secret_sealed", nil}

	ReportParameters         = Column{"reports", "parameters_sealed", nil}
	ReportScheduleParameters = Column{"report_schedules", "parameters_sealed", nil}

	LeadPhoneIndex      = Index{"leads", "phone_index", whole}
	LeadPhoneLast4Index = Index{"leads", "phone_last4_index", last4}
	LeadEmailIndex      = Index{"leads", "email_index", whole}
	BlacklistIndex      = Index{"blacklist_entries", "value_index", whole}

	SuppressionIndex = Index{"suppressions", "address_index", whole} // of no column: the address itself is not kept
)

// Columns are all of them.
var Columns = []Column{LeadPhone, LeadEmail, BlacklistValue, UserEmail, UserPhone, DistributorEmail, DistributorPhone, AttemptRawBody,
	SecondFactorSecret, SecondFactorPending, WebhookSecret, WebhookFormerSecret, ReportParameters, ReportScheduleParameters}

func whole(value string) string { return value }

// last4 are the last four digits of a phone.
func last4(phone string) string { return phone[max(0, len(phone)-4):] }

func (c Column) purpose() string { return c.Table + "." + c.Name }
func (i Index) purpose() string  { return i.Table + "." + i.Name }

// Seal is what stands in the column of a row for a value; nil for an empty one, which is absent.
func (c Column) Seal(k seal.Keys, row gid.ID, value string) []byte {
	if value == "" {
		return nil
	}
	return k.Seal(c.purpose(), row, value)
}

// Open is the value that stands in the column of a row; empty where there is none. Errors: seal.ErrUnknownKey,
// seal.ErrBroken.
func (c Column) Open(k seal.Keys, row gid.ID, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	return k.Open(c.purpose(), row, sealed)
}

// Of is what stands in the index's column for a value; nil for an empty one.
func (i Index) Of(k seal.Keys, value string) []byte {
	if value == "" {
		return nil
	}
	return k.Index(i.purpose(), i.part(value))[:indexSize]
}

// Match finds the rows with a value, or with a part of it, whatever key they are hashed under.
func (i Index) Match(k seal.Keys, values ...string) func(*sql.Selector) {
	var hashes []any
	for _, value := range values {
		for _, hash := range k.Indexes(i.purpose(), i.part(value)) {
			hashes = append(hashes, hash[:indexSize])
		}
	}
	return func(s *sql.Selector) {
		if len(hashes) == 1 {
			s.Where(sql.EQ(s.C(i.Name), hashes[0]))
			return
		}
		s.Where(sql.In(s.C(i.Name), hashes...))
	}
}
