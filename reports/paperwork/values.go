package paperwork

import (
	"maps"
	"strconv"
	"strings"
	"unicode/utf8"

	"channelbook/internal/words"
	"channelbook/reports/document"
)

// What stands for what is not known.
const (
	dash       = "—"
	unsigned   = "____________________" // written in by hand
	undated    = "«___» ____________ 20__ г."
	noNumber   = "б/н"
	proprietor = 12 // digits of the INN
)

// deeds is how a row tells what was done, and services what is paid for by it.
var (
	deeds = map[Deed]string{
		Received: "Заявка передана Агенту",
		Sold:     "Продажа по заявке",
		Reversed: "Отмена продажи по заявке",
	}
	services = map[Deed]string{
		Sold:     "Привлечение клиента: продажа по заявке",
		Reversed: "Корректировка: отмена продажи по заявке",
	}
)

// values writes the data as the vocabulary names it.
func (d Data) values() document.Values {
	totals := d.Totals()
	texts := map[string]string{
		"document.number":   or(d.Number, noNumber),
		"document.date":     or(words.FormalDay(d.Day), undated),
		"document.day":      or(words.ShortDay(d.Day), undated),
		"document.place":    town(d.City),
		"contract.number":   or(d.Contract.Number, noNumber),
		"contract.date":     or(words.Day(d.Contract.SignedOn), undated),
		"period.name":       words.Span(d.From, d.To),
		"period.days":       words.Between(d.From, d.To),
		"period.from":       words.ShortDay(d.From),
		"period.to":         words.ShortDay(d.To),
		"total.leads":       words.Counted(totals.Leads, "заявка", "заявки", "заявок"),
		"total.sales":       words.Counted(totals.Sales, "продажа", "продажи", "продаж"),
		"total.reversals":   words.Counted(totals.Reversals, "продажа", "продажи", "продаж"),
		"total.sale_amount": amount(totals.SaleAmount),
		"total.fee":         words.Amount(totals.Fee),
		"total.fee_words":   words.Sum(totals.Fee),
	}
	maps.Copy(texts, d.Principal.values("principal"))
	maps.Copy(texts, d.Agent.values("agent"))
	return document.Values{Texts: texts, Lists: map[string][]map[string]string{
		"actions": d.rows("actions", deeds, "action"),
		"leads":   d.rows("leads", map[Deed]string{Received: ""}, ""),
		"sales":   d.rows("sales", services, "service"),
	}}
}

// rows are the actions that have a text, numbered.
func (d Data) rows(list string, texts map[Deed]string, column string) []map[string]string {
	rows := []map[string]string{}
	for _, a := range d.Actions {
		text, ok := texts[a.Deed]
		if !ok {
			continue
		}
		row := map[string]string{
			"number": strconv.Itoa(len(rows) + 1), "date": words.ShortDay(a.Day), "lead": a.Lead, "sale_amount": amount(a.SaleAmount), "fee": dash, column: text,
		}
		if a.Deed != Received {
			row["fee"] = words.Amount(a.Fee)
		}
		named := map[string]string{}
		for name, value := range row {
			named[list+"."+name] = value
		}
		rows = append(rows, named)
	}
	return rows
}

func (p Party) values(prefix string) map[string]string {
	return map[string]string{
		prefix + ".name":                       or(p.Name, dash),
		prefix + ".inn":                        or(p.INN, dash),
		prefix + ".kpp":                        or(p.KPP, dash),
		prefix + ".ogrn":                       or(p.OGRN, dash),
		prefix + ".address":                    or(p.Address, dash),
		prefix + ".bank_name":                  or(p.Bank.Name, dash),
		prefix + ".bank_account":               or(p.Bank.Account, dash),
		prefix + ".bank_correspondent_account": or(p.Bank.CorrespondentAccount, dash),
		prefix + ".bank_bik":                   or(p.Bank.BIK, dash),
		prefix + ".requisites":                 p.requisites(),
		prefix + ".signatory":                  or(p.Signatory.Name, unsigned),
		prefix + ".signatory_short":            or(initials(p.Signatory.Name), unsigned),
		prefix + ".position":                   or(p.Signatory.Position, unsigned),
		prefix + ".basis":                      or(p.Signatory.Basis, unsigned),
	}
}

// requisites are the known ones, a line each; those that go together share one.
func (p Party) requisites() string {
	ogrn := "ОГРН"
	if len(p.INN) == proprietor {
		ogrn = "ОГРНИП"
	}
	var lines []string
	add := func(labelled ...string) {
		var known []string
		for i := 0; i < len(labelled); i += 2 {
			if labelled[i+1] != "" {
				known = append(known, strings.TrimSpace(labelled[i]+" ")+words.NoBreak+labelled[i+1])
			}
		}
		if len(known) > 0 {
			lines = append(lines, strings.Join(known, ", "))
		}
	}
	add("ИНН", p.INN, "КПП", p.KPP)
	add(ogrn, p.OGRN)
	add("Адрес:", p.Address)
	add("Р/с", p.Bank.Account)
	add("Банк:", p.Bank.Name)
	add("К/с", p.Bank.CorrespondentAccount)
	add("БИК", p.Bank.BIK)
	if len(lines) == 0 {
		return dash
	}
	return strings.Join(lines, "\n")
}

// town is where a document is made; nothing where it is not known.
func town(city string) string {
	if city == "" || strings.Contains(city, ".") || strings.ContainsAny(city, " ") && !startsUpper(city) {
		return city
	}
	return "г." + words.NoBreak + city
}

func startsUpper(s string) bool {
	first, _ := utf8.DecodeRuneInString(s)
	return string(first) == strings.ToUpper(string(first))
}

// initials is a full name with the first letters of what follows the surname: Орлова Н. В.
func initials(name string) string {
	parts := strings.Fields(name)
	for i := 1; i < len(parts); i++ {
		if strings.Contains(parts[i], ".") || strings.Contains(parts[0], ".") { // they are initials already
			continue
		}
		first, _ := utf8.DecodeRuneInString(parts[i])
		parts[i] = strings.ToUpper(string(first)) + "."
	}
	return strings.Join(parts, words.NoBreak)
}

// amount is kopecks in figures, and a dash where they are not known.
func amount(kopecks *int64) string {
	if kopecks == nil {
		return dash
	}
	return words.Amount(*kopecks)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Title is the name of a document as people know it, such as for the subject of a letter.
func (k Kind) Title() string {
	if k == ActOfServices {
		return "Акт оказанных услуг"
	}
	return "Отчёт агента о выполнении поручения"
}
