package document_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/internal/fault"
	"channelbook/reports/document"
)

func TestPlaceholdersAreFilled(t *testing.T) {
	for name, c := range map[string]struct{ body, want string }{
		"in a run by itself":   {para("{{party.name}}"), p(put("ООО «Север»"))},
		"between other text":   {para("ИНН {{party.inn}}, {{total}}."), p(put("ИНН 7707083893, 12 000,50."))},
		"with spaces within":   {para("{{ party.inn }}"), p(put("7707083893"))},
		"behind a third brace": {para("{{{party.inn}}}"), p(put("{7707083893}"))},
		"twice":                {para("{{total}}{{total}}"), p(put("12 000,5012 000,50"))},
		"not where there are none": {
			`<w:p w14:paraId="1"><w:r><w:t>{ } {total} — </w:t></w:r></w:p>`, `<w:p w14:paraId="1"><w:r><w:t>{ } {total} — </w:t></w:r></w:p>`,
		},
		"split over runs, with the look of the first": {
			p(`<w:r><w:rPr><w:b/></w:rPr><w:t>от {</w:t></w:r><w:proofErr w:type="spellStart"/><w:r><w:rPr><w:i/></w:rPr><w:t>{party</w:t></w:r>` +
				`<w:bookmarkStart w:id="1" w:name="x"/><w:r><w:t>.na</w:t></w:r><w:proofErr w:type="spellEnd"/><w:r><w:lastRenderedPageBreak/><w:t>me}</w:t></w:r>` +
				`<w:bookmarkEnd w:id="1"/><w:r><w:rPr><w:u/></w:rPr><w:t>}, далее</w:t></w:r>`),
			p(`<w:r><w:rPr><w:b/></w:rPr><w:t` + space + `>от ООО «Север»</w:t></w:r><w:proofErr w:type="spellStart"/>` +
				`<w:bookmarkStart w:id="1" w:name="x"/><w:proofErr w:type="spellEnd"/><w:r><w:lastRenderedPageBreak/></w:r>` +
				`<w:bookmarkEnd w:id="1"/><w:r><w:rPr><w:u/></w:rPr><w:t` + space + `>, далее</w:t></w:r>`),
		},
		"letter by letter": {
			p(run("{") + run("{") + run("t") + run("ot") + run("al") + run("}") + run("}") + run("!")), p(put("12 000,50") + run("!")),
		},
		"two that share a run": {
			p(run("{{total") + run("}}–{{party") + run(".inn}}")), p(put("12 000,50") + put("–7707083893")),
		},
		"in a content control, and not bound to data beside": {
			p(`<w:sdt><w:sdtPr><w:dataBinding w:xpath="/x"/></w:sdtPr><w:sdtContent>` + run("{{total}}") + `</w:sdtContent></w:sdt>`),
			p(`<w:sdt><w:sdtPr/><w:sdtContent>` + put("12 000,50") + `</w:sdtContent></w:sdt>`),
		},
		"in a text box, in both of its forms": {
			p(`<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent>` + para("{{total}}") + `</w:txbxContent></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>` +
				`<w:txbxContent>` + para("{{total}}") + `</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>` + run("{{party.inn}}")),
			p(`<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:txbxContent>` + p(put("12 000,50")) + `</w:txbxContent></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox>` +
				`<w:txbxContent>` + p(put("12 000,50")) + `</w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>` + put("7707083893")),
		},
		"beside a comment in the XML": {p("<w:r><w:t>{{to<!-- x -->tal}}</w:t></w:r>"), p(put("12 000,50"))},
		"in a cell":                   {table(row(para("{{total}}"))), table(row(p(put("12 000,50"))))},
	} {
		t.Run(name, func(t *testing.T) {
			if got := bodyOf(filled(t, sound(c.body), values())); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestHeadersFootersAndNotesAreFilled(t *testing.T) {
	f := sound(para("x"))
	parts := map[string]string{"word/header1.xml": "hdr", "word/footer1.xml": "ftr", "word/footnotes.xml": "footnotes"}
	for name, root := range parts {
		f = f.with(name, header+"<w:"+root+" "+namespaces+">"+para("{{party.name}}")+"</w:"+root+">")
	}
	got := filled(t, f, values())
	for name := range parts {
		if !strings.Contains(got.part(name), put("ООО «Север»")) {
			t.Errorf("%s: got %s, want the value", name, got.part(name))
		}
	}
}

func TestValuesAreText(t *testing.T) {
	for name, c := range map[string]struct{ value, want string }{
		"signs of XML":                        {`<w:b/> & "x" ]]> 'y'`, put(`&lt;w:b/&gt; &amp; "x" ]]&gt; 'y'`)},
		"lines":                               {"one\ntwo\r\nthree\vfour", "<w:r><w:t" + space + ">one</w:t><w:br/><w:t" + space + ">two</w:t><w:br/><w:t" + space + ">three</w:t><w:br/><w:t" + space + ">four</w:t></w:r>"},
		"a tab":                               {"a\tb", "<w:r><w:t" + space + ">a</w:t><w:tab/><w:t" + space + ">b</w:t></w:r>"},
		"spaces at both ends":                 {"  a  ", put("  a  ")},
		"control characters":                  {"a\x00b\x01c\x1b\u0085\uffff", put("abc")},
		"what is no UTF-8":                    {"a\xffb", put("a\uFFFDb")},
		"braces, which are filled no further": {"{{party.inn}}", put("{{party.inn}}")},
		"nothing":                             {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			v := values()
			v.Texts["total"] = c.value
			want := p(c.want)
			if c.want == "" {
				want = "<w:p/>"
			}
			if got := bodyOf(filled(t, sound(para("{{total}}")), v)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestRowsAreRepeated(t *testing.T) {
	head, sum := row(para("Дата"), para("Номер")), row(para("Всего"), para("{{total}}"))
	made := func(date, ref string) string { return row(p(put(date)), p(put(ref))) }
	total := row(para("Всего"), p(put("12 000,50")))
	lead := row(para("{{leads.date}}"), para("{{leads.ref}}"))
	for name, c := range map[string]struct{ body, want string }{
		"for each of the list": {
			table(head, lead, sum), table(head, made("01.11", "A-1"), made("02.11", "A-2"), made("03.11", "A-3"), total),
		},
		"with terms of the document in them": {
			table(row(para("{{leads.ref}} {{total}}"))), table(row(p(put("A-1 12 000,50"))), row(p(put("A-2 12 000,50"))), row(p(put("A-3 12 000,50")))),
		},
		"two together where they follow each other": {
			table(row(para("{{leads.date}}")), row(para("{{leads.ref}}"))),
			table(row(p(put("01.11"))), row(p(put("A-1"))), row(p(put("02.11"))), row(p(put("A-2"))), row(p(put("03.11"))), row(p(put("A-3")))),
		},
		"each by itself where something is between": {
			table(row(para("{{leads.date}}")), head, row(para("{{leads.ref}}"))),
			table(row(p(put("01.11"))), row(p(put("02.11"))), row(p(put("03.11"))), head, row(p(put("A-1"))), row(p(put("A-2"))), row(p(put("A-3")))),
		},
		"of two lists in two tables": {
			table(row(para("{{sales.sum}}"))) + para("и") + table(row(para("{{leads.ref}}"))),
			table(row(p(put("5"))), row(p(put("7")))) + para("и") + table(row(p(put("A-1"))), row(p(put("A-2"))), row(p(put("A-3")))),
		},
		"of two lists in one table": {
			table(row(para("{{sales.sum}}")), row(para("{{leads.ref}}"))),
			table(row(p(put("5"))), row(p(put("7"))), row(p(put("A-1"))), row(p(put("A-2"))), row(p(put("A-3")))),
		},
		"of a table in a table's cell": {
			table(row(table(row(para("{{sales.sum}}")))+para("x"), para("{{total}}"))),
			table(row(table(row(p(put("5"))), row(p(put("7"))))+para("x"), p(put("12 000,50")))),
		},
		"with merged cells as they are": {
			table(`<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr>` + para("{{sales.sum}}") + `</w:tc></w:tr>`),
			table(`<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr>`+p(put("5"))+`</w:tc></w:tr>`,
				`<w:tr><w:tc><w:tcPr><w:gridSpan w:val="2"/><w:vMerge w:val="restart"/></w:tcPr>`+p(put("7"))+`</w:tc></w:tr>`),
		},
		"without a second bookmark and paragraph of the same id": {
			table(`<w:tr w14:paraId="5"><w:tc><w:p w14:paraId="6" w14:textId="7"><w:bookmarkStart w:id="1" w:name="a"/>` + run("{{sales.sum}}") + `<w:bookmarkEnd w:id="1"/></w:p></w:tc></w:tr>`),
			table(`<w:tr w14:paraId="5"><w:tc><w:p w14:paraId="6" w14:textId="7"><w:bookmarkStart w:id="1" w:name="a"/>`+put("5")+`<w:bookmarkEnd w:id="1"/></w:p></w:tc></w:tr>`,
				row(p(put("7")))),
		},
		"within a content control": {
			table(head, "<w:sdt><w:sdtPr/><w:sdtContent>"+row(para("{{sales.sum}}"))+"</w:sdtContent></w:sdt>"),
			table(head, "<w:sdt><w:sdtPr/><w:sdtContent>"+row(p(put("5")))+row(p(put("7")))+"</w:sdtContent></w:sdt>"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := bodyOf(filled(t, sound(c.body), values())); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestARowOfAnEmptyListGoesAway(t *testing.T) {
	head, lead := row(para("Дата")), row(para("{{leads.date}}"))
	merged := func(val, text string) string {
		return `<w:tc><w:tcPr><w:vMerge` + val + `/></w:tcPr>` + para(text) + `</w:tc>`
	}
	for name, c := range map[string]struct{ body, want string }{
		"and the others stay":                                 {table(head, lead, head), table(head, head)},
		"with its second one":                                 {table(head, lead, row(para("{{leads.ref}}"))), table(head)},
		"and its table where it has no other":                 {para("a") + table(lead) + para("b"), para("a") + para("b")},
		"and a paragraph stands for the table that was alone": {table(lead), "<w:p/>"},
		"and a cell ends in a paragraph":                      {table(row(table(lead) + para("x"))), table(row(para("x")))},
		"and a paragraph parts the table from another":        {table(lead) + table(head), "<w:p/>" + table(head)},
		"with the control around it":                          {table(head, "<w:sdt><w:sdtPr/><w:sdtContent>"+lead+"</w:sdtContent></w:sdt>"), table(head)},
		"and a merged cell begins in the next row": {
			table("<w:tr>"+merged(` w:val="restart"`, "{{leads.date}}")+"</w:tr>", "<w:tr>"+merged("", "x")+"</w:tr>"),
			table("<w:tr>" + merged(` w:val="restart"`, "x") + "</w:tr>"),
		},
		"and the next row keeps what does not begin in it": {
			table(row(para("{{leads.date}}")), "<w:tr>"+merged(` w:val="restart"`, "x")+"</w:tr>"),
			table("<w:tr>" + merged(` w:val="restart"`, "x") + "</w:tr>"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			v := values()
			v.Lists["leads"] = nil
			if got := bodyOf(filled(t, sound(c.body), v)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTheSameValuesMakeTheSameBytes(t *testing.T) {
	f := sound(table(row(para("{{leads.date}}"))) + para("{{total}}"))
	template, err := document.Open(f.packed(t), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	made := make([][]byte, 20)
	var all sync.WaitGroup
	for i := range made {
		all.Go(func() { made[i], _ = template.Fill(values(), moment) })
	}
	all.Wait()
	for i := range made {
		if len(made[i]) == 0 || !bytes.Equal(made[i], made[0]) {
			t.Fatalf("the file made in turn %d is another one", i)
		}
	}
	got := unpacked(t, made[0])
	for i, e := range got {
		if e.name != f[i].name {
			t.Errorf("got %s at place %d, want %s as in the template", e.name, i, f[i].name)
		}
	}
}

func TestADocumentSaysWhenItWasMade(t *testing.T) {
	properties := filled(t, sound(para("x")), values()).part("docProps/core.xml")
	if strings.Count(properties, ">2026-11-26T09:00:00Z<") != 2 || strings.Contains(properties, "2020") || !strings.Contains(properties, "<dc:title>Отчёт</dc:title>") {
		t.Errorf("got %s, want the moment twice and the title as it was", properties)
	}
}

func TestAPartWithoutPlaceholdersStaysAsItIs(t *testing.T) {
	settings := header + "<w:settings " + namespaces + "  ><w:zoom w:percent='100'/></w:settings>"
	if got := filled(t, sound(para("x")).with("word/settings.xml", settings), values()).part("word/settings.xml"); got != settings {
		t.Errorf("got %s, want every byte as it was", got)
	}
}

func TestAMissingValueIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		drop func(document.Values)
	}{
		"of a term":   {para("{{total}}"), func(v document.Values) { delete(v.Texts, "total") }},
		"of a list":   {table(row(para("{{leads.ref}}"))), func(v document.Values) { delete(v.Lists, "leads") }},
		"of a column": {table(row(para("{{leads.ref}}"))), func(v document.Values) { delete(v.Lists["leads"][1], "leads.ref") }},
	} {
		t.Run(name, func(t *testing.T) {
			template, err := document.Open(sound(c.body).packed(t), vocabulary)
			if err != nil {
				t.Fatal(err)
			}
			v := values()
			c.drop(v)
			if out, err := template.Fill(v, moment); err == nil || len(out) > 0 {
				t.Errorf("got %d bytes and %v, want an error", len(out), err)
			}
		})
	}
}

func TestADocumentOfTooManyRowsIsRefused(t *testing.T) {
	rows := func(n int) document.Values {
		v := values()
		v.Lists["leads"] = make([]map[string]string, n)
		for i := range v.Lists["leads"] {
			v.Lists["leads"][i] = map[string]string{"leads.date": "1", "leads.ref": "2"}
		}
		return v
	}
	small, err := document.Open(sound(table(row(para("{{leads.ref}}")))).packed(t), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	large, err := document.Open(sound(table(row(para("{{leads.ref}}"), strings.Repeat(para("x"), 500)))).packed(t), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := small.Fill(rows(document.MaxRows), moment); err != nil {
		t.Errorf("got %v, want as many rows as there may be", err)
	}
	if _, err := small.Fill(rows(document.MaxRows+1), moment); !fault.HasCode(err, document.TooManyRows) {
		t.Errorf("got %v, want a fault of one row too many", err)
	}
	if _, err := large.Fill(rows(document.MaxRows), moment); !fault.HasCode(err, document.TooManyRows) {
		t.Errorf("got %v, want a fault of rows that are too large", err)
	}
}

func TestDatesInTheZipDoNotChange(t *testing.T) {
	template, err := document.Open(sound(para("{{total}}")).without("docProps/core.xml").packed(t), vocabulary)
	if err != nil {
		t.Fatal(err)
	}
	first, err := template.Fill(values(), moment)
	if err != nil {
		t.Fatal(err)
	}
	second, err := template.Fill(values(), moment.Add(100*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Error("a file without properties changes with the time, want none of it in the zip")
	}
}
