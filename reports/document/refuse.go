package document

import (
	"errors"
	"fmt"
	"strings"

	"channelbook/internal/fault"
)

// field is what all faults of a template are about.
const field = "file"

// The codes of what is refused.
const (
	TooLarge             = "TEMPLATE_TOO_LARGE"            // past a bound, which an honest file does not reach
	NotADocument         = "TEMPLATE_NOT_A_DOCUMENT"       // no .docx at all
	Broken               = "TEMPLATE_BROKEN"               // a zip or XML that cannot be read
	HasMacro             = "TEMPLATE_HAS_MACRO"            // VBA
	HasEmbedded          = "TEMPLATE_HAS_EMBEDDED_OBJECT"  // OLE, ActiveX, embedded files
	HasLink              = "TEMPLATE_HAS_EXTERNAL_LINK"    // whatever leads out of the file
	HasField             = "TEMPLATE_HAS_FORBIDDEN_FIELD"  // a field that fetches or runs something
	HasEntities          = "TEMPLATE_HAS_ENTITIES"         // a document type declaration
	HasTrackedChanges    = "TEMPLATE_HAS_TRACKED_CHANGES"  // revisions that are neither accepted nor rejected
	Unsupported          = "TEMPLATE_UNSUPPORTED"          // what no template needs, so it is not taken
	UnknownPlaceholder   = "TEMPLATE_UNKNOWN_PLACEHOLDER"  // not in the vocabulary
	UnclosedPlaceholder  = "TEMPLATE_UNCLOSED_PLACEHOLDER" // {{ without }} in its paragraph, or }} without {{
	MisplacedPlaceholder = "TEMPLATE_MISPLACED_PLACEHOLDER"
)

// maxFaults is how many are told at once.
const maxFaults = 50

// faults gathers what is wrong with a file.
type faults struct {
	list []error
	said map[string]bool
	more int
}

func (f *faults) add(code, format string, args ...any) {
	if f.full() {
		f.more++
		return
	}
	message := clean(fmt.Sprintf(format, args...))
	if f.said[code+message] {
		return
	}
	if f.said == nil {
		f.said = map[string]bool{}
	}
	f.said[code+message] = true
	f.list = append(f.list, fault.Coded(fault.Invalid, code, field, message))
}

// full tells that no more are told. Who would have to look long for the words of one counts it and asks first.
func (f *faults) full() bool { return len(f.list) == maxFaults }

func (f *faults) any() bool { return len(f.list) > 0 }

func (f *faults) join() error {
	if f.more > 0 {
		return errors.Join(append(f.list, fault.Coded(fault.Invalid, TooLarge, field, fmt.Sprintf("There are %d more faults.", f.more)))...)
	}
	return errors.Join(f.list...)
}

// clean keeps what a file holds from steering where the sentence is shown.
func clean(message string) string {
	return strings.Map(func(r rune) rune {
		if !isXML(r) || r < ' ' || r == '\u007f' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(message, "\uFFFD"))
}

// maxQuote is how many characters of a file's own text a sentence quotes.
const maxQuote = 60

// quote is the beginning of a text of the file, in quotation marks.
func quote(text string) string {
	const enough = 20 * maxQuote // bytes, also with many spaces
	isLong := len(text) > enough
	if isLong {
		text = strings.ToValidUTF8(text[:enough], "")
	}
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > maxQuote || isLong {
		runes = append(runes[:min(len(runes), maxQuote)], '…')
	}
	return "“" + string(runes) + "”"
}
