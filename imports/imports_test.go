package imports_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/auditrecord"
	"channelbook/ent/fileimport"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	_ "channelbook/ent/runtime"
	"channelbook/ent/user"
	"channelbook/imports"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/personaldata/audit"
)

const now = "2026-11-26T09:00:00Z"

// desk is a service with what a test needs beside it.
type desk struct {
	*imports.Service
	t      testing.TB
	admin  context.Context
	boss   gid.ID
	system context.Context
	source gid.ID
	folder string
}

func newDesk(t testing.TB, d *db.DB) *desk {
	t.Helper()
	folder := t.TempDir()
	store, err := files.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	moscow, err := time.LoadLocation("Europe/Moscow")
	if err != nil {
		t.Fatal(err)
	}
	clock, log := dbtest.Clock(now), slog.New(slog.DiscardHandler)
	b := &desk{t: t, folder: folder, system: auth.AsSystem(t.Context(), "test"), Service: &imports.Service{
		DB: d, Now: clock, TimeZone: moscow, Keys: dbtest.Keys(), Store: store, Log: log,
		Leads:        &leads.Service{DB: d, Now: clock, TimeZone: moscow, Keys: dbtest.Keys(), Log: log},
		Distributors: &distributors.Service{DB: d, Now: clock, TimeZone: moscow, Keys: dbtest.Keys()},
	}}
	unaudited := db.Unaudited(b.system, "the stock of a test")
	b.boss = d.User.Create().SetLogin("boss").SetPasswordHash("-").SetRole(user.RoleADMIN).
		SetCreatedAt(clock()).SetUpdatedAt(clock()).SaveX(unaudited).ID
	b.admin = auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: b.boss, SessionID: gid.New()})
	b.source = b.newSource()
	return b
}

func (b *desk) newSource() gid.ID {
	at := dbtest.Clock(now)()
	id := gid.New()
	return b.DB.LeadSource.Create().SetID(id).SetName("Выгрузка").SetKeyHash(id[:]).SetKeyHint("abcd").SetRequireConsent(false).SetDuplicateFields([]string{"PHONE", "EMAIL"}).
		SetCreatedAt(at).SetUpdatedAt(at).SaveX(db.Unaudited(b.system, "the stock of a test")).ID
}

func (b *desk) checkLeads(body string) *ent.FileImport {
	b.t.Helper()
	row, err := b.CheckLeads(b.admin, b.source, imports.File{Name: "leads.csv", Body: []byte(body)})
	if err != nil {
		b.t.Fatal(err)
	}
	return row
}

func (b *desk) start(row *ent.FileImport) {
	b.t.Helper()
	if _, err := b.Start(b.admin, row.ID); err != nil {
		b.t.Fatal(err)
	}
}

// run does what the job does, and reads the import again.
func (b *desk) run(row *ent.FileImport) *ent.FileImport {
	b.t.Helper()
	if err := b.Run(b.system, row.ID); err != nil {
		b.t.Fatal(err)
	}
	return b.read(row)
}

func (b *desk) read(row *ent.FileImport) *ent.FileImport {
	return b.DB.FileImport.GetX(b.system, row.ID)
}

func (b *desk) bring(body string) *ent.FileImport {
	b.t.Helper()
	row := b.checkLeads(body)
	b.start(row)
	return b.run(row)
}

func (b *desk) leads() int { return b.DB.Lead.Query().CountX(b.system) }

func (b *desk) wantFiles(n int) {
	b.t.Helper()
	found, err := os.ReadDir(b.folder + "/imports")
	if err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
	if len(found) != n {
		b.t.Errorf("%d files are kept, want %d", len(found), n)
	}
}

func wantCounts(t testing.TB, got, want map[string]int) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func wantFaults(t testing.TB, row *ent.FileImport, want ...string) {
	t.Helper()
	var got []string
	for _, f := range row.Faults {
		got = append(got, fmt.Sprintf("%d %s %s", f.Row, f.Code, f.Heading))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func phone(n int) string { return fmt.Sprintf("+7912345%04d", n) } // up to 10 000

// many is a file of n leads.
func many(n int) string {
	var out strings.Builder
	out.WriteString("Имя;Телефон;UTM Source\n")
	for i := range n {
		fmt.Fprintf(&out, "Анна;%s;yandex\n", phone(i))
	}
	return out.String()
}

func TestACheckTellsAllAndWritesNoLead(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		row := b.checkLeads("\ufeffИмя;ТЕЛЕФОН;e-mail;Тест;Настроение;Дата согласия\r\n" +
			"Анна;8 912 345-00-01;;;ясное;\r\n" +
			"\r\n" +
			";12;x@;может быть;;вчера\r\n" +
			"Анна;+79123450001;;;другое;\r\n" +
			"Пётр;+79123450001;;;;\r\n" +
			"\"Анна\nМария\";+79123450002\r\n" +
			"Ольга;+79123450003;;;;;;лишнее\r\n")
		wantFaults(t, row,
			"4 INVALID_BOOLEAN Тест", "4 REQUIRED Имя", "4 INVALID_PHONE ТЕЛЕФОН", "4 INVALID_EMAIL e-mail", "4 REQUIRED ", "4 REQUIRED ", "4 INVALID_TIME Дата согласия",
			"7 INVALID_CHARACTERS Имя", "8 TOO_MANY_CELLS ")
		wantCounts(t, row.Foreseen, map[string]int{"READY": 1, "REPEATED": 1, "DUPLICATE": 1, "INVALID": 3})
		if row.Status != fileimport.StatusCHECKED || row.RowsTotal != 6 || row.FaultCount != 9 || row.Separator != ";" || row.Encoding != "UTF-8" || row.Format != fileimport.FormatCSV {
			t.Errorf("got %+v", row)
		}
		if c := row.Columns[4]; c.Heading != "Настроение" || c.Field != "" {
			t.Errorf("got %+v, want a heading that nobody knows", c)
		}
		if b.leads() != 0 || d.IntakeAttempt.Query().CountX(b.system) != 0 {
			t.Error("the check has written something")
		}
		b.wantFiles(1)
	})
}

func TestAFileComesInOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		const file = "Имя,Телефон,Внешний ID\nАнна,+79123450001,\nАнна,89123450001,\nПётр,+79123450002,a-1\nПётр,+79123450002,a-1\nПётр,+79123450003,a-1\n,+79123450004,\nОльга,+79123450001,\n"
		first := b.bring(file)
		if first.Status != fileimport.StatusDONE || first.RowsDone != 7 || first.Attempt != 1 || first.FinishedAt == nil {
			t.Fatalf("got %+v", first)
		}
		wantCounts(t, first.Outcomes, map[string]int{"ACCEPTED": 2, "REPEATED": 2, "REFUSED": 1, "INVALID": 1, "DUPLICATE": 1})
		wantFaults(t, first, "6 IDEMPOTENCY_KEY_REUSED Внешний ID", "7 REQUIRED Имя")
		if b.leads() != 3 {
			t.Fatalf("%d leads, want 3", b.leads())
		}
		again := b.checkLeads(strings.ReplaceAll(file, ",", ";"))
		wantCounts(t, again.Foreseen, map[string]int{"REPEATED": 5, "REFUSED": 1, "INVALID": 1})
		b.start(again)
		wantCounts(t, b.run(again).Outcomes, map[string]int{"REPEATED": 5, "REFUSED": 1, "INVALID": 1})
		if b.leads() != 3 {
			t.Errorf("%d leads after the second time, want 3", b.leads())
		}
		b.wantFiles(0)
	})
}

func TestWhatComesInIsTheAdministrators(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		b.bring(many(2))
		for action, n := range map[audit.Action]int{audit.ImportChecked: 1, audit.ImportStarted: 1, audit.LeadReceived: 2} {
			got := d.AuditRecord.Query().Where(auditrecord.Action(string(action)), auditrecord.ActorKindEQ(auditrecord.ActorKindUSER), auditrecord.ActorID(b.boss)).CountX(b.system)
			if got != n {
				t.Errorf("%d records of %s, want %d", got, action, n)
			}
		}
		l := d.Lead.Query().Order(lead.ByID()).FirstX(b.system)
		if l.SourceID != b.source || l.UtmSource != "yandex" || l.ExternalID != nil || l.IdempotencyKey == nil || strings.Contains(*l.IdempotencyKey, "79123450000") {
			t.Errorf("got %+v", l)
		}
	})
}

func TestAnImportThatIsBrokenOffGoesOnWhereItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		row := b.checkLeads(many(350))
		b.start(row)
		ctx, kill := context.WithCancel(b.system)
		b.AfterPart(func(done int) {
			if done == 200 {
				kill()
			}
		})
		if err := b.Run(ctx, row.ID); err == nil {
			t.Fatal("an import that was broken off has ended")
		}
		if got := b.read(row); got.Status != fileimport.StatusRUNNING || got.RowsDone != 200 || b.leads() != 200 {
			t.Fatalf("got %s with %d rows and %d leads, want 200", got.Status, got.RowsDone, b.leads())
		}
		b.AfterPart(nil)
		got := b.run(row)
		wantCounts(t, got.Outcomes, map[string]int{"ACCEPTED": 350})
		if got.Status != fileimport.StatusDONE || got.Attempt != 2 || b.leads() != 350 {
			t.Errorf("got %s by attempt %d with %d leads, want 350", got.Status, got.Attempt, b.leads())
		}
	})
}

func TestAnEarlierAttemptWritesNothingMore(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		row := b.checkLeads(many(250))
		b.start(row)
		taken := false
		b.AfterPart(func(int) {
			if !taken { // a second attempt takes over between two parts of the first
				taken = true
				b.run(row)
			}
		})
		if err := b.Run(b.system, row.ID); err != nil {
			t.Fatal(err)
		}
		got := b.read(row)
		wantCounts(t, got.Outcomes, map[string]int{"ACCEPTED": 250})
		if got.Status != fileimport.StatusDONE || got.Attempt != 2 || b.leads() != 250 {
			t.Errorf("got %s by attempt %d with %d leads", got.Status, got.Attempt, b.leads())
		}
	})
}

func TestAfterACancelNoRowComesIn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		row := b.checkLeads(many(250))
		b.start(row)
		b.AfterPart(func(done int) {
			if _, err := b.Cancel(b.admin, row.ID); err != nil {
				t.Error(err)
			}
		})
		got := b.run(row)
		if got.Status != fileimport.StatusCANCELLED || got.RowsDone != 100 || b.leads() != 100 {
			t.Errorf("got %s with %d rows and %d leads, want 100", got.Status, got.RowsDone, b.leads())
		}
		b.wantFiles(0)
		if _, err := b.Cancel(b.admin, row.ID); !fault.HasCode(err, "IMPORT_ENDED") {
			t.Errorf("got %v, want it to have ended", err)
		}
		if _, err := b.Start(b.admin, row.ID); !fault.HasCode(err, "IMPORT_ENDED") {
			t.Errorf("got %v, want it to have ended", err)
		}
	})
}

func TestOfManyStartsOneCounts(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		row := b.checkLeads(many(120))
		outcomes := make([]error, 8)
		var group sync.WaitGroup
		for i := range outcomes {
			group.Go(func() { _, outcomes[i] = b.Start(b.admin, row.ID) })
		}
		group.Wait()
		started := 0
		for _, err := range outcomes {
			switch {
			case err == nil:
				started++
			case !fault.HasCode(err, "ALREADY_STARTED"):
				t.Error(err)
			}
		}
		found, total, err := (&jobs.Queue{DB: d, Log: slog.New(slog.DiscardHandler)}).List(b.admin, jobs.Filter{Kinds: []string{imports.JobImport}}, 0, 10, true)
		if err != nil || started != 1 || total != 1 || found[0].Line != imports.Line {
			t.Errorf("%d starts counted and %d jobs wait, %v: want one", started, total, err)
		}
		for range 8 {
			group.Go(func() { _ = b.Run(b.system, row.ID) })
		}
		group.Wait()
		got := b.run(row)
		wantCounts(t, got.Outcomes, map[string]int{"ACCEPTED": 120})
		if b.leads() != 120 {
			t.Errorf("%d leads, want 120", b.leads())
		}
	})
}

func TestTheSameFileAtOnceMakesNothingTwice(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		const company = "Название;ИНН\nООО «Ромашка»;7707083893\n"
		var rows []*ent.FileImport
		for range 4 {
			row := b.checkLeads(many(30))
			b.start(row)
			of, err := b.CheckDistributors(b.admin, imports.File{Body: []byte(company)})
			if err != nil {
				t.Fatal(err)
			}
			b.start(of)
			rows = append(rows, row, of)
		}
		var group sync.WaitGroup
		for _, row := range rows {
			group.Go(func() {
				if err := b.Run(b.system, row.ID); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		total := map[string]int{}
		for _, row := range rows {
			for outcome, n := range b.read(row).Outcomes {
				total[outcome] += n
			}
		}
		wantCounts(t, total, map[string]int{"ACCEPTED": 30, "REPEATED": 90, "CREATED": 1, "EXISTS": 3})
		if n := d.Distributor.Query().CountX(b.system); b.leads() != 30 || n != 1 {
			t.Errorf("%d leads and %d distributors, want 30 and 1", b.leads(), n)
		}
	})
}

func TestFilesAreReadAsPeopleSaveThem(t *testing.T) {
	d := dbtest.SQLite(t)
	b := newDesk(t, d)
	const text = "Фамилия,Имя,Телефон\nЁлкина,Анна,+79123450001\n"
	cp1251, err := charmap.Windows1251.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body                string
		encoding, separator string
	}{
		"UTF-8 with commas":                     {text, "UTF-8", ","},
		"UTF-8 with semicolons and a mark":      {"\ufeff" + strings.ReplaceAll(text, ",", ";"), "UTF-8", ";"},
		"Windows-1251 with commas":              {cp1251, "windows-1251", ","},
		"Windows-1251 with semicolons":          {strings.ReplaceAll(cp1251, ",", ";"), "windows-1251", ";"},
		"tabs":                                  {strings.ReplaceAll(text, ",", "\t"), "UTF-8", "\t"},
		"a separator that the first line names": {"sep=;\r\n" + strings.ReplaceAll(text, ",", ";"), "UTF-8", ";"},
		"a comma in the quotes of a heading":    {"\"Имя, как в паспорте, полностью\";Имя;Телефон\nх;Анна;+79123450001\n", "UTF-8", ";"},
	} {
		t.Run(name, func(t *testing.T) {
			row := b.checkLeads(c.body)
			if row.Encoding != c.encoding || row.Separator != c.separator || row.Foreseen["READY"] != 1 {
				t.Errorf("got %s, %q and %v", row.Encoding, row.Separator, row.Foreseen)
			}
		})
	}
	got := b.bring(cp1251)
	if l := d.Lead.Query().OnlyX(b.system); got.Outcomes["ACCEPTED"] != 1 || l.LastName != "Ёлкина" {
		t.Errorf("got %v and %q", got.Outcomes, l.LastName)
	}
}

// workbook is a file of these rows, one sheet.
func workbook(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbooksAreReadByTheirValues(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		body := workbook(t, func(f *excelize.File) {
			set := func(cell string, value any) {
				if err := f.SetCellValue("Sheet1", cell, value); err != nil {
					t.Fatal(err)
				}
			}
			for i, h := range []string{"Имя", "Телефон", "Согласие: цель", "Версия согласия", "Дата согласия", "UTM source", "Субид 2", "Возраст"} {
				set(string(rune('A'+i))+"1", h)
			}
			set("A2", "Анна")
			set("B2", int64(79123450001))
			set("C2", "lead_processing")
			set("D2", "1")
			set("E2", time.Date(2026, 11, 20, 13, 30, 0, 0, time.UTC))
			set("F2", "=1+1")
			set("G2", "b")
			set("H2", 35)
			if err := f.SetCellFormula("Sheet1", "H2", "30+5"); err != nil { // 35 is what it came to last
				t.Fatal(err)
			}
			set("B4", "+7 912 345 00 02")
			set("A5", "#N/A")
			set("B5", "+79123450003")
		})
		row, err := b.CheckLeads(b.admin, b.source, imports.File{Name: `C:\Новая папка\лиды.xlsx`, Body: body})
		if err != nil {
			t.Fatal(err)
		}
		if row.Format != fileimport.FormatXLSX || row.Sheet != "Sheet1" || row.FileName != "лиды.xlsx" {
			t.Errorf("got %+v", row)
		}
		wantFaults(t, row, "4 REQUIRED Имя", "5 FORMULA_FAILED Имя")
		b.start(row)
		b.run(row)
		l := d.Lead.Query().OnlyX(b.system)
		if l.Consent == nil || l.Consent.GivenAt != "2026-11-20T10:30:00Z" || l.Age != "35" || l.UtmSource != "=1+1" || !slices.Equal(l.SubIds, []string{"", "b"}) {
			t.Errorf("got %+v with %+v", l, l.Consent)
		}
	})
}

// bomb is a workbook one part of which says that it unpacks to a gigabyte.
func bomb(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	part, err := w.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CompressedSize64: 2, UncompressedSize64: 1 << 30})
	if err == nil {
		_, err = part.Write([]byte{3, 0})
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// damaged is a workbook in whose sheet something stands in the place of something else.
func damaged(t testing.TB, what, by string) []byte {
	t.Helper()
	body := workbook(t, func(f *excelize.File) {
		for i, cell := range []string{"A1", "A2", "A3"} {
			if err := f.SetCellValue("Sheet1", cell, i); err != nil {
				t.Fatal(err)
			}
		}
	})
	sound, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, part := range sound.File {
		from, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		if part.Name == "xl/worksheets/sheet1.xml" {
			if !bytes.Contains(content, []byte(what)) {
				t.Fatalf("there is no %s", what)
			}
			content = bytes.Replace(content, []byte(what), []byte(by), 1)
		}
		to, err := w.Create(part.Name)
		if err == nil {
			_, err = to.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBrokenFilesAreRefused(t *testing.T) {
	b := newDesk(t, dbtest.SQLite(t))
	for name, c := range map[string]struct {
		file imports.File
		want string
	}{
		"an empty file":                                 {imports.File{Body: []byte(" \n")}, "EMPTY_FILE"},
		"headings alone":                                {imports.File{Body: []byte("Имя;Телефон\n;\n")}, "NO_ROWS"},
		"no phone and no e-mail":                        {imports.File{Body: []byte("Имя;Город\nАнна;Пермь\n")}, "HEADING_MISSING"},
		"one field twice":                               {imports.File{Body: []byte("Имя;Телефон;phone\nАнна;1;2\n")}, "HEADING_REPEATED"},
		"quotes that do not go together":                {imports.File{Body: []byte("Имя;Телефон\n\"Анна\"б;1\n")}, "BROKEN_FILE"},
		"a picture":                                     {imports.File{Body: []byte("\x89PNG\r\n\x1a\n\x00\x00")}, "NOT_A_TABLE"},
		"a workbook of an old Excel":                    {imports.File{Body: []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")}, "NOT_A_TABLE"},
		"an archive that is no workbook":                {imports.File{Body: []byte("PK\x03\x04nonsense")}, "NOT_A_TABLE"},
		"an encoding that it is not in":                 {imports.File{Body: []byte("\xc8\xec\xff;Телефон\n"), Encoding: "UTF-8"}, "INVALID_ENCODING"},
		"an encoding that nobody knows":                 {imports.File{Body: []byte("Имя;Телефон\n"), Encoding: "koi8-r"}, "INVALID_ENCODING"},
		"a separator that is none":                      {imports.File{Body: []byte("Имя|Телефон\n"), Separator: "|"}, "INVALID_SEPARATOR"},
		"a workbook that unpacks to more than is taken": {imports.File{Body: bomb(t)}, "FILE_TOO_LARGE"},
		"a formula without a result": {imports.File{Body: workbook(t, func(f *excelize.File) {
			if err := errors.Join(f.SetCellValue("Sheet1", "A1", "Имя"), f.SetCellValue("Sheet1", "B1", "Телефон"), f.SetCellFormula("Sheet1", "A2", `"Пётр"`)); err != nil {
				t.Fatal(err)
			}
		})}, "FORMULA_FAILED"},
		"a sheet that is cut short":          {imports.File{Body: damaged(t, `</row>`, ``)}, "BROKEN_FILE"},
		"a sheet with a character of none":   {imports.File{Body: damaged(t, `<v>`, "<v>\v")}, "BROKEN_FILE"},
		"a line of ten thousand cells":       {imports.File{Body: []byte("Имя;Телефон\n" + strings.Repeat(";", 10_001) + "\n")}, "TOO_MANY_COLUMNS"},
		"a sheet that is not there":          {imports.File{Body: workbook(t, func(*excelize.File) {}), Sheet: "Лиды"}, "UNKNOWN_SHEET"},
		"a row of more cells than a row has": {imports.File{Body: []byte("Имя;Телефон\n" + strings.Repeat("х;", 300) + "х\n")}, "TOO_MANY_COLUMNS"},
		"more rows than are taken":           {imports.File{Body: []byte("Имя;Телефон\n" + strings.Repeat("х;1\n", 200_001))}, "TOO_MANY_ROWS"},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "more rows than are taken" && testing.Short() {
				c.file.Body = []byte("Название;ИНН\n" + strings.Repeat("х;1\n", 10_001))
				if _, err := b.CheckDistributors(b.admin, c.file); !fault.HasCode(err, c.want) {
					t.Errorf("got %v, want %s", err, c.want)
				}
				return
			}
			if _, err := b.CheckLeads(b.admin, b.source, c.file); !fault.HasCode(err, c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if n := b.DB.FileImport.Query().CountX(b.system); n != 0 {
		t.Errorf("%d imports, want none of a refused file", n)
	}
}

func TestEveryColumnHasItsPlaceInALead(t *testing.T) {
	d := dbtest.SQLite(t)
	b := newDesk(t, d)
	headings, cells := []string{}, []string{}
	for _, field := range imports.LeadFields() {
		headings = append(headings, field)
		switch field {
		case "phone":
			cells = append(cells, phone(1))
		case "email":
			cells = append(cells, "anna@example.ru")
		case "ip":
			cells = append(cells, "198.51.100.7")
		case "test":
			cells = append(cells, "да")
		case "distributorId":
			cells = append(cells, "")
		case "consent.givenAt", "advertisingConsent.givenAt":
			cells = append(cells, "20.11.2026 13:30")
		default:
			cells = append(cells, "v "+field)
		}
	}
	row := b.bring(strings.Join(headings, ";") + "\n" + strings.Join(cells, ";") + "\n")
	wantFaults(t, row)
	l := d.Lead.Query().OnlyX(b.system)
	said := fmt.Sprintf("%+v %+v", l, l.Consent)
	for i, field := range headings {
		if strings.HasPrefix(cells[i], "v ") && !strings.Contains(said, cells[i]) && !strings.HasPrefix(field, "advertisingConsent.") && field != "firstName" && field != "lastName" {
			t.Errorf("%s is nowhere in the lead", field)
		}
	}
	if l.FirstName != "v firstName" || l.LastName != "v lastName" || !l.IsTest {
		t.Errorf("got %+v", l)
	}
}

func TestADistributorIsNamedAsPeopleNameIt(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		var ids []gid.ID
		for _, in := range []distributors.Input{{CompanyName: "ООО «Ёлка»", INN: "7707083893"}, {CompanyName: "Тёзка"}, {CompanyName: "тезка"}} {
			row, err := b.Distributors.Create(b.admin, in)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, row.ID)
		}
		row := b.bring("Имя;Телефон;Дистрибьютор\nАнна;" + phone(1) + ";ооо «елка»\nАнна;" + phone(2) + ";7707083893\nАнна;" + phone(3) + ";" + gid.Distributor.Format(ids[0]) +
			"\nАнна;" + phone(4) + ";ТЁЗКА\nАнна;" + phone(5) + ";никто\n")
		wantFaults(t, row, "5 AMBIGUOUS_DISTRIBUTOR Дистрибьютор", "6 UNKNOWN_DISTRIBUTOR Дистрибьютор")
		if n := d.Lead.Query().Where(lead.DistributorID(ids[0])).CountX(b.system); n != 3 {
			t.Errorf("%d leads went to it, want 3", n)
		}
	})
}

func TestDistributorsComeInWithRequisites(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		if _, err := b.Distributors.Create(b.admin, distributors.Input{CompanyName: "Старый знакомый", INN: "7736207543"}); err != nil {
			t.Fatal(err)
		}
		const file = "Название компании;ИНН;КПП;ОГРН;Р/с;БИК;К/с;№ договора;Дата договора;Телефон\n" +
			"ПАО «Сбербанк»;7707083893;773601001;1027700132195;;44525225;;17/2026;23.11.2026;+7 495 123-45-67\n" +
			"Тот же;7707083893;;;;;;;;\n" +
			"Новое имя;7736207543;;;;;;;;\n" +
			";7707083894;12;;;;;;когда-то;\n" +
			"Без номера;;;;;;;;;\n"
		check := func() *ent.FileImport {
			row, err := b.CheckDistributors(b.admin, imports.File{Body: []byte(file)})
			if err != nil {
				t.Fatal(err)
			}
			return row
		}
		row := check()
		wantCounts(t, row.Foreseen, map[string]int{"READY": 1, "EXISTS": 2, "INVALID": 2})
		if d.Distributor.Query().CountX(b.system) != 1 {
			t.Fatal("the check has made a distributor")
		}
		b.start(row)
		row = b.run(row)
		wantCounts(t, row.Outcomes, map[string]int{"CREATED": 1, "EXISTS": 2, "INVALID": 2})
		wantFaults(t, row, "5 INVALID_DATE Дата договора", "5 REQUIRED Название компании", "5 INVALID_INN ИНН", "5 INVALID_KPP КПП", "6 REQUIRED ИНН")
		made := d.Distributor.Query().Order(ent.Desc("id")).FirstX(b.system)
		if made.CompanyName != "ПАО «Сбербанк»" || made.BankBik != "044525225" || made.ContractNumber != "17/2026" || made.ContractSignedOn.String() != "2026-11-23" {
			t.Errorf("got %+v", made)
		}
		again := check()
		wantCounts(t, again.Foreseen, map[string]int{"EXISTS": 3, "INVALID": 2})
		b.start(again)
		wantCounts(t, b.run(again).Outcomes, map[string]int{"EXISTS": 3, "INVALID": 2})
		if n := d.Distributor.Query().CountX(b.system); n != 2 {
			t.Errorf("%d distributors, want 2", n)
		}
	})
}

func TestOnlyAdministratorsImport(t *testing.T) {
	d := dbtest.SQLite(t)
	b := newDesk(t, d)
	row := b.checkLeads(many(1))
	for name, v := range map[string]auth.Viewer{
		"nobody": {}, "a distributor's user": {Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()}, "a source": {Role: auth.Source, SourceID: b.source},
	} {
		ctx := auth.With(t.Context(), v)
		_, checked := b.CheckLeads(ctx, b.source, imports.File{Body: []byte(many(1))})
		_, companies := b.CheckDistributors(ctx, imports.File{Body: []byte("Название;ИНН\n")})
		_, started := b.Start(ctx, row.ID)
		_, cancelled := b.Cancel(ctx, row.ID)
		for act, err := range map[string]error{"check leads": checked, "check distributors": companies, "start": started, "cancel": cancelled} {
			if !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s may %s: %v", name, act, err)
			}
		}
		if n := d.FileImport.Query().CountX(ctx); n != 0 {
			t.Errorf("%s sees %d imports", name, n)
		}
	}
}

func TestAnImportFailsInWords(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(b *desk, row *ent.FileImport)
		want  string
	}{
		"the source was stopped": {func(b *desk, _ *ent.FileImport) {
			b.DB.LeadSource.UpdateOneID(b.source).SetStatus(leadsource.StatusSTOPPED).ExecX(db.Unaudited(b.system, "a test"))
		}, "SOURCE_STOPPED"},
		"who has started it was disabled": {func(b *desk, _ *ent.FileImport) {
			b.DB.User.UpdateOneID(b.boss).SetDisabledAt(b.Now()).ExecX(db.Unaudited(b.system, "a test"))
		}, "NOT_ALLOWED"},
		"the file is gone": {func(b *desk, row *ent.FileImport) {
			if err := b.Store.Delete(b.system, "imports/"+row.ID.String()); err != nil {
				b.t.Fatal(err)
			}
		}, "FILE_GONE"},
		"the file was sealed under a key that is gone": {func(b *desk, row *ent.FileImport) {
			if err := b.Store.Put(b.system, "imports/"+row.ID.String(), "", strings.NewReader("nonsense"), 8); err != nil {
				b.t.Fatal(err)
			}
		}, "FILE_GONE"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newDesk(t, dbtest.SQLite(t))
			row := b.checkLeads(many(3))
			b.start(row)
			c.spoil(b, row)
			if err := b.Run(b.system, row.ID); err == nil {
				t.Error("the job says nothing of it")
			}
			if got := b.read(row); got.Status != fileimport.StatusFAILED || got.Failure != c.want || got.FileKept || b.leads() != 0 {
				t.Errorf("got %s, %s", got.Status, got.Failure)
			}
		})
	}
}

func TestAStoppedSourceTakesNoFile(t *testing.T) {
	b := newDesk(t, dbtest.SQLite(t))
	row := b.checkLeads(many(1))
	b.DB.LeadSource.UpdateOneID(b.source).SetStatus(leadsource.StatusSTOPPED).ExecX(db.Unaudited(b.system, "a test"))
	if _, err := b.CheckLeads(b.admin, b.source, imports.File{Body: []byte(many(1))}); !fault.HasCode(err, "SOURCE_STOPPED") {
		t.Errorf("got %v", err)
	}
	if _, err := b.Start(b.admin, row.ID); !fault.HasCode(err, "SOURCE_STOPPED") {
		t.Errorf("got %v", err)
	}
	if _, err := b.CheckLeads(b.admin, gid.New(), imports.File{Body: []byte(many(1))}); !fault.Is(err, fault.NotFound) {
		t.Errorf("got %v", err)
	}
}

func TestFilesGoWhenTheyAreNotNeeded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		waits := b.checkLeads(many(1))
		started := b.checkLeads(many(2))
		b.start(started)
		b.Now = dbtest.Clock("2026-11-27T09:00:01Z")
		if _, err := b.Start(b.admin, waits.ID); !fault.HasCode(err, "IMPORT_ENDED") {
			t.Errorf("got %v, want it to have expired", err)
		}
		if n, err := b.Sweep(b.system); n != 1 || err != nil {
			t.Errorf("swept %d, %v: want one", n, err)
		}
		if got := b.read(waits); got.Status != fileimport.StatusEXPIRED || got.FileKept || got.FinishedAt == nil {
			t.Errorf("got %+v", got)
		}
		if got := b.read(started); got.Status != fileimport.StatusQUEUED || !got.FileKept {
			t.Errorf("got %+v", got)
		}
		b.wantFiles(1)
		stored, err := os.ReadFile(b.folder + "/imports/" + started.ID.String())
		if err != nil || bytes.Contains(stored, []byte("79123450000")) {
			t.Errorf("the file stands there in clear: %v", err)
		}
	})
}

func TestTheQueueDoesImports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newDesk(t, d)
		q := &jobs.Queue{DB: d, Log: slog.New(slog.DiscardHandler), Poll: 5 * time.Millisecond, Lines: map[string]int{imports.Line: 1}}
		q.Audit = func(context.Context, *db.Tx, jobs.Act, string, string) error { return nil }
		b.Work(q)
		row, torn := b.checkLeads(many(150)), b.checkLeads(many(1))
		b.start(torn)
		waiting, _, err := q.List(b.admin, jobs.Filter{Kinds: []string{imports.JobImport}}, 0, 1, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Cancel(b.admin, waiting[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := b.read(torn); got.Status != fileimport.StatusCANCELLED {
			t.Errorf("the job was cancelled, and the import is %s", got.Status)
		}
		b.start(row)
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { q.Run(ctx); close(ended) }()
		defer func() { stop(); <-ended }()
		for deadline := time.Now().Add(60 * time.Second); b.read(row).Status != fileimport.StatusDONE; time.Sleep(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("waited in vain: %+v", b.read(row))
			}
		}
		if b.leads() != 150 {
			t.Errorf("%d leads, want 150", b.leads())
		}
	})
}
