package graph

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/graph/model"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
	"channelbook/reports"
	"channelbook/reports/order"
)

// about reads what a report is to be about. What is no id of a distributor becomes one that nobody has.
func about(distributor *string, filter *model.LeadFilter) (p order.Parameters, err error) {
	if filter != nil {
		p.Filter, err = model.LeadFilterOf(filter)
	}
	if distributor != nil {
		id := referredID(gid.Distributor, *distributor)
		p.DistributorID = &id
	}
	return p, err
}

func (r *Resolver) requestReport(ctx context.Context, in model.RequestReportInput) (*ent.Report, []*model.UserError, error) {
	p, wrong := about(in.DistributorID, in.Filter)
	p.From, p.To = in.From, in.To
	if in.Period != nil {
		period := periodOf(in.Period)
		p.Period = &period
	}
	row, err := r.Reports.Request(ctx, reports.Request{Kind: string(in.Kind), Format: string(in.Format), Parameters: p, Misread: wrong})
	errs, err := userErrors(err)
	return row, errs, err
}

func (r *Resolver) createSchedule(ctx context.Context, in model.CreateReportScheduleInput) (*ent.ReportSchedule, []*model.UserError, error) {
	p, wrong := about(in.DistributorID, in.Filter)
	row, err := r.Reports.Schedule(ctx, reports.Plan{
		Name: in.Name, Kind: string(in.Kind), Format: string(in.Format), Every: reports.Every(in.Every), Parameters: p, Recipients: referredIDs(gid.User, in.RecipientIds), Misread: wrong,
	})
	errs, err := userErrors(err)
	return row, errs, err
}

func scheduleChange(in model.UpdateReportScheduleInput) reports.Change {
	c := reports.Change{Name: in.Name, Active: in.Active}
	if in.RecipientIds != nil {
		c.Recipients = referredIDs(gid.User, in.RecipientIds)
	}
	return c
}

// finished brings the viewer's reports to a subscription as they end, until ctx ends.
func (r *Resolver) finished(ctx context.Context) (<-chan *model.Report, error) {
	out := make(chan *model.Report)
	follow, err := r.Reports.Follow(ctx)
	if err != nil {
		return nil, err
	}
	go func() {
		defer close(out)
		defer func() {
			if p := recover(); p != nil { // nothing else would catch it, and the server would end
				r.Log.ErrorContext(ctx, "a subscription could not go on", "error", fmt.Errorf("%v", reqctx.Panic(p)))
			}
		}()
		err := follow(func(row *ent.Report) error {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case out <- r.Read.Report(row):
				return nil
			}
		})
		if err != nil && ctx.Err() == nil {
			r.Log.ErrorContext(ctx, "a subscription could not go on", "error", err)
		}
	}()
	return out, nil
}
