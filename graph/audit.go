package graph

import (
	"context"
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"

	"channelbook/graph/model"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// readLeads records that cards of leads are about to be shown, before they are, and those that were asked for in vain. What
// is no lead's id is nothing to record.
func (r *Resolver) readLeads(ctx context.Context, ids []string, shown func(i int) bool) error {
	var acts []audit.Act
	for i, text := range ids {
		id, err := gid.Lead.Parse(text)
		if err != nil {
			continue
		}
		act := audit.Act{Action: audit.LeadRead, Object: audit.On(gid.Lead, id)}
		if !shown(i) {
			act.Outcome, act.Reason = audit.Refused, string(fault.NotFound)
		}
		acts = append(acts, act)
	}
	return r.Audit.Saw(ctx, acts...)
}

// refusedLead records that somebody who is known wanted to act on a lead that is not there for him.
func (r *Resolver) refusedLead(ctx context.Context, text string, errs []*model.UserError) error {
	id, err := gid.Lead.Parse(text)
	missing := slices.ContainsFunc(errs, func(e *model.UserError) bool {
		return e.Code == string(fault.NotFound) && e.Field != nil && *e.Field == "leadId"
	})
	if err != nil || !missing {
		return nil
	}
	return r.Audit.Saw(ctx, audit.Act{
		Action: audit.AccessRefused, Object: audit.On(gid.Lead, id), Outcome: audit.Refused, Reason: string(fault.NotFound),
		Details: map[string]string{"field": graphql.GetFieldContext(ctx).Field.Name},
	})
}

// refusals are the fields that a request has been refused: one that asks for the same a hundred times is one record.
type refusals struct {
	mu    sync.Mutex
	noted map[string]bool
}

type refusalsKey struct{}

func (r *refusals) first(field string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.noted[field] {
		return false
	}
	if r.noted == nil {
		r.noted = map[string]bool{}
	}
	r.noted[field] = true
	return true
}

// refused records that somebody who is known was refused a field. Nobody known is not recorded: that would let anybody fill
// the disk.
func (r *Resolver) refused(ctx context.Context, faults []*fault.Error) error {
	field := graphql.GetFieldContext(ctx)
	if _, known := auth.From(ctx); !known || field == nil || faults[0].Kind != fault.Forbidden {
		return nil
	}
	name := field.Object + "." + field.Field.Name
	if seen, ok := ctx.Value(refusalsKey{}).(*refusals); ok && !seen.first(name) {
		return nil
	}
	return r.Audit.Saw(ctx, audit.Act{
		Action: audit.AccessRefused, Outcome: audit.Refused, Reason: faults[0].Code, Details: map[string]string{"field": name},
	})
}

// verified makes the payload of verifyAudit.
func verified(v audit.Verdict) *model.VerifyAuditPayload {
	out := &model.VerifyAuditPayload{
		Ok: v.OK(), CheckedCount: int(v.Checked), UnsealedCount: v.Unsealed, UnsealedSince: v.UnsealedSince, Head: v.Head.String(),
	}
	if b := v.Break; b != nil {
		out.Break = &model.AuditBreak{Place: int(b.Place), Kind: model.AuditBreakKind(b.Kind), Message: b.Message}
		if !b.RecordID.IsZero() {
			id := gid.AuditRecord.Format(b.RecordID)
			out.Break.RecordID = &id
		}
	}
	return out
}
