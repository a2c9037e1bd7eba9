package reports_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"channelbook/ent/notice"
	"channelbook/ent/report"
	"channelbook/internal/db"
	"channelbook/internal/files"
	"channelbook/internal/gid"
	"channelbook/reports"
	"channelbook/reports/order"
)

// slowStore is a store that takes its time: during meanwhile.
type slowStore struct {
	files.Store
	meanwhile func()
}

func (s slowStore) Put(ctx context.Context, name, mediaType string, content io.Reader, size int64) error {
	s.meanwhile()
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.Store.Put(ctx, name, mediaType, content, size)
}

func TestAFileMayTakeLongToBeStored(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		k.Store = slowStore{k.Store, func() {
			k.move(2 * time.Minute)
			for !k.row(row.ID).SeenAt.Equal(*k.at.Load()) { // until it is said that somebody is at it
				time.Sleep(10 * time.Millisecond)
			}
			if err := k.Resume(k.system); err != nil {
				t.Error(err)
			}
		}}
		if err := k.Run(k.system, reports.Due{Report: row.ID}); err != nil {
			t.Fatal(err)
		}
		if got := k.row(row.ID); got.Status != report.StatusREADY || got.Attempt != 1 {
			t.Errorf("it is %s after %d attempts", got.Status, got.Attempt)
		}
	})
}

func TestWhatIsCancelledWhileItsFileIsStoredLeavesNone(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		stored := k.Store
		k.Store = slowStore{stored, func() {
			if _, err := k.Cancel(k.admin, row.ID); err != nil {
				t.Error(err)
			}
		}}
		if err := k.Run(k.system, reports.Due{Report: row.ID}); err != nil {
			t.Fatal(err)
		}
		k.Store = stored
		k.move(4 * time.Hour)
		if err := k.Sweep(k.system, k.at.Load().Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		got := k.row(row.ID)
		if f, err := stored.Open(t.Context(), reports.FileName(got)); !errors.Is(err, files.ErrNotFound) || got.Status != report.StatusCANCELLED {
			t.Errorf("it is %s, and its file: %v, %v", got.Status, f, err)
		}
	})
}

func TestAReportThatEndsItsMakerIsGivenUp(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, k *desk, of reports.Due){
		"by a panic": func(t *testing.T, k *desk, of reports.Due) {
			if err := k.Run(k.system, of); err == nil {
				t.Error("it went well")
			}
		},
		"with the whole process": func(_ *testing.T, k *desk, of reports.Due) {
			k.DB.Report.UpdateOneID(of.Report).SetStatus(report.StatusRUNNING).AddAttempt(1).SetSeenAt(*k.at.Load()).ExecX(k.system)
			k.move(2 * time.Minute)
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, k *desk) {
				k.writes(func(context.Context, *order.Order) error { panic("at the disco") })
				due := reports.Due{Report: k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV}).ID}
				for range 3 {
					end(t, k, due)
				}
				if err := errors.Join(k.Resume(k.system), k.Run(k.system, due)); err != nil {
					t.Error(err)
				}
				if got := k.row(due.Report); got.Status != report.StatusFAILED || len(k.told(notice.KindREPORT_FAILED)) != 1 {
					t.Errorf("it is %s after %d attempts", got.Status, got.Attempt)
				}
			})
		})
	}
}

func TestAReportThatTakesTooLongIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		k.writes(func(ctx context.Context, _ *order.Order) error {
			<-ctx.Done()
			return ctx.Err()
		})
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		ctx, cancel := context.WithTimeout(k.system, 100*time.Millisecond)
		defer cancel()
		if err := k.Run(ctx, reports.Due{Report: row.ID}); err != nil {
			t.Fatal(err)
		}
		if got := k.row(row.ID); got.Status != report.StatusFAILED {
			t.Errorf("it is %s", got.Status)
		}
	})
}

func TestAServersStopIsNoFailure(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		for range 5 {
			ctx, cancel := context.WithCancel(k.system)
			k.writes(func(ctx context.Context, _ *order.Order) error {
				cancel()
				<-ctx.Done()
				return ctx.Err()
			})
			if err := k.Run(ctx, reports.Due{Report: row.ID}); err == nil {
				t.Error("it went well")
			}
		}
		if got := k.row(row.ID); got.Status != report.StatusQUEUED || got.Attempt != 0 {
			t.Errorf("it is %s after %d attempts", got.Status, got.Attempt)
		}
	})
}

func TestAReportWhoseJobIsGoneIsMadeAllTheSame(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		row := k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
		err := db.WithTx(k.system, k.DB, func(tx *db.Tx) error {
			_, err := tx.SQL().ExecContext(k.system, "DELETE FROM river_job")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		k.move(11 * time.Minute)
		if err := k.Resume(k.system); err != nil {
			t.Fatal(err)
		}
		defer k.work(k.Service)()
		k.until(row.ID, report.StatusREADY)
	})
}

func TestFoldersOfKilledProcessesAreSwept(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	each(t, func(t *testing.T, k *desk) {
		k.set(time.Now().UTC().Truncate(time.Microsecond))
		old, fresh := filepath.Join(os.TempDir(), "channelbook-report-1"), filepath.Join(os.TempDir(), "channelbook-report-2")
		for folder, at := range map[string]time.Time{old: time.Now().Add(-3 * time.Hour), fresh: time.Now()} {
			if err := errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, "report.csv"), []byte("x"), 0o600), os.Chtimes(folder, at, at)); err != nil {
				t.Fatal(err)
			}
		}
		if err := k.Sweep(k.system, time.Time{}); err != nil {
			t.Fatal(err)
		}
		_, gone := os.Stat(old)
		if _, there := os.Stat(fresh); !os.IsNotExist(gone) || there != nil {
			t.Errorf("the old one: %v, the fresh one: %v", gone, there)
		}
	})
}

func TestTwoAreMadeAtOnceAtMost(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		var now, most atomic.Int64
		k.writes(func(_ context.Context, o *order.Order) error {
			for n := now.Add(1); ; {
				if seen := most.Load(); n <= seen || most.CompareAndSwap(seen, n) {
					break
				}
			}
			time.Sleep(100 * time.Millisecond)
			now.Add(-1)
			return o.Wrote(1)
		})
		k.scheduled(reports.Plan{Name: "Неделя", Kind: reports.Leads, Format: order.CSV, Every: reports.Week, Recipients: []gid.ID{k.boss.UserID, k.worker.UserID}})
		k.set(time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC))
		k.due()
		for range 3 {
			k.asked(k.admin, reports.Request{Kind: reports.Leads, Format: order.CSV})
			k.asked(k.northly, reports.Request{Kind: reports.Leads, Format: order.CSV})
		}
		defer k.work(k.Service)()
		for _, row := range k.DB.Report.Query().AllX(k.system) {
			k.until(row.ID, report.StatusREADY)
		}
		if most.Load() != 2 {
			t.Errorf("%d were made at once, want 2", most.Load())
		}
	})
}
