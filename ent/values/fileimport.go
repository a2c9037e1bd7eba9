package values

// ImportColumn is a column of a file that was sent for an import.
type ImportColumn struct {
	Heading string `json:"heading"`
	Field   string `json:"field,omitempty"` // empty: nobody knows the heading, and its column is passed over
}

// ImportFault is what is wrong with one row of a file. It repeats nothing of what the row holds.
type ImportFault struct {
	Row     int    `json:"row"` // as a spreadsheet counts: the heading is row 1
	Heading string `json:"heading,omitempty"`
	Field   string `json:"field,omitempty"`
	Code    string `json:"code"`
	Message string `json:"message"`
}
