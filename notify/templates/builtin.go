package templates

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	texttemplate "text/template"
)

// files are the built-in e-mails, each as HTML and as text, and the layout that all have in common. Nothing in them is fetched from
// anywhere.
//
//go:embed *.html *.txt
var files embed.FS

// The built-in ones, by their files. A welcome and a test are texts of ours in the layout of own.
const (
	noticePage = "notice"
	digestPage = "digest"
	ownPage    = "own"
)

// page is what a built-in e-mail is filled with.
type page struct {
	Subject  string
	Greeting string
	Title    string // of a digest
	Notices  []told
	Text     string // of own
	Why      string // the recipient gets it
	Settings string // where that is changed; empty: nowhere
}

// mail is a built-in e-mail in both of its forms.
type mail struct {
	html *template.Template
	text *texttemplate.Template
}

var mails = func() map[string]mail {
	all := map[string]mail{}
	for _, name := range []string{noticePage, digestPage, ownPage} {
		html := template.New("").Funcs(template.FuncMap{"paragraphs": paragraphs})
		all[name] = mail{
			html: template.Must(html.ParseFS(files, "layout.html", name+".html")),
			text: texttemplate.Must(texttemplate.ParseFS(files, "layout.txt", name+".txt")),
		}
	}
	return all
}()

// render fills a built-in e-mail in.
func render(name string, p page) (html, text string, err error) {
	var asHTML, asText strings.Builder
	m := mails[name]
	for _, form := range []struct {
		of interface {
			ExecuteTemplate(io.Writer, string, any) error
		}
		into *strings.Builder
	}{{m.html, &asHTML}, {m.text, &asText}} {
		if err := form.of.ExecuteTemplate(form.into, "layout", p); err != nil {
			return "", "", fmt.Errorf("fill in the e-mail %s: %w", name, err)
		}
	}
	return asHTML.String(), asText.String(), nil
}

// run is a part of a line: a link where Link is set.
type run struct{ Text, Link string }

// paragraphs take a text apart for HTML: paragraphs, lines, and links among words.
func paragraphs(text string) (out [][][]run) {
	for paragraph := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var lines [][]run
		for line := range strings.SplitSeq(strings.Trim(paragraph, "\n"), "\n") {
			lines = append(lines, runs(line))
		}
		out = append(out, lines)
	}
	return out
}

// address is one of the web as people write it in a sentence, without the marks that end one.
var address = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)»]`)

func runs(line string) (out []run) {
	rest := 0
	for _, at := range address.FindAllStringIndex(line, -1) {
		if at[0] > rest {
			out = append(out, run{Text: line[rest:at[0]]})
		}
		out = append(out, run{Text: line[at[0]:at[1]], Link: line[at[0]:at[1]]})
		rest = at[1]
	}
	if rest < len(line) {
		out = append(out, run{Text: line[rest:]})
	}
	return out
}
