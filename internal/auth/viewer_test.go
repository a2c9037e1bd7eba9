package auth_test

import (
	"context"
	"testing"

	"channelbook/internal/auth"
	"channelbook/internal/gid"
)

func TestActor(t *testing.T) {
	person := auth.Viewer{Role: auth.Admin, UserID: gid.New()}
	other := auth.Viewer{Role: auth.Source, SourceID: gid.New()}
	system := auth.Viewer{Role: auth.System, Task: "sweep"}
	none := context.Background()
	asPerson := auth.With(none, person)
	for name, c := range map[string]struct {
		ctx  context.Context
		want auth.Viewer
	}{
		"nobody is nobody":                         {none, auth.Viewer{}},
		"a person is itself":                       {asPerson, person},
		"a person acts through the server":         {auth.AsSystem(asPerson, "accounts"), person},
		"a person acts through two of its steps":   {auth.AsSystem(auth.AsSystem(asPerson, "a"), "b"), person},
		"the server acts where nobody asked":       {auth.AsSystem(none, "sweep"), system},
		"whoever is named last acts":               {auth.With(auth.AsSystem(asPerson, "a"), other), other},
		"and goes on to act through the server":    {auth.AsSystem(auth.With(auth.AsSystem(asPerson, "a"), other), "b"), other},
		"a task of the server is known by its own": {auth.AsSystem(auth.AsSystem(none, "sweep"), "a step"), system},
	} {
		t.Run(name, func(t *testing.T) {
			got, named := auth.Actor(c.ctx)
			if got != c.want || named != (c.want != auth.Viewer{}) {
				t.Errorf("got %v, %v, want %v", got, named, c.want)
			}
		})
	}
}
