package webhooks

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent/distributor"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// maxName is in characters.
const maxName = 100

// Form is a webhook as an administrator describes it. Of a change, nil leaves what is there.
type Form struct {
	Name          *string
	URL           *string
	Events        []string // kinds of notices; nil: as they are
	DistributorID *gid.ID  // of a new one alone
	Enabled       *bool
}

// check trims what is given and tells all that is wrong with it: REQUIRED, TOO_LONG, INVALID_CHARACTERS, INVALID_URL,
// TARGET_REFUSED, UNKNOWN_EVENT, DUPLICATE.
func (s *Service) check(f *Form) error {
	var wrong []error
	if f.Name != nil {
		*f.Name = strings.TrimSpace(*f.Name)
		wrong = append(wrong, checkName(*f.Name))
	}
	if f.URL != nil {
		*f.URL = strings.TrimSpace(*f.URL)
		_, err := s.target(*f.URL)
		wrong = append(wrong, err)
	}
	if f.Events != nil {
		wrong = append(wrong, checkEvents(f.Events))
	}
	return errors.Join(wrong...)
}

func checkName(name string) error {
	var wrong []error
	if name == "" {
		wrong = append(wrong, fault.Coded(fault.Invalid, "REQUIRED", "name", "This must be given."))
	}
	if utf8.RuneCountInString(name) > maxName {
		wrong = append(wrong, fault.Coded(fault.Invalid, "TOO_LONG", "name", fmt.Sprintf("At most %d characters are taken here.", maxName)))
	}
	if !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		wrong = append(wrong, fault.Coded(fault.Invalid, "INVALID_CHARACTERS", "name", "The text has characters that nobody sees or is not valid UTF-8."))
	}
	return errors.Join(wrong...)
}

func checkEvents(kinds []string) error {
	if len(kinds) == 0 {
		return fault.Coded(fault.Invalid, "REQUIRED", "events", "Name one event at least.")
	}
	var wrong []error
	seen := map[string]bool{}
	for i, kind := range kinds {
		field := "events[" + strconv.Itoa(i) + "]"
		switch {
		case !isEvent(kind):
			wrong = append(wrong, fault.Coded(fault.Invalid, "UNKNOWN_EVENT", field, "Webhooks are not told of this."))
		case seen[kind]:
			wrong = append(wrong, fault.Coded(fault.Invalid, "DUPLICATE", field, "This event is named twice."))
		}
		seen[kind] = true
	}
	return errors.Join(wrong...)
}

// needDistributor is NotFound where a webhook is to be of a distributor that is not there.
func needDistributor(ctx context.Context, tx *db.Tx, id *gid.ID) error {
	if id == nil {
		return nil
	}
	there, err := tx.Distributor.Query().Where(distributor.ID(*id)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for a webhook's distributor: %w", err)
	}
	if !there {
		return fault.New(fault.NotFound, "distributorId", "There is no such distributor.")
	}
	return nil
}
