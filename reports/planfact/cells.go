package planfact

import (
	"math"

	"channelbook/ent/goal"
	"channelbook/goals"
	"channelbook/reports/sheet"
)

// format of a metric's values.
func format(m goal.Metric) sheet.Format {
	if isMoney(m) {
		return sheet.Money
	}
	return sheet.Number
}

func isMoney(m goal.Metric) bool { return m == goal.MetricPAYOUT || m == goal.MetricREVENUE }

// amount is a value of a metric for a cell.
func amount(m goal.Metric, value int64) any {
	if isMoney(m) {
		return sheet.Kopecks(value)
	}
	return value
}

// told is how one goal, or several together, are shown: nil where there is nothing to show.
type told struct {
	plan, fact, difference, share any
	standing, fill                string
}

func (c cell) told(m goal.Metric) told {
	t := told{}
	if c.begun {
		t.fact = amount(m, c.actual)
	}
	if c.goal == nil {
		if c.begun {
			t.standing = textNoGoal
		}
		return t
	}
	t.plan = amount(m, c.goal.Target)
	if c.begun {
		t.judge(m, c.goal.Target, c.Progress)
	}
	return t
}

func (s total) told(m goal.Metric) told {
	t := told{}
	if s.begun {
		t.fact = amount(m, s.Actual)
	}
	if !s.planned {
		if s.begun {
			t.standing = textNoGoal
		}
		return t
	}
	t.plan = amount(m, s.target)
	if s.begun {
		t.judge(m, s.target, s.Progress)
	}
	return t
}

// judge adds what a goal that has begun comes to.
func (t *told) judge(m goal.Metric, target int64, p goals.Progress) {
	t.difference = amount(m, p.Actual-target)
	if p.Percent != nil {
		t.share = math.Floor(*p.Percent*10) / 1000 // rounded down to what is shown, so that 100 % says that it is reached
	}
	t.standing, t.fill = standingTexts[p.Standing], standingColors[p.Standing]
}
