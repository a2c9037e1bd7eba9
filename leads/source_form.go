package leads

import (
	"context"
	"crypto/subtle"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// AuthenticateForm is the source behind a provider's lead forms: named by its id in the address, and proven by the
// secret that the provider sends along. No such source, one of another kind and a wrong secret are the same fault, of
// kind Unauthenticated; a stopped source is returned together with SOURCE_STOPPED, of kind Forbidden.
func (s *Service) AuthenticateForm(ctx context.Context, kind leadsource.Kind, id, secret string) (*ent.LeadSource, error) {
	row, err := s.FormSource(ctx, kind, id)
	switch {
	case err != nil:
		return nil, err
	case !proves(row, secret):
		return nil, errNoForm()
	case row.Status != leadsource.StatusACTIVE:
		return row, fault.Coded(fault.Forbidden, "SOURCE_STOPPED", "", "This lead source has been stopped.")
	}
	s.rates.set(row)
	return row, nil
}

// FormSource is the source behind lead forms, with nothing proven: enough to answer a provider's first question, which
// comes before it knows the secret.
func (s *Service) FormSource(ctx context.Context, kind leadsource.Kind, id string) (*ent.LeadSource, error) {
	named, err := gid.LeadSource.Parse(id)
	if err != nil {
		return nil, errNoForm()
	}
	row, err := s.DB.LeadSource.Query().Where(leadsource.ID(named), leadsource.KindEQ(kind)).
		First(auth.AsSystem(ctx, "lead form authentication"))
	if ent.IsNotFound(err) {
		return nil, errNoForm()
	}
	if err != nil {
		return nil, fmt.Errorf("look for the source of a lead form: %w", err)
	}
	return row, nil
}

func errNoForm() error {
	return fault.New(fault.Unauthenticated, "", "There are no such lead forms, or the secret is not theirs.")
}

func proves(source *ent.LeadSource, secret string) bool {
	want := source.VkSecret
	if source.Kind == leadsource.KindGOOGLE {
		want = source.GoogleKey
	}
	return want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(secret)) == 1
}
