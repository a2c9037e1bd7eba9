// Package auth says who is asking. Viewer travels in the context; the Ent policies and the first line of each
// domain function read it. Tokens (tokens.go) turn a sign-in into a viewer.
package auth

import (
	"context"

	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

// Role is what a viewer is to the company.
type Role string

// The two roles of people, and the two kinds of viewers that are not people.
const (
	Admin       Role = "ADMIN"
	Distributor Role = "DISTRIBUTOR"
	Source      Role = "SOURCE" // a lead source, by its key
	System      Role = "SYSTEM" // work of the server's own
)

// Viewer is who asks.
type Viewer struct {
	Role        Role
	UserID      gid.ID // of a person
	SessionID   gid.ID // of a person
	Distributor gid.ID // of a distributor's user
	SourceID    gid.ID // of a lead source
	Task        string // of the server's own work: its name, for logs and the audit
}

type viewerKey struct{}

// With puts a viewer into the context.
func With(ctx context.Context, v Viewer) context.Context {
	return context.WithValue(ctx, viewerKey{}, v)
}

// From is the context's viewer; false where nobody has been named.
func From(ctx context.Context) (Viewer, bool) {
	v, ok := ctx.Value(viewerKey{}).(Viewer)
	return v, ok
}

type actorKey struct{}

// AsSystem names the server itself as the viewer, for a step that must see or write what the one who asked
// may not: the hand-out looks at all distributors, for one. Actor still tells who asked.
func AsSystem(ctx context.Context, task string) context.Context {
	system := Viewer{Role: System, Task: task}
	if v, ok := From(ctx); ok && v.Role != System {
		ctx = context.WithValue(ctx, actorKey{}, v)
	} else if ctx.Value(actorKey{}) == nil {
		ctx = context.WithValue(ctx, actorKey{}, system)
	}
	return With(ctx, system)
}

// Actor is who acts, for the audit: the person or the source that the server acts for, and the system itself, by the task
// that it began with, only where nobody asked; false where nobody has been named.
func Actor(ctx context.Context) (Viewer, bool) {
	v, ok := From(ctx)
	if ok && v.Role != System {
		return v, true
	}
	if asked, named := ctx.Value(actorKey{}).(Viewer); named {
		return asked, true
	}
	return v, ok
}

// Require is the first line of a domain function: it returns the viewer if it has one of the roles, else a fault of
// kind Unauthenticated or Forbidden. The system itself may do anything.
func Require(ctx context.Context, roles ...Role) (Viewer, error) {
	v, ok := From(ctx)
	if !ok {
		return Viewer{}, fault.New(fault.Unauthenticated, "", "Sign in first.")
	}
	if v.Role == System {
		return v, nil
	}
	for _, r := range roles {
		if v.Role == r {
			return v, nil
		}
	}
	return Viewer{}, fault.New(fault.Forbidden, "", "Your role does not allow this.")
}
