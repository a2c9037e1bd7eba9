package legacy

import (
	"context"
	"regexp"
	"strings"

	"channelbook/ent/notice"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/notify/channel"
	"channelbook/notify/templates"
)

// templateKinds are what templates there are for by their names, in lower case.
var templateKinds = map[string]string{
	"welcome": templates.Welcome, "client_welcome": templates.Welcome, "welcome_email": templates.Welcome, "приветствие": templates.Welcome,
	"new_lead": notice.KindLEAD_ASSIGNED.String(), "lead_assigned": notice.KindLEAD_ASSIGNED.String(), "новый лид": notice.KindLEAD_ASSIGNED.String(),
	"sale": notice.KindSALE_REGISTERED.String(), "sale_registered": notice.KindSALE_REGISTERED.String(), "продажа": notice.KindSALE_REGISTERED.String(),
	"goal": notice.KindGOAL_MILESTONE.String(), "goal_reached": notice.KindGOAL_MILESTONE.String(), "цель": notice.KindGOAL_MILESTONE.String(),
}

// variable is a value in a text there: {{ name }}, {name} or %(name)s.
var variable = regexp.MustCompile(`\{\{\s*([\w.]+)\s*\}\}|\{([\w.]+)\}|%\(([\w.]+)\)s`)

// ofWelcomes and ofNotices are what such values are called here: in the welcome of a client, and in what people are told.
var (
	ofWelcomes = map[string]string{
		"name": "client.firstName", "first_name": "client.firstName", "client_name": "client.firstName", "lead.first_name": "client.firstName", "lead.name": "client.firstName",
		"company": "distributor.name", "company_name": "distributor.name", "distributor": "distributor.name", "distributor_name": "distributor.name",
		"phone": "distributor.phone", "distributor_phone": "distributor.phone", "email": "distributor.email", "distributor_email": "distributor.email",
		"website": "distributor.website", "site": "distributor.website",
	}
	ofNotices = map[string]string{
		"name": "recipient.name", "user_name": "recipient.name", "username": "recipient.name", "title": "notice.title", "text": "notice.text", "message": "notice.text",
		"link": "notice.link", "url": "notice.link", "date": "notice.time", "time": "notice.time", "company": "company.name", "company_name": "company.name",
	}
)

// templates brings over the texts of e-mails that have a place here. There are few, and each has a transaction of its own.
func (m *importer) templates(ctx context.Context) error {
	return m.base.each(ctx, "templates", m.report, func(r *row) error { return m.template(ctx, r) })
}

func (m *importer) template(ctx context.Context, r *row) error {
	l := &lines{row: r}
	id, d, ok := gid.Named("templates", r.id), templates.Draft{}, false
	if d, ok = m.draft(l); !ok {
		m.report.settle(l, isRefused)
		return nil
	}
	as, kept := isRefused, l.all
	err := m.batch(ctx, func(tx *db.Tx) error {
		as, l.all = isRefused, kept
		before, err := brought(ctx, tx, []gid.ID{id})
		if err != nil {
			return err
		}
		if before[id] {
			as = isThere
			return nil
		}
		as, err = m.storeTemplate(ctx, tx, l, id, d)
		return err
	})
	if err != nil {
		return err
	}
	m.report.settle(l, as)
	return nil
}

// storeTemplate writes a template where none of its kind stands. In a dry run the distributor that it names may not be there yet.
func (m *importer) storeTemplate(ctx context.Context, tx *db.Tx, l *lines, id gid.ID, d templates.Draft) (fate, error) {
	checked, err := d.CheckIn(ctx, tx)
	faults, only := fault.All(err)
	if err != nil && !only {
		return isRefused, err
	}
	refused := false
	for _, f := range faults {
		if !m.Apply && f.Field == "distributorId" && f.Kind == fault.NotFound {
			continue
		}
		l.refuse(f.Field, f.Message)
		refused = true
	}
	if refused {
		return isRefused, nil
	}
	there := false
	if m.Apply {
		added, err := m.Templates.Import(ctx, tx, id, checked)
		if err != nil {
			return isRefused, err
		}
		there = !added
	} else if there, err = checked.Stands(ctx, tx); err != nil {
		return isRefused, err
	}
	if there {
		l.refuse("name", "There is a template of this kind here already. It stays as it is.")
		return isRefused, nil
	}
	return isNew, nil
}

// draft reads a template; false where it has no place here.
func (m *importer) draft(l *lines) (d templates.Draft, ok bool) {
	r := l.row
	kind, known := templateKinds[strings.ToLower(r.get("name"))]
	if !known {
		l.refuse("name", "No message here is made by a template called "+shown(r.get("name"))+".")
		return d, false
	}
	switch by := strings.ToLower(r.get("channel")); by {
	case "", "email", "e-mail", "mail", "html", "text":
	default:
		l.refuse("channel", "Only texts of e-mails are brought over: WhatsApp takes templates that it has approved, by their names.")
		return d, false
	}
	whose, field, named := m.owner(r)
	switch {
	case whose == nil && named:
		l.refuse(field, "There is no such distributor.")
		return d, false
	case whose == nil && kind == templates.Welcome:
		l.refuse(field, "Clients are welcomed by one distributor, and nobody says by which.")
		return d, false
	}
	names := ofNotices
	if kind == templates.Welcome {
		names = ofWelcomes
		l.left("", "Clients are not sent it before an administrator enables it.")
	}
	return templates.Draft{Distributor: whose, Kind: kind, Channel: channel.Email, Enabled: kind != templates.Welcome, Subject: renamed(r.get("subject"), names), Text: renamed(r.get("text"), names)}, true
}

// renamed writes the values in a text as they are written here. One that is not known keeps its name, which the check finds.
func renamed(text string, names map[string]string) string {
	return variable.ReplaceAllStringFunc(text, func(found string) string {
		parts := variable.FindStringSubmatch(found)
		name := parts[1] + parts[2] + parts[3]
		if here := names[strings.ToLower(name)]; here != "" {
			name = here
		}
		return "{{" + name + "}}"
	})
}
