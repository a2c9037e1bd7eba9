package leads

import (
	"context"
	"time"

	consententity "channelbook/ent/consent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/leadevent"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads/watch"
	"channelbook/notify"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/consent"
)

// record gathers what a transaction says about what it did, to write all of it at once.
type record struct {
	at       time.Time
	zone     *time.Location // of the business
	events   []event
	attempts [][]any // rows of the intake log
	consents [][]any // rows of consents
	acts     []audit.Act
	notices  []notify.Notice
	changes  []watch.Change
	deltas   db.Rows // of the figures
}

// event is a line of a lead's timeline, for the distributor whose lead it is at that time (nil: administrators only).
type event struct {
	lead  gid.ID
	kind  leadevent.Kind
	actor gid.ID // zero: the system
	whose *gid.ID
	text  string
}

var eventColumns = []string{
	leadevent.FieldID, leadevent.FieldLeadID, leadevent.FieldAt, leadevent.FieldKind, leadevent.FieldActorID, leadevent.FieldDistributorID, leadevent.FieldText,
}

func (r *record) eventRows() db.Rows {
	rows := db.Rows{Table: leadevent.Table, Columns: eventColumns, Values: make([][]any, len(r.events))}
	for i, e := range r.events {
		var actor, whose any
		if !e.actor.IsZero() {
			actor = e.actor
		}
		if e.whose != nil {
			whose = *e.whose
		}
		rows.Values[i] = []any{gid.New(), e.lead, r.at, string(e.kind), actor, whose, e.text}
	}
	return rows
}

// did adds an act to the audit of the lead.
func (r *record) did(action audit.Action, lead gid.ID, details map[string]string) {
	r.acts = append(r.acts, audit.Act{Action: action, Object: audit.On(gid.Lead, lead), Details: details})
}

// tell adds a notice.
func (r *record) tell(e notify.Event, to notify.To) {
	r.notices = append(r.notices, notify.Notice{Event: e, To: to})
}

// lead is how people are told of a lead.
func (r *record) lead(id gid.ID, receivedAt time.Time, test bool) notify.Lead {
	return notify.Lead{ID: id, ReceivedAt: receivedAt.In(r.zone), Test: test}
}

// tellWhose tells those whose lead it is from now on; administrators, where it is nobody's and somebody waits.
func (r *record) tellWhose(l notify.Lead, to *gid.ID) {
	switch {
	case to != nil:
		r.tell(notify.LeadAssigned(l), notify.To{Distributor: *to})
	case !l.Test:
		r.tell(notify.LeadUnassigned(l), notify.To{Admins: true})
	}
}

// wentTo are the details of a lead that went to a distributor; none where it went to nobody.
func wentTo(to *gid.ID) map[string]string {
	if to == nil {
		return nil
	}
	return map[string]string{"distributor": gid.Distributor.Format(*to)}
}

func (r *record) write(ctx context.Context, tx *db.Tx) error {
	acts, err := audit.Rows(ctx, r.at, r.acts...)
	if err != nil {
		return err
	}
	return tx.Insert(ctx,
		r.eventRows(),
		db.Rows{Table: intakeattempt.Table, Columns: attemptColumns, Values: r.attempts},
		db.Rows{Table: consententity.Table, Columns: consent.Columns, Values: r.consents},
		r.deltas,
		notify.Rows(tx, r.at, r.notices...),
		watch.Rows(tx, r.at, r.changes...),
		acts)
}
