package leadsheet_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"channelbook/ent/lead"
	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/insight"
	"channelbook/reports/order"
)

// printed is what the summary says of the conditions.
func printed(t *testing.T, content []byte) []string {
	t.Helper()
	all, err := opened(t, content).GetRows(summarySheet)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range all[1:] {
		if len(row) == 0 {
			return lines
		}
		lines = append(lines, strings.Join(row, ": "))
	}
	return lines
}

func TestEveryConditionIsPrinted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.people()
		filter := leads.Filter{
			DistributorIDs: []gid.ID{w.them, w.ours, id(1, 9)}, Statuses: []string{"NEW", "OVER_CAP"}, SourceIDs: []gid.ID{w.vk},
			ReceivedFrom: ptr(instant("2026-11-01T09:30:00Z")), ReceivedTo: ptr(instant("2026-11-30T21:00:00Z")),
			Search: ptr(" 8 (912) 345-67-01 "), Phone: ptr("8 912 345 67 01"), Email: ptr("Anna@Example.RU"), IP: ptr("203.0.113.7"),
			IsTest: ptr(false), Unassigned: ptr(true), ProcessingRestricted: ptr(false), ExternalID: ptr("=0012"), FirstName: ptr("анна"), LastName: ptr(""),
			PayoutFrom: ptr(int64(100)), PayoutTo: ptr(int64(150_050)), SoldFrom: ptr(date("2026-11-01")), SoldTo: ptr(date("2026-12-01")),
			Tracking: map[string]string{}, SubIDs: []leads.SubID{{Index: 3, Value: "три"}, {Index: 1, Value: "один"}},
		}
		for _, field := range insight.Fields {
			filter.Tracking[field] = "of " + field
		}
		fields := reflect.ValueOf(filter)
		for i := range fields.NumField() {
			if fields.Field(i).IsZero() {
				t.Fatalf("%s is not asked for", fields.Type().Field(i).Name)
			}
		}
		got := printed(t, w.report(w.admin(), order.XLSX, func(o *order.Order) { o.Filter = filter }))
		want := []string{
			"Данные на: 26.11.2026 12:00", "Получены: с 01.11.2026 12:30:00 по 30.11.2026", "Дистрибьюторы: =ИП Сидоров & Ко, ООО «Ромашка», недоступно",
			"Источники: VK Реклама", "Статусы: Новый, Сверх лимита", "Поиск: « 8 (912) 345-67-01 »", "Телефон: «8 912 345 67 01»", "E-mail: «Anna@Example.RU»", "IP-адрес: «203.0.113.7»",
			"Имя: «анна»", "Фамилия: «»", "Внешний ID: «=0012»", "Тестовые: нет", "Без дистрибьютора: да", "Обработка ограничена: нет", "Проданы: с 01.11.2026 по 30.11.2026",
			"Выплата, ₽: от 1,00 до 1500,50", "Регион: «of region»",
		}
		if len(got) < len(want) || !slices.Equal(got[:len(want)], want) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		all := strings.Join(got, "\n")
		for _, field := range insight.Fields {
			if strings.Count(all, ": «of "+field+"»") != 1 {
				t.Errorf("the condition on %s is not printed", field)
			}
		}
		if !strings.HasSuffix(all, "Sub ID 3: «три»\nSub ID 1: «один»") {
			t.Errorf("got %q, want the sub-ids", all)
		}
		// Above the rows the same stands in one line, so that the heading that stays leaves room for them.
		above, err := opened(t, w.report(w.admin(), order.XLSX, func(o *order.Order) { o.Filter = filter })).GetCellValue(leadsSheet, "B3")
		if err != nil || strings.Count(above, ": ") != len(got)-1 {
			t.Errorf("got %q, %v, want all %d conditions", above, err, len(got)-1)
		}
	})
}

func TestNamesThatTheViewerMayNotSeeAreNotPrinted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		got := printed(t, w.report(w.worker(w.ours), order.XLSX, func(o *order.Order) {
			o.Filter = leads.Filter{DistributorIDs: []gid.ID{w.ours, w.them}, SourceIDs: []gid.ID{w.site}}
		}))
		if want := []string{"Данные на: 26.11.2026 12:00", "Дистрибьюторы: ООО «Ромашка», недоступно", "Источники: недоступно"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestWhatTheOrderSaysBesidesNarrowsTheFilter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.people()
		count := func(change func(o *order.Order)) int {
			t.Helper()
			return len(records(t, w.report(w.admin(), order.CSV, change))) - 1
		}
		november := calendar.PeriodOf(calendar.Month, date("2026-11-05"))
		for name, c := range map[string]struct {
			change func(o *order.Order)
			want   int
		}{
			"all":                              {nil, 9},
			"one distributor":                  {func(o *order.Order) { o.DistributorID = &w.them }, 2},
			"one of the filter's distributors": {func(o *order.Order) { o.DistributorID, o.Filter.DistributorIDs = &w.them, []gid.ID{w.ours, w.them} }, 2},
			"days, as the business has them":   {func(o *order.Order) { o.From, o.To = ptr(date("2026-11-21")), ptr(date("2026-11-23")) }, 3},
			"a period":                         {func(o *order.Order) { o.Period = &november }, 9},
			"days of a period":                 {func(o *order.Order) { o.Period, o.From = &november, ptr(date("2026-11-25")) }, 2},
			"days that the filter narrows": {func(o *order.Order) {
				o.From, o.Filter.ReceivedFrom = ptr(date("2026-11-21")), ptr(instant("2026-11-24T12:00:00Z"))
			}, 3},
			"a period for what advertising says": {func(o *order.Order) {
				o.Period, o.Filter.Tracking = &november, map[string]string{lead.FieldFunnel: "quiz"}
			}, 1},
			"days that begin before the filter's": {func(o *order.Order) {
				o.To, o.Filter.ReceivedTo = ptr(date("2026-11-22")), ptr(instant("2026-12-24T12:00:00Z"))
			}, 3},
			"a further sub-id": {func(o *order.Order) {
				o.Period, o.Filter.SubIDs = &november, []leads.SubID{{Index: 3, Value: "три"}}
			}, 1},
			"those whose processing is restricted":  {func(o *order.Order) { o.Filter.ProcessingRestricted = ptr(true) }, 1},
			"a search for the last digits of phone": {func(o *order.Order) { o.Filter.Search = ptr("6701") }, 2},
		} {
			t.Run(name, func(t *testing.T) {
				if got := count(c.change); got != c.want {
					t.Errorf("got %d leads, want %d", got, c.want)
				}
			})
		}
		for name, c := range map[string]struct {
			change func(o *order.Order)
			code   string
		}{
			"another distributor than the filter's":   {func(o *order.Order) { o.DistributorID, o.Filter.DistributorIDs = &w.them, []gid.ID{w.ours} }, "OTHER_DISTRIBUTOR"},
			"what advertising says without any dates": {func(o *order.Order) { o.Filter.Tracking = map[string]string{lead.FieldFunnel: "quiz"} }, "DATE_RANGE_REQUIRED"},
		} {
			t.Run(name+" is refused", func(t *testing.T) {
				_, err := w.write(context.Background(), maker(), w.admin(), order.CSV, c.change)
				faults, ok := fault.All(err)
				if !ok || len(faults) != 1 || faults[0].Code != c.code {
					t.Errorf("got %v, want %s", err, c.code)
				}
			})
		}
	})
}
