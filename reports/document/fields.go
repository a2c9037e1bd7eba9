package document

import (
	"encoding/xml"
	"slices"
	"strings"
)

// harmless are the fields that are computed from the document itself. All others are refused: of those that fetch or run something
// (INCLUDETEXT, INCLUDEPICTURE, DDE, DDEAUTO, DATABASE, LINK, IMPORT, AUTOTEXT, MACROBUTTON and so on) no list is ever whole.
var harmless = []string{
	"PAGE", "NUMPAGES", "SECTION", "SECTIONPAGES", "PAGEREF", "REF", "NOTEREF", "STYLEREF", "SEQ", "TOC", "TC", "LISTNUM",
	"DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME", "REVNUM",
	"TITLE", "SUBJECT", "AUTHOR", "KEYWORDS", "COMMENTS", "LASTSAVEDBY", "FILENAME", "NUMWORDS", "NUMCHARS", "DOCPROPERTY",
	"SYMBOL", "ADVANCE", "EQ", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "XE", "INDEX",
}

// codeField is a field that is being read: its own code, without that of fields within.
type codeField struct {
	code   strings.Builder
	result bool // its code is over
	nested bool // a field stands within its code
}

// open are the fields that are open, the innermost last. One that began in a paragraph before is of the part.
func (s *scan) open() *[]*codeField {
	if p := s.at(); len(p.fields) > 0 {
		return &p.fields
	}
	if len(s.loose.fields) > 0 {
		return &s.loose.fields
	}
	return &s.at().fields
}

func (s *scan) fieldMark(e xml.StartElement) {
	kind := ""
	for _, a := range e.Attr {
		if a.Name.Local == "fldCharType" && a.Name.Space == nsWord {
			kind = a.Value
		}
	}
	fields := s.open()
	last := len(*fields) - 1
	switch {
	case kind == "begin":
		if last >= 0 && !(*fields)[last].result {
			(*fields)[last].nested = true
		}
		s.at().fields = append(s.at().fields, &codeField{})
	case last < 0:
	case kind == "separate":
		(*fields)[last].result = true
		s.judgeField((*fields)[last])
	case kind == "end":
		if f := (*fields)[last]; !f.result {
			s.judgeField(f)
		}
		*fields = (*fields)[:last]
	}
}

// fieldCode takes a piece of code. One that stands in no field is a field's all the same for a reader that is generous.
func (s *scan) fieldCode(text string) {
	fields := s.open()
	if last := len(*fields) - 1; last >= 0 && !(*fields)[last].result {
		(*fields)[last].code.WriteString(text)
		return
	}
	f := &codeField{}
	f.code.WriteString(text)
	s.judgeField(f)
}

// judgeField refuses a field that is not known to be harmless. A code that begins with a nested field has no name of its own, so it
// is none.
func (s *scan) judgeField(f *codeField) {
	words := strings.FieldsFunc(f.code.String(), func(r rune) bool { return r <= ' ' || r == '\u00a0' })
	if len(words) == 0 && !f.nested {
		return
	}
	name := ""
	if len(words) > 0 {
		name, _, _ = strings.Cut(strings.ToUpper(words[0]), `\`) // PAGE\* is PAGE with a switch
	}
	switch {
	case slices.Contains(harmless, name) && !f.nested:
	case name == "HYPERLINK" && len(words) > 1 && strings.EqualFold(words[1], `\l`) && !f.nested: // within the document
	case name == "HYPERLINK":
		s.refuse(HasLink, "has a link that leads out of the file: remove the link and leave its text.")
	default:
		s.refuse(HasField, "has a field that templates do not take, "+quote(f.code.String())+": put in text instead.")
	}
}
