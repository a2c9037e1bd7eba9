package deliveries

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/pace"
	"channelbook/internal/db"
	"channelbook/internal/jobs"
	"channelbook/notify"
	"channelbook/notify/channel"
)

// How long a recipient or a template has to wait.
const (
	// recipientPace is between two messages to one recipient of WhatsApp, and the least that one gets who had too many.
	recipientPace = 6 * time.Second
	longestPace   = time.Hour
	templatePace  = time.Hour
	longestHold   = 24 * time.Hour
)

// subjectSize is how much of the keyed hash stands for an address, in bytes.
const subjectSize = 16

func (s *Service) subjectOf(address string) string {
	if address == "" {
		return ""
	}
	return hex.EncodeToString(s.Keys.Index("paces.subject", address)[:subjectSize])
}

const ofTemplate = "template:"

func templateSubject(name string) string {
	if name == "" {
		return ""
	}
	return ofTemplate + name
}

// keepPace lets an attempt go on whose template and recipient need not wait, and takes the recipient's turn where the channel has a
// pace: of any number of instances one gets it. Else jobs.Later.
func (s *Service) keepPace(ctx context.Context, tx *db.Tx, a *attempt) error {
	subject, now := s.subjectOf(a.message.To), s.Now()
	held, err := tx.Pace.Query().Where(pace.ChannelEQ(pace.Channel(a.row.Channel)), pace.SubjectIn(subject, templateSubject(a.message.Template)), pace.NotBeforeGT(now)).
		Order(ent.Desc(pace.FieldNotBefore)).First(ctx)
	switch {
	case err == nil && strings.HasPrefix(held.Subject, ofTemplate):
		return jobs.Later(jitter(held.NotBefore.Sub(now)))
	case err == nil:
		return jobs.Later(held.NotBefore.Sub(now))
	case !ent.IsNotFound(err):
		return fmt.Errorf("look for the pace of a recipient: %w", err)
	case a.row.Channel != delivery.ChannelWHATSAPP:
		return nil
	}
	err = tx.Pace.Create().SetChannel(pace.Channel(a.row.Channel)).SetSubject(subject).SetNotBefore(now.Add(recipientPace)).
		OnConflict(
			entsql.ConflictColumns(pace.FieldChannel, pace.FieldSubject),
			entsql.ResolveWith(func(u *entsql.UpdateSet) { u.SetExcluded(pace.FieldNotBefore) }),
			entsql.UpdateWhere(entsql.LTE(pace.FieldNotBefore, now)),
		).Exec(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows): // another has taken it at this moment
		return jobs.Later(recipientPace)
	case err != nil:
		return fmt.Errorf("take a recipient's turn: %w", err)
	}
	return nil
}

// slow has a recipient or a template wait, each time twice as long, and tells until when. A template that waits already does not wait
// longer for an attempt that had begun before. Administrators are told of a template once, until a message by it was taken.
func (s *Service) slow(ctx context.Context, tx *db.Tx, by delivery.Channel, subject string, f *channel.Failure) (time.Time, error) {
	now := s.Now()
	err := tx.Pace.Create().SetChannel(pace.Channel(by)).SetSubject(subject).SetNotBefore(now).
		OnConflict(entsql.ConflictColumns(pace.FieldChannel, pace.FieldSubject), entsql.DoNothing()).Exec(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return now, fmt.Errorf("have a recipient wait: %w", err)
	}
	row, err := locked(tx, tx.Pace.Query().Where(pace.ChannelEQ(pace.Channel(by)), pace.Subject(subject))).Only(ctx)
	if err != nil {
		return now, fmt.Errorf("have a recipient wait: %w", err)
	}
	first, longest := recipientPace, longestPace
	if strings.HasPrefix(subject, ofTemplate) {
		if row.NotBefore.After(now) {
			return row.NotBefore, nil
		}
		first, longest = templatePace, longestHold
	}
	until := now.Add(max(f.After, doubled(first, row.Steps, longest)))
	if err := tx.Pace.UpdateOne(row).SetNotBefore(until).AddSteps(1).Exec(ctx); err != nil {
		return now, fmt.Errorf("have a recipient wait: %w", err)
	}
	if template, held := strings.CutPrefix(subject, ofTemplate); held && row.Steps == 0 {
		return until, s.tell(ctx, tx, notify.TemplateHeld(by.String(), template, f.Code, until.In(s.TimeZone)))
	}
	return until, nil
}

// locked has nobody else change the row of a query before the end of the transaction. Transactions of SQLite that write take turns
// anyway.
func locked(tx *db.Tx, q *ent.PaceQuery) *ent.PaceQuery {
	if tx.Dialect() == "postgres" {
		q.Unique(false).Modify(func(s *entsql.Selector) { s.For(entsql.LockUpdate) })
	}
	return q
}

// easy forgets how often recipient and template have had to wait in a row: the provider has taken a message.
func (s *Service) easy(ctx context.Context, tx *db.Tx, a *attempt) error {
	_, err := tx.Pace.Update().Where(pace.ChannelEQ(pace.Channel(a.row.Channel)), pace.SubjectIn(s.subjectOf(a.message.To), templateSubject(a.message.Template)), pace.StepsGT(0)).
		SetSteps(0).Save(ctx)
	if err != nil {
		return fmt.Errorf("forget that a recipient had to wait: %w", err)
	}
	return nil
}
