package reports_test

import (
	"bytes"
	"context"
	"sync"
	"testing"

	"channelbook/reports"
	"channelbook/reports/order"
	"channelbook/reports/paperwork"
)

func TestATemplateIsFetchedChangedTriedAndTakenAway(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		builtIn, err := k.Template(k.admin, reports.AgentReport)
		if err != nil {
			t.Fatal(err)
		}
		own, err := paperwork.BuiltIn(paperwork.ActOfServices) // another that is sound
		if err != nil || bytes.Equal(own, builtIn) {
			t.Fatal("the two are one", err)
		}
		if _, err := k.Preview(k.admin, reports.AgentReport, order.DOCX, own); err != nil {
			t.Error(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := k.SetTemplate(k.admin, reports.AgentReport, own); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if got, err := k.Template(k.admin, reports.AgentReport); err != nil || !bytes.Equal(got, own) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
		templates, err := k.Templates(k.admin)
		if err != nil || len(templates) != 2 || templates[0].Own == nil || templates[0].Own.UploadedByID != k.boss.UserID || templates[0].Own.Size != len(own) || templates[1].Own != nil {
			t.Errorf("got %v, %v", templates, err)
		}
		if err := k.RemoveTemplate(k.admin, reports.AgentReport); err != nil {
			t.Error(err)
		}
		if got, err := k.Template(k.admin, reports.AgentReport); err != nil || !bytes.Equal(got, builtIn) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
		if err := k.RemoveTemplate(k.admin, reports.AgentReport); faults(t, err) != "NOT_FOUND" {
			t.Errorf("the built-in one: got %v", err)
		}
	})
}

func TestATemplateThatIsRefusedChangesNothing(t *testing.T) {
	each(t, func(t *testing.T, k *desk) {
		for name, act := range map[string]func(ctx context.Context, kind string, content []byte) error{
			"kept": k.SetTemplate,
			"tried": func(ctx context.Context, kind string, content []byte) error {
				_, err := k.Preview(ctx, kind, order.DOCX, content)
				return err
			},
		} {
			if err := act(k.admin, reports.AgentReport, []byte("no document")); faults(t, err) != "TEMPLATE_NOT_A_DOCUMENT file" {
				t.Errorf("%s: got %s", name, faults(t, err))
			}
			if err := act(k.admin, reports.Leads, nil); faults(t, err) != "NOT_FOUND" {
				t.Errorf("%s, of leads: got %s", name, faults(t, err))
			}
			if err := act(k.northly, reports.AgentReport, nil); faults(t, err) != "FORBIDDEN" {
				t.Errorf("%s, by a distributor's user: got %s", name, faults(t, err))
			}
		}
		if n := k.DB.DocumentTemplate.Query().CountX(k.system); n != 0 {
			t.Errorf("%d templates are kept", n)
		}
	})
}
