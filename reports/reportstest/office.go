package reportstest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// converting is how long LibreOffice may take for a file, its start on a busy machine included.
const converting = 3 * time.Minute

// Convert has LibreOffice open a file by its name's extension and write it as another, such as "pdf" or AllSheets, and returns
// the files that came of it by their names. Without LibreOffice the test is skipped, in CI failed.
func Convert(t testing.TB, name string, content []byte, to string) map[string][]byte {
	t.Helper()
	office := tool(t, "soffice")
	in, out := t.TempDir(), t.TempDir()
	path := filepath.Join(in, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), converting)
	defer stop()
	// A profile of its own lets conversions run beside each other, and beside somebody's desktop.
	command := exec.CommandContext(ctx, office, "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--norestore", "--convert-to", to, "--outdir", out, path) // #nosec G204 -- a test's own file
	command.WaitDelay = 10 * time.Second
	said, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("LibreOffice on %s: %v\n%s", name, err, said)
	}
	written, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range written {
		if files[file.Name()], err = os.ReadFile(filepath.Join(out, file.Name())); err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		t.Fatalf("LibreOffice made nothing of %s:\n%s", name, said)
	}
	return files
}

// AllSheets has Convert write each sheet of a workbook as CSV, in UTF-8, with commas, and quotes where they are needed.
const AllSheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"

// PDFText is the text of a PDF as it stands on the pages.
func PDFText(t testing.TB, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command(tool(t, "pdftotext"), "-layout", path, "-").Output() // #nosec G204 -- a test's own file
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return string(text)
}

// tool is where a program stands; without it the test ends here.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is needed: %v", name, err)
	}
	if !errors.Is(err, exec.ErrNotFound) {
		t.Fatal(err)
	}
	t.Skipf("%s is not installed, so that what it makes of a report is not looked at", strings.TrimSpace(name))
	return ""
}
