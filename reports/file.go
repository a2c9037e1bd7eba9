package reports

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/files"
	"channelbook/internal/gid"
)

// fileName is where the file of an attempt is kept.
func fileName(row *ent.Report) string {
	return fmt.Sprintf("reports/%s-%d.%s", row.ID, row.Attempt, extensions[row.Format])
}

// File is a report's file.
type File struct {
	*files.File
	Report    *ent.Report
	MediaType string
}

// Open opens the file of one's own report; files.ErrNotFound where there is none, or none any more. Close it.
func (s *Service) Open(ctx context.Context, id gid.ID) (*File, error) {
	if _, err := auth.Require(ctx, people...); err != nil {
		return nil, err
	}
	row, err := s.DB.Report.Query().Where(report.ID(id), report.StatusEQ(report.StatusREADY)).Only(ctx)
	if ent.IsNotFound(err) || err == nil && !row.ExpiresAt.After(s.Now()) {
		return nil, files.ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	file, err := s.Store.Open(ctx, fileName(row))
	if err != nil {
		return nil, fmt.Errorf("open a report's file: %w", err)
	}
	return &File{File: file, Report: row, MediaType: mediaTypes[row.Format]}, nil
}

// Holder is the person whose report a signed link opens, as what that person is now; files.ErrNotFound where the person sees the
// report no more. So a link is worth no more than its reader's access.
func (s *Service) Holder(ctx context.Context, id gid.ID) (auth.Viewer, error) {
	ctx = auth.AsSystem(ctx, "signed link")
	row, err := s.DB.Report.Get(ctx, id)
	if ent.IsNotFound(err) {
		return auth.Viewer{}, files.ErrNotFound
	}
	if err != nil {
		return auth.Viewer{}, fmt.Errorf("read a report: %w", err)
	}
	v, err := s.reader(ctx, row)
	if f := (failure{}); errors.As(err, &f) {
		return auth.Viewer{}, files.ErrNotFound
	}
	return v, err
}
