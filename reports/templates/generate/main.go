// Command generate writes the Word documents of package templates. texts.go says what is in them, layout.go how it looks, file.go
// what else a .docx has.
package main

import (
	"log"
	"os"
	"path/filepath"
)

func main() {
	for name, make := range documents {
		file, err := make().file()
		if err == nil {
			err = os.WriteFile(filepath.Join(".", name), file, 0o600)
		}
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
	}
}

// documents are the files, by name.
var documents = map[string]func() sheet{"agent_report.docx": agentReport, "act_of_services.docx": actOfServices}
