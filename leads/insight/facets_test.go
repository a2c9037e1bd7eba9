package insight_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/leads/insight"
)

// told are the values of one field, as "value count/today".
func (s *stock) told(ctx context.Context, f leads.Filter, field string, first *int) string {
	s.t.Helper()
	facets, err := s.Facets(ctx, f, []string{field}, first)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(facets) != 1 || facets[0].Field != field {
		s.t.Fatalf("got %v, want the facet of %s", facets, field)
	}
	parts := make([]string, len(facets[0].Values))
	for i, v := range facets[0].Values {
		parts[i] = fmt.Sprintf("%s %d/%d", v.Value, v.Count, v.Today)
	}
	return strings.Join(parts, ", ")
}

func utm(value string) func(*ent.LeadCreate) { return with(lead.FieldUtmSource, value) }

const (
	yesterday = "2026-02-28T13:59:59.999999Z" // 23:59:59.999999 in Vladivostok
	today     = "2026-02-28T14:00:00Z"        // midnight
)

func TestFacets(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		source := s.source("site")
		for _, l := range []struct {
			at, value string
			times     int
		}{{yesterday, "vk", 5}, {today, "ya", 2}, {today, "ok", 1}, {yesterday, "ok", 1}, {yesterday, "Б", 1}, {yesterday, "a", 1}, {yesterday, "B", 1}, {today, "", 3}} {
			for range l.times {
				s.lead(source, l.at, utm(l.value))
			}
		}
		s.lead(source, today) // NULL
		s.lead(source, today, utm("test"), test)
		s.lead(source, yesterday, utm("dup"), came(lead.OutcomeDUPLICATE, lead.StatusDUPLICATE))
		s.lead(source, "2026-01-30T13:59:59Z", utm("old")) // 30 January, 31 days ago
		s.lead(source, "2026-01-30T14:00:00Z", utm("edge"))

		t.Run("today's most frequent come first, then the most frequent, then by the value", func(t *testing.T) {
			want := "ya 2/2, ok 2/1, test 1/1, vk 5/0, B 1/0, a 1/0, dup 1/0, edge 1/0, Б 1/0"
			if got := s.told(s.admin, leads.Filter{}, lead.FieldUtmSource, nil); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
		t.Run("as many as are asked for", func(t *testing.T) {
			if got := s.told(s.admin, leads.Filter{}, lead.FieldUtmSource, ptr(2)); got != "ya 2/2, ok 2/1" {
				t.Errorf("got %s, want the first two", got)
			}
		})
		t.Run("the filter holds", func(t *testing.T) {
			f := leads.Filter{Statuses: []string{"NEW"}, IsTest: ptr(false), Tracking: map[string]string{lead.FieldUtmSource: "ok"}}
			if got := s.told(s.admin, f, lead.FieldUtmSource, nil); got != "ok 2/1" {
				t.Errorf("got %s, want ok alone: a filter on tracking has dates by default", got)
			}
		})
		t.Run("a range of the past has nothing of today", func(t *testing.T) {
			if got := s.told(s.admin, between(t, "2026-01-01T00:00:00Z", yesterday), lead.FieldUtmSource, nil); got != "edge 1/0, old 1/0" {
				t.Errorf("got %s, want the two of January", got)
			}
		})
		t.Run("the end alone is 30 days", func(t *testing.T) {
			f := leads.Filter{ReceivedTo: ptr(instant(t, "2026-01-31T14:00:00Z"))} // the end of 31 January
			if got := s.told(s.admin, f, lead.FieldUtmSource, nil); got != "edge 1/0, old 1/0" {
				t.Errorf("got %s, want the two of January", got)
			}
		})
		t.Run("the beginning alone is up to today", func(t *testing.T) {
			f := leads.Filter{ReceivedFrom: ptr(instant(t, today)), IsTest: ptr(false)}
			if got := s.told(s.admin, f, lead.FieldUtmSource, nil); got != "ya 2/2, ok 1/1" {
				t.Errorf("got %s, want what came today", got)
			}
		})
		t.Run("an empty range is empty", func(t *testing.T) {
			if got := s.told(s.admin, between(t, today, yesterday), lead.FieldUtmSource, nil); got != "" {
				t.Errorf("got %s, want nothing", got)
			}
		})
	})
}

func TestFacetsOfEachField(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		var all []func(*ent.LeadCreate)
		for _, field := range insight.Fields {
			all = append(all, with(field, "v-"+field))
		}
		s.lead(s.source("site"), today, all...)
		facets, err := s.Facets(s.admin, leads.Filter{}, nil, nil)
		if err != nil || len(facets) != len(insight.Fields) {
			t.Fatalf("got %d facets, %v, want %d", len(facets), err, len(insight.Fields))
		}
		for i, f := range facets {
			want := insight.Facet{Field: insight.Fields[i], Values: []insight.FacetValue{{Value: "v-" + insight.Fields[i], Count: 1, Today: 1}}}
			if !reflect.DeepEqual(f, want) {
				t.Errorf("got %v, want %v", f, want)
			}
		}
		facets, err = s.Facets(s.admin, leads.Filter{}, []string{lead.FieldAge, lead.FieldFunnel, lead.FieldAge}, nil)
		if err != nil || len(facets) != 2 || facets[0].Field != lead.FieldAge || facets[1].Field != lead.FieldFunnel {
			t.Errorf("got %v, %v, want age and funnel, each once", facets, err)
		}
	})
}

func TestADistributorSeesFacetsOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		source, mine, theirs := s.source("site"), s.distributor("Наши"), s.distributor("Чужие")
		s.lead(source, today, utm("mine"), of(mine))
		s.lead(source, today, utm("restricted"), of(mine), func(c *ent.LeadCreate) { c.SetRestrictedAt(s.Now()) })
		s.lead(source, today, utm("theirs"), of(theirs))
		s.lead(source, today, utm("nobody's"))
		if got := s.told(s.as(mine), leads.Filter{}, lead.FieldUtmSource, nil); got != "mine 1/1" {
			t.Errorf("got %s, want its own", got)
		}
		for name, f := range map[string]leads.Filter{
			"of another":               {DistributorIDs: []gid.ID{theirs}},
			"by a source":              {SourceIDs: []gid.ID{source}},
			"by an address, not taken": {IP: ptr("203.0.113.7")},
		} {
			if got := s.told(s.as(mine), f, lead.FieldUtmSource, nil); got != "" {
				t.Errorf("%s: got %s, want nothing", name, got)
			}
		}
		if got := s.told(s.admin, leads.Filter{}, lead.FieldUtmSource, nil); got != "mine 1/1, nobody's 1/1, restricted 1/1, theirs 1/1" {
			t.Errorf("an administrator got %s, want all", got)
		}
	})
}

func TestFacetsRefuse(t *testing.T) {
	each(t, func(t *testing.T, s *stock) {
		facets := func(ctx context.Context, f leads.Filter, first *int) error {
			_, err := s.Facets(ctx, f, nil, first)
			return err
		}
		wantFaults(t, facets(s.admin, between(t, "2026-01-01T00:00:00Z", "2026-04-03T00:00:01Z"), nil), "DATE_RANGE_TOO_LONG filter.receivedFrom")
		wantFaults(t, facets(s.admin, leads.Filter{ReceivedFrom: ptr(instant(t, "2025-11-01T00:00:00Z"))}, nil), "DATE_RANGE_TOO_LONG filter.receivedFrom")
		if err := facets(s.admin, between(t, "2026-01-01T00:00:00Z", "2026-04-03T00:00:00Z"), nil); err != nil {
			t.Errorf("92 days: got %v, want none", err)
		}
		for _, first := range []int{-1, 101} {
			wantFaults(t, facets(s.admin, leads.Filter{}, &first), "INVALID first")
		}
		none := 0
		if all, err := s.Facets(s.admin, leads.Filter{}, []string{lead.FieldFunnel}, &none); err != nil || len(all) != 1 || all[0].Values == nil || len(all[0].Values) != 0 {
			t.Errorf("no values: got %v, %v, want the field without any", all, err)
		}
		wantFaults(t, facets(s.admin, leads.Filter{SubIDs: []leads.SubID{{Index: 11}}}, nil), "INVALID filter.subIds[0].index")
		for _, ctx := range []context.Context{context.Background(), auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: gid.New()})} {
			if err := facets(ctx, leads.Filter{}, nil); !fault.Is(err, fault.Unauthenticated) && !fault.Is(err, fault.Forbidden) {
				t.Errorf("got %v, want a refusal", err)
			}
		}
	})
}

// TestTheFieldsAreAllThatAFilterTakes: whoever adds a tracking field adds it here too.
func TestTheFieldsAreAllThatAFilterTakes(t *testing.T) {
	for _, column := range insight.Fields {
		if !lead.ValidColumn(column) {
			t.Errorf("%s is no column of leads", column)
		}
	}
	last := slices.Index(lead.Columns, lead.FieldSubIds)
	if tracking := lead.Columns[last+1:]; !slices.Equal(tracking, insight.Fields) {
		t.Errorf("got %v, want the tracking columns %v", insight.Fields, tracking)
	}
}
