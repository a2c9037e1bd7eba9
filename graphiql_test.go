package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// browser is a Chromium on this machine. Where there is none the test ends here, which CI takes for a failure.
func browser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("there is no Chromium to try GraphiQL in")
	}
	t.Skip("there is no Chromium on this machine to try GraphiQL in")
	return ""
}

// TestGraphiQLWorksWithNoInternet opens the page in a browser that can reach this server and nothing else, and waits
// for what stands there only once the editor runs and has read the schema.
func TestGraphiQLWorksWithNoInternet(t *testing.T) {
	chromium := browser(t)
	s := start(t, onSQLite(t))
	profile, err := os.MkdirTemp("", "channelbook-browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) }) // the browser's helpers may still be writing there
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	page := exec.CommandContext(ctx, chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
		"--user-data-dir="+profile, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--virtual-time-budget=10000", "--dump-dom", s.url+"/")
	var noise strings.Builder
	page.Stderr = &noise
	dom, err := page.Output()
	if err != nil {
		t.Fatalf("the browser failed: %v\n%s", err, &noise)
	}
	for _, want := range []string{"graphiql-container", "graphiql-execute-button", "SignIn", "SubmitLead", "accessToken"} {
		if !strings.Contains(string(dom), want) {
			t.Errorf("got a page without %q:\n%.2000s", want, dom)
		}
	}
	if strings.Contains(string(dom), "Error fetching schema") {
		t.Error("got a page that could not read the schema")
	}
}
