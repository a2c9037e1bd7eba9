package document

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// Bounds of the XML of a template. The documents of people stay far below.
const (
	maxDepth      = 250
	maxAttributes = 150
	maxChildren   = 10_000  // of one element
	maxTokens     = 600_000 // of all parts together
)

// The namespaces that are looked into.
const (
	nsWord    = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
	nsStrict  = "http://purl.oclc.org/ooxml/wordprocessingml/main"
	nsDrawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
	nsOffice  = "urn:schemas-microsoft-com:office:office"
	microsoft = "urn:schemas-microsoft-com:"
)

// scan reads the XML of a part as a stream, so that nothing of it is held before it was found harmless.
type scan struct {
	part   *part
	found  *faults
	left   *int // tokens
	filled bool

	stack []*paragraph
	loose paragraph // what stands in no paragraph
	path  []xml.Name
	bad   bool
}

// paragraph is one that is being read. Its faults are told when it ends, as they quote it.
type paragraph struct {
	text    strings.Builder
	pending []func(near string)
	fields  []*codeField
}

// measure finds out whether the part is well-formed and within the bounds.
func (s *scan) measure() bool {
	d := xml.NewDecoder(bytes.NewReader(withoutMark(s.part.content)))
	children := []int{0} // of each element that is open, those of the document first
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			s.found.add(Broken, "The part %s is broken XML: %s.", s.part.name, quote(err.Error()))
			return false
		}
		*s.left--
		switch t := token.(type) {
		case xml.StartElement:
			children[len(children)-1]++
			if children[len(children)-1] > maxChildren || len(children) > maxDepth || len(t.Attr) > maxAttributes {
				*s.left = -1
			}
			children = append(children, 0)
			if *s.left >= 0 && repeats(t.Attr) {
				s.found.add(Broken, "The part %s is broken XML: %s has an attribute twice.", s.part.name, quote(t.Name.Local))
				return false
			}
		case xml.EndElement:
			children = children[:len(children)-1]
		case xml.Directive:
			s.found.add(HasEntities, "The part %s declares a document type or entities, which no document of Word's does.", s.part.name)
			return false
		}
		if *s.left < 0 {
			s.found.add(TooLarge, "The part %s has more in it than a template may hold.", s.part.name)
			return false
		}
	}
	if children[0] != 1 {
		s.found.add(Broken, "The part %s is broken XML: it has no root, or more than one.", s.part.name)
		return false
	}
	return true
}

func repeats(attributes []xml.Attr) bool {
	for i, a := range attributes {
		if slices.ContainsFunc(attributes[:i], func(b xml.Attr) bool { return a.Name == b.Name }) {
			return true
		}
	}
	return false
}

// judge refuses what the part must not have, and tells whether its placeholders can be looked for.
func (s *scan) judge() bool {
	for d := xml.NewDecoder(bytes.NewReader(withoutMark(s.part.content))); ; {
		token, err := d.Token()
		if err != nil {
			break // its end: it was well-formed when it was measured
		}
		switch t := token.(type) {
		case xml.StartElement:
			s.start(t)
		case xml.EndElement:
			s.end(t)
		case xml.CharData:
			s.characters(string(t))
		}
	}
	for _, f := range s.loose.fields {
		if !f.result {
			s.judgeField(f) // it is never closed
		}
	}
	s.finish(&s.loose)
	return !s.bad
}

func (s *scan) at() *paragraph {
	if len(s.stack) == 0 {
		return &s.loose
	}
	return s.stack[len(s.stack)-1]
}

// refuse adds a fault that begins with the place and ends with the text of the paragraph.
func (s *scan) refuse(code, what string) {
	p := s.at()
	p.pending = append(p.pending, func(near string) {
		s.found.add(code, "%s%s %s", place(s.part.name), near, what)
	})
}

func (s *scan) start(e xml.StartElement) {
	if len(s.path) == 0 {
		s.root(e)
	}
	s.path = append(s.path, e.Name)
	if isParagraph(e.Name) {
		s.stack = append(s.stack, &paragraph{})
	}
	s.declarations(e)
	s.attributes(e)
	switch e.Name.Space {
	case nsWord:
		s.element(e)
	case nsOffice:
		if e.Name.Local == "OLEObject" {
			s.refuse(HasEmbedded, "has an embedded object: put in a picture or text instead.")
		}
	}
}

func isParagraph(n xml.Name) bool {
	return n.Local == "p" && (n.Space == nsWord || n.Space == nsDrawing)
}

func (s *scan) root(e xml.StartElement) {
	switch {
	case e.Name.Space == nsStrict:
		s.found.add(Unsupported, "The file is saved as Strict Open XML: save it as a Word document (.docx).")
		s.bad = true
	case s.filled && (e.Name.Space != nsWord || !slices.Contains([]string{"document", "hdr", "ftr", "footnotes", "endnotes"}, e.Name.Local)):
		s.found.add(Broken, "%s is none of a Word document: it begins with %s.", place(s.part.name), quote(e.Name.Local))
		s.bad = true
	}
}

// declarations holds the prefix w to its namespace, by which the rest of the package knows the elements of Word's.
func (s *scan) declarations(e xml.StartElement) {
	for _, a := range e.Attr {
		isPrefix := a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns"
		isW := a.Name.Space == "xmlns" && a.Name.Local == "w"
		if isPrefix && isW != (a.Value == nsWord) {
			s.found.add(Unsupported, "%s names its elements in another way than Word does: open the file in Word and save it as .docx.", place(s.part.name))
			s.bad = true
		}
	}
}

func (s *scan) attributes(e xml.StartElement) {
	for _, a := range e.Attr {
		if strings.Contains(a.Value, "{{") && s.placeholdersMatter() {
			s.refuse(MisplacedPlaceholder, "has a placeholder in a property ("+a.Name.Local+"), where it is not filled: "+quote(a.Value)+".")
		}
		if strings.HasPrefix(e.Name.Space, microsoft) && slices.Contains([]string{"src", "href", "althref"}, a.Name.Local) &&
			a.Value != "" && !strings.HasPrefix(a.Value, "#") {
			s.refuse(HasLink, "has a drawing that leads out of the file: "+quote(a.Value)+".")
		}
	}
}

// placeholdersMatter tells a part that people see or print from data that is kept beside the document.
func (s *scan) placeholdersMatter() bool { return !isXMLData(s.part.kind) }

func isXMLData(kind string) bool {
	return kind == "application/xml" || kind == "text/xml" || kind == officeTypes+"customxmlproperties+xml"
}

// element refuses elements of Word's that bring in something from outside, and reads fields.
func (s *scan) element(e xml.StartElement) {
	switch e.Name.Local {
	case "altChunk":
		s.refuse(HasLink, "brings in another file (altChunk): put in its text instead.")
	case "subDoc":
		s.refuse(HasLink, "brings in another document (subDoc): put in its text instead.")
	case "attachedTemplate":
		s.refuse(HasLink, "is attached to a template of Word's: detach it.")
	case "mailMerge":
		s.refuse(HasLink, "has a source of data for a mail merge: make it an ordinary document in Word.")
	case "sourceFileName", "saveThroughXslt":
		s.refuse(HasLink, "names a file outside ("+e.Name.Local+").")
	case "object":
		s.refuse(HasEmbedded, "has an embedded object: put in a picture or text instead.")
	case "control":
		s.refuse(HasEmbedded, "has an ActiveX control: put in text instead.")
	case "ins", "del", "moveFrom", "moveTo":
		s.refuse(HasTrackedChanges, "has a tracked change: accept or reject all changes.")
	case "fldSimple":
		f := codeField{}
		for _, a := range e.Attr {
			if a.Name.Local == "instr" && a.Name.Space == nsWord {
				f.code.WriteString(a.Value)
			}
		}
		s.judgeField(&f)
	case "fldChar":
		s.fieldMark(e)
	case "tab", "br", "cr":
		if len(s.path) > 1 && s.path[len(s.path)-2] == (xml.Name{Space: nsWord, Local: "r"}) {
			s.at().text.WriteByte(' ')
		}
	}
}

func (s *scan) end(e xml.EndElement) {
	s.path = s.path[:len(s.path)-1]
	if isParagraph(e.Name) {
		last := len(s.stack) - 1
		p := s.stack[last]
		s.stack = s.stack[:last]
		s.finish(p)
		// A field may go over paragraphs: what is open goes on in the next.
		s.loose.fields = append(s.loose.fields, p.fields...)
	}
}

func (s *scan) finish(p *paragraph) {
	text := p.text.String()
	near := ""
	if strings.TrimSpace(text) != "" {
		near = ", in the paragraph " + quote(text) + ","
	}
	for _, tell := range p.pending {
		tell(near)
	}
}

func (s *scan) characters(text string) {
	in := s.path[max(0, len(s.path)-1):]
	if len(in) == 0 {
		return
	}
	isText := in[0].Local == "t" && (in[0].Space == nsWord || in[0].Space == nsDrawing)
	isFilled := s.filled && in[0] == xml.Name{Space: nsWord, Local: "t"} && len(s.stack) > 0
	p := s.at()
	if isText {
		p.text.WriteString(text)
	}
	if in[0].Space == nsWord && (in[0].Local == "instrText" || in[0].Local == "delInstrText") {
		s.fieldCode(text)
	}
	if !isFilled && s.placeholdersMatter() && (strings.Contains(text, "{{") || isText && len(s.stack) > 0 && completes(p, text)) {
		s.refuse(MisplacedPlaceholder, "has a placeholder where it is not filled: "+quote(text)+". It is filled in the text, headers, footers and notes.")
	}
}

// completes tells whether a text that was just added makes braces of a paragraph a placeholder's.
func completes(p *paragraph, text string) bool {
	all := p.text.String()
	before := len(all) - len(text)
	return strings.HasPrefix(text, "{") && strings.HasSuffix(all[:before], "{")
}
