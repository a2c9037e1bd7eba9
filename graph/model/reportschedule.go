package model

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/reportschedule"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// ReportSchedule is a row of report_schedules.
type ReportSchedule struct {
	*ent.ReportSchedule
	level *level[*ReportSchedule]
}

var scheduleMapping = mapping{
	"id":          {},
	"distributor": {reportschedule.FieldParametersSealed},
	"recipients":  {reportschedule.FieldRecipientIds},
	"createdBy":   {reportschedule.FieldCreatedByID},
}

// ReportSchedules are all of them, by name.
func (r *Reader) ReportSchedules(ctx context.Context) ([]*ReportSchedule, error) {
	rows, err := r.DB.ReportSchedule.Query().Order(ent.Asc(reportschedule.FieldName, reportschedule.FieldID)).
		Select(scheduleMapping.columns(selected(ctx, "ReportSchedule"), reportschedule.FieldID, reportschedule.FieldName)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return r.schedules(rows), nil
}

// ReportSchedule is a whole schedule that a mutation has read already; nil stays nil.
func (r *Reader) ReportSchedule(row *ent.ReportSchedule) *ReportSchedule {
	if row == nil {
		return nil
	}
	return r.schedules([]*ent.ReportSchedule{row})[0]
}

func (r *Reader) schedules(rows []*ent.ReportSchedule) []*ReportSchedule {
	out := make([]*ReportSchedule, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &ReportSchedule{row, lv}
	}
	return out
}

func (r *Reader) schedulesAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*ReportSchedule, error) {
	rows, err := r.DB.ReportSchedule.Query().Where(reportschedule.IDIn(ids...)).Select(scheduleMapping.columns(asked, reportschedule.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.schedules(rows), func(s *ReportSchedule) gid.ID { return s.ReportSchedule.ID }), nil
}

// IsNode marks a type with an id of its own.
func (*ReportSchedule) IsNode() {}

// ID as it is shown outside.
func (s *ReportSchedule) ID() string { return gid.ReportSchedule.Format(s.ReportSchedule.ID) }

// Kind of its reports.
func (s *ReportSchedule) Kind() ReportKind { return ReportKind(s.ReportSchedule.Kind) }

// Format of its reports.
func (s *ReportSchedule) Format() ReportFormat { return ReportFormat(s.ReportSchedule.Format) }

// Every is how often.
func (s *ReportSchedule) Every() ReportScheduleEvery {
	return ReportScheduleEvery(s.ReportSchedule.Every)
}

// NextOn is when it is due.
func (s *ReportSchedule) NextOn() calendar.Date { return *s.ReportSchedule.NextOn }

// Distributor that its reports are about.
func (s *ReportSchedule) Distributor(ctx context.Context) (*Distributor, error) {
	p, err := s.level.reader.Reports.ScheduleParameters(s.ReportSchedule)
	if err != nil || p.DistributorID == nil {
		return nil, err
	}
	return toOne(ctx, s.level, s, func(s *ReportSchedule) *gid.ID {
		p, _ := s.level.reader.Reports.ScheduleParameters(s.ReportSchedule) // each row tells of its own
		return p.DistributorID
	}, s.level.reader.distributorsByID)
}

// Recipients are who gets its reports.
func (s *ReportSchedule) Recipients(ctx context.Context) ([]*User, error) {
	found, err := load(ctx, s.level, func(ctx context.Context) (map[gid.ID]*User, error) {
		var ids []gid.ID
		for _, row := range s.level.rows {
			ids = append(ids, row.RecipientIds...)
		}
		return s.level.reader.usersByID(ctx, ids)
	})
	who := []*User{}
	for _, id := range s.RecipientIds {
		if u := found[id]; u != nil {
			who = append(who, u)
		}
	}
	return who, err
}

// CreatedBy is who made it.
func (s *ReportSchedule) CreatedBy(ctx context.Context) (*User, error) {
	return toOne(ctx, s.level, s, func(s *ReportSchedule) *gid.ID { return &s.CreatedByID }, s.level.reader.usersByID)
}
