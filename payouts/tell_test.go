package payouts_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
	"channelbook/notify"
)

// told are all that people were told of statements, one each: kind, title, text, link and object, and who, by names.
func (b *book) told(names map[gid.ID]string) string {
	b.t.Helper()
	must((&notify.Service{DB: b.DB, Now: b.Now, Log: dbtest.Log(b.t)}).Settle(b.system))
	rows := must(b.DB.Notice.Query().Where(notice.KindIn(notice.KindSTATEMENT_DRAWN_UP, notice.KindSTATEMENT_APPROVED, notice.KindSTATEMENT_PAID)).
		Order(ent.Asc(notice.FieldPlace)).WithNotifications().All(b.system))
	all := make([]string, len(rows))
	for i, n := range rows {
		var who []string
		for _, one := range n.Edges.Notifications {
			who = append(who, names[one.UserID])
		}
		slices.Sort(who)
		all[i] = fmt.Sprintf("%s %s | %s | %s %s → %s", n.Kind, n.Title, strings.ReplaceAll(n.Text, "\n", " / "), n.URL, n.Object, strings.Join(who, " "))
	}
	return strings.ReplaceAll(strings.Join(all, "\n"), "\u00a0", " ")
}

func TestADistributorIsToldOfItsStatements(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		b := newBook(t, d)
		first, second := b.distributor("Ромашка"), b.distributor("Василёк")
		names := map[gid.ID]string{b.user(&first): "anna", b.user(&first): "boris", b.user(&second): "vera"}
		for name, ctx := range map[string]context.Context{"admin": b.admin, "other": b.other} {
			v, _ := auth.From(ctx)
			names[v.UserID] = name
		}
		gone := b.user(&first)
		names[gone] = "dora, who may not sign in"
		done(d.User.UpdateOneID(gone).SetDisabledAt(b.Now()).Exec(b.system))
		b.sold(first, "2026-03-05", 12_345_60)
		b.sold(second, "2026-03-05", 1_00)
		b.close(march)
		quarter := calendar.Period{Kind: calendar.Quarter, StartsOn: *day("2026-01-01")}
		b.close(quarter)
		one, other := must(b.DrawUp(b.admin, first, march)), must(b.DrawUp(b.admin, second, quarter))
		var want []string
		look := func(what string, more ...string) {
			t.Helper()
			want = append(want, more...)
			if got := b.told(names); got != strings.Join(want, "\n") {
				t.Errorf("%s: was told\n%s\nwant\n%s", what, got, strings.Join(want, "\n"))
			}
		}
		fails := func(what string, err error) {
			t.Helper()
			if err == nil {
				t.Errorf("%s: went well, want it to fail", what)
			}
			look(what)
		}
		worker := func(s *ent.PayoutStatement) context.Context {
			return auth.With(t.Context(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: s.DistributorID})
		}
		page := func(s *ent.PayoutStatement) string {
			id := gid.Statement.Format(s.ID)
			return " | /statements/" + id + " " + id + " → "
		}
		const waits = " | Составлена и ждёт утверждения. К выплате: "
		look("drawn up", "STATEMENT_DRAWN_UP Ромашка: ведомость за март 2026"+waits+"12 345,60 ₽"+page(one)+"other",
			"STATEMENT_DRAWN_UP Василёк: ведомость за I квартал 2026"+waits+"1,00 ₽"+page(other)+"other")
		_, drawer := b.Approve(b.admin, one.ID, nil)
		fails("approved by who drew it up", drawer)
		_, early := b.MarkPaid(b.other, one.ID, nil, "")
		fails("paid and not approved", early)
		_, theirs := b.Approve(worker(one), one.ID, nil)
		fails("approved by the distributor", theirs)
		must(b.Approve(b.other, one.ID, nil))
		look("approved", "STATEMENT_APPROVED Ведомость за март 2026 утверждена | К выплате: 12 345,60 ₽"+page(one)+"anna boris")
		_, again := b.Approve(b.other, one.ID, nil)
		fails("approved again", again)
		must(b.Approve(b.other, other.ID, nil))
		look("another one's", "STATEMENT_APPROVED Ведомость за I квартал 2026 утверждена | К выплате: 1,00 ₽"+page(other)+"vera")
		_, future := b.MarkPaid(b.admin, one.ID, day("2026-04-11"), "")
		fails("paid tomorrow", future)
		must(b.MarkPaid(b.admin, one.ID, day("2026-04-09"), " ПП 17 "))
		look("paid", "STATEMENT_PAID Ведомость за март 2026 выплачена | Выплачено 09.04.2026: 12 345,60 ₽ / Платёжный документ: ПП 17"+page(one)+"anna boris")
		must(b.MarkPaid(b.admin, other.ID, nil, ""))
		look("paid today, under no reference", "STATEMENT_PAID Ведомость за I квартал 2026 выплачена | Выплачено 10.04.2026: 1,00 ₽"+page(other)+"vera")
	})
}
