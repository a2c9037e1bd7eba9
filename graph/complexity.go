package graph

import (
	"channelbook/goals"
	"channelbook/graph/generated"
	"channelbook/graph/model"
	"channelbook/internal/calendar"
	"channelbook/internal/page"
	"channelbook/leads/insight"
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
	c.Subscription.SessionsChanged = func(child int, first *int) int { return paged(child, first) }
	c.Query.Sessions = func(child int, _ *string, first *int, _ *string) int { return paged(child, first) }
	c.Query.LeadSources = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.IntakeAttempts = func(child int, first *int, _ *string, _ *model.IntakeAttemptFilter) int { return paged(child, first) }
	c.Query.Blacklist = func(child int, first *int, _ *string, _ *model.BlacklistFilter) int { return paged(child, first) }
	c.Query.AuditLog = func(child int, first *int, _ *string, _ *model.AuditFilter) int { return paged(child, first) }
	c.Query.Nodes = func(child int, ids []string) int { return 1 + child*len(ids) }
	c.Distributor.Leads = func(child int, first *int, _ *string, _ *model.LeadFilter, _ *model.LeadOrder) int {
		return paged(child, first)
	}
	c.Distributor.Absences = func(child int, first *int, _ *string, _ *calendar.Date) int { return paged(child, first) }
	c.Distributor.Users = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Lead.Events = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Distributor.Goals = func(child int, from, to calendar.Date) int { return 1 + child*goalsWithin(from, to) }
	c.Query.Goals = func(child int, _, _ calendar.Date, first *int, _ *string, _ *model.GoalFilter) int {
		return paged(child, first)
	}
	c.Query.GoalChanges = func(child int, first *int, _ *string, _ *model.GoalChangeFilter) int { return paged(child, first) }
	c.Goal.Changes = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.Periods = func(child int, kind model.PeriodKind, from, to calendar.Date) int {
		return 1 + child*periodsWithin(calendar.Kind(kind), from, to)
	}
	c.Query.Leaderboard = func(child int, _ model.PeriodInput, _ *model.LeaderboardMetric, first *int) int {
		rows := goals.DefaultPlaces
		if first != nil && *first >= 0 {
			rows = min(*first, goals.MaxPlaces)
		}
		return 1 + child*rows
	}
	c.Query.LedgerEntries = func(child int, first *int, _ *string, _ *model.LedgerFilter, _ *model.LedgerOrder) int {
		return paged(child, first)
	}
	c.Query.PayoutStatements = func(child int, first *int, _ *string, _ *model.PayoutStatementFilter) int { return paged(child, first) }
	c.PayoutStatement.Entries = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.PayoutTotals = func(child int, _ model.PayoutTotalsGroup, _ *model.LedgerFilter) int { return paged(child, nil) }
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
		return paged(child, first)
	}
	return c
}

// metricCount is how many goals a distributor can have for a period.
const metricCount = 4

// goalsWithin is how many goals a distributor can have for the periods that overlap [from, to).
func goalsWithin(from, to calendar.Date) (n int) {
	for _, k := range calendar.Kinds {
		n += metricCount * periodsWithin(k, from, to)
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

// usualFaults are how many kinds of faults a source's submissions have on a bad day.
const usualFaults = 5

func paged(child int, first *int) int {
	rows := page.Max
	if first != nil && *first >= 0 && *first < rows {
		rows = *first
	}
	return 1 + child*rows
}
