package leads

import (
	"fmt"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/seal"
)

// Eyes are how contacts of leads are shown and looked for: opened by the keys, and to a distributor's user masked
// until its company works the lead, where MaskUntilTaken is set. What is masked cannot be asked about by a filter either,
// else one would guess it bit by bit.
type Eyes struct {
	Keys           seal.Keys
	MaskUntilTaken bool
}

// shownIn are the statuses in which a lead's contacts are shown even if nobody has taken it: an administrator put it
// to work, or registered its sale.
var shownIn = []lead.Status{lead.StatusIN_PROGRESS, lead.StatusSALE}

func (e Eyes) masks(v auth.Viewer) bool {
	return e.MaskUntilTaken && v.Role != auth.Admin && v.Role != auth.System
}

// Hides tells whether a lead's contacts are masked for a viewer. It needs the lead's status and the time it was taken.
func (e Eyes) Hides(v auth.Viewer, l *ent.Lead) bool {
	if !e.masks(v) || l.TakenAt != nil {
		return false
	}
	for _, status := range shownIn {
		if l.Status == status {
			return false
		}
	}
	return true
}

// Phone is the lead's phone as the viewer may see it; empty where there is none.
func (e Eyes) Phone(v auth.Viewer, l *ent.Lead) (string, error) {
	phone, err := sealed.LeadPhone.Open(e.Keys, l.ID, l.PhoneSealed)
	if err != nil {
		return "", fmt.Errorf("open a lead's phone: %w", err)
	}
	if e.Hides(v, l) {
		return seal.Phone(phone).String(), nil
	}
	return phone, nil
}

// Email is the lead's e-mail address as the viewer may see it; empty where there is none.
func (e Eyes) Email(v auth.Viewer, l *ent.Lead) (string, error) {
	email, err := sealed.LeadEmail.Open(e.Keys, l.ID, l.EmailSealed)
	if err != nil {
		return "", fmt.Errorf("open a lead's e-mail: %w", err)
	}
	if e.Hides(v, l) {
		return seal.Email(email).String(), nil
	}
	return email, nil
}

// IP is the lead's address as the viewer may see it: masked it is not there at all.
func (e Eyes) IP(v auth.Viewer, l *ent.Lead) string {
	if l.IP == nil || e.Hides(v, l) {
		return ""
	}
	return *l.IP
}

// unmasked narrows a condition on a contact to the leads whose contacts the viewer may see.
func (e Eyes) unmasked(v auth.Viewer, s *sql.Selector) {
	if !e.masks(v) {
		return
	}
	shown := make([]any, len(shownIn))
	for i, status := range shownIn {
		shown[i] = status
	}
	s.Where(sql.Or(sql.NotNull(s.C(lead.FieldTakenAt)), sql.In(s.C(lead.FieldStatus), shown...)))
}
