// Package demo fills an empty base with a made-up company, so that somebody who tries the system sees it at work: our own
// company, distributors with their terms and people, sources, a blacklist, a year of leads in every state, goals, closed months and
// the statements by which they were paid, and what people were told of it all.
//
// Everything but what people have read goes through the domain's own acts, under a clock that is set to the day on which each happened. Names,
// numbers and addresses are invented: requisites have valid check digits and belong to nobody on purpose, phones end in
// 000 and four digits, e-mail addresses lie in .example (RFC 2606). Read Fill first; cast.go has the invented names.
package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/notify"
	"channelbook/payouts"
	"channelbook/personaldata/consent"
)

// Clock is the time that the demo's acts happen at. It is for one goroutine.
type Clock struct{ at time.Time }

// Now is the time that was set: UTC, to the microsecond.
func (c *Clock) Now() time.Time { return c.at }

func (c *Clock) set(t time.Time) { c.at = t.UTC().Truncate(time.Microsecond) }

// Services are the domain's, all of them under Clock.
type Services struct {
	Clock        *Clock
	Accounts     *accounts.Service
	Distributors *distributors.Service
	Leads        *leads.Service
	Goals        *goals.Service
	Payouts      *payouts.Service
	Consents     *consent.Service
	Notify       *notify.Service
	TimeZone     *time.Location // of the business
}

// Login lets somebody in.
type Login struct{ Login, Password string }

// Filled tells what there is to try.
type Filled struct {
	Admin, Distributor  Login
	Distributors, Leads int
}

// Story says what is told.
type Story struct {
	Now           time.Time // where it ends
	Months        int       // how long it is
	AdminPassword string    // empty: a generated one
}

// Year is how many months the story of serve -demo has.
const Year = 12

// seed makes the story the same each time, but for its days, ids and passwords.
const seed = 20260102

// Fill tells a story on an empty base.
func Fill(ctx context.Context, s Services, story Story) (Filled, error) {
	f := &filler{
		Services: s, ctx: auth.AsSystem(ctx, "demo"), now: story.Now, days: story.Months * 365 / 12, random: rand.New(rand.NewPCG(seed, seed)), // #nosec G404 -- an invented story is to be the same each time
	}
	f.filled.Admin = Login{"admin", story.AdminPassword}
	f.Clock.set(f.daysAgo(f.days + 30))
	for _, part := range []struct {
		name string
		tell func() error
	}{
		{"our company", f.ourCompany}, {"administrators", f.administrators}, {"distributors", f.distributors},
		{"consent texts", f.consentTexts}, {"sources", f.sources}, {"blacklist", f.blacklist}, {"leads", f.year}, {"goals of months", f.monthly}, {"closed months", f.closings},
		{"goals of quarters", f.quarterly}, {"milestones", f.latest}, {"withdrawals", f.withdrawals}, {"the present", f.present}, {"messages", f.messages}, {"feeds", f.feeds},
	} {
		if err := part.tell(); err != nil {
			return Filled{}, fmt.Errorf("fill the demo base: %s: %w", part.name, err)
		}
	}
	return f.filled, nil
}

// filler tells the story.
type filler struct {
	Services
	ctx    context.Context // of the system
	now    time.Time
	days   int // from the first lead to now
	random *rand.Rand
	filled Filled

	admin     context.Context
	manager   context.Context // another administrator
	companies []company
	channels  []channel
	people    int // invented so far
}

// company is a distributor and who works there.
type company struct {
	*ent.Distributor
	user context.Context
	zeal float64 // how likely one of its leads is sold
}

// channel is a source of leads and what it tells of them.
type channel struct {
	source   context.Context
	campaign campaign
	consents bool // it sends the proof of consent
}

func (f *filler) daysAgo(n int) time.Time { return f.now.AddDate(0, 0, -n) }

// asUser is the context of a user who has signed in.
func asUser(ctx context.Context, u *ent.User) context.Context {
	viewer := auth.Viewer{Role: auth.Role(u.Role), UserID: u.ID, SessionID: gid.New()}
	if u.DistributorID != nil {
		viewer.Distributor = *u.DistributorID
	}
	return auth.With(ctx, viewer)
}

// chance is true in so many cases of one.
func (f *filler) chance(of float64) bool { return f.random.Float64() < of }

func pick[T any](f *filler, from []T) T { return from[f.random.IntN(len(from))] }

// digits are n random digits.
func (f *filler) digits(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + f.random.IntN(10)) // #nosec G115 -- a digit
	}
	return string(b)
}
