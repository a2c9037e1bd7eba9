package accounts

import (
	"context"
	"slices"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/predicate"
	"channelbook/ent/user"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// lockUser reads a user and holds the row to the end of the transaction: whoever signs this user in, and whoever ends
// all of its sessions, take turns.
func lockUser(ctx context.Context, tx *db.Tx, where predicate.User) (*ent.User, error) {
	return locking(tx, tx.User.Query().Where(where)).Only(ctx)
}

// administrators are the users without whom nobody rules, held to the end of the transaction.
type administrators []gid.ID

// lockAdministrators is taken before lockUser where the user may be one of them, in the order of ids.
func lockAdministrators(ctx context.Context, tx *db.Tx) (administrators, error) {
	active := tx.User.Query().Where(user.RoleEQ(user.RoleADMIN), user.DisabledAtIsNil()).Order(ent.Asc(user.FieldID))
	return locking(tx, active).IDs(ctx)
}

// canLose tells whether the company keeps an administrator without this user: code LAST_ADMINISTRATOR.
func (a administrators) canLose(id gid.ID, field string) error {
	if len(a) == 1 && slices.Contains(a, id) {
		return fault.Coded(fault.Conflict, "LAST_ADMINISTRATOR", field, "This is the last active administrator.")
	}
	return nil
}

// locking makes a query hold the rows that it finds. On SQLite transactions take turns as a whole.
func locking(tx *db.Tx, q *ent.UserQuery) *ent.UserQuery {
	if tx.Dialect() == dialect.Postgres {
		q.Unique(false).Modify(func(s *sql.Selector) { s.For(sql.LockNoKeyUpdate) })
	}
	return q
}
