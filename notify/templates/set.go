package templates

import (
	"context"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/messagetemplate"
	"channelbook/ent/predicate"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
	"channelbook/personaldata/processors"
)

// Set writes the template of a distributor, a kind and a channel, in the place of the one that is there: messages that are sent from
// now on look like it. Administrators only. Faults come all at once. Of kind Invalid: INVALID_VALUE, REQUIRED, TOO_LONG, TOO_MANY,
// INVALID_CHARACTERS, UNKNOWN_VARIABLE and UNCLOSED with the place in the text, TEMPLATE_REQUIRED for WhatsApp,
// PERSONAL_DATA_NOT_ALLOWED; CONFLICT, of that kind, where a text and a provider's template are given; NotFound on "distributorId".
func (s *Service) Set(ctx context.Context, d Draft) (row *ent.MessageTemplate, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	row, err = s.set(ctx, d)
	if sqlgraph.IsUniqueConstraintError(err) { // another made the row at the same moment
		row, err = s.set(ctx, d)
	}
	if err != nil {
		return nil, err
	}
	return row.Unwrap(), nil
}

func (s *Service) set(ctx context.Context, d Draft) (row *ent.MessageTemplate, err error) {
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		if err := d.checkIn(ctx, tx.Client()); err != nil {
			return err
		}
		if row, err = d.write(ctx, tx, s); err != nil {
			return fmt.Errorf("write a template: %w", err)
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.TemplateSet, Object: audit.On(gid.Template, row.ID), Details: details(row)})
	})
	return row, err
}

// checkIn is check, with what stands in the base.
func (d *Draft) checkIn(ctx context.Context, from *ent.Client) error {
	register, err := processors.Read(ctx, from.Channel)
	if err != nil {
		return err
	}
	wrong := d.check(register)
	if d.Distributor != nil {
		there, err := from.Distributor.Query().Where(distributor.ID(*d.Distributor)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look for a distributor: %w", err)
		}
		if !there {
			wrong = errors.Join(wrong, fault.New(fault.NotFound, "distributorId", "There is no such distributor."))
		}
	}
	return wrong
}

// place is where a draft stands: one row at most.
func (d *Draft) place() predicate.MessageTemplate {
	whose := messagetemplate.DistributorIDIsNil()
	if d.Distributor != nil {
		whose = messagetemplate.DistributorID(*d.Distributor)
	}
	return messagetemplate.And(whose, messagetemplate.KindEQ(messagetemplate.Kind(d.Kind)), messagetemplate.ChannelEQ(messagetemplate.Channel(d.Channel)))
}

func (d *Draft) write(ctx context.Context, tx *db.Tx, s *Service) (*ent.MessageTemplate, error) {
	update := tx.MessageTemplate.Update().Where(d.place()).SetUpdatedAt(s.Now())
	d.fill(update.Mutation())
	n, err := update.Save(ctx)
	if err != nil {
		return nil, err
	}
	if n > 0 {
		return tx.MessageTemplate.Query().Where(d.place()).Only(ctx)
	}
	create := tx.MessageTemplate.Create().SetNillableDistributorID(d.Distributor).SetKind(messagetemplate.Kind(d.Kind)).
		SetChannel(messagetemplate.Channel(d.Channel)).SetCreatedAt(s.Now()).SetUpdatedAt(s.Now())
	d.fill(create.Mutation())
	return create.Save(ctx)
}

func (d *Draft) fill(m *ent.MessageTemplateMutation) {
	m.SetEnabled(d.Enabled)
	m.SetSubject(d.Subject)
	m.SetText(d.Text)
	m.SetProviderTemplate(d.ProviderTemplate)
	m.SetLanguage(d.Language)
	m.SetParameters(append([]string{}, d.Parameters...))
}

// Remove takes a template away: what is sent from now on goes by the one of all, or by the built-in one. Administrators only.
// NotFound on "id".
func (s *Service) Remove(ctx context.Context, id gid.ID) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		row, err := tx.MessageTemplate.Get(ctx, id)
		switch {
		case ent.IsNotFound(err):
			return noTemplate("id")
		case err != nil:
			return fmt.Errorf("read a template: %w", err)
		}
		n, err := tx.MessageTemplate.Delete().Where(messagetemplate.ID(id)).Exec(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("remove a template: %w", err)
		case n == 0:
			return noTemplate("id")
		}
		return audit.Record(ctx, tx, s.Now(), audit.Act{Action: audit.TemplateRemoved, Object: audit.On(gid.Template, id), Details: details(row)})
	})
}

func noTemplate(field string) error {
	return fault.New(fault.NotFound, field, "There is no such template.")
}

// details tell the audit which template it is, and nothing of what it says.
func details(row *ent.MessageTemplate) map[string]string {
	d := map[string]string{"kind": row.Kind.String(), "channel": row.Channel.String()}
	if row.DistributorID != nil {
		d["distributor"] = gid.Distributor.Format(*row.DistributorID)
	}
	d["enabled"] = fmt.Sprint(row.Enabled)
	return d
}
