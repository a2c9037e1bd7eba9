// Package document fills Word documents: a template is a .docx whose text has placeholders such as {{party.name}}, and what
// comes out is the same file with the values in their place. What may be named is a Vocabulary, which the caller has.
//
// Read Open first, which says what is refused: archive.go reads the zip within bounds, parts.go judges what the file is made of,
// scan.go and fields.go each part's XML, placeholders.go and rows.go the placeholders. fill.go and repeat.go put values in,
// write.go writes the file.
package document

import (
	"fmt"

	"github.com/beevik/etree"
)

// Template is a file that was found good. It may be filled any number of times, also at the same time.
type Template struct {
	vocabulary Vocabulary
	parts      []*part
}

// part is one file of the package that a .docx is.
type part struct {
	name    string
	content []byte
	kind    string          // its content type
	text    *etree.Document // of a part that is filled; it is read and never changed
}

// Open reads a template and refuses, all faults at once and each with its place, what cannot be filled or must not be sent on:
// what is no .docx or a broken one, or more than the bounds; macros, embedded objects, links to anything outside, and fields that
// fetch or run something; tracked changes; placeholders that the vocabulary does not have, that are not closed, or that stand
// where they are not filled. The faults are of kind Invalid and about the field "file". Nothing that the file names is fetched.
func Open(file []byte, v Vocabulary) (*Template, error) {
	found := &faults{}
	parts := unpack(file, found)
	if found.any() {
		return nil, found.join()
	}
	p := classify(parts, found)
	if found.any() {
		return nil, found.join()
	}
	p.judge(found)
	for _, one := range p.filled {
		if err := one.read(); err != nil {
			return nil, err
		}
		checkPlaceholders(one, v, found)
	}
	if found.any() {
		return nil, found.join()
	}
	return &Template{vocabulary: v, parts: parts}, nil
}

// Check is Open for who only asks what is wrong.
func Check(file []byte, v Vocabulary) error {
	_, err := Open(file, v)
	return err
}

// read parses the text of a part that scan has found well-formed; of one that is not there is nothing to read.
func (p *part) read() error {
	p.text = etree.NewDocument()
	p.text.WriteSettings = etree.WriteSettings{CanonicalAttrVal: true, CanonicalText: true}
	if err := p.text.ReadFromBytes(withoutMark(p.content)); err != nil {
		return fmt.Errorf("read %s, which is well-formed: %w", p.name, err)
	}
	return nil
}
