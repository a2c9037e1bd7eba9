package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/ent/auditrecord"
	"channelbook/ent/documenttemplate"
	"channelbook/ent/report"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/personaldata/audit"
	"channelbook/reports"
	reportorder "channelbook/reports/order"
	"channelbook/reports/paperwork"
	"channelbook/reports/pdf"
)

// makesReports wires the reports. A report of any kind says for whom it is; there is no LibreOffice.
func (h *house) makesReports() {
	h.t.Helper()
	store, err := files.Open(h.t.Context(), h.t.TempDir())
	if err != nil {
		h.t.Fatal(err)
	}
	says := func(_ context.Context, o *reportorder.Order) error {
		_, err := io.WriteString(o.Out, "a report for "+string(o.Viewer.Role))
		return errors.Join(err, o.Wrote(7))
	}
	h.reports = &reports.Service{
		DB: h.db, Now: func() time.Time { return h.now() }, Log: dbtest.Log(h.t), Keys: dbtest.Keys(), Store: store, TimeZone: time.UTC, Retention: 7 * 24 * time.Hour, PDF: pdf.With("", 0),
		Makers: map[string]reports.Maker{reports.Leads: says, reports.PlanFact: says, reports.Payouts: says, reports.AgentReport: says, reports.ActOfServices: says},
	}
}

// signedUntil is the address of a file as a signed link would give it.
func signedUntil(path string, until time.Time) string {
	return "https://files.example" + path + "?until=" + until.Format(time.RFC3339)
}

// makesThem makes the reports that are asked for, as a server does, until the test ends.
func (h *house) makesThem(t *testing.T) {
	t.Helper()
	q := &jobs.Queue{DB: h.db, Log: dbtest.Log(t), Poll: 20 * time.Millisecond, Lines: map[string]int{reports.Line: reports.AtOnce}, Audit: audit.Jobs(h.now)}
	h.reports.Work(q)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

// asPerson is a context of somebody by their login.
func (h *house) asPerson(login string) context.Context {
	h.t.Helper()
	u := h.db.User.Query().Where(user.Login(login)).OnlyX(h.system())
	v := auth.Viewer{Role: auth.Role(u.Role), UserID: u.ID, SessionID: gid.New()}
	if u.DistributorID != nil {
		v.Distributor = *u.DistributorID
	}
	return auth.With(h.t.Context(), v)
}

// reportOf is a report of leads that somebody has asked for, in a state, with a file where it is READY.
func (h *house) reportOf(login string, status report.Status) string {
	h.t.Helper()
	row, err := h.reports.Request(h.asPerson(login), reports.Request{Kind: reports.Leads, Format: reportorder.XLSX})
	if err != nil {
		h.t.Fatal(err)
	}
	change := h.db.Report.UpdateOneID(row.ID).SetStatus(status)
	if status == report.StatusREADY {
		change.SetFileName("canary.xlsx").SetSize(12).SetRows(7).SetAttempt(1).SetAsOf(h.now()).SetFinishedAt(h.now()).SetExpiresAt(h.now().Add(48 * time.Hour))
	}
	change.ExecX(h.system())
	return gid.Report.Format(row.ID)
}

// scheduled is a schedule of leads of each week, made by an administrator for people.
func (h *house) scheduled(by, name string, recipients ...string) string {
	h.t.Helper()
	p := reports.Plan{Name: name, Kind: reports.Leads, Format: reportorder.XLSX, Every: reports.Week}
	for _, login := range recipients {
		p.Recipients = append(p.Recipients, h.idOf(login))
	}
	row, err := h.reports.Schedule(h.asPerson(by), p)
	if err != nil {
		h.t.Fatal(err)
	}
	return gid.ReportSchedule.Format(row.ID)
}

// ownTemplate sends the built-in template of acts as an administrator's own.
func (h *house) ownTemplate(by string) {
	h.t.Helper()
	content, err := paperwork.BuiltIn(paperwork.ActOfServices)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.reports.SetTemplate(h.asPerson(by), reports.ActOfServices, content); err != nil {
		h.t.Fatal(err)
	}
}

// reported are the ids of a report of somebody's and of a schedule by which they get more.
func (h *house) reported(admin, login string) map[string]string {
	h.ownTemplate(admin)
	return map[string]string{"report": h.reportOf(login, report.StatusREADY), "schedule": h.scheduled(admin, "canary schedule", login)}
}

func strangersReportAttempts(id map[string]string) map[string]attempt {
	asked := vars{"in": vars{"kind": "LEADS", "format": "XLSX", "distributorId": id["distributor"]}}
	return map[string]attempt{
		"report":          {`query($id: ID!) { report(id: $id) { id fileName downloadUrl schedule { name } } }`, vars{"id": id["report"]}, ""},
		"reports":         {`{ reports { totalCount edges { cursor node { id fileName downloadUrl } } } }`, nil, ""},
		"node, report":    {`query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Report { fileName } ... on ReportSchedule { name } } }`, vars{"ids": []string{id["report"], id["schedule"]}}, ""},
		"reportSchedules": {`{ reportSchedules { id name recipients { login } } }`, nil, "FORBIDDEN"},
		"reportTemplates": {`{ reportTemplates { kind uploadedBy { login } } }`, nil, "FORBIDDEN"},
		"requestReport":   {`mutation($in: RequestReportInput!) { requestReport(input: $in) { report { id } userErrors { code } } }`, asked, "NOT_FOUND"},
		"cancelReport":    {`mutation($id: ID!) { cancelReport(input: {id: $id}) { report { id } userErrors { code } } }`, vars{"id": id["report"]}, "NOT_FOUND"},
		"createReportSchedule": {`mutation { createReportSchedule(input: {name: "Моё", kind: LEADS, format: XLSX, every: WEEK, recipientIds: []}) { schedule { id } userErrors { code } } }`,
			nil, "FORBIDDEN"},
		"updateReportSchedule": {`mutation($id: ID!) { updateReportSchedule(input: {id: $id, name: "Моё"}) { schedule { id } userErrors { code } } }`, vars{"id": id["schedule"]}, "FORBIDDEN"},
		"removeReportSchedule": {`mutation($id: ID!) { removeReportSchedule(input: {id: $id}) { userErrors { code } } }`, vars{"id": id["schedule"]}, "FORBIDDEN"},
	}
}

const (
	requestReport = `mutation($in: RequestReportInput!) { requestReport(input: $in) { report { id kind format status fileName rowCount downloadUrl } userErrors { code field } } }`
	readReport    = `query($id: ID!) { report(id: $id) { id kind format status fileName rowCount expectedRowCount sizeBytes downloadUrl expiresAt distributor { companyName } from to
		period { kind startsOn } schedule { name } requestedAt startedAt asOf finishedAt failure } }`
)

// faultsOf are the user errors of a field, as code and place.
func faultsOf(got reply, field string) []string {
	list, _ := got.at(field, "userErrors").([]any)
	out := []string{}
	for _, e := range list {
		e, _ := e.(map[string]any)
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%v %v", e["code"], e["field"]), " <nil>"))
	}
	slices.Sort(out)
	return out
}

// until asks for a report until it is in a state.
func (h *house) until(who caller, id any, status string) reply {
	h.t.Helper()
	var got reply
	for range 2000 {
		if got = h.must(who, readReport, vars{"id": id}); got.at("report", "status") == status {
			return got
		}
		time.Sleep(10 * time.Millisecond)
	}
	h.t.Fatalf("got %s, want it %s", got.raw, status)
	return got
}

func TestAReportIsAskedForMadeAndFetched(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		boss := h.admin("boss")
		asked := make(chan reportorder.Order, 1)
		h.reports.Makers[reports.Leads] = func(_ context.Context, o *reportorder.Order) error {
			asked <- *o
			o.Expect(9)
			_, err := io.WriteString(o.Out, "nine rows")
			return errors.Join(err, o.Wrote(9))
		}
		got := h.ask(boss, requestReport, vars{"in": vars{"kind": "LEADS", "format": "CSV", "distributorId": gid.Distributor.Format(north), "from": "2026-11-01", "to": "2026-11-08",
			"filter": vars{"statuses": []string{"SALE"}, "phone": "8 (916) 123-45-67", "payoutFrom": "12.50"}}})
		if !strings.Contains(got.raw, `"kind":"LEADS","format":"CSV","status":"QUEUED","fileName":null,"rowCount":0,"downloadUrl":null},"userErrors":[]`) {
			t.Fatalf("got %s, want a report that waits", got.raw)
		}
		id := got.at("requestReport", "report", "id").(string)
		if records := h.recorded(audit.ReportRequested); len(records) != 1 || audit.ObjectID(records[0]) != id || records[0].ActorKind != auditrecord.ActorKindUSER {
			t.Errorf("got %v, want one record of who asked for it", records)
		}
		h.makesThem(t)
		got = h.until(boss, id, "READY")
		for _, want := range []string{`"fileName":"Лиды 01.11.2026 – 07.11.2026, Север.csv","rowCount":9,`, `"sizeBytes":9,"downloadUrl":"https://files.example/files/` + id + `?until=2026-11-23T10:00:00Z",`,
			`"expiresAt":"2026-11-30T09:00:00Z","distributor":{"companyName":"Север"},"from":"2026-11-01","to":"2026-11-08","period":null,"schedule":null,`, `"failure":null`} {
			if !strings.Contains(got.raw, want) {
				t.Errorf("got %s, want %s in it", got.raw, want)
			}
		}
		o := <-asked
		phone, least := "8 (916) 123-45-67", int64(1250)
		if want := (leads.Filter{Statuses: []string{"SALE"}, Phone: &phone, PayoutFrom: &least}); !sameFilter(o.Filter, want) || *o.DistributorID != north || o.Kind != "LEADS" || o.Format != "CSV" || o.Viewer.Role != auth.Admin {
			t.Errorf("the maker got %+v, want it as asked", o)
		}
		row, _ := gid.Report.Parse(id)
		for until, want := range map[string]any{
			"2026-11-23T09:20:00Z": "https://files.example/files/" + id + "?until=2026-11-23T09:20:00Z", // no link outlives the file
			"2026-11-23T09:00:00Z": nil, "2026-11-22T09:00:00Z": nil,
		} {
			at, _ := time.Parse(time.RFC3339, until)
			h.db.Report.UpdateOneID(row).SetExpiresAt(at).ExecX(h.system())
			if got := h.must(boss, readReport, vars{"id": id}); got.at("report", "downloadUrl") != want {
				t.Errorf("of a file until %s: got %s, want %v", until, got.raw, want)
			}
		}
	})
}

// sameFilter compares filters that were written and read again.
func sameFilter(a, b leads.Filter) bool {
	a.Tracking, b.Tracking = nil, nil
	return reflect.DeepEqual(a.Statuses, b.Statuses) && reflect.DeepEqual(a.Phone, b.Phone) && reflect.DeepEqual(a.PayoutFrom, b.PayoutFrom) && a.AsksForMore() == b.AsksForMore()
}

func TestWhatIsWrongWithAReportIsToldAllAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north, south := h.distributor("Север"), h.distributor("Юг")
		boss, anna := h.admin("boss"), h.worker("anna", north)
		month := vars{"kind": "MONTH", "startsOn": "2026-11-01"}
		for name, c := range map[string]struct {
			who  caller
			in   vars
			want []string
		}{
			"leads as DOCX":              {boss, vars{"kind": "LEADS", "format": "DOCX"}, []string{"UNSUPPORTED_FORMAT format"}},
			"an act as PDF":              {boss, vars{"kind": "ACT_OF_SERVICES", "format": "PDF", "period": month, "distributorId": gid.Distributor.Format(north)}, []string{"PDF_NOT_AVAILABLE format"}},
			"an act of nothing":          {boss, vars{"kind": "ACT_OF_SERVICES", "format": "DOCX"}, []string{"REQUIRED distributorId", "REQUIRED period"}},
			"leads of a period":          {boss, vars{"kind": "LEADS", "format": "CSV", "period": month}, []string{"NOT_APPLICABLE period"}},
			"no period":                  {boss, vars{"kind": "PAYOUTS", "format": "XLSX", "period": vars{"kind": "MONTH", "startsOn": "2026-11-02"}}, []string{"INVALID_PERIOD period.startsOn"}},
			"days that end before":       {boss, vars{"kind": "LEADS", "format": "CSV", "from": "2026-11-02", "to": "2026-11-02"}, []string{"INVALID_RANGE to"}},
			"plans without days":         {boss, vars{"kind": "PLAN_FACT", "format": "XLSX"}, []string{"REQUIRED from", "REQUIRED to"}},
			"plans with a filter":        {boss, vars{"kind": "PLAN_FACT", "format": "XLSX", "from": "2026-01-01", "to": "2026-02-01", "filter": vars{"isTest": true}}, []string{"NOT_APPLICABLE filter"}},
			"no such distributor":        {boss, vars{"kind": "LEADS", "format": "CSV", "distributorId": gid.Distributor.Format(gid.New())}, []string{"NOT_FOUND distributorId"}},
			"what is no id":              {boss, vars{"kind": "LEADS", "format": "CSV", "distributorId": "nobody"}, []string{"NOT_FOUND distributorId"}},
			"another's":                  {anna, vars{"kind": "LEADS", "format": "CSV", "distributorId": gid.Distributor.Format(south)}, []string{"NOT_FOUND distributorId"}},
			"ids in the filter":          {boss, vars{"kind": "LEADS", "format": "CSV", "filter": vars{"sourceIds": []string{"x"}}}, []string{"INVALID_ID filter.sourceIds[0]"}},
			"tracking without dates":     {boss, vars{"kind": "LEADS", "format": "CSV", "filter": vars{"utmSource": "vk"}}, []string{"DATE_RANGE_REQUIRED filter.receivedFrom"}},
			"an id and a format besides": {boss, vars{"kind": "LEADS", "format": "DOCX", "filter": vars{"sourceIds": []string{"x"}}}, []string{"INVALID_ID filter.sourceIds[0]", "UNSUPPORTED_FORMAT format"}},
		} {
			got := h.ask(c.who, requestReport, vars{"in": c.in})
			if faults := faultsOf(got, "requestReport"); got.at("requestReport", "report") != nil || !slices.Equal(faults, c.want) {
				t.Errorf("%s: got %s, want %v", name, got.raw, c.want)
			}
		}
		if n := h.db.Report.Query().CountX(h.system()) + len(h.recorded(audit.ReportRequested)); n != 0 {
			t.Errorf("got %d reports and records, want none", n)
		}
		for i := range reports.MaxWaiting + 1 {
			got := h.ask(anna, requestReport, vars{"in": vars{"kind": "PAYOUTS", "format": "XLSX", "period": month}})
			want := []string{}
			if i == reports.MaxWaiting {
				want = []string{"TOO_MANY"}
			}
			if faults := faultsOf(got, "requestReport"); !slices.Equal(faults, want) {
				t.Errorf("the %dth: got %s, want %v", i+1, got.raw, want)
			}
		}
	})
}

func TestReportsAreOnesOwn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		boss, other := h.admin("boss"), h.admin("other")
		anna, roma := h.worker("anna", north), h.worker("roma", north)
		waits, ready, late := h.reportOf("anna", report.StatusQUEUED), h.reportOf("anna", report.StatusREADY), h.reportOf("anna", report.StatusCANCELLED)
		admins := h.reportOf("boss", report.StatusREADY)
		for _, c := range []struct {
			name string
			who  caller
			id   string
			sees bool
		}{
			{"one's own", anna, ready, true}, {"a colleague's", roma, ready, false}, {"a user's, by an administrator", boss, ready, false},
			{"an administrator's own", boss, admins, true}, {"an administrator's, by another", other, admins, false}, {"an administrator's, by a user", anna, admins, false},
			{"what is no id", anna, "report_x", false},
		} {
			for _, query := range []string{`query($id: ID!) { it: report(id: $id) { id } }`, `query($id: ID!) { it: node(id: $id) { id } }`} {
				if got := h.ask(c.who, query, vars{"id": c.id}); (got.at("it") != nil) != c.sees || got.code() != "" && got.code() != "BAD_REQUEST" {
					t.Errorf("%s: got %s, want it seen: %v", c.name, got.raw, c.sees)
				}
			}
		}
		const page = `query($n: Int, $a: String, $f: ReportFilter) { reports(first: $n, after: $a, filter: $f) { totalCount pageInfo { hasNextPage endCursor } edges { node { id } } } }`
		list := func(who caller, v vars) (ids []any, got reply) {
			t.Helper()
			got = h.must(who, page, v)
			for _, n := range got.nodes("reports") {
				ids = append(ids, n["id"])
			}
			return ids, got
		}
		ids, got := list(anna, vars{"n": 2})
		if !slices.Equal(ids, []any{late, ready}) || got.at("reports", "totalCount") != 3.0 || got.at("reports", "pageInfo", "hasNextPage") != true {
			t.Errorf("got %s, want the newest two of three", got.raw)
		}
		if ids, got := list(anna, vars{"n": 2, "a": got.at("reports", "pageInfo", "endCursor")}); !slices.Equal(ids, []any{waits}) || got.at("reports", "pageInfo", "hasNextPage") != false {
			t.Errorf("got %s, want the third", got.raw)
		}
		for name, c := range map[string]struct {
			filter vars
			want   []any
		}{
			"by status": {vars{"statuses": []string{"READY", "QUEUED"}}, []any{ready, waits}}, "by kind": {vars{"kinds": []string{"LEADS"}}, []any{late, ready, waits}},
			"by another kind": {vars{"kinds": []string{"PAYOUTS"}}, nil}, "by nothing": {vars{"kinds": []string{}, "statuses": nil}, []any{late, ready, waits}},
			"by both": {vars{"kinds": []string{"LEADS"}, "statuses": []string{"CANCELLED"}}, []any{late}},
		} {
			if ids, got := list(anna, vars{"f": c.filter}); !slices.Equal(ids, c.want) || got.at("reports", "totalCount") != float64(len(c.want)) {
				t.Errorf("%s: got %s, want %v", name, got.raw, c.want)
			}
		}
		if ids, got := list(other, vars{}); len(ids) > 0 || got.at("reports", "totalCount") != 0.0 {
			t.Errorf("another administrator: got %s, want none", got.raw)
		}
	})
}

func TestAReportIsCancelledByWhoAskedForIt(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		anna, boss := h.worker("anna", north), h.admin("boss")
		const cancel = `mutation($id: ID!) { cancelReport(input: {id: $id}) { report { id status finishedAt } userErrors { code field } } }`
		waits, ready := h.reportOf("anna", report.StatusQUEUED), h.reportOf("anna", report.StatusREADY)
		for name, c := range map[string]struct {
			who      caller
			id, want string
		}{
			"another's": {boss, waits, "NOT_FOUND id"}, "one that has ended": {anna, ready, "REPORT_FINISHED id"}, "what is no id": {anna, "x", "NOT_FOUND id"},
		} {
			if got := h.ask(c.who, cancel, vars{"id": c.id}); !slices.Equal(faultsOf(got, "cancelReport"), []string{c.want}) || got.at("cancelReport", "report") != nil {
				t.Errorf("%s: got %s, want %s", name, got.raw, c.want)
			}
		}
		if got := h.must(anna, cancel, vars{"id": waits}); got.at("cancelReport", "report", "status") != "CANCELLED" || got.at("cancelReport", "report", "finishedAt") == nil {
			t.Errorf("got %s, want it cancelled", got.raw)
		}
		if n := len(h.recorded(audit.ReportCancelled)); n != 1 {
			t.Errorf("got %d records, want one", n)
		}
	})
}

func TestSchedulesOfReports(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north, south := h.distributor("Север"), h.distributor("Юг")
		boss := h.admin("boss")
		h.worker("anna", north)
		h.worker("vera", south)
		who := func(logins ...string) (ids []string) {
			for _, login := range logins {
				ids = append(ids, gid.User.Format(h.idOf(login)))
			}
			return ids
		}
		const fields = `{ schedule { id name kind format every active nextOn distributor { companyName } recipients { login } createdBy { login } } userErrors { code field } }`
		create, update := `mutation($in: CreateReportScheduleInput!) { createReportSchedule(input: $in) `+fields+` }`, `mutation($in: UpdateReportScheduleInput!) { updateReportSchedule(input: $in) `+fields+` }`
		plan := func(change vars) vars {
			in := vars{"name": " Акты ", "kind": "ACT_OF_SERVICES", "format": "DOCX", "every": "MONTH", "distributorId": gid.Distributor.Format(north), "recipientIds": who("anna", "boss")}
			for name, value := range change {
				in[name] = value
			}
			return vars{"in": in}
		}
		for name, c := range map[string]struct {
			change vars
			want   []string
		}{
			"without a name":                     {vars{"name": "  "}, []string{"REQUIRED name"}},
			"with a long name":                   {vars{"name": strings.Repeat("ы", 101)}, []string{"TOO_LONG name"}},
			"each week, of a month":              {vars{"every": "WEEK"}, []string{"WEEKLY_NOT_POSSIBLE every"}},
			"of no such format":                  {vars{"format": "CSV"}, []string{"UNSUPPORTED_FORMAT format"}},
			"about nobody":                       {vars{"distributorId": nil}, []string{"REQUIRED distributorId"}},
			"about who is not there":             {vars{"distributorId": "x", "recipientIds": who("boss")}, []string{"NOT_FOUND distributorId"}},
			"for nobody":                         {vars{"recipientIds": []string{}}, []string{"REQUIRED recipientIds"}},
			"for too many":                       {vars{"recipientIds": slices.Repeat(who("boss"), 51)}, []string{"TOO_MANY recipientIds"}},
			"for another's user and for no user": {vars{"recipientIds": append(who("boss", "vera"), "x")}, []string{"NOT_FOUND recipientIds[2]", "NO_ACCESS recipientIds[1]"}},
			"with a filter that it does not take, and no name": {vars{"name": "", "filter": vars{"isTest": true}}, []string{"NOT_APPLICABLE filter", "REQUIRED name"}},
			"with a filter that is none, and no name":          {vars{"name": "", "kind": "LEADS", "format": "CSV", "filter": vars{"sourceIds": []string{"x"}}}, []string{"INVALID_ID filter.sourceIds[0]", "NO_ACCESS recipientIds[0]", "REQUIRED name"}},
		} {
			got := h.ask(boss, create, plan(c.change))
			if faults := faultsOf(got, "createReportSchedule"); got.at("createReportSchedule", "schedule") != nil || !slices.Equal(faults, c.want) {
				t.Errorf("%s: got %s, want %v", name, got.raw, c.want)
			}
		}
		got := h.must(boss, create, plan(nil))
		if want := `"name":"Акты","kind":"ACT_OF_SERVICES","format":"DOCX","every":"MONTH","active":true,"nextOn":"2026-12-01","distributor":{"companyName":"Север"},` +
			`"recipients":[{"login":"anna"},{"login":"boss"}],"createdBy":{"login":"boss"}},"userErrors":[]`; !strings.Contains(got.raw, want) {
			t.Errorf("got %s, want %s", got.raw, want)
		}
		id := got.at("createReportSchedule", "schedule", "id").(string)
		for name, c := range map[string]struct {
			in   vars
			want []string
		}{
			"one that is not there": {vars{"id": gid.ReportSchedule.Format(gid.New())}, []string{"NOT_FOUND id"}}, "what is no id": {vars{"id": "x"}, []string{"NOT_FOUND id"}},
			"without a name, for nobody": {vars{"id": id, "name": "", "recipientIds": []string{}}, []string{"REQUIRED name", "REQUIRED recipientIds"}},
			"for another's user":         {vars{"id": id, "recipientIds": who("vera")}, []string{"NO_ACCESS recipientIds[0]"}},
		} {
			if got := h.ask(boss, update, vars{"in": c.in}); !slices.Equal(faultsOf(got, "updateReportSchedule"), c.want) {
				t.Errorf("%s: got %s, want %v", name, got.raw, c.want)
			}
		}
		if got := h.must(boss, update, vars{"in": vars{"id": id, "active": false}}); !strings.Contains(got.raw, `"name":"Акты"`) || !strings.Contains(got.raw, `"active":false`) || !strings.Contains(got.raw, `"login":"anna"`) {
			t.Errorf("got %s, want it off and the rest as it was", got.raw)
		}
		h.must(boss, update, vars{"in": vars{"id": id, "name": "Акты Севера", "recipientIds": who("boss")}})
		h.scheduled("boss", "А первый", "boss")
		if got := h.must(boss, `{ reportSchedules { name recipients { login } distributor { companyName } } }`, nil); !strings.Contains(got.raw,
			`[{"name":"А первый","recipients":[{"login":"boss"}],"distributor":null},{"name":"Акты Севера","recipients":[{"login":"boss"}],"distributor":{"companyName":"Север"}}]`) {
			t.Errorf("got %s, want both by name", got.raw)
		}
		const remove = `mutation($id: ID!) { removeReportSchedule(input: {id: $id}) { userErrors { code field } } }`
		h.must(boss, remove, vars{"id": id})
		if got := h.ask(boss, remove, vars{"id": id}); !slices.Equal(faultsOf(got, "removeReportSchedule"), []string{"NOT_FOUND id"}) {
			t.Errorf("got %s, want it gone", got.raw)
		}
	})
}

// TestReportsOfASchedule name it to administrators, and to nobody else; a period stands in them as it was asked for.
func TestReportsOfASchedule(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		north := h.distributor("Север")
		boss, anna := h.admin("boss"), h.worker("anna", north)
		_, err := h.reports.Schedule(h.asPerson("boss"), reports.Plan{Name: "Акты", Kind: reports.ActOfServices, Format: reportorder.DOCX, Every: reports.Month,
			Parameters: reportorder.Parameters{DistributorID: &north}, Recipients: []gid.ID{h.idOf("anna"), h.idOf("boss")}})
		if err != nil {
			t.Fatal(err)
		}
		today := h.now()
		h.now = func() time.Time { return today.AddDate(0, 0, 10) } // December is here
		if err := h.reports.RunDue(h.system()); err != nil {
			t.Fatal(err)
		}
		const page = `{ reports { edges { node { kind from to period { kind startsOn } distributor { companyName } schedule { name } } } } }`
		for name, c := range map[string]struct {
			who      caller
			schedule string
		}{"an administrator": {boss, `{"name":"Акты"}`}, "a distributor's user": {anna, "null"}} {
			want := `[{"node":{"kind":"ACT_OF_SERVICES","from":null,"to":null,"period":{"kind":"MONTH","startsOn":"2026-11-01"},"distributor":{"companyName":"Север"},"schedule":` + c.schedule + `}}]`
			if got := h.must(c.who, page, nil); !strings.Contains(got.raw, want) {
				t.Errorf("%s: got %s, want %s", name, got.raw, want)
			}
		}
	})
}

func TestStatementsOfReports(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		for i := range 5 {
			of := h.distributor(fmt.Sprintf("Компания %d", i))
			login := fmt.Sprintf("user%d", i)
			h.worker(login, of)
			_, err := h.reports.Schedule(h.asPerson("boss"), reports.Plan{Name: login, Kind: reports.ActOfServices, Format: reportorder.DOCX, Every: reports.Month,
				Parameters: reportorder.Parameters{DistributorID: &of}, Recipients: []gid.ID{h.idOf(login), h.idOf("boss")}})
			if err != nil {
				t.Fatal(err)
			}
		}
		today := h.now()
		h.now = func() time.Time { return today.AddDate(0, 0, 10) }
		if err := h.reports.RunDue(h.system()); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			query string
			most  int
		}{
			"reports with their distributors and schedules": {`{ reports { totalCount edges { node { id from distributor { companyName } schedule { name recipients { login } } } } } }`, 4},
			"reports alone": {`{ reports { totalCount edges { node { id fileName downloadUrl period { startsOn } } } } }`, 1},
			"schedules with distributors and all their people": {`{ reportSchedules { name distributor { companyName } recipients { login } createdBy { login } } }`, 4},
			"templates": {`{ reportTemplates { kind uploadedBy { login } placeholders { name } } }`, 1},
		} {
			got, statements := h.statements(t, boss, c.query, nil)
			if len(statements) > c.most {
				t.Errorf("%s: got %d statements, want %d at most:\n%s", name, len(statements), c.most, strings.Join(statements, "\n"))
			}
			if strings.Count(got.raw, "user") < 5 && strings.Contains(c.query, "recipients") {
				t.Errorf("%s: got %s, want five of them", name, got.raw)
			}
		}
	})
}

func TestTemplatesOfDocuments(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		boss := h.admin("boss")
		h.ownTemplate("boss")
		size := h.db.DocumentTemplate.Query().Select(documenttemplate.FieldSize).IntX(h.system())
		got := h.must(boss, `{ reportTemplates { kind builtIn sizeBytes uploadedAt uploadedBy { login } placeholders { name description } } }`, nil)
		for _, want := range []string{`{"kind":"AGENT_REPORT","builtIn":true,"sizeBytes":null,"uploadedAt":null,"uploadedBy":null,`,
			fmt.Sprintf(`{"kind":"ACT_OF_SERVICES","builtIn":false,"sizeBytes":%d,"uploadedAt":"2026-11-23T09:00:00Z","uploadedBy":{"login":"boss"},`, size)} {
			if !strings.Contains(got.raw, want) {
				t.Errorf("got %s, want %s", got.raw, want)
			}
		}
		known := paperwork.Vocabulary()
		if list, _ := got.at("reportTemplates", 0, "placeholders").([]any); len(list) < len(known.Terms) || got.at("reportTemplates", 0, "placeholders", 0, "name") != known.Terms[0].Name {
			t.Errorf("got %v, want what may stand in a template", list)
		}
	})
}

// TestWhoWaitsForReportsIsToldOfTheirOwn on whichever instance they end.
func TestWhoWaitsForReportsIsToldOfTheirOwn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h, other := open(t, d), open(t, dbtest.Second(t, d))
		north := h.distributor("Север")
		h.worker("anna", north)
		h.worker("roma", north)
		h.admin("boss")
		_, anna := h.entered("anna")
		_, boss := h.entered("boss")
		here, there := h.served(t), other.served(t)
		lines := map[string]*line{"anna here": call(t, here, anna), "anna there": call(t, there, anna), "the administrator there": call(t, there, boss)}
		for _, l := range lines {
			l.expect("connection_ack")
			l.ask("f", `subscription { reportFinished { id status fileName rowCount failure distributor { companyName } } }`)
		}
		h.reports.Makers[reports.Payouts] = func(context.Context, *reportorder.Order) error {
			return reports.Fail(errors.New("a test"), "Так нельзя.")
		}
		h.makesThem(t)
		nudge, stop := context.WithCancel(t.Context()) // whoever is slow to wait is woken until all do
		var nudged sync.WaitGroup
		nudged.Go(func() {
			for nudge.Err() == nil {
				_ = db.WithTx(nudge, h.db, func(tx *db.Tx) error { return tx.Notify(nudge, "reports") })
				time.Sleep(20 * time.Millisecond)
			}
		})
		defer nudged.Wait()
		defer stop()
		ask := func(login string, r reports.Request) string {
			t.Helper()
			row, err := h.reports.Request(h.asPerson(login), r)
			if err != nil {
				t.Fatal(err)
			}
			return gid.Report.Format(row.ID)
		}
		month := &calendar.Period{Kind: calendar.Month, StartsOn: calendar.DateOf(h.now(), time.UTC).AddDays(-22)}
		theirs := ask("roma", reports.Request{Kind: reports.Leads, Format: reportorder.CSV})
		good := ask("anna", reports.Request{Kind: reports.Leads, Format: reportorder.CSV, Parameters: reportorder.Parameters{DistributorID: &north}})
		for _, name := range []string{"anna here", "anna there"} {
			got := lines[name].expect(`"type":"next"`, `"id":"`+good+`","status":"READY","fileName":"Лиды, Север.csv","rowCount":7,"failure":null,"distributor":{"companyName":"Север"}`)
			if strings.Contains(got, theirs) {
				t.Errorf("%s: got %s, want nothing of others", name, got)
			}
		}
		first := ask("boss", reports.Request{Kind: reports.Leads, Format: reportorder.CSV})
		lines["the administrator there"].expect(`"id":"` + first + `","status":"READY"`) // what others are told of did not come before
		stop()
		bad := ask("anna", reports.Request{Kind: reports.Payouts, Format: reportorder.XLSX, Parameters: reportorder.Parameters{Period: month}})
		for _, name := range []string{"anna here", "anna there"} {
			lines[name].expect(`"id":"`+bad+`","status":"FAILED"`, `"failure":"Так нельзя."`)
		}
		own := ask("boss", reports.Request{Kind: reports.Leads, Format: reportorder.CSV})
		lines["the administrator there"].expect(`"id":"` + own + `","status":"READY"`)
	})
}
