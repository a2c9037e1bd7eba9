package document

import (
	"archive/zip"
	"bytes"
	"fmt"
	"time"

	"github.com/beevik/etree"
)

// unchanging is the time of all files in the zip, the first that it can tell. When a document was made stands in its properties.
var unchanging = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

// pack writes the parts in their order, those that were made anew in place of the template's.
func pack(parts []*part, made map[string][]byte, at time.Time) ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, p := range parts {
		content := p.content
		if filled, ok := made[p.name]; ok {
			content = filled
		}
		if p.kind == coreType {
			stamped, err := stamp(content, at)
			if err != nil {
				return nil, fmt.Errorf("stamp %s: %w", p.name, err)
			}
			content = stamped
		}
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: unchanging})
		if err == nil {
			_, err = entry.Write(content)
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", p.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("pack a document: %w", err)
	}
	return out.Bytes(), nil
}

// stamp sets the days on which the document says that it was made and changed.
func stamp(properties []byte, at time.Time) ([]byte, error) {
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(withoutMark(properties)); err != nil {
		return nil, err
	}
	if root := doc.Root(); root != nil {
		for _, e := range root.ChildElements() {
			if e.Tag == "created" || e.Tag == "modified" {
				e.SetText(at.UTC().Format(time.RFC3339))
			}
		}
	}
	return doc.WriteToBytes()
}
