package processors_test

import (
	"slices"
	"strings"
	"testing"

	"channelbook/personaldata/processors"
)

func TestHolds(t *testing.T) {
	phone, email := processors.ClientPhone, processors.ClientEmail
	for text, want := range map[string][]processors.Data{
		"Позвоните Анне: +7 (912) 345-67-89, ждёт.": {phone},
		"тел.89123456789":                                     {phone},
		"т89123456789":                                        {phone},
		"Номер 912 345 67 89":                                 {phone},
		"Номер 9123456789.":                                   {phone},
		"Офис: 8 (495) 123-45-67":                             {phone},
		"Офис: (495) 123-45-67":                               {phone},
		"Заявка 15, 8 912 345 67 89 и 8 912 345 67 80":        {phone},
		"В 2026 8 912 345 67 89":                              {phone},
		"8 912 345–67—89":                                     {phone},
		"８９１２３４５６７８９":                                         {phone},
		"8\u00a0912\u00a0345\u00a067\u00a089":                 {phone},
		"891234\u200b56789":                                   {phone},
		"https://wa.me/79123456789":                           {phone},
		"Пишите на +44 20 7946 0958":                          {phone},
		"+79123456789,+79123456780":                           {phone},
		"Пишите: anna@example.ru.":                            {email},
		"<Anna.Petrova+x@Example.co.uk>":                      {email},
		"анна@пример.рф":                                      {email},
		"mailto:anna@example.ru?subject=1":                    {email},
		"_anna@example.ru_":                                   {email},
		"anna@example.ru, 8 912 345 67 89":                    {phone, email},
		"":                                                    nil,
		"План на декабрь 2026: 12 345 678,90 ₽":               nil,
		"Встреча 26.11.2026 в 15:04, этаж 3 (офис 12)":        nil,
		"С 01.12.2026 по 15.12.2026 — 120 продаж":             nil,
		"ИНН 7707083893, КПП 770701001, ОГРН 1027700132195":   nil,
		"Счёт 40702810900000000001":                           nil,
		"Заявка lead_89123456789 закрыта":                     nil,
		"/leads/89123456789abc":                               nil,
		"Спросите @anna в чате, курс 5@6":                     nil,
		"112, 8-800":                                          nil,
		"Документ № 4951234567":                               nil,
		"\xff8 912 345\xff67 89":                              {phone},
		strings.Repeat("1 ", 2000) + strings.Repeat("@", 500): nil,
	} {
		if got := processors.Holds(text); !slices.Equal(got, want) {
			t.Errorf("%.60q: got %v, want %v", text, got, want)
		}
	}
}
