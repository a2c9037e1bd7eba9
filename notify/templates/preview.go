package templates

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// Preview is what a message by a draft looks like, with made-up values. It stores nothing. Administrators only. Faults are those of
// Set.
func (s *Service) Preview(ctx context.Context, d Draft) (channel.Message, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return channel.Message{}, err
	}
	if err := d.checkIn(ctx, s.DB.Client); err != nil {
		return channel.Message{}, err
	}
	register, err := processors.Read(ctx, s.DB.Channel)
	if err != nil {
		return channel.Message{}, err
	}
	m, err := s.compose(auth.AsSystem(ctx, "preview a template"), Letter{Channel: d.Channel, Sample: true}, d.wording(), register[d.Channel])
	return m, mendable(err)
}

// PreviewOf is Preview of a template that is there. NotFound on the field that names it.
func (s *Service) PreviewOf(ctx context.Context, id gid.ID, field string) (channel.Message, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return channel.Message{}, err
	}
	row, err := s.find(ctx, id, field)
	if err != nil {
		return channel.Message{}, err
	}
	m, err := s.Compose(ctx, Letter{Channel: row.Channel.String(), Template: id, Sample: true})
	return m, mendable(err)
}

// find is a template by its id.
func (s *Service) find(ctx context.Context, id gid.ID, field string) (*ent.MessageTemplate, error) {
	row, err := s.DB.MessageTemplate.Get(ctx, id)
	switch {
	case ent.IsNotFound(err):
		return nil, noTemplate(field)
	case err != nil:
		return nil, fmt.Errorf("read a template: %w", err)
	}
	return row, nil
}

// mendable makes of a failure of a message what an administrator can mend.
func mendable(err error) error {
	if f, ok := errors.AsType[*channel.Failure](err); ok {
		return fault.Coded(fault.Conflict, f.Code, "", f.Text)
	}
	return err
}
