package processors_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/processors"
)

func service(d *db.DB) *processors.Service {
	return &processors.Service{DB: d, Now: dbtest.Clock("2026-11-26T09:00:00Z")}
}

func admin(t *testing.T) context.Context {
	return auth.With(t.Context(), auth.Viewer{Role: auth.Admin, UserID: gid.New()})
}

func TestTheRegisterHoldsWhatAdministratorsSay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		before, err := s.Entries(admin(t))
		if err != nil || len(before) != 2 || !before[0].Enabled || before[1].Enabled {
			t.Fatalf("got %v, %v, want e-mail on and WhatsApp off before anybody has said anything", before, err)
		}
		want := processors.Entry{Channel: "EMAIL", Enabled: true, Processor: "Elastic Email Inc.", Country: "CA", Data: []processors.Data{processors.ClientEmail, processors.ClientName}}
		given := want
		given.Processor, given.Data = "  Elastic Email Inc. ", []processors.Data{processors.ClientName, processors.ClientEmail, processors.ClientName}
		if _, err := s.Update(admin(t), given); err != nil {
			t.Fatal(err)
		}
		off := processors.Entry{Channel: "WHATSAPP", Processor: "Meta", Country: "US"}
		if _, err := s.Update(admin(t), off); err != nil {
			t.Fatal(err)
		}
		got, err := s.Entries(admin(t))
		if err != nil || got[0].Processor != want.Processor || got[0].Country != want.Country || !slices.Equal(got[0].Data, want.Data) || got[1].Processor != "Meta" {
			t.Errorf("got %v, %v, want %v and %v", got, err, want, off)
		}
		records := d.AuditRecord.Query().Where(auditrecord.Action(string(audit.ProcessorUpdated))).AllX(auth.AsSystem(t.Context(), "test"))
		if len(records) != 2 || records[0].Details == nil || !strings.Contains(*records[0].Details, "country,personal_data,processor") || !strings.Contains(*records[0].Details, "EMAIL") {
			t.Errorf("got %v, want a record of each with the fields that changed", records)
		}
	})
}

func TestWhatTheRegisterRefuses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		for name, c := range map[string]struct {
			entry processors.Entry
			want  []string
		}{
			"WhatsApp on without its processor":    {processors.Entry{Channel: "WHATSAPP", Enabled: true}, []string{"processor REQUIRED", "country REQUIRED"}},
			"personal data to nobody in nowhere":   {processors.Entry{Channel: "EMAIL", Data: []processors.Data{processors.ClientName}}, []string{"processor REQUIRED", "country REQUIRED"}},
			"a category that is none":              {processors.Entry{Channel: "EMAIL", Processor: "x", Country: "y", Data: []processors.Data{processors.ClientName, "PASSPORT"}}, []string{"personalData[1] UNKNOWN_CATEGORY"}},
			"the feed":                             {processors.Entry{Channel: "WEB"}, []string{"channel INVALID_VALUE"}},
			"a long name and one of several lines": {processors.Entry{Channel: "EMAIL", Processor: strings.Repeat("ж", 201), Country: "R\nU"}, []string{"processor TOO_LONG", "country INVALID_CHARACTERS"}},
		} {
			_, err := s.Update(admin(t), c.entry)
			if got := faults(err); !slices.Equal(got, c.want) {
				t.Errorf("%s: got %v, want %v", name, got, c.want)
			}
		}
		if n := d.Channel.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 0 {
			t.Errorf("%d rows were written", n)
		}
		if _, err := s.Update(auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()}), processors.Entry{Channel: "EMAIL"}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("got %v, want a refusal for who is no administrator", err)
		}
	})
}

func faults(err error) (list []string) {
	all, _ := fault.All(err)
	for _, f := range all {
		list = append(list, f.Field+" "+f.Code)
	}
	return list
}

func TestManyWriteTheSameEntryAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		errs := make([]error, 16)
		var writing sync.WaitGroup
		for i := range errs {
			writing.Go(func() {
				_, errs[i] = s.Update(admin(t), processors.Entry{Channel: "EMAIL", Enabled: i%2 == 0})
			})
		}
		writing.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
		if n := d.Channel.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 1 {
			t.Errorf("got %d rows, want 1", n)
		}
	})
}
