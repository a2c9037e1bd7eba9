package imports

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"channelbook/ent/values"
	"channelbook/internal/fault"
)

// column is what a column of a file may be: a field, and the headings by which it is known besides the field's own name.
type column struct {
	field    string
	headings []string
}

// leadColumns are those of leads. The fields are named as the intake names them, and so are its faults.
var leadColumns = withSubIDs([]column{
	{"externalId", []string{"Внешний ID", "Внешний идентификатор", "ID заявки", "Номер заявки"}},
	{"firstName", []string{"Имя", "Name"}},
	{"lastName", []string{"Фамилия", "Surname"}},
	{"phone", []string{"Телефон", "Номер телефона", "Мобильный телефон", "Phone number"}},
	{"email", []string{"E-mail", "Почта", "Электронная почта", "Эл. почта", "Адрес электронной почты"}},
	{"ip", []string{"IP-адрес", "IP address"}},
	{"funnel", []string{"Воронка"}},
	{"distributorId", []string{"Дистрибьютор", "ID дистрибьютора", "ИНН дистрибьютора", "Distributor"}},
	{"test", []string{"Тест", "Тестовая", "Тестовая заявка", "Is test"}},
	{"consent.purpose", []string{"Согласие: цель", "Цель согласия", "Цель обработки"}},
	{"consent.textVersion", []string{"Согласие: версия текста", "Версия согласия", "Версия текста согласия"}},
	{"consent.givenAt", []string{"Согласие: когда дано", "Дата согласия", "Время согласия"}},
	{"consent.userAgent", []string{"Согласие: браузер"}},
	{"advertisingConsent.textVersion", []string{"Реклама: версия текста", "Версия согласия на рекламу"}},
	{"advertisingConsent.givenAt", []string{"Реклама: когда дано", "Дата согласия на рекламу"}},
	{"advertisingConsent.userAgent", []string{"Реклама: браузер"}},
	{"tracking.subid", []string{"Subid", "Субид"}},
	{"tracking.utmSource", []string{"UTM Source"}},
	{"tracking.utmMedium", []string{"UTM Medium"}},
	{"tracking.utmCampaign", []string{"UTM Campaign"}},
	{"tracking.utmTerm", []string{"UTM Term"}},
	{"tracking.campaignId", []string{"Campaign ID", "ID кампании"}},
	{"tracking.campaignName", []string{"Campaign name", "Кампания", "Название кампании"}},
	{"tracking.bannerId", []string{"Banner ID", "ID баннера", "Баннер"}},
	{"tracking.advertiserId", []string{"Advertiser ID", "ID рекламодателя", "Рекламодатель"}},
	{"tracking.region", []string{"Region", "Регион"}},
	{"tracking.gender", []string{"Gender", "Пол"}},
	{"tracking.age", []string{"Age", "Возраст"}},
	{"tracking.random", []string{"Random", "Случайное число"}},
	{"tracking.impressionWeekday", []string{"Impression weekday", "День недели показа"}},
	{"tracking.impressionHour", []string{"Impression hour", "Час показа"}},
	{"tracking.userTimezone", []string{"User timezone", "Часовой пояс"}},
	{"tracking.placement", []string{"Placement", "Площадка"}},
	{"tracking.deviceType", []string{"Device type", "Тип устройства", "Устройство"}},
	{"tracking.position", []string{"Position", "Позиция"}},
})

// subIDs is how many sub-ids a lead has room for.
const subIDs = 10

func withSubIDs(columns []column) []column {
	for i := range subIDs {
		columns = append(columns, column{subIDField(i), []string{fmt.Sprintf("Sub ID %d", i+1), fmt.Sprintf("Sub %d", i+1), fmt.Sprintf("Субид %d", i+1)}})
	}
	return columns
}

func subIDField(i int) string { return fmt.Sprintf("tracking.subIds[%d]", i) }

// distributorColumns are those of distributors, named as their form names them.
var distributorColumns = []column{
	{"companyName", []string{"Компания", "Название", "Название компании", "Наименование", "Организация", "Company"}},
	{"inn", []string{"ИНН"}},
	{"kpp", []string{"КПП"}},
	{"ogrn", []string{"ОГРН", "ОГРНИП", "ОГРН (ОГРНИП)"}},
	{"legalAddress", []string{"Юридический адрес", "Адрес"}},
	{"email", []string{"E-mail", "Почта", "Электронная почта", "Эл. почта"}},
	{"phone", []string{"Телефон", "Номер телефона"}},
	{"website", []string{"Сайт"}},
	{"description", []string{"Описание", "Примечание"}},
	{"region", []string{"Регион"}},
	{"contractNumber", []string{"Номер договора", "№ договора", "Договор"}},
	{"contractSignedOn", []string{"Дата договора", "Договор от"}},
	{"bankDetails.bankName", []string{"Банк", "Название банка", "Наименование банка", "Bank name"}},
	{"bankDetails.account", []string{"Расчётный счёт", "Р/с", "Счёт", "Account"}},
	{"bankDetails.correspondentAccount", []string{"Корреспондентский счёт", "Корр. счёт", "К/с", "Correspondent account"}},
	{"bankDetails.bik", []string{"БИК", "BIK"}},
}

// plain is a heading without what people write differently: case, spaces and punctuation, ё. utm_source, UTM Source and utmSource are one.
func plain(heading string) string {
	heading = strings.ReplaceAll(strings.ToLower(norm.NFC.String(heading)), "ё", "е")
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, heading)
}

// knownAs is the field of each plain heading.
func knownAs(columns []column) map[string]string {
	by := map[string]string{}
	for _, c := range columns {
		for _, heading := range append(c.headings, c.field) {
			by[plain(heading)] = c.field
		}
	}
	return by
}

// mapped says which field each column is. Faults, all at once: a field that two columns hold, and each that is required and not there.
func mapped(headings []string, columns []column, required [][]string) ([]values.ImportColumn, error) {
	by, held := knownAs(columns), map[string]bool{}
	out := make([]values.ImportColumn, len(headings))
	var faults []error
	for i, heading := range headings {
		if utf8.RuneCountInString(heading) > maxHeading {
			return nil, wrong("HEADING_TOO_LONG", fmt.Sprintf("A heading has at most %d characters: the first row of the file is to hold the headings.", maxHeading))
		}
		field := by[plain(heading)]
		out[i] = values.ImportColumn{Heading: heading, Field: field}
		if field != "" && held[field] {
			faults = append(faults, wrong("HEADING_REPEATED", fmt.Sprintf("Two columns hold %s: one of them is %q.", field, heading)))
		}
		held[field] = true
	}
	for _, oneOf := range required {
		if !slices.ContainsFunc(oneOf, func(field string) bool { return held[field] }) {
			faults = append(faults, wrong("HEADING_MISSING", "No column is called "+called(oneOf, columns)+"."))
		}
	}
	return out, errors.Join(faults...)
}

// called are the fields by their first headings.
func called(fields []string, columns []column) string {
	names := make([]string, len(fields))
	for i, field := range fields {
		at := slices.IndexFunc(columns, func(c column) bool { return c.field == field })
		names[i] = fmt.Sprintf("«%s» (%s)", columns[at].headings[0], field)
	}
	return strings.Join(names, " or ")
}

// line is a row of a file by its fields.
type line struct {
	row    int
	values map[string]string
	// faults are those that the row has as it stands in the file.
	faults []error
}

// read makes a line of a row.
func read(columns []values.ImportColumn, row int, cells []string) line {
	l := line{row: row, values: make(map[string]string, len(cells))}
	for i, cell := range cells {
		switch {
		case i >= len(columns):
			if cell != "" {
				l.faults = append(l.faults, fault.Coded(fault.Invalid, "TOO_MANY_CELLS", "", "The row has more cells than there are headings."))
				return l
			}
		case columns[i].Field == "":
		case isExcelError(cell):
			l.faults = append(l.faults, fault.Coded(fault.Invalid, "FORMULA_FAILED", columns[i].Field, "The formula of this cell comes to nothing."))
		default:
			l.values[columns[i].Field] = cell
		}
	}
	return l
}

// pick is the value of a field.
func (l line) pick(field string) string { return l.values[field] }

// faultsOf are the faults of a row as they are shown. They repeat nothing of what it holds.
func faultsOf(row int, columns []values.ImportColumn, err error) []values.ImportFault {
	known, _ := fault.All(err)
	out := make([]values.ImportFault, len(known))
	for i, f := range known {
		out[i] = values.ImportFault{Row: row, Field: f.Field, Code: f.Code, Message: f.Message}
		at := slices.IndexFunc(columns, func(c values.ImportColumn) bool { return c.Field != "" && c.Field == f.Field })
		if at >= 0 {
			out[i].Heading = columns[at].Heading
		}
	}
	return out
}
