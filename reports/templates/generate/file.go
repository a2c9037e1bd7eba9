package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"html"
	"strings"
	"time"
)

const (
	declaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	word        = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	wordTypes   = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	officeLinks = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	links       = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
)

// file is the sheet as a .docx: the same bytes each time.
func (s sheet) file() ([]byte, error) {
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for _, part := range []struct{ name, content string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			override("word/document.xml", wordTypes+"document.main+xml") + override("word/styles.xml", wordTypes+"styles+xml") +
			override("word/settings.xml", wordTypes+"settings+xml") + override("word/footer1.xml", wordTypes+"footer+xml") +
			override("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml") + "</Types>"},
		{"_rels/.rels", links + link(1, officeLinks+"officeDocument", "word/document.xml") +
			link(2, "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml") + "</Relationships>"},
		{"word/document.xml", "<w:document " + word + "><w:body>" + strings.Join(s.body, "") + section + "</w:body></w:document>"},
		{"word/_rels/document.xml.rels", links + link(1, officeLinks+"styles", "styles.xml") + link(2, officeLinks+"settings", "settings.xml") +
			link(3, officeLinks+"footer", "footer1.xml") + "</Relationships>"},
		{"word/styles.xml", styles},
		{"word/settings.xml", settings},
		{"word/footer1.xml", "<w:ftr " + word + ">" + paragraph("Footer", "", run(s.footer, ""), "<w:r><w:tab/></w:r>",
			run("стр. ", ""), counter("PAGE"), run(" из ", ""), counter("NUMPAGES")) + "</w:ftr>"},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" ` +
			`xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
			"<dc:title>" + html.EscapeString(s.title) + "</dc:title><dc:creator>Channelbook</dc:creator>" +
			`<dcterms:created xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:created>` +
			`<dcterms:modified xsi:type="dcterms:W3CDTF">2026-01-01T00:00:00Z</dcterms:modified><dc:language>ru-RU</dc:language></cp:coreProperties>`},
	} {
		entry, err := archive.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			_, err = entry.Write([]byte(declaration + part.content))
		}
		if err != nil {
			return nil, fmt.Errorf("pack %s: %w", part.name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return out.Bytes(), nil
}

func override(part, kind string) string {
	return `<Override PartName="/` + part + `" ContentType="` + kind + `"/>`
}

func link(n int, kind, target string) string {
	return fmt.Sprintf(`<Relationship Id="rId%d" Type="%s" Target="%s"/>`, n, kind, target)
}

// counter is a field that Word computes.
func counter(code string) string {
	return `<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> ` + code + ` </w:instrText></w:r>` +
		`<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>1</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`
}

var section = fmt.Sprintf(`<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:pgSz w:w="%d" w:h="%d"/>`+
	`<w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`,
	pageWidth, pageHeight, marginTop, marginRight, marginBottom, marginLeft)

var settings = "<w:settings " + word + `><w:zoom w:percent="100"/><w:defaultTabStop w:val="709"/><w:characterSpacingControl w:val="doNotCompress"/>` +
	`<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>` +
	`<w:themeFontLang w:val="ru-RU"/><w:decimalSymbol w:val=","/><w:listSeparator w:val=";"/></w:settings>`

var styles = "<w:styles " + word + "><w:docDefaults><w:rPrDefault><w:rPr>" +
	`<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="Times New Roman" w:cs="Times New Roman"/>` +
	`<w:sz w:val="22"/><w:szCs w:val="22"/><w:lang w:val="ru-RU" w:eastAsia="ru-RU" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>` +
	`<w:pPrDefault><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/></w:pPr></w:pPrDefault></w:docDefaults>` +
	`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/></w:style>` +
	style("Title", "Title", `<w:keepNext/><w:spacing w:after="40"/><w:jc w:val="center"/>`, `<w:b/><w:sz w:val="28"/><w:szCs w:val="28"/>`) +
	style("Subtitle", "Subtitle", `<w:keepNext/><w:spacing w:after="80"/><w:jc w:val="center"/>`, `<w:b/><w:sz w:val="24"/><w:szCs w:val="24"/>`) +
	style("Contract", "Contract", `<w:spacing w:after="200"/><w:jc w:val="center"/>`, "") +
	style("Place", "Place and date", fmt.Sprintf(`<w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs><w:spacing w:after="200"/>`, textWidth), "") +
	style("BodyText", "Body Text", `<w:spacing w:after="120"/><w:ind w:firstLine="567"/><w:jc w:val="both"/>`, "") +
	style("Heading1", "heading 1", `<w:keepNext/><w:spacing w:before="200" w:after="120"/><w:jc w:val="center"/><w:outlineLvl w:val="0"/>`, "<w:b/>") +
	style("TableHead", "Table Heading", `<w:spacing w:before="40" w:after="40"/><w:jc w:val="center"/>`, `<w:b/><w:sz w:val="17"/><w:szCs w:val="17"/>`) +
	style("TableText", "Table Text", `<w:spacing w:before="30" w:after="30"/>`, `<w:sz w:val="18"/><w:szCs w:val="18"/>`) +
	style("AfterTable", "After Table", "", `<w:sz w:val="12"/><w:szCs w:val="12"/>`) +
	style("Requisites", "Requisites", `<w:spacing w:after="20"/>`, `<w:sz w:val="20"/><w:szCs w:val="20"/>`) +
	style("Caption", "caption", `<w:spacing w:after="80"/><w:ind w:left="567"/>`, `<w:sz w:val="16"/><w:szCs w:val="16"/>`) +
	style("Footer", "footer", fmt.Sprintf(`<w:pBdr><w:top w:val="single" w:sz="4" w:space="4" w:color="A6A6A6"/></w:pBdr><w:tabs><w:tab w:val="right" w:pos="%d"/></w:tabs>`, textWidth),
		`<w:color w:val="595959"/><w:sz w:val="16"/><w:szCs w:val="16"/>`) +
	`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/>` +
	`<w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="80" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="80" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>` +
	`<w:style w:type="table" w:styleId="TableGrid"><w:name w:val="Table Grid"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders>` +
	border("top") + border("left") + border("bottom") + border("right") + border("insideH") + border("insideV") + `</w:tblBorders></w:tblPr></w:style></w:styles>`

func style(id, name, paragraph, run string) string {
	return `<w:style w:type="paragraph" w:styleId="` + id + `"><w:name w:val="` + name + `"/><w:basedOn w:val="Normal"/><w:qFormat/>` +
		"<w:pPr>" + paragraph + "</w:pPr><w:rPr>" + run + "</w:rPr></w:style>"
}

func border(side string) string {
	return "<w:" + side + ` w:val="single" w:sz="4" w:space="0" w:color="000000"/>`
}
