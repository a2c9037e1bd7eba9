package model

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"channelbook/ent/distributor"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

// LeadStatsFigures are the figures of a group of leads.
type LeadStatsFigures struct{ figures.Figures }

// LeadStatsRow is a group of leads with its figures.
type LeadStatsRow struct {
	LeadStatsFigures
	Key      *string
	Label    string
	row      figures.Row
	at       int // among the rows
	question figures.Question
	level    *level[*LeadStatsRow]
}

// LeadCount is how many were received.
func (f LeadStatsFigures) LeadCount() int { return int(f.Leads) }

// SaleCount is how many were sold.
func (f LeadStatsFigures) SaleCount() int { return int(f.Sales) }

// ConversionPercent of the leads received.
func (f LeadStatsFigures) ConversionPercent() *float64 { return percent(f.Converted, f.Leads) }

// Payout for the sales.
func (f LeadStatsFigures) Payout() *Money { return Roubles(f.Figures.Payout) }

// PayoutPerSale is null without sales.
func (f LeadStatsFigures) PayoutPerSale() *Money {
	if f.Sales == 0 {
		return nil
	}
	return Roubles(decimal.NewFromInt(f.Figures.Payout).DivRound(decimal.NewFromInt(f.Sales), 0).IntPart())
}

// percent is how many in a hundred, with two decimals; null of nothing.
func percent(part, of int64) *float64 {
	if of == 0 {
		return nil
	}
	p := decimal.NewFromInt(part).Shift(2).DivRound(decimal.NewFromInt(of), 2).InexactFloat64()
	return &p
}

// Previous is the same in the time just before, loaded for all rows at once.
func (s *LeadStatsRow) Previous(ctx context.Context) (*LeadStatsFigures, error) {
	before, err := load(ctx, s.level, func(ctx context.Context) ([]figures.Figures, error) {
		rows := make([]figures.Row, len(s.level.rows))
		for i, of := range s.level.rows {
			rows[i] = of.row
		}
		return s.level.reader.Figures.Before(ctx, s.question, rows)
	})
	if err != nil {
		return nil, err
	}
	return &LeadStatsFigures{before[s.at]}, nil
}

// LeadStats are figures by a group, with the names of what they are about where these are asked for.
func (r *Reader) LeadStats(ctx context.Context, f *LeadFilter, by LeadStatsGroup) ([]*LeadStatsRow, error) {
	ctx = r.seen(ctx)
	q, err := r.leadQuestion(ctx, f, figures.Group(by))
	if err != nil {
		return nil, err
	}
	rows, err := r.Figures.Stats(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]*LeadStatsRow, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &LeadStatsRow{LeadStatsFigures: LeadStatsFigures{row.Figures}, Key: text(row.Key), Label: q.Group.Label(row), row: row, at: i, question: q, level: lv}
	}
	return out, r.nameStats(ctx, q.Group, out, selected(ctx, "LeadStatsRow").has("label"))
}

// LeadStatus is how many leads stand where.
func (r *Reader) LeadStatus(ctx context.Context, f *LeadFilter) ([]*LeadStatusShare, error) {
	ctx = r.seen(ctx)
	q, err := r.leadQuestion(ctx, f, figures.ByStatus)
	if err != nil {
		return nil, err
	}
	rows, err := r.Figures.Stats(ctx, q)
	if err != nil {
		return nil, err
	}
	counts, all := map[string]int64{}, int64(0)
	for _, row := range rows {
		counts[row.Key] = row.Leads
		all += row.Leads
	}
	out := make([]*LeadStatusShare, len(figures.Accepted))
	for i, status := range figures.Accepted {
		key := string(status)
		out[i] = &LeadStatusShare{Status: LeadStatus(key), Label: q.Group.Label(figures.Row{Key: key}), Count: int(counts[key]), Percent: percent(counts[key], all)}
	}
	return out, nil
}

// leadQuestion: conditions beyond distributors and dates received are put to the leads themselves.
func (r *Reader) leadQuestion(ctx context.Context, f *LeadFilter, by figures.Group) (figures.Question, error) {
	q := figures.Question{Group: by}
	if f == nil {
		return q, nil
	}
	filter, err := leadFilter(f)
	if err != nil {
		return q, err
	}
	q.From, q.To, q.Distributors = f.ReceivedFrom, f.ReceivedTo, filter.DistributorIDs
	if filter.AsksForMore() {
		viewer, _ := auth.From(ctx)
		q.Where, err = filter.WhereButReceived(viewer, r.Eyes)
	}
	return q, err
}

// nameStats gives the rows the names of their distributors or sources, and all keys of these the form in which ids are shown.
func (r *Reader) nameStats(ctx context.Context, by figures.Group, rows []*LeadStatsRow, named bool) error {
	kind := map[figures.Group]gid.Kind{figures.ByDistributor: gid.Distributor, figures.BySource: gid.LeadSource}[by]
	if kind == "" {
		return nil
	}
	ids := map[*LeadStatsRow]gid.ID{}
	for _, row := range rows {
		var id gid.ID
		if row.Key == nil {
			continue
		}
		if err := id.UnmarshalText([]byte(*row.Key)); err != nil {
			return fmt.Errorf("read the id that figures are of: %w", err)
		}
		shown := kind.Format(id)
		row.Key, ids[row] = &shown, id
	}
	if !named || len(ids) == 0 {
		return nil
	}
	names, err := r.namesOf(ctx, by, distinct(rows, func(row *LeadStatsRow) *gid.ID {
		if id, ok := ids[row]; ok {
			return &id
		}
		return nil
	}))
	for row, id := range ids {
		row.Label = names[id]
	}
	return err
}

func (r *Reader) namesOf(ctx context.Context, by figures.Group, ids []gid.ID) (map[gid.ID]string, error) {
	names := map[gid.ID]string{}
	if by == figures.BySource {
		rows, err := r.DB.LeadSource.Query().Where(leadsource.IDIn(ids...)).Select(leadsource.FieldID, leadsource.FieldName).All(ctx)
		for _, row := range rows {
			names[row.ID] = row.Name
		}
		return names, err
	}
	rows, err := r.DB.Distributor.Query().Where(distributor.IDIn(ids...)).Select(distributor.FieldID, distributor.FieldCompanyName).All(ctx)
	for _, row := range rows {
		names[row.ID] = row.CompanyName
	}
	return names, err
}
