package distributors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"channelbook/ent"
	"channelbook/ent/absence"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/personaldata/audit"
)

// Absence is a time in which a distributor works no leads.
type Absence struct {
	DistributorID gid.ID
	StartsOn      calendar.Date // its first day
	EndsOn        calendar.Date // its last day
	Reason        string
}

// The bounds of absences.
const (
	maxAbsenceDays = 366
	// maxAbsences keeps the list that a client reads at once short.
	maxAbsences = 50
)

// AddAbsence enters an absence. All faults come at once: of kind Invalid; NotFound on distributorId; Conflict OVERLAPS where
// it shares a day with another one of the same distributor, which no two ever do; Limit TOO_MANY beyond 50 that have not
// ended yet.
func (s *Service) AddAbsence(ctx context.Context, in Absence) (row *ent.Absence, err error) {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return nil, err
	}
	wrong := in.check()
	id := gid.New()
	err = db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		company, err := locked(ctx, tx, in.DistributorID)
		if err != nil {
			return err
		}
		if company == nil {
			return errors.Join(wrong, noDistributor())
		}
		if wrong != nil {
			return wrong
		}
		if err := s.hasRoom(ctx, tx, in); err != nil {
			return err
		}
		err = tx.Absence.Create().SetID(id).SetDistributorID(in.DistributorID).SetCreatedAt(s.Now()).
			SetStartsOn(&in.StartsOn).SetEndsOn(&in.EndsOn).SetReason(in.Reason).Exec(ctx)
		if err != nil {
			return fmt.Errorf("enter an absence: %w", err)
		}
		return s.recordAbsence(ctx, tx, id, audit.AbsenceAdded, in.DistributorID)
	})
	if err != nil {
		return nil, err
	}
	row, err = s.DB.Absence.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the new absence: %w", err)
	}
	return row, nil
}

func (in *Absence) check() error {
	var wrong []error
	add := func(code, field, message string) {
		wrong = append(wrong, fault.Coded(fault.Invalid, code, field, message))
	}
	in.Reason = strings.TrimSpace(in.Reason)
	switch {
	case in.StartsOn.After(in.EndsOn):
		add("ENDS_BEFORE_START", "endsOn", "An absence ends on its first day or later.")
	case in.EndsOn.After(in.StartsOn.AddDays(maxAbsenceDays - 1)):
		add("TOO_LONG", "endsOn", fmt.Sprintf("An absence has at most %d days.", maxAbsenceDays))
	}
	if utf8.RuneCountInString(in.Reason) > maxLine {
		add("TOO_LONG", "reason", fmt.Sprintf("At most %d characters are taken here.", maxLine))
	}
	if !utf8.ValidString(in.Reason) || strings.ContainsFunc(in.Reason, unicode.IsControl) {
		add("INVALID_CHARACTERS", "reason", "The text has control characters or is not valid UTF-8.")
	}
	return errors.Join(wrong...)
}

// hasRoom holds an absence against the others of its distributor, whose row the transaction holds.
func (s *Service) hasRoom(ctx context.Context, tx *db.Tx, in Absence) error {
	of := absence.DistributorID(in.DistributorID)
	overlap, err := tx.Absence.Query().Where(of, absence.StartsOnLTE(&in.EndsOn), absence.EndsOnGTE(&in.StartsOn)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("look for an absence that overlaps: %w", err)
	}
	today := calendar.DateOf(s.Now(), s.TimeZone)
	open, err := tx.Absence.Query().Where(of, absence.EndsOnGTE(&today)).Count(ctx)
	if err != nil {
		return fmt.Errorf("count the absences to come: %w", err)
	}
	switch {
	case overlap:
		return fault.Coded(fault.Conflict, "OVERLAPS", "startsOn", "The distributor is absent on one of these days already.")
	case open >= maxAbsences:
		return fault.Coded(fault.Limit, "TOO_MANY", "distributorId", fmt.Sprintf("A distributor has at most %d absences that have not ended.", maxAbsences))
	}
	return nil
}

// RemoveAbsence takes an absence away; NotFound on id where there is none.
func (s *Service) RemoveAbsence(ctx context.Context, id gid.ID) error {
	if _, err := auth.Require(ctx, auth.Admin); err != nil {
		return err
	}
	return db.WithTx(ctx, s.DB, func(tx *db.Tx) error {
		row, err := tx.Absence.Get(ctx, id)
		if ent.IsNotFound(err) {
			return noAbsence()
		}
		if err != nil {
			return fmt.Errorf("read an absence: %w", err)
		}
		n, err := tx.Absence.Delete().Where(absence.ID(id)).Exec(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("remove an absence: %w", err)
		case n == 0: // somebody else was faster
			return noAbsence()
		}
		return s.recordAbsence(ctx, tx, id, audit.AbsenceRemoved, row.DistributorID)
	})
}

func (s *Service) recordAbsence(ctx context.Context, tx *db.Tx, id gid.ID, action audit.Action, of gid.ID) error {
	return audit.Record(ctx, tx, s.Now(), audit.Act{
		Action: action, Object: audit.On(gid.Absence, id), Details: map[string]string{"distributor": gid.Distributor.Format(of)},
	})
}

func noAbsence() error {
	return fault.New(fault.NotFound, "id", "There is no such absence.")
}
