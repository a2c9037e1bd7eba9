package model

import (
	"context"
	"fmt"

	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// nodeKinds says how the objects of a kind are found for what is asked of them.
func (r *Reader) nodeKinds() map[gid.Kind]func(context.Context, []gid.ID) (map[gid.ID]Node, error) {
	return map[gid.Kind]func(context.Context, []gid.ID) (map[gid.ID]Node, error){
		gid.Lead:           finder("Lead", r.leadsAsked),
		gid.LeadEvent:      finder("LeadEvent", r.eventsAsked),
		gid.Distributor:    finder("Distributor", r.distributorsAsked),
		gid.User:           finder("User", r.usersAsked),
		gid.Session:        finder("DeviceSession", r.sessionsAsked),
		gid.LeadSource:     finder("LeadSource", r.sourcesAsked),
		gid.IntakeAttempt:  finder("IntakeAttempt", r.attemptsAsked),
		gid.BlacklistEntry: finder("BlacklistEntry", r.entriesAsked),
		gid.Absence:        finder("Absence", r.absencesAsked),
		gid.Purpose:        finder("ProcessingPurpose", r.purposesAsked),
		gid.ConsentText:    finder("ConsentText", r.textsAsked),
		gid.Consent:        finder("Consent", r.consentsAsked),
		gid.AuditRecord:    finder("AuditRecord", r.recordsAsked),
		gid.Goal:           finder("Goal", r.goalsAsked),
		gid.GoalChange:     finder("GoalChange", r.changesAsked),
		gid.LedgerEntry:    finder("LedgerEntry", r.ledgerAsked),
		gid.Statement:      finder("PayoutStatement", r.statementsAsked),
		gid.Notification:   finder("Notification", r.notificationsAsked),
		gid.Template:       finder("MessageTemplate", r.templatesAsked),
		gid.Webhook:        finder("Webhook", r.webhooksAsked),
		gid.WebhookEvent:   finder("WebhookEvent", r.hookEventsAsked),
		gid.WebhookAttempt: finder("WebhookAttempt", r.hookTriesAsked),
		gid.Delivery:       finder("Delivery", r.deliveriesAsked),
		gid.Suppression:    finder("Suppression", r.suppressionsAsked),
		gid.Report:         finder("Report", r.reportsAsked),
		gid.ReportSchedule: finder("ReportSchedule", r.schedulesAsked),
		gid.Import:         finder("Import", r.importsAsked),
	}
}

func finder[R Node](typeName string, ask func(context.Context, selection, []gid.ID) (map[gid.ID]R, error),
) func(context.Context, []gid.ID) (map[gid.ID]Node, error) {
	return func(ctx context.Context, ids []gid.ID) (map[gid.ID]Node, error) {
		found, err := ask(ctx, selected(ctx, typeName, "Node"), ids)
		nodes := make(map[gid.ID]Node, len(found))
		for id, row := range found {
			nodes[id] = row
		}
		return nodes, err
	}
}

// Nodes are the objects with these ids as they are shown outside, in their order, one statement for each kind; nil for one
// that is not there or not the viewer's, and for a text that is no id.
func (r *Reader) Nodes(ctx context.Context, ids []string) ([]Node, error) {
	if len(ids) > maxIDs {
		return nil, fault.Coded(fault.Invalid, "TOO_MANY", "ids", fmt.Sprintf("At most %d ids.", maxIDs))
	}
	type place struct {
		kind gid.Kind
		id   gid.ID
	}
	places := make([]place, len(ids))
	asked := map[gid.Kind][]gid.ID{}
	for i, text := range ids {
		if kind, id, err := gid.Parse(text); err == nil {
			places[i] = place{kind, id}
			asked[kind] = append(asked[kind], id)
		}
	}
	found := map[place]Node{}
	kinds := r.nodeKinds()
	for kind, ids := range asked {
		find := kinds[kind]
		if find == nil {
			continue
		}
		nodes, err := find(ctx, ids)
		if err != nil {
			return nil, err
		}
		for id, node := range nodes {
			found[place{kind, id}] = node
		}
	}
	out := make([]Node, len(ids))
	for i, p := range places {
		out[i] = found[p]
	}
	return out, nil
}

// one is the object of the current field with this id, as Nodes finds it.
func one[R Node](ctx context.Context, kind gid.Kind, text string, typeName string,
	ask func(context.Context, selection, []gid.ID) (map[gid.ID]R, error),
) (R, error) {
	var none R
	id, err := kind.Parse(text)
	if err != nil {
		return none, nil // what is no id of this kind is the id of nothing
	}
	found, err := ask(ctx, selected(ctx, typeName, "Node"), []gid.ID{id})
	return found[id], err
}

// LeadByID is a lead; nil where there is none or it is not the viewer's.
func (r *Reader) LeadByID(ctx context.Context, id string) (*Lead, error) {
	return one(ctx, gid.Lead, id, "Lead", r.leadsAsked)
}

// DistributorByID is a distributor; nil where there is none or it is not the viewer's.
func (r *Reader) DistributorByID(ctx context.Context, id string) (*Distributor, error) {
	return one(ctx, gid.Distributor, id, "Distributor", r.distributorsAsked)
}
