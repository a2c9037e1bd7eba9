package leadsheet

// WithRowsPerSheet makes a maker whose sheets are shorter.
func WithRowsPerSheet(m Maker, n int) *Maker {
	m.rowsPerSheet = n
	return &m
}

// Batch is how many leads are read at once.
const Batch = batch

// Headings are those of all columns, and Fields the lead's columns in the base that they are made of.
func Headings() (out []string) {
	for _, c := range columns {
		out = append(out, c.heading)
	}
	return out
}

// Fields are the columns of the base that a row is made of.
func Fields() []string { return fieldsOf(columns) }
