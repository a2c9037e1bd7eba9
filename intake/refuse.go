package intake

import (
	"net/http"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/problem"
	"channelbook/leads"
)

// malformed answers 400 and keeps what came.
func (e Edge) malformed(w http.ResponseWriter, r *http.Request, body []byte, why error) {
	viewer, _ := auth.From(r.Context())
	e.turnAway(w, r, viewer.SourceID, intakeattempt.OutcomeMALFORMED, body, problem.Problem{
		Status: http.StatusBadRequest, Title: "Malformed JSON", Detail: "The body cannot be read as a lead: " + why.Error() + "."})
}

// turnAway writes the intake log and answers with a problem.
func (e Edge) turnAway(w http.ResponseWriter, r *http.Request, source gid.ID, outcome intakeattempt.Outcome, body []byte, p problem.Problem) {
	p.Code = string(outcome)
	err := e.Leads.LogAttempt(r.Context(), leads.Attempt{SourceID: source, Outcome: outcome, HTTPStatus: p.Status, RawBody: body})
	if err != nil {
		e.fail(w, r, err)
		return
	}
	p.Write(w, r)
}

// refuse answers somebody who is no active source; stopped is the source that is known all the same.
func (e Edge) refuse(w http.ResponseWriter, r *http.Request, stopped *ent.LeadSource, body []byte, err error) {
	faults, ok := fault.All(err)
	if !ok {
		e.fail(w, r, err)
		return
	}
	attempt := leads.Attempt{
		Outcome: intakeattempt.OutcomeUNAUTHENTICATED, HTTPStatus: problem.StatusOf(faults[0].Kind),
		Errors: err, RawBody: body,
	}
	logged := e.Leads.LogStranger
	if stopped == nil {
		_ = e.Requests.Charge(r.Context()) // the next ones are not let in, this one has been
	} else {
		attempt.SourceID, logged = stopped.ID, e.Leads.LogAttempt
	}
	if err := logged(r.Context(), attempt); err != nil {
		e.fail(w, r, err)
		return
	}
	e.fail(w, r, err)
}
