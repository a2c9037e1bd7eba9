package leads

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// What is foreseen of a row of a file.
const (
	ForeseenReady     = "READY"     // the intake judges it
	ForeseenRepeated  = "REPEATED"  // an equal row came in before, or stands further up in the file
	ForeseenDuplicate = "DUPLICATE" // by its contacts, of a row further up
	ForeseenInvalid   = "INVALID"
	ForeseenRefused   = "REFUSED" // its external id was used for another content
)

// Foreseen is what will become of a row, as far as can be said without taking it in. Err holds the faults of one that will not.
type Foreseen struct {
	Outcome string
	Err     error
}

// Foresight reads the rows of one file, part by part, and writes nothing. It is for one goroutine.
type Foresight struct {
	*Service
	source   *ent.LeadSource
	contents map[string][]byte // by external id or idempotency key: the hash of the row that has it
	contacts map[string]bool   // of rows that will be judged, as the policy compares them
}

// Foresee begins to read a file of leads for a source, by the rules of Import. Blacklist, consent, caps and the leads that are there
// already are not asked: they may be others when the file comes in. Faults: those of NeedOpen, on field.
func (s *Service) Foresee(ctx context.Context, source gid.ID, field string) (*Foresight, error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	row, err := s.sourceOf(ctx, source, field)
	if err != nil {
		return nil, err
	}
	return &Foresight{s, row, map[string][]byte{}, map[string]bool{}}, nil
}

func (s *Service) sourceOf(ctx context.Context, source gid.ID, field string) (*ent.LeadSource, error) {
	row, err := s.DB.LeadSource.Get(ctx, source)
	switch {
	case ent.IsNotFound(err):
		return nil, fault.New(fault.NotFound, field, "There is no such lead source.")
	case err != nil:
		return nil, fmt.Errorf("read the lead source: %w", err)
	case row.Status != leadsource.StatusACTIVE:
		return nil, stopped(field)
	}
	return row, nil
}

// Rows foresees the next rows.
func (f *Foresight) Rows(ctx context.Context, rows []Submission) ([]Foreseen, error) {
	out := make([]Foreseen, len(rows))
	candidates := make([]*candidate, len(rows))
	var keys, ids []string
	for i, row := range rows {
		c, err := validate(row)
		if err != nil {
			out[i] = Foreseen{ForeseenInvalid, err}
			continue
		}
		candidates[i] = &c
		if c.ExternalID != "" {
			ids = append(ids, c.ExternalID)
		}
		keys = append(keys, f.rowKeys(&c)...)
	}
	for column, values := range map[string][]string{lead.FieldIdempotencyKey: keys, lead.FieldExternalID: ids} {
		taken, err := f.takenKeys(ctx, f.source.ID, column, values)
		if err != nil {
			return nil, err
		}
		for key, hash := range taken {
			f.contents[column+" "+key] = hash
		}
	}
	for i, c := range candidates {
		if c != nil {
			out[i] = f.foresee(c)
		}
	}
	return out, nil
}

func (f *Foresight) foresee(c *candidate) Foreseen {
	column, names := lead.FieldIdempotencyKey, f.rowKeys(c)
	if c.ExternalID != "" {
		column, names = lead.FieldExternalID, []string{c.ExternalID}
	}
	for _, name := range names {
		first, known := f.contents[column+" "+name]
		switch {
		case !known:
		case f.Keys.Matches(bodyPurpose, c.canonical(), first):
			return Foreseen{Outcome: ForeseenRepeated}
		default:
			return Foreseen{ForeseenRefused, keyReused("externalId")}
		}
	}
	f.contents[column+" "+names[0]] = f.Keys.Index(bodyPurpose, c.canonical())
	alike := f.alike(c)
	if slices.ContainsFunc(alike, func(name string) bool { return f.contacts[name] }) {
		return Foreseen{Outcome: ForeseenDuplicate}
	}
	for _, name := range alike {
		f.contacts[name] = true
	}
	return Foreseen{Outcome: ForeseenReady}
}

// alike names what the source's policy compares of a row: two rows that have a name in common are duplicates. Of a policy that
// looks among one distributor's leads, rows that name none have nothing in common, as their turn is not known yet.
func (f *Foresight) alike(c *candidate) (names []string) {
	among := fmt.Sprint(c.Test)
	if f.source.DuplicateScope == leadsource.DuplicateScopeDISTRIBUTOR && f.source.DistributorID == nil {
		if c.wanted.IsZero() {
			return nil
		}
		among += " " + c.DistributorID
	}
	values := map[string]string{fieldPhone: c.Phone, fieldEmail: c.Email, fieldIP: c.IP}
	for _, field := range f.source.DuplicateFields {
		if values[field] != "" {
			names = append(names, among+" "+field+" "+values[field])
		}
	}
	if f.source.DuplicateMatch != leadsource.DuplicateMatchALL {
		return names
	}
	if len(names) < len(f.source.DuplicateFields) || len(names) == 0 {
		return nil
	}
	return []string{strings.Join(names, "\n")}
}
