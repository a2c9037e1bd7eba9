package leads

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"channelbook/ent/intakeattempt"
	"channelbook/ent/sealed"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
	"channelbook/internal/seal"
)

// Attempt is one line of the intake log. The request's id and address come from the context.
type Attempt struct {
	SourceID   gid.ID // zero: the source is not known
	LeadID     gid.ID // zero: no lead was stored
	Outcome    intakeattempt.Outcome
	HTTPStatus int
	Errors     error // the faults that were answered; their codes and fields are kept
	RawBody    []byte
}

var attemptColumns = []string{
	intakeattempt.FieldID, intakeattempt.FieldReceivedAt, intakeattempt.FieldOutcome, intakeattempt.FieldHTTPStatus, intakeattempt.FieldRemoteAddress,
	intakeattempt.FieldRequestID, intakeattempt.FieldSourceID, intakeattempt.FieldLeadID, intakeattempt.FieldErrorCodes, intakeattempt.FieldRawBodySealed,
}

// row of attemptColumns.
func (a Attempt) row(ctx context.Context, keys seal.Keys, now time.Time) []any {
	id := gid.New()
	var source, lead, codes, body any
	if !a.SourceID.IsZero() {
		source = a.SourceID
	}
	if !a.LeadID.IsZero() {
		lead = a.LeadID
	}
	if list := errorCodes(a.Errors); len(list) > 0 {
		text, _ := json.Marshal(list) // texts never fail
		codes = string(text)
	}
	if len(a.RawBody) > 0 {
		body = sealed.AttemptRawBody.Seal(keys, id, string(a.RawBody))
	}
	return []any{id, now, string(a.Outcome), a.HTTPStatus, reqctx.RemoteAddr(ctx), reqctx.RequestID(ctx), source, lead, codes, body}
}

// logAttempts writes lines of the intake log outside a transaction.
func (s *Service) logAttempts(ctx context.Context, rows ...[]any) error {
	if err := db.InsertRows(ctx, s.DB, db.Rows{Table: intakeattempt.Table, Columns: attemptColumns, Values: rows}); err != nil {
		return fmt.Errorf("write the intake log: %w", err)
	}
	return nil
}

// errorCodes are the faults as "CODE field".
func errorCodes(err error) []string {
	faults, _ := fault.All(err)
	codes := make([]string, len(faults))
	for i, f := range faults {
		codes[i] = strings.TrimSpace(f.Code + " " + f.Field)
	}
	return codes
}
