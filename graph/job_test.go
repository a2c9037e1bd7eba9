package graph_test

import (
	"testing"
	"time"

	"channelbook/graph/model"
	"channelbook/internal/auth"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/jobs"
)

// errand is a job that nobody does.
type errand struct {
	Whither string `json:"whither"`
}

func (errand) Kind() string { return "errand" }

// errand enqueues one, for tomorrow, and returns its id.
func (h *house) errand(whither string) string {
	h.t.Helper()
	err := db.WithTx(h.t.Context(), h.db, func(tx *db.Tx) error {
		return jobs.Enqueue(h.t.Context(), tx, jobs.Job{Args: errand{whither}, At: time.Now().Add(24 * time.Hour)})
	})
	if err != nil {
		h.t.Fatal(err)
	}
	found, _, err := h.jobs.List(auth.With(h.t.Context(), auth.Viewer{Role: auth.Admin, UserID: gid.New()}), jobs.Filter{}, 0, 1, false)
	if err != nil || len(found) == 0 {
		h.t.Fatalf("got %v, %v", found, err)
	}
	return model.JobOf(found[0]).ID()
}

func TestAdministratorsSeeAndMoveJobs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		const query = `query($n: Int, $a: String, $f: JobFilter) { jobs(first: $n, after: $a, filter: $f) { totalCount pageInfo { hasNextPage endCursor }
			edges { node { id kind state line dueAt createdAt attemptedAt finishedAt attempts maxAttempts lastError arguments } } } }`
		first, second, third := h.errand("here"), h.errand("there"), h.errand("everywhere")
		got := h.must(admin, query, vars{"n": 2})
		if nodes := got.nodes("jobs"); len(nodes) != 2 || nodes[0]["id"] != third || nodes[1]["id"] != second || got.at("jobs", "totalCount") != 3.0 ||
			nodes[0]["state"] != "SCHEDULED" || nodes[0]["line"] != "default" || nodes[0]["attempts"] != 0.0 || nodes[0]["lastError"] != nil {
			t.Errorf("got %s, want the newest two of three", got.raw)
		}
		got = h.must(admin, query, vars{"n": 2, "a": got.at("jobs", "pageInfo", "endCursor")})
		if nodes := got.nodes("jobs"); len(nodes) != 1 || nodes[0]["id"] != first || got.at("jobs", "pageInfo", "hasNextPage") != false {
			t.Errorf("got %s, want the third", got.raw)
		}
		const cancel = `mutation($id: ID!) { cancelJob(input: {id: $id}) { job { id state finishedAt } userErrors { code field } } }`
		const retry = `mutation($id: ID!) { retryJob(input: {id: $id}) { job { id state } userErrors { code field } } }`
		if got := h.must(admin, cancel, vars{"id": second}); got.at("cancelJob", "job", "state") != "CANCELLED" || got.at("cancelJob", "job", "finishedAt") == nil {
			t.Errorf("got %s, want it cancelled", got.raw)
		}
		if got := h.ask(admin, cancel, vars{"id": second}); got.at("cancelJob", "userErrors", 0, "code") != "JOB_ENDED" || got.at("cancelJob", "job") != nil {
			t.Errorf("got %s, want a conflict", got.raw)
		}
		if got := h.must(admin, query, vars{"f": vars{"states": []string{"CANCELLED"}, "kinds": []string{"errand"}}}); got.at("jobs", "totalCount") != 1.0 {
			t.Errorf("got %s, want the one", got.raw)
		}
		for _, id := range []string{first, second} {
			if got := h.must(admin, retry, vars{"id": id}); got.at("retryJob", "job", "state") != "AVAILABLE" {
				t.Errorf("got %s, want it to be done", got.raw)
			}
		}
		for _, id := range []string{"job_999999", "job_0", "job_01", "job_-1", "999999", "lead_1", ""} {
			if got := h.ask(admin, retry, vars{"id": id}); got.at("retryJob", "userErrors", 0, "code") != "NOT_FOUND" || got.at("retryJob", "userErrors", 0, "field") != "id" {
				t.Errorf("%q: got %s, want no such job", id, got.raw)
			}
		}
	})
}

func TestAdministratorsSeeAndStartRegularWork(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.admin("boss")
		const query = `{ scheduledJobs { name everySeconds nextAt running startable lastBegunAt lastEndedAt lastSucceededAt lastError } }`
		h.jobs.Watched.Ran("goals_rollover", time.Now(), nil)
		got := h.must(admin, query, nil)
		if got.at("scheduledJobs", 0, "name") != "goals_rollover" || got.at("scheduledJobs", 0, "startable") != false || got.at("scheduledJobs", 0, "lastSucceededAt") == nil ||
			got.at("scheduledJobs", 1, "name") != "sessions" || got.at("scheduledJobs", 1, "everySeconds") != 3600.0 || got.at("scheduledJobs", 1, "lastBegunAt") != nil {
			t.Errorf("got %s", got.raw)
		}
		const run = `mutation($name: String!) { runScheduledJob(input: {name: $name}) { scheduledJob { name nextAt } userErrors { code field } } }`
		for range 2 { // the second finds the turn of the first
			if got := h.must(admin, run, vars{"name": "sessions"}); got.at("runScheduledJob", "scheduledJob", "name") != "sessions" {
				t.Errorf("got %s", got.raw)
			}
		}
		if got := h.must(admin, `{ jobs(filter: {kinds: ["turn"]}) { totalCount edges { node { line arguments } } } }`, nil); got.at("jobs", "totalCount") != 1.0 {
			t.Errorf("got %s, want one turn", got.raw)
		}
		for name, code := range map[string]string{"goals_rollover": "NOT_BY_HAND", "no-such": "NOT_FOUND"} {
			if got := h.ask(admin, run, vars{"name": name}); got.at("runScheduledJob", "userErrors", 0, "code") != code {
				t.Errorf("got %s, want %s", got.raw, code)
			}
		}
	})
}
