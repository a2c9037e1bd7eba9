package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"channelbook/ent/distributor"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// perDistributor is how many users a distributor has.
const perDistributor = 10

// people are who may sign in, with tokens that are good for a quarter of an hour.
type people struct {
	admin  string
	ids    []gid.ID // of the distributors' users
	tokens []string
}

// fill makes an administrator and users of distributors.
func fill(ctx context.Context, url string, n int) (p people, err error) {
	d, err := db.Open(ctx, db.Options{URL: url, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return p, err
	}
	keys, err := auth.ParseKeys("bench:" + strings.Repeat("0", 32))
	if err != nil {
		return p, err
	}
	now := time.Now().UTC().Truncate(time.Microsecond)
	tokens := auth.Tokens{Keys: keys, Now: func() time.Time { return now }}
	companies := db.Rows{Table: distributor.Table, Columns: []string{distributor.FieldID, distributor.FieldCompanyName, distributor.FieldCompanyNameFold,
		distributor.FieldStatus, distributor.FieldCreatedAt, distributor.FieldUpdatedAt}}
	users := db.Rows{Table: user.Table, Columns: []string{user.FieldID, user.FieldLogin, user.FieldPasswordHash, user.FieldRole, user.FieldDistributorID,
		user.FieldCreatedAt, user.FieldUpdatedAt}}
	admin := gid.New()
	users.Values = append(users.Values, []any{admin, "admin", "-", "ADMIN", nil, now, now})
	if p.admin, _, err = tokens.Issue(auth.Viewer{Role: auth.Admin, UserID: admin, SessionID: gid.New()}); err != nil {
		return p, err
	}
	var company gid.ID
	for i := range n {
		if i%perDistributor == 0 {
			company = gid.New()
			name := fmt.Sprintf("company %d", i/perDistributor)
			companies.Values = append(companies.Values, []any{company, name, name, "ACTIVE", now, now})
		}
		id := gid.New()
		users.Values = append(users.Values, []any{id, fmt.Sprintf("user%d", i), "-", "DISTRIBUTOR", company, now, now})
		token, _, err := tokens.Issue(auth.Viewer{Role: auth.Distributor, UserID: id, Distributor: company, SessionID: gid.New()})
		if err != nil {
			return p, err
		}
		p.ids, p.tokens = append(p.ids, id), append(p.tokens, token)
	}
	ctx = db.Unaudited(auth.AsSystem(ctx, "benchmark"), "a base of a benchmark's own")
	return p, db.WithTx(ctx, d, func(tx *db.Tx) error { return tx.Insert(ctx, companies, users) })
}
