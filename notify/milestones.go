package notify

import (
	"math/big"

	"channelbook/ent/goal"
	"channelbook/ent/goalmilestone"
	"channelbook/ent/notice"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
)

// Milestone is a place on the way to a goal, with the target and what was achieved at that moment.
type Milestone struct {
	Goal           gid.ID
	Period         calendar.Period
	Metric         goal.Metric
	Kind           goalmilestone.Milestone
	Target, Actual int64
}

var milestoneTexts = map[goalmilestone.Milestone]struct{ title, cheer, admins string }{
	goalmilestone.MilestoneHALF:           {"Половина цели позади", "Так держать!", "половина цели позади"},
	goalmilestone.MilestoneNINETY_PERCENT: {"До цели совсем немного", "Ещё чуть-чуть!", "до цели совсем немного"},
	goalmilestone.MilestoneREACHED:        {"Цель достигнута!", "Поздравляем, отличная работа!", "цель достигнута"},
	goalmilestone.MilestoneBEHIND:         {"Цель отстаёт от графика", "К этому дню нужно больше: есть что наверстать.", "цель отстаёт от графика"},
}

// GoalMilestone is for the distributor whose goal it is.
func GoalMilestone(m Milestone) Event {
	texts := milestoneTexts[m.Kind]
	return m.event(texts.title, m.String()+"\n"+texts.cheer)
}

// GoalMilestoneOf is for administrators, and names the company.
func GoalMilestoneOf(company string, m Milestone) Event {
	return m.event(company+": "+milestoneTexts[m.Kind].admins, m.String())
}

func (m Milestone) event(title, text string) Event {
	return Event{Kind: notice.KindGOAL_MILESTONE, Title: title, Text: text, URL: goalsPage, Object: gid.Goal.Format(m.Goal)}
}

// String is "Выплаты, март 2026: 25 000,00 ₽ из 50 000,00 ₽ (50 %)".
func (m Milestone) String() string {
	text := goalName(m.Metric, m.Period) + ": " + measured(m.Metric, m.Actual) + " из " + measured(m.Metric, m.Target)
	if m.Target <= 0 {
		return text
	}
	// Div rounds down, so that 100 % says that it is reached.
	percent := new(big.Int).Mul(big.NewInt(m.Actual), big.NewInt(100))
	return text + " (" + grouped(percent.Div(percent, big.NewInt(m.Target)).String()) + noBreak + "%)"
}
