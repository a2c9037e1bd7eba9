package document_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"channelbook/internal/fault"
	"channelbook/reports/document"
)

// holds says what is so of every file: it is refused by faults alone, or it is filled, and what comes out is a file that is taken
// again and has no placeholder left.
func holds(t *testing.T, packed []byte) {
	template, err := document.Open(packed, vocabulary)
	if err != nil {
		if _, ok := fault.All(err); !ok {
			t.Fatalf("got %v, want faults alone", err)
		}
		return
	}
	for _, rows := range []int{0, 1, 2} {
		v := values()
		v.Texts["party.name"] = "<&\n\"строка\" "
		for list := range v.Lists {
			v.Lists[list] = v.Lists[list][:rows]
		}
		out, err := template.Fill(v, moment)
		if err != nil {
			t.Fatalf("got %v with %d rows, want it filled", err, rows)
		}
		if err := document.Check(out, document.Vocabulary{}); err != nil {
			t.Fatalf("got %v of what was filled with %d rows, want a sound file without placeholders", err, rows)
		}
	}
}

func FuzzOpen(f *testing.F) {
	good := sound(table(row(para("{{leads.date}}"))) + para("{{party.name}}")).packed(f)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(strings.ReplaceAll(string(good), "word/document.xml", "word/Document.xml")))
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Add([]byte{})
	f.Fuzz(holds)
}

// FuzzText has the fuzzer write the text, as it would seldom find its way through a zip's checksums.
func FuzzText(f *testing.F) {
	for _, body := range []string{
		para("{{party.name}}"),
		para("{{{total}} {{"),
		p(run("{") + run("{to") + "<w:proofErr/>" + run("tal}") + run("}")),
		table(row(para("{{leads.ref}}"))),
		table(row(para("{{leads.ref}}")), row(table(row(para("{{sales.sum}}"))))),
		table("<w:sdt><w:sdtContent>" + row(para("{{leads.ref}}")) + "</w:sdtContent></w:sdt>"),
		row(para("{{leads.ref}}")), // in no table
		"<w:tr>" + para("{{leads.ref}}") + "</w:tr>",
		"<w:sdtContent><w:tr>" + para("{{leads.ref}}") + "</w:tr></w:sdtContent>",
		"<w:t>{{total}}</w:t><w:p><w:t>{{total}}</w:t></w:p>",
		"<w:p>{{total}}</w:p>",
		"<w:p><w:p><w:r><w:t>{{</w:t></w:r></w:p><w:r><w:t>total}}</w:t></w:r></w:p>",
		"<w:p><a:p><w:r><w:t>{{total}}</w:t></w:r></a:p></w:p>",
		"<a:p><a:r><a:t>{</a:t><a:t>{total}}</a:t></a:r></a:p>",
		p("<w:r><w:t>{{to<w:r/>tal}}</w:t></w:r>"),
		p("<w:r><w:t>{{to<w:t>tal</w:t>}}</w:t></w:r>"),
		p(field("DDE")), p(field()), p(`<w:r><w:fldChar w:fldCharType="end"/><w:fldChar w:fldCharType="separate"/></w:r>`),
		`<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="-5"/><w:vMerge/></w:tcPr>` + para("{{leads.ref}}") + `</w:tc></w:tr><w:tr/></w:tbl>`,
		"<w:p/><![CDATA[x]]><!-- {{ -->",
	} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) { holds(t, sound(body).packed(t)) })
}

// TestWhatIsTakenIsFilled has bodies of all kinds of elements within each other, sensible or not, the same in every run.
func TestWhatIsTakenIsFilled(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 26))
	taken := 0
	for range 150 {
		body := grown(random, 0)
		packed := sound(body).packed(t)
		if document.Check(packed, vocabulary) == nil {
			taken++
		}
		holds(t, packed)
		if t.Failed() {
			t.Fatalf("the body is %s", body)
		}
	}
	if taken < 25 {
		t.Errorf("got %d bodies of 150 taken, want more to try the filling on", taken)
	}
}

// grown is elements within each other, the deeper the fewer.
func grown(random *rand.Rand, depth int) string {
	pick := func(all ...string) string { return all[random.IntN(len(all))] }
	var out strings.Builder
	for range random.IntN(4) {
		inner := func() string {
			if depth > 6 {
				return ""
			}
			return grown(random, depth+1)
		}
		switch random.IntN(9) {
		case 0, 1:
			out.WriteString(p(run(pick("{{total}}", "{{party.name}} и {", "x", "{{", "{", "}}", "total", "", "{{leads.ref}}"))))
		case 2:
			out.WriteString(p(run("{"+pick("{", "")) + pick("", "<w:proofErr/>", "<w:r><w:tab/></w:r>") + run(pick("{total", "total", "leads.date")) + run("}") + run("}") + inner()))
		case 3:
			out.WriteString(table(row(para("x")), row(para(pick("{{leads.ref}}", "{{sales.sum}}", "{{total}}"))+inner()), pick("", row(para("{{leads.date}}")))))
		case 4:
			out.WriteString(table(row(inner()+pick("<w:p/>", "")), inner()))
		case 5:
			tag := pick("sdt", "sdtContent", "customXml", "hyperlink", "r", "txbxContent", "tc", "tr", "tbl")
			out.WriteString("<w:" + tag + ">" + inner() + "</w:" + tag + ">")
		case 6:
			merge := `<w:tcPr>` + pick("", `<w:gridSpan w:val="2"/>`) + pick("", `<w:vMerge/>`, `<w:vMerge w:val="restart"/>`) + `</w:tcPr>`
			out.WriteString("<w:tbl><w:tr><w:tc>" + merge + para(pick("{{leads.ref}}", "y")) + "</w:tc></w:tr><w:tr><w:tc>" + merge + inner() + "</w:tc></w:tr></w:tbl>")
		case 7:
			out.WriteString(p(field(pick("PAGE", "DATE")) + run("{{total}}")))
		case 8:
			out.WriteString(pick("<w:bookmarkStart/>", "<w:bookmarkEnd/>", "<!-- x -->", "<w:p/>", "<w:tr/>"))
		}
	}
	return out.String()
}
