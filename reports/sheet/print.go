package sheet

import (
	"fmt"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"
)

const (
	a4        = 9   // the paper
	pageChars = 240 // as many characters stand beside each other on a page across at a size that can still be read
)

// fits has a sheet's pages fitted to the paper's width. It comes before the sheet is streamed, printed any time.
func (b *Book) fits(name string) error {
	fit := true
	return b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit})
}

// printed says how a sheet of so many characters across is printed: on A4 across, on as few pages beside each other as can be
// read, with some rows, such as "3:3", repeated on each page, and the page's number below.
func (b *Book) printed(name string, width float64, repeated string) error {
	paper, across, wide, long := a4, "landscape", int(math.Ceil(width/pageChars)), 0
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{
		Size: &paper, Orientation: &across, FitToWidth: &wide, FitToHeight: &long,
	}); err != nil {
		return fmt.Errorf("set the pages of %s: %w", name, err)
	}
	side, edge, footer := 0.4, 0.6, 0.3
	if err := b.file.SetPageMargins(name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &edge, Bottom: &edge, Footer: &footer, Header: &footer}); err != nil {
		return fmt.Errorf("set the margins of %s: %w", name, err)
	}
	if err := b.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddFooter: "&L&A&R" + textPage}); err != nil {
		return fmt.Errorf("set the footer of %s: %w", name, err)
	}
	if repeated == "" {
		return nil
	}
	first, last, _ := strings.Cut(repeated, ":")
	return b.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: name, RefersTo: fmt.Sprintf("'%s'!$%s:$%s", name, first, last),
	})
}

// textPage stands at the foot of each page: its number, of how many.
const textPage = "Страница &P из &N"
