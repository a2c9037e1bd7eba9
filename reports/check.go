package reports

import (
	"errors"
	"slices"
	"strings"

	"channelbook/goals"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/leads"
	"channelbook/reports/order"
	"channelbook/reports/pdf"
)

// longestDays is how many days the dates of a PLAN_FACT may have between them: ten years.
const longestDays = 3660

// check judges a request, and fills in what its viewer need not say: a distributor's user has its own company. Faults:
// UNSUPPORTED_FORMAT and PDF_NOT_AVAILABLE on format; REQUIRED and NOT_APPLICABLE on a parameter; INVALID_RANGE on to; INVALID_PERIOD on
// period.startsOn; those of a filter of leads.
func (s *Service) check(v auth.Viewer, r *Request) error {
	of, known := forms[r.Kind]
	if !known {
		return fault.New(fault.Invalid, "kind", "There are no such reports.")
	}
	if v.Role == auth.Distributor && r.DistributorID == nil && of.distributor == must {
		own := v.Distributor
		r.DistributorID = &own
	}
	return errors.Join(s.checkFormat(of, r.Format), checkNeeds(of, r), checkDates(r), checkPeriod(r), s.checkFilter(v, of, r))
}

func (s *Service) checkFormat(of form, format string) error {
	switch {
	case !slices.Contains(of.formats, format):
		return fault.Coded(fault.Invalid, "UNSUPPORTED_FORMAT", "format", "This report is written as "+strings.Join(of.formats, " or ")+".")
	case format == order.PDF && !s.PDF.Installed():
		return fault.Coded(fault.Invalid, pdf.NotInstalled, "format", "This server has no LibreOffice to make PDF files with. Ask for DOCX.")
	}
	return nil
}

func checkNeeds(of form, r *Request) error {
	var faults []error
	for _, p := range []struct {
		field string
		need
		given bool
	}{
		{"from", of.dates, r.From != nil}, {"to", of.dates, r.To != nil}, {"period", of.period, r.Period != nil},
		{"distributorId", of.distributor, r.DistributorID != nil}, {"filter", of.filter, hasFilter(r.Filter)},
	} {
		switch {
		case p.need == must && !p.given:
			faults = append(faults, fault.Coded(fault.Invalid, "REQUIRED", p.field, "This report needs "+p.field+"."))
		case p.need == no && p.given:
			faults = append(faults, fault.Coded(fault.Invalid, "NOT_APPLICABLE", p.field, "This report knows no "+p.field+"."))
		}
	}
	return errors.Join(faults...)
}

// hasFilter tells whether a filter asks for anything.
func hasFilter(f leads.Filter) bool {
	return f.AsksForMore() || len(f.DistributorIDs) > 0 || f.ReceivedFrom != nil || f.ReceivedTo != nil
}

func checkDates(r *Request) error {
	if r.From == nil || r.To == nil {
		return nil
	}
	if !r.To.After(*r.From) {
		return fault.Coded(fault.Invalid, "INVALID_RANGE", "to", "to is the day after the last one, and so later than from.")
	}
	if r.Kind == PlanFact && r.To.After(r.From.AddDays(longestDays)) {
		return fault.Coded(fault.Invalid, "INVALID_RANGE", "to", "There are ten years at most between from and to.")
	}
	return nil
}

func checkPeriod(r *Request) error {
	if r.Period == nil {
		return nil
	}
	return goals.Valid(*r.Period, "period")
}

func (s *Service) checkFilter(v auth.Viewer, of form, r *Request) error {
	if of.filter == no {
		return nil
	}
	f, err := r.Leads(s.TimeZone)
	if err != nil {
		return err
	}
	_, err = f.Where(v, leads.Eyes{Keys: s.Keys})
	return err
}
