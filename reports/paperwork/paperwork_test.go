package paperwork_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"

	"channelbook/internal/fault"
	"channelbook/internal/requisites"
	"channelbook/reports/document"
	"channelbook/reports/paperwork"
	"channelbook/reports/pdf"
)

var update = flag.Bool("update", false, "write the golden files anew")

var moment = time.Date(2026, time.November, 30, 9, 0, 0, 0, time.UTC)

// cases are the data of both documents that have a golden file.
var cases = map[string]func() paperwork.Data{
	"sample": paperwork.Sample,
	// All that a base may not know, and a period in which nothing was done.
	"bare": func() paperwork.Data {
		d := paperwork.Sample()
		return paperwork.Data{
			From: d.From, To: d.From.AddDays(2), Principal: paperwork.Party{Name: d.Principal.Name},
			Agent: paperwork.Party{Name: "ИП Тестов <Пётр> & сыновья", INN: requisites.WithINNCheck("7801999999"), OGRN: requisites.WithOGRNCheck("32678000000999")},
		}
	},
	// More is taken back than was sold.
	"negative": func() paperwork.Data {
		d := paperwork.Sample()
		d.Actions = slices.DeleteFunc(d.Actions, func(a paperwork.Action) bool { return a.Deed == paperwork.Sold })
		return d
	},
}

func fill(t *testing.T, k paperwork.Kind, d paperwork.Data) []byte {
	t.Helper()
	made, err := paperwork.Fill(k, nil, d, moment)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// pretty is the text of a document and its footer, as XML with an element to a line.
func pretty(t *testing.T, file []byte) string {
	t.Helper()
	var out strings.Builder
	for _, name := range []string{"word/document.xml", "word/footer1.xml", "docProps/core.xml"} {
		doc := etree.NewDocument()
		if err := doc.ReadFromBytes(part(t, file, name)); err != nil {
			t.Fatal(err)
		}
		doc.Indent(1)
		text, err := doc.WriteToString()
		if err != nil {
			t.Fatal(err)
		}
		_, text, _ = strings.Cut(text, "?>")
		out.WriteString("<!-- " + name + " -->" + text)
	}
	return out.String()
}

func part(t *testing.T, file []byte, name string) []byte {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	in, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestTheDocumentsAreAsKept(t *testing.T) {
	for _, kind := range paperwork.Kinds {
		for name, data := range cases {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				path := filepath.Join("testdata", strings.ToLower(string(kind))+"_"+name+".xml")
				got := pretty(t, fill(t, kind, data()))
				if *update {
					if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if got != string(want) {
					t.Errorf("%s differs at %s; run go test ./reports/paperwork -update and read the difference", path, difference(got, string(want)))
				}
			})
		}
	}
}

// difference is the first line that is another one.
func difference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "got " + a[i] + ", want " + b[i]
		}
	}
	return "its end"
}

func TestTheBuiltInTemplatesPassTheCheck(t *testing.T) {
	for _, kind := range paperwork.Kinds {
		template, err := paperwork.BuiltIn(kind)
		if err != nil {
			t.Fatal(err)
		}
		if err := paperwork.Check(template); err != nil {
			t.Errorf("%s: got %v, want no fault", kind, err)
		}
	}
}

func TestTheSameDataMakeTheSameBytes(t *testing.T) {
	for _, kind := range paperwork.Kinds {
		if !bytes.Equal(fill(t, kind, paperwork.Sample()), fill(t, kind, paperwork.Sample())) {
			t.Errorf("%s: the second file is another one", kind)
		}
	}
}

// TestEveryTermHasAValue fills a template of all terms and all columns, with all data and with none.
func TestEveryTermHasAValue(t *testing.T) {
	v := paperwork.Vocabulary()
	names := map[string]bool{}
	var body strings.Builder
	for _, term := range v.Terms {
		body.WriteString("<w:p><w:r><w:t>{{" + term.Name + "}}</w:t></w:r></w:p>")
		names[term.Name] = true
	}
	for _, list := range v.Lists {
		body.WriteString("<w:tbl><w:tr>")
		for _, column := range list.Columns {
			if !strings.HasPrefix(column.Name, list.Name+".") {
				t.Errorf("%s is no name for a column of %s", column.Name, list.Name)
			}
			body.WriteString("<w:tc><w:p><w:r><w:t>{{" + column.Name + "}}</w:t></w:r></w:p></w:tc>")
			names[column.Name] = true
		}
		body.WriteString("</w:tr></w:tbl><w:p/>")
	}
	if len(names) != len(v.Names()) {
		t.Errorf("got %d names of %d placeholders, want each once", len(names), len(v.Names()))
	}
	for _, term := range slices.Concat(v.Terms, v.Lists[0].Columns, v.Lists[1].Columns, v.Lists[2].Columns) {
		if term.Meaning == "" {
			t.Errorf("%s has no meaning", term.Name)
		}
	}
	template := withBody(t, body.String())
	for name, data := range cases {
		if _, err := paperwork.Fill(paperwork.AgentReport, template, data(), moment); err != nil {
			t.Errorf("%s: got %v, want all terms filled", name, err)
		}
	}
}

// withBody is the built-in report with another text.
func withBody(t *testing.T, body string) []byte {
	t.Helper()
	builtIn, err := paperwork.BuiltIn(paperwork.AgentReport)
	if err != nil {
		t.Fatal(err)
	}
	in, err := zip.NewReader(bytes.NewReader(builtIn), int64(len(builtIn)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, e := range in.File {
		content := part(t, builtIn, e.Name)
		if e.Name == "word/document.xml" {
			content = []byte(`<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body + "</w:body></w:document>")
		}
		w, err := archive.Create(e.Name)
		if err == nil {
			_, err = w.Write(content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAnUploadedTemplateIsFilled(t *testing.T) {
	template := withBody(t, "<w:p><w:r><w:t>Итого {{total.fee}}, с {{period.from}}</w:t></w:r></w:p>")
	made, err := paperwork.Fill(paperwork.ActOfServices, template, paperwork.Sample(), moment)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(part(t, made, "word/document.xml")); !strings.Contains(got, "Итого 12\u00a0000,50, с 01.11.2026") {
		t.Errorf("got %s, want the sum and the day", got)
	}
}

func TestWhatIsRefused(t *testing.T) {
	sample := paperwork.Sample()
	many := paperwork.Sample()
	many.Actions = slices.Repeat(many.Actions[:1], document.MaxRows+1)
	one := int64(1)
	for name, c := range map[string]struct {
		kind     paperwork.Kind
		template []byte
		data     paperwork.Data
		code     string // none where it is a failure of ours
	}{
		"an unknown placeholder":   {paperwork.AgentReport, withBody(t, "<w:p><w:r><w:t>{{agent.phone}}</w:t></w:r></w:p>"), sample, document.UnknownPlaceholder},
		"a file that is none":      {paperwork.AgentReport, []byte("hello"), sample, document.NotADocument},
		"an empty file":            {paperwork.AgentReport, []byte{}, sample, document.NotADocument},
		"very many actions":        {paperwork.AgentReport, nil, many, document.TooManyRows},
		"a kind that is none":      {"LETTER", nil, sample, ""},
		"an action of no kind":     {paperwork.AgentReport, nil, paperwork.Data{From: sample.From, To: sample.To, Actions: []paperwork.Action{{Deed: "X"}}}, ""},
		"a fee for a lead":         {paperwork.AgentReport, nil, paperwork.Data{From: sample.From, To: sample.To, Actions: []paperwork.Action{{Deed: paperwork.Received, Fee: 1}}}, ""},
		"a lead with a sale's sum": {paperwork.AgentReport, nil, paperwork.Data{From: sample.From, To: sample.To, Actions: []paperwork.Action{{Deed: paperwork.Received, SaleAmount: &one}}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			made, err := paperwork.Fill(c.kind, c.template, c.data, moment)
			if _, isFault := fault.All(err); made != nil || err == nil || isFault != (c.code != "") || isFault && !fault.HasCode(err, c.code) {
				t.Errorf("got %d bytes and %v, want an error with the code %q", len(made), err, c.code)
			}
		})
	}
}

func TestTotalsAreThoseOfTheRows(t *testing.T) {
	got := paperwork.Sample().Totals()
	if got.SaleAmount == nil || *got.SaleAmount != 120_005_00 {
		t.Errorf("got sales of %v, want 120 005 roubles", got.SaleAmount)
	}
	got.SaleAmount = nil
	if want := (paperwork.Totals{Leads: 3, Sales: 2, Reversals: 1, Fee: 12_000_50}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSalesOfUnknownSumsHaveNoTotal(t *testing.T) {
	d := paperwork.Sample()
	for i := range d.Actions {
		d.Actions[i].SaleAmount = nil
	}
	template := withBody(t, "<w:p><w:r><w:t>[{{total.sale_amount}}] [{{total.fee}}]</w:t></w:r></w:p>")
	made, err := paperwork.Fill(paperwork.AgentReport, template, d, moment)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(part(t, made, "word/document.xml")); !strings.Contains(got, "[—] [12\u00a0000,50]") {
		t.Errorf("got %s, want a dash for the sales and the fee as it is", got)
	}
}

func TestTheSampleHasWellFormedRequisites(t *testing.T) {
	d := paperwork.Sample()
	for _, p := range []paperwork.Party{d.Principal, d.Agent} {
		for _, err := range []error{
			requisites.INN(p.INN), requisites.KPP(p.KPP), requisites.OGRN(p.OGRN), requisites.BIK(p.Bank.BIK), requisites.Account(p.Bank.Account),
			requisites.AccountIn(p.Bank.Account, p.Bank.BIK), requisites.CorrespondentAccount(p.Bank.CorrespondentAccount),
			requisites.CorrespondentAccountOf(p.Bank.CorrespondentAccount, p.Bank.BIK),
		} {
			if err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	for city, want := range map[string]string{"": "", "Москва": "г.\u00a0Москва", "Нижний Новгород": "г.\u00a0Нижний Новгород", "г. Тверь": "г. Тверь", "посёлок Лесной": "посёлок Лесной"} {
		d := paperwork.Sample()
		d.City = city
		made, err := paperwork.Fill(paperwork.AgentReport, withBody(t, "<w:p><w:r><w:t>[{{document.place}}]</w:t></w:r></w:p>"), d, moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(part(t, made, "word/document.xml")); !strings.Contains(got, "["+want+"]") {
			t.Errorf("%q: got %s, want %q", city, got, want)
		}
	}
}

// needed is a command of the system; without it the test is skipped, and in CI it fails.
func needed(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("CI") != "":
		t.Fatalf("%s is not installed, and in CI it must be: %v", name, err)
	}
	t.Skipf("%s is not installed: %v", name, err)
	return ""
}

// TestLibreOfficeReadsTheDocuments has each built-in document opened by LibreOffice and made a PDF, whose text is read.
func TestLibreOfficeReadsTheDocuments(t *testing.T) {
	needed(t, "soffice")
	pdftotext := needed(t, "pdftotext")
	words := map[paperwork.Kind][]string{
		paperwork.AgentReport: {
			"ОТЧЁТ АГЕНТА № 11/2026", "о выполнении поручения за ноябрь 2026 г.", "по агентскому договору № АГ-17/26 от 15 января 2026 г.",
			"г. Москва", "«30» ноября 2026 г.", "с 1 по 30 ноября 2026 г.", "Агенту передано в работу: 3 заявки", "Агентом совершено: 2 продажи, отменено: 1 продажа.",
			"lead_01kb3n7x4hfq2s8wd6v0cy5rgm", "Отмена продажи", "180 000,00", "18 000,00", "−7 500,00", "Итого", "120 005,00", "12 000,50",
			"12 000,50 руб. (Двенадцать тысяч рублей 50 копеек)", "статьёй 1008", "АГЕНТ", "ПРИНЦИПАЛ", "ООО «Образцовые решения»", "ООО «Пробный дистрибьютор»",
			"ИНН 7701999", "К/с 301", "/ Белов К. А. /", "/ Орлова Н. В. /", "Отчёт агента № 11/2026 по договору № АГ-17/26 за ноябрь 2026 г.", "стр. 1 из",
		},
		paperwork.ActOfServices: {
			"АКТ № 11/2026", "оказанных услуг за ноябрь 2026 г.", "Привлечение клиента: продажа по заявке", "Корректировка: отмена продажи",
			"18 000,00", "−7 500,00", "1 500,50", "12 000,50", "на сумму 12 000,50 руб. (Двенадцать тысяч рублей 50 копеек)", "не имеет претензий",
			"/ Белов К. А. /", "/ Орлова Н. В. /", "стр. 1 из",
		},
	}
	for _, kind := range paperwork.Kinds {
		t.Run(string(kind), func(t *testing.T) {
			made, err := pdf.Find().Convert(t.Context(), fill(t, kind, paperwork.Sample()), ".docx")
			if err != nil {
				t.Fatal(err)
			}
			text := textOf(t, pdftotext, made)
			for _, want := range words[kind] {
				if !strings.Contains(text, want) {
					t.Errorf("the PDF does not say %q", want)
				}
			}
			if strings.Contains(text, "{{") || strings.Contains(text, "}}") {
				t.Error("a placeholder is left in the PDF")
			}
			if t.Failed() {
				t.Log(text)
			}
		})
	}
}

// textOf is the words of a PDF, in their order, with a space between.
func textOf(t *testing.T, pdftotext string, made []byte) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), pdftotext, "-", "-")
	command.Stdin = bytes.NewReader(made)
	out, err := command.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		t.Fatalf("pdftotext: %v: %s", err, exit.Stderr)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestKindsHaveTitles(t *testing.T) {
	titles := map[string]bool{}
	for _, kind := range paperwork.Kinds {
		titles[kind.Title()] = true
	}
	if want := []string{"Акт оказанных услуг", "Отчёт агента о выполнении поручения"}; !slices.Equal(slices.Sorted(maps.Keys(titles)), want) {
		t.Errorf("got %v, want %v", titles, want)
	}
}

func TestASoleProprietorHasAnOGRNIP(t *testing.T) {
	d := cases["bare"]()
	made := string(part(t, fill(t, paperwork.AgentReport, d), "word/document.xml"))
	if !strings.Contains(made, "ОГРНИП\u00a0"+d.Agent.OGRN) || !strings.Contains(made, "ИП Тестов &lt;Пётр&gt; &amp; сыновья") || strings.Contains(made, "КПП") {
		t.Errorf("got %s, want the sole proprietor's number and no KPP", made)
	}
}
