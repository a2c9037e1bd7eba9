package graph

import (
	"channelbook/goals"
	"channelbook/graph/generated"
	"channelbook/graph/model"
	"channelbook/internal/calendar"
	"channelbook/internal/page"
	"channelbook/leads/figures"
	"channelbook/leads/insight"
	"channelbook/notify/channel"
	"channelbook/notify/preferences"
	"channelbook/notify/webhooks"
	"channelbook/reports"
	"channelbook/reports/paperwork"
)

// complexity counts a page as its rows times what each asks for; a page of unknown size as the largest.
func complexity() (c generated.ComplexityRoot) {
	c.Query.Leads = func(child int, first *int, _ *string, _ *model.LeadFilter, _ *model.LeadOrder) int {
		return paged(child, first)
	}
	c.Query.Distributors = func(child int, first *int, _ *string, _ *model.DistributorFilter, _ *model.DistributorOrder) int {
		return paged(child, first)
	}
	c.Query.Users = func(child int, first *int, _ *string, _ *model.UserFilter) int { return paged(child, first) }
	c.Query.Notifications = func(child int, first *int, _ *string, _ *model.NotificationFilter) int { return paged(child, first) }
	c.Query.Deliveries = func(child int, first *int, _ *string, _ *model.DeliveryFilter) int { return paged(child, first) }
	c.Query.Suppressions = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.ChannelStates = func(child int) int { return 1 + child*len(channel.Outside) }
	c.NotificationSettings.Preferences = func(child int) int { return 1 + child*len(preferences.Kinds())*len(preferences.Channels) }
	c.Subscription.SessionsChanged = func(child int, first *int) int { return paged(child, first) }
	c.Query.Sessions = func(child int, _ *string, first *int, _ *string) int { return paged(child, first) }
	c.Query.LeadSources = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.IntakeAttempts = func(child int, first *int, _ *string, _ *model.IntakeAttemptFilter) int { return paged(child, first) }
	c.Query.Blacklist = func(child int, first *int, _ *string, _ *model.BlacklistFilter) int { return paged(child, first) }
	c.Query.MessageTemplates = func(child int, first *int, _ *string, _ *model.MessageTemplateFilter) int { return paged(child, first) }
	c.Query.TemplateVariables = func(child int, _ model.MessageKind) int { return 1 + child*usualVariables }
	c.Query.Processors = func(child int) int { return 1 + child*len(channel.Outside) }
	c.Query.AuditLog = func(child int, first *int, _ *string, _ *model.AuditFilter) int { return paged(child, first) }
	c.Query.Webhooks = func(child int) int { return 1 + child*webhooks.MaxWebhooks }
	c.Query.WebhookEvents = func(child int, _ string, first *int, _ *string, _ *model.WebhookEventFilter) int {
		return paged(child, first)
	}
	c.WebhookEvent.Attempts = func(child int) int { return 1 + child*usualAttempts }
	c.Query.Jobs = func(child int, first *int, _ *string, _ *model.JobFilter) int { return paged(child, first) }
	c.Query.Imports = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Import.Columns = func(child int) int { return 1 + child*usualColumns }
	c.Import.Faults = func(child int) int { return 1 + child*usualRowFaults }
	c.Query.ScheduledJobs = func(child int) int { return 1 + child*usualWork }
	c.Query.ProcessingPurposes = func(child int) int { return 1 + child*usualPurposes }
	c.Query.Nodes = func(child int, ids []string) int { return 1 + child*len(ids) }
	c.Distributor.Leads = func(child int, first *int, _ *string, _ *model.LeadFilter, _ *model.LeadOrder) int {
		return paged(child, first)
	}
	c.Distributor.Absences = func(child int, first *int, _ *string, _ *calendar.Date) int { return paged(child, first) }
	c.Distributor.Users = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Lead.Events = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Distributor.PayoutBalance = func(child int) int { return balance + child }
	// By the periods, though there may be a goal for each metric: what a period's goals have come to is told of all at once,
	// and takes no statement of its own.
	c.Distributor.Goals = func(child int, from, to calendar.Date) int { return 1 + child*periodsOfGoals(from, to) }
	c.Mutation.SetGoals = func(child int, in model.SetGoalsInput) int {
		return 1 + child*min(len(in.Goals), goals.MaxTargets) // it answers with as many, or with their faults
	}
	c.Query.Goals = func(child int, _, _ calendar.Date, first *int, _ *string, _ *model.GoalFilter) int {
		return paged(child, first)
	}
	c.Query.GoalChanges = func(child int, first *int, _ *string, _ *model.GoalChangeFilter) int { return paged(child, first) }
	// The goals that its page is for may be as many as there are metrics, and count as one.
	c.Goal.Changes = func(child int, first *int, _ *string) int { return 1 + metricCount*paged(child, first) }
	c.Query.Periods = func(child int, kind model.PeriodKind, from, to calendar.Date) int {
		return 1 + child*periodsWithin(calendar.Kind(kind), from, to)
	}
	c.Query.Leaderboard = func(child int, _ model.PeriodInput, _ *model.LeaderboardMetric, first *int) int {
		rows := goals.DefaultPlaces
		if first != nil && *first >= 0 {
			rows = min(*first, goals.MaxPlaces)
		}
		return scan + child*rows
	}
	c.Query.LedgerEntries = func(child int, first *int, _ *string, _ *model.LedgerFilter, _ *model.LedgerOrder) int {
		return scan + paged(child, first) // whatever the page, count and amount are of all lines
	}
	c.Query.PayoutStatements = func(child int, first *int, _ *string, _ *model.PayoutStatementFilter) int { return paged(child, first) }
	c.PayoutStatement.Entries = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.PayoutTotals = func(child int, _ model.PayoutTotalsGroup, _ *model.LedgerFilter) int { return scan + paged(child, nil) }
	c.Query.LeadStats = func(child int, f *model.LeadFilter, by model.LeadStatsGroup) int {
		return scan + child*groupsWithin(f, by)
	}
	c.LeadStatsRow.Previous = func(child int) int { return scan/usualGroups + child } // one scan more, which the rows share
	c.Query.LeadStatus = func(child int, _ *model.LeadFilter) int { return scan + child*len(figures.Accepted) }
	c.Query.LeadFacets = func(child int, _ *model.LeadFilter, fields []model.LeadFacetField, first *int) int {
		asked := len(fields)
		if asked == 0 {
			asked = len(insight.Fields)
		}
		return scan + paged(child, first)*asked
	}
	c.Query.ResponseTimes = func(child int, _ *model.LeadFilter) int { return scan + child }
	c.Query.SourceQuality = func(child int, sourceIDs []string, from, to calendar.Date) int {
		return scan + child*insight.MostRows(len(sourceIDs), from, to)
	}
	c.SourceQualityDay.Invalid = func(child int) int { return 1 + child*usualFaults }
	c.Query.SourceCollisions = func(child int, _ []string, _ []model.CollisionOutcome, _, _ calendar.Date, first *int, _ *string) int {
		return scan + paged(child, first)
	}
	c.Query.Reports = func(child int, first *int, _ *string, _ *model.ReportFilter) int { return paged(child, first) }
	c.Query.ReportSchedules = func(child int) int { return 1 + child*reports.MaxSchedules }
	c.ReportSchedule.Recipients = func(child int) int { return 1 + child*usualRecipients }
	c.Query.ReportTemplates = func(child int) int { return 1 + child*len(paperwork.Kinds) }
	c.ReportTemplate.Placeholders = func(child int) int { return 1 + child*usualPlaceholders }
	return c
}

// metricCount is how many goals a distributor can have for a period.
const metricCount = 4

// periodsOfGoals are how many periods of all kinds overlap [from, to).
func periodsOfGoals(from, to calendar.Date) (n int) {
	for _, k := range calendar.Kinds {
		n += periodsWithin(k, from, to)
	}
	return n
}

// periodsWithin is how many periods of a kind overlap [from, to). More than 24 months are refused anyway.
func periodsWithin(k calendar.Kind, from, to calendar.Date) int {
	if most := from.AddMonths(24); to.After(most) {
		to = most
	}
	return len(goals.Periods(k, from, to))
}

// scan is the price of a field that walks the rows between two dates, however little it tells of them.
const scan = 1000

// balance is the price of adding up what a distributor is owed, beside others of the same level.
const balance = 5

// usualGroups are how many groups figures of leads are told by, where that is not known.
const usualGroups = 100

// groupsWithin is how many rows figures of leads have: of days, weeks and months as many as the dates say. More than 1000
// are refused anyway.
func groupsWithin(f *model.LeadFilter, by model.LeadStatsGroup) int {
	days, each := 30, map[model.LeadStatsGroup]int{model.LeadStatsGroupDay: 1, model.LeadStatsGroupWeek: 7, model.LeadStatsGroupMonth: 28}[by]
	if each == 0 {
		return usualGroups
	}
	if f != nil && f.ReceivedFrom != nil && f.ReceivedTo != nil {
		days = max(0, int(f.ReceivedTo.Sub(*f.ReceivedFrom).Hours()/24))
	}
	return min(days/each+2, 1000) // both ends may cut one
}

// usualPurposes are how many purposes of processing a company has, all of which are told at once.
const usualPurposes = 10

// usualVariables are how many variables the templates of a kind may have.
const usualVariables = 10

// usualAttempts are how many attempts an event takes that a webhook does not take for a day.
const usualAttempts = 12

// What a file of an import has: columns, and rows with faults where something is wrong with all of them.
const (
	usualColumns   = 20
	usualRowFaults = 100
)

// usualRecipients are how many people get a report by a schedule; 50 may.
const usualRecipients = 10

// usualPlaceholders are how many names may stand in a document's template.
const usualPlaceholders = 60

// usualWork is how much there is that is done time and again.
const usualWork = 20

// usualFaults are how many kinds of faults a source's submissions have on a bad day.
const usualFaults = 5

func paged(child int, first *int) int {
	rows := page.Max
	if first != nil && *first >= 0 && *first < rows {
		rows = *first
	}
	return 1 + child*rows
}
