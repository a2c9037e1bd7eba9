package reports

import (
	"context"

	"channelbook/ent"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

// viewer is a person as they may see things now; one that may not sign in is nobody, and sees nothing.
func viewer(ctx context.Context, client *ent.Client, id gid.ID) (auth.Viewer, error) {
	u, err := client.User.Query().Where(user.ID(id), user.DisabledAtIsNil()).Only(ctx)
	if ent.IsNotFound(err) {
		return auth.Viewer{}, nil
	}
	if err != nil {
		return auth.Viewer{}, wrap(err, "read a report's reader")
	}
	v := auth.Viewer{Role: auth.Role(u.Role), UserID: u.ID}
	if u.DistributorID != nil {
		v.Distributor = *u.DistributorID
	}
	return v, nil
}
