package deliveries

import (
	"context"
	"errors"
	"fmt"

	"channelbook/ent"
	"channelbook/ent/delivery"
	"channelbook/ent/distributor"
	"channelbook/ent/messagetemplate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/processors"
)

// Test is a message with made-up values that an administrator sends to their own address, to see whether it comes and what it
// looks like.
type Test struct {
	Channel     string
	Template    gid.ID // which; zero: the one that is in force for Kind and Distributor
	Kind        string // empty: the built-in test
	Distributor gid.ID // zero: of all
}

// SendTest has a test sent, and tells the delivery's id. Administrators only. Faults come all at once: INVALID_VALUE, of kind Invalid; NotFound on
// "templateId" and "distributorId"; of kind Conflict CHANNEL_NOT_SET_UP, CHANNEL_OFF, NO_ADDRESS, CHANNEL_MISMATCH, and NO_TEMPLATE and
// PERSONAL_DATA_NOT_ALLOWED where no such message could be made.
func (s *Service) SendTest(ctx context.Context, t Test) (id gid.ID, err error) {
	viewer, err := auth.Require(ctx, auth.Admin)
	if err != nil {
		return id, err
	}
	if viewer.UserID.IsZero() {
		return id, fault.New(fault.Forbidden, "", "Only people get test messages.")
	}
	ctx = auth.AsSystem(ctx, "test message")
	l, err := s.tried(ctx, t, viewer.UserID)
	if err != nil {
		return id, err
	}
	id = gid.New()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		now := s.Now()
		create := tx.Delivery.Create().SetID(id).SetPurpose(delivery.PurposeTEST).SetChannel(delivery.Channel(l.Channel)).SetUserID(viewer.UserID).
			SetStatus(delivery.StatusQUEUED).SetCreatedAt(now).SetDueAt(now)
		details := map[string]string{"channel": l.Channel}
		if l.Kind != "" && l.Kind != templates.Welcome { // which names its template
			create.SetKind(delivery.Kind(l.Kind))
		}
		if !l.Template.IsZero() {
			create.SetTemplateID(l.Template)
			details["template"] = gid.Template.Format(l.Template)
		}
		if err := create.Exec(ctx); err != nil {
			return fmt.Errorf("write a test message: %w", err)
		}
		if err := audit.Record(ctx, tx, now, audit.Act{Action: audit.TestMessageSent, Object: audit.On(gid.Delivery, id), Details: details}); err != nil {
			return err
		}
		return jobs.Enqueue(ctx, tx, jobs.Job{Args: Due{Channel: l.Channel, Delivery: id}})
	})
	return id, err
}

// tried is the letter of a test, of which a message can be made and sent to its sender.
func (s *Service) tried(ctx context.Context, t Test, to gid.ID) (templates.Letter, error) {
	l := templates.Letter{Channel: t.Channel, Kind: t.Kind, Distributor: t.Distributor, Template: t.Template, Sample: true}
	u, err := s.DB.User.Get(ctx, to)
	if err != nil {
		return l, fmt.Errorf("read who sends a test message: %w", err)
	}
	l.User = u
	register, err := processors.Read(ctx, s.DB.Channel)
	if err != nil {
		return l, err
	}
	if err := errors.Join(s.testable(t, u, register), s.named(ctx, &l)); err != nil {
		return l, err
	}
	if _, err = s.Templates.Compose(ctx, l); err != nil {
		if f, ok := errors.AsType[*channel.Failure](err); ok {
			err = fault.Coded(fault.Conflict, f.Code, "", f.Text)
		}
		return l, err
	}
	return l, nil
}

// testable tells what keeps every test by a channel from being sent.
func (s *Service) testable(t Test, u *ent.User, register processors.Register) error {
	entry, outside := register[t.Channel]
	address := u.EmailSealed
	if t.Channel == channel.WhatsApp {
		address = u.PhoneSealed
	}
	var wrong []error
	if !outside {
		return fault.Coded(fault.Invalid, "INVALID_VALUE", "channel", "Nothing leaves the house by this channel.")
	}
	if t.Kind != "" && messagetemplate.KindValidator(messagetemplate.Kind(t.Kind)) != nil {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_VALUE", "kind", "People are told of nothing of this kind."))
	}
	if s.Senders[t.Channel] == nil {
		wrong = append(wrong, fault.Coded(fault.Conflict, "CHANNEL_NOT_SET_UP", "channel", "This server sends nothing by this channel."))
	}
	if !entry.Enabled {
		wrong = append(wrong, fault.Coded(fault.Conflict, "CHANNEL_OFF", "channel", "The register of processors has this channel switched off."))
	}
	if len(address) == 0 {
		wrong = append(wrong, fault.Coded(fault.Conflict, "NO_ADDRESS", "channel", "You have no address by this channel: add it to your account."))
	}
	return errors.Join(wrong...)
}

// named finds the template of a letter, so that the delivery names what was asked for. It stays the zero id for a built-in one.
func (s *Service) named(ctx context.Context, l *templates.Letter) error {
	if l.Template.IsZero() {
		if err := s.needDistributor(ctx, l.Distributor); err != nil {
			return err
		}
		row, err := s.inForce(ctx, *l)
		switch {
		case err != nil:
			return err
		case row != nil:
			l.Template = row.ID
		case l.Kind == templates.Welcome:
			return fault.Coded(fault.Conflict, "NO_TEMPLATE", "kind", "The distributor has no template by which clients are welcomed.")
		}
		return nil
	}
	row, err := s.DB.MessageTemplate.Get(ctx, l.Template)
	switch {
	case ent.IsNotFound(err):
		return fault.New(fault.NotFound, "templateId", "There is no such template.")
	case err != nil:
		return fmt.Errorf("read a template: %w", err)
	case row.Channel.String() != l.Channel:
		return fault.Coded(fault.Conflict, "CHANNEL_MISMATCH", "templateId", "The template is for another channel.")
	}
	l.Kind = row.Kind.String()
	return nil
}

// needDistributor is NotFound where a test is to look like the messages of a distributor that is not there.
func (s *Service) needDistributor(ctx context.Context, id gid.ID) error {
	if id.IsZero() {
		return nil
	}
	there, err := s.DB.Distributor.Query().Where(distributor.ID(id)).Exist(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("look for the distributor of a test message: %w", err)
	case !there:
		return fault.New(fault.NotFound, "distributorId", "There is no such distributor.")
	}
	return nil
}

// inForce is the template that a letter is made by; nil: none.
func (s *Service) inForce(ctx context.Context, l templates.Letter) (chosen *ent.MessageTemplate, err error) {
	if l.Kind == "" {
		return nil, nil
	}
	rows, err := s.DB.MessageTemplate.Query().Where(templates.InForce(l)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for a template: %w", err)
	}
	return templates.Nearest(rows), nil
}
