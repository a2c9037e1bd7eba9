package graph_test

import (
	"log/slog"
	"testing"
	"time"

	"channelbook/accounts"
	"channelbook/ent/fileimport"
	"channelbook/ent/user"
	"channelbook/ent/values"
	"channelbook/imports"
	"channelbook/internal/auth"
	"channelbook/internal/dbtest"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// importing is the service of imports, with a folder of its own.
func (h *house) importing() *imports.Service {
	h.t.Helper()
	store, err := files.Open(h.t.Context(), h.t.TempDir())
	if err != nil {
		h.t.Fatal(err)
	}
	return &imports.Service{
		DB: h.db, Now: func() time.Time { return h.now() }, TimeZone: time.UTC, Keys: dbtest.Keys(), Store: store, Log: slog.New(slog.DiscardHandler),
		Leads: h.leads, Distributors: h.distributors,
	}
}

// imported is a file of distributors that an administrator has sent and nobody has started. Whatever it says carries the mark.
func (h *house) imported(mark string) gid.ID {
	h.t.Helper()
	by, err := h.db.User.Query().Order(user.ByRole(), user.ByID()).FirstID(h.system()) // an administrator, where there is one
	if err != nil {
		h.t.Fatal(err)
	}
	at := h.now()
	row, err := h.db.FileImport.Create().SetKind(fileimport.KindDISTRIBUTORS).SetUserID(by).SetFileName(mark + ".csv").SetSize(1234).
		SetFormat(fileimport.FormatCSV).SetEncoding("UTF-8").SetSeparator(";").
		SetColumns([]values.ImportColumn{{Heading: mark + " heading", Field: "companyName"}, {Heading: "ИНН", Field: "inn"}}).
		SetForeseen(map[string]int{"READY": 2, "INVALID": 1}).SetOutcomes(map[string]int{}).SetRowsTotal(3).
		SetFaults([]values.ImportFault{{Row: 4, Heading: "ИНН", Field: "inn", Code: "INVALID_INN", Message: mark + " message"}}).SetFaultCount(1).
		SetCreatedAt(at).SetExpiresAt(at.Add(24 * time.Hour)).Save(h.system())
	if err != nil {
		h.t.Fatal(err)
	}
	return row.ID
}

func strangersImportAttempts(id map[string]string) map[string]attempt {
	of := vars{"id": id["import"]}
	return map[string]attempt{
		"imports":      {`{ imports { totalCount edges { node { id fileName } } } }`, nil, "FORBIDDEN"},
		"import":       {`query($id: ID!) { import(id: $id) { id fileName faults { message } } }`, of, "FORBIDDEN"},
		"node, import": {`query($id: ID!) { node(id: $id) { id ... on Import { fileName columns { heading } } } }`, of, ""},
		"startImport":  {`mutation($id: ID!) { startImport(input: {id: $id}) { import { id } userErrors { code } } }`, of, "FORBIDDEN"},
		"cancelImport": {`mutation($id: ID!) { cancelImport(input: {id: $id}) { import { id } userErrors { code } } }`, of, "FORBIDDEN"},
	}
}

func TestImports(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		source, _ := h.source(leads.SourceInput{Name: "Выгрузка"})
		service := h.importing()
		admin, err := h.accounts.SignIn(h.system(), accounts.SignIn{Login: "boss", Password: "a long enough password"})
		if err != nil {
			t.Fatal(err)
		}
		row, err := service.CheckLeads(auth.With(t.Context(), admin.Viewer), source.ID, imports.File{Name: "leads.csv", Body: []byte("Имя;Телефон;Город\nАнна;+79161234567;Пермь\n;1;\n")})
		if err != nil {
			t.Fatal(err)
		}
		id := gid.Import.Format(row.ID)
		const all = `id kind user { login } source { name } fileName size format encoding separator sheet columns { heading field } status rowCount rowsDone
			foreseen { outcome rows } outcomes { outcome rows } faults { row heading field code message } faultCount failure createdAt startedAt finishedAt expiresAt`
		got := h.must(boss, `query($id: ID!) { import(id: $id) { `+all+` } node(id: $id) { id ... on Import { rowCount source { name } } } }`, vars{"id": id})
		for _, c := range []struct {
			want any
			path []any
		}{
			{"CHECKED", []any{"import", "status"}},
			{"boss", []any{"import", "user", "login"}},
			{"Выгрузка", []any{"import", "source", "name"}},
			{2.0, []any{"import", "rowCount"}},
			{nil, []any{"import", "columns", 2, "field"}},
			{"phone", []any{"import", "columns", 1, "field"}},
			{"INVALID", []any{"import", "foreseen", 0, "outcome"}},
			{3.0, []any{"import", "faults", 0, "row"}},
			{"Имя", []any{"import", "faults", 0, "heading"}},
			{"Выгрузка", []any{"node", "source", "name"}},
		} {
			if is := got.at(c.path...); is != c.want {
				t.Errorf("%v is %v, want %v", c.path, is, c.want)
			}
		}
		h.imported("Второй")
		listed := h.must(boss, `{ imports(first: 1) { totalCount pageInfo { hasNextPage endCursor } edges { node { `+all+` } } } }`, nil)
		if listed.at("imports", "totalCount") != 2.0 || listed.at("imports", "edges", 0, "node", "fileName") != "Второй.csv" {
			t.Errorf("got %s, want the latest first", listed.raw)
		}
		next := h.must(boss, `query($after: String) { imports(first: 1, after: $after) { edges { node { id } } } }`, vars{"after": listed.at("imports", "pageInfo", "endCursor")})
		if next.at("imports", "edges", 0, "node", "id") != id {
			t.Errorf("got %s, want the other one", next.raw)
		}
		const start = `mutation($id: ID!) { startImport(input: {id: $id}) { import { status faultCount } userErrors { code field } } }`
		if r := h.must(boss, start, vars{"id": id}); r.at("startImport", "import", "status") != "QUEUED" {
			t.Errorf("got %s, want it to wait for its turn", r.raw)
		}
		if r := h.ask(boss, start, vars{"id": id}); r.at("startImport", "userErrors", 0, "code") != "ALREADY_STARTED" || r.at("startImport", "import") != nil {
			t.Errorf("got %s, want a conflict", r.raw)
		}
		if r := h.must(boss, `mutation($id: ID!) { cancelImport(input: {id: $id}) { import { status finishedAt } userErrors { code } } }`, vars{"id": id}); r.at("cancelImport", "import", "status") != "CANCELLED" {
			t.Errorf("got %s, want it cancelled", r.raw)
		}
		if r := h.ask(boss, start, vars{"id": gid.Import.Format(gid.New())}); r.at("startImport", "userErrors", 0, "code") != "NOT_FOUND" {
			t.Errorf("got %s, want no such import", r.raw)
		}
		if r := h.must(boss, `{ import(id: "nonsense") { id } }`, nil); r.at("import") != nil {
			t.Errorf("got %s, want null", r.raw)
		}
	})
}
