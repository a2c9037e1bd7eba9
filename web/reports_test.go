package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"channelbook/ent/auditrecord"
	"channelbook/ent/report"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
	"channelbook/reports"
	"channelbook/reports/paperwork"
)

// made is a report of the worker's whose file is there for an hour, by its path.
func (g *gallery) made() (gid.ID, string) {
	g.t.Helper()
	ctx := auth.With(g.t.Context(), auth.Viewer{Role: auth.Distributor, UserID: g.worker, Distributor: g.mine})
	row, err := g.reports.Request(ctx, reports.Request{Kind: reports.Leads, Format: "CSV"})
	if err != nil {
		g.t.Fatal(err)
	}
	until := g.now.Add(time.Hour)
	g.db.Report.UpdateOneID(row.ID).SetStatus(report.StatusREADY).SetAttempt(1).SetFileName("Лиды за март.csv").SetSize(8).SetFinishedAt(g.now).SetExpiresAt(until).ExecX(g.system())
	if err := g.reports.Store.Put(g.t.Context(), "reports/"+row.ID.String()+"-1.csv", "text/csv", strings.NewReader("a report"), 8); err != nil {
		g.t.Fatal(err)
	}
	return row.ID, "/files/" + gid.Report.Format(row.ID)
}

func TestAReportIsFetchedByItsReaderAlone(t *testing.T) {
	eachGallery(t, func(t *testing.T, g *gallery) {
		id, path := g.made()
		link := path + "?" + g.links.Sign(path, g.now.Add(time.Minute))
		for name, c := range map[string]struct{ path, token string }{"with a sign-in": {path, g.asMine}, "by a link": {link, ""}} {
			w := g.send("GET", c.path, c.token, nil)
			if w.Code != 200 || w.Body.String() != "a report" {
				t.Fatalf("%s: got %d %s", name, w.Code, w.Body)
			}
			for header, want := range map[string]string{
				"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": "attachment; filename*=utf-8''%D0%9B%D0%B8%D0%B4%D1%8B%20%D0%B7%D0%B0%20%D0%BC%D0%B0%D1%80%D1%82.csv",
				"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store",
			} {
				if got := w.Header().Get(header); got != want {
					t.Errorf("%s, %s: got %q, want %q", name, header, got, want)
				}
			}
		}
		if part := g.send("GET", path, g.asMine, nil, "Range", "bytes=2-4"); part.Code != 206 || part.Body.String() != "rep" {
			t.Errorf("a part: got %d %s", part.Code, part.Body)
		}
		fetched := g.db.AuditRecord.Query().Where(auditrecord.Action(string(audit.ReportFetched)), auditrecord.ObjectID(id), auditrecord.ActorID(g.worker)).CountX(g.system())
		if fetched != 3 {
			t.Errorf("%d records say that the worker fetched it, want 3: a part is a fetch", fetched)
		}
		for name, token := range map[string]string{"a stranger": g.asOthers, "an administrator": g.asBoss} {
			wantProblem(t, name, g.send("GET", path, token, nil), 404, "NOT_FOUND")
		}
		wantProblem(t, "nobody", g.send("GET", path, "", nil), 401, "UNAUTHENTICATED")
		other := "/files/" + gid.Report.Format(gid.New())
		wantProblem(t, "a link of another path", g.send("GET", path+"?"+g.links.Sign(other, g.now.Add(time.Minute)), "", nil), 403, "LINK_EXPIRED")
		g.now = g.now.Add(time.Minute)
		wantProblem(t, "a link that has expired", g.send("GET", link, "", nil), 403, "LINK_EXPIRED")
		link = path + "?" + g.links.Sign(path, g.now.Add(2*time.Hour))
		g.db.User.UpdateOneID(g.worker).SetDisabledAt(g.now).ExecX(g.system())
		wantProblem(t, "the link of who may not sign in any more", g.send("GET", link, "", nil), 404, "NOT_FOUND")
		g.db.User.UpdateOneID(g.worker).ClearDisabledAt().ExecX(g.system())
		g.now = g.now.Add(time.Hour)
		wantProblem(t, "a file whose term has passed", g.send("GET", link, "", nil), 404, "NOT_FOUND")
	})
}

func TestTemplatesAreSentTriedAndTakenAwayOverHTTP(t *testing.T) {
	eachGallery(t, func(t *testing.T, g *gallery) {
		const path = "/report-templates/AGENT_REPORT"
		builtIn := g.send("GET", path, g.asBoss, nil)
		if builtIn.Code != 200 || builtIn.Header().Get("Content-Type") != reports.DocumentType || !strings.Contains(builtIn.Header().Get("Content-Disposition"), "agent_report.docx") {
			t.Fatalf("the built-in one: got %d, %v", builtIn.Code, builtIn.Header())
		}
		own, err := paperwork.BuiltIn(paperwork.ActOfServices)
		if err != nil {
			t.Fatal(err)
		}
		if w := g.send("PUT", path, g.asBoss, own); w.Code != 204 {
			t.Fatalf("got %d %s", w.Code, w.Body)
		}
		if w := g.send("GET", path, g.asBoss, nil); !bytes.Equal(w.Body.Bytes(), own) {
			t.Errorf("got another file of %d bytes", w.Body.Len())
		}
		for name, body := range map[string][]byte{"of the one that holds": nil, "of one that is sent": builtIn.Body.Bytes()} {
			if w := g.send("POST", path+"/preview", g.asBoss, body); w.Code != 200 || !bytes.HasPrefix(w.Body.Bytes(), []byte("PK")) {
				t.Errorf("a preview %s: got %d %s", name, w.Code, w.Body)
			}
		}
		wantProblem(t, "a preview as PDF", g.send("POST", path+"/preview?format=pdf", g.asBoss, nil), 501, "PDF_NOT_AVAILABLE")
		w := g.send("PUT", path, g.asBoss, []byte("no document"))
		var p struct {
			Errors []struct{ Code, Field, Message string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != 422 || len(p.Errors) != 1 || p.Errors[0].Code != "TEMPLATE_NOT_A_DOCUMENT" || p.Errors[0].Field != "file" {
			t.Errorf("no document: got %d %s", w.Code, w.Body)
		}
		wantProblem(t, "too large", g.send("PUT", path, g.asBoss, make([]byte, reports.MaxTemplate+1)), 413, "TEMPLATE_TOO_LARGE")
		if w := g.send("DELETE", path, g.asBoss, nil); w.Code != 204 {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		wantProblem(t, "the built-in one", g.send("DELETE", path, g.asBoss, nil), 404, "NOT_FOUND")
		for _, c := range [][2]string{{"GET", path}, {"PUT", path}, {"DELETE", path}, {"POST", path + "/preview"}} {
			wantProblem(t, c[0]+" by a distributor's user", g.send(c[0], c[1], g.asMine, own), 403, "FORBIDDEN")
			wantProblem(t, c[0]+" by nobody", g.send(c[0], c[1], "", own), 401, "UNAUTHENTICATED")
			wantProblem(t, c[0]+" of leads", g.send(c[0], strings.Replace(c[1], "AGENT_REPORT", "LEADS", 1), g.asBoss, own), 404, "NOT_FOUND")
		}
	})
}

func (g *gallery) system() context.Context {
	return db.Unaudited(auth.AsSystem(g.t.Context(), "test"), "a test")
}
