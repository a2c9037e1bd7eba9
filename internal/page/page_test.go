package page_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"channelbook/internal/calendar"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
	"channelbook/internal/page"
)

var order = page.Order{Name: "PAYOUT", Desc: true, Columns: []page.Column{
	{Name: "status"}, {Name: "payout", Kind: page.Int}, {Name: "at", Kind: page.Time}, {Name: "day", Kind: page.Day}, {Name: "id", Kind: page.ID},
}}

func TestACursorGivesItsKeyBack(t *testing.T) {
	id, at := gid.New(), time.Date(2026, 3, 1, 9, 0, 0, 123456000, time.UTC)
	day := calendar.DateOf(at, time.UTC)
	cursor := order.Cursor("NEW", int64(9007199254740993), at, day, id) // beyond what a float holds
	key, err := order.After(&cursor)
	if err != nil || key[0] != "NEW" || key[1] != int64(9007199254740993) || !key[2].(time.Time).Equal(at) || key[3] != day || key[4] != id {
		t.Errorf("got %v, %v, want the key", key, err)
	}
}

func TestACursorOfSomethingElseIsRefused(t *testing.T) {
	other := order
	other.Name = "STATUS"
	ascending := order
	ascending.Desc = false
	day := calendar.DateOf(time.Now(), time.UTC)
	whole := order.Cursor("NEW", int64(1), time.Now(), day, gid.New())
	encode := base64.RawURLEncoding.EncodeToString
	for name, cursor := range map[string]string{
		"another order": other.Cursor("NEW", int64(1), time.Now(), day, gid.New()),
		"another way":   ascending.Cursor("NEW", int64(1), time.Now(), day, gid.New()),
		"cut off":       whole[:len(whole)/2],
		"not base64":    "???",
		"not JSON":      encode([]byte("x")),
		"too short":     encode([]byte(`{"o":"PAYOUT","d":true,"k":["NEW"]}`)),
		"another type":  encode([]byte(`{"o":"PAYOUT","d":true,"k":[1,"x",2,3,4]}`)),
		"a zero byte":   encode([]byte(`{"o":"PAYOUT","d":true,"k":["\u0000",1,"2026-03-01T09:00:00Z","2026-03-01","01890a5d-ac96-774b-bcce-b302099a8057"]}`)),
		"no day":        encode([]byte(`{"o":"PAYOUT","d":true,"k":["NEW",1,"2026-03-01T09:00:00Z","2026-02-30","01890a5d-ac96-774b-bcce-b302099a8057"]}`)),
		"a day's time":  encode([]byte(`{"o":"PAYOUT","d":true,"k":["NEW",1,"2026-03-01T09:00:00Z","2026-03-01T09:00:00Z","01890a5d-ac96-774b-bcce-b302099a8057"]}`)),
	} {
		if key, err := order.After(&cursor); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v, %v, want a fault", name, key, err)
		}
	}
}

func TestNoCursorIsTheBeginning(t *testing.T) {
	empty := ""
	for _, cursor := range []*string{nil, &empty} {
		if key, err := order.After(cursor); key != nil || err != nil {
			t.Errorf("got %v, %v, want nothing", key, err)
		}
	}
}

func TestSize(t *testing.T) {
	for first, want := range map[int]int{0: 0, 1: 1, 100: 100} {
		if got, err := page.Size(&first); got != want || err != nil {
			t.Errorf("%d: got %d, %v, want %d", first, got, err, want)
		}
	}
	if got, err := page.Size(nil); got != page.Default || err != nil {
		t.Errorf("got %d, %v, want %d", got, err, page.Default)
	}
	for _, first := range []int{-1, 101} {
		if _, err := page.Size(&first); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d: got %v, want a fault", first, err)
		}
	}
}

func TestApplyStartsAfterTheKeyInTheOrder(t *testing.T) {
	s := sql.Dialect(dialect.Postgres).Select("id").From(sql.Table("leads"))
	order.Apply(s, []any{"NEW", int64(1), time.Now(), calendar.DateOf(time.Now(), time.UTC), gid.New()})
	got, args := s.Query()
	want := `WHERE ("leads"."status", "leads"."payout", "leads"."at", "leads"."day", "leads"."id") < ($1, $2, $3, $4, $5) ` +
		`ORDER BY "leads"."status" DESC, "leads"."payout" DESC, "leads"."at" DESC, "leads"."day" DESC, "leads"."id" DESC`
	if !strings.HasSuffix(got, want) || len(args) != 5 {
		t.Errorf("got %s with %d arguments, want %s", got, len(args), want)
	}
}
