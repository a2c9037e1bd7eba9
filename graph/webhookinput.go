package graph

import (
	"channelbook/graph/model"
	"channelbook/internal/gid"
	"channelbook/notify/webhooks"
)

func newWebhook(in model.CreateWebhookInput) webhooks.Form {
	return webhooks.Form{Name: &in.Name, URL: &in.URL, Events: kindNames(in.Events), DistributorID: optionalID(gid.Distributor, in.DistributorID), Enabled: in.Enabled}
}

func webhookPatch(in model.UpdateWebhookInput) webhooks.Form {
	return webhooks.Form{Name: in.Name, URL: in.URL, Events: kindNames(in.Events), Enabled: in.Enabled}
}

// kindNames are kinds as the domain has them; nil stays nil.
func kindNames(kinds []model.NotificationKind) []string {
	if kinds == nil {
		return nil
	}
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = string(kind)
	}
	return names
}

// shownOnce is a secret; null where there is none.
func shownOnce(secret string) *string {
	if secret == "" {
		return nil
	}
	return &secret
}
