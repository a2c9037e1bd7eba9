package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// writer is somebody who sends mutations.
type writer struct {
	name      string
	role      string
	documents int
	who       func(w *world) caller
	sees      func(w *world, c contents) sight
	mark      string
	// mayWrite are the rows that are its own to write, as they were, and may are the rows that it may add. Whose guesses a row
	// of guess_limits counts only its key tells: whoever types a password writes there.
	mayWrite func(w *world, table string, r row) bool
	mayAdd   func(w *world, was contents, table string, r row) bool
	// does are the mutations that have to have gone well now and then.
	does []string
}

var writers = []writer{
	{"a user of one", "DISTRIBUTOR", 1_900, func(w *world) caller { return w.session(w.alfa) },
		func(w *world, c contents) sight { return c.sightOf(w.alfa.id, w.alfa.user) }, "alfaq",
		func(w *world, table string, r row) bool {
			switch table {
			case "leads":
				return r["distributor_id"] == w.alfa.id.String() && r["restricted_at"] == nil
			case "users":
				return r["id"] == w.alfa.user.String()
			case "second_factors", "recovery_codes":
				return r["user_id"] == w.alfa.user.String()
			case "sessions", "refresh_tokens":
				return w.isSessionOf(w.alfa, r)
			case "notifications", "reports":
				return r["user_id"] == w.alfa.user.String() && r["distributor_id"] == w.alfa.id.String()
			case "notification_settings", "notification_preferences":
				return r["user_id"] == w.alfa.user.String()
			}
			return table == "guess_limits"
		},
		func(w *world, was contents, table string, r row) bool {
			switch table {
			case "lead_events": // of a lead that was its own, perhaps about whom it went to
				return slices.ContainsFunc(was["leads"], func(l row) bool {
					return l["id"] == r["lead_id"] && l["distributor_id"] == w.alfa.id.String()
				})
			case "sessions", "refresh_tokens":
				return w.isSessionOf(w.alfa, r)
			case "reports":
				return r["user_id"] == w.alfa.user.String() && r["distributor_id"] == w.alfa.id.String()
			case "second_factors", "recovery_codes", "notification_settings", "notification_preferences":
				return r["user_id"] == w.alfa.user.String()
			}
			return table == "guess_limits"
		},
		[]string{"takeLead", "declineLead", "rejectLead", "addLeadNote", "signIn", "changePassword", "signOut", "signOutEverywhere", "refreshSession", "markNotificationsRead", "updateNotificationSettings", "requestReport", "cancelReport"}},
	{"a source", "SOURCE", 150, func(w *world) caller { return w.alfa.key },
		func(w *world, c contents) sight { return c.sightOfSource(w.alfa.source.ID, false) }, "",
		func(w *world, table string, r row) bool {
			return table == "contact_locks" || table == "guess_limits" || table == "source_days" && r["source_id"] == w.alfa.source.ID.String()
		},
		func(w *world, was contents, table string, r row) bool {
			switch table {
			case "leads", "source_days":
				return r["source_id"] == w.alfa.source.ID.String()
			case "lead_events", "consents": // of a lead that has just come
				return !slices.ContainsFunc(was["leads"], func(l row) bool { return l["id"] == r["lead_id"] })
			}
			return table == "contact_locks" || table == "guess_limits" // it signs in as anybody may
		},
		[]string{"submitLead", "submitLeads"}},
	{"nobody", "", 60, func(*world) caller { return caller{} }, func(w *world, c contents) sight { return c.sightOf(w.alfa.id, w.alfa.user) }, "alfaq",
		func(w *world, table string, r row) bool {
			return table == "guess_limits" || (table == "sessions" || table == "refresh_tokens") && w.isSessionOf(w.alfa, r)
		},
		func(w *world, _ contents, table string, r row) bool {
			return table == "guess_limits" || (table == "sessions" || table == "refresh_tokens") && w.isSessionOf(w.alfa, r)
		},
		[]string{"signIn"}},
}

// isSessionOf tells whether a session, or what belongs to one, is of a side's user; the passwords that are tried are its
// alone.
func (w *world) isSessionOf(s *side, r row) bool {
	id := r["session_id"]
	if id == nil {
		id = r["id"]
	}
	row, err := w.db.Session.Get(w.system(), parsedID(fmt.Sprint(id)))
	if err != nil {
		return false
	}
	u, err := w.db.User.Get(w.system(), row.UserID)
	return err == nil && u.DistributorID != nil && *u.DistributorID == s.id
}

// added are the tables that every request may add to, and nobody's request changes: logs, and what others are told of.
var added = distinct([]string{"audit_records", "intake_attempts", "notices", "lead_changes"})

// passedOn are the columns that change for whoever is next when a lead is handed out or handed on: whose turn it is.
var passedOn = distinct([]string{"distributors.last_turn", "hand_outs.turn"})

// inOneGo is how many mutations are sent between two looks at the base.
const inOneGo = 60

// TestNoWriteReachesAnother sends random valid mutations of everybody who is no administrator, with ids of all sides and
// kinds wherever one goes in. Afterwards every row of another, and of administrators, is as it was, column by column; and
// what was added is the sender's own. No answer tells of another either.
func TestNoWriteReachesAnother(t *testing.T) {
	t.Parallel()
	n := seeded(t)
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := build(open(t, d))
		for _, wr := range writers {
			t.Run(wr.name, func(t *testing.T) {
				w.t = t
				wr.try(t, w, n)
			})
		}
		w.t = t
	})
}

func (wr writer) try(t *testing.T, w *world, n uint64) {
	g := newGenerator(n, nil, wr.role)
	j := &judge{t: t, told: telling{}, role: wr.role}
	done := map[string]int{}
	cursors := w.stock(w.contents(), nil)
	w.harvest(cursors)
	for range max(1, amount(wr.documents)/inOneGo) {
		w.refill(w.alfa)
		was := w.contents()
		var writes sight
		if wr.role == "DISTRIBUTOR" {
			writes = wr.sees(w, was)
		}
		g.stock = w.stock(was, writes)
		g.stock.secrets = map[string][]string{"password": {"a guess of it"}, "refreshToken": {"cbr_guess"}}
		if wr.mark != "" {
			g.stock.secrets = w.ownSecrets()
		}
		g.stock.cursors = cursors.cursors
		was = w.contents() // with that sign-in
		seen := wr.sees(w, was)
		documents, answers := wr.send(w, g)
		now := w.contents()
		seen.merge(wr.sees(w, now))
		j.secrets = w.secretsFrom(now, seen, wr.mark)
		maps.DeleteFunc(j.secrets.values, func(text, _ string) bool { // what is done now has the time of other things that are
			_, err := time.Parse(time.RFC3339, text)
			return err == nil
		})
		for i, d := range documents {
			j.judgeMutation(d, answers[i], done)
		}
		wr.unreached(w, j, documents, was, now)
		if t.Failed() {
			return
		}
	}
	if !testing.Short() && !raceDetected {
		wr.notInVain(j, g, done)
	}
}

// send sends mutations: those for the one who sends in turn, as one may end its session, and then the others, which wait
// for the disk alone.
func (wr writer) send(w *world, g *generator) (documents []*document, answers []answer) {
	who := wr.who(w)
	var closed []*document
	for range inOneGo {
		d := g.mutation()
		if d.closed != nil {
			closed = append(closed, d)
			continue
		}
		w.forgetGuesses()
		a := w.send(who, d)
		if a.code() == "UNAUTHENTICATED" && wr.role == "DISTRIBUTOR" { // it had signed out
			who = wr.who(w)
			a = w.send(who, d)
		}
		documents, answers = append(documents, d), append(answers, a)
	}
	return append(documents, closed...), append(answers, w.answers(wr.who(w), closed)...)
}

// forgetGuesses opens what random passwords have closed: sign-ins would only be told to wait.
func (w *world) forgetGuesses() {
	w.t.Helper()
	w.fine(w.db.GuessLimit.Update().SetClearsAt(w.now()).SetClosedUntil(w.now()).Exec(w.system()))
}

// refill gives a side leads to work, as it declines and closes those that it has.
func (w *world) refill(s *side) {
	w.t.Helper()
	for i := range 10 {
		w.refilled++
		in := s.submission(i)
		in.ExternalID, in.IdempotencyKey = fmt.Sprintf("%s-more-%d", s.mark, w.refilled), ""
		w.later()
		if i%2 == 0 {
			w.lead(w.shared, in, s.id) // which others may get when it is declined
		} else {
			w.lead(s.source, in, s.id)
		}
	}
}

// ownSecrets are what users of one side can sign in with: the one who sends changes between two passwords.
func (w *world) ownSecrets() map[string][]string {
	w.t.Helper()
	got := w.must(caller{}, `mutation($in: SignInInput!) { signIn(input: $in) { session { refreshToken } userErrors { code } } }`,
		vars{"in": vars{"login": w.alfa.mark + "-user0", "password": w.alfa.password}})
	return map[string][]string{
		"password": {w.alfa.password, w.alfa.password + ", the other"}, "refreshToken": {got.at("signIn", "session", "refreshToken").(string), "cbr_nobodys"},
	}
}

// judgeMutation holds an answer against what may be in it, and counts what went well.
func (j *judge) judgeMutation(d *document, a answer, done map[string]int) {
	j.t.Helper()
	doc, err := parsed(d)
	if err != nil {
		j.fail(d, "the generator made a document that is not valid: %v", err)
		return
	}
	switch code := a.code(); {
	case d.closed != nil:
		j.refused(d, a)
	case slices.Contains([]string{"", "UNAUTHENTICATED"}, code): // the second of a document may come after a signOut
	case code == "BAD_REQUEST" && d.spoiled != "":
	default:
		j.fail(d, "got %s, want an answer", clip(a.raw))
	}
	if told := j.secrets.told(a); told != "" {
		j.fail(d, "got %s\nwhich tells %s", clip(a.raw), told)
	}
	j.told.read(doc, a)
	if len(a.errors) == 0 && len(d.roots) == 1 {
		done[outcomeOf(d.roots[0].Name, a)]++
	}
}

// outcomeOf is the name of a mutation, with the code of what was wrong with it.
func outcomeOf(name string, a answer) string {
	data, _ := a.data.(map[string]any)
	for _, payload := range data {
		fields, _ := payload.(map[string]any)
		for _, v := range fields {
			list, _ := v.([]any)
			for _, e := range list {
				if code, _ := e.(map[string]any)["code"].(string); code != "" {
					return name + " " + code
				}
			}
		}
	}
	return name
}

// unreached compares the base before and after.
func (wr writer) unreached(w *world, j *judge, documents []*document, was, now contents) {
	w.t.Helper()
	report := func(format string, args ...any) {
		if j.failed++; j.failed > mostFailures {
			return
		}
		texts := make([]string, len(documents))
		for i, d := range documents {
			texts[i] = d.String()
		}
		w.t.Errorf("%s, after\n%s", fmt.Sprintf(format, args...), strings.Join(texts, "\n"))
	}
	for table, rows := range now {
		before := map[string]row{}
		for _, r := range was[table] {
			before[keyOf(table, r)] = r
		}
		for _, r := range rows {
			key := keyOf(table, r)
			old := before[key]
			delete(before, key)
			switch {
			case old == nil && !added[table] && !wr.mayAdd(w, was, table, r):
				report("a row was added to %s: %v", table, r)
			case old != nil && !wr.mayWrite(w, table, old):
				for column := range r {
					if r[column] != old[column] && !passedOn[table+"."+column] {
						report("%s.%s of %s became %v and was %v", table, column, key, r[column], old[column])
					}
				}
			}
		}
		for key := range before {
			report("%s of %s is gone", key, table)
		}
	}
}

// notInVain shows that every mutation was sent, that those for the sender did something, and that others' things were
// refused to it.
func (wr writer) notInVain(j *judge, g *generator, done map[string]int) {
	j.t.Helper()
	for _, f := range g.schema.Mutation.Fields {
		if n := g.used["Mutation."+f.Name]; wr.role == "DISTRIBUTOR" && n < leastAsked && !strings.HasPrefix(f.Name, "__") {
			j.t.Errorf("%s was sent %d times, want at least %d", f.Name, n, leastAsked)
		}
	}
	for _, name := range wr.does {
		if j.told["Mutation."+name] < leastAsked {
			j.t.Errorf("%s was answered %d times, want at least %d", name, j.told["Mutation."+name], leastAsked)
		}
	}
	if wr.role != "DISTRIBUTOR" {
		return
	}
	for _, name := range []string{"takeLead", "declineLead", "rejectLead", "addLeadNote"} {
		if done[name] < leastAsked || done[name+" "+"NOT_FOUND"] < leastAsked {
			j.t.Errorf("%s: got %v, want at least %d that went well and %d of others' leads", name, outcomes(done, name), leastAsked, leastAsked)
		}
	}
	for _, what := range askable(g.schema, g.schema.Mutation) {
		owner, name, _ := strings.Cut(what, ".")
		if d := g.schema.Types[owner]; strings.HasSuffix(owner, "Input") && d.Fields.ForName(name).Type.Name() == "ID" && g.used[what] == 0 {
			j.t.Errorf("no id was sent as %s", what)
		}
	}
}

func outcomes(done map[string]int, name string) map[string]int {
	out := maps.Clone(done)
	maps.DeleteFunc(out, func(key string, _ int) bool { return !strings.HasPrefix(key, name) })
	return out
}
