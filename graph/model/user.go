package model

import (
	"context"
	"slices"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/schema"
	"channelbook/ent/sealed"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

// User is a row of users.
type User struct {
	*ent.User
	level *level[*User]
}

var userMapping = mapping{
	"id":          {},
	"status":      {user.FieldDisabledAt},
	"distributor": {user.FieldDistributorID},
	"avatarUrl":   {user.FieldAvatarID},
	"email":       {user.FieldEmailSealed},
	"phone":       {user.FieldPhoneSealed},

	"secondFactorEnabled": {},
	"recoveryCodesLeft":   {},

	"unreadNotificationCount": {},
}

var userOrder = page.Order{Name: "users.LOGIN", Columns: []page.Column{{Name: user.FieldLogin}}}

func (r *Reader) userList() list[*ent.User] {
	return list[*ent.User]{table: user.Table, see: schema.Users, value: (*ent.User).Value, fetch: func(ctx context.Context, columns []string, shape func(*sql.Selector)) ([]*ent.User, error) {
		q := r.DB.User.Query().Select(columns...)
		q.Modify(shape)
		return q.All(ctx)
	}}
}

func userWindow(ctx context.Context, first *int, after *string) (window, error) {
	w, err := newWindow(userOrder, first, after)
	if err != nil {
		return w, err
	}
	of, node := connection(ctx, "User")
	w.total = of.has("totalCount")
	w.columns = userMapping.columns(node, user.FieldID, user.FieldLogin)
	return w, nil
}

// Users is a page of users.
func (r *Reader) Users(ctx context.Context, first *int, after *string, filter *UserFilter) (*UserConnection, error) {
	w, err := userWindow(ctx, first, after)
	if err != nil {
		return nil, err
	}
	if w.where, err = userWhere(filter); err != nil {
		return nil, err
	}
	rows, total, err := all(ctx, r.DB.Dialect(), r.userList(), w)
	if err != nil {
		return nil, err
	}
	return userConnection(w, r.users(rows), total), nil
}

func userWhere(f *UserFilter) (func(*sql.Selector), error) {
	var all conditions
	if f == nil {
		return all.where, nil
	}
	ids, err := parseIDs(gid.Distributor, f.DistributorIds, "filter.distributorIds")
	if err != nil {
		return nil, err
	}
	in(&all, user.FieldDistributorID, ids)
	in(&all, user.FieldRole, f.Roles)
	active, disabled := slices.Contains(f.Statuses, UserStatusActive), slices.Contains(f.Statuses, UserStatusDisabled)
	switch {
	case active && !disabled:
		all.add(func(s *sql.Selector) { s.Where(sql.IsNull(s.C(user.FieldDisabledAt))) })
	case disabled && !active:
		all.add(func(s *sql.Selector) { s.Where(sql.NotNull(s.C(user.FieldDisabledAt))) })
	}
	return all.where, nil
}

func (r *Reader) usersOf(ctx context.Context, distributors []gid.ID, w window) (map[gid.ID]*UserConnection, error) {
	return nested[*ent.User, *User, *UserConnection]{
		list: r.userList(), column: user.FieldDistributorID, wrap: r.users,
		parent: func(u *User) gid.ID { return *u.DistributorID }, page: userConnection,
	}.pages(ctx, r, w, distributors)
}

func userConnection(w window, users []*User, total int) *UserConnection {
	out, info := edges(w, users, func(u *User) []any { return []any{u.Login} },
		func(cursor string, u *User) *UserEdge { return &UserEdge{Cursor: cursor, Node: u} })
	return &UserConnection{Edges: out, PageInfo: info, TotalCount: total}
}

// Viewer is the person who asks.
func (r *Reader) Viewer(ctx context.Context) (*User, error) {
	v, _ := auth.From(ctx)
	found, err := r.usersAsked(ctx, selected(ctx, "User", "Node"), []gid.ID{v.UserID})
	return found[v.UserID], err
}

// User is a whole user that a mutation has read already; nil stays nil.
func (r *Reader) User(row *ent.User) *User {
	if row == nil {
		return nil
	}
	return r.users([]*ent.User{row})[0]
}

func (r *Reader) users(rows []*ent.User) []*User {
	out := make([]*User, len(rows))
	lv := newLevel(r, out)
	for i, row := range rows {
		out[i] = &User{row, lv}
	}
	return out
}

func (r *Reader) usersAsked(ctx context.Context, asked selection, ids []gid.ID) (map[gid.ID]*User, error) {
	rows, err := r.DB.User.Query().Where(user.IDIn(ids...)).Select(userMapping.columns(asked, user.FieldID)...).All(ctx)
	if err != nil {
		return nil, err
	}
	return indexByID(r.users(rows), func(u *User) gid.ID { return u.User.ID }), nil
}

// usersByID finds what the current field asks of users.
func (r *Reader) usersByID(ctx context.Context, ids []gid.ID) (map[gid.ID]*User, error) {
	return r.usersAsked(ctx, selected(ctx, "User", "Node"), ids)
}

// IsNode marks a type with an id of its own.
func (*User) IsNode() {}

// ID as it is shown outside.
func (u *User) ID() string { return gid.User.Format(u.User.ID) }

// Role of the user.
func (u *User) Role() Role { return Role(u.User.Role) }

// Status tells whether the user may sign in.
func (u *User) Status() UserStatus {
	if u.DisabledAt != nil {
		return UserStatusDisabled
	}
	return UserStatusActive
}

// Name, Email and Phone are null where they are not known.
func (u *User) Name() *string { return text(u.User.Name) }
func (u *User) Email() (*string, error) {
	return u.level.reader.opened(sealed.UserEmail, u.User.ID, u.EmailSealed)
}

// Phone in E.164.
func (u *User) Phone() (*string, error) {
	return u.level.reader.opened(sealed.UserPhone, u.User.ID, u.PhoneSealed)
}

// AvatarURL is a link to a picture of the person.
func (u *User) AvatarURL() *string { return u.level.reader.pictureURL(u.AvatarID) }

// Distributor whose user this is.
func (u *User) Distributor(ctx context.Context) (*Distributor, error) {
	return toOne(ctx, u.level, u, func(u *User) *gid.ID { return u.DistributorID }, u.level.reader.distributorsByID)
}
