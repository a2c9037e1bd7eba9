package graph

import (
	"channelbook/graph/generated"
	"channelbook/graph/model"
	"channelbook/internal/calendar"
	"channelbook/internal/page"
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
	c.Query.LedgerEntries = func(child int, first *int, _ *string, _ *model.LedgerFilter, _ *model.LedgerOrder) int {
		return paged(child, first)
	}
	c.Query.PayoutStatements = func(child int, first *int, _ *string, _ *model.PayoutStatementFilter) int { return paged(child, first) }
	c.PayoutStatement.Entries = func(child int, first *int, _ *string) int { return paged(child, first) }
	c.Query.PayoutTotals = func(child int, _ model.PayoutTotalsGroup, _ *model.LedgerFilter) int { return paged(child, nil) }
	return c
}

func paged(child int, first *int) int {
	rows := page.Max
	if first != nil && *first >= 0 && *first < rows {
		rows = *first
	}
	return 1 + child*rows
}
