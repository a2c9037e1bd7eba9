package graph_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// TestFilters asks for one lead by each field of the filter, and for none by another value.
func TestFilters(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		ours, theirs := h.distributor("Наши"), h.distributor("Чужие")
		source, _ := h.source(leads.SourceInput{Name: "One"})
		other, _ := h.source(leads.SourceInput{Name: "Two"})
		wanted := gid.Lead.Format(h.lead(source, leads.Submission{
			ExternalID: "ext-1", FirstName: "Семён", LastName: "Ёлкин", Phone: "8 (912) 345-67-89", Email: "Semen@Example.ru",
			IP: "2001:db8::7", Funnel: "spring", Tracking: leads.Tracking{
				Subid: "s1", UTMSource: "vk", UTMMedium: "cpc", UTMCampaign: "camp", UTMTerm: "term", CampaignID: "c1",
				CampaignName: "Весна", BannerID: "b1", AdvertiserID: "a1", Region: "Тула", Gender: "m", Age: "30", Random: "r1",
				ImpressionWeekday: "1", ImpressionHour: "12", UserTimezone: "+3", Placement: "p1", DeviceType: "phone",
				Position: "top", SubIDs: []string{"", "second"},
			}}, ours))
		h.lead(other, leads.Submission{FirstName: "Ольга", LastName: "Иванова", Phone: "+79995550000", Email: "o@example.com", IP: "203.0.113.7", Test: true}, theirs)
		payout, day := int64(150_50), mustDate(t, "2026-11-23")
		id, _ := gid.Lead.Parse(wanted)
		if _, err := h.payouts.RegisterSale(h.system(), leads.Sale{LeadID: id, Payout: &payout, SoldOn: &day}); err != nil {
			t.Fatal(err)
		}

		inRange := vars{"receivedFrom": "2026-11-01T00:00:00Z", "receivedTo": "2026-12-01T00:00:00Z"}
		for field, values := range map[string][2]any{
			"distributorIds": {[]string{gid.Distributor.Format(ours)}, []string{gid.Distributor.Format(gid.New())}},
			"statuses":       {[]string{"SALE"}, []string{"REJECTED"}},
			"sourceIds":      {[]string{gid.LeadSource.Format(source.ID)}, []string{gid.LeadSource.Format(gid.New())}},
			"phone":          {"+7 912 345 67 89", "8 912 345 67 80"}, "email": {"SEMEN@example.ru", "x@example.ru"},
			"ip": {"2001:0DB8:0:0::7", "2001:db8::8"}, "externalId": {"ext-1", "ext-2"},
			"firstName": {"семен", "сем"}, "lastName": {"ЁЛКИН", "Ёлка"}, "isTest": {false, nil}, "processingRestricted": {nil, true},
			"payoutFrom": {"150.50", "150.51"}, "payoutTo": {"150.50", "150.49"},
			"soldFrom": {"2026-11-23", "2026-11-24"}, "soldTo": {"2026-11-24", "2026-11-23"},
			"funnel": {"spring", "x"}, "campaignId": {"c1", "x"}, "campaignName": {"Весна", "x"}, "bannerId": {"b1", "x"},
			"advertiserId": {"a1", "x"}, "region": {"Тула", "x"}, "gender": {"m", "x"}, "age": {"30", "x"},
			"utmSource": {"vk", "x"}, "utmMedium": {"cpc", "x"}, "utmCampaign": {"camp", "x"}, "utmTerm": {"term", "x"},
			"placement": {"p1", "x"}, "deviceType": {"phone", "x"}, "position": {"top", "x"}, "subid": {"s1", "x"},
			"random": {"r1", "x"}, "impressionWeekday": {"1", "x"}, "impressionHour": {"12", "x"}, "userTimezone": {"+3", "x"},
			"subIds": {[]vars{{"index": 2, "value": "second"}}, []vars{{"index": 1, "value": "second"}}},
		} {
			for i, want := range [][]string{{wanted}, nil} {
				if values[i] == nil {
					continue
				}
				filter := maps.Clone(inRange)
				filter[field] = values[i]
				if got := h.walk(admin, 10, vars{"filter": filter}); !slices.Equal(got, want) {
					t.Errorf("%s %v: got %v, want %v", field, values[i], got, want)
				}
			}
		}
		for search, found := range map[string]bool{
			"ёлк": true, "ЕЛКИН СЕМ": true, "семён": true, "лкин": false, "елкин ольга": false, "6789": true, "6780": false,
			"8-912-345-67-89": true, "semen@EXAMPLE.ru": true, "semen@example": false, "  ": true, "%": false, "_лкин": false, `\`: false,
		} {
			got := h.walk(admin, 10, vars{"filter": vars{"search": search, "isTest": false}})
			if slices.Contains(got, wanted) != found {
				t.Errorf("search %q: got %v, want it found: %v", search, got, found)
			}
		}
		for name, filter := range map[string]vars{
			"tracking without dates":        {"utmSource": "vk"},
			"tracking over more than 92":    {"utmSource": "vk", "receivedFrom": "2026-01-01T00:00:00Z", "receivedTo": "2026-04-04T00:00:00Z"},
			"sub-ids without dates":         {"subIds": []vars{{"index": 1, "value": "x"}}},
			"the eleventh sub-id":           {"subIds": []vars{{"index": 11, "value": "x"}}, "receivedFrom": "2026-11-01T00:00:00Z", "receivedTo": "2026-12-01T00:00:00Z"},
			"an id of another type":         {"distributorIds": []string{wanted}},
			"more than two decimals":        {"payoutFrom": "1.005"},
			"more ids than a page has rows": {"sourceIds": slices.Repeat([]string{gid.LeadSource.Format(source.ID)}, 101)},
		} {
			if got := h.ask(admin, pageOfLeads, vars{"filter": filter}); got.code() != "BAD_REQUEST" {
				t.Errorf("%s: got %s, want BAD_REQUEST", name, got.raw)
			}
		}
		h.testUnassigned(admin)
	})
}

func (h *house) testUnassigned(admin caller) {
	h.t.Helper()
	if got := h.walk(admin, 10, vars{"filter": vars{"unassigned": true}}); len(got) != 0 {
		h.t.Errorf("got %v, want no unassigned lead", got)
	}
	if got := h.walk(admin, 10, vars{"filter": vars{"unassigned": false}}); len(got) != 2 {
		h.t.Errorf("got %v, want both leads", got)
	}
}

// TestADistributorDoesNotAskBySource: it sees no sources, so it is not to learn which of its leads came by the same one.
func TestADistributorDoesNotAskBySource(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		company := h.distributor("Ромашка")
		worker, admin := h.worker("roma", company), h.admin("boss")
		source, _ := h.source(leads.SourceInput{Name: "One"})
		h.lead(source, leads.Submission{}, company)
		filter := vars{"filter": vars{"sourceIds": []string{gid.LeadSource.Format(source.ID)}}}
		if got := h.walk(admin, 10, filter); len(got) != 1 {
			t.Errorf("an administrator finds %v, want the lead of the source", got)
		}
		if got := h.ask(worker, pageOfLeads, filter); len(got.nodes("leads")) != 0 || got.at("leads", "totalCount") != 0.0 {
			t.Errorf("a distributor's user gets %s, want nothing", got.raw)
		}
		if got := h.ask(worker, `query($f: LeadFilter) { viewer { distributor { leads(filter: $f) { totalCount } } } }`, vars{"f": filter["filter"]}); got.at("viewer", "distributor", "leads", "totalCount") != 0.0 {
			t.Errorf("a distributor's user gets %s under its distributor, want nothing", got.raw)
		}
	})
}

// TestEveryFieldOfTheFilterIsTried: a new one gets its case above.
func TestEveryFieldOfTheFilterIsTried(t *testing.T) {
	test := testSource(t, "filter_test.go")
	for _, f := range schema().Types["LeadFilter"].Fields {
		if !strings.Contains(test, `"`+f.Name+`"`) {
			t.Errorf("LeadFilter.%s is not tried", f.Name)
		}
	}
}

func mustDate(t *testing.T, s string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
