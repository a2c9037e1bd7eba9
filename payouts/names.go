package payouts

import (
	"context"
	"fmt"

	"channelbook/ent/distributor"
	"channelbook/ent/payoutstatement"
	"channelbook/internal/gid"
)

// companyNames are those of the distributors that the viewer sees.
func (s *Service) companyNames(ctx context.Context, ids []gid.ID) (map[gid.ID]string, error) {
	rows, err := s.DB.Distributor.Query().Where(distributor.IDIn(ids...)).Select(distributor.FieldID, distributor.FieldCompanyName).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the names of distributors: %w", err)
	}
	names := make(map[gid.ID]string, len(rows))
	for _, row := range rows {
		names[row.ID] = row.CompanyName
	}
	return names, nil
}

// statementNames tell statements that the viewer sees by whose they are and what they are for.
func (s *Service) statementNames(ctx context.Context, ids []gid.ID) (map[gid.ID]string, error) {
	rows, err := s.DB.PayoutStatement.Query().Where(payoutstatement.IDIn(ids...)).
		Select(payoutstatement.FieldID, payoutstatement.FieldDistributorID, payoutstatement.FieldPeriodKind, payoutstatement.FieldStartsOn).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what statements are for: %w", err)
	}
	var owners []gid.ID
	for _, row := range rows {
		owners = append(owners, row.DistributorID)
	}
	companies, err := s.companyNames(ctx, owners)
	if err != nil {
		return nil, err
	}
	names := make(map[gid.ID]string, len(rows))
	for _, row := range rows {
		names[row.ID] = textStatement(companies[row.DistributorID], PeriodOf(row))
	}
	return names, nil
}
