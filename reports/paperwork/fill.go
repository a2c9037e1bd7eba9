package paperwork

import (
	"fmt"
	"time"

	"channelbook/reports/document"
	"channelbook/reports/templates"
)

// BuiltIn is the template that comes with the program.
func BuiltIn(k Kind) ([]byte, error) {
	switch k {
	case AgentReport:
		return templates.AgentReport, nil
	case ActOfServices:
		return templates.ActOfServices, nil
	}
	return nil, fmt.Errorf("there is no document of the kind %q", k)
}

// Check refuses a file that cannot be a template of the documents, by faults as document.Open has them.
func Check(template []byte) error { return document.Check(template, Vocabulary()) }

// Fill makes a document by a template, an uploaded one or, where it is nil, the built-in one. The file is a .docx, the same bytes for
// the same data and moment. Faults are those of document.Open about the template, and document.TooManyRows.
func Fill(k Kind, template []byte, d Data, now time.Time) ([]byte, error) {
	builtIn, err := BuiltIn(k)
	if err != nil {
		return nil, err
	}
	if template == nil {
		template = builtIn
	}
	if err := d.check(); err != nil {
		return nil, err
	}
	opened, err := document.Open(template, Vocabulary())
	if err != nil {
		return nil, fmt.Errorf("open the template of %s: %w", k, err)
	}
	made, err := opened.Fill(d.values(), now)
	if err != nil {
		return nil, fmt.Errorf("fill the template of %s: %w", k, err)
	}
	return made, nil
}
