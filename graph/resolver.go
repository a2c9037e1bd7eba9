// Package graph is the GraphQL edge: thin resolvers over the domain packages, reading by graph/model, guards
// (guard.go), errors (errors.go) and the HTTP handler with its limits (handler.go). The schema stands in schema/.
package graph

import (
	"log/slog"

	"channelbook/accounts"
	"channelbook/distributors"
	"channelbook/goals"
	"channelbook/graph/model"
	"channelbook/imports"
	"channelbook/internal/jobs"
	"channelbook/leads"
	"channelbook/leads/insight"
	"channelbook/leads/watch"
	"channelbook/notify"
	"channelbook/notify/deliveries"
	"channelbook/notify/preferences"
	"channelbook/notify/templates"
	"channelbook/notify/webhooks"
	"channelbook/payouts"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/consent"
	"channelbook/personaldata/processors"
	"channelbook/reports"
)

// Resolver holds what the resolvers call.
type Resolver struct {
	Accounts     *accounts.Service
	Distributors *distributors.Service
	Leads        *leads.Service
	Insight      *insight.Service
	Goals        *goals.Service
	Payouts      *payouts.Service
	Reports      *reports.Service
	Notify       *notify.Service
	Templates    *templates.Service
	Deliveries   *deliveries.Service
	Processors   *processors.Service
	Webhooks     *webhooks.Service
	Preferences  *preferences.Service
	Watch        *watch.Service
	Consents     *consent.Service
	Audit        *audit.Log
	Jobs         *jobs.Queue
	Imports      *imports.Service
	Read         *model.Reader
	Log          *slog.Logger
}
