package consent

import (
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"channelbook/ent"
	"channelbook/ent/consent"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/processingpurpose"
	"channelbook/ent/values"
	"channelbook/internal/gid"
)

// Terms are what a source's leads are taken in on. They are read in the source's own statement, so that a purpose that
// is no longer in use is noticed at once and costs nothing.
type Terms struct {
	source      *ent.LeadSource
	purpose     string // its code; empty where it is not in use
	advertising gid.ID // zero where that purpose is not in use
}

// The columns that ReadTerms adds to a statement.
const (
	purposeColumn     = "active_purpose"
	advertisingColumn = "active_advertising"
)

// ReadTerms makes the statement that reads a source read what TermsOf wants besides.
func ReadTerms(s *sql.Selector) {
	own, advertising := sql.Table(processingpurpose.Table).As("own_purpose"), sql.Table(processingpurpose.Table).As("advertising")
	s.LeftJoin(own).OnP(sql.And(
		sql.ColumnsEQ(s.C(leadsource.FieldPurposeID), own.C(processingpurpose.FieldID)), sql.IsTrue(own.C(processingpurpose.FieldActive))))
	s.LeftJoin(advertising).OnP(sql.And(
		sql.EQ(advertising.C(processingpurpose.FieldCode), values.PurposeAdvertising), sql.IsTrue(advertising.C(processingpurpose.FieldActive))))
	s.AppendSelectExprAs(orEmpty(own.C(processingpurpose.FieldCode)), purposeColumn)
	s.AppendSelectExprAs(orEmpty(advertising.C(processingpurpose.FieldID)), advertisingColumn)
}

// orEmpty reads a column as a text, empty where a join found no row: Ent reads no null into a column that is not its own.
func orEmpty(column string) sql.Querier {
	return sql.ExprFunc(func(b *sql.Builder) {
		b.WriteString("COALESCE(CAST(").Ident(column).WriteString(" AS text), '')")
	})
}

// TermsOf are the terms of a source that was read with ReadTerms.
func TermsOf(source *ent.LeadSource) (t Terms, err error) {
	t.source = source
	if t.purpose, err = readText(source, purposeColumn); err != nil {
		return t, err
	}
	advertising, err := readText(source, advertisingColumn)
	if err != nil || advertising == "" {
		return t, err
	}
	return t, t.advertising.UnmarshalText([]byte(advertising))
}

func readText(source *ent.LeadSource, column string) (string, error) {
	value, err := source.Value(column)
	if err != nil {
		return "", fmt.Errorf("read the terms of a source: %w", err)
	}
	switch text := value.(type) {
	case string:
		return text, nil
	case []byte:
		return string(text), nil
	}
	return "", fmt.Errorf("read the terms of a source: %s came as %T", column, value)
}

// Proof is what a lead came with, in its normal form.
type Proof struct {
	Consent     *values.Consent // nil: none was sent
	Advertising *values.Consent // of its own, never implied by the other; its purpose is not looked at
	Form        string          // the funnel or page
	IP          string
}

// Verdict is what a lead stands on, and what is to be recorded with it.
type Verdict struct {
	Basis        lead.LegalBasis // empty: nothing, so the lead is held back
	Rule, Detail string          // for the trace
	Advertising  string          // why the advertising consent that came is not recorded; empty where it is, or none came
	records      []record
}

type record struct {
	text      *text
	givenAt   time.Time
	how       consent.How
	form, ip  string
	userAgent string
	isBasis   bool
}

// Weigh judges what a lead came with. Where the source requires consent, it stands on a record for the source's purpose
// with a published text, given neither in the future nor so long ago that its term is over; else on the source's own
// basis, and a consent that came all the same is recorded if it holds. The text that a platform's own form shows stands for
// a consent that was not sent.
func (t Terms) Weigh(known Texts, p Proof, now time.Time) Verdict {
	var v Verdict
	why := t.weighOwn(&v, known, p, now)
	switch {
	case t.purpose == "":
		v.Rule, v.Detail, v.records = "the source's purpose", "the purpose is not in use", nil
	case !t.source.RequireConsent:
		v.Basis = BasisOf(t.source)
		v.Rule, v.Detail = "the source's legal basis", v.Basis.String()
		if p.Consent != nil {
			v.Detail += "; " + why
		}
	case len(v.records) > 0:
		v.Basis, v.Rule, v.Detail = lead.LegalBasisCONSENT, "the source requires consent", why
	default:
		v.Rule, v.Detail = "the source requires consent", why
	}
	t.weighAdvertising(&v, known, p, now)
	return v
}

// BasisOf is what the leads of a source stand on: CONSENT where it requires one, else what it says, or the contract that
// the person asks for (152-FZ art. 6 p. 1 item 5).
func BasisOf(source *ent.LeadSource) lead.LegalBasis {
	switch {
	case source.RequireConsent:
		return lead.LegalBasisCONSENT
	case source.LegalBasis != nil:
		return lead.LegalBasis(*source.LegalBasis)
	}
	return lead.LegalBasisCONTRACT
}

// weighOwn adds the record for the source's purpose, and says what it goes by or why there is none.
func (t Terms) weighOwn(v *Verdict, known Texts, p Proof, now time.Time) (why string) {
	r := record{form: p.Form, ip: p.IP, isBasis: true}
	switch sent := p.Consent; {
	case sent == nil && t.source.FormConsentTextID != nil:
		r.text, r.givenAt, r.how = known.byID[*t.source.FormConsentTextID], now, consent.HowPLATFORM_FORM
		if r.text == nil || r.text.purpose != t.source.PurposeID {
			return "the form's text is not one of the source's purpose"
		}
	case sent == nil:
		return "no consent came with the lead"
	case sent.Purpose != t.purpose:
		return "the consent is for another purpose"
	default:
		if why := r.sent(known, t.source.PurposeID, sent, now); why != "" {
			return why
		}
	}
	v.records = append(v.records, r)
	return "text version " + r.text.version
}

// weighAdvertising adds the record for advertising, or says why there is none. It holds no lead back: 38-FZ art. 18 has
// nothing to do with the request.
func (t Terms) weighAdvertising(v *Verdict, known Texts, p Proof, now time.Time) {
	if p.Advertising == nil {
		return
	}
	if t.advertising.IsZero() {
		v.Advertising = "the purpose is not in use"
		return
	}
	r := record{form: p.Form, ip: p.IP}
	if v.Advertising = r.sent(known, t.advertising, p.Advertising, now); v.Advertising == "" {
		v.records = append(v.records, r)
	}
}

// sent fills the record with a consent that was sent for a purpose, or says why it does not hold.
func (r *record) sent(known Texts, purpose gid.ID, sent *values.Consent, now time.Time) (why string) {
	given, err := time.Parse(time.RFC3339, sent.GivenAt)
	if err != nil {
		return "it does not say when it was given"
	}
	r.text, r.givenAt, r.how, r.userAgent = known.byVersion[version{purpose, sent.TextVersion}], given, consent.HowSITE_FORM, sent.UserAgent
	switch {
	case r.text == nil:
		return "no such text version has been published"
	case given.After(now.Add(ClockSkew)):
		return "the consent was given in the future"
	case r.text.over(given, now):
		return "the term of the consent is over"
	}
	return ""
}

// Columns are those of the rows of Records.
var Columns = []string{
	consent.FieldID, consent.FieldLeadID, consent.FieldSourceID, consent.FieldPurposeID, consent.FieldTextID, consent.FieldTextVersion, consent.FieldTextHash,
	consent.FieldIsBasis, consent.FieldGivenAt, consent.FieldRecordedAt, consent.FieldHow, consent.FieldRecipients, consent.FieldValidUntil,
	consent.FieldForm, consent.FieldIP, consent.FieldUserAgent,
}

// Records are the rows of a lead's consents, to be written together with it.
func (v Verdict) Records(leadID, sourceID gid.ID, now time.Time) [][]any {
	rows := make([][]any, len(v.records))
	for i, r := range v.records {
		var until any
		if t := r.text.until(r.givenAt); t != nil {
			until = *t
		}
		rows[i] = []any{
			gid.New(), leadID, sourceID, r.text.purpose, r.text.id, r.text.version, r.text.hash,
			r.isBasis, r.givenAt, now, string(r.how), r.text.recipientList, until,
			given(r.form), given(r.ip), given(r.userAgent),
		}
	}
	return rows
}

func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (r record) write(create *ent.ConsentCreate, leadID, sourceID gid.ID, now time.Time) *ent.ConsentCreate {
	create.SetLeadID(leadID).SetSourceID(sourceID).SetPurposeID(r.text.purpose).SetTextID(r.text.id).SetTextVersion(r.text.version).SetTextHash(r.text.hash).
		SetIsBasis(r.isBasis).SetGivenAt(r.givenAt).SetRecordedAt(now).SetHow(r.how).
		SetRecipients(r.text.recipients).SetNillableValidUntil(r.text.until(r.givenAt)).
		SetNillableForm(present(r.form)).SetNillableIP(present(r.ip)).SetNillableUserAgent(present(r.userAgent))
	return create
}

func present(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
