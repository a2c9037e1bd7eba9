package document_test

import (
	"archive/zip"
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/reports/document"
)

// file is a .docx as it is taken apart: names and contents, in their order.
type file []entry

type entry struct{ name, content string }

const namespaces = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" ` +
	`xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:v="urn:schemas-microsoft-com:vml" ` +
	`xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" ` +
	`xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"`

const (
	header   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	types    = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	links    = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	linkHead = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
)

// sound is a document as Word writes it, with this between its body's tags.
func sound(body string) file {
	return file{
		{"[Content_Types].xml", header + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Default Extension="png" ContentType="image/png"/><Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>` +
			`<Override PartName="/word/document.xml" ContentType="` + types + `document.main+xml"/>` +
			`<Override PartName="/word/header1.xml" ContentType="` + types + `header+xml"/>` +
			`<Override PartName="/word/footer1.xml" ContentType="` + types + `footer+xml"/>` +
			`<Override PartName="/word/footnotes.xml" ContentType="` + types + `footnotes+xml"/>` +
			`<Override PartName="/word/comments.xml" ContentType="` + types + `comments+xml"/>` +
			`<Override PartName="/word/settings.xml" ContentType="` + types + `settings+xml"/>` +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", header + linkHead + `<Relationship Id="rId1" Type="` + links + `officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/document.xml", header + "<w:document " + namespaces + "><w:body>" + body + "<w:sectPr/></w:body></w:document>"},
		{"docProps/core.xml", header + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
			`xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
			`<dc:title>Отчёт</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:created>` +
			`<dcterms:modified xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:modified></cp:coreProperties>`},
	}
}

// with has a part more, or another in its place.
func (f file) with(name, content string) file {
	f = slices.Clone(f)
	for i := range f {
		if f[i].name == name {
			f[i].content = content
			return f
		}
	}
	return append(f, entry{name, content})
}

// without has a part less.
func (f file) without(name string) file {
	return slices.DeleteFunc(slices.Clone(f), func(e entry) bool { return e.name == name })
}

// replacing has another text in a part.
func (f file) replacing(name, old, new string) file {
	return f.with(name, strings.ReplaceAll(f.part(name), old, new))
}

func (f file) part(name string) string {
	for _, e := range f {
		if e.name == name {
			return e.content
		}
	}
	return ""
}

func (f file) packed(t testing.TB) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range f {
		part, err := w.Create(e.name)
		if err == nil {
			_, err = part.Write([]byte(e.content))
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

func unpacked(t testing.TB, packed []byte) (f file) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.File {
		in, err := e.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		f = append(f, entry{e.Name, string(content)})
	}
	return f
}

var vocabulary = document.Vocabulary{
	Terms: []document.Term{{Name: "party.name", Meaning: "название"}, {Name: "party.inn", Meaning: "ИНН"}, {Name: "total", Meaning: "итог"}},
	Lists: []document.List{
		{Name: "leads", Meaning: "заявки", Columns: []document.Term{{Name: "leads.date", Meaning: "дата"}, {Name: "leads.ref", Meaning: "номер"}}},
		{Name: "sales", Meaning: "продажи", Columns: []document.Term{{Name: "sales.sum", Meaning: "сумма"}}},
	},
}

func values() document.Values {
	return document.Values{
		Texts: map[string]string{"party.name": "ООО «Север»", "party.inn": "7707083893", "total": "12 000,50"},
		Lists: map[string][]map[string]string{
			"leads": {{"leads.date": "01.11", "leads.ref": "A-1"}, {"leads.date": "02.11", "leads.ref": "A-2"}, {"leads.date": "03.11", "leads.ref": "A-3"}},
			"sales": {{"sales.sum": "5"}, {"sales.sum": "7"}},
		},
	}
}

var moment = time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC)

// filled is the file that f becomes with these values.
func filled(t *testing.T, f file, v document.Values) file {
	t.Helper()
	template, err := document.Open(f.packed(t), vocabulary)
	if err != nil {
		t.Fatalf("got %v, want a template", err)
	}
	out, err := template.Fill(v, moment)
	if err != nil {
		t.Fatal(err)
	}
	return unpacked(t, out)
}

// bodyOf is what stands between the tags of the body, without the section's properties.
func bodyOf(f file) string {
	_, after, _ := strings.Cut(f.part("word/document.xml"), "<w:body>")
	inner, _, _ := strings.Cut(after, "<w:sectPr/>")
	return inner
}

const space = ` xml:space="preserve"`

func p(runs string) string   { return "<w:p>" + runs + "</w:p>" }
func run(text string) string { return "<w:r><w:t>" + text + "</w:t></w:r>" }
func put(text string) string { return "<w:r><w:t" + space + ">" + text + "</w:t></w:r>" }
func para(text string) string {
	return p(run(text))
}
func table(rows ...string) string { return "<w:tbl>" + strings.Join(rows, "") + "</w:tbl>" }
func row(cells ...string) string {
	var out strings.Builder
	for _, c := range cells {
		out.WriteString("<w:tc>" + c + "</w:tc>")
	}
	return "<w:tr>" + out.String() + "</w:tr>"
}
