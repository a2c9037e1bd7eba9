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
