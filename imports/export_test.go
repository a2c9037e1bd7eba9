package imports

import (
	"context"

	"channelbook/internal/gid"
)

// Run does what the job does.
func (s *Service) Run(ctx context.Context, id gid.ID) error { return s.run(ctx, id) }

// AfterPart has f called after each part that is in, with how many rows are done.
func (s *Service) AfterPart(f func(done int)) { s.afterPart = f }

// LeadFields are the fields that a column of leads may be.
func LeadFields() (fields []string) {
	for _, c := range leadColumns {
		fields = append(fields, c.field)
	}
	return fields
}
