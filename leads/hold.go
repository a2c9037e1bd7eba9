package leads

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/leadevent"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
	"channelbook/leads/watch"
	"channelbook/notify"
)

// held is a lead that a transaction holds: nobody else changes it before the end.
type held struct {
	*record
	*ent.Lead // as it stood
	tx        *db.Tx
	actor     gid.ID // zero: the system
	now       time.Time
}

// act changes one lead that the viewer sees and that stands in one of the statuses (none named: in any), with its
// timeline, who is told and what it makes of the figures, in one transaction. do works as the system. The lead is read again for the viewer; it is nil where the act
// took it out of the viewer's sight.
func (s *Service) act(ctx context.Context, id gid.ID, from []lead.Status, do func(ctx context.Context, h *held) error) (*ent.Lead, error) {
	err := db.WithTx(ctx, s.DB, func(tx *db.Tx) error { return s.actIn(ctx, tx, id, from, do) })
	if err != nil {
		return nil, err
	}
	return s.Again(ctx, id)
}

// actIn is act inside a transaction.
func (s *Service) actIn(ctx context.Context, tx *db.Tx, id gid.ID, from []lead.Status, do func(ctx context.Context, h *held) error) error {
	h, err := s.hold(ctx, tx, id, from)
	if err != nil {
		return err
	}
	system := auth.AsSystem(ctx, "act on a lead")
	if err := do(system, h); err != nil {
		return err
	}
	is, err := tx.Lead.Get(system, id)
	if err != nil {
		return fmt.Errorf("read the changed lead: %w", err)
	}
	h.deltas = figures.Deltas(h.Lead, is, h.now, s.TimeZone)
	h.changes = append(h.changes, watch.Change{Lead: id, Distributor: is.DistributorID})
	return h.write(system, tx)
}

// Again is a lead after an act, for the viewer; nil where the act took it out of the viewer's sight.
func (s *Service) Again(ctx context.Context, id gid.ID) (*ent.Lead, error) {
	changed, err := s.DB.Lead.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the lead again: %w", err)
	}
	return changed, nil
}

// hold stamps the lead by a conditional update under the viewer's own eyes, which keeps it to the end of the
// transaction. Of two acts at once the second waits, and then finds the lead as the first left it.
func (s *Service) hold(ctx context.Context, tx *db.Tx, id gid.ID, from []lead.Status) (*held, error) {
	now := s.Now()
	update := tx.Lead.Update().Where(lead.ID(id)).SetUpdatedAt(now)
	if len(from) > 0 {
		update.Where(lead.StatusIn(from...))
	}
	n, err := update.Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("hold the lead: %w", err)
	}
	if n == 0 {
		return nil, refusal(ctx, tx, id, from)
	}
	viewer, _ := auth.From(ctx)
	row, err := tx.Lead.Get(auth.AsSystem(ctx, "act on a lead"), id)
	if err != nil {
		return nil, fmt.Errorf("read the held lead: %w", err)
	}
	return &held{record: &record{at: now, zone: s.TimeZone}, Lead: row, tx: tx, actor: viewer.UserID, now: now}, nil
}

// refusal says why a lead could not be held: the viewer sees none of that id, or its status is another.
func refusal(ctx context.Context, tx *db.Tx, id gid.ID, from []lead.Status) error {
	row, err := tx.Lead.Get(ctx, id)
	if ent.IsNotFound(err) {
		return fault.New(fault.NotFound, "leadId", "There is no such lead.")
	}
	if err != nil {
		return fmt.Errorf("read the lead: %w", err)
	}
	needed := make([]string, len(from))
	for i, status := range from {
		needed[i] = status.String()
	}
	return fault.Coded(fault.Conflict, "LEAD_STATUS", "leadId",
		fmt.Sprintf("The lead is %s; for this it must be %s.", row.Status, strings.Join(needed, " or ")))
}

// set begins the change of the held lead.
func (h *held) set() *ent.LeadUpdate {
	return h.tx.Lead.Update().Where(lead.ID(h.ID))
}

// event adds a line to the timeline, for the distributor whose lead it is at that time (nil: administrators only).
func (h *held) event(kind leadevent.Kind, whose *gid.ID, text string) {
	h.events = append(h.events, event{lead: h.ID, kind: kind, actor: h.actor, whose: whose, text: text})
}

// told is how people are told of the held lead.
func (h *held) told() notify.Lead { return h.lead(h.ID, h.ReceivedAt, h.IsTest) }

// tellBoth tells administrators, in words that name the company whose lead it is, and that company's users but for who acts;
// of a lead that is nobody's nobody.
func (h *held) tellBoth(ctx context.Context, admins func(company string) notify.Event, colleagues notify.Event) error {
	if h.DistributorID == nil {
		return nil
	}
	company, err := h.company(ctx, *h.DistributorID)
	if err != nil {
		return err
	}
	h.tell(admins(company), notify.To{Admins: true})
	h.tell(colleagues, notify.To{Distributor: *h.DistributorID, Except: h.actor})
	return nil
}

// company is the name of a distributor.
func (h *held) company(ctx context.Context, id gid.ID) (string, error) {
	row, err := h.tx.Distributor.Query().Where(distributor.ID(id)).Select(distributor.FieldCompanyName).Only(ctx)
	if err != nil {
		return "", fmt.Errorf("read whose lead it is: %w", err)
	}
	return row.CompanyName, nil
}

// Changed writes what goes with a change of a lead that another package makes, in its transaction: was is the lead before
// it.
func (s *Service) Changed(ctx context.Context, tx *db.Tx, was, is *ent.Lead) error {
	now := s.Now()
	rows := []db.Rows{figures.Deltas(was, is, now, s.TimeZone), watch.Rows(tx, now, watch.Change{Lead: is.ID, Distributor: is.DistributorID})}
	if was.RestrictedAt == nil && is.RestrictedAt != nil {
		rows = append(rows, notify.Rows(tx, now, s.restricted(is)...))
	}
	return tx.Insert(ctx, rows...)
}

// restricted tells administrators, and the users of the distributor whose lead it is, that it may be processed no more.
func (s *Service) restricted(is *ent.Lead) []notify.Notice {
	told := notify.Lead{ID: is.ID, ReceivedAt: is.ReceivedAt.In(s.TimeZone), Test: is.IsTest}
	var by *calendar.Date
	if is.DestroyBy != nil {
		day := calendar.DateOf(*is.DestroyBy, s.TimeZone)
		by = &day
	}
	notices := []notify.Notice{{Event: notify.LeadRestrictedBy(told, by), To: notify.To{Admins: true}}}
	if is.DistributorID != nil {
		notices = append(notices, notify.Notice{Event: notify.LeadRestricted(told), To: notify.To{Distributor: *is.DistributorID}})
	}
	return notices
}

// The longest texts that people write about a lead, in characters.
const (
	maxReason = 500
	maxNote   = 4000
)

// needed checks a text that a person must give, and trims it.
func needed(field string, text *string, limit int) error {
	if err := optional(field, text, limit); err != nil {
		return err
	}
	if *text == "" {
		return fault.Coded(fault.Invalid, "REQUIRED", field, "This must be given.")
	}
	return nil
}

// optional checks a text that a person may give, and trims it. Lines may be broken.
func optional(field string, text *string, limit int) error {
	trimmed := strings.TrimSpace(*text)
	control := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }
	var wrong []error
	if !utf8.ValidString(trimmed) || strings.ContainsFunc(trimmed, control) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8."))
	}
	if utf8.RuneCountInString(trimmed) > limit {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", limit)))
	}
	*text = trimmed
	return errors.Join(wrong...)
}
