package imports

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"channelbook/internal/fault"
)

// How large a workbook may be unpacked, and from which size on a part of it is kept on the disk meanwhile.
const (
	maxUnpacked = 400 << 20
	onDiskFrom  = 8 << 20
)

// temporary begins the name of the folder in which parts of a workbook stand meanwhile. What a process that was killed leaves is swept with
// those of reports.
const temporary = "channelbook-report-import-"

// maxBlank is how many empty rows may stand above one that is not: each takes time to read.
const maxBlank = 10_000

// xlsxTable reads a sheet of a workbook: values as they are stored, formulas by what they came to last. Dates are serial numbers then.
type xlsxTable struct {
	file   *excelize.File
	rows   *excelize.Rows
	row    int
	folder string // of its temporary files
	blank  int    // rows in a row
}

func openXLSX(body []byte, as shape) (_ table, _ shape, err error) {
	as.format, as.encoding, as.separator = formatXLSX, "", ""
	if err := soundWorkbook(body); err != nil {
		return nil, as, err
	}
	folder, err := os.MkdirTemp("", temporary)
	if err != nil {
		return nil, as, fmt.Errorf("make a folder for a workbook: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(folder))
		}
	}()
	file, err := excelize.OpenReader(bytes.NewReader(body), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: onDiskFrom, TmpDir: folder})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, as, wrong("FILE_TOO_LARGE", fmt.Sprintf("Unpacked, a workbook has at most %d MB.", maxUnpacked>>20))
		}
		return nil, as, wrong("NOT_A_TABLE", "This is no workbook of Excel that can be read.")
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	switch {
	case as.sheet == "":
		as.sheet = firstShown(file)
	case !hasSheet(file, as.sheet):
		return nil, as, fault.Coded(fault.Invalid, "UNKNOWN_SHEET", "sheet", "The workbook has no sheet of this name.")
	}
	if props, err := file.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		as.from1904 = *props.Date1904
	}
	rows, err := file.Rows(as.sheet)
	if err != nil {
		return nil, as, wrong("NOT_A_TABLE", "This workbook has no sheet of cells.")
	}
	return &xlsxTable{file: file, rows: rows, folder: folder}, as, nil
}

// firstShown is the first sheet that a person sees.
func firstShown(file *excelize.File) string {
	names := file.GetSheetList()
	for _, name := range names {
		if shown, err := file.GetSheetVisible(name); err == nil && shown {
			return name
		}
	}
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func hasSheet(file *excelize.File, name string) bool {
	i, err := file.GetSheetIndex(name)
	return err == nil && i >= 0
}

func (t *xlsxTable) next() (int, []string, error) {
	for t.rows.Next() {
		t.row++
		cells, err := t.rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return 0, nil, wrong("BROKEN_FILE", fmt.Sprintf("Row %d of the sheet cannot be read.", t.row))
		}
		for i, cell := range cells {
			cells[i] = plainNumber(cell)
		}
		if cells, err = trimmed(t.row, cells); err != nil || len(cells) > 0 {
			t.blank = 0
			return t.row, cells, err
		}
		if t.blank++; t.blank > maxBlank {
			return 0, nil, wrong("TOO_MANY_ROWS", fmt.Sprintf("There are more than %d empty rows above row %d. Delete them.", maxBlank, t.row))
		}
	}
	if err := t.rows.Error(); err != nil {
		return 0, nil, wrong("BROKEN_FILE", fmt.Sprintf("The sheet cannot be read beyond row %d.", t.row))
	}
	return 0, nil, io.EOF
}

func (t *xlsxTable) close() error {
	if err := errors.Join(t.rows.Close(), t.file.Close(), os.RemoveAll(t.folder)); err != nil {
		return fmt.Errorf("close the workbook: %w", err)
	}
	return nil
}

// scientific is how Excel stores long whole numbers, such as phones that were typed in as numbers: 7.9123456789E10.
var scientific = regexp.MustCompile(`^[1-9]\.\d+E\+?1\d$`)

// plainNumber writes a long whole number in digits.
func plainNumber(cell string) string {
	if !scientific.MatchString(cell) {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil || n != math.Trunc(n) || n >= 1e15 {
		return cell
	}
	return strconv.FormatInt(int64(n), 10)
}
