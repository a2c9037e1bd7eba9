package leads

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// rowPurpose keeps the hashes of imported rows apart from all others.
const rowPurpose = "imported-row"

// Import takes leads of a file in under a source, for the administrator who acts, by the same checks as those that the source
// sends itself; its rate does not hold. A lead without an external id gets an idempotency key that is made of what it says: so
// of any number of equal ones, in one file or in several, the first alone is stored, and the rest are answered as it was.
//
// All are written in one transaction, and also runs in it, told what became of each: what it returns ends the transaction. Where
// that fails, nothing of the batch is stored. What a row is to blame for is its Err: a repeat with another content, or what did not pass
// validation. An error is a fault where the source does not take leads, and anything else where it is to be tried again.
func (s *Service) Import(ctx context.Context, source gid.ID, batch []Submission, also func(context.Context, *db.Tx, []Result) error) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	results := make([]Result, len(batch))
	valid, places := s.validateBatch(batch, results)
	if err := s.keyRows(ctx, source, valid); err != nil {
		return err
	}
	ctx = auth.AsSystem(ctx, "import")
	var answers []answer
	var err error
	for range takeInTries {
		err = db.WithTx(ctx, s.DB, func(tx *db.Tx) (err error) {
			if answers, err = s.judge(ctx, tx, source, valid); err != nil {
				return err
			}
			for i, a := range answers {
				results[places[i]].Accepted, results[places[i]].Err = a.Accepted, a.Err
			}
			return also(ctx, tx, results)
		})
		if !sqlgraph.IsUniqueConstraintError(err) {
			break
		}
	}
	if err != nil {
		return err
	}
	for _, a := range answers {
		s.Metrics.Logged(a.logged.String())
	}
	return nil
}

// keyRows gives each row without an external id its idempotency key: the one that an equal row came in under, whatever key of
// ours was the first one then, else one under the first.
func (s *Service) keyRows(ctx context.Context, source gid.ID, rows []candidate) error {
	possible := make([][]string, len(rows))
	var all []string
	for i := range rows {
		possible[i] = s.rowKeys(&rows[i])
		all = append(all, possible[i]...)
	}
	known, err := s.takenKeys(ctx, source, lead.FieldIdempotencyKey, all)
	if err != nil {
		return err
	}
	for i, keys := range possible {
		if len(keys) == 0 {
			continue
		}
		rows[i].IdempotencyKey = keys[0]
		for _, key := range keys {
			if known[key] != nil {
				rows[i].IdempotencyKey = key
			}
		}
	}
	return nil
}

// rowKeys are the idempotency keys that a row may have come in under, the present one first; none where it has an external id.
// They are keyed hashes: without the key nobody finds a phone by trying all there are.
func (s *Service) rowKeys(c *candidate) []string {
	c.IdempotencyKey = ""
	if c.ExternalID != "" {
		return nil
	}
	hashes := s.Keys.Indexes(rowPurpose, c.canonical())
	keys := make([]string, len(hashes))
	for i, hash := range hashes {
		keys[i] = "import-" + hex.EncodeToString(hash[:16])
	}
	return keys
}

// takenKeys are those of the external ids or idempotency keys under which the source has sent leads, each with the hash of what
// that lead says.
func (s *Service) takenKeys(ctx context.Context, source gid.ID, column string, keys []string) (map[string][]byte, error) {
	taken := map[string][]byte{}
	by, of := lead.IdempotencyKeyIn, func(l *leadKeys) *string { return l.IdempotencyKey }
	if column == lead.FieldExternalID {
		by, of = lead.ExternalIDIn, func(l *leadKeys) *string { return l.ExternalID }
	}
	for some := range slices.Chunk(keys, 500) {
		var rows []*leadKeys
		err := s.DB.Lead.Query().Where(lead.SourceID(source), by(some...)).
			Select(lead.FieldIdempotencyKey, lead.FieldExternalID, lead.FieldBodyHash).Scan(auth.AsSystem(ctx, "import"), &rows)
		if err != nil {
			return nil, fmt.Errorf("look for rows that came in before: %w", err)
		}
		for _, row := range rows {
			taken[*of(row)] = row.BodyHash
		}
	}
	return taken, nil
}

type leadKeys struct {
	IdempotencyKey *string `sql:"idempotency_key"`
	ExternalID     *string `sql:"external_id"`
	BodyHash       []byte  `sql:"body_hash"`
}

// NeedOpen tells whether a source takes leads: NOT_FOUND on field where there is none, SOURCE_STOPPED of kind Conflict where it was stopped.
func (s *Service) NeedOpen(ctx context.Context, source gid.ID, field string) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	_, err := s.sourceOf(ctx, source, field)
	return err
}

// stopped is what an administrator learns of a source that takes nothing.
func stopped(field string) error {
	return fault.Coded(fault.Conflict, "SOURCE_STOPPED", field, "This lead source has been stopped.")
}
