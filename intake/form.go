package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"channelbook/ent"
	"channelbook/ent/intakeattempt"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/fault"
	"channelbook/internal/problem"
	"channelbook/leads"
)

// form is a provider's lead form: how its requests are read and answered. Fields that it does not know are ignored,
// since a provider may add some at any time.
type form struct {
	kind leadsource.Kind
	read func(body []byte) (formEvent, error)
	// greet answers the provider's first question.
	greet func(w http.ResponseWriter, source *ent.LeadSource)
	// thank tells the provider not to send the event again.
	thank func(w http.ResponseWriter)
}

// formEvent is what a provider sends.
type formEvent struct {
	secret string            // proves whose it is
	first  bool              // the provider asks whether there is anybody; it may not know the secret yet
	lead   *leads.Submission // nil for an event of another kind
}

// form serves a provider's lead forms. A lead that is no good is thanked for as well: sending it again would not mend
// it, and the intake log keeps it for an administrator.
func (e Edge) form(f form) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.limited(w, r, e.Requests.Begin) {
			return
		}
		body, tooLarge, broken := read(w, r, maxLead)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
		defer cancel()
		r = r.WithContext(ctx)
		event, err := f.read(body)
		if err != nil || broken != nil || tooLarge {
			e.unreadableForm(w, r, body, tooLarge)
			return
		}
		if event.first && event.secret == "" {
			e.greet(w, r, f, body)
			return
		}
		source, err := e.Leads.AuthenticateForm(ctx, f.kind, r.PathValue("source"), event.secret)
		switch {
		case err != nil:
			e.refuse(w, r, source, body, err)
		case event.first:
			f.greet(w, source)
		case event.lead == nil:
			f.thank(w)
		default:
			event.lead.RawBody = body
			e.takeForm(w, r.WithContext(auth.With(ctx, auth.Viewer{Role: auth.Source, SourceID: source.ID})), f, *event.lead)
		}
	})
}

func (e Edge) greet(w http.ResponseWriter, r *http.Request, f form, body []byte) {
	if e.limited(w, r, e.Requests.Charge) {
		return
	}
	source, err := e.Leads.FormSource(r.Context(), f.kind, r.PathValue("source"))
	if err != nil {
		e.refuse(w, r, nil, body, err)
		return
	}
	f.greet(w, source)
}

func (e Edge) takeForm(w http.ResponseWriter, r *http.Request, f form, in leads.Submission) {
	_, err := e.Leads.Accept(r.Context(), in)
	if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
		e.fail(w, r, err)
		return
	}
	f.thank(w)
}

// unreadableForm answers a body of which it cannot be told whose it is.
func (e Edge) unreadableForm(w http.ResponseWriter, r *http.Request, body []byte, tooLarge bool) {
	p := problem.Problem{Status: http.StatusBadRequest, Title: "Malformed JSON", Detail: "The body cannot be read as this form's event."}
	outcome := intakeattempt.OutcomeMALFORMED
	if tooLarge {
		p = problem.Problem{Status: http.StatusRequestEntityTooLarge, Detail: "The body is larger than a lead may be."}
		outcome = intakeattempt.OutcomeTOO_LARGE
	}
	p.Code = string(outcome)
	_ = e.Requests.Charge(r.Context()) // the next ones are not let in, this one has been
	if err := e.Leads.LogStranger(r.Context(), leads.Attempt{Outcome: outcome, HTTPStatus: p.Status, RawBody: body}); err != nil {
		e.fail(w, r, err)
		return
	}
	p.Write(w, r)
}

// word is a text that a provider sends as a string, a number or a list of these.
type word string

// UnmarshalJSON reads any of the three; a list comes out with commas.
func (t *word) UnmarshalJSON(raw []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
	case string:
		*t = word(v)
	case json.Number:
		*t = word(v)
	case []any:
		var parts []string
		for _, item := range v {
			if s, ok := item.(string); ok {
				parts = append(parts, s)
			}
		}
		*t = word(strings.Join(parts, ", "))
	default:
		return errors.New("neither a string, a number nor a list")
	}
	return nil
}

// split takes a full name apart: the first word, and the rest.
func split(name string) (first, last string) {
	first, last, _ = strings.Cut(strings.Join(strings.Fields(name), " "), " ")
	return first, last
}
