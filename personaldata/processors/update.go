package processors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/ent/channel"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/personaldata/audit"
)

// maxName is how many characters a processor's name and country have at most.
const maxName = 200

// categories are all that there are.
var categories = []Data{ClientName, ClientEmail, ClientPhone, EmployeeName}

// abroad are the channels whose processor is a foreign one: nothing goes there before the register says who that is and where
// (152-FZ art. 12).
var abroad = map[string]bool{"WHATSAPP": true}

// Entries are the register as it stands, for administrators, by the names of the channels.
func (s *Service) Entries(ctx context.Context) ([]Entry, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	r, err := Read(ctx, s.DB.Channel)
	if err != nil {
		return nil, err
	}
	list := make([]Entry, 0, len(r))
	for _, e := range r {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Channel, b.Channel) })
	return list, nil
}

// Update writes what the register says of a channel: what is sent from now on goes by it. Administrators only. Faults, of kind
// Invalid, all at once: INVALID_VALUE where nothing leaves the house by the channel, REQUIRED for a processor and a country where
// WhatsApp is enabled or personal data is sent at all, UNKNOWN_CATEGORY, TOO_LONG, INVALID_CHARACTERS.
func (s *Service) Update(ctx context.Context, e Entry) (Entry, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return Entry{}, err
	}
	if err := e.check(); err != nil {
		return Entry{}, err
	}
	err := s.write(ctx, e)
	if sqlgraph.IsUniqueConstraintError(err) { // another made the row at the same moment
		err = s.write(ctx, e)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("write the register of processors: %w", err)
	}
	return e, nil
}

func (s *Service) write(ctx context.Context, e Entry) error {
	data := make([]string, len(e.Data))
	for i, d := range e.Data {
		data[i] = string(d)
	}
	of, now := channel.Channel(e.Channel), s.Now()
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		update := tx.Channel.Update().Where(channel.ChannelEQ(of)).
			SetEnabled(e.Enabled).SetProcessor(e.Processor).SetCountry(e.Country).SetPersonalData(data).SetUpdatedAt(now)
		changed, err := fields(ctx, tx, e)
		if err != nil {
			return err
		}
		n, err := update.Save(ctx)
		if err == nil && n == 0 {
			err = tx.Channel.Create().SetChannel(of).
				SetEnabled(e.Enabled).SetProcessor(e.Processor).SetCountry(e.Country).SetPersonalData(data).SetUpdatedAt(now).Exec(ctx)
		}
		if err != nil {
			return err
		}
		changed["channel"] = e.Channel
		return audit.Record(ctx, tx, now, audit.Act{Action: audit.ProcessorUpdated, Object: audit.Object{Kind: "channel"}, Details: changed})
	})
}

// fields are those in which an entry differs from what stands there, for the audit.
func fields(ctx context.Context, tx *db.Tx, e Entry) (map[string]string, error) {
	r, err := Read(ctx, tx.Channel)
	if err != nil {
		return nil, err
	}
	was := r[e.Channel]
	var names []string
	for name, differs := range map[string]bool{
		"enabled": was.Enabled != e.Enabled, "processor": was.Processor != e.Processor, "country": was.Country != e.Country,
		"personal_data": !slices.Equal(was.Data, e.Data),
	} {
		if differs {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return audit.Named(names...), nil
}

// check brings an entry into its normal form, and tells all that is wrong with it.
func (e *Entry) check() error {
	var wrong []error
	if _, known := entries[e.Channel]; !known {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_VALUE", "channel", "Nothing leaves the house by this channel."))
	}
	needed := e.Enabled && abroad[e.Channel] || len(e.Data) > 0
	wrong = append(wrong, name("processor", &e.Processor, needed), name("country", &e.Country, needed))
	for i, d := range e.Data {
		if !slices.Contains(categories, d) {
			wrong = append(wrong, fault.Coded(fault.Invalid, "UNKNOWN_CATEGORY", fmt.Sprintf("personalData[%d]", i), "There is no such category of personal data."))
		}
	}
	e.Data = slices.Clone(e.Data)
	slices.Sort(e.Data)
	e.Data = slices.Compact(e.Data)
	return errors.Join(wrong...)
}

// name checks a line, and trims it.
func name(field string, text *string, needed bool) error {
	*text = strings.TrimSpace(*text)
	switch {
	case *text == "" && needed:
		return fault.Coded(fault.Invalid, "REQUIRED", field, "The register has to say who gets personal data, and in which country.")
	case !utf8.ValidString(*text) || strings.ContainsFunc(*text, unicode.IsControl):
		return fault.Coded(fault.Invalid, "INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8.")
	case utf8.RuneCountInString(*text) > maxName:
		return fault.Coded(fault.Invalid, "TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", maxName))
	}
	return nil
}
