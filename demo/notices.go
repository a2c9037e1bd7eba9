package demo

import (
	"hash/fnv"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/notify"
)

const (
	// toldOf is how many days back the feeds go: what is older would be dropped for its age in the first hour.
	toldOf = 180
	// unread is how many days back people have left theirs unread.
	unread = 3
)

// readings are the times of the day at which people look at their feeds.
var readings = []time.Duration{9*time.Hour + 40*time.Minute, 17*time.Hour + 10*time.Minute}

// messages are what the administrators have written. For the partner the first of the distributors stands.
func (f *filler) messages() error {
	for _, m := range []struct {
		ago     int
		partner bool
		title   string
		text    string
		url     string
	}{
		{45, false, "Осенняя акция", "Со следующей недели запускаем новую рекламу: лидов станет больше. Подготовьтесь, пожалуйста, к звонкам.", ""},
		{16, false, "Как быстрее брать лиды", "Кто звонит в первые полчаса, продаёт в полтора раза чаще. Новые лиды видны сразу, со всеми подробностями.", "/leads"},
		{6, true, "Спасибо за месяц!", "Вы среди лучших по продажам. Если нужны материалы для встреч с клиентами, напишите нам.", ""},
		{1, false, "Созвон партнёров", "В четверг в 11:00 по Москве расскажем о планах на следующий квартал. Вопросы присылайте заранее.", ""},
	} {
		at := calendar.DateOf(f.daysAgo(m.ago), f.TimeZone).Start(f.TimeZone).Add(10 * time.Hour)
		if m.ago > f.days {
			continue
		}
		f.Clock.set(at)
		post := notify.Post{Title: m.title, Text: m.text, URL: m.url, Everyone: !m.partner}
		if m.partner {
			post.Distributors = []gid.ID{f.companies[0].ID}
		}
		if _, err := f.Notify.Send(f.admin, post); err != nil {
			return err
		}
	}
	return nil
}

// feeds puts what was told into people's feeds in the order in which it happened, which is not that in which the story is
// told, and lets them have read all but the last days.
func (f *filler) feeds() error {
	f.Clock.set(f.now)
	if err := f.inOrder(); err != nil {
		return err
	}
	if _, err := f.Notify.Settle(f.ctx); err != nil {
		return err
	}
	return f.read()
}

// inOrder writes all notices anew, the earliest first: they get their places by their ids. Nobody has any of them yet.
func (f *filler) inOrder() error {
	return db.WithTx(f.ctx, f.Notify.DB, func(tx *db.Tx) error {
		told, err := tx.Notice.Query().Where(notice.AtGT(f.daysAgo(toldOf))).Order(ent.Asc(notice.FieldAt, notice.FieldID)).All(f.ctx)
		if err != nil {
			return err
		}
		if _, err := tx.Notice.Delete().Exec(f.ctx); err != nil {
			return err
		}
		spread(told)
		var rows db.Rows
		for _, n := range told {
			to := notify.To{Admins: n.Admins, Everyone: n.Everyone, Users: n.UserIds}
			if n.DistributorID != nil {
				to.Distributor = *n.DistributorID
			}
			if n.ExceptID != nil {
				to.Except = *n.ExceptID
			}
			event := notify.Event{Kind: n.Kind, Title: n.Title, Text: n.Text, URL: n.URL, Object: n.Object}
			again := notify.Rows(tx, n.At, notify.Notice{Event: event, To: to})
			again.Values = append(rows.Values, again.Values...)
			rows = again
		}
		return tx.Insert(f.ctx, rows)
	})
}

// spreadOver is over how long before it is told of a milestone may have been come to.
const spreadOver = 60 * time.Hour

// spread moves what is told of a goal's milestones back by some hours, another number for each goal: the story looks at all
// goals at once. Notices stay in the order of time.
func spread(told []*ent.Notice) {
	for _, n := range told {
		if n.Kind != notice.KindGOAL_MILESTONE {
			continue
		}
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(n.Object)) // it never fails
		n.At = n.At.Add(-time.Duration(sum.Sum32()) * time.Microsecond % spreadOver).Truncate(time.Microsecond)
	}
	slices.SortStableFunc(told, func(a, b *ent.Notice) int { return a.At.Compare(b.At) })
}

// read marks what is older than the last days as read: each notification when people looked next.
func (f *filler) read() error {
	people, err := f.Notify.DB.User.Query().IDs(f.ctx)
	if err != nil {
		return err
	}
	until := f.daysAgo(unread)
	told, err := f.Notify.DB.Notice.Query().Where(notice.AtLT(until)).Order(ent.Asc(notice.FieldPlace)).
		Select(notice.FieldAt, notice.FieldPlace).All(f.ctx)
	if err != nil {
		return err
	}
	return db.WithTx(f.ctx, f.Notify.DB, func(tx *db.Tx) error {
		for len(told) > 0 {
			at := f.looked(told[0].At)
			n := 1
			for n < len(told) && told[n].At.Before(at) {
				n++
			}
			_, err := tx.Notification.Update().Where(notification.UserIDIn(people...),
				notification.PlaceGTE(*told[0].Place), notification.PlaceLTE(*told[n-1].Place)).SetReadAt(at).Save(f.ctx)
			if err != nil {
				return err
			}
			told = told[n:]
		}
		return nil
	})
}

// looked is when people looked at their feeds for the first time after an instant.
func (f *filler) looked(after time.Time) time.Time {
	for day := calendar.DateOf(after, f.TimeZone); ; day = day.AddDays(1) {
		for _, hour := range readings {
			if at := day.Start(f.TimeZone).Add(hour); at.After(after) {
				return at.UTC()
			}
		}
	}
}
