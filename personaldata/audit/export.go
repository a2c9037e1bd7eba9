package audit

import (
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"channelbook/ent"
	"channelbook/ent/auditlink"
	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// Filter says which records are exported: those of [From, To), nil being open.
type Filter struct{ From, To *time.Time }

// ParseTime reads an instant of RFC 3339, or a day, which is its beginning in UTC.
func ParseTime(s string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is neither a day such as 2026-11-23 nor an instant such as 2026-11-23T10:11:12Z", s)
	}
	return at.UTC().Truncate(time.Microsecond), nil
}

// column is a column of the export.
type column struct {
	heading string
	value   func(r *ent.AuditRecord, link *ent.AuditLink) string
}

// exported are the columns of the export, with the headings that people read.
var exported = []column{
	{"Место в цепочке", func(_ *ent.AuditRecord, l *ent.AuditLink) string { return placeOf(l) }},
	{"Время (UTC)", func(r *ent.AuditRecord, _ *ent.AuditLink) string {
		return r.At.UTC().Format("2006-01-02 15:04:05.000000")
	}},
	{"Кто (вид)", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return r.ActorKind.String() }},
	{"Кто (идентификатор)", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return ActorID(r) }},
	{"Роль", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.ActorRole) }},
	{"Задача системы", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.Task) }},
	{"Действие", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return r.Action }},
	{"Итог", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return r.Outcome.String() }},
	{"Вид объекта", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.ObjectType) }},
	{"Объект", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return ObjectID(r) }},
	{"Основание", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.Reason) }},
	{"Подробности", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.Details) }},
	{"Адрес", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.RemoteAddr) }},
	{"Программа", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.UserAgent) }},
	{"Запрос", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return value(r.RequestID) }},
	{"Запись", func(r *ent.AuditRecord, _ *ent.AuditLink) string { return gid.AuditRecord.Format(r.ID) }},
	{"Хеш звена", func(_ *ent.AuditRecord, l *ent.AuditLink) string { return hashOf(l) }},
}

// exportBatch is how many records are held at once.
const exportBatch = 1000

// Export writes the records of a filter as CSV, oldest first, each with its place in the chain and its link's hash. It is
// recorded itself before the first byte is written. Administrators only.
func (l *Log) Export(ctx context.Context, w io.Writer, f Filter) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	if f.To == nil {
		now := l.Now() // what comes later is not for this export
		f.To = &now
	}
	if err := l.Saw(ctx, Act{Action: AuditExported, Details: f.details()}); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil { // so that spreadsheets read it as UTF-8
		return err
	}
	out := csv.NewWriter(w)
	headings := make([]string, len(exported))
	for i, c := range exported {
		headings[i] = c.heading
	}
	if err := out.Write(headings); err != nil {
		return err
	}
	if err := l.exportRows(auth.AsSystem(ctx, "audit export"), out, f); err != nil {
		return fmt.Errorf("export the audit: %w", err)
	}
	return nil
}

func (f Filter) details() map[string]string {
	details := map[string]string{"to": f.To.UTC().Format(time.RFC3339)}
	if f.From != nil {
		details["from"] = f.From.UTC().Format(time.RFC3339)
	}
	return details
}

// exportRows goes from page to page by the order's key.
func (l *Log) exportRows(ctx context.Context, out *csv.Writer, f Filter) error {
	var after *ent.AuditRecord
	for {
		q := l.DB.AuditRecord.Query().Where(auditrecord.AtLT(*f.To)).
			Order(ent.Asc(auditrecord.FieldAt), ent.Asc(auditrecord.FieldID)).Limit(exportBatch)
		if f.From != nil {
			q.Where(auditrecord.AtGTE(*f.From))
		}
		if after != nil {
			q.Where(auditrecord.AtGTE(after.At), auditrecord.Or(auditrecord.AtGT(after.At), auditrecord.IDGT(after.ID)))
		}
		records, err := q.All(ctx)
		if err != nil {
			return err
		}
		if err := l.exportPage(ctx, out, records); err != nil {
			return err
		}
		if len(records) < exportBatch {
			return nil
		}
		after = records[len(records)-1]
	}
}

func (l *Log) exportPage(ctx context.Context, out *csv.Writer, records []*ent.AuditRecord) error {
	ids := make([]gid.ID, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	links, err := l.DB.AuditLink.Query().Where(auditlink.RecordIDIn(ids...)).All(ctx)
	if err != nil {
		return err
	}
	byRecord := make(map[gid.ID]*ent.AuditLink, len(links))
	for _, link := range links {
		byRecord[link.RecordID] = link
	}
	cells := make([]string, len(exported))
	for _, r := range records {
		for i, c := range exported {
			cells[i] = harmless(c.value(r, byRecord[r.ID]))
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// formula is where a spreadsheet would see the beginning of one: at the beginning of a cell, and behind whatever some
// locale takes for the end of the cell before.
var formula = regexp.MustCompile(`(^|[;,\t\r\n][ "']*)([=+\-@\t\r])`)

// harmless keeps a spreadsheet from taking a cell, or a part of it, for a formula.
func harmless(cell string) string { return formula.ReplaceAllString(cell, "$1'$2") }

// ActorID is who acted, as ids are shown outside; empty where it was neither a user nor a source.
func ActorID(r *ent.AuditRecord) string {
	switch {
	case r.ActorID == nil:
		return ""
	case r.ActorKind == auditrecord.ActorKindSOURCE:
		return gid.LeadSource.Format(*r.ActorID)
	}
	return gid.User.Format(*r.ActorID)
}

// ObjectID is what an act was about, as ids are shown outside; empty where that has no id.
func ObjectID(r *ent.AuditRecord) string {
	if r.ObjectID == nil || r.ObjectType == nil {
		return ""
	}
	return gid.Kind(*r.ObjectType).Format(*r.ObjectID)
}

func placeOf(l *ent.AuditLink) string {
	if l == nil {
		return ""
	}
	return strconv.FormatInt(l.ID, 10)
}

func hashOf(l *ent.AuditLink) string {
	if l == nil {
		return ""
	}
	return hex.EncodeToString(l.Hash)
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
