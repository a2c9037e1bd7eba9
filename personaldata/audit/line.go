package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"channelbook/ent/auditrecord"
	"channelbook/internal/auth"
	"channelbook/internal/gid"
	"channelbook/internal/reqctx"
)

// maxLines is how many lines of reads share a commit.
const maxLines = 500

// columns in the order of a line's arguments.
var columns = []string{
	auditrecord.FieldID, auditrecord.FieldAt, auditrecord.FieldActorKind, auditrecord.FieldActorID, auditrecord.FieldActorRole,
	auditrecord.FieldTask, auditrecord.FieldAction, auditrecord.FieldOutcome, auditrecord.FieldObjectType, auditrecord.FieldObjectID,
	auditrecord.FieldReason, auditrecord.FieldDetails, auditrecord.FieldRemoteAddr, auditrecord.FieldUserAgent, auditrecord.FieldRequestID,
}

// line is a record before it is written.
type line struct {
	at      time.Time
	actor   auth.Viewer
	request reqctx.Request
	act     Act
	details string
}

// linesOf takes down who acts and from where, as it stands now.
func linesOf(ctx context.Context, at time.Time, acts []Act) ([]line, error) {
	actor, _ := auth.Actor(ctx)
	request := reqctx.From(ctx)
	lines := make([]line, len(acts))
	for i, act := range acts {
		if act.Action == "" {
			return nil, fmt.Errorf("an act without an action cannot be recorded: %+v", act)
		}
		lines[i] = line{at: at, actor: actor, request: request, act: act}
		if len(act.Details) == 0 {
			continue
		}
		details, err := json.Marshal(act.Details) // in the order of the keys
		if err != nil {
			return nil, fmt.Errorf("write down the details of an act: %w", err)
		}
		lines[i].details = string(details)
	}
	return lines, nil
}

// values of a row, in the order of columns.
func (l *line) values() []any {
	kind, id, role := auditrecord.ActorKindANONYMOUS, gid.ID{}, ""
	switch l.actor.Role {
	case auth.Admin, auth.Distributor:
		kind, id, role = auditrecord.ActorKindUSER, l.actor.UserID, string(l.actor.Role)
	case auth.Source:
		kind, id = auditrecord.ActorKindSOURCE, l.actor.SourceID
	case auth.System:
		kind = auditrecord.ActorKindSYSTEM
	}
	outcome := l.act.Outcome
	if outcome == "" {
		outcome = Done
	}
	return []any{
		gid.New(), l.at, string(kind), present(id), given(role),
		given(l.actor.Task), string(l.act.Action), string(outcome), given(string(l.act.Object.Kind)), present(l.act.Object.ID),
		given(l.act.Reason), given(l.details), given(l.request.RemoteAddr), given(l.request.UserAgent), given(l.request.ID),
	}
}

func given(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func present(id gid.ID) any {
	if id.IsZero() {
		return nil
	}
	return id
}

// Named are the details of a change of these fields.
func Named(fields ...string) map[string]string {
	names := slices.DeleteFunc(slices.Clone(fields), func(name string) bool {
		return name == "updated_at" || strings.HasSuffix(name, "_fold")
	})
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], "_sealed")
	}
	slices.Sort(names)
	return map[string]string{"fields": strings.Join(slices.Compact(names), ",")}
}
