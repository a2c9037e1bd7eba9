// Package values holds the shapes of what is stored as JSON.
package values

// Check is one step of a lead's decision trace: what was checked, by which rule, on what evidence, with what
// outcome.
type Check struct {
	Step    string `json:"step"`
	Outcome string `json:"outcome"`
	Rule    string `json:"rule,omitempty"`
	Detail  string `json:"detail,omitempty"`
}

// Consent is the proof of consent as the source sent it.
type Consent struct {
	Purpose     string `json:"purpose"`
	TextVersion string `json:"textVersion"`
	GivenAt     string `json:"givenAt"`
	UserAgent   string `json:"userAgent,omitempty"`
}

// WorkingHours is a stretch of a weekday in which a distributor works: from From to To, as 09:30; To may be 24:00.
type WorkingHours struct {
	Weekday string `json:"weekday"` // MONDAY to SUNDAY
	From    string `json:"from"`
	To      string `json:"to"`
}
