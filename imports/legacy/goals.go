package legacy

import (
	"context"
	"strings"

	"github.com/shopspring/decimal"

	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// aims are the goals of a row: one for each thing that it counts.
type aims struct {
	lines
	all []aim
}

// aim is a goal and the field that it stands in.
type aim struct {
	goals.Imported
	field string
}

// goalsReason is why a goal is there, in its history.
const goalsReason = "Перенесено из прежней системы"

// metricsOf are the names of metrics there, in lower case.
var metricsOf = map[string]goal.Metric{
	"payout": goal.MetricPAYOUT, "payouts": goal.MetricPAYOUT, "выплаты": goal.MetricPAYOUT, "revenue": goal.MetricREVENUE, "выручка": goal.MetricREVENUE,
	"sales": goal.MetricSALE_COUNT, "sale_count": goal.MetricSALE_COUNT, "продажи": goal.MetricSALE_COUNT, "leads": goal.MetricLEAD_COUNT, "lead_count": goal.MetricLEAD_COUNT, "лиды": goal.MetricLEAD_COUNT,
}

// goals brings over what distributors were to achieve.
func (m *importer) goals(ctx context.Context) error {
	seen := map[goalKey]bool{}
	var some []*aims
	err := m.base.each(ctx, "goals", m.report, func(r *row) error {
		a := &aims{lines: lines{row: r}}
		m.aims(a, seen)
		some = append(some, a)
		if len(some) < atOnce {
			return nil
		}
		full := some
		some = nil
		return m.storeGoals(ctx, full)
	})
	if err != nil {
		return err
	}
	return m.storeGoals(ctx, some)
}

// goalKey is what there is one goal of.
type goalKey struct {
	distributor gid.ID
	month       string
	metric      goal.Metric
}

// aims reads the goals of a row.
func (m *importer) aims(a *aims, seen map[goalKey]bool) {
	whose, field, named := m.owner(a.row)
	switch {
	case whose == nil && named:
		a.refuse(field, "There is no such distributor.")
		return
	case whose == nil:
		a.refuse(field, "It does not say whose goal it is.")
		return
	}
	p, err := month(a.row.get("month"))
	if err != nil {
		a.refuse("month", shown(a.row.get("month"))+" is no month such as 03.2026.")
		return
	}
	for _, f := range []struct {
		field  string
		metric goal.Metric
	}{
		{"target", ""}, {"target_payout", goal.MetricPAYOUT}, {"target_revenue", goal.MetricREVENUE}, {"target_sales", goal.MetricSALE_COUNT}, {"target_leads", goal.MetricLEAD_COUNT},
	} {
		if a.row.get(f.field) == "" {
			continue
		}
		metric := f.metric
		if metric == "" {
			metric = m.metric(a)
		}
		if metric != "" {
			a.read(f.field, goals.Target{DistributorID: *whose, Period: p, Metric: metric}, seen)
		}
	}
}

// read reads the target of a goal.
func (a *aims) read(field string, of goals.Target, seen map[goalKey]bool) {
	text := a.row.get(field)
	target, err := decimal.NewFromString(strings.NewReplacer(" ", "", "\u00a0", "", ",", ".").Replace(text))
	const longest = 40
	if err != nil || len(text) > longest {
		a.left(field, shown(text)+" is no number. The goal is left out.")
		return
	}
	of.Target = target
	in := goals.Imported{ID: gid.Named("goals", a.row.id, string(of.Metric)), Target: of}
	if faults, _ := fault.All(in.Check()); len(faults) > 0 {
		for _, wrong := range faults {
			at := "month"
			if wrong.Field == "target" {
				at = field
			}
			a.left(at, wrong.Message+" The goal is left out.")
		}
		return
	}
	key := goalKey{of.DistributorID, of.Period.String(), of.Metric}
	if seen[key] {
		a.left(field, "A row before has a goal of this distributor, month and metric. This one is left out.")
		return
	}
	seen[key] = true
	a.all = append(a.all, aim{in, field})
}

// metric is what a bare target counts; empty where nobody says, which is told.
func (m *importer) metric(a *aims) goal.Metric {
	text := a.row.get("metric")
	if text == "" {
		if m.Metric == "" {
			a.left("target", "It does not say what the goal counts: say so with -goal-metric. The goal is left out.")
		}
		return m.Metric
	}
	metric, known := metricsOf[strings.ToLower(text)]
	if !known {
		a.left("metric", shown(text)+" is none of payout, revenue, sales, leads. The goal is left out.")
	}
	return metric
}

// storeGoals stores those that nobody has set.
func (m *importer) storeGoals(ctx context.Context, some []*aims) error {
	var all []goals.Imported
	for _, a := range some {
		for _, one := range a.all {
			all = append(all, one.Imported)
		}
	}
	var fates []goals.Fate
	if len(all) > 0 {
		err := m.batch(ctx, func(tx *db.Tx) (err error) {
			if m.Apply {
				fates, err = m.Services.Goals.Import(ctx, tx, all, goalsReason)
			} else {
				fates, err = goals.Fates(ctx, tx, all)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, a := range some {
		as := isRefused
		for _, one := range a.all {
			switch fates[0] {
			case goals.Added:
				as = isNew
			case goals.Known:
				if as == isRefused {
					as = isThere
				}
			case goals.Taken:
				a.left(one.field, "There is a goal of this distributor, month and metric here already. It stays as it is.")
			case goals.Refused:
				a.left("month", "The month is closed here: reopen it and import again. The goal is left out.")
			}
			fates = fates[1:]
		}
		if as == isRefused && len(a.all) == 0 && len(a.lines.all) == 0 {
			a.refuse("target", "It has no target.")
		}
		m.report.settle(&a.lines, as)
	}
	return nil
}
