package graph

import (
	"channelbook/ent"
	"channelbook/graph/model"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"context"
)

// text is an optional text of an input; absent is empty.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// flag is an optional truth of an input; absent is false.
func flag(b *bool) bool { return b != nil && *b }

// requiredID reads an id of an input. An id of nothing, or of something else, is one that is not there.
func requiredID(kind gid.Kind, s, field string) (gid.ID, error) {
	id, err := kind.Parse(s)
	if err != nil {
		return gid.ID{}, fault.New(fault.NotFound, field, "There is no such "+string(kind)+".")
	}
	return id, nil
}

// optionalID reads an id that may be absent, of something that an act refers to.
func optionalID(kind gid.Kind, s *string) *gid.ID {
	if s == nil || *s == "" {
		return nil
	}
	id := referredID(kind, *s)
	return &id
}

// referredID reads the id of something that an act refers to. What is no id becomes one that nothing has, so that the
// domain finds it missing together with all other faults of the form.
func referredID(kind gid.Kind, s string) gid.ID {
	id, err := kind.Parse(s)
	if err != nil {
		return gid.New()
	}
	return id
}

// on reads the id of an act's object, acts, and takes the error apart.
func on[R any](kind gid.Kind, text, field string, act func(gid.ID) (R, error)) (row R, errs []*model.UserError, err error) {
	id, err := requiredID(kind, text, field)
	if err == nil {
		row, err = act(id)
	}
	errs, err = userErrors(err)
	return row, errs, err
}

func (r *Resolver) actOnLead(ctx context.Context, id string, act func(gid.ID) (*ent.Lead, error)) (*model.Lead, []*model.UserError, error) {
	row, errs, err := on(gid.Lead, id, "leadId", act)
	if err == nil && row == nil {
		err = r.refusedLead(ctx, id, errs)
	}
	return r.Read.Lead(ctx, row), errs, err
}
