package preferences

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/notificationpreference"
	"channelbook/ent/notificationsettings"
	"channelbook/ent/predicate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
)

// Change is what a person wants from now on. What is nil stays as it is.
type Change struct {
	TimeZone        *string // a name of the IANA's base, such as Europe/Moscow; empty: the business's
	Quiet           *Quiet
	DigestMinutes   *int // 0 to MaxDigest
	FallbackMinutes *int // 0 to MaxFallback
	Order           []string
	Wishes          []Wish // of the others all stays as it is
}

// Quiet are quiet hours, such as from 22:00 to 08:00; both empty: none.
type Quiet struct{ From, To string }

// Wish is what a person wants of a kind by a channel. An empty mode is the default again.
type Wish struct {
	Kind, Channel string
	Mode          Mode
}

// What a person may choose, in minutes.
const (
	MaxDigest   = 24 * 60
	MaxFallback = 24 * 60
)

// Set changes how the one who asks is told, a person who is signed in. Two changes at once of different things both hold. All faults
// come at once, of kind Invalid: UNKNOWN_TIME_ZONE on timeZone; REQUIRED and INVALID_TIME on quietHours.from and quietHours.to,
// INVALID_PERIOD on quietHours where both are the same; OUT_OF_RANGE on digestMinutes and fallbackMinutes; INVALID_ORDER on
// fallbackOrder; INVALID_VALUE, FALLBACK_NOT_POSSIBLE and REPEATED on preferences[0] and so on, TOO_MANY on preferences.
//
// Nothing of it is recorded in the audit: it says how one person wants to be told, and concerns nobody else.
func (s *Service) Set(ctx context.Context, c Change) error {
	user, err := person(ctx)
	if err != nil {
		return err
	}
	from, to, wrong := c.Quiet.minutes()
	if err := errors.Join(c.check(), wrong); err != nil {
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		ctx := auth.AsSystem(ctx, "set how one is told")
		if err := s.setOwn(ctx, tx, user, c, from, to); err != nil { // first: it keeps another change of this person waiting
			return fmt.Errorf("set how somebody is told: %w", err)
		}
		if err := wish(ctx, tx, user, c.Wishes); err != nil {
			return err
		}
		return forget(ctx, tx, user, c.Wishes)
	})
}

// setOwn writes the row of a person, and changes of one that is there only what is given.
func (s *Service) setOwn(ctx context.Context, tx *db.Tx, user gid.ID, c Change, from, to *int) error {
	row := tx.NotificationSettings.Create().SetUserID(user).SetUpdatedAt(s.Now()).SetNillableTimeZone(c.TimeZone).
		SetNillableQuietFrom(from).SetNillableQuietTo(to).
		SetDigestMinutes(orElse(c.DigestMinutes, int(DefaultDigest/time.Minute))).
		SetFallbackMinutes(orElse(c.FallbackMinutes, int(DefaultFallbackAfter/time.Minute))).
		SetFallbackOrder(Channels)
	given := []string{notificationsettings.FieldUpdatedAt}
	give := func(is bool, columns ...string) {
		if is {
			given = append(given, columns...)
		}
	}
	if c.Order != nil {
		row.SetFallbackOrder(c.Order)
	}
	give(c.TimeZone != nil, notificationsettings.FieldTimeZone)
	give(c.Quiet != nil, notificationsettings.FieldQuietFrom, notificationsettings.FieldQuietTo)
	give(c.DigestMinutes != nil, notificationsettings.FieldDigestMinutes)
	give(c.FallbackMinutes != nil, notificationsettings.FieldFallbackMinutes)
	give(c.Order != nil, notificationsettings.FieldFallbackOrder)
	return row.OnConflict(sql.ConflictColumns(notificationsettings.FieldUserID), sql.ResolveWith(func(u *sql.UpdateSet) {
		for _, column := range given {
			u.SetExcluded(column)
		}
	})).Exec(ctx)
}

func orElse(given *int, otherwise int) int {
	if given == nil {
		return otherwise
	}
	return *given
}

// wish writes what a person wants of kinds.
func wish(ctx context.Context, tx *db.Tx, user gid.ID, wishes []Wish) error {
	var rows []*ent.NotificationPreferenceCreate
	for _, w := range wishes {
		if w.Mode != "" {
			rows = append(rows, tx.NotificationPreference.Create().SetUserID(user).SetKind(notificationpreference.Kind(w.Kind)).
				SetChannel(notificationpreference.Channel(w.Channel)).SetMode(notificationpreference.Mode(w.Mode)))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err := tx.NotificationPreference.CreateBulk(rows...).
		OnConflict(sql.ConflictColumns(notificationpreference.FieldUserID, notificationpreference.FieldKind, notificationpreference.FieldChannel),
			sql.ResolveWith(func(u *sql.UpdateSet) { u.SetExcluded(notificationpreference.FieldMode) })).Exec(ctx)
	if err != nil {
		return fmt.Errorf("set what somebody is told of: %w", err)
	}
	return nil
}

// forget takes back what a person wanted of kinds.
func forget(ctx context.Context, tx *db.Tx, user gid.ID, wishes []Wish) error {
	var any []predicate.NotificationPreference
	for _, w := range wishes {
		if w.Mode == "" {
			any = append(any, notificationpreference.And(notificationpreference.KindEQ(notificationpreference.Kind(w.Kind)),
				notificationpreference.ChannelEQ(notificationpreference.Channel(w.Channel))))
		}
	}
	if len(any) == 0 {
		return nil
	}
	if _, err := tx.NotificationPreference.Delete().Where(notificationpreference.UserID(user), notificationpreference.Or(any...)).Exec(ctx); err != nil {
		return fmt.Errorf("forget what somebody wanted to be told of: %w", err)
	}
	return nil
}
