package db_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/lib/pq"

	"channelbook/ent/user"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

// TestAnErrorOfTheBaseShowsNoValueOfARow: PostgreSQL says in an error's detail which value stood in the way.
func TestAnErrorOfTheBaseShowsNoValueOfARow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		const login = "canary-of-a-row"
		ctx := db.Unaudited(system(), "a test")
		create := func() error {
			return d.User.Create().SetID(gid.New()).SetLogin(login).SetPasswordHash("-").SetRole(user.RoleADMIN).
				SetCreatedAt(dbtest.Clock("2026-03-01T09:00:00Z")()).SetUpdatedAt(dbtest.Clock("2026-03-01T09:00:00Z")()).Exec(ctx)
		}
		if err := create(); err != nil {
			t.Fatal(err)
		}
		again := create()
		if again == nil {
			t.Fatal("the login was taken twice")
		}
		err := fmt.Errorf("store the user: %w", again)
		var refused *pq.Error
		if errors.As(err, &refused) && !strings.Contains(refused.Detail, login) {
			t.Errorf("got the detail %q: this test looks for nothing", refused.Detail)
		}
		var shown strings.Builder
		slog.New(slog.NewJSONHandler(&shown, nil)).Error("failed", "error", err)
		slog.New(slog.NewTextHandler(&shown, nil)).Error("failed", "error", err)
		fmt.Fprintf(&shown, "%v %+v", err, err)
		if !strings.Contains(shown.String(), "store the user") || strings.Contains(shown.String(), login) {
			t.Errorf("got %s, want the error without the value", shown.String())
		}
	})
}
