package graph_test

import (
	"strings"
	"testing"

	"channelbook/internal/gid"
	"channelbook/leads"
)

const termsParts = `terms { payoutRule { kind amount { amount } percent } holdingDays minimumPayout { amount } acceptanceHours dailyLeadCap monthlyLeadCap openLeadCap timezone
	workingHours { weekday opensAt closesAt } }`

func TestTermsThroughTheAPI(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		company := h.distributor("Ромашка")
		worker := h.worker("roma", company)
		id := gid.Distributor.Format(company)
		set := func(input vars) reply {
			input["distributorId"] = id
			return h.ask(admin, `mutation($in: SetDistributorTermsInput!) { setDistributorTerms(input: $in) { distributor { id `+termsParts+` } userErrors { code field } } }`, vars{"in": input})
		}
		t.Run("they are set and read, by the distributor's own user too", func(t *testing.T) {
			if got := set(vars{"payoutRule": vars{"kind": "PERCENT", "percent": "12.5"}, "holdingDays": 14, "minimumPayout": "500.50", "acceptanceHours": 8, "dailyLeadCap": 20,
				"timezone": "Asia/Omsk", "workingHours": []vars{{"weekday": "SATURDAY", "opensAt": "10:00", "closesAt": "15:00"}}}); strings.Contains(got.raw, `"code"`) {
				t.Fatalf("got %s, want the terms set", got.raw)
			}
			want := `"terms":{"payoutRule":{"kind":"PERCENT","amount":null,"percent":"12.50"},"holdingDays":14,"minimumPayout":{"amount":"500.50"},"acceptanceHours":8,"dailyLeadCap":20,` +
				`"monthlyLeadCap":null,"openLeadCap":null,"timezone":"Asia/Omsk","workingHours":[{"weekday":"SATURDAY","opensAt":"10:00","closesAt":"15:00"}]}`
			for who, as := range map[string]caller{"an administrator": admin, "the distributor's user": worker} {
				if got := h.must(as, `query($id: ID!) { distributor(id: $id) { `+termsParts+` } }`, vars{"id": id}); !strings.Contains(got.raw, want) {
					t.Errorf("%s: got %s, want %s", who, got.raw, want)
				}
			}
		})
		t.Run("what is absent is not agreed on any more", func(t *testing.T) {
			got := set(vars{"payoutRule": vars{"kind": "FIXED", "amount": "1500.50"}})
			want := `"terms":{"payoutRule":{"kind":"FIXED","amount":{"amount":"1500.50"},"percent":null},"holdingDays":0,"minimumPayout":{"amount":"0.00"},"acceptanceHours":null,"dailyLeadCap":null,` +
				`"monthlyLeadCap":null,"openLeadCap":null,"timezone":null,"workingHours":[{"weekday":"MONDAY","opensAt":"09:00","closesAt":"18:00"},`
			if !strings.Contains(got.raw, want) {
				t.Errorf("got %s, want %s", got.raw, want)
			}
		})
		t.Run("all faults come at once", func(t *testing.T) {
			for _, minimum := range []string{"-1", "0.001", "1000000000000.01", "99999999999999999"} {
				got := set(vars{"payoutRule": vars{"kind": "FIXED", "amount": "0.001", "percent": "5"}, "holdingDays": -1, "minimumPayout": minimum,
					"workingHours": []vars{{"weekday": "MONDAY", "opensAt": "9", "closesAt": "18:00"}}})
				for _, want := range []string{"payoutRule.amount", "payoutRule.percent", "holdingDays", "minimumPayout", "workingHours[0].opensAt"} {
					if !strings.Contains(got.raw, `"field":"`+want+`"`) {
						t.Errorf("got %s, want a fault at %s", got.raw, want)
					}
				}
			}
		})
		t.Run("a sale is paid by them", func(t *testing.T) {
			source, _ := h.source(leads.SourceInput{Name: "Landing"})
			lead := gid.Lead.Format(h.lead(source, leads.Submission{}, company))
			got := h.must(admin, `mutation($in: RegisterSaleInput!) { registerSale(input: $in) { lead { payout { amount } } userErrors { code } } }`, vars{"in": vars{"leadId": lead}})
			if got.at("registerSale", "lead", "payout", "amount") != "1500.50" {
				t.Errorf("got %s, want the fixed payout", got.raw)
			}
		})
	})
}

func TestAbsencesThroughTheAPI(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		company := h.distributor("Ромашка")
		worker := h.worker("roma", company)
		id := gid.Distributor.Format(company)
		add := func(from, to string) reply {
			return h.ask(admin, `mutation($in: AddAbsenceInput!) { addAbsence(input: $in) { absence { id startsOn endsOn reason distributor { companyName } } userErrors { code field } } }`,
				vars{"in": vars{"distributorId": id, "startsOn": from, "endsOn": to, "reason": "Отпуск"}})
		}
		first := add("2026-12-01", "2026-12-05")
		if first.at("addAbsence", "absence", "distributor", "companyName") != "Ромашка" || first.at("addAbsence", "absence", "endsOn") != "2026-12-05" {
			t.Fatalf("got %s, want the absence", first.raw)
		}
		if got := add("2026-12-05", "2026-12-06"); !strings.Contains(got.raw, `"code":"OVERLAPS"`) {
			t.Errorf("got %s, want OVERLAPS", got.raw)
		}
		add("2026-12-20", "2026-12-31")
		add("2026-11-01", "2026-11-02")
		const list = `query($id: ID!, $first: Int, $after: String, $from: Date) { distributor(id: $id) {
			absences(first: $first, after: $after, from: $from) { totalCount pageInfo { hasNextPage endCursor } edges { node { id startsOn reason } } } } }`
		t.Run("the last comes first, page by page", func(t *testing.T) {
			var days []string
			page := vars{"id": id, "first": 2}
			for range 2 {
				got := h.must(worker, list, page)
				for _, node := range got.nodes("distributor", "absences") {
					days = append(days, node["startsOn"].(string))
				}
				if got.at("distributor", "absences", "totalCount") != 3.0 {
					t.Errorf("got %s, want a count of 3", got.raw)
				}
				page["after"] = got.at("distributor", "absences", "pageInfo", "endCursor")
			}
			if strings.Join(days, " ") != "2026-12-20 2026-12-01 2026-11-01" {
				t.Errorf("got %v, want the last first", days)
			}
		})
		t.Run("those that are over can be left out", func(t *testing.T) {
			got := h.must(worker, list, vars{"id": id, "from": "2026-12-05"})
			if len(got.nodes("distributor", "absences")) != 2 {
				t.Errorf("got %s, want the two that end on that day or later", got.raw)
			}
		})
		t.Run("one is read by its id and removed", func(t *testing.T) {
			absence := vars{"id": first.at("addAbsence", "absence", "id")}
			if got := h.must(worker, `query($id: ID!) { node(id: $id) { id ... on Absence { reason } } }`, absence); got.at("node", "reason") != "Отпуск" {
				t.Errorf("got %s, want the absence", got.raw)
			}
			h.must(admin, `mutation($in: RemoveAbsenceInput!) { removeAbsence(input: $in) { userErrors { code } } }`, vars{"in": absence})
			if got := h.must(admin, `query($id: ID!) { node(id: $id) { id } }`, absence); got.at("node") != nil {
				t.Errorf("got %s, want it gone", got.raw)
			}
		})
	})
}

func TestOurCompanyThroughTheAPI(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		const read = `{ company { name inn kpp ogrn address city signatory signatoryPosition informationSystem updatedAt bankDetails { bankName account correspondentAccount bik } } }`
		if got := h.must(admin, read, nil); got.at("company", "name") != nil || got.at("company", "bankDetails") != nil || got.at("company", "updatedAt") != nil {
			t.Errorf("got %s, want nothing known yet", got.raw)
		}
		const update = `mutation($in: UpdateCompanyInput!) { updateCompany(input: $in) { company { name } userErrors { code field } } }`
		h.must(admin, update, vars{"in": vars{"name": "ООО «Лиды»", "inn": "7707083893", "kpp": "773601001", "ogrn": "1027700132195", "address": "Москва",
			"city": "Москва", "signatory": "Орлова Н. В.", "signatoryPosition": "Директор", "informationSystem": "ИС",
			"bankDetails": vars{"bankName": "Банк", "account": "40702810438000060473", "correspondentAccount": "30101810400000000225", "bik": "044525225"}}})
		want := `{"name":"ООО «Лиды»","inn":"7707083893","kpp":"773601001","ogrn":"1027700132195","address":"Москва","city":"Москва","signatory":"Орлова Н. В.",` +
			`"signatoryPosition":"Директор","informationSystem":"ИС","updatedAt":"2026-11-23T09:00:00Z","bankDetails":{"bankName":"Банк",` +
			`"account":"40702810438000060473","correspondentAccount":"30101810400000000225","bik":"044525225"}}`
		if got := h.must(admin, read, nil); !strings.Contains(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		got := h.ask(admin, update, vars{"in": vars{"name": "", "inn": "500100732259", "bankDetails": vars{"bik": "044525974"}}})
		for _, field := range []string{"name", "ogrn", "kpp", "bankDetails.account", "bankDetails.correspondentAccount"} {
			if !strings.Contains(got.raw, `"field":"`+field+`"`) {
				t.Errorf("got %s, want a fault at %s", got.raw, field)
			}
		}
	})
}

func TestPicturesAreLinked(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		worker := h.worker("roma", company)
		const query = `{ viewer { avatarUrl distributor { logoUrl } } }`
		if got := h.must(worker, query, nil); got.at("viewer", "avatarUrl") != nil || got.at("viewer", "distributor", "logoUrl") != nil {
			t.Errorf("got %s, want no links", got.raw)
		}
		logo, avatar := h.picture(), h.picture()
		h.db.Distributor.UpdateOneID(company).SetLogoID(logo).ExecX(h.system())
		h.db.User.Update().SetAvatarID(avatar).ExecX(h.system())
		got := h.must(worker, query, nil)
		for id, link := range map[gid.ID]any{logo: got.at("viewer", "distributor", "logoUrl"), avatar: got.at("viewer", "avatarUrl")} {
			if want := "https://files.example/files/" + gid.Picture.Format(id) + "?signed"; link != want {
				t.Errorf("got %v, want %s", link, want)
			}
		}
	})
}
