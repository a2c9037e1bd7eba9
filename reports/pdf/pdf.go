// Package pdf turns documents into PDF by LibreOffice, where it is installed.
package pdf

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"channelbook/internal/fault"
)

// NotInstalled is the code of the fault where the server has no LibreOffice.
const NotInstalled = "PDF_NOT_AVAILABLE"

// atOnce is how many conversions run beside each other: each takes a processor and some hundred MB for seconds.
const atOnce = 2

// Converter is LibreOffice as a command. Each conversion has a folder of its own with a profile of its own, and the environment holds
// nothing of the server's: documents may have been made by somebody else.
type Converter struct {
	command string
	timeout time.Duration
	turns   chan struct{}
}

// Find looks for LibreOffice among the commands of the system. A converter without one is none that is Installed.
func Find() *Converter {
	for _, name := range []string{"soffice", "libreoffice"} {
		if command, err := exec.LookPath(name); err == nil {
			return With(command, time.Minute)
		}
	}
	return With("", 0)
}

// With is the converter of this command, which is killed after the timeout.
func With(command string, timeout time.Duration) *Converter {
	return &Converter{command: command, timeout: timeout, turns: make(chan struct{}, atOnce)}
}

// Installed tells whether there is a LibreOffice.
func (c *Converter) Installed() bool { return c.command != "" }

// Convert makes a PDF of a file of the kind that ending says, such as ".docx". Where LibreOffice is not installed that is a fault,
// NotInstalled. It waits for its turn, and ends with ctx, with everything that it has started.
func (c *Converter) Convert(ctx context.Context, file []byte, ending string) ([]byte, error) {
	if !c.Installed() {
		return nil, fault.Coded(fault.Invalid, NotInstalled, "format", "A PDF is made where LibreOffice is installed, and on this server it is not: take the Word document.")
	}
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a turn to make a PDF: %w", context.Cause(ctx))
	}
	folder, err := os.MkdirTemp("", "channelbook-report-pdf-")
	if err != nil {
		return nil, fmt.Errorf("make a PDF: %w", err)
	}
	defer os.RemoveAll(folder)
	if err := prepare(folder, file, ending); err != nil {
		return nil, fmt.Errorf("make a PDF: %w", err)
	}
	if err := c.run(ctx, folder, ending); err != nil {
		return nil, fmt.Errorf("make a PDF: %w", err)
	}
	made, err := os.ReadFile(filepath.Join(folder, "file.pdf"))
	if err != nil {
		return nil, fmt.Errorf("make a PDF: LibreOffice has made none of the file: %w", err)
	}
	return made, nil
}

// prepare lays out the folder: the file, and a profile whose settings fetch and run nothing.
func prepare(folder string, file []byte, ending string) error {
	profile := filepath.Join(folder, "profile", "user")
	return errors.Join(
		os.MkdirAll(profile, 0o700),
		os.WriteFile(filepath.Join(profile, "registrymodifications.xcu"), []byte(settings), 0o600),
		os.WriteFile(filepath.Join(folder, "file"+ending), file, 0o600),
	)
}

func (c *Converter) run(ctx context.Context, folder, ending string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, fmt.Errorf("LibreOffice has not ended within %s", c.timeout))
	defer cancel()
	path := filepath.ToSlash(filepath.Join(folder, "profile"))
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	profile := url.URL{Scheme: "file", Path: path}
	// #nosec G204 -- the command is the system's LibreOffice, and its arguments are names that were made here
	command := exec.CommandContext(ctx, c.command, "-env:UserInstallation="+profile.String(), "--headless", "--norestore", "--nologo",
		"--nodefault", "--nolockcheck", "--nofirststartwizard", "--convert-to", "pdf", "--outdir", folder, filepath.Join(folder, "file"+ending))
	command.Dir = folder
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + folder, "TMPDIR=" + folder, "LANG=C.UTF-8", "SAL_USE_VCLPLUGIN=svp"}
	command.WaitDelay = time.Second
	killWhole(command)
	said, err := command.CombinedOutput()
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("LibreOffice: %w: %s", err, said)
	}
	return nil
}

// settings turn off macros, updates of links, active content and the network.
const settings = `<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop></item>
<item oor:path="/org.openoffice.Inet/Settings"><prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
`
