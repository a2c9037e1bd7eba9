package notify

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent/distributor"
	"channelbook/ent/predicate"
	"channelbook/ent/user"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// What a message may have.
const (
	MaxTitle = 200  // characters
	MaxText  = 4000 // characters
	MaxURL   = 2000 // characters
	MaxNamed = 500  // persons, and distributors
)

// Post is a message of an administrator, and whom it is for.
type Post struct {
	Title, Text, URL string
	Users            []gid.ID
	Distributors     []gid.ID
	Everyone         bool
	Channels         []string // by these alone, of package channel; nil: as each recipient wants
}

// Send sends a message, by an administrator, and tells how many persons it is for: those who may sign in now, each of them
// once. All faults come at once: of kind Invalid REQUIRED, TOO_LONG, INVALID_CHARACTERS, INVALID_URL, TOO_MANY;
// NotFound on userIds[0] and distributorIds[0] and so on; of kind Conflict USER_DISABLED, CHANNEL_NOT_SET_UP and CHANNEL_OFF,
// PERSONAL_DATA where a channel that is named may not carry the phones or e-mail addresses of the texts or the link and, where nothing else is
// wrong, NO_RECIPIENTS.
func (s *Service) Send(ctx context.Context, p Post) (recipients int, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return 0, err
	}
	wrong := p.check()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		ctx := auth.AsSystem(ctx, "send a message")
		to, err := p.named(ctx, tx)
		if err := errors.Join(wrong, s.ways(ctx, tx, p), err); err != nil {
			return err
		}
		if recipients, err = count(ctx, tx, to); err != nil {
			return err
		}
		if recipients == 0 {
			return fault.Coded(fault.Conflict, "NO_RECIPIENTS", "", "Nobody of those named may sign in.")
		}
		now := s.Now()
		if err := Tell(ctx, tx, now, Notice{Event: Message(p.Title, p.Text, p.URL), To: to, Channels: p.Channels}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, now, audit.Act{Action: audit.MessageSent, Details: map[string]string{"recipients": strconv.Itoa(recipients)}})
	})
	if err != nil {
		return 0, err
	}
	return recipients, nil
}

// faults gathers what is wrong.
type faults []error

func (f *faults) add(err error) { *f = append(*f, err) }
func (f faults) join() error    { return errors.Join(f...) }

// check trims the texts and tells all that is wrong with the message itself.
func (p *Post) check() error {
	var wrong faults
	wrong.add(stated("title", &p.Title, MaxTitle, ""))
	wrong.add(stated("text", &p.Text, MaxText, "\n\r\t\u2028\u2029"))
	if p.URL = strings.TrimSpace(p.URL); p.URL != "" {
		wrong.add(link(p.URL))
	}
	if len(p.Users) == 0 && len(p.Distributors) == 0 && !p.Everyone {
		wrong.add(fault.Coded(fault.Invalid, "REQUIRED", "userIds", "Name persons or distributors, or everyone."))
	}
	wrong.add(notTooMany("userIds", p.Users))
	wrong.add(notTooMany("distributorIds", p.Distributors))
	if p.Channels != nil && len(p.Channels) == 0 {
		wrong.add(fault.Coded(fault.Invalid, "REQUIRED", "channels", "Name a channel, or leave this out."))
	}
	return wrong.join()
}

func notTooMany(field string, ids []gid.ID) error {
	if len(ids) > MaxNamed {
		return fault.Coded(fault.Invalid, "TOO_MANY", field, fmt.Sprintf("At most %d at once.", MaxNamed))
	}
	return nil
}

// unseen tells a character that nobody sees: a text of nothing else is none.
func unseen(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }

// steers tells a character that ends a line, or makes what follows read as something else than what it is: of the controls, and
// of those that turn the direction of a text.
func steers(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// stated checks a text that must be given, and trims it. Of characters that steer it may have those that are allowed.
func stated(field string, text *string, limit int, allowed string) error {
	*text = strings.TrimSpace(*text)
	var wrong faults
	if !strings.ContainsFunc(*text, func(r rune) bool { return !unseen(r) }) {
		wrong.add(fault.Coded(fault.Invalid, "REQUIRED", field, "This must be given."))
	}
	forbidden := func(r rune) bool { return steers(r) && !strings.ContainsRune(allowed, r) }
	if !utf8.ValidString(*text) || strings.ContainsFunc(*text, forbidden) {
		wrong.add(fault.Coded(fault.Invalid, "INVALID_CHARACTERS", field, "The text has control characters or is not valid UTF-8."))
	}
	if utf8.RuneCountInString(*text) > limit {
		wrong.add(fault.Coded(fault.Invalid, "TOO_LONG", field, fmt.Sprintf("At most %d characters are taken here.", limit)))
	}
	return wrong.join()
}

// link checks an address that people will open: of the web, or a path of the frontend, without spaces. Anything else, such as
// javascript:, would run in their browser.
func link(text string) error {
	u, err := url.Parse(text)
	web := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
	path := err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(text, "/") && !strings.HasPrefix(text, "//")
	var wrong faults
	if !web && !path || strings.ContainsRune(text, '\\') || strings.ContainsFunc(text, unseen) {
		wrong.add(fault.Coded(fault.Invalid, "INVALID_URL", "url", "This is neither an address with https:// nor a path such as /leads."))
	}
	if utf8.RuneCountInString(text) > MaxURL {
		wrong.add(fault.Coded(fault.Invalid, "TOO_LONG", "url", fmt.Sprintf("At most %d characters are taken here.", MaxURL)))
	}
	return wrong.join()
}

// named are the recipients as a notice holds them, or all that is wrong with who is named.
func (p *Post) named(ctx context.Context, tx *db.Tx) (To, error) {
	if err := errors.Join(needUsers(ctx, tx, p.Users), needDistributors(ctx, tx, p.Distributors)); err != nil {
		return To{}, err
	}
	to := To{Users: p.Users, Everyone: p.Everyone}
	if len(p.Distributors) > 0 && !p.Everyone {
		theirs, err := tx.User.Query().Where(user.DistributorIDIn(p.Distributors...), user.DisabledAtIsNil()).IDs(ctx)
		if err != nil {
			return To{}, fmt.Errorf("look for the users of distributors: %w", err)
		}
		to.Users = append(to.Users[:len(to.Users):len(to.Users)], theirs...)
	}
	return to, nil
}

// needUsers tells which of those who are named are nobody, or may not sign in. Of too many, which is said already, it tells
// nothing.
func needUsers(ctx context.Context, tx *db.Tx, ids []gid.ID) error {
	if len(ids) == 0 || len(ids) > MaxNamed {
		return nil
	}
	users, err := tx.User.Query().Where(user.IDIn(ids...)).Select(user.FieldID, user.FieldDisabledAt).All(ctx)
	if err != nil {
		return fmt.Errorf("look for those who are named: %w", err)
	}
	known, disabled := make(map[gid.ID]bool, len(users)), map[gid.ID]bool{}
	for _, u := range users {
		known[u.ID], disabled[u.ID] = true, u.DisabledAt != nil
	}
	var wrong faults
	wrong.add(missing(ids, known, "userIds", "There is no such user."))
	for i, id := range ids {
		if disabled[id] {
			wrong.add(fault.Coded(fault.Conflict, "USER_DISABLED", fmt.Sprintf("userIds[%d]", i), "This user may not sign in."))
		}
	}
	return wrong.join()
}

// needDistributors tells which of those that are named are none, likewise.
func needDistributors(ctx context.Context, tx *db.Tx, ids []gid.ID) error {
	if len(ids) == 0 || len(ids) > MaxNamed {
		return nil
	}
	companies, err := tx.Distributor.Query().Where(distributor.IDIn(ids...)).IDs(ctx)
	if err != nil {
		return fmt.Errorf("look for the distributors that are named: %w", err)
	}
	there := make(map[gid.ID]bool, len(companies))
	for _, id := range companies {
		there[id] = true
	}
	return missing(ids, there, "distributorIds", "There is no such distributor.")
}

// count is how many persons recipients are.
func count(ctx context.Context, tx *db.Tx, to To) (int, error) {
	which := []predicate.User{user.DisabledAtIsNil()}
	if !to.Everyone {
		which = append(which, user.IDIn(to.Users...))
	}
	n, err := tx.User.Query().Where(which...).Count(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the recipients: %w", err)
	}
	return n, nil
}
