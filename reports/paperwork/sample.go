package paperwork

import (
	"time"

	"channelbook/internal/calendar"
	"channelbook/internal/requisites"
)

// Sample is a made-up month of made-up companies, for who looks at a template: their numbers are well-formed and nobody's.
func Sample() Data {
	return Data{
		Number: "11/2026", Day: day(time.November, 30), City: "Москва",
		Contract: Contract{Number: "АГ-17/26", SignedOn: day(time.January, 15)},
		From:     day(time.November, 1), To: day(time.November, 30),
		Principal: sampleParty("ООО «Образцовые решения»", "77", "125009, г. Москва, Примерный переулок, д. 7, офис 12",
			Signatory{Name: "Орлова Наталья Викторовна", Position: "Генеральный директор", Basis: "устав"}),
		Agent: sampleParty("ООО «Пробный дистрибьютор»", "78", "190000, г. Санкт-Петербург, Вымышленная набережная, д. 15, литера А",
			Signatory{Name: "Белов Кирилл Андреевич", Position: "Директор", Basis: "устав"}),
		Actions: sampleActions(),
	}
}

func day(m time.Month, d int) calendar.Date {
	return calendar.DateOf(time.Date(2026, m, d, 0, 0, 0, 0, time.UTC), time.UTC)
}

func sampleParty(name, region, address string, s Signatory) Party {
	bik := "0445" + region + "999"
	return Party{
		Name: name, INN: requisites.WithINNCheck(region + "0199999"), KPP: region + "0101001",
		OGRN: requisites.WithOGRNCheck("126" + region + "0000999"), Address: address, Signatory: s,
		Bank: Bank{
			Name: "АО «Банк для примера»", Account: requisites.WithKey("40702810000000000999", bik),
			CorrespondentAccount: requisites.WithCorrespondentKey("30101810000000000999", bik), BIK: bik,
		},
	}
}

// sampleActions are three leads, two sales and the reversal of an earlier one.
func sampleActions() []Action {
	const first, second, third, earlier = "lead_01kb3n7x4hfq2s8wd6v0cy5rgm", "lead_01kb8t2c9veb4x7nq1p6hz3k0d", "lead_01kc2f6m1zra8y5tg3w9nq7xvb", "lead_01ka5h8s3pmd7c2vx6b4kf9wye"
	sum := func(roubles int64) *int64 { kopecks := roubles * 100; return &kopecks }
	return []Action{
		{Day: day(time.November, 3), Deed: Received, Lead: first},
		{Day: day(time.November, 5), Deed: Received, Lead: second},
		{Day: day(time.November, 10), Deed: Sold, Lead: first, SaleAmount: sum(180_000), Fee: 18_000_00},
		{Day: day(time.November, 12), Deed: Reversed, Lead: earlier, SaleAmount: sum(-75_000), Fee: -7_500_00},
		{Day: day(time.November, 17), Deed: Received, Lead: third},
		{Day: day(time.November, 24), Deed: Sold, Lead: second, SaleAmount: sum(15_005), Fee: 1_500_50},
	}
}
