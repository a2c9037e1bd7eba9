package distributors

import (
	"context"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// SetLogo shows a picture, PNG or JPEG, as the logo of a company; an administrator does so, and its own users. Faults:
// those of picture.Normalize; NotFound on id, also where the viewer does not see the company.
func (s *Service) SetLogo(ctx context.Context, id gid.ID, body []byte) (*ent.Picture, error) {
	current, err := s.logo(ctx, id)
	if err != nil {
		return nil, err
	}
	logo, err := s.Album.Add(ctx, body, current)
	if err != nil || logo == current {
		return logo, err
	}
	return logo, s.showLogo(ctx, id, &logo.ID)
}

// RemoveLogo shows no logo of a company any more. Faults as of SetLogo; one that has none is none.
func (s *Service) RemoveLogo(ctx context.Context, id gid.ID) error {
	current, err := s.logo(ctx, id)
	if err != nil || current == nil {
		return err
	}
	return s.showLogo(ctx, id, nil)
}

// logo is the one that a company shows now, for those who may change it; nil where there is none.
func (s *Service) logo(ctx context.Context, id gid.ID) (*ent.Picture, error) {
	if _, err := auth.Require(ctx, auth.Admin, auth.Distributor); err != nil {
		return nil, err
	}
	company, err := s.DB.Distributor.Query().Where(distributor.ID(id)).WithLogo().Only(ctx)
	switch {
	case ent.IsNotFound(err):
		return nil, unknown()
	case err != nil:
		return nil, fmt.Errorf("read a distributor's logo: %w", err)
	}
	return company.Edges.Logo, nil
}

// showLogo puts a logo, or with nil none, in the place of the one that the company shows now. Of two at once the second
// comes after the first, and each that is replaced is released.
func (s *Service) showLogo(ctx context.Context, id gid.ID, logo *gid.ID) error {
	ctx = auth.AsSystem(ctx, "logo")
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		old, err := locked(ctx, tx, id)
		if err != nil {
			return err
		}
		if old == nil {
			return unknown()
		}
		update := tx.Distributor.UpdateOneID(id).SetUpdatedAt(s.Now())
		setOrClear(logo, update.SetLogoID, update.ClearLogoID)
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("show a distributor's logo: %w", err)
		}
		act := audit.Act{Action: audit.LogoSet}
		if logo == nil {
			act.Action = audit.LogoRemoved
		}
		if err := s.record(ctx, tx, id, act); err != nil {
			return err
		}
		return s.Album.Release(ctx, tx, old.LogoID)
	})
}
