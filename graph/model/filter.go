package model

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"entgo.io/ent/dialect/sql"

	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/leads"
)

// conditions hold together. An absent condition and an empty list ask for nothing.
type conditions []func(*sql.Selector)

func (c *conditions) add(where func(*sql.Selector)) { *c = append(*c, where) }

func (c conditions) where(s *sql.Selector) {
	for _, where := range c {
		where(s)
	}
}

func in[V any](c *conditions, column string, values []V) {
	if len(values) == 0 {
		return
	}
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	c.add(func(s *sql.Selector) { s.Where(sql.In(s.C(column), args...)) })
}

// equal asks for a text. PostgreSQL takes none with a zero character, and no row has one.
func equal(c *conditions, column string, value *string) {
	switch {
	case value == nil:
	case strings.ContainsRune(*value, 0):
		c.add(func(s *sql.Selector) { s.Where(sql.False()) })
	default:
		c.add(func(s *sql.Selector) { s.Where(sql.EQ(s.C(column), *value)) })
	}
}

// between is half-open.
func between[V any](c *conditions, column string, from, to *V) {
	if from != nil {
		c.add(func(s *sql.Selector) { s.Where(sql.GTE(s.C(column), *from)) })
	}
	if to != nil {
		c.add(func(s *sql.Selector) { s.Where(sql.LT(s.C(column), *to)) })
	}
}

// maxIDs is how many ids a client may name at once.
const maxIDs = 100

// parseIDs reads the ids of a filter, each fault at its place.
func parseIDs(kind gid.Kind, texts []string, field string) ([]gid.ID, error) {
	if len(texts) > maxIDs {
		return nil, fault.Coded(fault.Invalid, "TOO_MANY", field, fmt.Sprintf("At most %d ids.", maxIDs))
	}
	ids := make([]gid.ID, len(texts))
	var faults []error
	for i, t := range texts {
		id, err := kind.Parse(t)
		if err != nil {
			faults = append(faults, fault.Coded(fault.Invalid, "INVALID_ID", fmt.Sprintf("%s[%d]", field, i), fmt.Sprintf("This is not the id of a %s.", kind)))
		}
		ids[i] = id
	}
	return ids, errors.Join(faults...)
}

// parseID reads an id of a filter that may be absent.
func parseID(kind gid.Kind, text *string, field string) (*gid.ID, error) {
	if text == nil {
		return nil, nil
	}
	id, err := kind.Parse(*text)
	if err != nil {
		return nil, fault.Coded(fault.Invalid, "INVALID_ID", field, fmt.Sprintf("This is not the id of a %s.", kind))
	}
	return &id, nil
}

// leadWhere turns a client's filter into the domain's.
func (r *Reader) leadWhere(ctx context.Context, f *LeadFilter) (func(*sql.Selector), error) {
	if f == nil {
		return func(*sql.Selector) {}, nil
	}
	filter, err := leadFilter(f)
	if err != nil {
		return nil, err
	}
	viewer, _ := auth.From(r.seen(ctx))
	return filter.Where(viewer, r.Eyes)
}

func leadFilter(f *LeadFilter) (leads.Filter, error) {
	distributors, err1 := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	sources, err2 := parseIDs(gid.LeadSource, f.SourceIds, "filter.sourceIds")
	payoutFrom, err3 := Kopecks(f.PayoutFrom, "filter.payoutFrom")
	payoutTo, err4 := Kopecks(f.PayoutTo, "filter.payoutTo")
	filter := leads.Filter{
		DistributorIDs: distributors, SourceIDs: sources, PayoutFrom: payoutFrom, PayoutTo: payoutTo,
		ReceivedFrom: f.ReceivedFrom, ReceivedTo: f.ReceivedTo, SoldFrom: f.SoldFrom, SoldTo: f.SoldTo,
		Search: f.Search, Phone: f.Phone, Email: f.Email, IP: f.IP, IsTest: f.IsTest, Unassigned: f.Unassigned,
		ProcessingRestricted: f.ProcessingRestricted,
		ExternalID:           f.ExternalID, FirstName: f.FirstName, LastName: f.LastName,
		Tracking: tracking(f),
	}
	for _, s := range f.Statuses {
		filter.Statuses = append(filter.Statuses, string(s))
	}
	for _, s := range f.SubIds {
		filter.SubIDs = append(filter.SubIDs, leads.SubID{Index: s.Index, Value: s.Value})
	}
	return filter, errors.Join(err1, err2, err3, err4)
}

func tracking(f *LeadFilter) map[string]string {
	asked := map[string]string{}
	for column, value := range map[string]*string{
		"funnel": f.Funnel, "campaign_id": f.CampaignID, "campaign_name": f.CampaignName, "banner_id": f.BannerID,
		"advertiser_id": f.AdvertiserID, "region": f.Region, "gender": f.Gender, "age": f.Age,
		"utm_source": f.UtmSource, "utm_medium": f.UtmMedium, "utm_campaign": f.UtmCampaign, "utm_term": f.UtmTerm,
		"placement": f.Placement, "device_type": f.DeviceType, "position": f.Position, "subid": f.Subid,
		"random": f.Random, "impression_weekday": f.ImpressionWeekday, "impression_hour": f.ImpressionHour,
		"user_timezone": f.UserTimezone,
	} {
		if value != nil {
			asked[column] = *value
		}
	}
	return asked
}
