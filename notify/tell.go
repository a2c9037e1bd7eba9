package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"channelbook/ent/notice"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/line"
)

// Notice is an event and whom it is told.
type Notice struct {
	Event
	To
	Channels []string // by these alone, of package channel; nil: as each person wants
}

// To are the recipients: those who may sign in at the moment at which the notice gets its place, a moment after the act. All
// that are named are told, each of them once.
type To struct {
	Distributor gid.ID   // its users
	Admins      bool     // all administrators
	Everyone    bool     // everybody
	Users       []gid.ID // these persons
	Except      gid.ID   // not the person who did it
}

var noticeColumns = []string{
	notice.FieldID, notice.FieldAt, notice.FieldKind, notice.FieldTitle, notice.FieldText, notice.FieldURL, notice.FieldObject,
	notice.FieldDistributorID, notice.FieldAdmins, notice.FieldEveryone, notice.FieldUserIds, notice.FieldExceptID, notice.FieldChannels,
}

// Tell writes notices in the transaction of what they tell of, in their order.
func Tell(ctx context.Context, tx *db.Tx, at time.Time, notices ...Notice) error {
	if len(notices) == 0 {
		return nil
	}
	return tx.Insert(ctx, Rows(tx, at, notices...))
}

// Rows are what Tell writes, for who writes other rows by the same statement. The transaction has to write them.
func Rows(tx *db.Tx, at time.Time, notices ...Notice) db.Rows {
	rows := db.Rows{Table: notice.Table, Columns: noticeColumns, Values: make([][]any, len(notices))}
	for i, n := range notices {
		rows.Values[i] = []any{
			gid.New(), at, n.Kind.String(), n.Title, n.Text, present(n.URL), present(n.Object),
			presentID(n.Distributor), n.Admins, n.Everyone, list(n.Users), presentID(n.Except), list(n.Channels),
		}
	}
	if len(notices) > 0 {
		tx.Ring(line.Waiting(table))
	}
	return rows
}

func present(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func presentID(id gid.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}

// list is a list as a column of JSON holds it.
func list[T gid.ID | string](of []T) any {
	if len(of) == 0 {
		return nil
	}
	text, err := json.Marshal(of)
	if err != nil {
		panic(fmt.Errorf("write a list: %w", err)) // they are texts
	}
	return string(text)
}
