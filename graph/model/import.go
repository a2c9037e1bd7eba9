package model

import (
	"context"
	"maps"
	"slices"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/fileimport"
	"channelbook/ent/schema"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// Import is a row of file_imports.
type Import struct {
	*ent.FileImport
	level *level[*Import]
}

var importMapping = mapping{
	"id":       {},
	"user":     {fileimport.FieldUserID},
	"source":   {fileimport.FieldSourceID},
	"rowCount": {fileimport.FieldRowsTotal},
}

var importOrder = page.Order{Name: "imports.ID", Desc: true, Columns: []page.Column{{Name: fileimport.FieldID, Kind: page.ID}}}

func (r *Reader) importList() list[*ent.FileImport] {
	return list[*ent.FileImport]{table: fileimport.Table, see: schema.FileImports, value: (*ent.FileImport).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.FileImport, error) {
		q := r.DB.FileImport.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

// Imports is a page of them, newest first.
func (r *Reader) Imports(ctx context.Context, first *int, after *string) (*ImportConnection, error) {
	w, err := newWindow(importOrder, first, after)
	if err != nil {
		return nil, err
	}
	of, node := connection(ctx, "Import")
	w.total = of.has("totalCount")
	w.columns = importMapping.columns(node, fileimport.FieldID)
	rows, total, err := all(ctx, r.DB.Dialect(), r.importList(), w)
	if err != nil {
		return nil, err
	}
	out, info := edges(w, r.imports(rows), func(i *Import) []any { return []any{i.FileImport.ID} },
		func(cursor string, i *Import) *ImportEdge { return &ImportEdge{Cursor: cursor, Node: i} })
	return &ImportConnection{Edges: out, PageInfo: info, TotalCount: total}, nil
}

// ImportByID is null where there is none that the viewer sees.
func (r *Reader) ImportByID(ctx context.Context, id string) (*Import, error) {
	one, err := gid.Import.Parse(id)
	if err != nil {
		return nil, nil //nolint:nilerr // a text that is no id names nothing
	}
	found, err := r.importsAsked(ctx, selected(ctx, "Import"), []gid.ID{one})
	return found[one], err
}

// Import is a row that an act has answered with; null where it has not.
func (r *Reader) Import(row *ent.FileImport) *Import {
	if row == nil {
		return nil
	}
	return r.imports([]*ent.FileImport{row})[0]
}

func (r *Reader) imports(rows []*ent.FileImport) []*Import {
	out := make([]*Import, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &Import{row, lv}
	}
	return out
}

func (r *Reader) importsAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*Import, error) {
	rows, err := r.DB.FileImport.Query().Where(fileimport.IDIn(ids...)).Select(importMapping.columns(asked, fileimport.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.imports(rows), func(i *Import) gid.ID { return i.FileImport.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*Import) IsNode() {}

// ID as it is shown outside.
func (i *Import) ID() string { return gid.Import.Format(i.FileImport.ID) }

// Kind of what the file is full of.
func (i *Import) Kind() ImportKind { return ImportKind(i.FileImport.Kind) }

// Format of the file.
func (i *Import) Format() ImportFormat { return ImportFormat(i.FileImport.Format) }

// Status is how far it has come.
func (i *Import) Status() ImportStatus { return ImportStatus(i.FileImport.Status) }

// User who has sent the file.
func (i *Import) User(ctx context.Context) (*User, error) {
	return toOne(ctx, i.level, i, func(i *Import) *gid.ID { return &i.UserID }, i.level.reader.usersByID)
}

// Source of leads.
func (i *Import) Source(ctx context.Context) (*LeadSource, error) {
	return toOne(ctx, i.level, i, func(i *Import) *gid.ID { return i.SourceID }, i.level.reader.sourcesByID)
}

// FileName, Encoding, Separator and Sheet are null where there is none.
func (i *Import) FileName() *string { return text(i.FileImport.FileName) }

// Encoding: see FileName.
func (i *Import) Encoding() *string { return text(i.FileImport.Encoding) }

// Separator: see FileName.
func (i *Import) Separator() *string { return text(i.FileImport.Separator) }

// Sheet: see FileName.
func (i *Import) Sheet() *string { return text(i.FileImport.Sheet) }

// Size in bytes.
func (i *Import) Size() int { return int(i.FileImport.Size) }

// RowCount is of the rows under the headings.
func (i *Import) RowCount() int { return i.RowsTotal }

// Columns of the file.
func (i *Import) Columns() []*ImportColumn {
	out := make([]*ImportColumn, len(i.FileImport.Columns))
	for n, c := range i.FileImport.Columns {
		out[n] = &ImportColumn{Heading: c.Heading, Field: text(c.Field)}
	}
	return out
}

// Foreseen outcomes, in the order of their names.
func (i *Import) Foreseen() []*ImportCount { return importCounts(i.FileImport.Foreseen) }

// Outcomes of the rows that are done, likewise.
func (i *Import) Outcomes() []*ImportCount { return importCounts(i.FileImport.Outcomes) }

func importCounts(of map[string]int) []*ImportCount {
	out := make([]*ImportCount, 0, len(of))
	for _, outcome := range slices.Sorted(maps.Keys(of)) {
		out = append(out, &ImportCount{Outcome: ImportOutcome(outcome), Rows: of[outcome]})
	}
	return out
}

// Faults of rows.
func (i *Import) Faults() []*ImportFault {
	out := make([]*ImportFault, len(i.FileImport.Faults))
	for n, f := range i.FileImport.Faults {
		out[n] = &ImportFault{Row: f.Row, Heading: text(f.Heading), Field: text(f.Field), Code: f.Code, Message: f.Message}
	}
	return out
}

// Failure is null where it did not fail.
func (i *Import) Failure() *ImportFailure {
	if i.FileImport.Failure == "" {
		return nil
	}
	why := ImportFailure(i.FileImport.Failure)
	return &why
}
