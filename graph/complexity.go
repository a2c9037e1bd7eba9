package graph

import (
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
