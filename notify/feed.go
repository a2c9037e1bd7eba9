package notify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"channelbook/ent"
	"channelbook/ent/notice"
	"channelbook/ent/notification"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

const (
	// noticesAtOnce is how many notices are brought to the subscribers at once.
	noticesAtOnce = 200
	// buffered is how many notifications wait for a subscriber in memory; what comes beyond is read from the base again.
	buffered = 16
)

// feed knows who has subscribed on this instance, and up to which place they have been told.
type feed struct {
	mu    sync.Mutex
	at    int64
	ready chan struct{} // closed once at is known
	of    map[reader]map[*Subscription]bool
}

// reader is whose feed it is: a person as what that person is now.
type reader struct {
	user        gid.ID
	distributor gid.ID // zero for administrators
}

// begun is closed once at is known; f.mu is held.
func (f *feed) begun() chan struct{} {
	if f.ready == nil {
		f.ready = make(chan struct{})
	}
	return f.ready
}

func (f *feed) begin(last int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = last
	select {
	case <-f.begun():
	default:
		close(f.ready)
	}
}

// Subscription is one subscriber's way through a feed. It costs memory until Leave, and is followed by Follow.
type Subscription struct {
	service *Service
	reader  reader
	after   gid.ID // whose place is to be looked for before anything is read; zero: at is known
	at      int64  // the place up to which the subscriber has all
	fresh   chan *ent.Notification
	// behind is rung where the base has more than fresh: from the beginning, or where fresh was full. It is a bell rather than
	// a flag, for whoever has emptied fresh before it rings is waiting by then.
	behind chan struct{}
}

// ring says that the base has to be read. It never waits.
func (sub *Subscription) ring() {
	select {
	case sub.behind <- struct{}{}:
	default:
	}
}

// rung tells whether the base has to be read, and takes the bell.
func (sub *Subscription) rung() bool {
	select {
	case <-sub.behind:
		return true
	default:
		return false
	}
}

// Subscribe begins at the notification after, by its notice; with nil at this moment; with the zero id at the beginning of the
// feed, as it does behind a notification that the feed does not hold: it was dropped for its age, and so was all before it, or
// it is of another person's feed. It waits until Run has begun, and reads nothing: where the base is away Follow waits for it.
// Whoever subscribes must Leave.
func (s *Service) Subscribe(ctx context.Context, after *gid.ID) (*Subscription, error) {
	viewer, err := auth.Require(ctx, auth.Admin, auth.Distributor)
	if err != nil {
		return nil, err
	}
	if viewer.UserID.IsZero() {
		return nil, fault.New(fault.Forbidden, "", "Only people have a feed.")
	}
	sub := &Subscription{
		service: s, reader: reader{viewer.UserID, viewer.Distributor},
		fresh: make(chan *ent.Notification, cmp.Or(s.buffer, buffered)), behind: make(chan struct{}, 1),
	}
	if after != nil {
		sub.after = *after
		sub.ring()
	}
	if err := s.feed.enter(ctx, sub, after == nil); err != nil {
		return nil, err
	}
	return sub, nil
}

// placeOf is the place of a notification in the viewer's feed; 0 where it is not in there.
func (s *Service) placeOf(ctx context.Context, id gid.ID) (int64, error) {
	row, err := s.DB.Notification.Query().Where(notification.NoticeID(id)).Select(notification.FieldPlace).First(ctx)
	switch {
	case ent.IsNotFound(err):
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("look for the place in a feed: %w", err)
	}
	return row.Place, nil
}

// enter registers a subscriber, from now on where fromNow is set.
func (f *feed) enter(ctx context.Context, sub *Subscription, fromNow bool) error {
	f.mu.Lock()
	ready := f.begun()
	f.mu.Unlock()
	select {
	case <-ready:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of == nil {
		f.of = map[reader]map[*Subscription]bool{}
	}
	if f.of[sub.reader] == nil {
		f.of[sub.reader] = map[*Subscription]bool{}
	}
	f.of[sub.reader][sub] = true
	if fromNow {
		sub.at = f.at
	}
	return nil
}

// Leave ends a subscription.
func (sub *Subscription) Leave() {
	f := &sub.service.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.of[sub.reader], sub)
	if len(f.of[sub.reader]) == 0 {
		delete(f.of, sub.reader)
	}
}

// distribute brings the notices behind a place to the subscribers, and tells up to which it did.
func (s *Service) distribute(ctx context.Context, after int64) (upTo int64, err error) {
	notices, err := s.DB.Notice.Query().Where(notice.PlaceGT(after)).Order(ent.Asc(notice.FieldPlace)).Limit(noticesAtOnce).All(ctx)
	if err != nil || len(notices) == 0 {
		return after, err
	}
	notices = few(notices)
	upTo = *notices[len(notices)-1].Place
	var rows []*ent.Notification
	if s.feed.anybody() {
		if rows, err = s.recipients(ctx, notices); err != nil {
			return after, err
		}
	}
	s.feed.pass(rows, upTo)
	return upTo, nil
}

// few are the first of some notices, up to one that is for everybody: the recipients of those that are taken together are in
// memory together.
func few(notices []*ent.Notice) []*ent.Notice {
	if i := slices.IndexFunc(notices, func(n *ent.Notice) bool { return n.Everyone }); i >= 0 {
		return notices[:i+1]
	}
	return notices
}

func (f *feed) anybody() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.of) > 0
}

// recipients are the notifications of notices, in the order of their places.
func (s *Service) recipients(ctx context.Context, notices []*ent.Notice) ([]*ent.Notification, error) {
	ids := make([]gid.ID, len(notices))
	for i, n := range notices {
		ids[i] = n.ID
	}
	rows, err := s.DB.Notification.Query().Where(notification.NoticeIDIn(ids...)).Order(ent.Asc(notification.FieldPlace)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	attach(notices, rows)
	return rows, nil
}

// WithNotices reads the notices of notifications that somebody sees, by their ids alone: under the viewer's visibility the base
// would look for each of them in the feed once more. A notification whose notice was dropped for its age meanwhile is left out.
func (s *Service) WithNotices(ctx context.Context, rows []*ent.Notification) ([]*ent.Notification, error) {
	if len(rows) == 0 {
		return rows, nil
	}
	ids := make([]gid.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.NoticeID
	}
	notices, err := s.DB.Notice.Query().Where(notice.IDIn(ids...)).All(auth.AsSystem(ctx, "notices of a feed"))
	if err != nil {
		return nil, fmt.Errorf("read the notices of a feed: %w", err)
	}
	attach(notices, rows)
	return slices.DeleteFunc(rows, func(row *ent.Notification) bool { return row.Edges.Notice == nil }), nil
}

// attach gives each notification its notice, where that is among notices.
func attach(notices []*ent.Notice, rows []*ent.Notification) {
	byID := make(map[gid.ID]*ent.Notice, len(notices))
	for _, n := range notices {
		byID[n.ID] = n
	}
	for _, row := range rows {
		row.Edges.Notice = byID[row.NoticeID]
	}
}

// pass hands notifications to whoever has subscribed. It never waits.
func (f *feed) pass(rows []*ent.Notification, upTo int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = upTo
	for _, row := range rows {
		to := reader{user: row.UserID}
		if row.DistributorID != nil {
			to.distributor = *row.DistributorID
		}
		for sub := range f.of[to] {
			select {
			case sub.fresh <- row:
			default:
				sub.ring()
			}
		}
	}
}
