package reports

import (
	"context"
	"fmt"
	"strings"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/reports/order"
)

// called is what a report's reader calls it: what it is, of what time, and whose where it is about one distributor.
func (s *Service) called(ctx context.Context, kind string, p order.Parameters) (string, error) {
	return calledIn(ctx, s.DB.Client, kind, p)
}

func calledIn(ctx context.Context, client *ent.Client, kind string, p order.Parameters) (string, error) {
	title := name(kind, p)
	if p.DistributorID == nil {
		return title, nil
	}
	of, err := client.Distributor.Query().Where(distributor.ID(*p.DistributorID)).Select(distributor.FieldCompanyName).Only(auth.AsSystem(ctx, "name a report"))
	if err != nil {
		return "", fmt.Errorf("read whom a report is about: %w", err)
	}
	return title + ", " + of.CompanyName, nil
}

// fileTitle is a title without what a file's name may not have anywhere, and not too long for one.
func fileTitle(title string) string {
	const longest = 100
	title = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\\:*?"<>|`, r) {
			return ' '
		}
		return r
	}, title)
	if runes := []rune(title); len(runes) > longest {
		title = string(runes[:longest])
	}
	return strings.TrimRight(strings.Join(strings.Fields(title), " "), ". ")
}
