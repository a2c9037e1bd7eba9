package legacy

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestTheDocumentNamesEveryColumn: operators look there for what is read under which name.
func TestTheDocumentNamesEveryColumn(t *testing.T) {
	text, err := os.ReadFile("../../docs/import-legacy.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(text)
	named := func(what string) {
		if !strings.Contains(doc, "`"+what+"`") {
			t.Errorf("docs/import-legacy.md does not name %s", what)
		}
	}
	for _, sp := range tables {
		for _, name := range sp.names[1:] {
			named(name)
		}
		for _, f := range sp.fields {
			if sp.name == "leads" && strings.HasPrefix(f.name, "sub_id_") && f.name != "sub_id_1" {
				continue // they are numbered
			}
			for _, column := range f.columns {
				named(column)
			}
		}
	}
	for _, words := range []map[string]bool{keys(statuses), keys(roles), keys(metricsOf), keys(templateKinds)} {
		for word := range words {
			if !strings.Contains(strings.ReplaceAll(doc, "ё", "е"), strings.ReplaceAll(word, "ё", "е")) {
				t.Errorf("docs/import-legacy.md does not name %s", word)
			}
		}
	}
}

func keys[T any](of map[string]T) map[string]bool {
	all := map[string]bool{}
	for word := range of {
		all[word] = true
	}
	return all
}

func TestTimes(t *testing.T) {
	zone := time.FixedZone("MSK", 3*60*60)
	for text, want := range map[string]string{
		"2026-03-01 10:00:00": "2026-03-01T07:00:00Z", "2026-03-01 10:00:00.123456": "2026-03-01T07:00:00.123456Z", "2026-03-01T10:00": "2026-03-01T07:00:00Z", "2026-03-01": "2026-02-28T21:00:00Z",
		"01.03.2026 10:00": "2026-03-01T07:00:00Z", "2026-03-01T10:00:00+05:00": "2026-03-01T05:00:00Z", "2026-03-01 10:00:00+00:00": "2026-03-01T10:00:00Z",
		"1772359200": "2026-03-01T10:00:00Z", "1772359200.5": "2026-03-01T10:00:00.5Z", "1772359200000": "2026-03-01T10:00:00Z",
	} {
		if at, err := instant(text, zone); err != nil || at.Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v, %v, want %s", text, at, err, want)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-13-01", "0000-00-00 00:00:00", "1970-01-01 00:00:00", "12", "NaN", "1e300", "-1772359200"} {
		if at, err := instant(text, zone); err == nil {
			t.Errorf("%q: got %v, want no time", text, at)
		}
	}
}

func TestSums(t *testing.T) {
	for text, want := range map[string]int64{"1500.5": 150050, "1 500,50 ₽": 150050, "1\u00a0500 руб.": 150000, "0": 0, "-5": -500, "0.005": 1, "1e3": 100000} {
		if got, _, err := sum(text); err != nil || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "много", "1.2.3", "1e40", "99999999999999999999", "1e-400000000", "NaN"} {
		if got, _, err := sum(text); err == nil {
			t.Errorf("%q: got %d, want no sum", text, got)
		}
	}
}
