package graph

import (
	"channelbook/accounts"
	"channelbook/graph/model"
)

func session(s accounts.Session) *model.Session {
	return &model.Session{
		AccessToken: s.AccessToken, AccessTokenExpiresAt: s.AccessTokenExpiresAt,
		RefreshToken: s.RefreshToken, RefreshTokenExpiresAt: s.RefreshTokenExpiresAt,
	}
}

// setup is a second factor that has to be set up; nil where none has.
func setup(s accounts.SecondFactorSetup) *model.SecondFactorSetup {
	if s.Secret == "" {
		return nil
	}
	return &model.SecondFactorSetup{Secret: s.Secret, URI: s.URI}
}
