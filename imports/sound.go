package imports

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"channelbook/internal/fault"
)

const (
	// maxPart is the most bytes, unpacked, of a part of a workbook that is neither a sheet nor the texts of its cells.
	maxPart = 8 << 20
	// maxTexts is how many different texts the cells of a workbook may hold.
	maxTexts = 4_000_000
)

// soundWorkbook reads a workbook once from its beginning to its end: excelize takes the part of a sheet before a fault for all of it. What
// cannot be read whole is refused, and so is a formula whose result was not stored.
func soundWorkbook(body []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return wrong("NOT_A_TABLE", "This is no workbook of Excel that can be read.")
	}
	left := int64(maxUnpacked)
	named := map[string]bool{}
	for _, part := range archive.File {
		name := strings.ToLower(part.Name)
		isSheet := strings.HasPrefix(name, "xl/worksheets/") && strings.HasSuffix(name, ".xml")
		isTexts := name == "xl/sharedstrings.xml"
		if named[name] {
			return wrong("BROKEN_FILE", "The workbook holds one part twice.")
		}
		named[name] = true
		most := left
		if !isSheet && !isTexts {
			most = min(left, maxPart)
		}
		read, err := soundPart(part, most, isSheet, isTexts)
		if err != nil {
			return err
		}
		left -= read
	}
	return nil
}

func soundPart(part *zip.File, most int64, isSheet, isTexts bool) (int64, error) {
	broken := wrong("BROKEN_FILE", "The workbook is damaged: a part of it cannot be read to its end. Open it in Excel and save it anew.")
	tooLarge := wrong("FILE_TOO_LARGE", fmt.Sprintf("Unpacked, a workbook has at most %d MB, and what is no sheet at most %d.", maxUnpacked>>20, maxPart>>20))
	if part.UncompressedSize64 > uint64(most) { // #nosec G115 -- a bound of ours
		return 0, tooLarge
	}
	content, err := part.Open()
	if err != nil {
		return 0, broken
	}
	defer func() { _ = content.Close() }() // it was read, or is refused
	bounded := &counting{from: io.LimitReader(content, most+1)}
	switch {
	case isSheet:
		err = soundSheet(bounded)
	case isTexts:
		err = soundTexts(bounded)
	}
	if _, rest := io.Copy(io.Discard, bounded); rest != nil && err == nil { // to the end, where the sum of the content is compared
		err = broken
	}
	switch {
	case bounded.n > most:
		return 0, tooLarge
	case err != nil && !fault.Is(err, fault.Invalid):
		return 0, broken
	}
	return bounded.n, err
}

// soundSheet reads the XML of a sheet.
func soundSheet(from io.Reader) error {
	decoder := xml.NewDecoder(from)
	row, depth, formula, value := 0, 0, false, false
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return ended(depth)
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			switch t.Name.Local {
			case "row":
				row++
			case "c":
				formula, value = false, false
			case "f":
				formula = true
			case "v", "is":
				value = true
			}
		case xml.EndElement:
			depth--
			if t.Name.Local == "c" && formula && !value {
				return wrong("FORMULA_FAILED", fmt.Sprintf("A formula in row %d or near it has no result. Open the file in Excel and save it.", row))
			}
		}
	}
}

// soundTexts reads the XML of the texts of cells.
func soundTexts(from io.Reader) error {
	decoder := xml.NewDecoder(from)
	texts, depth := 0, 0
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return ended(depth)
		}
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if t.Name.Local == "si" {
				texts++
			}
		case xml.EndElement:
			depth--
		}
		if texts > maxTexts {
			return wrong("FILE_TOO_LARGE", fmt.Sprintf("The cells of a workbook hold at most %d different texts.", maxTexts))
		}
	}
}

// ended is a fault where XML ends within an element.
func ended(depth int) error {
	if depth != 0 {
		return &xml.SyntaxError{Msg: "it ends too early"}
	}
	return nil
}

// counting counts what is read.
type counting struct {
	from io.Reader
	n    int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}
