package notify

import (
	"fmt"
	"strings"

	"channelbook/ent/goal"
	"channelbook/ent/notice"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// goalsPage is where people see their goals.
const goalsPage = "/goals"

// Target is what a goal is now, in kopecks or pieces as it is kept.
type Target struct {
	Goal   gid.ID
	Period calendar.Period
	Metric goal.Metric
	Was    *int64 // before; nil for a new goal
	To     int64
}

// GoalsSet is that goals of one distributor, one at least, were set or copied.
func GoalsSet(targets []Target) Event {
	fresh := 0
	for _, t := range targets {
		if t.Was == nil {
			fresh++
		}
	}
	on := onPeriod(targets)
	title := "Обновлены цели" + on
	switch one := len(targets) == 1; {
	case fresh == len(targets) && one:
		title = "Новая цель" + on
	case fresh == len(targets):
		title = "Новые цели" + on
	case fresh == 0 && one:
		title = "Изменена цель" + on
	case fresh == 0:
		title = "Изменены цели" + on
	}
	return aboutGoals(notice.KindGOAL_SET, title, listed(targets), targets)
}

// GoalsRolledOver is that a distributor has the goals of one month, one at least, in the next one too.
func GoalsRolledOver(targets []Target) Event {
	title, how := "Цели"+onPeriod(targets), "Перенесены с предыдущего месяца:\n"
	if len(targets) == 1 {
		title, how = "Цель"+onPeriod(targets), "Перенесена с предыдущего месяца:\n"
	}
	return aboutGoals(notice.KindGOAL_SET, title, how+listed(targets), targets)
}

// GoalRemoved is that a goal is there no more; To is its last target.
func GoalRemoved(t Target) Event {
	one := []Target{t}
	return aboutGoals(notice.KindGOAL_REMOVED, "Цель"+onPeriod(one)+" снята", t.String(), one)
}

// aboutGoals names the goal as the object where there is exactly one.
func aboutGoals(kind notice.Kind, title, text string, targets []Target) Event {
	e := Event{Kind: kind, Title: title, Text: text, URL: goalsPage}
	if len(targets) == 1 {
		e.Object = gid.Goal.Format(targets[0].Goal)
	}
	return e
}

// onPeriod is " на март 2026" where all targets are of one period.
func onPeriod(targets []Target) string {
	p := targets[0].Period
	for _, t := range targets {
		if t.Period != p {
			return ""
		}
	}
	return " на " + p.Name()
}

// listedGoals is how many goals a text lists before it tells how many more there are.
const listedGoals = 10

func listed(targets []Target) string {
	var lines []string
	for i, t := range targets {
		if i == listedGoals && len(targets) > listedGoals {
			lines = append(lines, fmt.Sprintf("и ещё %d", len(targets)-listedGoals))
			break
		}
		lines = append(lines, t.String())
	}
	return strings.Join(lines, "\n")
}

// String is "Выплаты, март 2026: 50 000,00 ₽ (было 40 000,00 ₽)".
func (t Target) String() string {
	text := goalName(t.Metric, t.Period) + ": " + measured(t.Metric, t.To)
	if t.Was != nil {
		text += " (было " + measured(t.Metric, *t.Was) + ")"
	}
	return text
}

var metricNames = map[goal.Metric]string{
	goal.MetricPAYOUT: "Выплаты", goal.MetricREVENUE: "Выручка", goal.MetricSALE_COUNT: "Продажи", goal.MetricLEAD_COUNT: "Лиды",
}

func goalName(m goal.Metric, p calendar.Period) string { return metricNames[m] + ", " + p.Name() }

// measured is a value of a metric with its unit.
func measured(m goal.Metric, value int64) string {
	if m == goal.MetricPAYOUT || m == goal.MetricREVENUE {
		return Roubles(value)
	}
	return pieces(value)
}
