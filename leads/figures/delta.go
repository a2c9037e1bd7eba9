package figures

import (
	"context"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leaddelta"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

var deltaColumns = []string{
	leaddelta.FieldDay, leaddelta.FieldDistributorID, leaddelta.FieldRestricted, leaddelta.FieldStatus, leaddelta.FieldSourceID, leaddelta.FieldUtmSource,
	leaddelta.FieldCampaignID, leaddelta.FieldCampaignName, leaddelta.FieldRegion, leaddelta.FieldFunnel,
	leaddelta.FieldLeads, leaddelta.FieldConverted, leaddelta.FieldSales, leaddelta.FieldPayout,
}

// standing is a lead as it counts on a day.
type standing struct {
	day                                 calendar.Date
	whose                               gid.ID // zero: nobody's
	restricted                          bool
	status                              lead.Status
	source                              gid.ID
	utm, campaign, campaignName, region string
	funnel                              string
}

// Deltas are the rows by which a change of a lead goes into the figures: what it was is taken off its days and what it is
// put on them, of its days those before today. They are written in the transaction of the change. A change of nothing that
// counts has none.
func Deltas(was, is *ent.Lead, now time.Time, zone *time.Location) db.Rows {
	sums := map[standing]Figures{}
	var order []standing
	add := func(l *ent.Lead, sign int64) {
		for _, c := range standings(l, zone) {
			if _, known := sums[c.standing]; !known {
				order = append(order, c.standing)
			}
			f := c.Figures
			sums[c.standing] = sums[c.standing].Add(Figures{sign * f.Leads, sign * f.Converted, sign * f.Sales, sign * f.Payout})
		}
	}
	add(was, -1)
	add(is, 1)
	rows := db.Rows{Table: leaddelta.Table, Columns: deltaColumns}
	today := calendar.DateOf(now, zone)
	for _, c := range order {
		if f := sums[c]; f != (Figures{}) && today.After(c.day) {
			rows.Values = append(rows.Values, []any{
				c.day, known(c.whose), c.restricted, string(c.status), c.source, given(c.utm), given(c.campaign), given(c.campaignName), given(c.region), given(c.funnel),
				f.Leads, f.Converted, f.Sales, f.Payout,
			})
		}
	}
	return rows
}

type counted struct {
	standing
	Figures
}

// standings are how a lead counts on the day it came and on the day it was sold; none where it does not count.
func standings(l *ent.Lead, zone *time.Location) []counted {
	if l.IsTest || !slices.Contains(Accepted, l.Status) {
		return nil
	}
	c := standing{
		day: calendar.DateOf(l.ReceivedAt, zone), restricted: l.RestrictedAt != nil, status: l.Status, source: l.SourceID,
		utm: l.UtmSource, campaign: l.CampaignID, campaignName: l.CampaignName, region: l.Region, funnel: l.Funnel,
	}
	if l.DistributorID != nil {
		c.whose = *l.DistributorID
	}
	if l.Status != lead.StatusSALE {
		return []counted{{c, Figures{Leads: 1}}}
	}
	all := []counted{{c, Figures{Leads: 1, Converted: 1}}}
	if day := l.SoldOn.Known(); day != nil {
		c.day = *day
		all = append(all, counted{c, Figures{Sales: 1, Payout: l.Payout}})
	}
	return all
}

// Changed writes the rows of a change of a lead, in its transaction.
func (s *Service) Changed(ctx context.Context, tx *db.Tx, was, is *ent.Lead) error {
	return db.InsertRows(ctx, tx, Deltas(was, is, s.Now(), s.TimeZone))
}

func known(id gid.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}

func given(text string) any {
	if text == "" {
		return nil
	}
	return text
}
