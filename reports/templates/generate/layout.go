package main

import (
	"fmt"
	"html"
	"strings"
)

// The page is A4 with the margins that Russian papers have, in twentieths of a point.
const (
	pageWidth, pageHeight   = 11906, 16838
	marginLeft, marginRight = 1701, 850
	marginTop, marginBottom = 1134, 1134
	textWidth               = pageWidth - marginLeft - marginRight
)

// sheet is a document.
type sheet struct {
	title, footer string
	body          []string
}

// unbroken are the spaces at which no line is broken: behind a number's sign and between a sum and its currency.
var unbroken = strings.NewReplacer("№ ", "№\u00a0", "}} руб.", "}}\u00a0руб.", " — ", "\u00a0— ")

func run(text, look string) string {
	if look != "" {
		look = "<w:rPr>" + look + "</w:rPr>"
	}
	return "<w:r>" + look + `<w:t xml:space="preserve">` + html.EscapeString(unbroken.Replace(text)) + "</w:t></w:r>"
}

func paragraph(style, properties string, runs ...string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/>` + properties + "</w:pPr>" + strings.Join(runs, "") + "</w:p>"
}

// heading is the name of the document, what it is about, and the contract.
func heading(name, about, contract string) string {
	return paragraph("Title", "", run(name, "")) + paragraph("Subtitle", "", run(about, "")) + paragraph("Contract", "", run(contract, ""))
}

// placeAndDate stand at the two ends of a line.
func placeAndDate(place, date string) string {
	return paragraph("Place", "", run(place, ""), "<w:r><w:tab/></w:r>", run(date, ""))
}

func text(s string) string { return paragraph("BodyText", "", run(s, "")) }

// lead is a text that stays with what follows.
func lead(s string) string { return paragraph("BodyText", "<w:keepNext/>", run(s, "")) }

const (
	left   = "left"
	centre = "center"
	right  = "right"
	// reference is on the left in a smaller type: thirty characters without a space.
	reference = ""
)

// column is one of a table: its heading, the placeholder of its list's row, its width and where its text stands.
type column struct {
	heading, cell string
	width         int
	align         string
}

// text is the cell of the row that is repeated.
func (c column) text() string {
	if c.align == reference {
		return paragraph("TableText", "", run(c.cell, `<w:sz w:val="15"/><w:szCs w:val="15"/>`))
	}
	return paragraph("TableText", `<w:jc w:val="`+c.align+`"/>`, run(c.cell, ""))
}

// table has a heading that each page repeats, a row that is repeated for the list, and sums under its last columns.
type table struct {
	columns []column
	totals  []string
}

func (t table) xml() string {
	var grid, head, row, sums strings.Builder
	rest := textWidth
	for i, c := range t.columns {
		fmt.Fprintf(&grid, `<w:gridCol w:w="%d"/>`, c.width)
		head.WriteString(cell(c.width, 1, `<w:shd w:val="clear" w:color="auto" w:fill="EDEDED"/><w:vAlign w:val="center"/>`, paragraph("TableHead", "<w:keepNext/>", run(c.heading, ""))))
		row.WriteString(cell(c.width, 1, `<w:vAlign w:val="center"/>`, c.text()))
		if i >= len(t.columns)-len(t.totals) {
			rest -= c.width
		}
	}
	labelled := len(t.columns) - len(t.totals)
	sums.WriteString(cell(rest, labelled, "", paragraph("TableText", `<w:jc w:val="right"/>`, run("Итого", "<w:b/>"))))
	for i, total := range t.totals {
		sums.WriteString(cell(t.columns[labelled+i].width, 1, "", paragraph("TableText", `<w:jc w:val="right"/>`, run(total, "<w:b/>"))))
	}
	return fmt.Sprintf(`<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>`, textWidth) +
		"<w:tblGrid>" + grid.String() + "</w:tblGrid>" +
		"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>" + head.String() + "</w:tr>" +
		"<w:tr><w:trPr><w:cantSplit/></w:trPr>" + row.String() + "</w:tr>" +
		"<w:tr><w:trPr><w:cantSplit/></w:trPr>" + sums.String() + "</w:tr></w:tbl>" + paragraph("AfterTable", "")
}

func cell(width, span int, properties, content string) string {
	over := ""
	if span > 1 {
		over = fmt.Sprintf(`<w:gridSpan w:val="%d"/>`, span)
	}
	return fmt.Sprintf(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/>%s%s</w:tcPr>%s</w:tc>`, width, over, properties, content)
}

// parties are the requisites of both sides and the places for their signatures, beside each other and on one page.
func parties(agentDid, principalDid string) string {
	const width = textWidth / 2
	side := func(prefix, role, did string) (requisites, signature string) {
		requisites = cell(width, 1, "", paragraph("Requisites", "<w:keepNext/>", run(role, "<w:b/>"))+
			paragraph("Requisites", "<w:keepNext/>", run("{{"+prefix+".name}}", "<w:b/>"))+
			paragraph("Requisites", "<w:keepNext/>", run("{{"+prefix+".requisites}}", "")))
		signature = cell(width, 1, "", paragraph("Requisites", `<w:keepNext/><w:spacing w:before="160" w:after="60"/>`, run(did+":", ""))+
			paragraph("Requisites", "<w:keepNext/>", run("{{"+prefix+".position}}", ""))+
			paragraph("Requisites", `<w:keepNext/><w:spacing w:before="360"/>`, run("__________________ / {{"+prefix+".signatory_short}} /", ""))+
			paragraph("Caption", "", run("(подпись)", ""))+
			paragraph("Requisites", "", run("М. П.", "")))
		return requisites, signature
	}
	agent, agentSigns := side("agent", "АГЕНТ", agentDid)
	principal, principalSigns := side("principal", "ПРИНЦИПАЛ", principalDid)
	row := func(cells ...string) string {
		return "<w:tr><w:trPr><w:cantSplit/></w:trPr>" + strings.Join(cells, "") + "</w:tr>"
	}
	return paragraph("Heading1", "", run("Реквизиты и подписи сторон", "")) +
		fmt.Sprintf(`<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="170" w:type="dxa"/></w:tblCellMar></w:tblPr>`, 2*width) +
		fmt.Sprintf(`<w:tblGrid><w:gridCol w:w="%d"/><w:gridCol w:w="%d"/></w:tblGrid>`, width, width) +
		row(agent, principal) + row(agentSigns, principalSigns) + "</w:tbl>" + paragraph("AfterTable", "")
}
