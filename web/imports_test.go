package web_test

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"channelbook/accounts"
	"channelbook/imports"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/personaldata/audit"
	"channelbook/web"
)

// withImports serves imports beside a gallery, and tells under which source leads come in.
func (g *gallery) withImports() (source gid.ID) {
	g.t.Helper()
	store, err := files.Open(g.t.Context(), g.t.TempDir())
	if err != nil {
		g.t.Fatal(err)
	}
	clock, log := dbtest.Clock("2026-03-01T09:00:00Z"), slog.New(slog.DiscardHandler)
	taker := &leads.Service{DB: g.db, Now: clock, TimeZone: clock().Location(), Keys: dbtest.Keys(), Log: log}
	revocations := &accounts.Revocations{DB: g.db, Now: clock, Log: log}
	if err := revocations.Load(g.t.Context()); err != nil {
		g.t.Fatal(err)
	}
	e := edge(&g.log)
	g.handler = handler(g.t, e, web.Imports{
		Imports: &imports.Service{DB: g.db, Now: clock, TimeZone: clock().Location(), Keys: dbtest.Keys(), Store: store, Log: log, Leads: taker},
		Bearer:  accounts.Bearer{Tokens: g.tokens, Revocations: revocations},
		Audit:   &audit.Log{DB: g.db, Now: clock, Log: log}, Log: log,
	}.Routes())
	row, _, err := taker.CreateSource(auth.AsSystem(g.t.Context(), "test"), leads.SourceInput{Name: "Выгрузка"})
	if err != nil {
		g.t.Fatal(err)
	}
	return row.ID
}

func TestAFileIsCheckedOverHTTP(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		g := newGallery(t, d)
		to := "/imports/leads?sourceId=" + gid.LeadSource.Format(g.withImports()) + "&fileName=leads.csv"
		w := g.send("POST", to, g.asBoss, []byte("Имя;Телефон;Город\nАнна;+79161234567;Пермь\n;12;\n"))
		var got struct {
			ID, Status, FileName string
			UnknownHeadings      []string
			Rows, FaultCount     int
			Foreseen             map[string]int
			Faults               []struct {
				Row           int
				Heading, Code string
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusCreated {
			t.Fatalf("got %d %s, %v", w.Code, w.Body, err)
		}
		if _, err := gid.Import.Parse(got.ID); err != nil || got.Status != "CHECKED" || got.Rows != 2 || got.Foreseen["READY"] != 1 || got.Foreseen["INVALID"] != 1 ||
			got.FileName != "leads.csv" || strings.Join(got.UnknownHeadings, ",") != "Город" || len(got.Faults) != got.FaultCount || got.Faults[0].Row != 3 || got.Faults[0].Heading != "Имя" {
			t.Errorf("got %+v", got)
		}
		if n := d.Lead.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 0 {
			t.Errorf("the check has written %d leads", n)
		}
		companies := g.send("POST", "/imports/distributors", g.asBoss, []byte("Компания,ИНН\nООО «Ромашка»,7707083893\n"), "Content-Disposition", `attachment; filename="c.csv"`)
		if companies.Code != http.StatusCreated || !strings.Contains(companies.Body.String(), `"foreseen":{"READY":1}`) || !strings.Contains(companies.Body.String(), `"fileName":"c.csv"`) {
			t.Errorf("got %d %s", companies.Code, companies.Body)
		}
	})
}

func TestAFileThatIsNoneIsAnsweredInWords(t *testing.T) {
	d := dbtest.SQLite(t)
	g := newGallery(t, d)
	to := "/imports/leads?sourceId=" + gid.LeadSource.Format(g.withImports())
	for name, c := range map[string]struct {
		path, token, body string
		headers           []string
		status            int
		want              string
	}{
		"nobody who has signed in":       {to, "", "Имя;Телефон\nАнна;1\n", nil, 401, "Sign in first"},
		"a distributor's user":           {to, g.asMine, "Имя;Телефон\nАнна;1\n", nil, 403, "FORBIDDEN"},
		"no source":                      {"/imports/leads", g.asBoss, "Имя;Телефон\nАнна;1\n", nil, 422, "sourceId"},
		"a source that is not there":     {"/imports/leads?sourceId=" + gid.LeadSource.Format(gid.New()), g.asBoss, "Имя;Телефон\nАнна;1\n", nil, 404, "NOT_FOUND"},
		"headings that are missing":      {to, g.asBoss, "Город;Цвет\nПермь;синий\n", nil, 422, "«Имя» (firstName)"},
		"a form with the file in it":     {to, g.asBoss, "--x\n", []string{"Content-Type", "multipart/form-data; boundary=x"}, 422, "NOT_A_TABLE"},
		"a file that is larger":          {to, g.asBoss, strings.Repeat("х", imports.MaxBytes/2+1), nil, 413, "FILE_TOO_LARGE"},
		"a file of companies, no INN":    {"/imports/distributors", g.asBoss, "Компания\nООО\n", nil, 422, "«ИНН» (inn)"},
		"a separator that there is none": {to + "&separator=x", g.asBoss, "Имя;Телефон\nАнна;1\n", nil, 422, "INVALID_SEPARATOR"},
	} {
		t.Run(name, func(t *testing.T) {
			w := g.send("POST", c.path, c.token, []byte(c.body), c.headers...)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("got %d %s, want %d and %s", w.Code, w.Body, c.status, c.want)
			}
		})
	}
	if n := d.FileImport.Query().CountX(auth.AsSystem(t.Context(), "test")); n != 0 {
		t.Errorf("%d imports are there, want none", n)
	}
}
