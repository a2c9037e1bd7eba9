package document_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"channelbook/internal/fault"
	"channelbook/reports/document"
)

// part adds a part of this content type to a file.
func (f file) kind(name, contentType, content string) file {
	return f.replacing("[Content_Types].xml", "</Types>", `<Override PartName="/`+name+`" ContentType="`+contentType+`"/></Types>`).with(name, content)
}

// link adds a relationship of the text.
func (f file) link(kind, target, mode string) file {
	return f.with("word/_rels/document.xml.rels", header+linkHead+`<Relationship Id="rId9" Type="`+links+kind+`" Target="`+target+`" `+mode+`/></Relationships>`)
}

// field is a field as Word writes it, with its code in these runs.
func field(code ...string) string {
	out := `<w:r><w:fldChar w:fldCharType="begin"/></w:r>`
	for _, c := range code {
		out += `<w:r><w:instrText` + space + `>` + c + `</w:instrText></w:r>`
	}
	return out + `<w:r><w:fldChar w:fldCharType="separate"/></w:r>` + run("x") + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

const external = `TargetMode="External"`

func TestWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		file file
		want []string // a code and what the sentence says
	}{
		"a file with a macro": {
			sound(para("x")).kind("word/vbaProject.bin", "application/vnd.ms-office.vbaProject", "VBA"),
			[]string{document.HasMacro, "word/vbaProject.bin"},
		},
		"a macro under another name": {
			sound(para("x")).kind("word/data.bin", "application/vnd.ms-office.vbaProject", "VBA"), []string{document.HasMacro, "word/data.bin"},
		},
		"a macro that is only referred to": {sound(para("x")).link("vbaProject", "media/image1.png", ""), []string{document.HasMacro, "word/document.xml"}},
		"a document of macros": {
			sound(para("x")).replacing("[Content_Types].xml", types+"document.main+xml", "application/vnd.ms-word.document.macroEnabled.main+xml"),
			[]string{document.HasMacro, ".docm"},
		},
		"a template of Word's": {
			sound(para("x")).replacing("[Content_Types].xml", "document.main+xml", "template.main+xml"), []string{document.NotADocument, ".dotx"},
		},
		"a workbook": {
			sound(para("x")).replacing("[Content_Types].xml", types+"document.main+xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"),
			[]string{document.NotADocument, "spreadsheetml"},
		},
		"a zip of something else":       {file{{"readme.txt", "hello"}}, []string{document.NotADocument, "no Word document"}},
		"a zip of nothing":              {file{}, []string{document.NotADocument, "no Word document"}},
		"a document without a text":     {sound(para("x")).without("word/document.xml"), []string{document.NotADocument, "which of its parts"}},
		"a strict document":             {sound(para("x")).replacing("word/document.xml", "http://schemas.openxmlformats.org/wordprocessingml/2006/main", "http://purl.oclc.org/ooxml/wordprocessingml/main"), []string{document.Unsupported, "Strict"}},
		"elements under another name":   {sound(`<x:p xmlns:x="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>`), []string{document.Unsupported, "another way"}},
		"a name that means another":     {sound(`<w:p xmlns:w="urn:x"/>`), []string{document.Unsupported, "another way"}},
		"another root":                  {sound(para("x")).with("word/document.xml", `<w:hello `+namespaces+`/>`), []string{document.Broken, "“hello”"}},
		"XML that is broken":            {sound("<w:p>"), []string{document.Broken, "word/document.xml"}},
		"XML with nothing in it":        {sound("").with("word/settings.xml", header), []string{document.Broken, "word/settings.xml"}},
		"XML in another encoding":       {sound("").with("word/settings.xml", `<?xml version="1.0" encoding="windows-1251"?><a/>`), []string{document.Broken, "word/settings.xml"}},
		"XML in UTF-16":                 {sound("").with("word/settings.xml", "\xff\xfe<\x00a\x00/\x00>\x00"), []string{document.Broken, "word/settings.xml"}},
		"an attribute that is twice":    {sound(`<w:p w:a="1" w:a="2"/>`), []string{document.Broken, "twice"}},
		"a document type":               {sound("").with("word/settings.xml", `<!DOCTYPE a [<!ENTITY b "c">]><a/>`), []string{document.HasEntities, "word/settings.xml"}},
		"an entity":                     {sound(para("&xxe;")), []string{document.Broken, "entity"}},
		"XML that is nested for ever":   {sound(strings.Repeat("<w:p>", 300) + strings.Repeat("</w:p>", 300)), []string{document.TooLarge, "word/document.xml"}},
		"a name that leads elsewhere":   {sound(para("x")).with("word/../../evil.xml", "<a/>"), []string{document.Broken, "evil.xml"}},
		"a part that is twice":          {append(sound(para("x")), entry{"Word/Document.xml", "<a/>"}), []string{document.Broken, "Word/Document.xml"}},
		"a part of an unknown type":     {sound(para("x")).kind("word/x.bin", "application/x-thing", "x"), []string{document.Unsupported, "x-thing"}},
		"a part of no type":             {sound(para("x")).with("word/run.exe", "MZ"), []string{document.Unsupported, "word/run.exe"}},
		"XML that passes for a picture": {sound(para("x")).with("word/media/a.png", "<w:document/>"), []string{document.Unsupported, "is XML"}},
		"a picture that passes for XML": {sound(para("x")).kind("word/media/a.bmp", types+"header+xml", "BM"), []string{document.Broken, "word/media/a.bmp"}},
		"a picture of the kind SVG":     {sound(para("x")).kind("word/media/a.svg", "image/svg+xml", "<svg/>"), []string{document.Unsupported, "PNG"}},
		"an embedded object":            {sound(para("x")).with("word/embeddings/oleObject1.bin", "x"), []string{document.HasEmbedded, "oleObject1.bin"}},
		"an embedded workbook": {
			sound(para("x")).kind("word/embeddings/a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "x"), []string{document.HasEmbedded, "a.xlsx"},
		},
		"an ActiveX control":             {sound(para("x")).kind("word/activeX/activeX1.xml", "application/vnd.ms-office.activeX+xml", "<a/>"), []string{document.HasEmbedded, "activeX1.xml"}},
		"an element of an object":        {sound(p(run("Смета") + "<w:r><w:object/></w:r>")), []string{document.HasEmbedded, "“Смета”"}},
		"an element of a control":        {sound(p(run("Смета") + "<w:r><w:pict><w:control/></w:pict></w:r>")), []string{document.HasEmbedded, "ActiveX"}},
		"an element of OLE":              {sound(p("<w:r><o:OLEObject/></w:r>")), []string{document.HasEmbedded, "word/document.xml"}},
		"a relationship to an object":    {sound(para("x")).link("oleObject", "media/x.png", ""), []string{document.HasEmbedded, "oleObject"}},
		"a link":                         {sound(para("x")).link("hyperlink", "https://example.com/", external), []string{document.HasLink, "“https://example.com/”"}},
		"a link to a letter":             {sound(para("x")).link("hyperlink", "mailto:a@example.com", external), []string{document.HasLink, "mailto:"}},
		"a picture from elsewhere":       {sound(para("x")).link("image", "http://example.com/a.png", external), []string{document.HasLink, "Put the picture into the file"}},
		"a picture from a share":         {sound(para("x")).link("image", `\\server\a.png`, ""), []string{document.HasLink, "image"}},
		"a link that is not said to be":  {sound(para("x")).link("hyperlink", "file:///etc/passwd", ""), []string{document.HasLink, "passwd"}},
		"a link that leaves out http":    {sound(para("x")).link("image", "//example.com/a.png", ""), []string{document.HasLink, "//example.com"}},
		"a template that is attached":    {sound(para("x")).link("attachedTemplate", "http://example.com/a.dotm", external), []string{document.HasLink, "attachedTemplate"}},
		"a template that it is to have":  {sound(para("x")).with("word/settings.xml", "<w:settings "+namespaces+`><w:attachedTemplate r:id="rId1"/></w:settings>`), []string{document.HasLink, "word/settings.xml"}},
		"a chunk of another file":        {sound(para("x") + `<w:altChunk r:id="rId1"/>`), []string{document.HasLink, "altChunk"}},
		"a document within":              {sound(`<w:subDoc r:id="rId1"/>`), []string{document.HasLink, "subDoc"}},
		"a link in the package":          {sound(para("x")).replacing("_rels/.rels", "</Relationships>", `<Relationship Id="rId2" Type="`+links+`image" Target="http://example.com/" `+external+`/></Relationships>`), []string{document.HasLink, "The file"}},
		"data for a mail merge":          {sound(para("x")).with("word/settings.xml", "<w:settings "+namespaces+"><w:mailMerge/></w:settings>"), []string{document.HasLink, "mail merge"}},
		"a drawing from elsewhere":       {sound(p(run("Печать") + `<w:r><w:pict><v:shape><v:imagedata src="http://example.com/a.png"/></v:shape></w:pict></w:r>`)), []string{document.HasLink, "“Печать”"}},
		"a field that includes":          {sound(p(field(` INCLUDETEXT "C:\\a.docx" `))), []string{document.HasField, "INCLUDETEXT"}},
		"a field that shows":             {sound(p(field(" INCLUDEPICTURE http://example.com/a.png "))), []string{document.HasField, "INCLUDEPICTURE"}},
		"a field that runs":              {sound(p(field(" dde cmd "))), []string{document.HasField, "dde"}},
		"a field that runs, in pieces":   {sound(p(run("Итого: ") + field("DD", "EAU", "TO c:\\\\cmd"))), []string{document.HasField, "DDEAUTO"}},
		"a field over two paragraphs":    {sound(p(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r>`) + p(`<w:r><w:instrText>AUTO x</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`)), []string{document.HasField, "DDEAUTO"}},
		"a field that is never closed":   {sound(p(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE x</w:instrText></w:r>`)), []string{document.HasField, "DDE"}},
		"a code without a field":         {sound(p(`<w:r><w:instrText>DDE x</w:instrText></w:r>`)), []string{document.HasField, "DDE"}},
		"a field whose name is computed": {sound(p(`<w:r><w:fldChar w:fldCharType="begin"/></w:r>` + field("QUOTE 68 68 69") + `<w:r><w:instrText> cmd</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`)), []string{document.HasField, "QUOTE"}},
		"a page whose code is computed":  {sound(p(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>` + field("PAGE") + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`)), []string{document.HasField, "PAGE"}},
		"a simple field":                 {sound(p(`<w:fldSimple w:instr="INCLUDETEXT a">` + run("x") + `</w:fldSimple>`)), []string{document.HasField, "INCLUDETEXT"}},
		"a field that links":             {sound(p(field(` HYPERLINK "http://example.com" `))), []string{document.HasLink, "remove the link"}},
		"a tracked change":               {sound(p(run("Цена ") + "<w:ins>" + run("5") + "</w:ins>")), []string{document.HasTrackedChanges, "“Цена 5”"}},
		"a deleted paragraph":            {sound(p("<w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run("Старое"))), []string{document.HasTrackedChanges, "“Старое”"}},
		"a placeholder in a comment": {
			sound(para("x")).with("word/comments.xml", "<w:comments "+namespaces+"><w:comment>"+para("{{total}}")+"</w:comment></w:comments>"),
			[]string{document.MisplacedPlaceholder, "word/comments.xml"},
		},
		"a placeholder in a comment, in pieces": {
			sound(para("x")).with("word/comments.xml", "<w:comments "+namespaces+"><w:comment>"+p(run("{")+run("{total}}"))+"</w:comment></w:comments>"),
			[]string{document.MisplacedPlaceholder, "word/comments.xml"},
		},
		"a placeholder in a picture's words": {sound(p(`<w:r><v:textpath string="{{total}}"/></w:r>`)), []string{document.MisplacedPlaceholder, "“{{total}}”"}},
		"a placeholder in the title":         {sound(para("x")).replacing("docProps/core.xml", "Отчёт", "{{total}}"), []string{document.MisplacedPlaceholder, "docProps/core.xml"}},
		"an unknown placeholder":             {sound(para("Поставщик: {{party.nmae}}, далее")), []string{document.UnknownPlaceholder, "The text (word/document.xml), in the paragraph “Поставщик: {{party.nmae}}, далее”, has an unknown placeholder, {{party.nmae}}. Perhaps {{party.name}} is meant."}},
		"one that is like none":              {sound(para("{{weather}}")), []string{document.UnknownPlaceholder, "{{weather}}."}},
		"one in capitals":                    {sound(para("{{Total}}")), []string{document.UnknownPlaceholder, "Perhaps {{total}} is meant."}},
		"one in Cyrillic letters":            {sound(para("{{tоtаl}}")), []string{document.UnknownPlaceholder, "Perhaps {{total}}"}},
		"one without a name":                 {sound(para("{{}}")), []string{document.UnknownPlaceholder, "{{}}"}},
		"a column that is unknown":           {sound(table(row(para("1"), para("{{leads.reff}}")))), []string{document.UnknownPlaceholder, "in the table's row “1 | {{leads.reff}}”, has an unknown placeholder, {{leads.reff}}. Perhaps {{leads.ref}} is meant."}},
		"an unknown one in the header":       {sound(para("x")).with("word/header1.xml", "<w:hdr "+namespaces+">"+para("{{totl}}")+"</w:hdr>"), []string{document.UnknownPlaceholder, "The header (word/header1.xml)"}},
		"braces that are not closed":         {sound(para("Итого {{total")), []string{document.UnclosedPlaceholder, "“Итого {{total”, opens"}},
		"braces that are not opened":         {sound(para("Итого total}}")), []string{document.UnclosedPlaceholder, "“Итого total}}”, closes"}},
		"braces within braces":               {sound(para("{{total {{total}}")), []string{document.UnclosedPlaceholder, "opens"}},
		"braces with a tab between":          {sound(p(run("{{to") + "<w:r><w:tab/></w:r>" + run("tal}}"))), []string{document.UnclosedPlaceholder, "opens"}},
		"braces very far apart":              {sound(para("{{" + strings.Repeat("a", 300) + "}}")), []string{document.UnclosedPlaceholder, "opens"}},
		"a list outside a table":             {sound(para("Номер {{leads.ref}}")), []string{document.MisplacedPlaceholder, "“Номер {{leads.ref}}”, has {{leads.ref}}, which is of the list leads"}},
		"two lists in a row":                 {sound(table(row(para("{{leads.ref}}"), para("{{sales.sum}}")))), []string{document.MisplacedPlaceholder, "two lists, leads and sales"}},
		"a list within a repeated row":       {sound(table(row(table(row(para("{{sales.sum}}"))) + para("{{leads.ref}}")))), []string{document.MisplacedPlaceholder, "the list sales within a row that is repeated itself"}},
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			err := document.Check(c.file.packed(t), vocabulary)
			faults, ok := fault.All(err)
			if !ok {
				t.Fatalf("got %v, want faults", err)
			}
			for _, f := range faults {
				if f.Kind == fault.Invalid && f.Field == "file" && f.Code == c.want[0] && strings.Contains(f.Message, c.want[1]) {
					return
				}
			}
			t.Errorf("got %v, want %s: …%s…", err, c.want[0], c.want[1])
		})
	}
}

func TestAllFaultsAreToldAtOnce(t *testing.T) {
	f := sound(para("{{one}}")+para("{{total")+p(field("DDE x"))).link("hyperlink", "http://example.com", external).
		kind("word/vbaProject.bin", "application/vnd.ms-office.vbaProject", "x")
	faults, ok := fault.All(document.Check(f.packed(t), vocabulary))
	if !ok || len(faults) != 5 {
		t.Errorf("got %v, want five faults", faults)
	}
}

func TestManyFaultsAreCounted(t *testing.T) {
	var body strings.Builder
	for i := range 80 {
		body.WriteString(para(fmt.Sprintf("{{unknown%d}}", i)))
	}
	faults, ok := fault.All(document.Check(sound(body.String()).packed(t), vocabulary))
	if !ok || len(faults) != 51 || faults[50].Message != "There are 30 more faults." {
		t.Errorf("got %d faults, the last %v, want fifty and how many more", len(faults), faults[len(faults)-1])
	}
}

func TestWhatIsNoZipIsRefused(t *testing.T) {
	whole := sound(para("x")).packed(t)
	for name, c := range map[string]struct {
		file []byte
		code string
		says string
	}{
		"nothing":                   {nil, document.NotADocument, "zip"},
		"a text":                    {[]byte("Отчёт агента"), document.NotADocument, "zip"},
		"a document of an old Word": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on"), document.NotADocument, ".doc"},
		"a file that is cut off":    {whole[:len(whole)-30], document.NotADocument, "zip"},
		"a damaged part":            {bytes.Replace(whole, []byte("PK\x03\x04"), []byte("PK\x03\x05"), 1), document.Broken, "[Content_Types].xml"},
		"a very large file":         {make([]byte, document.MaxFile+1), document.TooLarge, "10 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			faults, ok := fault.All(document.Check(c.file, vocabulary))
			if !ok || len(faults) == 0 || faults[0].Code != c.code || !strings.Contains(faults[0].Message, c.says) {
				t.Errorf("got %v, want %s that says %s", faults, c.code, c.says)
			}
		})
	}
}

func TestABombIsRefused(t *testing.T) {
	many := sound(para("x"))
	for i := range 500 {
		many = append(many, entry{fmt.Sprintf("word/media/%d.png", i), "x"})
	}
	wide := sound(para("x"))
	for i := range 4 {
		wide = append(wide, entry{fmt.Sprintf("word/media/%d.png", i), noise(15 << 20)})
	}
	for name, f := range map[string]file{
		"of a part that unpacks to a thousandfold": sound(para("x")).with("word/media/a.png", strings.Repeat("\x00", 3<<20)),
		"of a part that is too large":              sound(para("x")).with("word/media/a.png", noise(17<<20)),
		"of many parts":                            many,
		"of parts that are too large together":     wide,
		"of very many placeholders":                sound(para(strings.Repeat("{{total}}", 10_001))),
		"of very many rows that are repeated":      sound(table(strings.Repeat(row(para("{{leads.ref}}")), 501))),
		"of an element with very many in it":       sound(p(strings.Repeat("<w:r/>", 10_001))),
		"of very many elements":                    sound(strings.Repeat(p(strings.Repeat("<w:r/>", 500)+"<!--"+noise(64)+"-->"), 700)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := document.Check(f.packed(t), vocabulary); !fault.HasCode(err, document.TooLarge) {
				t.Errorf("got %v, want it too large", err)
			}
		})
	}
}

// noise is text that packs to about a twentieth, which no bound of the ratio catches.
func noise(n int) string {
	var out strings.Builder
	for i := uint64(1); out.Len() < n; i++ {
		fmt.Fprintf(&out, "%08x%0100d", uint32(i*2654435761), 0)
	}
	return strings.ReplaceAll(out.String()[:n], "--", "xx")
}

func TestALockedPartIsRefused(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, e := range sound(para("x")) {
		h := &zip.FileHeader{Name: e.name, Method: zip.Store, Flags: 1, UncompressedSize64: uint64(len(e.content)), CompressedSize64: uint64(len(e.content))}
		part, err := w.CreateRaw(h)
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
	if err := document.Check(out.Bytes(), vocabulary); !fault.HasCode(err, document.Broken) || !strings.Contains(err.Error(), "password") {
		t.Errorf("got %v, want a part locked by a password", err)
	}
}

func TestWhatIsTaken(t *testing.T) {
	for name, f := range map[string]file{
		"a page's number":               sound(p(field(` PAGE \* MERGEFORMAT `) + field("NUMPAGES"))),
		"a page's number in pieces":     sound(p(field("PA", `GE\*`, " Arabic"))),
		"a simple field":                sound(p(`<w:fldSimple w:instr=" DATE \@ &quot;dd.MM.yyyy&quot; ">` + run("x") + `</w:fldSimple>`)),
		"contents with links within":    sound(p(field(` TOC \o "1-3" \h `) + field(` HYPERLINK \l "_Toc1" `))),
		"a field in a field's result":   sound(p(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>` + field("PAGEREF x") + `<w:r><w:fldChar w:fldCharType="end"/></w:r>`)),
		"contents over paragraphs":      sound(p(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>`) + p(field("PAGEREF x")) + p(`<w:r><w:fldChar w:fldCharType="end"/></w:r>`)),
		"a picture":                     sound(para("x")).with("word/media/image1.png", "\x89PNG").link("image", "media/image1.png", ""),
		"data beside the text":          sound(para("x")).with("customXml/item1.xml", `<b:Sources xmlns:b="urn:x" xmlns="urn:x" a="{{x}}"/>`),
		"a folder":                      append(sound(para("x")), entry{"word/media/", ""}),
		"a byte order mark":             sound(para("x")).with("word/settings.xml", "\xef\xbb\xbf<w:settings "+namespaces+"/>"),
		"no placeholder at all":         sound(para("x")),
		"an anchor of a drawing":        sound(p(`<w:r><w:pict><v:shape href="#top"/></w:pict></w:r>`)),
		"a text that names a link":      sound(para("https://example.com и DDEAUTO")),
		"a document without properties": sound(para("x")).without("docProps/core.xml"),
	} {
		t.Run(name, func(t *testing.T) {
			if err := document.Check(f.packed(t), vocabulary); err != nil {
				t.Errorf("got %v, want it taken", err)
			}
		})
	}
}
