package reports_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/report"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/reports"
	"channelbook/reports/order"
	"channelbook/reports/pdf"
)

// desk is the service over a fresh base and an empty store, under a clock that the test moves, with an administrator and a
// user of each of two distributors. Its maker of LEADS writes what the test wants.
type desk struct {
	*reports.Service
	t              *testing.T
	system         context.Context
	boss, worker   auth.Viewer
	admin, northly context.Context
	north, south   gid.ID
	at             atomic.Pointer[time.Time]
	maker          atomic.Pointer[reports.Maker]
	made           atomic.Int64
}

func each(t *testing.T, test func(t *testing.T, k *desk)) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) { test(t, newDesk(t, d)) })
}

func newDesk(t *testing.T, d *db.DB) *desk {
	t.Helper()
	k := &desk{t: t, system: db.Unaudited(auth.AsSystem(t.Context(), "test"), "a test")}
	k.set(time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC))
	k.writes(func(_ context.Context, o *order.Order) error {
		_, err := io.WriteString(o.Out, "a report")
		return errors.Join(err, o.Wrote(7))
	})
	store, err := files.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	k.Service = k.service(d, store)
	k.north, k.south = k.distributor("Север"), k.distributor("Юг")
	k.boss = k.person("boss", user.RoleADMIN, gid.ID{})
	k.worker = k.person("worker", user.RoleDISTRIBUTOR, k.north)
	k.admin, k.northly = auth.With(t.Context(), k.boss), auth.With(t.Context(), k.worker)
	return k
}

// service is an instance.
func (k *desk) service(d *db.DB, store files.Store) *reports.Service {
	made := func(ctx context.Context, o *order.Order) error {
		k.made.Add(1)
		return (*k.maker.Load())(ctx, o)
	}
	return &reports.Service{
		DB: d, Now: func() time.Time { return *k.at.Load() }, Log: dbtest.Log(k.t), Keys: dbtest.Keys(), Store: store, TimeZone: moscow, Retention: 24 * time.Hour,
		PDF: pdf.With("", 0), Makers: map[string]reports.Maker{reports.Leads: made, reports.PlanFact: made, reports.Payouts: made, reports.AgentReport: made, reports.ActOfServices: made},
	}
}

var moscow = time.FixedZone("MSK", 3*60*60)

func (k *desk) set(at time.Time)          { k.at.Store(&at) }
func (k *desk) move(by time.Duration)     { k.set(k.at.Load().Add(by)) }
func (k *desk) writes(m reports.Maker)    { k.maker.Store(&m) }
func (k *desk) row(id gid.ID) *ent.Report { return k.DB.Report.GetX(k.system, id) }
func (k *desk) told(kind notice.Kind) []*ent.Notice {
	return k.DB.Notice.Query().Where(notice.KindEQ(kind)).AllX(k.system)
}

func (k *desk) distributor(name string) gid.ID {
	now := *k.at.Load()
	return k.DB.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(strings.ToLower(name)).SetCreatedAt(now).SetUpdatedAt(now).SaveX(k.inTx()).ID
}

func (k *desk) person(login string, role user.Role, of gid.ID) auth.Viewer {
	now := *k.at.Load()
	add := k.DB.User.Create().SetLogin(login).SetPasswordHash("-").SetRole(role).SetCreatedAt(now).SetUpdatedAt(now)
	if !of.IsZero() {
		add.SetDistributorID(of)
	}
	row := add.SaveX(k.inTx())
	return auth.Viewer{Role: auth.Role(role), UserID: row.ID, SessionID: gid.New(), Distributor: of}
}

func (k *desk) inTx() context.Context { return k.system }

// asked is a report that somebody has asked for.
func (k *desk) asked(ctx context.Context, r reports.Request) *ent.Report {
	k.t.Helper()
	row, err := k.Request(ctx, r)
	if err != nil {
		k.t.Fatal(err)
	}
	return row
}

// work does the jobs of an instance until test is done.
func (k *desk) work(s *reports.Service) (stop func()) {
	q := &jobs.Queue{DB: s.DB, Log: dbtest.Log(k.t), Poll: 20 * time.Millisecond, Lines: reports.Lines, Audit: func(context.Context, *db.Tx, jobs.Act, string, string) error { return nil }}
	s.Work(q)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { q.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// until waits until a report is as wanted.
func (k *desk) until(id gid.ID, status report.Status) *ent.Report {
	k.t.Helper()
	for range 3000 {
		if row := k.row(id); row.Status == status {
			return row
		}
		time.Sleep(10 * time.Millisecond)
	}
	k.t.Fatalf("the report is %s, want %s", k.row(id).Status, status)
	return nil
}

func day(text string) *calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return &d
}

func month(first string) *calendar.Period {
	return &calendar.Period{Kind: calendar.Month, StartsOn: *day(first)}
}

// faults are the codes and fields of an error, a line each.
func faults(t *testing.T, err error) string {
	t.Helper()
	all, ok := fault.All(err)
	if !ok {
		t.Fatalf("got %v, want faults", err)
	}
	var lines []string
	for _, f := range all {
		lines = append(lines, strings.TrimSpace(f.Code+" "+f.Field))
	}
	return strings.Join(lines, "; ")
}

func TestAReportIsMadeKeptAndFetched(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		var got order.Order
		k.writes(func(_ context.Context, o *order.Order) error {
			got = *o
			o.Expect(9)
			_, err := io.WriteString(o.Out, "a report")
			return errors.Join(err, o.Wrote(9))
		})
		defer k.work(k.Service)()
		row := k.asked(k.northly, reports.Request{Kind: reports.Leads, Format: order.CSV, Parameters: order.Parameters{From: day("2026-11-01"), To: day("2026-12-01"), Filter: leads.Filter{Statuses: []string{"SALE"}}}})
		if row.Status != report.StatusQUEUED || *row.DistributorID != k.north {
			t.Errorf("got %v", row)
		}
		row = k.until(row.ID, report.StatusREADY)
		if row.Rows != 9 || row.FileName != "Лиды 01.11.2026 – 30.11.2026.csv" || row.Size != 8 || !row.ExpiresAt.Equal(row.FinishedAt.Add(24*time.Hour)) {
			t.Errorf("got %v", row)
		}
		if got.Viewer.UserID != k.worker.UserID || got.Viewer.Distributor != k.north || got.Filter.Statuses[0] != "SALE" || got.From.String() != "2026-11-01" {
			t.Errorf("the maker got %+v", got)
		}
		f, err := k.Open(k.northly, row.ID)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(f)
		if err := errors.Join(err, f.Close()); err != nil || string(content) != "a report" || f.MediaType != "text/csv; charset=utf-8" {
			t.Errorf("got %q, %s, %v", content, f.MediaType, err)
		}
		told := k.told(notice.KindREPORT_READY)
		if len(told) != 1 || told[0].UserIds[0] != k.worker.UserID || told[0].Object != gid.Report.Format(row.ID) || told[0].Channels != nil {
			t.Errorf("told %v", told)
		}
		south := auth.With(t.Context(), k.person("other", user.RoleDISTRIBUTOR, k.south))
		for name, ctx := range map[string]context.Context{"another's user": south, "an administrator": k.admin} {
			if _, err := k.Open(ctx, row.ID); !errors.Is(err, files.ErrNotFound) {
				t.Errorf("%s: got %v, want no such file", name, err)
			}
			if _, err := k.Cancel(ctx, row.ID); faults(t, err) != "NOT_FOUND id" {
				t.Errorf("%s cancels: got %v", name, err)
			}
		}
	})
}

func TestAllThatIsWrongWithARequestIsToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		nobody := gid.New()
		of := reports.Request{}
		for name, c := range map[string]struct {
			request reports.Request
			want    string
		}{
			"leads as a document of a period": {reports.Request{Kind: reports.Leads, Format: order.DOCX, Parameters: order.Parameters{Period: month("2026-11-01"), DistributorID: &nobody}},
				"UNSUPPORTED_FORMAT format; NOT_APPLICABLE period; NOT_FOUND distributorId"},
			"a plan without dates":        {reports.Request{Kind: reports.PlanFact, Format: order.XLSX}, "REQUIRED from; REQUIRED to"},
			"dates the wrong way round":   {reports.Request{Kind: reports.PlanFact, Format: order.XLSX, Parameters: order.Parameters{From: day("2026-11-02"), To: day("2026-11-02")}}, "INVALID_RANGE to"},
			"eleven years":                {reports.Request{Kind: reports.PlanFact, Format: order.XLSX, Parameters: order.Parameters{From: day("2015-11-02"), To: day("2026-11-03")}}, "INVALID_RANGE to"},
			"a month from its second day": {reports.Request{Kind: reports.Payouts, Format: order.XLSX, Parameters: order.Parameters{Period: month("2026-11-02")}}, "INVALID_PERIOD period.startsOn"},
			"payouts of filtered leads":   {reports.Request{Kind: reports.Payouts, Format: order.XLSX, Parameters: order.Parameters{Period: month("2026-11-01"), Filter: leads.Filter{Statuses: []string{"SALE"}}}}, "NOT_APPLICABLE filter"},
			"an act of nobody":            {reports.Request{Kind: reports.ActOfServices, Format: order.DOCX, Parameters: order.Parameters{Period: month("2026-11-01")}}, "REQUIRED distributorId"},
			"a PDF without LibreOffice":   {reports.Request{Kind: reports.ActOfServices, Format: order.PDF, Parameters: order.Parameters{Period: month("2026-11-01"), DistributorID: &k.north}}, "PDF_NOT_AVAILABLE format"},
			"tracking without dates":      {reports.Request{Kind: reports.Leads, Format: order.CSV, Parameters: order.Parameters{Filter: leads.Filter{Tracking: map[string]string{"region": "x"}}}}, "DATE_RANGE_REQUIRED filter.receivedFrom"},
			"one distributor of others":   {reports.Request{Kind: reports.Leads, Format: order.CSV, Parameters: order.Parameters{DistributorID: &k.north, Filter: leads.Filter{DistributorIDs: []gid.ID{k.south}}}}, "OTHER_DISTRIBUTOR filter.distributorIds"},
			"no kind that there is":       {of, "INVALID kind"},
		} {
			if _, err := k.Request(k.admin, c.request); faults(t, err) != c.want {
				t.Errorf("%s: got %s, want %s", name, faults(t, err), c.want)
			}
		}
		act := reports.Request{Kind: reports.ActOfServices, Format: order.DOCX, Parameters: order.Parameters{Period: month("2026-11-01"), DistributorID: &k.south}}
		if _, err := k.Request(k.northly, act); faults(t, err) != "NOT_FOUND distributorId" {
			t.Errorf("another's act: got %s", faults(t, err))
		}
		if n := k.DB.Report.Query().CountX(k.system); n != 0 {
			t.Errorf("%d reports were asked for, want none", n)
		}
	})
}

func TestOfManyRequestsAtOnceFiveAreTaken(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		var taken, refused atomic.Int64
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() {
				_, err := k.Request(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
				switch {
				case err == nil:
					taken.Add(1)
				case fault.HasCode(err, "TOO_MANY"):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if taken.Load() != reports.MaxWaiting || refused.Load() != 12-reports.MaxWaiting {
			t.Errorf("%d were taken and %d refused", taken.Load(), refused.Load())
		}
		k.asked(k.northly, reports.Request{Kind: reports.Leads, Format: order.CSV}) // others are not kept from theirs
	})
}

func TestACancelledReportStops(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		begun := make(chan struct{})
		ended := make(chan error, 1)
		k.writes(func(ctx context.Context, o *order.Order) error {
			close(begun)
			for rows := 0; ; rows++ {
				if err := o.Wrote(rows); err != nil {
					ended <- err
					return err
				}
				time.Sleep(time.Millisecond)
			}
		})
		defer k.work(k.Service)()
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		<-begun
		if got, err := k.Cancel(k.admin, row.ID); err != nil || got.Status != report.StatusCANCELLED {
			t.Fatalf("got %v, %v", got, err)
		}
		<-ended
		if _, err := k.Cancel(k.admin, row.ID); faults(t, err) != "REPORT_FINISHED id" {
			t.Errorf("a second time: got %v", err)
		}
		if _, err := k.Open(k.admin, row.ID); !errors.Is(err, files.ErrNotFound) {
			t.Errorf("its file: got %v", err)
		}
		if told := k.told(notice.KindREPORT_READY); len(told) != 0 {
			t.Errorf("told %v", told)
		}
	})
}

func TestWhatFailsIsTriedAgainAndThenTold(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.writes(func(context.Context, *order.Order) error { return errors.New("the disk is full") })
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		for attempt := range 3 {
			if err := k.Run(k.system, reports.Due{Report: row.ID, Attempt: attempt}); err == nil {
				t.Errorf("attempt %d went well", attempt+1)
			}
		}
		if got := k.row(row.ID); got.Status != report.StatusFAILED || got.Failure == "" || strings.Contains(got.Failure, "disk") {
			t.Errorf("got %v: %q", got.Status, got.Failure)
		}
		if told := k.told(notice.KindREPORT_FAILED); len(told) != 1 || told[0].UserIds[0] != k.boss.UserID {
			t.Errorf("told %v", told)
		}
		if err := k.Run(k.system, reports.Due{Report: row.ID}); err != nil || k.made.Load() != 3 {
			t.Errorf("once more: %v, made %d times", err, k.made.Load())
		}
	})
}

func TestWhoIsSomebodyElseByThenGetsNothing(t *testing.T) {
	for name, change := range map[string]func(k *desk){
		"another distributor's user": func(k *desk) {
			k.DB.User.UpdateOneID(k.worker.UserID).SetDistributorID(k.south).ExecX(k.system)
		},
		"who may not sign in any more": func(k *desk) { k.DB.User.UpdateOneID(k.worker.UserID).SetDisabledAt(*k.at.Load()).ExecX(k.system) },
		"an administrator": func(k *desk) {
			k.DB.User.UpdateOneID(k.worker.UserID).SetRole(user.RoleADMIN).ClearDistributorID().ExecX(k.system)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *desk) {
				waits := k.asked(k.northly, reports.Request{Kind: reports.Leads, Format: order.CSV})
				ready := k.asked(k.northly, reports.Request{Kind: reports.Leads, Format: order.CSV})
				if err := k.Run(k.system, reports.Due{Report: ready.ID}); err != nil {
					t.Fatal(err)
				}
				change(k)
				if err := k.Run(k.system, reports.Due{Report: waits.ID}); err != nil {
					t.Fatal(err)
				}
				if got := k.row(waits.ID); got.Status != report.StatusFAILED || k.made.Load() != 1 {
					t.Errorf("the one that waited is %s, and %d were made", got.Status, k.made.Load())
				}
				if _, err := k.Holder(t.Context(), ready.ID); !errors.Is(err, files.ErrNotFound) {
					t.Errorf("a link to the one that was ready: got %v, want no such file", err)
				}
			})
		})
	}
}

func TestOfManyWhoAreAtItOneMakesAReport(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		other := k.service(dbtest.Second(t, k.DB), k.Store)
		var all sync.WaitGroup
		for i := range 16 {
			s := k.Service
			if i%2 == 0 {
				s = other
			}
			all.Go(func() {
				if err := s.Run(k.system, reports.Due{Report: row.ID}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got := k.row(row.ID); got.Status != report.StatusREADY || got.Attempt != 1 || k.made.Load() != 1 || len(k.told(notice.KindREPORT_READY)) != 1 {
			t.Errorf("%s after %d attempts, made %d times", got.Status, got.Attempt, k.made.Load())
		}
	})
}

func TestAReportThatWasLeftBehindIsMadeAnew(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		k.DB.Report.UpdateOneID(row.ID).SetStatus(report.StatusRUNNING).SetAttempt(1).SetSeenAt(*k.at.Load()).ExecX(k.system)
		if err := k.Resume(k.system); err != nil || k.row(row.ID).Status != report.StatusRUNNING {
			t.Fatalf("one that was heard of just now: %v, %s", err, k.row(row.ID).Status)
		}
		k.move(2 * time.Minute)
		if err := k.Resume(k.system); err != nil {
			t.Fatal(err)
		}
		defer k.work(k.Service)()
		if got := k.until(row.ID, report.StatusREADY); got.Attempt != 2 {
			t.Errorf("it took attempt %d, want 2", got.Attempt)
		}
	})
}

func TestFilesGoWhenTheirTermHasPassed(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		if err := k.Run(k.system, reports.Due{Report: row.ID}); err != nil {
			t.Fatal(err)
		}
		stored := reports.FileName(k.row(row.ID))
		for _, c := range []struct {
			later  time.Duration
			status report.Status
			gone   bool
		}{{23 * time.Hour, report.StatusREADY, false}, {time.Hour, report.StatusEXPIRED, true}} {
			k.move(c.later)
			if err := k.Sweep(k.system, k.at.Load().Add(-100*24*time.Hour)); err != nil {
				t.Fatal(err)
			}
			f, err := k.Store.Open(t.Context(), stored)
			if got := k.row(row.ID).Status; got != c.status || errors.Is(err, files.ErrNotFound) != c.gone {
				t.Errorf("it is %s, and its file: %v", got, err)
			}
			if err == nil {
				_ = f.Close()
			}
		}
		k.move(101 * 24 * time.Hour)
		if err := k.Sweep(k.system, k.at.Load().Add(-100*24*time.Hour)); err != nil || k.DB.Report.Query().CountX(k.system) != 0 {
			t.Errorf("rows: %v, %d left", err, k.DB.Report.Query().CountX(k.system))
		}
	})
}

func TestWhoWaitsIsToldOfReportsOfTheirOwnThatEnd(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		ctx, cancel := context.WithCancel(k.admin)
		defer cancel()
		follow, err := k.Follow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		told := make(chan gid.ID, 10)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = follow(func(row *ent.Report) error {
				told <- row.ID
				return nil
			})
		}()
		other := k.service(dbtest.Second(t, k.DB), k.Store)
		theirs := k.asked(k.northly, reports.Request{Kind: reports.Leads, Format: order.CSV})
		mine := []*ent.Report{k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV}), k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})}
		for _, row := range []*ent.Report{theirs, mine[0], mine[1]} {
			k.move(time.Second)
			if err := other.Run(k.system, reports.Due{Report: row.ID}); err != nil {
				t.Fatal(err)
			}
		}
		for _, row := range mine {
			if got := <-told; got != row.ID {
				t.Errorf("told of %v, want %v", got, row.ID)
			}
		}
		cancel()
		<-ended
		if len(told) != 0 {
			t.Errorf("told of %d more", len(told))
		}
	})
}
