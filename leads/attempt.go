package leads

import (
	"context"
	"strings"
	"time"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/sealed"
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

func (a Attempt) create(ctx context.Context, keys seal.Keys, log *ent.IntakeAttemptClient, now time.Time) *ent.IntakeAttemptCreate {
	id := gid.New()
	create := log.Create().SetID(id).SetReceivedAt(now).SetOutcome(a.Outcome).SetHTTPStatus(a.HTTPStatus).
		SetRemoteAddress(reqctx.RemoteAddr(ctx)).SetRequestID(reqctx.RequestID(ctx))
	if !a.SourceID.IsZero() {
		create.SetSourceID(a.SourceID)
	}
	if !a.LeadID.IsZero() {
		create.SetLeadID(a.LeadID)
	}
	if codes := errorCodes(a.Errors); len(codes) > 0 {
		create.SetErrorCodes(codes)
	}
	if len(a.RawBody) > 0 {
		create.SetRawBodySealed(sealed.AttemptRawBody.Seal(keys, id, string(a.RawBody)))
	}
	return create
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
