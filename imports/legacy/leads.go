package legacy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"channelbook/ent/lead"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
	"channelbook/payouts"
)

// request is a lead there.
type request struct {
	lines
	leads.Imported
	refused bool
}

// statuses are those of other systems, in lower case.
var statuses = map[string]lead.Status{
	"new": lead.StatusNEW, "created": lead.StatusNEW, "open": lead.StatusNEW, "новый": lead.StatusNEW, "новая": lead.StatusNEW, "": lead.StatusNEW,
	"in_progress": lead.StatusIN_PROGRESS, "in progress": lead.StatusIN_PROGRESS, "processing": lead.StatusIN_PROGRESS, "in_work": lead.StatusIN_PROGRESS, "taken": lead.StatusIN_PROGRESS,
	"contacted": lead.StatusIN_PROGRESS, "в работе": lead.StatusIN_PROGRESS, "в обработке": lead.StatusIN_PROGRESS,
	"sale": lead.StatusSALE, "sold": lead.StatusSALE, "won": lead.StatusSALE, "closed_won": lead.StatusSALE, "success": lead.StatusSALE, "продажа": lead.StatusSALE, "продан": lead.StatusSALE, "продано": lead.StatusSALE,
	"rejected": lead.StatusREJECTED, "refused": lead.StatusREJECTED, "lost": lead.StatusREJECTED, "closed_lost": lead.StatusREJECTED, "canceled": lead.StatusREJECTED, "cancelled": lead.StatusREJECTED,
	"отказ": lead.StatusREJECTED, "отклонён": lead.StatusREJECTED, "отклонен": lead.StatusREJECTED,
	"duplicate": lead.StatusDUPLICATE, "double": lead.StatusDUPLICATE, "дубль": lead.StatusDUPLICATE, "дубликат": lead.StatusDUPLICATE,
	"blocked": lead.StatusBLOCKED, "blacklisted": lead.StatusBLOCKED, "blacklist": lead.StatusBLOCKED, "spam": lead.StatusBLOCKED, "спам": lead.StatusBLOCKED, "в чёрном списке": lead.StatusBLOCKED,
}

// known is the status here of one there.
func (m *importer) known(status string) (lead.Status, bool) {
	word := strings.ToLower(status)
	if to, ok := m.Statuses[word]; ok {
		return to, true
	}
	to, ok := statuses[word]
	return to, ok
}

// leads brings over the leads, with what is owed for those that were sold.
func (m *importer) leads(ctx context.Context) error {
	t := m.base.tables["leads"]
	if t == nil {
		return nil
	}
	if err := m.needSource(ctx); err != nil {
		return err
	}
	if !t.has("sold") {
		m.report.note("leads: no column says when a lead was sold. The day on which it was closed, or last changed, is taken.")
	}
	var some []*request
	err := m.base.each(ctx, "leads", m.report, func(r *row) error {
		some = append(some, m.request(r))
		if len(some) < atOnce {
			return nil
		}
		full := some
		some = nil
		return m.storeLeads(ctx, full)
	})
	if err != nil {
		return err
	}
	return m.storeLeads(ctx, some)
}

// request reads a lead.
func (m *importer) request(r *row) *request {
	q := &request{lines: lines{row: r}}
	q.Imported = leads.Imported{ID: gid.Named("leads", r.id), SourceID: m.source, Submission: submission(r), Note: r.get("note"), Rejected: r.get("rejected"), LegalBasis: m.LegalBasis, BasisNote: m.BasisNote}
	m.times(q)
	status, ok := m.known(r.get("status"))
	if !ok {
		q.no("status", shown(r.get("status"))+" is no status that is known: say with -status what it is here.")
		return q
	}
	q.Status = status
	m.whose(q)
	m.ended(q)
	if q.refused {
		return q
	}
	checked, faults := q.Checked()
	q.Imported = checked
	for _, f := range faults {
		q.misfit(f)
	}
	return q
}

// no refuses the lead.
func (q *request) no(field, why string) {
	q.refuse(field, why)
	q.refused = true
}

// submission is what the person and advertising said.
func submission(r *row) leads.Submission {
	s := leads.Submission{
		ExternalID: r.id, FirstName: cmp.Or(r.get("first_name"), r.get("name")), LastName: r.get("last_name"), Phone: strings.TrimSuffix(r.get("phone"), ".0"),
		Email: r.get("email"), IP: r.get("ip"), Funnel: r.get("funnel"),
	}
	if last, first, two := strings.Cut(r.get("fio"), " "); s.FirstName == "" && two {
		s.FirstName, s.LastName = strings.TrimSpace(first), cmp.Or(s.LastName, last)
	} else if s.FirstName == "" {
		s.FirstName = last
	}
	t := &s.Tracking
	for column, to := range map[string]*string{
		"subid": &t.Subid, "utm_source": &t.UTMSource, "utm_medium": &t.UTMMedium, "utm_campaign": &t.UTMCampaign, "utm_term": &t.UTMTerm, "campaign_id": &t.CampaignID,
		"campaign_name": &t.CampaignName, "banner_id": &t.BannerID, "advertiser_id": &t.AdvertiserID, "region": &t.Region, "gender": &t.Gender, "age": &t.Age, "random": &t.Random,
		"impression_weekday": &t.ImpressionWeekday, "impression_hour": &t.ImpressionHour, "user_timezone": &t.UserTimezone, "placement": &t.Placement,
		"device_type": &t.DeviceType, "position": &t.Position,
	} {
		*to = r.get(column)
	}
	for i := 1; i <= maxSubIDs; i++ {
		t.SubIDs = append(t.SubIDs, r.get(subID(i)))
	}
	return s
}

// times reads when it came and was changed.
func (m *importer) times(q *request) {
	received := m.at(&q.lines, "received")
	switch {
	case received == nil:
		q.no("received", "It does not say when the lead came.")
		return
	case received.After(m.Now()):
		q.no("received", "The lead is still to come. Is -timezone right?")
		return
	}
	q.ReceivedAt, q.UpdatedAt = *received, *received
	if at := m.at(&q.lines, "updated"); past(at, m.Now()) && !at.Before(*received) {
		q.UpdatedAt = *at
	}
	if at := m.at(&q.lines, "taken"); past(at, m.Now()) && !at.Before(*received) {
		q.TakenAt = at
	}
}

// whose says whose lead it is. One that was turned away is nobody's.
func (m *importer) whose(q *request) {
	id, field, named := m.owner(q.row)
	accepted := q.Status != lead.StatusDUPLICATE && q.Status != lead.StatusBLOCKED
	switch {
	case accepted && id != nil:
		q.Distributor = id
		return
	case !accepted:
		q.TakenAt = nil
		if named {
			q.left(field, "A lead that was turned away is nobody's here.")
		}
		return
	case q.Status == lead.StatusSALE && named:
		q.no(field, "The lead was sold, and the distributor who sold it is not there.")
		return
	case q.Status == lead.StatusSALE:
		q.no(field, "The lead was sold, and nobody says by whom.")
		return
	case named:
		q.left(field, "There is no such distributor. The lead is nobody's.")
	}
	q.TakenAt = nil
	if q.Status == lead.StatusIN_PROGRESS {
		q.left("status", "The lead is being worked, and by nobody. It comes as a new one that waits for a distributor.")
		q.Status = lead.StatusNEW
	}
}

// ended reads how and when it was closed.
func (m *importer) ended(q *request) {
	if q.Status != lead.StatusREJECTED {
		q.idle("rejected", "The lead was not rejected.")
		q.Rejected = ""
	}
	if q.Status != lead.StatusSALE {
		q.idle("sold", "The lead was not sold.")
		q.idle("payout", "The lead was not sold, so that nothing is owed for it.")
		q.idle("amount", "The lead was not sold.")
	}
	if q.Status != lead.StatusSALE && q.Status != lead.StatusREJECTED {
		return
	}
	closed := m.at(&q.lines, "closed")
	if !past(closed, m.Now()) || closed.Before(q.ReceivedAt) {
		closed = nil
	}
	if q.Status == lead.StatusREJECTED {
		q.ClosedAt = cmp.Or(closed, &q.UpdatedAt)
		return
	}
	day := m.dayAt(&q.lines, "sold")
	if closed == nil && day != nil {
		closed = m.soldAt(q, *day)
	}
	closed = cmp.Or(closed, &q.UpdatedAt)
	if day == nil {
		on := calendar.DateOf(*closed, m.Services.TimeZone)
		if day = &on; q.row.table.has("sold") {
			q.left("sold", fmt.Sprintf("It does not say when the lead was sold. %s is taken.", on))
		}
	}
	received := calendar.DateOf(q.ReceivedAt, m.Services.TimeZone)
	if received.After(*day) {
		q.left("sold", fmt.Sprintf("The lead was sold before it came. %s, when it came, is taken.", received))
		day = &received
	}
	if day.After(calendar.DateOf(m.Now(), m.Services.TimeZone)) {
		q.no("sold", "The sale is still to come.")
		return
	}
	q.ClosedAt, q.SoldOn = closed, day
	m.sums(q)
}

// idle tells of a field that says something which does not go with the lead's status. A sum of nothing says nothing.
func (q *request) idle(field, why string) {
	text := q.row.get(field)
	if kopecks, _, err := sum(text); text == "" || err == nil && kopecks == 0 {
		return
	}
	q.left(field, why+" It is left out.")
}

// soldAt is the time of a sale on a day: noon where only the day is known. It is not before the lead came, and not to come.
func (m *importer) soldAt(q *request, day calendar.Date) *time.Time {
	at := day.Start(m.Services.TimeZone).Add(12 * time.Hour).UTC()
	if text := q.row.get("sold"); len(text) > len(time.DateOnly) {
		if exact, err := instant(text, m.Options.TimeZone); err == nil {
			at = exact
		}
	}
	if at.Before(q.ReceivedAt) {
		at = q.ReceivedAt
	}
	if now := m.Now(); at.After(now) {
		at = now
	}
	return &at
}

// sums reads what a sale came to. What is owed has to be right: a sum that cannot be read keeps the row out.
func (m *importer) sums(q *request) {
	read := func(field string) *int64 {
		text := q.row.get(field)
		if text == "" {
			return nil
		}
		kopecks, rounded, err := sum(text)
		if err != nil {
			q.no(field, shown(text)+" is no sum of roubles.")
			return nil
		}
		if rounded {
			q.left(field, fmt.Sprintf("%s has parts of kopecks. %s is taken.", shown(text), roubles(kopecks)))
		}
		return &kopecks
	}
	if payout := read("payout"); payout != nil {
		q.Payout = *payout
	} else if !q.refused {
		q.left("payout", "The lead was sold, and it does not say what is owed for it. Nothing is taken.")
	}
	q.SaleAmount = read("amount")
	for _, f := range q.CheckSums() {
		q.no(map[string]string{"payout": "payout", "saleAmount": "amount"}[f.Field], f.Message)
	}
}

// misfit tells of a fault that the intake finds in a lead.
func (q *request) misfit(f *fault.Error) {
	switch field := fieldOf(f.Field); {
	case f.Code == "CONTACT_REQUIRED":
		q.left("", "There is neither a phone nor an e-mail address. The lead comes without a contact.")
	case field == "first_name" && f.Code == "REQUIRED":
		q.left(field, "There is no name.")
	default:
		q.left(field, f.Message+" It is left out.")
	}
}

// fieldOf is the field of a row that a path of the intake is read from.
func fieldOf(path string) string {
	var i int
	if n, _ := fmt.Sscanf(path, "tracking.subIds[%d]", &i); n == 1 {
		return subID(i + 1)
	}
	if known, ok := map[string]string{"firstName": "first_name", "lastName": "last_name"}[path]; ok {
		return known
	}
	var snake strings.Builder
	for _, r := range strings.TrimPrefix(path, "tracking.") {
		if r >= 'A' && r <= 'Z' {
			snake.WriteByte('_')
			r += 'a' - 'A'
		}
		snake.WriteRune(r)
	}
	return snake.String()
}

// storeLeads stores those that are not there, with what is owed for them.
func (m *importer) storeLeads(ctx context.Context, some []*request) error {
	if len(some) == 0 {
		return nil
	}
	var fates []fate
	var closed []bool
	err := m.batch(ctx, func(tx *db.Tx) error {
		fates, closed = make([]fate, len(some)), make([]bool, len(some))
		shut, err := payouts.Hold(ctx, tx, soldOn(some))
		if err != nil {
			return err
		}
		ids := make([]gid.ID, len(some))
		for i, q := range some {
			ids[i] = q.ID
		}
		known, err := tx.Lead.Query().Where(lead.IDIn(ids...)).IDs(ctx)
		if err != nil {
			return fmt.Errorf("look for leads: %w", err)
		}
		there := setOf(known)
		var fresh []leads.Imported
		for i, q := range some {
			switch {
			case there[q.ID]:
				fates[i] = isThere
			case q.refused:
				fates[i] = isRefused
			case q.SoldOn != nil && shut[*q.SoldOn]:
				fates[i], closed[i] = isRefused, true
			default:
				fresh = append(fresh, q.Imported)
				there[q.ID] = true // a second row of the same id
			}
		}
		if !m.Apply || len(fresh) == 0 {
			return nil
		}
		if err := m.Services.Leads.BringOver(ctx, tx, fresh); err != nil {
			return err
		}
		return m.Payouts.Import(ctx, tx, sales(fresh))
	})
	if err != nil {
		return err
	}
	for i, q := range some {
		if closed[i] {
			q.refuse("sold", fmt.Sprintf("%s is in a period that is closed here: reopen it and import again.", q.SoldOn))
		}
		if fates[i] == isNew && q.SoldOn != nil {
			m.owe(q)
		}
		m.report.settle(&q.lines, fates[i])
	}
	return nil
}

// owe adds a new sale up, for the report.
func (m *importer) owe(q *request) {
	of := m.owed[*q.Distributor]
	if of == nil {
		of = monthlySum{}
		m.owed[*q.Distributor] = of
	}
	of[calendar.PeriodOf(calendar.Month, *q.SoldOn)] += q.Payout
}

// soldOn are the days of sales, each once and in order.
func soldOn(some []*request) (days []calendar.Date) {
	for _, q := range some {
		if q.SoldOn != nil && !q.refused {
			days = append(days, *q.SoldOn)
		}
	}
	slices.SortFunc(days, func(a, b calendar.Date) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(days)
}

func sales(of []leads.Imported) (all []leads.Sold) {
	for _, in := range of {
		if in.Status == lead.StatusSALE {
			all = append(all, leads.Sold{Lead: in.ID, Distributor: *in.Distributor, Day: *in.SoldOn, Payout: in.Payout, SaleAmount: in.SaleAmount})
		}
	}
	return all
}
