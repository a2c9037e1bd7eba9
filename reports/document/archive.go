package document

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MaxFile is how many bytes a template may have.
const MaxFile = 10 << 20

// Bounds of what a template unpacks to. Text of Word's shrinks to a tenth or less, never to a three-hundredth.
const (
	maxEntries  = 500
	maxEntry    = 16 << 20
	maxUnpacked = 48 << 20
	maxRatio    = 300
	smallEntry  = 1 << 20 // up to here the ratio does not matter
)

// compound begins files of Word before 2007, and documents that a password locks.
const compound = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

// unpack reads all files of the zip, in their order. It trusts no size that the zip claims.
func unpack(file []byte, found *faults) []*part {
	switch {
	case len(file) > MaxFile:
		found.add(TooLarge, "A template has at most %d MB.", MaxFile>>20)
		return nil
	case bytes.HasPrefix(file, []byte(compound)):
		found.add(NotADocument, "The file is a document of an old Word (.doc) or is locked by a password: save it as .docx without a password.")
		return nil
	}
	archive, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	switch {
	case errors.Is(err, zip.ErrFormat):
		found.add(NotADocument, "The file is no Word document: a .docx is a zip archive, and this is none.")
		return nil
	case err != nil && !errors.Is(err, zip.ErrInsecurePath):
		found.add(Broken, "The file cannot be read as a zip archive, which a .docx is: it is cut off or damaged.")
		return nil
	case len(archive.File) > maxEntries:
		found.add(TooLarge, "The file is made of %d parts: a template has at most %d.", len(archive.File), maxEntries)
		return nil
	}
	var parts []*part
	names := map[string]bool{}
	total := 0
	for _, entry := range archive.File {
		if strings.HasSuffix(entry.Name, "/") && entry.UncompressedSize64 == 0 {
			continue // a folder
		}
		if !isPartName(entry.Name) || names[strings.ToLower(entry.Name)] {
			found.add(Broken, "The file has a part with the name %s, which is twice there or no name of a part.", quote(entry.Name))
			continue
		}
		names[strings.ToLower(entry.Name)] = true
		content, err := unpackOne(entry, maxUnpacked-total)
		switch {
		case errors.Is(err, errBound):
			found.add(TooLarge, "The part %s unpacks to more than a template may hold.", entry.Name)
			return nil
		case err != nil:
			found.add(Broken, "The part %s cannot be unpacked: the file is damaged or locked by a password.", entry.Name)
			continue
		}
		total += len(content)
		parts = append(parts, &part{name: entry.Name, content: content})
	}
	return parts
}

var errBound = errors.New("a bound is passed")

func unpackOne(entry *zip.File, left int) ([]byte, error) {
	const locked = 1
	if entry.Flags&locked != 0 {
		return nil, fmt.Errorf("%s is locked", entry.Name)
	}
	in, err := entry.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	most := min(left, maxEntry)
	if packed := entry.CompressedSize64; packed < maxEntry/maxRatio { // #nosec G115 -- only compared
		most = min(most, max(smallEntry, int(packed)*maxRatio)) // #nosec G115 -- bounded by the line before
	}
	content, err := io.ReadAll(io.LimitReader(in, int64(most)+1))
	if err == nil && len(content) > most {
		err = errBound
	}
	return content, err
}

// isPartName tells the name of a part from a path that leads elsewhere.
func isPartName(name string) bool {
	if name == "" || len(name) > 255 || strings.ContainsAny(name, "\\:") || strings.ContainsFunc(name, func(r rune) bool { return !isXML(r) || r < ' ' }) {
		return false
	}
	for step := range strings.SplitSeq(name, "/") {
		if step == "" || strings.HasSuffix(step, ".") {
			return false
		}
	}
	return true
}
