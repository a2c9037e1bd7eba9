package document

import (
	"bytes"
	"encoding/xml"
	"path"
	"slices"
	"strings"
)

const (
	contentTypes = "[Content_Types].xml"
	rootLinks    = "_rels/.rels"

	officeTypes = "application/vnd.openxmlformats-officedocument."
	wordTypes   = officeTypes + "wordprocessingml."
	mainType    = wordTypes + "document.main+xml"
	coreType    = "application/vnd.openxmlformats-package.core-properties+xml"
	linksType   = "application/vnd.openxmlformats-package.relationships+xml"
)

// filledTypes are the parts in which placeholders are filled.
var filledTypes = []string{mainType, wordTypes + "header+xml", wordTypes + "footer+xml", wordTypes + "footnotes+xml", wordTypes + "endnotes+xml"}

// takenTypes are all that a template may be made of. What is not known here is refused, whatever it does.
var takenTypes = append([]string{
	linksType, coreType, "application/xml", "text/xml",
	wordTypes + "styles+xml", wordTypes + "settings+xml", wordTypes + "websettings+xml", wordTypes + "fonttable+xml",
	wordTypes + "numbering+xml", wordTypes + "comments+xml", wordTypes + "commentsextended+xml", wordTypes + "commentsids+xml",
	wordTypes + "commentsextensible+xml", wordTypes + "people+xml", wordTypes + "document.glossary+xml", wordTypes + "printersettings",
	officeTypes + "extended-properties+xml", officeTypes + "custom-properties+xml", officeTypes + "customxmlproperties+xml",
	officeTypes + "theme+xml", officeTypes + "themeoverride+xml", officeTypes + "obfuscatedfont",
	officeTypes + "drawingml.chart+xml", officeTypes + "drawingml.chartshapes+xml",
	officeTypes + "drawingml.diagramdata+xml", officeTypes + "drawingml.diagramlayout+xml", officeTypes + "drawingml.diagramstyle+xml",
	officeTypes + "drawingml.diagramcolors+xml",
	"application/vnd.ms-word.styleswitheffects+xml", "application/vnd.ms-office.drawingml.diagramdrawing+xml",
	"application/vnd.ms-office.chartstyle+xml", "application/vnd.ms-office.chartcolorstyle+xml", "application/vnd.ms-office.classificationlabels+xml",
	"image/png", "image/jpeg", "image/jpg", "image/gif", "image/bmp", "image/tiff", "image/x-emf", "image/emf", "image/x-wmf", "image/wmf",
}, filledTypes...)

// bundle is the parts of a file, with what they are.
type bundle struct {
	parts  []*part
	filled []*part
	scans  map[*part]*scan
}

// classify reads the XML of all parts, finds out what each is, and that the whole is a Word document.
func classify(parts []*part, found *faults) *bundle {
	b := &bundle{parts: parts, scans: map[*part]*scan{}}
	tokens := maxTokens
	for _, p := range parts {
		if !isText(p) {
			continue
		}
		s := &scan{part: p, found: found, left: &tokens}
		if !s.measure() {
			continue
		}
		b.scans[p] = s
	}
	if found.any() {
		return b
	}
	types := b.part(contentTypes)
	if types == nil || b.part(rootLinks) == nil {
		found.add(NotADocument, "The file is a zip archive, but no Word document.")
		return b
	}
	b.assignTypes(types)
	b.findMain(found)
	return b
}

func (b *bundle) part(name string) *part {
	for _, p := range b.parts {
		if strings.EqualFold(p.name, name) {
			return p
		}
	}
	return nil
}

// isText tells XML, by its name or by what it begins with.
func isText(p *part) bool {
	switch strings.ToLower(path.Ext(p.name)) {
	case ".xml", ".rels", ".vml":
		return true
	}
	begin := bytes.TrimLeft(bytes.TrimPrefix(p.content, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(begin, []byte("<")) || bytes.HasPrefix(begin, []byte("\xff\xfe")) || bytes.HasPrefix(begin, []byte("\xfe\xff"))
}

// assignTypes gives each part the content type that the package says: its own, or else that of its ending.
func (b *bundle) assignTypes(types *part) {
	own, byEnding := map[string]string{}, map[string]string{}
	elements(types.content, func(e xml.StartElement) {
		kind := strings.ToLower(strings.TrimSpace(attribute(e, "ContentType")))
		switch e.Name.Local {
		case "Override":
			own[strings.ToLower(strings.TrimPrefix(attribute(e, "PartName"), "/"))] = kind
		case "Default":
			byEnding[strings.ToLower(attribute(e, "Extension"))] = kind
		}
	})
	for _, p := range b.parts {
		name := strings.ToLower(p.name)
		p.kind = own[name]
		if p.kind == "" {
			p.kind = byEnding[strings.TrimPrefix(path.Ext(name), ".")]
		}
	}
}

// findMain finds the text of the document by the relationships of the package.
func (b *bundle) findMain(found *faults) {
	var mains []*part
	elements(b.part(rootLinks).content, func(e xml.StartElement) {
		if e.Name.Local == "Relationship" && strings.HasSuffix(attribute(e, "Type"), "/officeDocument") {
			mains = append(mains, b.part(strings.TrimPrefix(path.Clean("/"+attribute(e, "Target")), "/")))
		}
	})
	if len(mains) != 1 || mains[0] == nil {
		found.add(NotADocument, "The file is a zip archive, but no Word document: it does not say which of its parts is the text.")
		return
	}
	switch kind := mains[0].kind; {
	case kind == mainType:
	case strings.Contains(kind, "macroenabled"):
		found.add(HasMacro, "The file is a document with macros (.docm): save it as a Word document (.docx).")
	case strings.HasPrefix(kind, wordTypes+"template"):
		found.add(NotADocument, "The file is a template of Word's own kind (.dotx): save it as a Word document (.docx).")
	default:
		found.add(NotADocument, "The file is no Word document: its text is of the type %s. Save it as .docx.", quote(kind))
	}
}

// judge refuses parts that no template needs, and what is wrong in the others.
func (b *bundle) judge(found *faults) {
	for _, p := range b.parts {
		if strings.EqualFold(p.name, contentTypes) {
			continue
		}
		if !b.taken(p, found) {
			continue
		}
		s := b.scans[p]
		if s == nil {
			continue
		}
		if strings.HasSuffix(strings.ToLower(p.name), ".rels") || p.kind == linksType {
			b.judgeLinks(p, found)
			continue
		}
		s.filled = slices.Contains(filledTypes, p.kind)
		if s.judge() && s.filled {
			b.filled = append(b.filled, p)
		}
	}
}

// taken tells whether a template may have a part, and refuses it otherwise.
func (b *bundle) taken(p *part, found *faults) bool {
	name := strings.ToLower(p.name)
	says := func(any ...string) bool {
		return slices.ContainsFunc(any, func(s string) bool { return strings.Contains(p.kind, s) || strings.Contains(name, s) })
	}
	switch {
	case says("vbaproject", "vbadata", "macroenabled"):
		found.add(HasMacro, "The file has a macro in the part %s: save it as a Word document without macros (.docx).", p.name)
	case says("activex", "oleobject", "/embeddings/", "officedocument.package", "spreadsheetml.sheet"):
		found.add(HasEmbedded, "The file has an embedded object in the part %s: put in a picture or text instead.", p.name)
	case p.kind == "image/svg+xml":
		found.add(Unsupported, "The file has a picture of the kind SVG in the part %s: save it as PNG.", p.name)
	case !slices.Contains(takenTypes, p.kind) && !strings.HasSuffix(name, ".rels"):
		found.add(Unsupported, "The part %s is of the type %s, which templates do not take.", p.name, quote(p.kind))
	case b.scans[p] != nil && !isXMLType(p.kind) && !strings.HasSuffix(name, ".rels"):
		found.add(Unsupported, "The part %s is said to be of the type %s, but is XML.", p.name, quote(p.kind))
	case b.scans[p] == nil && isXMLType(p.kind):
		found.add(Broken, "The part %s is said to be XML, but is none.", p.name)
	default:
		return true
	}
	return false
}

func isXMLType(kind string) bool {
	return strings.HasSuffix(kind, "+xml") || strings.HasSuffix(kind, "/xml")
}

// judgeLinks refuses relationships that lead out of the file, and those to what runs or is fetched.
func (b *bundle) judgeLinks(p *part, found *faults) {
	elements(p.content, func(e xml.StartElement) {
		if e.Name.Local != "Relationship" {
			return
		}
		kind, target := attribute(e, "Type"), attribute(e, "Target")
		kind = kind[strings.LastIndexByte(kind, '/')+1:]
		outside := strings.EqualFold(strings.TrimSpace(attribute(e, "TargetMode")), "External") || isOutside(target)
		switch {
		case outside:
			found.add(HasLink, "%s has a link that leads out of the file (%s): %s. %s", place(sourceOf(p.name)), kind, quote(target), remedy(kind))
		case slices.Contains([]string{"vbaProject", "wordVbaData"}, kind):
			found.add(HasMacro, "%s has a macro: save the file as a Word document without macros (.docx).", place(sourceOf(p.name)))
		case slices.Contains([]string{"oleObject", "package", "control", "activeXControlBinary"}, kind):
			found.add(HasEmbedded, "%s has an embedded object (%s): put in a picture or text instead.", place(sourceOf(p.name)), kind)
		case slices.Contains([]string{"aFChunk", "subDocument", "frame", "attachedTemplate", "mailMergeSource", "mailMergeHeaderSource"}, kind):
			found.add(HasLink, "%s brings in another file (%s): put in its text instead.", place(sourceOf(p.name)), kind)
		}
	})
}

// isOutside tells an address by itself from the name of a part, also where it is not said to be external.
func isOutside(target string) bool {
	target = strings.TrimSpace(target)
	return strings.HasPrefix(target, "//") || strings.ContainsAny(target, ":\\") || strings.Contains(target, "%3a") || strings.Contains(target, "%3A")
}

func remedy(kind string) string {
	switch kind {
	case "hyperlink":
		return "Remove the link and leave its text."
	case "image":
		return "Put the picture into the file."
	case "attachedTemplate":
		return "Detach the template in Word's add-ins."
	}
	return "Remove it."
}

// sourceOf is the part whose relationships a part has.
func sourceOf(links string) string {
	folder, name := path.Split(links)
	return path.Join(path.Dir(path.Clean(folder)), strings.TrimSuffix(name, ".rels"))
}

// place is what people call a part, with its name.
func place(name string) string {
	base := strings.ToLower(path.Base(name))
	called := "The part"
	switch {
	case name == "" || name == ".":
		return "The file"
	case base == "document.xml":
		called = "The text"
	case strings.HasPrefix(base, "header"):
		called = "The header"
	case strings.HasPrefix(base, "footer"):
		called = "The footer"
	case strings.HasPrefix(base, "footnotes"), strings.HasPrefix(base, "endnotes"):
		called = "The part of notes"
	case strings.HasPrefix(base, "settings"):
		called = "The part of settings"
	}
	return called + " (" + name + ")"
}

// elements calls f for each element of well-formed XML.
func elements(content []byte, f func(xml.StartElement)) {
	for d := xml.NewDecoder(bytes.NewReader(withoutMark(content))); ; {
		token, err := d.Token()
		if err != nil {
			return
		}
		if e, ok := token.(xml.StartElement); ok {
			f(e)
		}
	}
}

// attribute is the value of an attribute without a namespace.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// withoutMark is XML without a byte order mark, which encoding/xml takes for text.
func withoutMark(content []byte) []byte { return bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")) }
