package reports

import (
	"context"

	"channelbook/ent"
)

// Run is run, which a queue calls.
func (s *Service) Run(ctx context.Context, due Due) error { return s.run(ctx, due) }

// FileName is fileName.
func FileName(row *ent.Report) string { return fileName(row) }
