package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"channelbook/internal/db"
	"channelbook/internal/dbtest"
)

// TestThePropertyFindsWhatAnAdministratorIsTold sends documents as an administrator, who is told everything, and judges the
// answers as if a distributor's user had got them: a test of secrecy that found nothing in these would find nothing at all.
func TestThePropertyFindsWhatAnAdministratorIsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := build(open(t, d))
		was := w.contents()
		sight, stock := was.sightOf(w.alfa.id, w.alfa.user), w.stock(was, nil)
		w.harvest(stock)
		g := newGenerator(1, stock, "DISTRIBUTOR")
		documents := make([]*document, 100)
		for i := range documents {
			documents[i] = g.query()
		}
		before := w.answers(w.admin, documents)
		w.more(w.alfa)
		was = w.contents()
		w.turnOver(1, was.sightOf(w.alfa.id, w.alfa.user), was)
		secrets, told, others := w.secretsFrom(was, sight, w.alfa.mark), map[string]int{}, 0
		for i, got := range w.answers(w.admin, documents) {
			if before[i].raw != got.raw {
				others++
			}
			if what := secrets.told(before[i]); what != "" {
				told[what[:strings.IndexAny(what+" ", " ")]]++
			}
		}
		if told[`the`] == 0 || told["a"] == 0 || len(told) < 6 || others < len(documents)/3 {
			t.Errorf("got secrets of the sorts %v, and %d of %d answers that differ: want ids, cursors, texts, and many that differ", told, others, len(documents))
		}
	})
}

// TestATextIsASecretInWhateverItStands forges answers.
func TestATextIsASecretInWhateverItStands(t *testing.T) {
	const own, foreign = "lead_01k4000000e008000000000001", "lead_01k4000000e008000000000002"
	s := &secrets{ids: map[string]bool{own: true}, values: map[string]string{"7707083893": "distributors.inn", "+79161234567": "leads.phone_sealed", "12345.67": "leads.payout"}, marks: []string{"betaq"}}
	for name, c := range map[string]struct {
		body string
		told bool
	}{
		"nothing but one's own":     {`{"data":{"lead":{"id":"` + own + `","phone":"+7916•••••67","totalCount":7}}}`, false},
		"another's id":              {`{"data":{"a":[{"id":"` + foreign + `"}]}}`, true},
		"an id in an error":         {`{"data":null,"errors":[{"message":"no such lead ` + foreign + `"}]}`, true},
		"a value":                   {`{"data":{"inn":"7707083893"}}`, true},
		"an amount":                 {`{"data":{"payout":{"amount":"12345.67"}}}`, true},
		"a phone in a text":         {`{"data":{"text":"Звонил на 79161234567."}}`, true},
		"a mark in a text":          {`{"data":{"text":"из betaq"}}`, true},
		"a cursor of another's row": {`{"data":{"cursor":"eyJvIjoibGVhZHMiLCJrIjpbIjAxOTk5OTk5LTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMiJdfQ"}}`, true},
	} {
		if told := s.told(readAnswer(200, []byte(c.body))); told != "" != c.told {
			t.Errorf("%s: got %q, want something told: %v", name, told, c.told)
		}
	}
}

// TestTheGeneratorSaysWhatItHasNoValueFor: a new input does not go untried unnoticed.
func TestTheGeneratorSaysWhatItHasNoValueFor(t *testing.T) {
	for _, c := range []struct{ sdl, want string }{
		{`type Query { found(weather: String!): Int @public }`, "no value for the String found.weather"},
		{`type Query { found(at: Weather!): Int @public } scalar Weather`, "no value for the Weather found.at"},
		{`type Query { found(in: W!): Int @public } input W { weather: String! }`, "no value for the String W.weather"},
		{`type Query { found: Int }`, "found has a guard that the generator does not know"},
	} {
		said := func() (said string) {
			defer func() { said = fmt.Sprint(recover()) }()
			g := newGenerator(1, &stock{}, "")
			g.schema = gqlparser.MustLoadSchema(&ast.Source{Input: c.sdl + ` directive @public on FIELD_DEFINITION`})
			for range 10 {
				g.query()
			}
			return ""
		}()
		if !strings.Contains(said, c.want) {
			t.Errorf("%s: got %q, want %q", c.sdl, said, c.want)
		}
	}
}
