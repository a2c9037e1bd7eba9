package model

import (
	"context"
	"time"

	"channelbook/internal/gid"
	"channelbook/reports"
	"channelbook/reports/paperwork"
)

// ReportTemplate is what documents of a kind are made from.
type ReportTemplate struct {
	reports.Template
	level *level[*ReportTemplate]
}

// ReportTemplates are those of all documents.
func (r *Reader) ReportTemplates(templates []reports.Template) []*ReportTemplate {
	out := make([]*ReportTemplate, len(templates))
	lv := newLevel(r, out)
	for i, t := range templates {
		out[i] = &ReportTemplate{t, lv}
	}
	return out
}

// Kind of its documents.
func (t *ReportTemplate) Kind() ReportKind { return ReportKind(t.Template.Kind) }

// BuiltIn tells whether nobody has sent another.
func (t *ReportTemplate) BuiltIn() bool { return t.Own == nil }

// SizeBytes is null of the built-in one.
func (t *ReportTemplate) SizeBytes() *int {
	if t.Own == nil {
		return nil
	}
	return &t.Own.Size
}

// UploadedAt is null of the built-in one.
func (t *ReportTemplate) UploadedAt() *time.Time {
	if t.Own == nil {
		return nil
	}
	return &t.Own.UploadedAt
}

// UploadedBy is null of the built-in one.
func (t *ReportTemplate) UploadedBy(ctx context.Context) (*User, error) {
	return toOne(ctx, t.level, t, func(t *ReportTemplate) *gid.ID {
		if t.Own == nil {
			return nil
		}
		return &t.Own.UploadedByID
	}, t.level.reader.usersByID)
}

// Placeholders are what may stand in it.
func (t *ReportTemplate) Placeholders() []*ReportPlaceholder {
	var all []*ReportPlaceholder
	known := paperwork.Vocabulary()
	for _, term := range known.Terms {
		all = append(all, &ReportPlaceholder{Name: term.Name, Description: term.Meaning})
	}
	for _, of := range known.Lists {
		for _, column := range of.Columns {
			all = append(all, &ReportPlaceholder{Name: column.Name, Description: column.Meaning})
		}
	}
	return all
}
