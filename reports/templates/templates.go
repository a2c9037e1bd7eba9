// Package templates holds the Word documents that come with the program. They are made by the command in generate, so that a change
// of one can be read; a company that wants another look downloads one, changes it in Word and uploads it.
package templates

import _ "embed" // the files

//go:generate go run ./generate

// AgentReport is the template of the agent's report.
//
//go:embed agent_report.docx
var AgentReport []byte

// ActOfServices is the template of the act of services.
//
//go:embed act_of_services.docx
var ActOfServices []byte
